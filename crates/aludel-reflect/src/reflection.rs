use std::collections::BTreeSet;
use std::fmt;

use aludel_schema::{Metadata, ObjectId};

/// The contents of a database.
#[derive(Clone, Debug, Default)]
pub struct Reflection {
    /// The part that metadata can represent.
    pub metadata: Metadata,
    /// The objects and aspects that metadata can't represent.
    pub leftovers: Vec<Leftover>,
    /// The tables that a partition manager makes and drops by itself.
    pub partitions: BTreeSet<ObjectId>,
    /// The schema of names without a schema; empty on SQLite.
    pub default_schema: String,
}

/// An object, or an aspect of one, that metadata can't represent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// The identity of the object.
    pub object: ObjectId,
    /// The aspect that can't be represented, such as `row level security`; `None` for the whole
    /// object.
    pub aspect: Option<String>,
}

impl Leftover {
    /// Returns the aspect in words, or else the kind of the object.
    pub fn what(&self) -> &str {
        self.aspect.as_deref().unwrap_or_else(|| self.object.kind.noun())
    }
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what(), self.object.place())
    }
}
