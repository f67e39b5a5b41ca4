use std::collections::BTreeMap;

use aludel_operations::Operation;
use aludel_schema::ObjectId;

use crate::{Dialect, Hazard, LockMode};

/// A part of a plan that is carried out as a whole: a few operations and the statements for them.
///
/// Whatever is known of a plan beyond its SQL stands here as data. The comments in a revision file,
/// the summary of a command, its JSON, lints and gates are all renderings of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does, in order. Neighbouring changes of one table share a statement.
    pub operations: Vec<Operation>,
    /// The SQL, in order, each without its semicolon.
    pub statements: Vec<String>,
    /// Whether the statements may share a transaction with others.
    pub class: TransactionClass,
    /// The strongest lock that the statements take on each object that is there before.
    pub locks: BTreeMap<ObjectId, LockMode>,
    /// What a reviewer has to know.
    pub hazards: Vec<Hazard>,
}

/// Whether statements may share a transaction with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionClass {
    /// The statements run in the revision's transaction.
    Together,
    /// Each statement runs outside of a transaction.
    Alone,
}

impl TransactionClass {
    /// The class in one word, as JSON has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Together => "transaction",
            Self::Alone => "alone",
        }
    }
}

/// An operation that a database has no statement for.
///
/// A model or an object file that asks for such a thing is refused where it is read; this error is
/// what is left to say when somebody builds metadata by hand.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{dialect} can't {operation}")]
pub struct Unsupported {
    /// The database.
    pub dialect: Dialect,
    /// The object.
    pub object: ObjectId,
    /// The operation, in words.
    pub operation: String,
}

impl Unsupported {
    pub(crate) fn new(dialect: Dialect, operation: &Operation) -> Self {
        Self { dialect, object: operation.object(), operation: operation.to_string() }
    }
}

/// The steps of one operation, while neighbours may still join them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    /// Statements that come before the clauses, or all there are.
    pub(crate) statements: Vec<String>,
    /// Clauses of an ALTER TABLE that the next operation may add to.
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

    /// The same, with a lock on an object; the stronger one counts.
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
    /// The steps's blocking hazards: a lock that keeps others out, held for as long as rows are
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
