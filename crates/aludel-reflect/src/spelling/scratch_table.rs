//! The tables of a scratch that have questions, and the names of what asks.

use super::place::Place;
use super::question::{Question, ScratchColumn};
use super::statement::ScratchStatement;

/// A temporary table, with columns that several questions share if they agree on the columns.
#[derive(Default)]
pub(super) struct ScratchTable {
    pub(super) columns: Vec<ScratchColumn>,
    /// The places of the types of the columns.
    pub(super) places: Vec<Place>,
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
    pub(super) fn add(&mut self, column: ScratchColumn, place: Place) {
        self.columns.push(column);
        self.places.push(place);
    }

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
