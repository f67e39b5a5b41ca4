//! Renames of columns applied to metadata: in the table, in the tables below it, and in what rests on it.

use std::collections::BTreeSet;

use aludel_dialect::{ClauseFacts, Dialect, Rename, rename_in};
use aludel_schema::{Clause, ConstraintKind, Kind, Metadata, ObjectId, QualifiedName, SqlText};

use crate::not_nulls::own_not_null;
use crate::partitions::bound;
use crate::renaming::applied::{in_body, keep_not_null_name, keep_sequence_name};
use crate::tables::foreign_keys;
use crate::texts::{in_constraint, in_index};

/// Tables that leave others or their types, each with the one that it leaves. They leave before columns or attributes
/// there get other names.
pub(crate) type Leaving = BTreeSet<[QualifiedName; 2]>;

/// Returns the tables that inherit from a table, and its partitions.
fn heirs(metadata: &Metadata, table: &QualifiedName, dialect: Dialect) -> Vec<QualifiedName> {
    let heirs = metadata.tables.values();
    let heirs = heirs.filter(|heir| heir.options.inherits.contains(table)).map(|heir| &heir.name);
    let partitions = metadata.definitions.values();
    let partitions = partitions.filter(|own| !bound::is_table(metadata, own));
    let partitions = partitions.filter(|own| bound::parent(own, dialect) == Some(table));
    heirs.chain(partitions.map(|own| &own.id.name)).cloned().collect()
}

/// The rename of a column of a table, be it by way of a table above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnRename {
    pub(crate) table: QualifiedName,
    pub(crate) from: String,
    pub(crate) to: String,
    /// The table above with whose column it is renamed.
    pub(crate) with: Option<QualifiedName>,
}

/// Returns true if an heir has a column from a table, and from none before it. It is renamed with that one.
fn is_first_giver(
    metadata: &Metadata,
    [heir, table]: &[QualifiedName; 2],
    column: &str,
    leaving: &Leaving,
) -> bool {
    let heir = metadata.tables.get(heir);
    let parents = heir.into_iter().flat_map(|own| {
        let stay = |parent: &&QualifiedName| {
            !leaving.contains(&[own.name.clone(), QualifiedName::clone(parent)])
        };
        own.options.inherits.iter().filter(stay)
    });
    let gives = |parent: &&QualifiedName| {
        metadata.tables.get(*parent).is_some_and(|own| own.column(column).is_some())
    };
    parents.filter(gives).all(|other| table <= other)
}

/// Renames a column of a table and of those below it, and returns all of these renames.
pub(crate) fn rename_column(
    metadata: &mut Metadata,
    table: &QualifiedName,
    from: &str,
    to: &str,
    leaving: &Leaving,
    dialect: Dialect,
) -> Vec<ColumnRename> {
    let mut renames = Vec::new();
    for heir in heirs(metadata, table, dialect) {
        let pair = [heir, table.clone()];
        if !leaving.contains(&pair) && is_first_giver(metadata, &pair, from, leaving) {
            let mut below = rename_column(metadata, &pair[0], from, to, leaving, dialect);
            let [heir, table] = pair;
            let own = below.iter_mut().filter(|own| own.table == heir && own.with.is_none());
            own.for_each(|own| own.with = Some(table.clone()));
            renames.extend(below);
        }
    }
    if metadata.tables.get(table).is_some_and(|own| own.column(from).is_some()) {
        let [from, to] = [from, to].map(str::to_owned);
        renames.push(ColumnRename { table: table.clone(), from, to, with: None });
    }
    column_of(metadata, table, from, to, dialect);
    renames
}

