//! Names of the server's own objects, which unqualified SQL means before those of the default schema.
//!
//! PostgreSQL looks into `pg_catalog` first, unless the search path says otherwise (PostgreSQL, "The System
//! Catalog Schema"). An object of the default schema that has the name of one there can only be meant with
//! its schema, so that its name states it.

use std::collections::BTreeSet;

use aludel_schema::{Kind, ObjectId, QualifiedName};

/// Objects by kind, by name without schema, and by argument types. All types are of one kind, and so are
/// all routines. Relations of any kind are added as tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadows(BTreeSet<ObjectId>);

impl Shadows {
    /// Adds an object, if it is of a kind that unqualified SQL may take for one of the server's own.
    pub fn add(&mut self, id: &ObjectId) {
        self.add_named(id.kind, &id.name.name, id.signature.clone());
    }

    pub(crate) fn add_named(&mut self, kind: Kind, name: &str, signature: Option<String>) {
        if let Some(kind) = space(kind) {
            let name = QualifiedName::unqualified(name);
            self.0.insert(ObjectId { signature, ..ObjectId::new(kind, name) });
        }
    }

    /// Returns true if one of them has the kind, the name and the argument types of an object.
    pub fn has(&self, id: &ObjectId) -> bool {
        let mut own = Self::default();
        own.add(id);
        !own.is_empty() && own.0.is_subset(&self.0)
    }

    /// Returns true if one of them is a type of that name.
    pub fn has_type(&self, name: &str) -> bool {
        self.has(&ObjectId::new(Kind::Type, QualifiedName::unqualified(name)))
    }

    /// Returns true if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names, without schemas.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|id| id.name.name.as_str())
    }

    /// Returns those that are among others as well.
    pub(crate) fn of(&self, others: &Self) -> Self {
        Self(&self.0 & &others.0)
    }
}

/// Returns the kind that stands for all those with which an object shares its names; `None` for a kind that
/// the server has no objects of, or that is named with a schema anyway.
fn space(kind: Kind) -> Option<Kind> {
    let is_type = matches!(
        kind,
        Kind::Type | Kind::Enum | Kind::Domain | Kind::CompositeType | Kind::RangeType
    );
    let is_routine = matches!(kind, Kind::Function | Kind::Procedure | Kind::Aggregate);
    let is_other = matches!(
        kind,
        Kind::Operator
            | Kind::Collation
            | Kind::TextSearchConfiguration
            | Kind::TextSearchDictionary
            | Kind::Table
    );
    match (is_type, is_routine) {
        (true, _) => Some(Kind::Type),
        (false, true) => Some(Kind::Function),
        (false, false) => is_other.then_some(kind),
    }
}
