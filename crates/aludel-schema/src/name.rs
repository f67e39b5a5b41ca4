//! Names of objects in schemas.

use std::borrow::Cow;
use std::fmt;

/// The name of an object in a schema. Without a schema, the connection's default one applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualifiedName {
    /// The schema (namespace), or `None` for the default schema of the connection.
    pub schema: Option<String>,
    /// The name itself, without quotes and case-sensitive.
    pub name: String,
}

impl QualifiedName {
    /// Creates a name in the default schema.
    pub fn unqualified(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// Creates a name in `schema`, or in the default schema if that is `None`.
    pub fn new(schema: Option<String>, name: impl Into<String>) -> Self {
        Self { schema, name: name.into() }
    }

    /// Parses `name` or `schema.name`.
    pub fn parse(text: &str) -> Self {
        match path(text).as_deref() {
            Some([name]) => return Self::unqualified(name.as_str()),
            Some([schema, name]) => return Self::new(Some(schema.clone()), name.as_str()),
            Some(_) | None => {}
        }
        match text.split_once('.') {
            Some((schema, name)) => Self::new(Some(schema.trim().to_owned()), name.trim()),
            None => Self::unqualified(text.trim()),
        }
    }

    /// Returns the name as [`path`] reads it.
    pub fn dotted(&self) -> String {
        let schema = self.schema.as_ref().map(|schema| format!("{}.", path_part(schema)));
        schema.unwrap_or_default() + &path_part(&self.name)
    }

    /// Returns the name without the schema if that is the default one.
    #[must_use]
    pub fn short(mut self, default_schema: Option<&str>) -> Self {
        self.schema.take_if(|schema| Some(schema.as_str()) == default_schema);
        self
    }

    /// Returns the name as it is known. A short name is that of an object of the default schema, which
    /// states the schema if the server has one of its own with the name.
    #[must_use]
    pub fn as_known(self, default: Option<&str>, is_known: impl Fn(&Self) -> bool) -> Self {
        let short = self.clone().short(default);
        let schema = short.schema.clone().or_else(|| default.map(str::to_owned));
        let stated = Self::new(schema, short.name.as_str());
        [short, stated].into_iter().find(is_known).unwrap_or(self)
    }

    /// Returns another name in the same schema.
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Returns the parts of a dotted name; `None` if it is none. A part that has a dot in it stands in
/// double quotes. Words keep their case.
pub fn path(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, behind) = match rest.strip_prefix('"') {
            Some(_) => quoted(rest)?,
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        match behind.trim_start() {
            "" => return Some(parts),
            more => rest = more.strip_prefix('.')?.trim_start(),
        }
    }
}

/// Returns a name as a part of a dotted name or of a list of names: in double quotes if it has a sign that
/// means something there. It is the inverse of [`path`].
pub fn path_part(name: &str) -> Cow<'_, str> {
    let is_plain = !name.contains(['.', ',', '(', ')', '"']) && name.trim() == name;
    match is_plain && !name.is_empty() {
        true => Cow::Borrowed(name),
        false => Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))),
    }
}

/// Returns the place of the first of some signs that stands outside of double quotes.
pub fn outside_quotes(text: &str, signs: &[char]) -> Option<usize> {
    let mut is_quoted = false;
    let found = text.char_indices().find(|(_, sign)| {
        is_quoted ^= *sign == '"';
        !is_quoted && signs.contains(sign)
    });
    found.map(|(at, _)| at)
}

/// Reads a name in double quotes, in which a double quote is written twice, and returns it with the
/// text behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text.strip_prefix('"')?;
    loop {
        let at = rest.find('"')?;
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}
