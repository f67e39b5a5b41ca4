//! Impossible differences: those that no operation can remove.

use aludel_schema::ObjectId;

/// A difference that no operation can remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The object that differs.
    pub object: ObjectId,
    /// A description of the difference, with advice on how to resolve it.
    pub reason: String,
}
