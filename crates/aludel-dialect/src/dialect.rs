//! The dialects by name: the database systems that Aludel supports, and their capabilities.

use std::fmt;

use crate::capabilities::{Capabilities, POSTGRES, SQLITE};

/// A database system that Aludel supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// PostgreSQL, and databases that are compatible with it.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Sqlite];

    /// Returns the name that configuration and section headers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    /// Returns the dialect of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "postgres" | "postgresql" => Some(Self::Postgres),
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// Returns the query that gives a session `public` as its search path if the path that it has is empty.
    /// Names without a schema would mean nothing to the server. It returns the path that it sets, as
    /// `search_path`; `None` for a database without schemas.
    pub fn usual_search_path(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some(
                "SELECT pg_catalog.set_config('search_path', 'public', false) AS search_path \
                 WHERE pg_catalog.current_setting('search_path') IN ('', '\"\"')",
            ),
            Self::Sqlite => None,
        }
    }

    /// Returns the capabilities of the database.
    pub fn capabilities(self) -> &'static Capabilities {
        match self {
            Self::Postgres => &POSTGRES,
            Self::Sqlite => &SQLITE,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        })
    }
}
