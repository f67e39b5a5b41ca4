//! Pieces of tables: as much of a model as the server has to see to accept or refuse a part of it
//! that is no text.
//!
//! Whether an index sorts a type, whether a foreign key leads from one type to another, whether an
//! option has such a value: the server knows. A piece is asked for only where the answer is not
//! certain without it.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, name_columns, without_table};
use aludel_operations::{Object, Operation};
use aludel_schema::{
    Column, ColumnStorage, Constraint, ConstraintKind, Generated, Metadata, NotNull, ObjectId,
    Sequence, SqlText, Table, TableOptions,
};

use super::parts::{
    ROOM, bare, change, columns_of, created, created_and, named, sequence, store, unnamed,
};
use super::question::Question;

/// Returns a question for each part of the target that the database has not got and that the server
/// might refuse. `differing` are the tables of the target that may have such parts.
pub(super) fn pieces(
    dialect: Dialect,
    database: &Metadata,
    target: &Metadata,
    differing: &[&Table],
) -> Vec<Question> {
    let is_new = |own: &&Sequence| {
        let before = database.sequences.get(&own.name);
        own.options != before.map(|before| before.options.clone()).unwrap_or_default()
    };
    let mut asked: Vec<Question> = target.sequences.values().filter(is_new).map(sequence).collect();
    for table in differing {
        let pieces = Pieces { dialect, database, target, table };
        asked.extend(pieces.options());
        asked.extend(pieces.roles());
        asked.extend(table.columns.iter().filter_map(|column| pieces.column(column)));
        asked.extend(table.columns.iter().filter_map(|column| pieces.own_row(column)));
        asked.extend(table.columns.iter().filter_map(|column| pieces.not_null(column)));
        asked.extend(table.constraints.iter().filter_map(|one| pieces.constraint(one)));
        asked.extend(table.indexes.iter().filter_map(|index| pieces.index(index)));
    }
    asked
}

/// The number of columns from which on the limit of a server may be near.
const MANY: usize = 800;

/// Asks for the pieces of a table.
pub(super) struct Pieces<'a> {
    pub(super) dialect: Dialect,
    pub(super) database: &'a Metadata,
    pub(super) target: &'a Metadata,
    pub(super) table: &'a Table,
}

