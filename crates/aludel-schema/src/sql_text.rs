use std::fmt;

/// A piece of SQL that metadata carries without understanding it: an expression or a type name.
///
/// Two texts are equal if their canonical spellings are; the written text is what ends up in a
/// revision file, because it is what the author will recognise.
#[derive(Clone, Debug)]
pub struct SqlText {
    /// As the author (or the catalogue) wrote it.
    pub written: String,
    /// As the server spells it, where that is known to differ.
    pub canonical: Option<String>,
}

impl SqlText {
    /// A text whose canonical spelling is not known to differ.
    pub fn new(written: impl Into<String>) -> Self {
        Self { written: written.into(), canonical: None }
    }

    /// The spelling to compare by.
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
