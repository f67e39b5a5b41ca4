use crate::{Kind, ObjectId, QualifiedName};

/// An enum type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// Its name.
    pub name: QualifiedName,
    /// Its labels, in order.
    pub labels: Vec<String>,
    /// The comment in the database.
    pub comment: Option<String>,
}

impl EnumType {
    /// Its identity.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(Kind::Enum, self.name.clone())
    }
}
