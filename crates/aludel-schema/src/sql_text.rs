//! SQL texts that are compared by the spelling of the server.

use std::fmt;

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
}

impl SqlText {
    /// Creates a text whose canonical spelling is not known to differ.
    pub fn new(written: impl Into<String>) -> Self {
        Self { written: written.into(), canonical: None }
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
