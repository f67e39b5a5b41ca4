//! Objects of a database that belong to somebody else and are left alone.
//!
//! They stay in the comparison, because objects in scope may rest on them and they on objects in
//! scope. Both sides have them as the database does, so that no difference arises.
//! [`Metadata::left_alone`] tells the rest of a plan that it can't touch them.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::Dialect;
use aludel_schema::{
    Column, Constraint, Definition, EnumType, Extension, Kind, Metadata, ObjectId, QualifiedName,
    Schemas, Scope, Sequence, Table, is_bookkeeping,
};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ownerless::ownerless;
use crate::pair::Pair;
use crate::partitions::bound;
use crate::renaming::hints;

/// A scope, applied to one comparison.
#[derive(Clone, Debug)]
pub struct LeftAlone<'s> {
    dialect: Dialect,
    scope: &'s Scope,
    default_schema: &'s str,
    /// The schemas that the target names.
    named: BTreeSet<String>,
    /// The tables that a partition manager makes.
    partitions: BTreeSet<ObjectId>,
    /// The objects that the target takes over from other schemas.
    moved: BTreeSet<ObjectId>,
    /// The objects that the target has under other names, by their former ones.
    renamed: BTreeSet<ObjectId>,
}

impl<'s> LeftAlone<'s> {
    /// Applies a scope to a comparison with `target`, before anything was carried over to it.
    pub fn new(
        dialect: Dialect,
        scope: &'s Scope,
        default_schema: &'s str,
        target: &Metadata,
    ) -> Self {
        let named = &schemas_of(target) | &target.schemas;
        Self {
            dialect,
            scope,
            default_schema,
            named,
            partitions: BTreeSet::new(),
            moved: BTreeSet::new(),
            renamed: BTreeSet::new(),
        }
    }

    /// Adds the tables that a partition manager makes and drops by itself.
    #[must_use]
    pub fn with_partitions(self, partitions: BTreeSet<ObjectId>) -> Self {
        Self { partitions, ..self }
    }

    /// Adds the objects that the target takes over, be it from other schemas, by their former names. A name
    /// that is in use again is somebody else's.
    #[must_use]
    pub fn with_moved(self, database: &Metadata, target: &Metadata) -> Self {
        let has = |id: &ObjectId| match id.kind {
            Kind::Table => database.tables.contains_key(&id.name),
            Kind::Enum => database.enums.contains_key(&id.name),
            Kind::Sequence => database.sequences.contains_key(&id.name),
            _ => database.definitions.contains_key(id),
        };
        let (mut moved, mut renamed) = (BTreeSet::new(), BTreeSet::new());
        for (id, hint) in hints::of_objects(target) {
            let name = hint.former(&id.name, Some(self.default_schema));
            let former = ObjectId { name, ..id.clone() };
            if has(&id) {
                continue;
            }
            renamed.insert(former.clone());
            if former.name.schema == id.name.schema {
                continue;
            }
            if !has(&former) {
                moved.extend(over_moved(database, &former));
                continue;
            }
            let owned = database.sequences.values().filter(|own| {
                let owner = own.owned_by.as_ref().map(|owner| ObjectId::table(&owner.table));
                owner.as_ref() == Some(&former)
            });
            moved.extend(owned.map(Sequence::id));
            moved.insert(former);
        }
        Self { moved, renamed, ..self }
    }

    /// Returns the declared objects that are outside of the schemas that are listed. To leave them
    /// out would make a comparison clean that compares nothing.
    pub fn misplaced(&self, target: &Metadata) -> Vec<Impossible> {
        let tables = target.tables.keys().map(ObjectId::table);
        let enums = target.enums.values().map(EnumType::id);
        let sequences = target.sequences.values().map(Sequence::id);
        let all = tables.chain(enums).chain(sequences).chain(target.definitions.keys().cloned());
        let outside = all
            .filter(|id| !self.has_schema_of(id) && !self.scope.ignores(id, self.default_schema));
        let reason = |id: &ObjectId| {
            format!(
                "it is declared, and `schemas` of [scope] in aludel.toml does not list its schema {}; \
                 list the schema, or name the object in `ignore`",
                id.name.schema.as_deref().unwrap_or(self.default_schema)
            )
        };
        outside.map(|id| Impossible { reason: reason(&id), object: id }).collect()
    }

