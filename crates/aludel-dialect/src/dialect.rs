use std::borrow::Cow;
use std::fmt;

use aludel_operations::Operation;
use aludel_schema::{Kind, QualifiedName, SqlText, Table};

use crate::kind::KindFacts;
use crate::step::{Step, Unsupported};
use crate::{Capabilities, SqlStatement, capabilities, kinds, postgres, sqlite};

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

    /// Returns the capabilities of the database.
    pub fn capabilities(self) -> &'static Capabilities {
        match self {
            Self::Postgres => &capabilities::POSTGRES,
            Self::Sqlite => &capabilities::SQLITE,
        }
    }

    /// Quotes an identifier if it needs quotes.
    pub fn quote(self, identifier: &str) -> String {
        let plain = match self {
            Self::Postgres => postgres::reserved::is_plain(identifier),
            Self::Sqlite => sqlite::reserved::is_plain(identifier),
        };
        if plain { identifier.to_owned() } else { quoted(identifier) }
    }

    /// Quotes the parts of a qualified name that need quotes, and joins them with a dot.
    pub fn quote_name(self, name: &QualifiedName) -> String {
        match &name.schema {
            Some(schema) => format!("{}.{}", self.quote(schema), self.quote(&name.name)),
            None => self.quote(&name.name),
        }
    }

    /// Quotes the names that need quotes, and joins them with commas.
    pub fn quote_list<S: AsRef<str>>(self, names: &[S]) -> String {
        let quoted: Vec<String> = names.iter().map(|name| self.quote(name.as_ref())).collect();
        quoted.join(", ")
    }

    /// Returns a string literal with `text` as its value.
    pub fn literal(self, text: &str) -> String {
        let doubled = text.replace('\'', "''");
        if self.capabilities().escape_strings && text.contains(['\\', '\n', '\r']) {
            // The literal stays on one line, because a line of its own could look like a section
            // header of the revision file.
            let escaped = doubled.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
            format!("E'{escaped}'")
        } else {
            format!("'{doubled}'")
        }
    }

    /// Returns a type name together with the server's spelling, as far as the rules for that are
    /// known.
    pub fn sql_type(self, written: &str) -> SqlText {
        let canonical = match self {
            Self::Postgres => postgres::types::canonical(written),
            Self::Sqlite => sqlite::types::canonical(written),
        };
        SqlText {
            written: written.to_owned(),
            canonical: (canonical != written).then_some(canonical),
        }
    }

    /// Returns the database's type for a type of the models, which use PostgreSQL's names; `None`
    /// if there is no counterpart.
    pub fn portable_type(self, written: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Postgres => Some(Cow::Borrowed(written)),
            Self::Sqlite => sqlite::types::portable(written).map(Cow::Borrowed),
        }
    }

    /// Returns the type with which models express a type of this database; `None` if no Rust type
    /// stands for it.
    pub fn notation_type(self, sql_type: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Postgres => Some(Cow::Borrowed(sql_type)),
            Self::Sqlite => sqlite::types::notation(sql_type).map(Cow::Borrowed),
        }
    }

    /// Translates the defaults that models share, such as `now()`, to this database.
    pub fn portable_default(self, written: &str) -> String {
        match self {
            Self::Postgres => written.to_owned(),
            Self::Sqlite => sqlite::types::portable_default(written),
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

    /// Returns the steps that carry out `operations`, in that order.
    ///
    /// # Errors
    ///
    /// Fails with [`Unsupported`] for the first operation that the database has no statement for.
    pub fn steps(self, operations: &[Operation]) -> Result<Vec<Step>, Unsupported> {
        match self {
            Self::Postgres => postgres::steps(operations),
            Self::Sqlite => sqlite::steps(operations),
        }
    }

    /// Returns the table of kinds: an entry for each kind that is data on this database.
    pub fn kinds(self) -> &'static [KindFacts] {
        match self {
            Self::Postgres => kinds::POSTGRES,
            Self::Sqlite => kinds::SQLITE,
        }
    }

    /// Returns the entry of a kind in the table of kinds; `None` if the kind is not data.
    pub fn kind_facts(self, kind: Kind) -> Option<&'static KindFacts> {
        self.kinds().iter().find(|facts| facts.kind == kind)
    }

    /// Quotes the name of a collation, for COLLATE.
    pub fn collation_name(self, name: &str) -> String {
        match self {
            Self::Postgres => postgres::collation_name(name),
            Self::Sqlite => self.quote(name),
        }
    }

    /// Returns true if ALTER TABLE can carry out `operation` on `table` in its current state.
    /// Otherwise the table has to be rebuilt.
    pub fn alters_in_place(self, operation: &Operation, table: &Table) -> bool {
        match self {
            Self::Postgres => true,
            Self::Sqlite => sqlite::alters_in_place(operation, table),
        }
    }

    /// Returns true if the database does not run the statement inside a transaction.
    pub fn must_run_alone(self, statement: &SqlStatement) -> bool {
        match self {
            Self::Postgres => postgres::alone::must_run_alone(&statement.sql),
            Self::Sqlite => sqlite::alone::must_run_alone(&statement.sql),
        }
    }

    /// Returns the transaction command, such as `COMMIT`, if the statement would end the runner's
    /// transaction or begin one of its own.
    pub fn transaction_control(self, sql: &str) -> Option<String> {
        let words: Vec<String> = crate::significant(sql, self)
            .iter()
            .take(3)
            .map(|token| token.text.to_ascii_uppercase())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO"] => None,
            ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT", ..] => Some(words[0].to_owned()),
            ["START" | "PREPARE", "TRANSACTION", ..] => Some(format!("{} TRANSACTION", words[0])),
            _ => None,
        }
    }
}

/// Quotes an identifier in any case.
pub(crate) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        })
    }
}
