//! The tools whose histories can be read.

use std::fmt;

use crate::version::{dotted, plain, short};

/// A migration tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// Alembic, for Python.
    Alembic,
    /// sqlx, for Rust.
    Sqlx,
    /// diesel, for Rust.
    Diesel,
    /// refinery, for Rust.
    Refinery,
    /// SeaORM, for Rust.
    SeaOrm,
    /// goose, for Go.
    Goose,
    /// Flyway, for Java.
    Flyway,
}

impl Tool {
    /// All tools.
    pub const ALL: [Self; 7] = [
        Self::Alembic,
        Self::Sqlx,
        Self::Diesel,
        Self::Refinery,
        Self::SeaOrm,
        Self::Goose,
        Self::Flyway,
    ];

    /// Returns the name, as the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alembic => "alembic",
            Self::Sqlx => "sqlx",
            Self::Diesel => "diesel",
            Self::Refinery => "refinery",
            Self::SeaOrm => "sea-orm",
            Self::Goose => "goose",
            Self::Flyway => "flyway",
        }
    }

    /// Returns the tool of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Returns the name of the table in which the tool keeps its books by default.
    pub fn table(self) -> &'static str {
        match self {
            Self::Alembic => "alembic_version",
            Self::Sqlx => "_sqlx_migrations",
            Self::Diesel => "__diesel_schema_migrations",
            Self::Refinery => "refinery_schema_history",
            Self::SeaOrm => "seaql_migrations",
            Self::Goose => "goose_db_version",
            Self::Flyway => "flyway_schema_history",
        }
    }

    /// Returns a form of a version that is equal for the version in a file, in the tool's table and
    /// in the id of the revision that stands for it.
    pub fn key(self, version: &str) -> String {
        match self {
            Self::Alembic => version.to_owned(),
            Self::Sqlx | Self::Refinery | Self::Goose => plain(version),
            Self::Diesel => version.replace('-', ""),
            Self::SeaOrm => short(version),
            Self::Flyway => dotted(version),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alembic => "Alembic",
            Self::Sqlx => "sqlx",
            Self::Diesel => "diesel",
            Self::Refinery => "refinery",
            Self::SeaOrm => "SeaORM",
            Self::Goose => "goose",
            Self::Flyway => "Flyway",
        })
    }
}
