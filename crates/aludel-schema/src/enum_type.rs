//! Enum types.

use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};

/// An enum type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// The name of the type.
    pub name: QualifiedName,
    /// The labels, in their sort order.
    pub labels: Vec<String>,
    /// The comment in the database.
    pub comment: Option<String>,
}

impl EnumType {
    /// Returns the identity of the type.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(Kind::Enum, self.name.clone())
    }
}