impl Pieces<'_> {
    pub(super) fn before(&self) -> Option<&Table> {
        self.database.tables.get(&self.table.name)
    }

    /// Returns the piece that shows the options of the table, with the columns that they need.
    fn options(&self) -> Option<Question> {
        let (table, options) = (self.table, &self.table.options);
        let is_known = self.before().is_some_and(|before| before.options == *options);
        let parents = self.parents();
        // The type of a typed table, and a parent that is no model, are left to the upgrade.
        let inherits = parents.iter().map(|parent| parent.name.clone()).collect();
        let own = TableOptions {
            inherits,
            of_type: None,
            row_security: false,
            force_row_security: false,
            // Whether a partitioned table can be unlogged depends on the version.
            unlogged: options.unlogged && options.partition_by.is_some(),
            strict: false,
            ..options.clone()
        };
        let has_nothing = own == TableOptions::default();
        if (is_known || has_nothing) && table.columns.len() < MANY {
            return None;
        }
        let mut piece = named(parents.len());
        piece.columns = bare_columns(table);
        piece.options = own;
        if options.without_rowid {
            piece.constraints.extend(self.primary_key());
        }
        for parent in &mut piece.options.inherits {
            let at = parents.iter().position(|own| own.name == *parent);
            parent.name.clone_from(&named(at.unwrap_or_default()).name.name);
            parent.schema = None;
        }
        let names: Vec<_> = parents.iter().chain([&table]).map(|own| &own.name.name).collect();
        let parents = parents.iter().enumerate().map(|(at, parent)| {
            let mut piece = Table { columns: bare_columns(parent), ..named(at) };
            piece.options.partition_by.clone_from(&parent.options.partition_by);
            piece
        });
        let tables = parents.chain([piece]).collect();
        Some(created(ObjectId::table(&table.name), tables, &names))
    }

    /// Returns the piece that shows a column whose values are rows of its own table.
    fn own_row(&self, column: &Column) -> Option<Question> {
        let own = self.dialect.quote_name(&self.table.name);
        let dimensions = column.sql_type.spelling().strip_prefix(&own)?;
        let before = self.before().and_then(|before| before.column(&column.name));
        let is_known = before.is_some_and(|before| before.sql_type == column.sql_type);
        if is_known || dimensions.chars().any(|c| !matches!(c, '[' | ']')) {
            return None;
        }
        let mut piece = named(0);
        piece.columns.push(Column::new(ROOM, "integer"));
        let sql_type = format!("{}{dimensions}", self.dialect.quote_name(&piece.name));
        let done = Operation::Create(Object::Column {
            table: piece.name.clone(),
            column: Box::new(Column::new(column.name.as_str(), sql_type.as_str())),
            constraints: Vec::new(),
        });
        let object = ObjectId::column(&self.table.name, &*column.name);
        Some(created_and(object, vec![piece], &[&self.table.name.name], vec![done]))
    }

    /// Returns the piece that shows a limited NOT NULL, which older versions do not have.
    fn not_null(&self, column: &Column) -> Option<Question> {
        let limits = |column: &Column| {
            let own = column.not_null.as_deref().filter(|own| !column.nullable && own.is_limited());
            own.map(|own| (own.not_valid, own.no_inherit))
        };
        let before = self.before().and_then(|before| before.column(&column.name));
        let (not_valid, no_inherit) = limits(column)?;
        if before.and_then(limits) == Some((not_valid, no_inherit)) {
            return None;
        }
        let mut piece = named(0);
        let own = Column { generated: None, ..bare(column) };
        piece.columns.push(own.clone());
        let not_null = Some(Box::new(NotNull { not_valid, no_inherit, ..NotNull::default() }));
        let forbidden = Column { nullable: false, not_null, ..own.clone() };
        let done = vec![change(&piece.name, own, forbidden)];
        let object = ObjectId::column(&self.table.name, &*column.name);
        Some(created_and(object, vec![piece], &[&self.table.name.name], done))
    }

    fn primary_key(&self) -> Option<Constraint> {
        let is_key = |own: &&Constraint| matches!(own.kind, ConstraintKind::PrimaryKey { .. });
        self.table.constraints.iter().find(is_key).map(unnamed)
    }

    /// Returns the tables of the models that the table inherits from; none if one of them is no model.
    fn parents(&self) -> Vec<&Table> {
        let parents = self.table.options.inherits.iter();
        let models = parents.map(|name| self.target.tables.get(name));
        models.collect::<Option<_>>().unwrap_or_default()
    }

    /// Returns the piece that shows a collation, an identity, a storage, or an expression over
    /// generated columns.
    fn column(&self, column: &Column) -> Option<Question> {
        let before = self.before().and_then(|before| before.column(&column.name));
        let is_new = |is_same: fn(&Column, &Column) -> bool| {
            before.is_none_or(|before| !is_same(before, column))
        };
        let mut piece = named(0);
        let mut own = bare(column);
        own.nullable = column.nullable;
        let sql_type = column.sql_type.spelling();
        if let Some(identity) = &column.identity
            && !self.dialect.is_certain_identity(sql_type, identity)
            && is_new(|before, column| {
                (&before.identity, &before.sql_type) == (&column.identity, &column.sql_type)
            })
        {
            own.identity = Some(identity.clone());
            // The name is that of an object outside of the scratch.
            own.identity.iter_mut().for_each(|identity| identity.sequence = None);
            if self.table.primary_key() == std::slice::from_ref(&column.name) {
                piece.constraints.extend(self.primary_key());
            }
        }
        let storage = column.effective_storage();
        let is_stored = storage
            != ColumnStorage { statistics: storage.statistics, ..ColumnStorage::default() }
            && is_new(|before, column| before.effective_storage() == column.effective_storage());
        if let Some(generated) = &column.generated
            && is_new(|before, column| before.generated == column.generated)
        {
            let read = self.generated_in(generated);
            if !read.is_empty() {
                own.generated = Some(Box::new(self.generated(generated)));
                piece.columns.extend(read);
            }
        }
        let is_collated = column.collation.is_some()
            && is_new(|before, column| before.collation == column.collation);
        let is_asked = is_collated || is_stored || own.identity.is_some();
        if !is_asked && own.generated.is_none() {
            return None;
        }
        piece.columns.retain(|read| read.name != own.name);
        piece.columns.push(own.clone());
        // A table needs a column that is not generated.
        piece.columns.push(Column::new(ROOM, "integer"));
        let change = is_stored.then(|| store(&piece.name, own, storage));
        let object = ObjectId::column(&self.table.name, &*column.name);
        let done = change.into_iter().collect();
        Some(created_and(object, vec![piece], &[&self.table.name.name], done))
    }

    /// Returns the columns that an expression reads, with their own expressions and the columns that
    /// those read; none if it reads no generated column.
    fn generated_in(&self, generated: &Generated) -> Vec<Column> {
        let mut read = self.columns_read(generated);
        if read.iter().all(|column| column.generated.is_none()) {
            return Vec::new();
        }
        let mut at = 0;
        while let Some(column) = read.get(at) {
            let behind = column.generated.as_ref().map(|own| self.columns_read(own));
            for column in behind.unwrap_or_default() {
                if read.iter().all(|known| known.name != column.name) {
                    read.push(column);
                }
            }
            at += 1;
        }
        let whole = read.into_iter().map(|column| {
            let generated = column.generated.as_ref();
            let generated = generated.map(|generated| Box::new(self.generated(generated)));
            Column { generated, ..bare(column) }
        });
        whole.collect()
    }

    fn columns_read(&self, generated: &Generated) -> Vec<&Column> {
        let text = generated.expression.spelling();
        let names = self.table.columns.iter().map(|column| column.name.as_str());
        let names: BTreeSet<&str> = name_columns(text, names, self.dialect).into_iter().collect();
        self.table.columns.iter().filter(|column| names.contains(&*column.name)).collect()
    }

    /// Returns an expression without the name of the table.
    fn generated(&self, generated: &Generated) -> Generated {
        let text = generated.expression.spelling();
        let text = without_table(text, &self.table.name.name, self.dialect);
        Generated { expression: SqlText::new(text), stored: generated.stored }
    }
}

/// Returns the columns of a table with no more than their types. Those of a partition key may not be
/// generated.
fn bare_columns(table: &Table) -> Vec<Column> {
    if table.options.partition_by.is_none() {
        return table.columns.iter().map(bare).collect();
    }
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let mut columns = columns_of(table, &names);
    // The table has columns.
    columns.retain(|column| column.name != ROOM);
    columns
}

/// Returns true if the type of a column differs from that in the database. An index that is left alone
/// may have a column that the table loses.
pub(super) fn moved<'c>(
    before: Option<&Table>,
    table: &Table,
    columns: impl IntoIterator<Item = &'c str>,
) -> bool {
    columns.into_iter().filter_map(|name| table.column(name)).any(|column| {
        let before = before.and_then(|before| before.column(&column.name));
        before.is_none_or(|before| before.sql_type.spelling() != column.sql_type.spelling())
    })
}
