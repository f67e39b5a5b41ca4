//! Columns.

use crate::sequence::SequenceOptions;
use crate::sql_text::SqlText;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The SQL type, with modifiers: `character varying(80)`, `vector(384)`.
    pub sql_type: SqlText,
    /// True if the column accepts NULL.
    pub nullable: bool,
    /// The default that the server applies.
    pub default: Option<SqlText>,
    /// The expression, if the column is generated.
    pub generated: Option<Box<Generated>>,
    /// The identity, if there is one: `GENERATED … AS IDENTITY`; on SQLite, an alias of the rowid.
    pub identity: Option<Box<Identity>>,
    /// The collation, if it differs from that of the type.
    pub collation: Option<String>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The former name of the column, if the models declare a rename.
    pub renamed_from: Option<String>,
}

impl Column {
    /// Creates a nullable column that has nothing but a name and a type.
    pub fn new(name: impl Into<String>, sql_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: SqlText::new(sql_type),
            nullable: true,
            default: None,
            generated: None,
            identity: None,
            collation: None,
            comment: None,
            renamed_from: None,
        }
    }
}

/// The expression of a generated column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The expression that yields the value.
    pub expression: SqlText,
    /// True if the value is stored (`STORED`), false if it is computed on read (`VIRTUAL`).
    pub stored: bool,
}

/// The properties of an identity column and its sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// True for `ALWAYS`, false for `BY DEFAULT`. On SQLite, true means `AUTOINCREMENT`.
    pub always: bool,
    /// The name of the sequence, if it is not `<table>_<column>_seq`.
    pub sequence: Option<String>,
    /// The options of the sequence that differ from the defaults.
    pub options: SequenceOptions,
}
