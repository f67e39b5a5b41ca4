//! Locks that statements take on a server, and the sessions that they block.

use std::fmt;

/// A lock that a statement takes, ordered from the weakest to the strongest.
///
/// The first eight are PostgreSQL's table-level locks, in the order of its documentation (section
/// "Explicit Locking"), which also defines the conflicts between them. SQLite has a single lock for
/// the whole database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of PostgreSQL's documentation")]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
    /// SQLite's lock on the whole database, from the first write to the end of the transaction.
    Database,
}

/// The sessions that have to wait for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocked {
    /// Sessions that run INSERT, UPDATE or DELETE.
    Writers,
    /// Sessions that run any query.
    Everyone,
}

impl LockMode {
    /// Returns the name of the mode in `pg_locks`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessShare => "AccessShareLock",
            Self::RowShare => "RowShareLock",
            Self::RowExclusive => "RowExclusiveLock",
            Self::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            Self::Share => "ShareLock",
            Self::ShareRowExclusive => "ShareRowExclusiveLock",
            Self::Exclusive => "ExclusiveLock",
            Self::AccessExclusive => "AccessExclusiveLock",
            Self::Database => "DatabaseLock",
        }
    }

    /// Returns the mode with that name, as given by [`as_str`](Self::as_str).
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::AccessShare,
            Self::RowShare,
            Self::RowExclusive,
            Self::ShareUpdateExclusive,
            Self::Share,
            Self::ShareRowExclusive,
            Self::Exclusive,
            Self::AccessExclusive,
            Self::Database,
        ]
        .into_iter()
        .find(|mode| mode.as_str() == name)
    }

    /// Returns the sessions that the lock blocks; `None` if it blocks neither reads nor writes of
    /// rows.
    pub fn blocks(self) -> Option<Blocked> {
        match self {
            Self::AccessShare
            | Self::RowShare
            | Self::RowExclusive
            | Self::ShareUpdateExclusive => None,
            Self::Share | Self::ShareRowExclusive | Self::Exclusive | Self::Database => {
                Some(Blocked::Writers)
            }
            Self::AccessExclusive => Some(Blocked::Everyone),
        }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Writers => "writers",
            Self::Everyone => "readers and writers",
        })
    }
}
