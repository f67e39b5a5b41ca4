//! Former names of objects.

use std::collections::BTreeMap;

use crate::name::QualifiedName;
use crate::object::ObjectId;

/// The former names of objects that have no field for it, and those that are said on the command
/// line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The hint of each object, by its identity under the new name.
    pub objects: BTreeMap<ObjectId, Hint>,
    /// The hints of the labels of an enum type, by the new labels.
    pub labels: BTreeMap<QualifiedName, BTreeMap<String, Hint>>,
}

/// A former name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The former name.
    pub from: String,
    /// True if the rename is asked for once, on the command line. A hint in the models stays there
    /// after the rename.
    pub once: bool,
}

impl Hint {
    /// Creates the hint of a model.
    pub fn lasting(from: impl Into<String>) -> Self {
        Self { from: from.into(), once: false }
    }
}
