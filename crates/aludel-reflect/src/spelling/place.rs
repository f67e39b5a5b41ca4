use std::fmt;

use aludel_schema::ObjectId;

/// The place of a text in metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The object that has the text.
    pub object: ObjectId,
    /// The part of the object that is the text.
    pub part: Part,
}

/// A part of an object that is an SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The type of a column.
    Type,
    /// The default of a column.
    Default,
    /// The expression of a generated column.
    Generated,
    /// The expression for the values of a column whose type changes.
    Using,
    /// The key by which a table is partitioned.
    PartitionKey,
    /// The options of a definition.
    Options,
    /// The whole constraint, index or definition.
    Whole,
    /// The statement of that number, from 0, that sets an attribute of a definition.
    Attribute(usize),
}

impl Place {
    /// Returns the place of the type of a column beside a text.
    pub(super) fn type_of(&self, column: &str) -> Self {
        let table = self.object.table.as_ref().unwrap_or(&self.object.name);
        Self { object: ObjectId::column(table, column), part: Part::Type }
    }
}

impl Part {
    /// Returns true if the part is no text inside of the object.
    pub(super) fn is_whole(self) -> bool {
        match self {
            Self::Whole | Self::Attribute(_) => true,
            Self::Type
            | Self::Default
            | Self::Generated
            | Self::Using
            | Self::PartitionKey
            | Self::Options => false,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Type => write!(f, "the type of {}", self.object.place()),
            Part::Default => write!(f, "the default of {}", self.object.place()),
            Part::Generated => write!(f, "the expression of {}", self.object.place()),
            Part::Using => write!(f, "the conversion of {}", self.object.place()),
            Part::PartitionKey => write!(f, "the partition key of {}", self.object),
            Part::Options => write!(f, "the options of {}", self.object),
            Part::Whole => self.object.fmt(f),
            Part::Attribute(_) => write!(f, "an attribute of {}", self.object),
        }
    }
}
