//! Types of columns, with the defaults and the neutral values that go with them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aludel_schema::{CastContext, CastTypes, Column, Identity, SequenceOptions, SqlText, Table};

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::postgres::retype::cast;
use crate::postgres::retype::length;
use crate::postgres::retype::sql_type::SqlType;
use crate::postgres::types as postgres;
use crate::sqlite::types as sqlite;
use crate::token::{Token, TokenKind};

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
            calls: None,
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

    /// Returns true if rows without a value of the column get a number of their own, though it is no
    /// identity column: the rowid of SQLite.
    pub fn numbers_rows(self, table: &Table, column: &Column) -> bool {
        match self {
            Self::Postgres => false,
            Self::Sqlite => crate::sqlite::table::is_rowid(table, column),
        }
    }

    /// Returns the name of a type in the server's spelling without modifiers, such as
    /// `character varying` for `character varying(3)`.
    pub fn without_modifiers(self, sql_type: &str) -> String {
        match self {
            Self::Postgres => SqlType::parse(sql_type).plain(),
            Self::Sqlite => sql_type.to_owned(),
        }
    }

    /// Returns true for a type of the server itself, whose spelling is known without asking.
    pub fn is_own_type(self, sql_type: &str) -> bool {
        match self {
            Self::Postgres => SqlType::parse(sql_type).is_builtin(),
            Self::Sqlite => true,
        }
    }

    /// Returns true for a type of the server itself whose values an index sorts, because there is a
    /// default operator class for that.
    pub fn is_ordered(self, sql_type: &str) -> bool {
        match self {
            Self::Postgres => SqlType::parse(sql_type).is_ordered(),
            Self::Sqlite => true,
        }
    }

    /// Returns true if it is known without asking that an expression is a default of a type: a literal
    /// in the range of the type, or the present time. False says nothing.
    pub fn is_certain_default(self, sql_type: &str, expression: &str) -> bool {
        match self {
            Self::Postgres => SqlType::parse(sql_type).is_certain_default(expression),
            Self::Sqlite => false,
        }
    }

    /// Returns the storage mode that columns of a type have by themselves; `None` if nothing is known
    /// of the type.
    pub fn usual_storage(self, sql_type: &str) -> Option<&'static str> {
        match self {
            Self::Postgres => SqlType::parse(sql_type).usual_storage(),
            Self::Sqlite => None,
        }
    }

    /// Returns the number of bytes that a value of a type takes at most; `None` if it is unlimited or unknown.
    pub fn longest_value(self, sql_type: &str) -> Option<usize> {
        match self {
            Self::Postgres => length::longest(&SqlType::parse(sql_type)),
            Self::Sqlite => None,
        }
    }

    /// Returns the storage mode that columns of a type likely have by themselves.
    pub fn likely_storage(self, sql_type: &str) -> &'static str {
        match self {
            Self::Postgres => SqlType::parse(sql_type).likely_storage(),
            Self::Sqlite => "",
        }
    }

    /// Returns true if it is known without asking that a foreign key leads from a column of a type to
    /// one of another type. False says nothing.
    pub fn is_certain_reference(self, from: &str, to: &str) -> bool {
        match self {
            Self::Postgres => from == to || SqlType::parse(from).is_compared_with(to),
            Self::Sqlite => true,
        }
    }

    /// Returns true if it is known that values that differ in one type still differ in another one, as
    /// far as they can be converted without a loss. False says nothing.
    pub fn keeps_apart(self, from: &str, to: &str) -> bool {
        match self {
            Self::Postgres => SqlType::parse(from).is_kept_apart_in(&SqlType::parse(to)),
            Self::Sqlite => true,
        }
    }

    /// Returns true if the text of a value of one type, read as one of another type, is known to give what a
    /// conversion gives. False says nothing.
    pub fn keeps_text(self, from: &str, to: &str) -> bool {
        match self {
            Self::Postgres => SqlType::parse(from).has_texts_of(&SqlType::parse(to)),
            Self::Sqlite => true,
        }
    }

    /// Returns true if texts that differ may be equal by a collation, as its name alone says.
    pub fn equates_texts(self, collation: &str) -> bool {
        match self {
            Self::Postgres => false,
            // SQLite has BINARY, NOCASE and RTRIM, and an application may add others.
            Self::Sqlite => !collation.eq_ignore_ascii_case("binary"),
        }
    }

    /// Returns true if it is known without asking that a column of a type takes an identity. False
    /// says nothing.
    pub fn is_certain_identity(self, sql_type: &str, identity: &Identity) -> bool {
        match self {
            Self::Postgres => {
                matches!(sql_type, "smallint" | "integer" | "bigint")
                    && identity.options == SequenceOptions::default()
            }
            Self::Sqlite => sql_type.eq_ignore_ascii_case("integer"),
        }
    }

    /// Returns the casts between the types of the database itself that the dialect knows. They are a
    /// copy of the server's own table, with which a test compares them.
    pub fn known_casts(self) -> BTreeMap<CastTypes, CastContext> {
        match self {
            Self::Postgres => cast::builtin(),
            Self::Sqlite => BTreeMap::new(),
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
        if sql_type.ends_with("[]") {
            return Some("'{}'".to_owned());
        }
        let (base, rest) = sql_type.split_once('(').unwrap_or((&sql_type, ""));
        Some(match base.trim() {
            "text" | "character varying" | "character" | "varchar" | "name" | "citext"
            | "bytea" | "hstore" | "ltree" | "tsvector" | "tsquery" | "xml" | "\"char\""
            | "bit varying" => "''".to_owned(),
            "blob" => "x''".to_owned(),
            "smallint" | "integer" | "bigint" | "real" | "double precision" | "numeric"
            | "money" | "oid" => "0".to_owned(),
            "boolean" => "false".to_owned(),
            "json" | "jsonb" => "'null'".to_owned(),
            "uuid" => "'00000000-0000-0000-0000-000000000000'".to_owned(),
            "date" => "'1970-01-01'".to_owned(),
            "inet" | "cidr" => "'0.0.0.0'".to_owned(),
            "macaddr" => "'00:00:00:00:00:00'".to_owned(),
            "macaddr8" => "'00:00:00:00:00:00:00:00'".to_owned(),
            "point" => "'(0,0)'".to_owned(),
            "pg_lsn" => "'0/0'".to_owned(),
            "bit" => {
                let length = rest.trim_end_matches(')').trim().parse().unwrap_or(1);
                format!("B'{}'", "0".repeat(length))
            }
            base if base.starts_with("interval") => "'0'".to_owned(),
            base if base.starts_with("timestamp") => "'1970-01-01 00:00:00Z'".to_owned(),
            base if base.starts_with("time") => "'00:00:00Z'".to_owned(),
            base if base.ends_with("multirange") => "'{}'".to_owned(),
            base if base.ends_with("range") => "'empty'".to_owned(),
            _ => return None,
        })
    }

    /// Returns the first literal of a condition `column IN ('a', 'b')`; `None` for any other
    /// condition.
    pub fn first_listed(self, condition: &str, column: &str) -> Option<String> {
        let (name, literals) = self.listed(condition)?;
        literals.into_iter().next().filter(|_| name == column)
    }

    /// Returns the column and the literals of a condition `column IN ('a', 'b')`; `None` for any
    /// other condition.
    pub fn listed(self, condition: &str) -> Option<(String, Vec<String>)> {
        let tokens = significant(condition, self);
        let [name, word, open, list @ .., close] = tokens.as_slice() else { return None };
        let is_list = word.is_word("in") && open.is_symbol("(") && close.is_symbol(")");
        let items = list.iter().filter(|token| !token.is_symbol(","));
        let literal =
            |token: &Token<'_>| (token.kind == TokenKind::String).then(|| token.text.to_owned());
        let literals = items.map(literal).collect::<Option<Vec<String>>>()?;
        Some((name.identifier().filter(|_| is_list)?, literals))
    }
}
