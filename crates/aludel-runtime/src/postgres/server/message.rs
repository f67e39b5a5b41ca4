//! Messages of several statements, and the statement that an error belongs to.

use aludel_dialect::SqlStatement;
use aludel_driver::{DriverError, ScriptFailure};

/// The size from which on a message is sent, in bytes. A single statement may be larger.
const FULL: usize = 64 * 1024;

/// Statements that are sent as one message.
#[derive(Debug, Default)]
pub(crate) struct Script {
    text: String,
    pieces: Vec<Piece>,
}

/// A statement of a message.
#[derive(Debug)]
struct Piece {
    origin: Origin,
    /// The offset of its first byte.
    start: usize,
}

/// The source of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The begin of the transaction, and the settings of the runner.
    Frame,
    /// A statement of a revision, by its segment and its index in the transaction.
    Statement { segment: usize, index: usize },
    /// The bookkeeping of a segment.
    Bookkeeping { segment: usize },
    /// COMMIT.
    Commit,
}

impl Origin {
    pub(crate) fn segment(self) -> Option<usize> {
        match self {
            Self::Statement { segment, .. } | Self::Bookkeeping { segment } => Some(segment),
            Self::Frame | Self::Commit => None,
        }
    }

    /// Returns the statement, of those of its transaction; `None` for the runner's own.
    pub(crate) fn statement<'s>(
        self,
        statements: &'s [SqlStatement<'s>],
    ) -> Option<&'s SqlStatement<'s>> {
        match self {
            Self::Statement { index, .. } => statements.get(index),
            Self::Frame | Self::Bookkeeping { .. } | Self::Commit => None,
        }
    }
}

impl Script {
    pub(crate) fn add(&mut self, origin: Origin, sql: &str) {
        if !self.text.is_empty() {
            self.text.push_str(";\n");
        }
        self.pieces.push(Piece { origin, start: self.text.len() });
        self.text.push_str(sql);
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns true if the last statement is one of the bookkeeping.
    pub(crate) fn ends_with_bookkeeping(&self) -> bool {
        match self.pieces.last().map(|piece| piece.origin) {
            Some(Origin::Bookkeeping { .. }) => true,
            Some(Origin::Frame | Origin::Statement { .. } | Origin::Commit) | None => false,
        }
    }

    /// Returns true if the message has to be sent before `next` is added.
    pub(crate) fn is_full(&self, next: &str) -> bool {
        !self.is_empty() && self.text.len() + next.len() > FULL
    }

    /// Returns the source of the statement that failed, and the error with its position in that
    /// statement. PostgreSQL counts positions from the start of the message.
    pub(crate) fn blame(&self, failure: ScriptFailure) -> (Origin, DriverError) {
        let ScriptFailure { completed, mut error } = failure;
        let position = error.statement().and_then(|error| error.position);
        let byte = position.map(|at| {
            let before = self.text.char_indices().nth(at.saturating_sub(1));
            before.map_or(self.text.len(), |(byte, _)| byte)
        });
        let by_position =
            byte.and_then(|byte| self.pieces.iter().rposition(|piece| piece.start <= byte));
        let at = by_position.unwrap_or(completed).min(self.pieces.len().saturating_sub(1));
        let Some(piece) = self.pieces.get(at) else { return (Origin::Frame, error) };
        if let (Some(byte), DriverError::Statement(error)) = (byte, &mut error) {
            let in_piece = self.text.get(piece.start..byte).unwrap_or_default();
            error.position = Some(in_piece.chars().count() + 1);
        }
        (piece.origin, error)
    }
}

#[cfg(test)]
mod tests {
    use aludel_driver::StatementError;

    use super::*;

    fn blamed(completed: usize, position: Option<usize>) -> (Origin, Option<usize>) {
        let mut script = Script::default();
        script.add(Origin::Frame, "BEGIN");
        script.add(Origin::Statement { segment: 0, index: 0 }, "SELECT 'é'");
        script.add(Origin::Statement { segment: 0, index: 1 }, "SELECT nope");
        let error = DriverError::Statement(Box::new(StatementError {
            position,
            ..StatementError::default()
        }));
        let (origin, error) = script.blame(ScriptFailure { completed, error });
        (origin, error.statement().and_then(|error| error.position))
    }

    #[test]
    fn an_error_belongs_to_the_statement_at_its_position() {
        let at = |index| Origin::Statement { segment: 0, index };
        // BEGIN;\n has 7 characters, and the first SELECT with its end has 12.
        assert_eq!(blamed(2, Some(27)), (at(1), Some(8)));
        assert_eq!(blamed(0, Some(27)), (at(1), Some(8)), "a syntax error");
        assert_eq!(blamed(1, None), (at(0), None));
        assert_eq!(blamed(0, None), (Origin::Frame, None));
        assert_eq!(blamed(9, None), (at(1), None));
    }
}
