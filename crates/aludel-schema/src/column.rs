use crate::{SequenceOptions, SqlText};

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// Its SQL type, with modifiers: `character varying(80)`, `vector(384)`.
    pub sql_type: SqlText,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// The server default.
    pub default: Option<SqlText>,
    /// The expression of a generated column.
    pub generated: Option<Box<Generated>>,
    /// `GENERATED … AS IDENTITY`; on SQLite, an alias of the rowid.
    pub identity: Option<Box<Identity>>,
    /// A collation other than that of the type.
    pub collation: Option<String>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The name that this column had before, if the models say so.
    pub renamed_from: Option<String>,
}

impl Column {
    /// A nullable column with nothing but a name and a type.
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

/// A generated column's expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// What it is computed from.
    pub expression: SqlText,
    /// Kept on disk (`STORED`) or computed when read (`VIRTUAL`).
    pub stored: bool,
}

/// An identity column's sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `ALWAYS` rather than `BY DEFAULT`. On SQLite: `AUTOINCREMENT`.
    pub always: bool,
    /// The sequence's name where it is not `<table>_<column>_seq`.
    pub sequence: Option<String>,
    /// The sequence's options where they are not the defaults.
    pub options: SequenceOptions,
}
