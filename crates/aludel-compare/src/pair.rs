/// The same thing in the database and in the target of the comparison.
#[derive(Clone, Copy, Debug)]
pub struct Pair<T> {
    /// As it is.
    pub database: T,
    /// As it shall be.
    pub target: T,
}

impl<T> Pair<T> {
    /// The two sides.
    pub fn new(database: T, target: T) -> Self {
        Self { database, target }
    }
}

impl<T: Copy> Pair<T> {
    /// Whether the two differ in what `read` reads.
    pub fn differs<U: PartialEq>(self, read: impl Fn(T) -> U) -> bool {
        read(self.database) != read(self.target)
    }

    /// The pair of what `read` reads.
    pub fn map<U>(self, read: impl Fn(T) -> U) -> Pair<U> {
        Pair { database: read(self.database), target: read(self.target) }
    }
}
