//! Former names of objects.

use std::collections::{BTreeMap, BTreeSet};

use crate::name::{QualifiedName, path};
use crate::object::ObjectId;

/// The former names of objects that have no field for it, and those that are said on the command
/// line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The hint of each object, by its identity under the new name.
    pub objects: BTreeMap<ObjectId, Hint>,
    /// The hints of the labels of an enum type, by the new labels.
    pub labels: BTreeMap<QualifiedName, BTreeMap<String, Hint>>,
    /// The enum types of the columns that hold labels as texts, in a database without enum types.
    pub stored: BTreeMap<ObjectId, QualifiedName>,
    /// The enum types of the columns that are of one, or of an array of one, by their Rust type.
    pub of_enum: BTreeMap<ObjectId, QualifiedName>,
    /// The constraints whose names the models state.
    pub stated: BTreeSet<ObjectId>,
}

impl Hints {
    /// Adds the enum type of a column. `is_stored` says that the column holds labels as texts.
    pub fn add_enum(&mut self, column: ObjectId, of: &QualifiedName, is_stored: bool) {
        let columns = if is_stored { &mut self.stored } else { &mut self.of_enum };
        columns.insert(column, of.clone());
    }

    /// Adds other hints.
    pub fn extend(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.labels.extend(other.labels);
        self.stored.extend(other.stored);
        self.of_enum.extend(other.of_enum);
        self.stated.extend(other.stated);
    }
}

/// A former name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The former name. That of an object in a schema may state the schema that it was in, as in
    /// `app.users`; a name with a dot in it stands in double quotes.
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

    /// Returns the former name of the object that is called `now`. Names in `default_schema` have no
    /// schema.
    pub fn former(&self, now: &QualifiedName, default_schema: Option<&str>) -> QualifiedName {
        match path(&self.from).as_deref() {
            Some([name]) => now.sibling(name.as_str()),
            Some([schema, name]) => {
                QualifiedName::new(Some(schema.clone()), name.as_str()).short(default_schema)
            }
            _ => now.sibling(self.from.as_str()),
        }
    }
}
