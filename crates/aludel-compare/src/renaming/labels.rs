//! The labels of enum types, and of the columns that hold labels as texts.

use aludel_dialect::Dialect;
use aludel_schema::{Metadata, ObjectId, QualifiedName};

use crate::renaming::hints::Step;

/// A label on the database side, with its name on the target side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRename {
    /// The enum type, or the column that holds the label as a text, by its new name.
    pub of: ObjectId,
    /// The old label.
    pub from: String,
    /// The new label.
    pub to: String,
}

impl Step for LabelRename {
    fn from(&self) -> QualifiedName {
        QualifiedName::unqualified(self.from.as_str())
    }

    fn to(&self) -> QualifiedName {
        QualifiedName::unqualified(self.to.as_str())
    }

    fn by_way_of(self, third: &str) -> [Self; 2] {
        let of = self.of.clone();
        let away = Self { of: of.clone(), from: self.from, to: third.to_owned() };
        [away, Self { of, from: third.to_owned(), to: self.to }]
    }
}

/// Returns the labels of an enum type, or those that the check of a column lists.
pub(crate) fn of(metadata: &Metadata, id: &ObjectId, dialect: Dialect) -> Option<Vec<String>> {
    match &id.table {
        None => metadata.enums.get(&id.name).map(|own| own.labels.clone()),
        Some(table) => dialect.labels_in(metadata.tables.get(table)?, &id.name.name),
    }
}
