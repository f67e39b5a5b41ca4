//! Tables, and the changes that SQLite can make in place.

use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Column, Constraint, ConstraintKind, Remarks, Table};

use super::{column, constraint};
use crate::dialect::Dialect::Sqlite;
use crate::hazard::Hazard;
use crate::lexer::significant;
use crate::quote::quoted;
use crate::step::Rendered;
use crate::token::Token;

/// Returns true if ALTER TABLE can carry out the operation on `table` in its current state,
/// according to SQLite's "ALTER TABLE" page.
pub(crate) fn alters_in_place(operation: &Operation, table: &Table) -> bool {
    match operation {
        Operation::Create(Object::Column { column, .. }) => can_add(column),
        Operation::Restore(restored) => can_add(&restored.column),
        Operation::Drop(Object::Column { column, .. }) => can_drop(table, &column.name),
        Operation::Create(Object::Constraint { .. })
        | Operation::Drop(Object::Constraint { .. })
        | Operation::Alter(
            Alter::Column(_)
            | Alter::KeyOfIndex { .. }
            | Alter::Validate { .. }
            | Alter::Enforcement { .. }
            | Alter::TableOptions { .. }
            | Alter::RenameLabel { .. },
        ) => false,
        Operation::Rename { from, .. } => from.kind != aludel_schema::Kind::Constraint,
        Operation::Create(_)
        | Operation::Drop(_)
        | Operation::Alter(_)
        | Operation::Comment { .. } => true,
    }
}

fn can_add(column: &Column) -> bool {
    let constant = |sql: &str| column::is_literal(sql) && !column::is_clock(sql);
    let fills = match &column.default {
        None => column.nullable,
        Some(default) => {
            constant(&default.written)
                && (column.nullable || !default.written.eq_ignore_ascii_case("null"))
        }
    };
    let generated = column.generated.as_ref().is_none_or(|generated| !generated.stored);
    fills && generated && column.identity.is_none()
}

/// Returns true if ADD COLUMN can add the constraint along with the column. SQLite looks at the rows
/// for a check; a foreign key is accepted if it is NULL in all of them.
pub(crate) fn comes_with_column(constraint: &Constraint, column: &Column, table: &Table) -> bool {
    let others = table.columns.iter().filter(|other| other.name != column.name);
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            key.columns == [column.name.clone()] && column.default.is_none() && can_add(column)
        }
        ConstraintKind::Check { expression, .. } => {
            let text = &expression.written;
            reads(text, &column.name) && !others.into_iter().any(|other| reads(text, &other.name))
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::Exclusion { .. } => false,
    }
}

/// Returns true if an expression names a column, in any case.
fn reads(sql: &str, column: &str) -> bool {
    let names = |token: &Token<'_>| {
        token.identifier().is_some_and(|name| name.eq_ignore_ascii_case(column))
    };
    significant(sql, Sqlite).iter().any(names)
}

fn can_drop(table: &Table, column: &str) -> bool {
    let in_constraint = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::Check { expression, .. } => reads(&expression.written, column),
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Exclusion { .. } => {
            constraint.columns().iter().any(|name| name.eq_ignore_ascii_case(column))
        }
    });
    let in_generated = table
        .columns
        .iter()
        .any(|c| c.generated.as_ref().is_some_and(|g| reads(&g.expression.written, column)));
    !in_constraint && !in_generated && table.columns.len() > 1
}

/// Returns true for a column that is the rowid (SQLite's page "CREATE TABLE", section 5).
pub(crate) fn is_rowid(table: &Table, column: &Column) -> bool {
    !table.options.without_rowid
        && column.sql_type.spelling() == "INTEGER"
        && table.primary_key() == [column.name.clone()]
}

/// Returns true if a primary key of these columns may hold NULL. SQLite permits it for historical
/// reasons, unless the key is the rowid, or the table is `STRICT` or `WITHOUT ROWID`.
pub(crate) fn key_may_be_null(table: &Table, key: &[String]) -> bool {
    let is_rowid = table.columns.iter().any(|column| {
        matches!(key, [only] if only.eq_ignore_ascii_case(&column.name))
            && column.sql_type.spelling().eq_ignore_ascii_case("integer")
    });
    !is_rowid && !table.options.strict && !table.options.without_rowid
}

pub(super) fn create(table: &Table) -> Rendered {
    Rendered::statement(statement(table, &table.name.name))
}

pub(super) fn drop(table: &Table) -> Rendered {
    Rendered::statement(format!("DROP TABLE {}", Sqlite.quote(&table.name.name)))
        .hazard(Hazard::DropsRows { table: table.name.clone() })
}

/// Renders CREATE TABLE under the name `name`, which is quoted as ALTER TABLE RENAME would leave
/// it.
pub(super) fn statement(table: &Table, name: &str) -> String {
    let columns = table.columns.iter().map(|own| {
        let key = inline_key(table, own);
        let mut remarks = own.remarks.clone();
        key.into_iter().for_each(|key| remarks.add(&key.remarks));
        (column::definition(own, key), remarks)
    });
    let constraints = table.constraints.iter().filter(|c| !is_inline_key(table, c));
    let constraints = constraints.map(|own| (constraint::definition(own), own.remarks.clone()));
    let parts: Vec<(String, Remarks)> = columns.chain(constraints).collect();
    let mut options = Vec::new();
    if table.options.without_rowid {
        options.push("WITHOUT ROWID");
    }
    if table.options.strict {
        options.push("STRICT");
    }
    let options =
        if options.is_empty() { String::new() } else { format!(" {}", options.join(", ")) };
    format!("CREATE TABLE {} (\n    {}\n){options}", quoted(name), lines(&parts).join("\n    "))
}

/// Returns the lines of the parts of a table, with the comments before and behind each.
fn lines(parts: &[(String, Remarks)]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, (sql, remarks)) in parts.iter().enumerate() {
        lines.extend(remarks.above().iter().cloned());
        let comma = if at + 1 < parts.len() { "," } else { "" };
        let mut line = format!("{sql}{comma}");
        for (at, text) in remarks.behind().iter().enumerate() {
            let ends = at.checked_sub(1).is_some_and(|at| remarks.behind()[at].starts_with("--"));
            match ends {
                true => lines.push(std::mem::replace(&mut line, text.clone())),
                false => line = format!("{line} {text}"),
            }
        }
        lines.push(line);
    }
    lines
}

/// Returns the primary key if it has to be written in the column's definition, as AUTOINCREMENT
/// requires.
fn inline_key<'t>(table: &'t Table, column: &Column) -> Option<&'t Constraint> {
    column.identity.as_ref()?;
    table.constraints.iter().find(|c| is_key_of(c, &column.name))
}

fn is_inline_key(table: &Table, constraint: &Constraint) -> bool {
    table.columns.iter().any(|c| c.identity.is_some() && is_key_of(constraint, &c.name))
}

fn is_key_of(constraint: &Constraint, column: &str) -> bool {
    matches!(&constraint.kind, ConstraintKind::PrimaryKey { columns, .. } if columns == &[column])
}