    /// Returns the declared triggers, rules and policies of tables that neither models nor object files make.
    pub fn ownerless(&self, target: &Metadata) -> Vec<Impossible> {
        ownerless(self.dialect, target)
    }

    /// Gives the target what is left alone, as the database has it, and takes away what the
    /// database does not have.
    ///
    /// It is called for the database as it is, so that renames do not find what is left alone, and
    /// again for the database under the names of the target.
    pub fn carry_over(&self, database: &Metadata, target: &mut Metadata) {
        let mut left = std::mem::take(&mut target.left_alone);
        self.keep(&database.enums, &mut target.enums, EnumType::id, &mut left);
        self.keep(&database.sequences, &mut target.sequences, Sequence::id, &mut left);
        let id = |table: &Table| ObjectId::table(&table.name);
        self.keep(&database.tables, &mut target.tables, id, &mut left);
        self.keep(&database.definitions, &mut target.definitions, |d| d.id.clone(), &mut left);
        self.keep_partitions(database, target, &mut left);
        self.keep_extensions(database, target, &mut left);
        for table in target.tables.values_mut().filter(|_| !self.scope.ignore.is_empty()) {
            if !left.contains(&ObjectId::table(&table.name)) {
                left.extend(self.keep_members(database.tables.get(&table.name), table));
            }
        }
        self.keep_what_they_rest_on(database, target, &mut left);
        for schema in &database.schemas {
            let id = schema_id(schema);
            let holds = left.iter().any(|id| id.name.schema.as_ref() == Some(schema));
            if self.is_others(&id, target.schemas.contains(schema)) || holds {
                target.schemas.insert(schema.clone());
                left.insert(id);
            }
        }
        target.left_alone = left;
    }

    /// Keeps the foreign keys to partitions that are not compared, which no model can state.
    pub fn keep_references(
        &self,
        database: &Metadata,
        target: &mut Metadata,
        managed: impl Fn(&ObjectId) -> bool,
    ) {
        for before in database.tables.values() {
            let keys = before.foreign_keys().filter(|(_, key)| {
                let partition = bound::part(&key.references);
                let is_others = !managed(&partition) || target.leaves_alone(&partition);
                database.definitions.contains_key(&partition) && is_others
            });
            let keys: Vec<Constraint> = keys.map(|(own, _)| own.clone()).collect();
            let Some(table) = target.tables.get_mut(&before.name) else { continue };
            let has = |key: &Constraint| table.constraints.iter().any(|own| own.same_demand(key));
            let missing: Vec<Constraint> = keys.into_iter().filter(|key| !has(key)).collect();
            target.left_alone.extend(missing.iter().map(|own| own.id(&before.name)));
            table.constraints.extend(missing);
        }
    }

    /// Returns true if an object that is not compared is somebody else's.
    pub fn covers(&self, id: &ObjectId, target: &Metadata) -> bool {
        let table = id.table_name();
        let declared = table.is_some_and(|table| target.tables.contains_key(table));
        target.leaves_alone(id) || self.is_others(id, declared)
    }

    /// Returns the object by which a left-alone object is to be reported: its schema, if that is
    /// out of scope. A schema in scope that stays for what is in it is not reported.
    pub fn reported(&self, id: &ObjectId) -> Option<ObjectId> {
        match &id.name.schema {
            Some(schema) if !self.has_schema_of(id) => Some(schema_id(schema)),
            _ if id.kind == Kind::Schema && !self.is_others(id, true) => None,
            _ => Some(id.clone()),
        }
    }

