use std::fmt;

/// The name of a schema-level object; without a schema it lives in the connection's default one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualifiedName {
    /// The schema (namespace), or `None` for the default schema of the connection.
    pub schema: Option<String>,
    /// The name itself, unquoted and case-sensitive.
    pub name: String,
}

impl QualifiedName {
    /// A name in the default schema.
    pub fn unqualified(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// A name in `schema`, or in the default schema if that is `None`.
    pub fn new(schema: Option<String>, name: impl Into<String>) -> Self {
        Self { schema, name: name.into() }
    }

    /// Reads `name` or `schema.name`.
    pub fn parse(text: &str) -> Self {
        match text.split_once('.') {
            Some((schema, name)) => Self::new(Some(schema.trim().to_owned()), name.trim()),
            None => Self::unqualified(text.trim()),
        }
    }

    /// The same schema with another name.
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
