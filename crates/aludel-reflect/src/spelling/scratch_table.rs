//! The tables of a scratch that have questions, and the names of what asks.

use super::question::{Question, ScratchColumn};
use super::statement::ScratchStatement;

/// A temporary table, with columns that several questions share if they agree on the columns.
#[derive(Default)]
pub(super) struct ScratchTable {
    pub(super) columns: Vec<ScratchColumn>,
    pub(super) asked: Vec<Asked>,
}

/// A question in its two forms.
pub(super) struct Asked {
    /// The part of a CREATE TABLE that asks; `None` if there is none.
    pub(super) line: Option<String>,
    /// The statements that ask on their own.
    pub(super) alone: Vec<ScratchStatement>,
}

impl ScratchTable {
    /// The number of columns and questions that a table may have. The server reads all of a table again
    /// after each statement that changes it, so that large ones take quadratic time.
    const ROOM: usize = 100;

    pub(super) fn takes(&self, question: &Question) -> bool {
        self.columns.len() + self.asked.len() + question.columns.len() < Self::ROOM
            && question.columns.iter().all(|column| {
                let have = self.columns.iter().find(|have| have.name == column.name);
                have.is_none_or(|have| have == column)
            })
    }
}

/// The beginning of the names of tables with questions.
pub(super) const SCRATCH_TABLE: &str = "aludel_scratch_";

pub(super) fn table_name(number: usize) -> String {
    format!("{SCRATCH_TABLE}{number}")
}

pub(super) fn object_name(question: usize) -> String {
    format!("aludel_q{question}")
}

/// Returns the beginning of the names that the pieces of a question have.
pub(super) fn piece_prefix(question: usize) -> String {
    format!("{}_", object_name(question))
}
