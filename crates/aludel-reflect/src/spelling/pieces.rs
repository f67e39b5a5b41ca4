//! Pieces of tables: as much of a model as the server has to see to accept or refuse a part of it
//! that is no text.
//!
//! Whether an index sorts a type, whether a foreign key leads from one type to another, whether an
//! option has such a value: the server knows. A piece is asked for only where the answer is not
//! certain without it.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, name_columns, without_table};
use aludel_operations::{Alter, ColumnChange, Object, Operation};
use aludel_schema::{
    Column, ColumnStorage, Constraint, ConstraintKind, ForeignKey, Generated, Index, Metadata,
    ObjectId, QualifiedName, Sequence, SequenceOptions, SqlText, Table, TableOptions,
};

use super::place::{Part, Place};
use super::question::{Question, Subject};

/// The beginning of the names of pieces, which a number follows.
pub(super) const PIECE: &str = "aludel_piece_";

/// The name of the column that a piece has beside those of the models.
const ROOM: &str = "aludel_column";

/// Returns a question for each part of the target that the database has not got and that the server
/// might refuse.
pub(super) fn pieces(dialect: Dialect, database: &Metadata, target: &Metadata) -> Vec<Question> {
    let new = target.sequences.values().filter(|own| !database.sequences.contains_key(&own.name));
    let with_options = new.filter(|own| own.options != SequenceOptions::default());
    let mut asked: Vec<Question> = with_options.map(sequence).collect();
    for table in target.tables.values() {
        let pieces = Pieces { dialect, database, target, table };
        asked.extend(pieces.options());
        asked.extend(table.columns.iter().filter_map(|column| pieces.column(column)));
        asked.extend(table.constraints.iter().filter_map(|one| pieces.constraint(one)));
        asked.extend(table.indexes.iter().filter_map(|index| pieces.index(index)));
    }
    asked
}

/// Asks for the pieces of a table.
struct Pieces<'a> {
    dialect: Dialect,
    database: &'a Metadata,
    target: &'a Metadata,
    table: &'a Table,
}

