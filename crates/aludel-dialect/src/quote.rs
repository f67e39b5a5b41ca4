//! Quotes around identifiers and string literals.

use aludel_schema::QualifiedName;

use crate::dialect::Dialect;
use crate::postgres::reserved as postgres;
use crate::sqlite::reserved as sqlite;

impl Dialect {
    /// Quotes an identifier if it needs quotes.
    pub fn quote(self, identifier: &str) -> String {
        let plain = match self {
            Self::Postgres => postgres::is_plain(identifier),
            Self::Sqlite => sqlite::is_plain(identifier),
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
}

/// Quotes an identifier in any case.
pub(crate) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
