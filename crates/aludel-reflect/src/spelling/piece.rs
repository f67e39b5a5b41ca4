//! Pieces: objects by which the server is asked about a part of a model that is no text.

use aludel_operations::{Object, Operation};

/// The beginning of the names of pieces, which a number follows.
pub(super) const PIECE: &str = "aludel_piece_";

/// Objects that nothing else has, made by operations. It is asked only whether the server accepts
/// them.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// The operations, in order.
    pub(super) operations: Vec<Operation>,
    /// The names outside of the question that those of the pieces stand for, by number.
    pub(super) names: Vec<String>,
}

impl Piece {
    /// Returns a text with the names of the models in place of those of the pieces, which begin with
    /// `prefix`.
    pub(super) fn original(names: &[String], prefix: &str, text: &str) -> String {
        let numbered = names.iter().enumerate().rev();
        numbered
            .fold(text.to_owned(), |text, (at, name)| text.replace(&format!("{prefix}{at}"), name))
    }

    /// Returns a piece as it is in the temporary schema, which has neither logged nor unlogged objects.
    pub(super) fn temporary(&self) -> Self {
        let mut piece = self.clone();
        for operation in &mut piece.operations {
            match operation {
                Operation::Create(Object::Table(table)) => table.options.unlogged = false,
                Operation::Create(Object::Sequence(sequence)) => sequence.options.unlogged = None,
                Operation::Create(_)
                | Operation::Drop(_)
                | Operation::Rename { .. }
                | Operation::Alter(_)
                | Operation::Restore(_)
                | Operation::Comment { .. } => {}
            }
        }
        piece
    }
}