impl Pieces<'_> {
    fn before(&self) -> Option<&Table> {
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
            unlogged: false,
            strict: false,
            ..options.clone()
        };
        if is_known || own == TableOptions::default() {
            return None;
        }
        let mut piece = named(parents.len());
        piece.columns = table.columns.iter().map(bare).collect();
        piece.options = own;
        if options.without_rowid {
            piece.constraints.extend(self.primary_key());
        }
        for parent in &mut piece.options.inherits {
            let at = parents.iter().position(|own| own.name == *parent);
            parent.name.clone_from(&named(at.unwrap_or_default()).name.name);
            parent.schema = None;
        }
        let parents = parents.iter().enumerate().map(|(at, parent)| Table {
            columns: parent.columns.iter().map(bare).collect(),
            ..named(at)
        });
        let tables = parents.chain([piece]).collect();
        Some(created(ObjectId::table(&table.name), tables))
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
        let mut question = created(ObjectId::column(&self.table.name, &*column.name), vec![piece]);
        if let Subject::Piece(operations) = &mut question.subject {
            operations.extend(change);
        }
        Some(question)
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

    /// Returns the piece that shows an index over generated columns.
    fn index(&self, index: &Index) -> Option<Question> {
        let mut read: BTreeSet<&str> = index.columns().collect();
        for text in index.expressions() {
            let names = self.table.columns.iter().map(|column| column.name.as_str());
            read.extend(name_columns(text.spelling(), names, self.dialect));
        }
        let read: Vec<&str> = read.into_iter().collect();
        let known = self.before().and_then(|before| before.index(&index.name));
        if known.is_some_and(|known| known.same_definition(index)) || !self.has_virtual(&read) {
            return None;
        }
        let mut piece = named(0);
        piece.columns = columns_of(self.table, &read);
        let mut own = index.clone();
        own.name = format!("{PIECE}index");
        let create = Object::Index { table: piece.name.clone(), index: Box::new(own) };
        let mut question = created(index.id(&self.table.name), vec![piece]);
        if let Subject::Piece(operations) = &mut question.subject {
            operations.push(Operation::Create(create));
        }
        Some(question)
    }

    /// Returns true if one of the columns is computed on read.
    fn has_virtual(&self, columns: &[&str]) -> bool {
        columns.iter().any(|name| {
            let column = self.table.column(name).and_then(|column| column.generated.as_ref());
            column.is_some_and(|generated| !generated.stored)
        })
    }

    fn has_generated(&self, columns: &[&str]) -> bool {
        let generated = |name: &str| self.table.column(name).is_some_and(|c| c.generated.is_some());
        columns.iter().any(|name| generated(name))
    }

    fn constraint(&self, constraint: &Constraint) -> Option<Question> {
        match &constraint.kind {
            ConstraintKind::PrimaryKey { columns, include, without_overlaps }
            | ConstraintKind::Unique { columns, include, without_overlaps, .. } => {
                let all: Vec<&str> = columns.iter().chain(include).map(String::as_str).collect();
                let is_certain = !without_overlaps
                    && constraint.index.with.is_empty()
                    && constraint.index.tablespace.is_none()
                    && columns.iter().all(|name| self.is_ordered(name))
                    && !self.has_generated(&all);
                let is_moved = || moved(self.before(), self.table, all.iter().copied());
                let is_known = || self.is_there(constraint) && !is_moved();
                (!is_certain && !is_known()).then(|| self.key(constraint, &all))
            }
            ConstraintKind::ForeignKey(key) => self.reference(constraint, key),
            // These are texts.
            ConstraintKind::Check { .. } | ConstraintKind::Exclusion { .. } => None,
        }
    }

    fn is_there(&self, constraint: &Constraint) -> bool {
        self.before().is_some_and(|before| {
            let same = |own: &Constraint| {
                own.name == constraint.name
                    && own.kind == constraint.kind
                    && own.index == constraint.index
            };
            before.constraints.iter().any(same)
        })
    }

    /// Returns true if it is certain that an index sorts the values of a column.
    fn is_ordered(&self, name: &str) -> bool {
        self.table.column(name).is_some_and(|column| {
            let sql_type = column.sql_type.spelling();
            self.dialect.is_ordered(sql_type)
                || self.target.enums.keys().any(|own| self.dialect.quote_name(own) == sql_type)
        })
    }

    fn key(&self, constraint: &Constraint, columns: &[&str]) -> Question {
        let mut piece = named(0);
        piece.columns = columns_of(self.table, columns);
        piece.constraints.push(unnamed(constraint));
        created(constraint.id(&self.table.name), vec![piece])
    }

    /// Returns the piece that shows a foreign key, with what it refers to.
    fn reference(&self, constraint: &Constraint, key: &ForeignKey) -> Option<Question> {
        let table = self.target.tables.get(&key.references)?;
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        let referenced: Vec<&str> = key.referenced_columns.iter().map(String::as_str).collect();
        let is_known = self.is_there(constraint)
            && !moved(self.before(), self.table, columns.iter().copied())
            && !moved(self.database.tables.get(&table.name), table, referenced.iter().copied());
        let pairs = columns.iter().zip(&referenced);
        let are_certain = pairs.into_iter().all(|(own, other)| {
            let types = self.table.column(own).zip(table.column(other));
            types.is_some_and(|(own, other)| {
                let (own, other) = (own.sql_type.spelling(), other.sql_type.spelling());
                self.dialect.is_certain_reference(own, other)
            })
        });
        if is_known || (are_certain && !self.has_generated(&columns) && !key.period) {
            return None;
        }
        let (mut there, mut here) = (named(0), named(1));
        there.columns = columns_of(table, &referenced);
        there.constraints.extend(self.referenced_key(table, key));
        here.columns = columns_of(self.table, &columns);
        let mut own = Constraint { name: constraint.name.clone(), ..unnamed(constraint) };
        own.kind = ConstraintKind::ForeignKey(ForeignKey {
            references: there.name.clone(),
            ..key.clone()
        });
        here.constraints.push(own);
        Some(created(constraint.id(&self.table.name), vec![there, here]))
    }

    /// Returns the key that a foreign key leads to.
    fn referenced_key(&self, table: &Table, key: &ForeignKey) -> Option<Constraint> {
        let wanted: BTreeSet<&String> = key.referenced_columns.iter().collect();
        let is_it = |own: &&Constraint| {
            let is_key = match own.kind {
                ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => true,
                ConstraintKind::ForeignKey(_)
                | ConstraintKind::Check { .. }
                | ConstraintKind::Exclusion { .. } => false,
            };
            is_key && own.columns().iter().collect::<BTreeSet<_>>() == wanted
        };
        let own = table.constraints.iter().find(is_it).map(unnamed);
        let own = own.or_else(|| {
            // A unique index does as well.
            let kind = ConstraintKind::unique(key.referenced_columns.clone());
            Some(Constraint::new(None, kind))
        });
        own.map(|mut own| {
            match &mut own.kind {
                ConstraintKind::PrimaryKey { include, .. }
                | ConstraintKind::Unique { include, .. } => include.clear(),
                ConstraintKind::ForeignKey(_)
                | ConstraintKind::Check { .. }
                | ConstraintKind::Exclusion { .. } => {}
            }
            own
        })
    }
}

