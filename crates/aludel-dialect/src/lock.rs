use std::fmt;

/// A lock that a statement takes, from the weakest to the strongest.
///
/// The first eight are PostgreSQL's table-level locks, in the order of its documentation (section
/// "Explicit Locking"); which of them conflict is told there too. SQLite has one lock for the whole
/// database.
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
    /// SQLite's lock of the whole database, from the first write to the end of the transaction.
    Database,
}

/// Who has to wait for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocked {
    /// INSERT, UPDATE and DELETE.
    Writers,
    /// Every query.
    Everyone,
}

impl LockMode {
    /// The mode as `pg_locks` names it.
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

    /// The mode that [`as_str`](Self::as_str) names.
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

    /// Who waits while it is held; `None` if ordinary queries go on.
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
