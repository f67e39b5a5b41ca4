//! Names of the server's own objects, which unqualified SQL means before those of the default schema.
//!
//! PostgreSQL looks into `pg_catalog` first, unless the search path says otherwise (PostgreSQL, "The System
//! Catalog Schema"). A type or a routine of the default schema that has the name of one there can only be
//! meant with its schema, so that its name states it.

use std::collections::BTreeSet;

use aludel_schema::{Kind, ObjectId};

/// Types and routines by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadows {
    /// The names of the types.
    pub types: BTreeSet<String>,
    /// The routines.
    pub routines: BTreeSet<Routine>,
}

/// The name and the argument types of a function, procedure or aggregate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Routine {
    /// The name without a schema.
    pub name: String,
    /// The argument types, as in [`ObjectId::signature`].
    pub signature: String,
}

impl Shadows {
    /// Adds an object, if it is a type or a routine.
    pub fn add(&mut self, id: &ObjectId) {
        match (is_type(id.kind), &id.signature) {
            (true, _) => _ = self.types.insert(id.name.name.clone()),
            (false, Some(signature)) if is_routine(id.kind) => {
                self.add_routine(&id.name.name, signature);
            }
            (false, _) => {}
        }
    }

    pub(crate) fn add_routine(&mut self, name: &str, signature: &str) {
        let (name, signature) = (name.to_owned(), signature.to_owned());
        self.routines.insert(Routine { name, signature });
    }

    /// Returns true if one of them has the name and, if it is a routine, the argument types of an object.
    pub fn has(&self, id: &ObjectId) -> bool {
        let mut own = Self::default();
        own.add(id);
        own.types.iter().any(|name| self.types.contains(name))
            || own.routines.iter().any(|routine| self.routines.contains(routine))
    }

    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.routines.is_empty()
    }
}

fn is_type(kind: Kind) -> bool {
    matches!(kind, Kind::Enum | Kind::Domain | Kind::CompositeType | Kind::RangeType)
}

fn is_routine(kind: Kind) -> bool {
    matches!(kind, Kind::Function | Kind::Procedure | Kind::Aggregate)
}
