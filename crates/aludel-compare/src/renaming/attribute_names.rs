//! Renames of attributes applied to metadata: the type, its typed tables, and the texts that select the
//! attribute.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Rename, rename_attribute as rename_in_text};
use aludel_schema::{Definition, Kind, Metadata, ObjectId, QualifiedName, SqlText, Table};

use crate::renaming::column_names::{ColumnRename, Leaving, rename_column};
use crate::texts::{each_spelling, each_sql_of};

/// Returns the composite type of a name.
pub(crate) fn composite<'m>(
    metadata: &'m Metadata,
    name: &QualifiedName,
) -> Option<&'m Definition> {
    metadata.definitions.get(&ObjectId::new(Kind::CompositeType, name.clone()))
}

/// Returns the tables whose columns are the attributes of a type, and go on to be.
pub(crate) fn typed_tables(
    metadata: &Metadata,
    of: &QualifiedName,
    leaving: &Leaving,
) -> Vec<QualifiedName> {
    let typed = metadata.tables.values().filter(|own| own.options.of_type.as_ref() == Some(of));
    let stay = typed.filter(|table| !leaving.contains(&[table.name.clone(), of.clone()]));
    stay.map(|table| table.name.clone()).collect()
}

/// Renames an attribute of a composite type, and returns the renames of columns that follow it.
pub(crate) fn rename_attribute(
    metadata: &mut Metadata,
    of: &QualifiedName,
    from: &str,
    to: &str,
    leaving: &Leaving,
    dialect: Dialect,
) -> Vec<ColumnRename> {
    let names = Names::of(metadata, of, dialect);
    let rename = Rename { from, to };
    for table in metadata.tables.values_mut() {
        let columns = names.columns(table);
        let has_it = |name: &str| columns.contains(name) || names.shared.contains(name);
        each_sql_of(table, |sql| select(sql, rename, has_it, dialect));
        if let Some(key) = &mut table.options.partition_by {
            select(key, rename, has_it, dialect);
        }
    }
    let all = names.all_columns(metadata);
    let id = ObjectId::new(Kind::CompositeType, of.clone());
    let resting = metadata.definitions.values_mut().filter(|own| own.depends_on.contains(&id));
    for own in resting {
        let table = own.id.table.as_ref().and_then(|name| metadata.tables.get(name));
        let columns = table.map(|table| names.columns(table));
        let columns = columns.as_ref().unwrap_or(&all);
        let kind = own.id.kind;
        let has_it = |name: &str| {
            // The parameters of a function have no types here.
            kind.is_called()
                || (kind == Kind::Domain && name == "value")
                || columns.contains(name)
                || names.shared.contains(name)
        };
        let texts = own.clauses.iter_mut().map(|clause| &mut clause.text);
        texts.chain([&mut own.body]).for_each(|sql| select(sql, rename, has_it, dialect));
    }
    rename_part(metadata, of, from, to, dialect);
    let typed = typed_tables(metadata, of, leaving).into_iter();
    typed.flat_map(|table| rename_column(metadata, &table, from, to, leaving, dialect)).collect()
}

/// Renames the attribute in its type.
fn rename_part(
    metadata: &mut Metadata,
    of: &QualifiedName,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    let id = ObjectId::new(Kind::CompositeType, of.clone());
    let facts = dialect.kind_facts(id.kind);
    let Some(own) = metadata.definitions.get_mut(&id) else { return };
    for clause in &mut own.clauses {
        let is_part = facts.and_then(|facts| facts.clause(&clause.word));
        if is_part.is_some_and(|part| part.has_values) && clause.name.as_deref() == Some(from) {
            clause.name = Some(to.to_owned());
        }
    }
    if let Some(comment) = own.column_comments.remove(from) {
        own.column_comments.insert(to.to_owned(), comment);
    }
}

/// Renames an attribute in both spellings of a text, where it is selected from a value that has it.
fn select(sql: &mut SqlText, rename: Rename<'_>, has_it: impl Fn(&str) -> bool, dialect: Dialect) {
    each_spelling(sql, |text| *text = rename_in_text(text, rename, &has_it, dialect));
}

/// The names by which texts reach values of a composite type.
struct Names {
    /// The type and the domains over it, as they are written.
    types: BTreeSet<String>,
    /// The names of the types, of functions over them, and of attributes of other types that are of one.
    shared: BTreeSet<String>,
}

impl Names {
    fn of(metadata: &Metadata, of: &QualifiedName, dialect: Dialect) -> Self {
        let mut types = BTreeSet::from([dialect.quote_name(of)]);
        let mut shared = BTreeSet::from([of.name.clone()]);
        let domains = || metadata.definitions.values().filter(|own| own.id.kind == Kind::Domain);
        let over = |types: &BTreeSet<String>| {
            let mut new = domains().filter(|own| is_one(types, own.body.spelling()));
            new.find(|own| !types.contains(&dialect.quote_name(&own.id.name)))
        };
        while let Some(domain) = over(&types) {
            types.insert(dialect.quote_name(&domain.id.name));
            shared.insert(domain.id.name.name.clone());
        }
        let id = ObjectId::new(Kind::CompositeType, of.clone());
        for own in metadata.definitions.values() {
            if own.id.kind.is_called() && own.depends_on.contains(&id) {
                shared.insert(own.id.name.name.clone());
            }
            let parts = own.clauses.iter().filter(|_| own.id.kind == Kind::CompositeType);
            let parts = parts.filter(|clause| is_one(&types, clause.text.spelling()));
            shared.extend(parts.filter_map(|clause| clause.name.clone()));
        }
        Self { types, shared }
    }

    /// Returns the columns of a table that are of the type.
    fn columns(&self, table: &Table) -> BTreeSet<String> {
        let own = table.columns.iter();
        let own = own.filter(|column| is_one(&self.types, column.sql_type.spelling()));
        own.map(|column| column.name.clone()).collect()
    }

    /// Returns the columns of all tables and views that are of the type.
    fn all_columns(&self, metadata: &Metadata) -> BTreeSet<String> {
        let shapes = metadata.definitions.values().flat_map(|own| &own.shape);
        let of_views = shapes.filter(|column| is_one(&self.types, &column.sql_type));
        let of_views = of_views.map(|column| column.name.clone());
        metadata.tables.values().flat_map(|table| self.columns(table)).chain(of_views).collect()
    }
}

/// Returns true if a type is one of the types, or an array of one.
fn is_one(types: &BTreeSet<String>, sql_type: &str) -> bool {
    types.contains(sql_type.trim_end_matches("[]"))
}
