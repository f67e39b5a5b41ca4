//! SQL texts that are compared by the spelling of the server.

use std::fmt;

use crate::object::ObjectId;

/// An opaque piece of SQL: an expression or the name of a type.
///
/// Two texts are equal if their canonical spellings are. Revision files contain the written text,
/// because that is the one that its author recognises.
#[derive(Clone, Debug)]
pub struct SqlText {
    /// The text as the author or the catalogue wrote it.
    pub written: String,
    /// The server's spelling, if it is known to differ.
    pub canonical: Option<String>,
    /// The functions, aggregates and operators that the server calls for the text, without those of its
    /// own. The text shows their names only, which several can have. `None` if no server was asked.
    pub calls: Option<Vec<ObjectId>>,
}

impl SqlText {
    /// Creates a text whose canonical spelling is not known to differ.
    pub fn new(written: impl Into<String>) -> Self {
        Self { written: written.into(), canonical: None, calls: None }
    }

    /// Returns the text with what the server calls for it.
    #[must_use]
    pub fn calling(self, calls: Vec<ObjectId>) -> Self {
        Self { calls: Some(calls), ..self }
    }

    /// Returns the spelling that comparisons use.
    pub fn spelling(&self) -> &str {
        self.canonical.as_deref().unwrap_or(&self.written)
    }
}

impl PartialEq for SqlText {
    fn eq(&self, other: &Self) -> bool {
        self.spelling() == other.spelling()
    }
}

impl Eq for SqlText {}

impl fmt::Display for SqlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl From<&str> for SqlText {
    fn from(written: &str) -> Self {
        Self::new(written)
    }
}
