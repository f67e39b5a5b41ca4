//! Types of columns, with the defaults and the neutral values that go with them.

use std::borrow::Cow;

use aludel_schema::{SqlText, Table};

use crate::dialect::Dialect;
use crate::postgres::types as postgres;
use crate::sqlite::types as sqlite;

impl Dialect {
    /// Returns a type name together with the server's spelling, as far as the rules for that are
    /// known.
    pub fn sql_type(self, written: &str) -> SqlText {
        let canonical = match self {
            Self::Postgres => postgres::canonical(written),
            Self::Sqlite => sqlite::canonical(written),
        };
        SqlText {
            written: written.to_owned(),
            canonical: (canonical != written).then_some(canonical),
        }
    }

    /// Returns true if a primary key of these columns may hold NULL, because their table does not
    /// forbid it.
    pub fn key_may_be_null(self, table: &Table, key: &[String]) -> bool {
        match self {
            Self::Postgres => false,
            Self::Sqlite => crate::sqlite::table::key_may_be_null(table, key),
        }
    }

    /// Returns the database's type for a type of the models, which use PostgreSQL's names; `None`
    /// if there is no counterpart.
    pub fn portable_type(self, written: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Postgres => Some(Cow::Borrowed(written)),
            Self::Sqlite => sqlite::portable(&postgres::canonical(written)).map(Cow::Borrowed),
        }
    }

    /// Returns the type with which models express a type of this database; `None` if no Rust type
    /// stands for it.
    pub fn notation_type(self, sql_type: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Postgres => Some(Cow::Borrowed(sql_type)),
            Self::Sqlite => sqlite::notation(sql_type).map(Cow::Borrowed),
        }
    }

    /// Translates the defaults that models share, such as `now()`, to this database.
    pub fn portable_default(self, written: &str) -> String {
        match self {
            Self::Postgres => written.to_owned(),
            Self::Sqlite => sqlite::portable_default(written),
        }
    }

    /// Returns a neutral value for a column of this type, such as `0` or `''`; `None` if the type
    /// has none.
    pub fn empty_value(self, sql_type: &str) -> Option<String> {
        let sql_type = self.sql_type(sql_type).spelling().to_ascii_lowercase();
        let base = sql_type.split('(').next().unwrap_or_default().trim();
        Some(match base {
            _ if sql_type.ends_with("[]") => "'{}'".to_owned(),
            "text" | "character varying" | "character" | "varchar" | "bytea" => "''".to_owned(),
            "blob" => "x''".to_owned(),
            "smallint" | "integer" | "bigint" | "real" | "double precision" | "numeric" => {
                "0".to_owned()
            }
            "boolean" => "false".to_owned(),
            "json" | "jsonb" => "'null'".to_owned(),
            "uuid" => "'00000000-0000-0000-0000-000000000000'".to_owned(),
            "date" => "'1970-01-01'".to_owned(),
            "interval" => "'0'".to_owned(),
            _ if base.starts_with("timestamp") => "'1970-01-01 00:00:00Z'".to_owned(),
            _ if base.ends_with("range") => "'empty'".to_owned(),
            _ => return None,
        })
    }
}
