use std::collections::{BTreeMap, BTreeSet};

use crate::{Definition, EnumType, Kind, ObjectId, QualifiedName, Sequence, Table};

/// Everything that models declare, or that a database holds.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Schemas (namespaces) other than the default one.
    pub schemas: BTreeSet<String>,
    /// Extensions by name.
    pub extensions: BTreeMap<String, Extension>,
    /// Enum types.
    pub enums: BTreeMap<QualifiedName, EnumType>,
    /// Sequences other than those of identity columns.
    pub sequences: BTreeMap<QualifiedName, Sequence>,
    /// Tables.
    pub tables: BTreeMap<QualifiedName, Table>,
    /// Objects of the kinds that are data.
    pub definitions: BTreeMap<ObjectId, Definition>,
}

/// An extension of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The schema that holds its objects; `None`: not said.
    pub schema: Option<String>,
}

impl Extension {
    /// Its identity.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(Kind::Extension, QualifiedName::unqualified(self.name.clone()))
    }
}

impl Metadata {
    /// Whether nothing at all is declared.
    pub fn is_empty(&self) -> bool {
        self.schemas.is_empty()
            && self.extensions.is_empty()
            && self.enums.is_empty()
            && self.sequences.is_empty()
            && self.tables.is_empty()
            && self.definitions.is_empty()
    }

    /// Adds a table under its own name.
    pub fn add_table(&mut self, table: Table) {
        self.tables.insert(table.name.clone(), table);
    }

    /// Adds a definition under its own identity.
    pub fn add_definition(&mut self, definition: Definition) {
        self.definitions.insert(definition.id.clone(), definition);
    }
}
