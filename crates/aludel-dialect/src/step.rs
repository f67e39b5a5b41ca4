//! Steps: the statements for operations, with their locks and hazards.

use std::collections::BTreeMap;

use aludel_operations::Operation;
use aludel_schema::ObjectId;

use crate::dialect::Dialect;
use crate::hazard::Hazard;
use crate::lock::LockMode;

/// A part of a plan that is carried out as a whole: one or more operations with their statements.
///
/// A step holds everything that is known about a plan beyond its SQL. The comments in a revision
/// file, the summary of a command, its JSON, lints and gates are derived from it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The operations, in order. Adjacent changes of one table share a statement.
    pub operations: Vec<Operation>,
    /// The SQL statements, in order, without semicolons.
    pub statements: Vec<String>,
    /// The transaction class of the statements.
    pub class: TransactionClass,
    /// The strongest lock that the statements take on each object that exists before the step.
    pub locks: BTreeMap<ObjectId, LockMode>,
    /// The hazards of the step.
    pub hazards: Vec<Hazard>,
}

/// The relation of statements to transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionClass {
    /// The statements run in the transaction of the revision.
    Together,
    /// Each statement runs outside of a transaction.
    Alone,
}

impl TransactionClass {
    /// Returns the class in one word, as used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Together => "transaction",
            Self::Alone => "alone",
        }
    }
}

/// An operation that a database has no statement for.
///
/// Models and object files that would lead to such an operation are rejected when they are read, so
/// this error only occurs with metadata from another source.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{dialect} can't {operation}")]
pub struct Unsupported {
    /// The dialect of the database.
    pub dialect: Dialect,
    /// The object that the operation affects.
    pub object: ObjectId,
    /// A description of the operation.
    pub operation: String,
}

impl Unsupported {
    pub(crate) fn new(dialect: Dialect, operation: &Operation) -> Self {
        Self { dialect, object: operation.object(), operation: operation.to_string() }
    }
}

/// The statements for one operation, which adjacent operations may still extend.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    /// The statements before the clauses, or all statements if there are no clauses.
    pub(crate) statements: Vec<String>,
    /// The clauses of an ALTER TABLE, which the next operation may extend.
    pub(crate) clauses: Vec<String>,
    pub(crate) alone: bool,
    pub(crate) locks: BTreeMap<ObjectId, LockMode>,
    pub(crate) hazards: Vec<Hazard>,
}

impl Rendered {
    pub(crate) fn statements(statements: Vec<String>) -> Self {
        Self { statements, ..Self::default() }
    }

    pub(crate) fn statement(sql: impl Into<String>) -> Self {
        Self::statements(vec![sql.into()])
    }

    pub(crate) fn clauses(clauses: Vec<String>) -> Self {
        Self { clauses, ..Self::default() }
    }

    /// Adds a lock on an object. If there is one already, the stronger lock remains.
    pub(crate) fn lock(mut self, object: ObjectId, mode: LockMode) -> Self {
        add_lock(&mut self.locks, object, mode);
        self
    }

    pub(crate) fn hazard(mut self, hazard: Hazard) -> Self {
        self.hazards.push(hazard);
        self
    }

    pub(crate) fn hazards(mut self, hazards: impl IntoIterator<Item = Hazard>) -> Self {
        self.hazards.extend(hazards);
        self
    }
}

pub(crate) fn add_lock(locks: &mut BTreeMap<ObjectId, LockMode>, object: ObjectId, mode: LockMode) {
    let held = locks.entry(object).or_insert(mode);
    *held = mode.max(*held);
}

impl Step {
    /// Adds the blocking hazards of the step: locks that keep other sessions out while rows are
    /// read or written.
    pub(crate) fn add_blocking(&mut self) {
        let long = self.hazards.iter().filter_map(Hazard::works_through).cloned();
        let mut tables: Vec<_> = long.collect();
        tables.sort();
        tables.dedup();
        for table in tables {
            let held = self.locks.get(&ObjectId::table(&table));
            if let Some(blocked) = held.and_then(|mode| mode.blocks()) {
                self.hazards.push(Hazard::Blocks { table, blocked });
            }
        }
    }
}
