//! Pairs of a value on the database side and its counterpart on the target side.

/// A value of the database side and its counterpart on the target side.
#[derive(Clone, Copy, Debug)]
pub struct Pair<T> {
    /// The value before the change.
    pub database: T,
    /// The value after the change.
    pub target: T,
}

impl<T> Pair<T> {
    /// Creates a pair.
    pub fn new(database: T, target: T) -> Self {
        Self { database, target }
    }
}

impl<T: Copy> Pair<T> {
    /// Returns true if `read` yields different results for the two values.
    pub fn differs<U: PartialEq>(self, read: impl Fn(T) -> U) -> bool {
        read(self.database) != read(self.target)
    }

    /// Applies `read` to both values.
    pub fn map<U>(self, read: impl Fn(T) -> U) -> Pair<U> {
        Pair { database: read(self.database), target: read(self.target) }
    }
}
