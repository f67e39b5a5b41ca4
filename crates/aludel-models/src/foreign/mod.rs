//! The fourth room: declarations of tables for other libraries, read once to become models.
//!
//! SeaORM's entities and diesel's `table!` say less than a database holds. What they do not say is
//! noted, and never guessed.

mod diesel;
mod diesel_types;
mod draft;
mod items;
mod sea_orm;
mod sea_orm_types;

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::Metadata;

use crate::error::ModelError;
use crate::source::file::Source;

/// A library whose declarations of tables can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignNotation {
    /// The entities of SeaORM.
    SeaOrm,
    /// `table!` and `joinable!` of diesel.
    Diesel,
}

/// The metadata that foreign declarations state.
#[derive(Clone, Debug, Default)]
pub struct ForeignModels {
    /// The tables and enum types.
    pub metadata: Metadata,
    /// The facts that the source does not say, one sentence each.
    pub notes: Vec<String>,
}

impl ForeignNotation {
    /// All notations.
    pub const ALL: [Self; 2] = [Self::SeaOrm, Self::Diesel];

    /// Returns the name, as the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SeaOrm => "sea-orm",
            Self::Diesel => "diesel",
        }
    }

    /// Returns the notation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notation| notation.name() == name)
    }
}

/// Reads the tables that files declare. `types` has the SQL types of Rust types that the source does
/// not tell.
///
/// # Errors
///
/// Fails with all problems if a file can't be read as Rust, or if a type is unknown.
pub fn foreign_models(
    notation: ForeignNotation,
    files: &[Source],
    types: &BTreeMap<String, String>,
    dialect: Dialect,
) -> Result<ForeignModels, Vec<ModelError>> {
    match notation {
        ForeignNotation::SeaOrm => sea_orm::read(files, types, dialect),
        ForeignNotation::Diesel => diesel::read(files, types, dialect),
    }
}
