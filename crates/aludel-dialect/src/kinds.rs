//! The tables of kinds: one table for each dialect, with the kinds that are data.

use aludel_schema::{Definition, Kind, QualifiedName};

use crate::dialect::Dialect;
use crate::kind::KindFacts;
use crate::{postgres, sqlite};

impl Dialect {
    /// Returns the table of kinds: an entry for each kind that is data on this database.
    pub fn kinds(self) -> &'static [KindFacts] {
        match self {
            Self::Postgres => postgres::kinds::KINDS,
            Self::Sqlite => sqlite::kinds::KINDS,
        }
    }

    /// Returns the entry of a kind in the table of kinds; `None` if the kind is not data.
    pub fn kind_facts(self, kind: Kind) -> Option<&'static KindFacts> {
        self.kinds().iter().find(|facts| facts.kind == kind)
    }

    /// Returns the names of the tables that belong to an object and that no user can make.
    pub fn tables_along(self, definition: &Definition) -> Vec<QualifiedName> {
        match self {
            Self::Postgres => Vec::new(),
            Self::Sqlite => sqlite::definition::shadow_tables(definition),
        }
    }

    /// Returns the statement that fills an object behind its CREATE, and that no object file has.
    pub fn fill(self, definition: &Definition) -> Option<String> {
        match self {
            Self::Postgres => None,
            Self::Sqlite => sqlite::definition::fill(definition),
        }
    }
}
