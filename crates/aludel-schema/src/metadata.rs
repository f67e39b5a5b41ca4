//! Metadata: all objects that models declare or that a database holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::Access;
use crate::cast::{CastContext, CastTypes};
use crate::column::Column;
use crate::constraint::{Constraint, ConstraintKind};
use crate::definition::{Belongings, Definition};
use crate::enum_type::EnumType;
use crate::hint::Hints;
use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};
use crate::sequence::Sequence;
use crate::table::Table;

/// The schema objects that models declare or that a database holds.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The schema whose objects are named without one; `None` for models, and for a database
    /// without schemas.
    pub default_schema: Option<String>,
    /// The schema that the search path of a database names before the default one, and that is not there.
    pub missing_schema: Option<String>,
    /// The schemas (namespaces) other than the default one.
    pub schemas: BTreeSet<String>,
    /// The extensions, by name.
    pub extensions: BTreeMap<String, Extension>,
    /// The enum types.
    pub enums: BTreeMap<QualifiedName, EnumType>,
    /// The sequences other than those of identity columns.
    pub sequences: BTreeMap<QualifiedName, Sequence>,
    /// The tables.
    pub tables: BTreeMap<QualifiedName, Table>,
    /// The objects of kinds that are data, such as views and domains.
    pub definitions: BTreeMap<ObjectId, Definition>,
    /// The belongings of tables, sequences, enum types and schemas. Those of a definition are a part
    /// of it.
    pub belongings: BTreeMap<ObjectId, Belongings>,
    /// The comments on schemas, extensions, and sequences, with those behind identity columns. A
    /// comment that the server gives by itself is not among them.
    pub comments: BTreeMap<ObjectId, String>,
    /// The owners and privileges that object files state. Only a comparison reads them.
    pub access: BTreeMap<ObjectId, Access>,
    /// The roles that object files name as owners, or as roles with privileges.
    pub roles: BTreeSet<String>,
    /// The role of the connection; `None` for models, and for a database without roles.
    pub role: Option<String>,
    /// True if tables have the privilege MAINTAIN (PostgreSQL 17).
    pub has_maintain: bool,
    /// The objects that are somebody else's. They are the same on both sides of a comparison, and
    /// no plan touches them.
    pub left_alone: BTreeSet<ObjectId>,
    /// True if the NOT NULL constraints of the database have names (PostgreSQL 18). Otherwise the
    /// models' properties of such constraints are not compared.
    pub names_not_null: bool,
    /// True if partitions share the identity columns of their table (PostgreSQL 17).
    pub shares_identities: bool,
    /// True if a generated column can get another expression in place (PostgreSQL 17).
    pub sets_expressions: bool,
    /// True if sequences can be unlogged (PostgreSQL 15). Otherwise that is not compared.
    pub has_unlogged_sequences: bool,
    /// The casts that the server has, as far as they are known. They are facts for a plan, not
    /// objects of the schema.
    pub casts: BTreeMap<CastTypes, CastContext>,
    /// The former names of objects, which only a comparison looks at.
    pub hints: Hints,
}

/// An extension (`CREATE EXTENSION`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The name of the extension.
    pub name: String,
    /// The schema that holds its objects; `None` if it is not specified.
    pub schema: Option<String>,
    /// The version that is asked for; `None` if any will do.
    pub version: Option<String>,
    /// The version that a database has.
    pub installed: Option<String>,
    /// The extensions that it needs, as far as a database has said so.
    pub requires: Vec<String>,
    /// The types in its schema, as far as a database has said so.
    pub types: Vec<String>,
    /// The operator classes in its schema, as far as a database has said so.
    pub operator_classes: Vec<String>,
    /// True if a database has it and can't move it to another schema.
    pub is_fixed: bool,
}

impl Extension {
    /// Creates an extension whose schema and version are not specified.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            schema: None,
            version: None,
            installed: None,
            requires: Vec::new(),
            types: Vec::new(),
            operator_classes: Vec::new(),
            is_fixed: false,
        }
    }

    /// Returns the identity of the extension.
    pub fn id(&self) -> ObjectId {
        ObjectId::new(Kind::Extension, QualifiedName::unqualified(self.name.clone()))
    }
}

impl Metadata {
    /// Returns true if there are no objects at all.
    pub fn is_empty(&self) -> bool {
        self.schemas.is_empty()
            && self.extensions.is_empty()
            && self.enums.is_empty()
            && self.sequences.is_empty()
            && self.tables.is_empty()
            && self.definitions.is_empty()
    }

