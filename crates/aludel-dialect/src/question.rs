//! Questions to a server about how it spells a text, and its answers.

use aludel_schema::Index;

/// A text whose spelling is asked for.
#[derive(Clone, Debug)]
pub struct Question {
    /// The columns that the text may read: name, type and collation.
    pub columns: Vec<(String, String, Option<String>)>,
    /// The text.
    pub subject: Subject,
}

/// What a text is.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The name of a type.
    Type(String),
    /// The default of a column of `sql_type`.
    #[expect(missing_docs, reason = "named by the variant")]
    Default { sql_type: String, expression: String },
    /// What a column of `sql_type` is generated from.
    #[expect(missing_docs, reason = "named by the variant")]
    Generated { sql_type: String, expression: String, stored: bool },
    /// A check's condition.
    Check(String),
    /// What follows `EXCLUDE`.
    Exclusion(String),
    /// A whole index.
    Index(Box<Index>),
}

/// The server's spelling.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Of a type, default, generated expression, check or exclusion.
    Text(String),
    /// Of an index.
    Index(Box<Index>),
}
