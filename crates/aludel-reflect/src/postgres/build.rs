//! Catalogue rows to metadata.

use std::collections::BTreeMap;

use aludel_dialect::{Dialect, sequence_defaults, without_parentheses};
use aludel_driver::Row;
use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, EnumType, Extension, ForeignKey,
    Generated, Identity, Index, IndexKey, KeyPart, Metadata, Nulls, QualifiedName, Sequence,
    SequenceOptions, SqlText, Table, TableOptions, object_name,
};

use super::catalog::{Catalog, Relation};
use crate::array;

/// Every table. What only one table needs of the catalogue is let go with it: of thousands of tables
/// that is most of it.
pub(super) fn tables(catalog: &mut Catalog) -> BTreeMap<QualifiedName, Table> {
    let tables = catalog.relations.iter().filter(|(_, relation)| relation.kind != 'S');
    let oids: Vec<i64> = tables.map(|(oid, _)| *oid).collect();
    let mut found = BTreeMap::new();
    for oid in oids {
        if let Some(relation) = catalog.relations.get(&oid) {
            found.insert(relation.name.clone(), table(catalog, oid, relation));
        }
        catalog.constraints.remove(&oid);
        catalog.indexes.remove(&oid);
    }
    found
}

fn table(catalog: &Catalog, oid: i64, relation: &Relation) -> Table {
    let mut table = Table::new(relation.name.clone());
    table.comment.clone_from(&relation.comment);
    table.options = TableOptions {
        unlogged: relation.unlogged,
        with: relation.options.clone(),
        partition_by: relation.partition_key.clone(),
        ..TableOptions::default()
    };
    let mut rows: Vec<&Row> = catalog.columns.get(&oid).into_iter().flatten().collect();
    rows.sort_by_key(|row| row.number(1));
    table.columns = rows.into_iter().map(|row| column(catalog, row)).collect();
    table.constraints = constraints(catalog, oid);
    table.indexes = indexes(catalog, oid);
    table
}

fn column(catalog: &Catalog, row: &Row) -> Column {
    let sql_type = catalog.types.get(&(row.number(3), row.number(4))).cloned().unwrap_or_default();
    let mut column = Column::new(row.text(2), sql_type);
    column.nullable = !row.flag(5);
    column.collation = row.get(9).map(str::to_owned);
    column.comment = row.get(11).map(str::to_owned);
    let expression =
        row.get(10).map(|text| SqlText::new(without_parentheses(text, Dialect::Postgres)));
    match (row.text(7), expression) {
        (kind @ ("s" | "v"), Some(expression)) => {
            column.generated = Some(Box::new(Generated { expression, stored: kind == "s" }));
        }
        (_, default) => column.default = default,
    }
    if let always @ ("a" | "d") = row.text(6) {
        column.identity = Some(Box::new(Identity {
            always: always == "a",
            sequence: None,
            options: SequenceOptions::default(),
        }));
    }
    column
}

fn constraints(catalog: &Catalog, table: i64) -> Vec<Constraint> {
    let mut found: Vec<Constraint> = catalog
        .constraints
        .get(&table)
        .into_iter()
        .flatten()
        .filter_map(|row| constraint(catalog, table, row))
        .collect();
    found.sort_by_key(|constraint| (rank(constraint), constraint.name.clone()));
    found
}

/// The order in which a reader expects constraints.
fn rank(constraint: &Constraint) -> u8 {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::ForeignKey(_) => 2,
        ConstraintKind::Check { .. } => 3,
        ConstraintKind::Exclusion { .. } => 4,
    }
}

fn constraint(catalog: &Catalog, table: i64, row: &Row) -> Option<Constraint> {
    let columns = catalog.column_names(table, row.text(11));
    let index = catalog
        .indexes
        .get(&table)
        .and_then(|indexes| indexes.iter().find(|index| index.number(0) == row.number(6)));
    let include = || index.map(|index| included(catalog, index)).unwrap_or_default();
    let kind = match row.text(2) {
        "p" => ConstraintKind::PrimaryKey { columns, include: include() },
        "u" => ConstraintKind::Unique {
            columns,
            include: include(),
            nulls_not_distinct: index.is_some_and(|index| index.flag(15)),
        },
        "c" => ConstraintKind::Check {
            expression: SqlText::new(without_parentheses(row.text(14), Dialect::Postgres)),
            not_valid: !row.flag(5),
            no_inherit: row.flag(13),
        },
        "x" => ConstraintKind::Exclusion { definition: exclusion(row.text(14)) },
        _ => ConstraintKind::ForeignKey(foreign_key(catalog, columns, row)?),
    };
    let mut constraint = Constraint::new(Some(row.text(1).to_owned()), kind);
    constraint.deferrable = match (row.flag(3), row.flag(4)) {
        (false, _) => Deferrable::No,
        (true, false) => Deferrable::InitiallyImmediate,
        (true, true) => Deferrable::InitiallyDeferred,
    };
    Some(constraint)
}