    /// Removes what is out of scope from the metadata of a database, for which models are to be
    /// written. References to it stay. The books of other tools stay too: they are left alone when
    /// no model declares them, and whoever rebuilds the database from models may want them.
    pub fn remove_from(&self, metadata: &mut Metadata) {
        let mut ours = metadata.clone();
        ours.enums.retain(|_, object| !self.is_others(&object.id(), true));
        ours.sequences.retain(|_, object| !self.is_others(&object.id(), true));
        ours.tables.retain(|name, _| {
            let id = ObjectId::table(name);
            !self.is_others(&id, true) && !self.is_partition(&id)
        });
        let is_there = |own: &Definition| {
            own.table().is_none_or(|on| {
                let was_there = metadata.tables.contains_key(on);
                ours.tables.contains_key(on) || !was_there
            })
        };
        ours.definitions.retain(|id, own| !self.is_others(id, true) && is_there(own));
        ours.extensions.retain(|_, extension| !self.has_others_schema(extension, false));
        self.remove_unused(metadata, &mut ours);
        let (all, rest) = (schemas_of(metadata), schemas_of(&ours));
        // A schema goes together with the last thing in it.
        let emptied = |schema: &String| all.contains(schema) && !rest.contains(schema);
        ours.schemas.retain(|s| !emptied(s) && !self.is_others(&schema_id(s), true));
        for table in ours.tables.values_mut() {
            let left = self.members(table);
            let name = table.name.clone();
            table.columns.retain(|c| !left.contains(&ObjectId::column(&name, c.name.as_str())));
            // No model can state a reference to a partition that no object file declares.
            let is_unsaid = |own: &Constraint| {
                let key = own.foreign_key();
                key.is_some_and(|key| self.is_partition(&ObjectId::table(&key.references)))
            };
            table.constraints.retain(|own| !left.contains(&own.id(&name)) && !is_unsaid(own));
            table.indexes.retain(|index| !left.contains(&index.id(&name)));
        }
        *metadata = ours;
    }

    /// Removes the types and sequences that left-alone tables use and no other table does.
    fn remove_unused(&self, database: &Metadata, ours: &mut Metadata) {
        if ours.tables.len() == database.tables.len() {
            return;
        }
        let world = World::new(self.dialect, Pair::new(database, database));
        let needed = |is_ours: bool| -> BTreeSet<ObjectId> {
            let tables = database.tables.values();
            let tables = tables.filter(|table| ours.tables.contains_key(&table.name) == is_ours);
            tables.flat_map(|table| needs_of_table(&world, table)).collect()
        };
        let unused: BTreeSet<ObjectId> = &needed(false) - &needed(true);
        let is_type = |kind| self.dialect.kind_facts(kind).is_some_and(|facts| facts.is_type);
        ours.enums.retain(|_, object| !unused.contains(&object.id()));
        ours.sequences.retain(|_, object| !unused.contains(&object.id()));
        // Code and views may use anything else.
        ours.definitions.retain(|id, _| !is_type(id.kind) || !unused.contains(id));
    }

    /// Returns true if the object is somebody else's. `declared` says whether the target has it.
    fn is_others(&self, id: &ObjectId, declared: bool) -> bool {
        !self.has_schema_of(id)
            || self.scope.ignores(id, self.default_schema)
            || (!declared && (is_bookkeeping(id) || self.is_partition(id)))
    }

    /// Returns true if the object is, or is in, a table that a partition manager makes.
    fn is_partition(&self, id: &ObjectId) -> bool {
        let table = id.table.as_ref().unwrap_or(&id.name);
        let is_in_table = id.table.is_some() || matches!(id.kind, Kind::Table | Kind::Partition);
        is_in_table && self.partitions.contains(&ObjectId::table(table))
    }

    /// Returns true if the schema of an object is in scope. An object in no schema is in scope.
    fn has_schema_of(&self, id: &ObjectId) -> bool {
        if self.moved.contains(id)
            || self.moved.iter().any(|own| Some(&own.name) == id.table.as_ref())
        {
            return true;
        }
        match id.kind {
            Kind::Schema => self.has_schema(Some(&id.name.name)),
            kind if kind.has_no_schema() => true,
            _ => self.has_schema(id.name.schema.as_deref()),
        }
    }

    fn has_schema(&self, schema: Option<&str>) -> bool {
        if !self.dialect.capabilities().schemas {
            return true;
        }
        match (&self.scope.schemas, schema) {
            (Schemas::All, _) | (Schemas::Named, None) => true,
            (Schemas::Named, Some(schema)) => {
                schema == self.default_schema || self.named.contains(schema)
            }
            (Schemas::Listed(listed), schema) => {
                listed.contains(schema.unwrap_or(self.default_schema))
            }
        }
    }

    /// Returns true if an extension is somebody else's, which it also is by its schema.
    fn has_others_schema(&self, extension: &Extension, declared: bool) -> bool {
        let schema = extension.schema.as_deref();
        self.is_others(&extension.id(), declared)
            || (!declared && schema.is_some() && !self.has_schema(schema))
    }