/// Returns the change by which a column gets its storage.
fn store(table: &QualifiedName, column: Column, storage: ColumnStorage) -> Operation {
    let to = Column { storage: Some(Box::new(storage)), ..column.clone() };
    Operation::Alter(Alter::Column(ColumnChange {
        table: table.clone(),
        from: Box::new(column),
        to: Box::new(to),
        from_base: None,
        to_base: None,
        cast: None,
        seed: false,
    }))
}

/// Asks for a new sequence.
fn sequence(sequence: &Sequence) -> Question {
    let piece = Sequence { name: named(0).name, options: sequence.options.clone(), owned_by: None };
    let place = Place { object: sequence.id(), part: Part::Whole };
    let subject = Subject::Piece(vec![Operation::Create(Object::Sequence(piece))]);
    Question { columns: Vec::new(), subject, place }
}

fn created(object: ObjectId, tables: Vec<Table>) -> Question {
    let tables = tables.into_iter().map(|table| Operation::Create(Object::Table(Box::new(table))));
    let place = Place { object, part: Part::Whole };
    Question { columns: Vec::new(), subject: Subject::Piece(tables.collect()), place }
}

/// Returns a piece without columns.
fn named(number: usize) -> Table {
    Table::new(QualifiedName::unqualified(format!("{PIECE}{number}")))
}

/// Returns a column that has no more than its type. The server merges it with an inherited one.
fn bare(column: &Column) -> Column {
    Column {
        sql_type: SqlText::new(column.sql_type.written.as_str()),
        collation: column.collation.clone(),
        ..Column::new(column.name.as_str(), "")
    }
}

/// Returns the columns of these names. The generated ones are generated from nothing.
fn columns_of(table: &Table, names: &[&str]) -> Vec<Column> {
    let columns = names.iter().filter_map(|name| table.column(name)).map(|column| {
        let generated = column.generated.as_ref().map(|own| {
            let expression = SqlText::new(format!("CAST(NULL AS {})", column.sql_type.written));
            Box::new(Generated { expression, stored: own.stored })
        });
        Column { generated, ..bare(column) }
    });
    // A table needs a column that is not generated.
    columns.chain([Column::new(ROOM, "integer")]).collect()
}

/// Returns a constraint that gets its name from the server.
fn unnamed(constraint: &Constraint) -> Constraint {
    Constraint { name: None, comment: None, index_comment: None, ..constraint.clone() }
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
