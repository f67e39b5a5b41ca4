//! Casts: the conversions between types that a server has.

/// The types of a cast, in the server's spelling and without modifiers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CastTypes {
    /// The type of the values before.
    pub from: String,
    /// The type of the values after.
    pub to: String,
}

/// The contexts in which a server applies a cast without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastContext {
    /// Everywhere.
    Implicit,
    /// In an assignment to a column. A change of the column's type is one too.
    Assignment,
    /// Only where it is written.
    Explicit,
    /// Only where it is written: a range becomes the multirange of it alone.
    OfRange,
    /// Nowhere: a multirange of one range becomes that range by an expression.
    OfMultirange,
}
