//! The number of rows in tables, as far as it is cheap to know.

use std::collections::BTreeMap;
use std::fmt;

use aludel_driver::{Connection, DatabaseKind, DriverError};
use aludel_schema::QualifiedName;

use crate::{postgres, sqlite};

/// The rows that are counted one by one. More of them are estimated.
pub(crate) const COUNTED: u64 = 1000;

/// A number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowCount {
    /// The rows were counted.
    Exact(u64),
    /// The database's own estimate.
    About(u64),
    /// There are more rows than were counted, and the database has no estimate.
    MoreThan(u64),
}

impl fmt::Display for RowCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(1) => f.write_str("1 row"),
            Self::Exact(rows) => write!(f, "{rows} rows"),
            Self::About(rows) => write!(f, "about {rows} rows"),
            Self::MoreThan(rows) => write!(f, "more than {rows} rows"),
        }
    }
}

impl RowCount {
    /// Returns the number of the rows of two tables.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (Self::Exact(one) | Self::About(one) | Self::MoreThan(one)) = self;
        let (Self::Exact(two) | Self::About(two) | Self::MoreThan(two)) = other;
        let sum = one.saturating_add(two);
        match (self, other) {
            (Self::Exact(_), Self::Exact(_)) => Self::Exact(sum),
            (Self::MoreThan(_), _) | (_, Self::MoreThan(_)) => Self::MoreThan(sum),
            (Self::About(_), _) | (_, Self::About(_)) => Self::About(sum),
        }
    }

    /// Returns the number for rows that were counted up to one above the limit, and an estimate.
    pub(crate) fn of(counted: u64, estimate: Option<u64>) -> Self {
        match estimate {
            _ if counted <= COUNTED => Self::Exact(counted),
            Some(estimate) if estimate > COUNTED => Self::About(estimate),
            Some(_) | None => Self::MoreThan(COUNTED),
        }
    }
}

/// Returns the number of rows in each of the tables, without those of its heirs. What the role may not read, and what another
/// session has locked, is left out.
///
/// # Errors
///
/// Fails if the connection is lost.
pub async fn row_counts(
    connection: &Connection<'_>,
    tables: &[QualifiedName],
) -> Result<BTreeMap<QualifiedName, RowCount>, DriverError> {
    let counted = match connection.kind() {
        DatabaseKind::Postgres => postgres::filled::count(connection, tables).await,
        DatabaseKind::Sqlite => sqlite::filled::count(connection, tables).await,
    };
    match counted {
        // A number is no reason to fail.
        Err(DriverError::Statement(_)) => Ok(BTreeMap::new()),
        counted => counted,
    }
}

#[cfg(test)]
mod tests {
    use super::RowCount;

    #[test]
    fn few_rows_are_counted_and_many_estimated() {
        for (counted, estimate, said) in [
            (0, None, "0 rows"),
            (1, Some(70), "1 row"),
            (1000, Some(70), "1000 rows"),
            (1001, Some(70), "more than 1000 rows"),
            (1001, None, "more than 1000 rows"),
            (1001, Some(5_000_000), "about 5000000 rows"),
        ] {
            assert_eq!(RowCount::of(counted, estimate).to_string(), said);
        }
    }
}
