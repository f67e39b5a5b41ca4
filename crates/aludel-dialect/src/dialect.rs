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

    /// Returns the query that gives a session another search path, if names without a schema would be made
    /// in none or in the server's own: the path without `pg_catalog`, which the server searches first anyway,
    /// or else `public`. It returns the path that it sets, as `search_path`; `None` for a database without
    /// schemas.
    pub fn usual_search_path(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some(
                "SELECT pg_catalog.set_config('search_path', coalesce((SELECT pg_catalog.string_agg(p.part, ',' ORDER BY p.at) \
                 FROM pg_catalog.string_to_table(pg_catalog.current_setting('search_path'), ',') WITH ORDINALITY p(part, at) \
                 WHERE pg_catalog.btrim(p.part, ' \"') NOT IN ('pg_catalog', '')), 'public'), false) AS search_path \
                 WHERE pg_catalog.current_setting('search_path') IN ('', '\"\"') OR current_schema() = 'pg_catalog'",
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