    fn keep<K: Ord + Clone, V: Clone>(
        &self,
        database: &BTreeMap<K, V>,
        target: &mut BTreeMap<K, V>,
        id: impl Fn(&V) -> ObjectId,
        left: &mut BTreeSet<ObjectId>,
    ) {
        target
            .retain(|key, object| database.contains_key(key) || !self.is_others(&id(object), true));
        for (key, object) in database {
            let id = id(object);
            if left.contains(&id) || self.is_others(&id, target.contains_key(key)) {
                target.insert(key.clone(), object.clone());
                left.insert(id);
            }
        }
    }

    /// Keeps the partitions of tables that are left alone, at any depth and with what belongs to them or is made
    /// of them, unless the target has them.
    fn keep_partitions(
        &self,
        database: &Metadata,
        target: &mut Metadata,
        left: &mut BTreeSet<ObjectId>,
    ) {
        let mut from = 0;
        let mut kept: Vec<ObjectId> = left.iter().cloned().collect();
        while from < kept.len() {
            let above: BTreeSet<&QualifiedName> = kept
                .iter()
                .skip(from)
                .filter(|id| matches!(id.kind, Kind::Table | Kind::Partition))
                .map(|id| &id.name)
                .collect();
            let is_part = |own: &&Definition| {
                let on = bound::parent(own, self.dialect).or_else(|| own.table());
                on.is_some_and(|on| above.contains(on)) && !target.definitions.contains_key(&own.id)
            };
            let parts = database.definitions.values().filter(is_part);
            let parts: Vec<Definition> = parts.cloned().collect();
            from = kept.len();
            for part in parts {
                kept.push(part.id.clone());
                left.insert(part.id.clone());
                target.add_definition(part);
            }
        }
    }

    fn keep_extensions(
        &self,
        database: &Metadata,
        target: &mut Metadata,
        left: &mut BTreeSet<ObjectId>,
    ) {
        let extensions = &mut target.extensions;
        extensions.retain(|name, extension| {
            database.extensions.contains_key(name) || !self.is_others(&extension.id(), true)
        });
        for (name, extension) in &database.extensions {
            let declared = extensions.contains_key(name) && !left.contains(&extension.id());
            if self.has_others_schema(extension, declared) {
                extensions.insert(name.clone(), extension.clone());
                left.insert(extension.id());
            }
        }
    }

    /// Returns the ignored parts of a table, and what rests on its ignored columns.
    fn members(&self, table: &Table) -> BTreeSet<ObjectId> {
        let mut found = BTreeSet::new();
        if self.scope.ignore.is_empty() {
            return found;
        }
        let ignored = |id: &ObjectId| self.scope.ignores(id, self.default_schema);
        let column = |name: &str| ObjectId::column(&table.name, name);
        found.extend(table.columns.iter().map(|c| column(&c.name)).filter(ignored));
        let columns = found.clone();
        let rests = |on: &[String]| on.iter().any(|name| columns.contains(&column(name)));
        let constraints =
            table.constraints.iter().map(|c| (c.id(&table.name), c.columns().to_vec()));
        let indexes = table.indexes.iter().map(|index| {
            (index.id(&table.name), index.columns().map(str::to_owned).collect::<Vec<_>>())
        });
        let parts = constraints.chain(indexes);
        found.extend(parts.filter(|(id, on)| ignored(id) || rests(on)).map(|(id, _)| id));
        found
    }

    /// Keeps the ignored parts of a table that is in scope. What rests on an ignored column is kept
    /// unless the target has it.
    fn keep_members(&self, database: Option<&Table>, target: &mut Table) -> BTreeSet<ObjectId> {
        let name = target.name.clone();
        let ignored = |id: &ObjectId| self.scope.ignores(id, self.default_schema);
        let column = |c: &Column| ObjectId::column(&name, c.name.as_str());
        target.columns.retain(|c| !ignored(&column(c)));
        target.constraints.retain(|c| !ignored(&c.id(&name)));
        target.indexes.retain(|index| !ignored(&index.id(&name)));
        let Some(database) = database else { return BTreeSet::new() };
        let mut left = self.members(database);
        left.retain(|id| ignored(id) || !has(target, id));
        let columns = database.columns.iter().filter(|c| left.contains(&column(c)));
        target.columns.extend(columns.cloned());
        let constraints = database.constraints.iter().filter(|c| left.contains(&c.id(&name)));
        target.constraints.extend(constraints.cloned());
        let indexes = database.indexes.iter().filter(|index| left.contains(&index.id(&name)));
        target.indexes.extend(indexes.cloned());
        left
    }