    /// Returns the extensions that one needs, and those that they need.
    pub fn extensions_below<'m>(&'m self, name: &'m str) -> BTreeSet<&'m str> {
        let mut below = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            let needed = self.extensions.get(name).into_iter().flat_map(|own| &own.requires);
            open.extend(needed.map(String::as_str).filter(|name| below.insert(*name)));
        }
        below
    }

    /// Returns the identity column that has a sequence of this name.
    pub fn identity_of(&self, sequence: &QualifiedName) -> Option<ObjectId> {
        let of_table = |table: &Table| {
            let is_it =
                |own: &&Column| own.identity_sequence(&table.name).as_ref() == Some(sequence);
            let column = table.columns.iter().find(is_it);
            column.map(|column| ObjectId::column(&table.name, column.name.as_str()))
        };
        self.tables.values().find_map(of_table)
    }

    /// Returns the sequences behind identity columns.
    pub fn counters(&self) -> impl Iterator<Item = QualifiedName> {
        self.tables.values().flat_map(Table::counters)
    }

    /// Returns true if a table, a column, a constraint, an index, a type, a sequence or a definition is
    /// there. Of other kinds, nothing is known.
    pub fn contains(&self, id: &ObjectId) -> bool {
        let table = || id.table.as_ref().and_then(|table| self.tables.get(table));
        let name = &id.name.name;
        match id.kind {
            Kind::Table => self.tables.contains_key(&id.name),
            Kind::Column => table().is_some_and(|table| table.column(name).is_some()),
            Kind::Constraint => table().is_some_and(|table| {
                table.constraints.iter().any(|own| own.name.as_ref() == Some(name))
            }),
            Kind::Index if table().is_some_and(|table| table.index(name).is_some()) => true,
            Kind::Enum => self.enums.contains_key(&id.name),
            Kind::Sequence => {
                self.sequences.contains_key(&id.name) || self.identity_of(&id.name).is_some()
            }
            _ => self.definitions.contains_key(id),
        }
    }

    /// Returns true if the object of a comment in [`Metadata::comments`] is there.
    pub fn has_commented(&self, id: &ObjectId) -> bool {
        let name = &id.name.name;
        match id.kind {
            Kind::Schema => *name == "public" || self.schemas.contains(name),
            Kind::Extension => self.extensions.contains_key(name),
            Kind::Sequence => {
                self.sequences.contains_key(&id.name) || self.identity_of(&id.name).is_some()
            }
            Kind::Constraint => {
                let part = |table| ObjectId::new(Kind::Partition, QualifiedName::clone(table));
                let is_part = |table| self.definitions.contains_key(&part(table));
                id.table.as_ref().is_some_and(is_part) && self.passes_on_check(name)
            }
            _ => false,
        }
    }

    /// Returns true if a partitioned table has a check of this name, or a partition one of its own, which those
    /// below have too.
    fn passes_on_check(&self, name: &str) -> bool {
        let tables = self.tables.values().filter(|table| table.options.partition_by.is_some());
        let mut checks = tables.flat_map(|table| &table.constraints);
        let is_check = |own: &Constraint| matches!(own.kind, ConstraintKind::Check { .. });
        let parts = self.definitions.values().filter(|own| own.id.kind == Kind::Partition);
        let mut clauses = parts.flat_map(|own| &own.clauses);
        checks.any(|own| is_check(own) && own.name.as_deref() == Some(name))
            || clauses.any(|own| own.word == "constraint" && own.name.as_deref() == Some(name))
    }

    /// Returns true if the counter of a sequence of its own is not logged.
    pub fn is_unlogged(&self, sequence: &Sequence) -> bool {
        let owner = sequence.owned_by.as_ref().and_then(|owner| self.tables.get(&owner.table));
        let usual = || owner.is_some_and(|table| table.options.unlogged);
        sequence.options.unlogged.unwrap_or_else(usual)
    }

    /// Returns true if the object is somebody else's, or belongs to a table that is.
    pub fn leaves_alone(&self, id: &ObjectId) -> bool {
        let table = || id.table.as_ref().map(ObjectId::table);
        !self.left_alone.is_empty()
            && (self.left_alone.contains(id)
                || table().is_some_and(|table| self.left_alone.contains(&table)))
    }

    /// Returns the sequences that columns own: those have the owner of the table (PostgreSQL, "ALTER
    /// SEQUENCE").
    pub fn sequences_of_columns(&self) -> impl Iterator<Item = ObjectId> {
        let owned = self.sequences.values().filter(|own| own.owned_by.is_some());
        let counters = self.counters().map(|name| ObjectId::new(Kind::Sequence, name));
        owned.map(Sequence::id).chain(counters)
    }

    /// Returns the owner and the privileges of an object, as far as they are known.
    pub fn belongings_of(&self, id: &ObjectId) -> Option<&Belongings> {
        let own = || self.definitions.get(id).map(|definition| &definition.belongings);
        self.belongings.get(id).or_else(own)
    }

    /// Returns the declared definitions that belong to a table, a view or the like that is not there. Names
    /// are the same if `folded` makes the same of them.
    pub fn ownerless(&self, folded: impl Fn(&QualifiedName) -> QualifiedName) -> Vec<&ObjectId> {
        let declared = self.definitions.values().filter(|own| own.source.is_some());
        let owned = declared.map(|own| &own.id).filter(|id| id.table.is_some());
        let mut ids: Vec<&ObjectId> = owned.collect();
        ids.retain(|id| id.table.as_ref().is_some_and(|table| !self.tables.contains_key(table)));
        if ids.is_empty() {
            return ids;
        }
        let others = self.definitions.keys().filter(|id| id.table.is_none()).map(|id| &id.name);
        let there: BTreeSet<QualifiedName> =
            self.tables.keys().chain(others).map(&folded).collect();
        ids.retain(|id| id.table.as_ref().is_some_and(|table| !there.contains(&folded(table))));
        ids
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
