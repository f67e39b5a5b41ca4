use std::fmt;

use aludel_schema::ObjectId;

/// A text in metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The object that has the text.
    pub object: ObjectId,
    /// Which of its texts it is.
    pub part: Part,
}

/// One of the texts of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The type of a column.
    Type,
    /// The default of a column.
    Default,
    /// What a column is generated from.
    Generated,
    /// The whole of a constraint, an index or a definition.
    Whole,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Type => write!(f, "the type of {}", self.object.place()),
            Part::Default => write!(f, "the default of {}", self.object.place()),
            Part::Generated => write!(f, "the expression of {}", self.object.place()),
            Part::Whole => self.object.fmt(f),
        }
    }
}