/// What follows `EXCLUDE`, without the clauses that are kept apart.
fn exclusion(definition: &str) -> SqlText {
    let mut text = definition.strip_prefix("EXCLUDE ").unwrap_or(definition);
    for suffix in [" INITIALLY DEFERRED", " DEFERRABLE"] {
        text = text.strip_suffix(suffix).unwrap_or(text);
    }
    SqlText::new(text)
}

/// A foreign key; `None` if it refers to something that is not ours, such as a partition.
fn foreign_key(catalog: &Catalog, columns: Vec<String>, row: &Row) -> Option<ForeignKey> {
    let target = row.number(7);
    Some(ForeignKey {
        columns,
        references: catalog.relations.get(&target)?.name.clone(),
        referenced_columns: catalog.column_names(target, row.text(12)),
        on_update: action(row.text(8)),
        on_delete: action(row.text(9)),
        set_columns: set_columns(row.text(14)),
        match_full: row.text(10) == "f",
        not_valid: !row.flag(5),
    })
}

/// The columns of `ON DELETE SET NULL (a, b)`; empty if it sets all.
fn set_columns(definition: &str) -> Vec<String> {
    let after = ["ON DELETE SET NULL (", "ON DELETE SET DEFAULT ("]
        .iter()
        .find_map(|words| definition.split_once(words).map(|(_, after)| after));
    let Some((columns, _)) = after.and_then(|after| after.split_once(')')) else {
        return Vec::new();
    };
    aludel_dialect::significant(columns, Dialect::Postgres)
        .iter()
        .filter_map(aludel_dialect::Token::identifier)
        .collect()
}

