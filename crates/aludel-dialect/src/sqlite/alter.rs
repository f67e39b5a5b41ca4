//! Operations to statements, and which of them SQLite can do in place.

use aludel_operations::Operation;
use aludel_schema::{Column, Table};

use super::{create, rebuild};
use crate::{Dialect::Sqlite, Statement, expression::mentions};

/// Whether ALTER TABLE can do it to `table` as it is now, by SQLite's page on that statement.
pub(crate) fn alters_in_place(operation: &Operation, table: &Table) -> bool {
    match operation {
        Operation::AddColumn { column, .. } => can_add(column),
        Operation::DropColumn { column, .. } => can_drop(table, &column.name),
        Operation::AlterColumn { .. }
        | Operation::AddConstraint { .. }
        | Operation::DropConstraint { .. }
        | Operation::RenameConstraint { .. }
        | Operation::ValidateConstraint { .. }
        | Operation::AlterTableOptions { .. } => false,
        _ => true,
    }
}

fn can_add(column: &Column) -> bool {
    let constant = |sql: &str| create::is_literal(sql) && !create::is_clock(sql);
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

fn can_drop(table: &Table, column: &str) -> bool {
    let reads = |sql: &str| mentions(sql, &column.to_ascii_lowercase(), Sqlite);
    let in_constraint = table.constraints.iter().any(|constraint| match &constraint.kind {
        aludel_schema::ConstraintKind::Check { expression, .. } => reads(&expression.written),
        _ => constraint.columns().iter().any(|name| name == column),
    });
    let in_generated = table
        .columns
        .iter()
        .any(|c| c.generated.as_ref().is_some_and(|g| reads(&g.expression.written)));
    !in_constraint && !in_generated && table.triggers.is_empty() && table.columns.len() > 1
}

/// The statements for `operations`, in order.
pub(crate) fn render(operations: &[Operation]) -> Vec<Statement> {
    operations.iter().flat_map(statements).collect()
}

fn statements(operation: &Operation) -> Vec<Statement> {
    let sql = match operation {
        Operation::RebuildTable(table) => return rebuild::render(table, operation.destroys()),
        Operation::CreateTable { table, .. } => {
            // Only a table that comes back has triggers.
            let create = Statement::new(create::create_table(table, &table.name.name));
            let triggers = table.triggers.iter().map(|trigger| Statement::new(trigger.sql.clone()));
            return std::iter::once(create).chain(triggers).collect();
        }
        Operation::DropTable { table } => format!("DROP TABLE {}", Sqlite.quote(&table.name.name)),
        Operation::RenameTable { from, to } => {
            format!("ALTER TABLE {} RENAME TO {}", Sqlite.quote(&from.name), Sqlite.quote(&to.name))
        }
        Operation::AddColumn { table, column, .. } => {
            format!(
                "ALTER TABLE {} ADD COLUMN {}",
                Sqlite.quote(&table.name),
                create::column(column, None)
            )
        }
        Operation::DropColumn { table, column } => {
            format!(
                "ALTER TABLE {} DROP COLUMN {}",
                Sqlite.quote(&table.name),
                Sqlite.quote(&column.name)
            )
        }
        Operation::RenameColumn { table, from, to } => format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            Sqlite.quote(&table.name),
            Sqlite.quote(from),
            Sqlite.quote(to)
        ),
        Operation::CreateIndex { table, index } => create::create_index(table, index),
        Operation::DropIndex { index, .. } => format!("DROP INDEX {}", Sqlite.quote(&index.name)),
        // PostgreSQL's alone; the planner never makes one for SQLite.
        other => format!("-- {other}"),
    };
    let statement = Statement::new(sql);
    vec![match operation.destroys() {
        Some(lost) => statement.note(format!("destructive: {lost}")),
        None => statement,
    }]
}
