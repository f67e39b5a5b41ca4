//! The rename of one object.

use aludel_schema::{ObjectId, QualifiedName};

use crate::renaming::hints::Step;

/// An object of the database side with its name on the target side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRename {
    /// The object under its old name. A column refers to its table by the table's new name.
    pub from: ObjectId,
    /// The new name, which may be in another schema. A rename that was applied has either another
    /// name or another schema.
    pub to: QualifiedName,
}

impl Step for ObjectRename {
    fn from(&self) -> QualifiedName {
        self.from.name.clone()
    }

    fn to(&self) -> QualifiedName {
        self.to.clone()
    }

    fn by_way_of(self, third: &str) -> [Self; 2] {
        let third = self.from.name.sibling(third);
        let between = ObjectId { name: third.clone(), ..self.from.clone() };
        [Self { from: self.from, to: third }, Self { from: between, to: self.to }]
    }
}
