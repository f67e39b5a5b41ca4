//! Constraints.

use std::fmt::Write as _;

use aludel_schema::{Action, Constraint, ConstraintKind, Deferrable};

use crate::dialect::Dialect::Sqlite;
use crate::expression::in_parentheses;

/// Renders a constraint for CREATE TABLE.
pub(super) fn definition(constraint: &Constraint) -> String {
    let columns = match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            format!("FOREIGN KEY ({}) ", Sqlite.quote_list(&key.columns))
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => String::new(),
    };
    rendered(constraint, &columns)
}

/// Renders a check or a foreign key for the definition of its column.
pub(super) fn of_column(constraint: &Constraint) -> String {
    rendered(constraint, "")
}

/// Renders a constraint with the columns of a foreign key, which stand in front.
fn rendered(constraint: &Constraint, columns: &str) -> String {
    let mut sql = String::new();
    if let Some(name) = &constraint.name {
        let _ = write!(sql, "CONSTRAINT {} ", Sqlite.quote(name));
    }
    match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, .. } => {
            let _ = write!(sql, "PRIMARY KEY ({})", Sqlite.quote_list(columns));
        }
        ConstraintKind::Unique { columns, .. } => {
            let _ = write!(sql, "UNIQUE ({})", Sqlite.quote_list(columns));
        }
        ConstraintKind::Check { expression, .. } => {
            let _ = write!(sql, "CHECK {}", in_parentheses(&expression.written, Sqlite));
        }
        ConstraintKind::ForeignKey(key) => {
            let _ = write!(
                sql,
                "{columns}REFERENCES {} ({})",
                Sqlite.quote(&key.references.name),
                Sqlite.quote_list(&key.referenced_columns)
            );
            for (when, action) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
                if action != Action::NoAction {
                    let _ = write!(sql, " ON {when} {}", action.as_sql());
                }
            }
        }
        // The reader of models rejects exclusion constraints for SQLite.
        ConstraintKind::Exclusion { definition } => {
            let _ = write!(sql, "EXCLUDE {definition}");
        }
    }
    sql.push_str(match constraint.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " DEFERRABLE INITIALLY IMMEDIATE",
        Deferrable::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    });
    sql
}
