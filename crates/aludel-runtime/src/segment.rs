//! Segments: the share of one transition in a transaction of the database.

use crate::execution::Execution;
use crate::schedule::Transaction;
use crate::sqlite::wholeness::Wholeness;

/// The statements of one transition in a transaction of the database, with their bookkeeping. A
/// transaction has one segment, or one for each transition of a run in a single transaction.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) execution: &'a Execution<'a>,
    pub(crate) transaction: &'a Transaction<'a>,
    pub(crate) wholeness: Option<&'a Wholeness>,
}