fn action(code: &str) -> Action {
    match code {
        "r" => Action::Restrict,
        "c" => Action::Cascade,
        "n" => Action::SetNull,
        "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

fn indexes(catalog: &Catalog, table: i64) -> Vec<Index> {
    let constraints: Vec<i64> =
        catalog.constraints.get(&table).into_iter().flatten().map(|row| row.number(6)).collect();
    let mut found: Vec<Index> = catalog
        .indexes
        .get(&table)
        .into_iter()
        .flatten()
        .filter(|row| !constraints.contains(&row.number(0)) && row.flag(5))
        .map(|row| index(catalog, table, row))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn index(catalog: &Catalog, table: i64, row: &Row) -> Index {
    let reads = Numbers::read(row);
    let expressions = row.get(12).map(array::elements).unwrap_or_default();
    let keys = (0..reads.key_count)
        .map(|at| index_key(catalog, table, row.number(0), &reads, at, expressions.get(at)))
        .collect();
    Index {
        name: row.text(2).to_owned(),
        keys,
        unique: row.flag(4),
        method: row.text(3).to_owned(),
        include: included(catalog, row),
        nulls_not_distinct: row.flag(15),
        predicate: row
            .get(11)
            .map(|text| SqlText::new(without_parentheses(text, Dialect::Postgres))),
        with: array::options(row.get(13)),
        comment: row.get(14).map(str::to_owned),
        canonical: None,
    }
}

/// The vectors of `pg_index`.
struct Numbers {
    key_count: usize,
    columns: Vec<i64>,
    opclasses: Vec<i64>,
    options: Vec<i64>,
    collations: Vec<i64>,
}

impl Numbers {
    fn read(row: &Row) -> Self {
        Self {
            key_count: usize::try_from(row.number(6)).unwrap_or_default(),
            columns: array::numbers(row.text(7)),
            opclasses: array::numbers(row.text(8)),
            options: array::numbers(row.text(9)),
            collations: array::numbers(row.text(10)),
        }
    }
}

fn included(catalog: &Catalog, row: &Row) -> Vec<String> {
    let reads = Numbers::read(row);
    reads
        .columns
        .iter()
        .skip(reads.key_count)
        .map(|n| catalog.column_name(row.number(1), *n))
        .collect()
}

fn index_key(
    catalog: &Catalog,
    table: i64,
    index: i64,
    reads: &Numbers,
    at: usize,
    expression: Option<&String>,
) -> IndexKey {
    /// Bits of `indoption` (PostgreSQL's `INDOPTION_DESC` and `INDOPTION_NULLS_FIRST`).
    const DESC: i64 = 1;
    const NULLS_FIRST: i64 = 2;
    let number = reads.columns.get(at).copied().unwrap_or_default();
    let part = match expression {
        Some(text) if number == 0 => {
            KeyPart::Expression(SqlText::new(without_parentheses(text, Dialect::Postgres)))
        }
        _ => KeyPart::Column(catalog.column_name(table, number)),
    };
    let mut key = IndexKey::new(part);
    let opclass = reads.opclasses.get(at).and_then(|oid| catalog.opclasses.get(oid));
    let position = i64::try_from(at + 1).unwrap_or_default();
    key.opclass_options =
        catalog.opclass_options.get(&(index, position)).cloned().unwrap_or_default();
    key.opclass = opclass
        .filter(|opclass| !opclass.is_default || !key.opclass_options.is_empty())
        .map(|opclass| opclass.name.clone());
    key.collation = key_collation(catalog, table, number, reads.collations.get(at).copied());
    let options = reads.options.get(at).copied().unwrap_or_default();
    key.descending = options & DESC != 0;
    key.nulls = match (key.descending, options & NULLS_FIRST != 0) {
        (false, true) => Some(Nulls::First),
        (true, false) => Some(Nulls::Last),
        _ => None,
    };
    key
}

fn key_collation(
    catalog: &Catalog,
    table: i64,
    number: i64,
    collation: Option<i64>,
) -> Option<String> {
    let collation = collation.filter(|oid| *oid != 0)?;
    let own = catalog
        .columns
        .get(&table)?
        .iter()
        .find(|row| row.number(1) == number)
        .map_or(100, |row| row.number(8));
    if own == collation { None } else { catalog.collations.get(&collation).cloned() }
}

/// Enum types.
pub(super) fn enums(metadata: &mut Metadata, rows: &[Row], catalog: &Catalog) {
    for row in rows.iter().filter(|row| !catalog.is_member("pg_type", row.number(0))) {
        let name = QualifiedName::new(catalog.schema(row.get(1)), row.text(2));
        let enum_type = EnumType {
            name: name.clone(),
            labels: array::elements(row.text(3)),
            comment: row.get(4).map(str::to_owned),
        };
        metadata.enums.insert(name, enum_type);
    }
}

/// Sequences of their own, and the options of those behind identity columns.
pub(super) fn sequences(metadata: &mut Metadata, rows: &[Row], catalog: &Catalog) {
    for row in rows {
        let Some(relation) = catalog.relations.get(&row.number(0)) else { continue };
        let name = relation.name.clone();
        let owner = row.get(8).and_then(|_| {
            let table = catalog.relations.get(&row.number(8))?;
            Some((table.name.clone(), catalog.column_name(row.number(8), row.number(9))))
        });
        let options = sequence_options(row);
        match (row.text(10), owner) {
            ("i", owner) => identity_sequence(metadata, owner, &name, options),
            (_, owned_by) => {
                let sequence = Sequence { name: name.clone(), options, owned_by };
                metadata.sequences.insert(name, sequence);
            }
        }
    }
}

fn sequence_options(row: &Row) -> SequenceOptions {
    let data_type = row.text(1);
    let increment = row.number(3);
    let defaults = sequence_defaults(data_type, increment);
    let (max, min) = (row.number(4), row.number(5));
    let differs = |value: i64, default: Option<i64>| Some(value).filter(|_| default != Some(value));
    SequenceOptions {
        data_type: Some(data_type.to_owned()).filter(|name| name != "bigint"),
        start: differs(row.number(2), Some(if increment < 0 { max } else { min })),
        increment: differs(increment, defaults.increment),
        min: differs(min, defaults.min),
        max: differs(max, defaults.max),
        cache: differs(row.number(6), defaults.cache),
        cycle: row.flag(7),
    }
}

fn identity_sequence(
    metadata: &mut Metadata,
    owner: Option<(QualifiedName, String)>,
    name: &QualifiedName,
    mut options: SequenceOptions,
) {
    let Some((table, column)) = owner else { return };
    let Some(table) = metadata.tables.get_mut(&table) else { return };
    let usual = table.name.sibling(object_name(&table.name.name, &column, "seq"));
    let Some(column) = table.columns.iter_mut().find(|c| c.name == column) else { return };
    if let Some(identity) = &mut column.identity {
        // Its type is the column's.
        options.data_type = None;
        identity.options = options;
        identity.sequence = Some(name.to_string()).filter(|_| *name != usual);
    }
}

/// Extensions; one in the default schema says no schema.
pub(super) fn extensions(metadata: &mut Metadata, rows: &[Row], default_schema: &str) {
    for row in rows {
        let schema = row.get(1).filter(|schema| *schema != default_schema).map(str::to_owned);
        let extension = Extension { name: row.text(0).to_owned(), schema };
        metadata.extensions.insert(extension.name.clone(), extension);
    }
}

/// Schemas other than the default one and `public`.
pub(super) fn schemas(metadata: &mut Metadata, rows: &[Row], catalog: &Catalog) {
    metadata.schemas = rows
        .iter()
        .filter(|row| !catalog.is_member("pg_namespace", row.number(0)))
        .filter_map(|row| catalog.schema(row.get(1)))
        .collect();
}