    /// Keeps the sequences, types, functions and others that left-alone objects own or rest on, unless the target
    /// has them, be it under other names.
    fn keep_what_they_rest_on(
        &self,
        database: &Metadata,
        target: &mut Metadata,
        left: &mut BTreeSet<ObjectId>,
    ) {
        let mut queue: Vec<ObjectId> = left.iter().cloned().collect();
        if queue.is_empty() {
            return;
        }
        let world = World::new(self.dialect, Pair::new(database, database));
        while let Some(id) = queue.pop() {
            let mut needed: Vec<ObjectId> = Vec::new();
            if let Some(table) = database.tables.get(&id.name).filter(|_| id.kind == Kind::Table) {
                needed.extend(needs_of_table(&world, table));
            }
            let definition = database.definitions.get(&id);
            needed.extend(definition.iter().flat_map(|d| &d.depends_on).cloned());
            needed.retain(|id| !self.renamed.contains(id) && take(database, target, id));
            left.extend(needed.iter().cloned());
            queue.extend(needed);
        }
    }
}

/// Returns the schemas in which the metadata has objects.
fn schemas_of(metadata: &Metadata) -> BTreeSet<String> {
    let enums = metadata.enums.keys();
    let names = enums.chain(metadata.sequences.keys()).chain(metadata.tables.keys());
    let names = names.chain(metadata.definitions.keys().map(|id| &id.name));
    names.filter_map(|name| name.schema.clone()).collect()
}

fn schema_id(schema: &str) -> ObjectId {
    ObjectId::new(Kind::Schema, QualifiedName::unqualified(schema))
}

/// Returns true if the table has a constraint or index of that name.
fn has(table: &Table, id: &ObjectId) -> bool {
    match id.kind {
        Kind::Constraint => table.constraints.iter().any(|c| c.id(&table.name) == *id),
        Kind::Index => table.index(&id.name.name).is_some(),
        _ => table.column(&id.name.name).is_some(),
    }
}

/// Returns the objects beside tables that a table rests on, with the sequences that it owns.
fn needs_of_table(world: &World<'_>, table: &Table) -> Vec<ObjectId> {
    let columns = table.columns.iter().flat_map(|own| world.column(table, own));
    let constraints = table.constraints.iter().flat_map(|own| world.constraint(table, own));
    let indexes = table.indexes.iter().flat_map(|own| world.index(table, own));
    let all = columns.chain(constraints).chain(indexes).chain(world.called_by_key(table));
    let named = all.filter(|id| id.table.is_none() && id.kind != Kind::Table);
    let is_own = |own: &&Sequence| own.owned_by.as_ref().is_some_and(|by| by.table == table.name);
    let sequences = world.pair.database.sequences.values().filter(is_own);
    named.chain(sequences.map(Sequence::id)).collect()
}

/// Gives the target an object that it does not have. Tables and views are not taken: if they go, a
/// plan says what stands in the way.
fn take(database: &Metadata, target: &mut Metadata, id: &ObjectId) -> bool {
    let name = &id.name;
    match id.kind {
        Kind::Enum => copy(&database.enums, &mut target.enums, name),
        Kind::Sequence => copy(&database.sequences, &mut target.sequences, name),
        Kind::View | Kind::MaterializedView | Kind::ForeignTable | Kind::VirtualTable => false,
        _ => copy(&database.definitions, &mut target.definitions, id),
    }
}

fn copy<K: Ord + Clone, V: Clone>(
    database: &BTreeMap<K, V>,
    target: &mut BTreeMap<K, V>,
    key: &K,
) -> bool {
    let Some(object) = database.get(key).filter(|_| !target.contains_key(key)) else {
        return false;
    };
    target.insert(key.clone(), object.clone());
    true
}

/// Returns the functions of a name, if none of them has these arguments: the types of those move too.
fn over_moved(database: &Metadata, former: &ObjectId) -> Vec<ObjectId> {
    let ids = database.definitions.keys().filter(|id| {
        former.signature.is_some() && id.kind == former.kind && id.name == former.name
    });
    ids.cloned().collect()
}
