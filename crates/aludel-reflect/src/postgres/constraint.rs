//! Constraints.

use aludel_dialect::{Token, significant, without_parentheses};
use aludel_driver::{Row, RowError};
use aludel_schema::{Action, Constraint, ConstraintKind, Deferrable, ForeignKey, SqlText};

use super::catalog::Catalog;
use super::{PG, index};
use crate::array;

/// A row of `pg_constraint`.
#[derive(Debug)]
pub(super) struct ConstraintRow {
    name: String,
    kind: char,
    deferrable: Deferrable,
    validated: bool,
    /// The index of the constraint, or for a foreign key the index of the referenced key.
    pub(super) index: i64,
    references: i64,
    on_update: Action,
    on_delete: Action,
    match_full: bool,
    columns: Vec<i64>,
    referenced_columns: Vec<i64>,
    no_inherit: bool,
    definition: Option<String>,
}

impl ConstraintRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let deferrable = match (row.flag("condeferrable")?, row.flag("condeferred")?) {
            (false, _) => Deferrable::No,
            (true, false) => Deferrable::InitiallyImmediate,
            (true, true) => Deferrable::InitiallyDeferred,
        };
        Ok(Self {
            name: row.text("conname")?.to_owned(),
            kind: row.text("contype")?.chars().next().unwrap_or(' '),
            deferrable,
            validated: row.flag("convalidated")?,
            index: row.number("conindid")?,
            references: row.number("confrelid")?,
            on_update: action(row, "confupdtype")?,
            on_delete: action(row, "confdeltype")?,
            match_full: row.text("confmatchtype")? == "f",
            columns: array::numbers(row, "conkey")?,
            referenced_columns: array::numbers(row, "confkey")?,
            no_inherit: row.flag("connoinherit")?,
            definition: row.optional("definition")?.map(str::to_owned),
        })
    }

    fn definition(&self) -> Result<&str, RowError> {
        let definition = self.definition.as_deref();
        definition.ok_or_else(|| array::error("definition", "expected a value, found NULL"))
    }
}

/// Decodes an action of `pg_constraint`. A space means that the constraint is not a foreign key.
fn action(row: &Row, column: &str) -> Result<Action, RowError> {
    match row.text(column)? {
        "a" | " " | "" => Ok(Action::NoAction),
        "r" => Ok(Action::Restrict),
        "c" => Ok(Action::Cascade),
        "n" => Ok(Action::SetNull),
        "d" => Ok(Action::SetDefault),
        _ => Err(array::error(column, "expected an action of a foreign key")),
    }
}

/// Returns the constraints of a table: the primary key first, and each kind by name.
pub(super) fn of_table(catalog: &Catalog, table: i64) -> Result<Vec<Constraint>, RowError> {
    let mut found = Vec::new();
    for row in catalog.constraints.get(&table).into_iter().flatten() {
        found.extend(constraint(catalog, table, row)?);
    }
    found.sort_by_key(|constraint| (rank(constraint), constraint.name.clone()));
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

/// Returns `None` for a foreign key to a table that is not reflected, such as a partition.
fn constraint(
    catalog: &Catalog,
    table: i64,
    row: &ConstraintRow,
) -> Result<Option<Constraint>, RowError> {
    let columns = catalog.column_names(table, &row.columns)?;
    let index = catalog.indexes.get(&table).into_iter().flatten().find(|i| i.oid == row.index);
    let include = || match index {
        Some(index) => index::included(catalog, table, index),
        None => Ok(Vec::new()),
    };
    let kind = match row.kind {
        'p' => ConstraintKind::PrimaryKey { columns, include: include()? },
        'u' => ConstraintKind::Unique {
            columns,
            include: include()?,
            nulls_not_distinct: index.is_some_and(|index| index.nulls_not_distinct),
        },
        'c' => ConstraintKind::Check {
            expression: SqlText::new(without_parentheses(row.definition()?, PG)),
            not_valid: !row.validated,
            no_inherit: row.no_inherit,
        },
        'x' => ConstraintKind::Exclusion { definition: exclusion(row.definition()?) },
        'f' => match foreign_key(catalog, columns, row)? {
            Some(key) => ConstraintKind::ForeignKey(key),
            None => return Ok(None),
        },
        _ => return Err(array::error("contype", "is no kind of constraint that was asked for")),
    };
    let mut constraint = Constraint::new(Some(row.name.clone()), kind);
    constraint.deferrable = row.deferrable;
    Ok(Some(constraint))
}

/// Returns the text after `EXCLUDE`, without the clauses that metadata holds separately.
fn exclusion(definition: &str) -> SqlText {
    let mut text = definition.strip_prefix("EXCLUDE ").unwrap_or(definition);
    for suffix in [" INITIALLY DEFERRED", " DEFERRABLE"] {
        text = text.strip_suffix(suffix).unwrap_or(text);
    }
    SqlText::new(text)
}

fn foreign_key(
    catalog: &Catalog,
    columns: Vec<String>,
    row: &ConstraintRow,
) -> Result<Option<ForeignKey>, RowError> {
    let Some(references) = catalog.relations.get(&row.references) else { return Ok(None) };
    Ok(Some(ForeignKey {
        columns,
        references: references.name.clone(),
        referenced_columns: catalog.column_names(row.references, &row.referenced_columns)?,
        on_update: row.on_update,
        on_delete: row.on_delete,
        set_columns: row.definition.as_deref().map(set_columns).unwrap_or_default(),
        match_full: row.match_full,
        not_valid: !row.validated,
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
