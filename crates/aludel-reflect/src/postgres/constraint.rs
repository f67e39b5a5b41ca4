//! Constraints.

use aludel_dialect::{Token, significant};
use aludel_driver::RowError;
use aludel_schema::{Constraint, ConstraintKind, ForeignKey, Parameters, QualifiedName, SqlText};

use super::catalog::{Catalog, PG, Part};
use super::index;
use super::rows::ConstraintRow;
use crate::array;

/// Returns the constraints of a table: the primary key first, and each kind by name.
pub(super) fn of_table(catalog: &Catalog, table: i64) -> Result<Vec<Constraint>, RowError> {
    let mut found = Vec::new();
    for row in catalog.constraints.get(&table).into_iter().flatten() {
        found.extend(constraint(catalog, table, row)?);
    }
    found.sort_by(|a, b| (rank(a), &a.name).cmp(&(rank(b), &b.name)));
    found.shrink_to_fit();
    Ok(found)
}

fn rank(constraint: &Constraint) -> u8 {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::ForeignKey(_) => 2,
        ConstraintKind::Check { .. } => 3,
        ConstraintKind::Exclusion { .. } => 4,
    }
}

/// Returns `None` for a foreign key to a table that is not reflected.
fn constraint(
    catalog: &Catalog,
    table: i64,
    row: &ConstraintRow,
) -> Result<Option<Constraint>, RowError> {
    // An exclusion constraint may be over expressions, which have no column.
    let columns = match row.kind {
        'p' | 'u' | 'f' => catalog.column_names(table, &row.columns)?,
        _ => Vec::new(),
    };
    let index = catalog.indexes.get(&table).into_iter().flatten().find(|i| i.oid == row.index);
    let include = || match index {
        Some(index) => index::included(catalog, table, index),
        None => Ok(Vec::new()),
    };
    let kind = match row.kind {
        'p' => ConstraintKind::PrimaryKey {
            columns,
            include: include()?,
            without_overlaps: row.period,
        },
        'u' => ConstraintKind::Unique {
            columns,
            include: include()?,
            nulls_not_distinct: index.is_some_and(|index| index.nulls_not_distinct),
            without_overlaps: row.period,
        },
        'c' => ConstraintKind::Check {
            expression: catalog.expression(row.definition()?, &[Part::Constraint(row.oid)]),
            validity: row.validity,
            no_inherit: row.no_inherit,
        },
        'x' => ConstraintKind::Exclusion { definition: exclusion(catalog, row)? },
        'f' => match foreign_key(catalog, columns, row)? {
            Some(key) => ConstraintKind::ForeignKey(key),
            None => return Ok(None),
        },
        _ => return Err(array::error("contype", "is no kind of constraint that was asked for")),
    };
    let mut constraint = Constraint::new(Some(row.name.clone()), kind);
    constraint.deferrable = row.deferrable;
    constraint.comment.clone_from(&row.comment);
    // The conindid of a foreign key is the index of the referenced key, which is another's.
    if let Some(index) = index.filter(|_| constraint.has_index()) {
        constraint.index_comment.clone_from(&index.comment);
        constraint.index = index::settings(index)?;
        if row.kind == 'x' {
            // The definition has the parameters.
            constraint.index.with = Parameters::default();
        }
    }
    Ok(Some(constraint))
}

/// Returns the text after `EXCLUDE`, without the clauses that metadata holds separately.
fn exclusion(catalog: &Catalog, row: &ConstraintRow) -> Result<SqlText, RowError> {
    let definition = row.definition()?;
    let mut text = definition.strip_prefix("EXCLUDE ").unwrap_or(definition);
    for suffix in [" INITIALLY DEFERRED", " DEFERRABLE"] {
        text = text.strip_suffix(suffix).unwrap_or(text);
    }
    Ok(catalog.expression(text, &[Part::Constraint(row.oid), Part::Index(row.index)]))
}

fn foreign_key(
    catalog: &Catalog,
    columns: Vec<String>,
    row: &ConstraintRow,
) -> Result<Option<ForeignKey>, RowError> {
    let (references, referenced_columns) =
        match (catalog.relations.get(&row.references), row.partition.as_slice()) {
            (Some(table), _) => {
                let columns = catalog.column_names(row.references, &row.referenced_columns)?;
                (table.name.clone(), columns)
            }
            (None, [schema, name, columns @ ..]) => {
                let name = QualifiedName::new(catalog.schema(Some(schema)), name.as_str());
                (name, columns.to_vec())
            }
            (None, _) => return Ok(None),
        };
    Ok(Some(ForeignKey {
        columns,
        references,
        referenced_columns,
        on_update: row.on_update,
        on_delete: row.on_delete,
        set_columns: row.definition.as_deref().map(set_columns).unwrap_or_default(),
        match_full: row.match_full,
        period: row.period,
        validity: row.validity,
    }))
}

/// Returns the columns of `ON DELETE SET NULL (a, b)`; empty if all columns are set.
fn set_columns(definition: &str) -> Vec<String> {
    let after = ["ON DELETE SET NULL (", "ON DELETE SET DEFAULT ("]
        .iter()
        .find_map(|words| definition.split_once(words).map(|(_, after)| after));
    let Some((columns, _)) = after.and_then(|after| after.split_once(')')) else {
        return Vec::new();
    };
    significant(columns, PG).iter().filter_map(Token::identifier).collect()
}