/// Renames a column of one table.
fn column_of(
    metadata: &mut Metadata,
    table: &QualifiedName,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    let names_not_null = metadata.names_not_null;
    let rename = [Rename { from, to }];
    let text = |text: &mut SqlText| rename_in(text, &rename, dialect);
    let name = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    if let Some(table) = metadata.tables.get_mut(table) {
        let owner = table.name.clone();
        for column in &mut table.columns {
            if column.name == from {
                let (before, after) =
                    (ObjectId::column(&owner, from), ObjectId::column(&owner, to));
                keep_sequence_name(column, &before, &after);
                if names_not_null {
                    keep_not_null_name(column, &before, &after);
                }
            }
            name(&mut column.name);
            column.generated.iter_mut().for_each(|g| text(&mut g.expression));
        }
        bound::rename(table, &rename, dialect);
        table.constraints.iter_mut().for_each(|c| in_constraint(c, &name, &text));
        table.indexes.iter_mut().for_each(|i| in_index(i, &name, &text));
    }
    for other in metadata.tables.values_mut() {
        for constraint in &mut other.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.references == *table
            {
                key.referenced_columns.iter_mut().for_each(name);
            }
        }
    }
    column_in_definitions(metadata, table, &rename, dialect);
    for sequence in metadata.sequences.values_mut() {
        if let Some(owner) = &mut sequence.owned_by
            && owner.table == *table
        {
            name(&mut owner.column);
        }
    }
}

/// Renames a column in the definitions that belong to its table or rest on it.
fn column_in_definitions(
    metadata: &mut Metadata,
    table: &QualifiedName,
    renames: &[Rename<'_>; 1],
    dialect: Dialect,
) {
    let [Rename { from, to }] = *renames;
    let name = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    if let Some(own) = metadata.definitions.get_mut(&ObjectId::new(Kind::Partition, table.clone()))
    {
        if metadata.names_not_null {
            own_not_null::keep_name(own, from, dialect);
        }
        foreign_keys::rename_column(own, false, renames, dialect);
        let of_column = own.clauses.iter_mut();
        let of_column = of_column
            .filter(|clause| !matches!(clause.word.as_str(), "constraint" | "not null name"));
        of_column.filter_map(|clause| clause.name.as_mut()).for_each(name);
        own.shape.iter_mut().for_each(|column| name(&mut column.name));
        if let Some(comment) = own.column_comments.remove(from) {
            own.column_comments.insert(to.to_owned(), comment);
        }
    }
    let old = ObjectId::column(table, from);
    for definition in metadata.definitions.values_mut() {
        if definition.depends_on.contains(&old) {
            match definition.id.kind {
                Kind::Partition => foreign_keys::rename_column(definition, true, renames, dialect),
                _ => in_body(definition, |text| rename_in(text, renames, dialect), dialect),
            }
        }
        for on in definition.depends_on.iter_mut().filter(|on| **on == old) {
            to.clone_into(&mut on.name.name);
        }
    }
}

/// Renames a column of a view, with what is kept by its name, and in what rests on it.
pub(crate) fn rename_view_column(
    metadata: &mut Metadata,
    view: &ObjectId,
    from: &str,
    to: &str,
    dialect: Dialect,
) {
    let name = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    if let Some(own) = metadata.definitions.get_mut(view) {
        own.shape.iter_mut().for_each(|column| name(&mut column.name));
        let facts = dialect.kind_facts(view.kind);
        let is_of_column = |clause: &&mut Clause| {
            let facts = facts.and_then(|facts| facts.clause(&clause.word));
            facts.is_some_and(ClauseFacts::is_of_column)
        };
        let clauses = own.clauses.iter_mut().filter(is_of_column);
        clauses.filter_map(|clause| clause.name.as_mut()).for_each(name);
        own.belongings.grants.iter_mut().filter_map(|own| own.column.as_mut()).for_each(name);
        if let Some(comment) = own.column_comments.remove(from) {
            own.column_comments.insert(to.to_owned(), comment);
        }
    }
    let indexes = metadata.definitions.values_mut().filter(|own| own.id.kind == Kind::Index);
    for index in indexes.filter(|own| own.id.table.as_ref() == Some(&view.name)) {
        in_body(index, |text| rename_in(text, &[Rename { from, to }], dialect), dialect);
    }
    column_in_definitions(metadata, &view.name, &[Rename { from, to }], dialect);
}
