//! Rendering: the statements for operations, and the operations that have a statement at all.

use aludel_operations::Operation;
use aludel_schema::{Column, Constraint, Parameters, QualifiedName, Table};

use crate::dialect::Dialect;
use crate::postgres::{self, clause, index};
use crate::sqlite::{self, table};
use crate::step::{Step, Unsupported};

impl Dialect {
    /// Returns the steps that carry out `operations`, in that order.
    ///
    /// # Errors
    ///
    /// Fails with [`Unsupported`] for the first operation that the database has no statement for.
    pub fn steps(self, operations: &[Operation]) -> Result<Vec<Step>, Unsupported> {
        match self {
            Self::Postgres => postgres::steps(operations),
            Self::Sqlite => sqlite::steps(operations),
        }
    }

    /// Returns the statements of a step as they are run where the code of a function names what is
    /// not there yet: the server does not read it then (`check_function_bodies`, which `pg_dump` sets
    /// for the same reason).
    pub fn without_reading_code(self, statements: Vec<String>) -> Vec<String> {
        let set = |to: &str| format!("SET LOCAL check_function_bodies = {to}");
        match self {
            Self::Postgres if statements.first() == Some(&set("off")) => statements,
            Self::Postgres => {
                std::iter::once(set("off")).chain(statements).chain([set("on")]).collect()
            }
            // It has no functions.
            Self::Sqlite => statements,
        }
    }

    /// Returns the statements of a step with what is deferred carried out behind each UPDATE: the server
    /// refuses to alter a table with events that wait for the end of the transaction. From there on,
    /// the transaction defers nothing.
    pub fn without_deferring(self, statements: Vec<String>) -> Vec<String> {
        match self {
            Self::Postgres => {
                let is_update = |sql: &str| sql.starts_with("UPDATE ");
                let mut all: Vec<String> = Vec::new();
                for statement in statements {
                    if all.last().is_some_and(|last| is_update(last)) && !is_update(&statement) {
                        all.push("SET CONSTRAINTS ALL IMMEDIATE".to_owned());
                    }
                    all.push(statement);
                }
                all
            }
            // It looks at deferred keys by itself, and alters no table that has been written to.
            Self::Sqlite => statements,
        }
    }

    /// Quotes the name of a collation, for COLLATE.
    pub fn collation_name(self, name: &str) -> String {
        match self {
            Self::Postgres => clause::collation_name(name),
            Self::Sqlite => self.quote(name),
        }
    }

    /// Returns the name of a collation as models state it.
    pub fn written_collation(self, name: &QualifiedName) -> String {
        match self {
            Self::Postgres => clause::written_collation(name),
            Self::Sqlite => name.to_string(),
        }
    }

    /// Returns true if a change of the storage parameters of an index has its effect only when the
    /// index is made again.
    pub fn shapes_index(self, from: &Parameters, to: &Parameters) -> bool {
        match self {
            Self::Postgres => index::shapes_index(from, to),
            // Its indexes have no parameters.
            Self::Sqlite => false,
        }
    }

    /// Returns true if ALTER TABLE can carry out `operation` on `table` in its current state.
    /// Otherwise the table has to be rebuilt.
    pub fn alters_in_place(self, operation: &Operation, table: &Table) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => table::alters_in_place(operation, table),
        }
    }

    /// Returns true if ADD COLUMN adds a constraint of the new table along with the column.
    /// Otherwise, it is added by itself.
    pub fn adds_with_column(self, constraint: &Constraint, column: &Column, table: &Table) -> bool {
        match self {
            Self::Postgres => false,
            Self::Sqlite => table::comes_with_column(constraint, column, table),
        }
    }
}
