//! The outcome of a statement outside a transaction, as the catalogue shows it.

/// The outcome of a statement outside a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The statement was completed.
    Done,
    /// The statement was not completed, and can be executed.
    NotDone {
        /// The statements that remove what a failed attempt left behind.
        leftovers: Vec<String>,
    },
    /// The catalogue does not show it.
    Unknown,
}
