//! Moves to another schema: what moves along, and the names that are in the way.

use aludel_schema::{
    Constraint, EnumType, Kind, Metadata, ObjectId, QualifiedName, ReplicaIdentity, Sequence, Table,
};

/// Returns the indexes and sequences that move along with a table, in the old schema.
pub(crate) fn along(metadata: &Metadata, from: &ObjectId, to: &QualifiedName) -> Vec<ObjectId> {
    let moves = from.name.schema != to.schema && from.kind == Kind::Table;
    let table = metadata.tables.get(&from.name).filter(|_| moves);
    let Some(table) = table else { return Vec::new() };
    let sequences = metadata.sequences.values();
    let owned =
        sequences.filter(|own| own.owned_by.as_ref().is_some_and(|o| o.table == table.name));
    owned.map(Sequence::id).chain(parts(table)).collect()
}

/// Returns the indexes of a table, which may be those of keys, and the sequences behind its identity columns.
pub(crate) fn parts(table: &Table) -> impl Iterator<Item = ObjectId> {
    let name = &table.name;
    let indexes = table.indexes.iter().map(|index| index.id(name));
    let keys = index_names(table).flat_map(|key| {
        [Kind::Index, Kind::Constraint].map(|kind| ObjectId::within(kind, name, key))
    });
    identities(table).chain(indexes).chain(keys)
}

/// Returns those of the names that move along that the new schema has already.
pub(crate) fn clashes(metadata: &Metadata, along: &[ObjectId], to: &QualifiedName) -> Vec<Clash> {
    let named = |id: &ObjectId| to.sibling(id.name.name.as_str());
    let found = along.iter().filter(|id| id.kind != Kind::Constraint).filter_map(|id| {
        Some(Clash { id: id.clone(), holder: holder(metadata, id.kind, &named(id))? })
    });
    found.collect()
}

/// An index or a sequence that can't move along under its name.
pub(crate) struct Clash {
    pub(crate) id: ObjectId,
    /// The object that has the name in the new schema.
    pub(crate) holder: ObjectId,
}

/// Gives an index of a table, which may be that of a constraint, another name.
pub(crate) fn rename_index(table: &mut Table, from: &str, to: &str) -> Kind {
    let indexes = table.indexes.iter_mut().filter(|index| index.name == from);
    indexes.for_each(|index| to.clone_into(&mut index.name));
    let mut kind = Kind::Index;
    for own in table.constraints.iter_mut().filter(|own| own.has_index()) {
        if own.name.as_deref() == Some(from) {
            own.name = Some(to.to_owned());
            kind = Kind::Constraint;
        }
    }
    let roles = &mut table.roles;
    if roles.clustered_on.as_deref() == Some(from) {
        roles.clustered_on = Some(to.to_owned());
    }
    if roles.replica_identity == ReplicaIdentity::Index(from.to_owned()) {
        roles.replica_identity = ReplicaIdentity::Index(to.to_owned());
    }
    kind
}

/// Returns the sequences behind the identity columns of a table.
fn identities(table: &Table) -> impl Iterator<Item = ObjectId> {
    let names = table.columns.iter().filter_map(|column| column.identity_sequence(&table.name));
    names.map(|name| ObjectId::new(Kind::Sequence, name))
}

/// Returns true if a sequence has the name, be it that of an identity column.
pub(crate) fn is_sequence(metadata: &Metadata, name: &QualifiedName) -> bool {
    let mut of_tables = metadata.tables.values().flat_map(identities);
    metadata.sequences.contains_key(name) || of_tables.any(|own| own.name == *name)
}

/// Returns the names of the constraints of a table that have an index.
fn index_names(table: &Table) -> impl Iterator<Item = &str> {
    let keys = table.constraints.iter().filter(|own| Constraint::has_index(own));
    keys.filter_map(|own| own.name.as_deref())
}

/// Returns true if an object that shares its names with those of a kind has this name.
pub(crate) fn is_taken(metadata: &Metadata, kind: Kind, name: &QualifiedName) -> bool {
    holder(metadata, kind, name).is_some()
}

/// Returns the object that has a name which objects of a kind can't have as well.
pub(crate) fn holder(metadata: &Metadata, kind: Kind, name: &QualifiedName) -> Option<ObjectId> {
    let spaces = kind.namespaces();
    let shares = |id: &ObjectId| {
        let others = id.kind.namespaces();
        id.name == *name && (id.kind == kind || spaces.iter().any(|space| others.contains(space)))
    };
    let of_tables = metadata.tables.values().flat_map(|table| {
        let indexes = table.indexes.iter().map(|index| index.id(&table.name));
        let keys = index_names(table).map(|key| ObjectId::within(Kind::Index, &table.name, key));
        let own = ObjectId::table(&table.name);
        indexes.chain(keys).chain(identities(table)).chain([own]).collect::<Vec<_>>()
    });
    let enums = metadata.enums.values().map(EnumType::id);
    let sequences = metadata.sequences.values().map(Sequence::id);
    let definitions = metadata.definitions.keys().cloned();
    of_tables.chain(enums).chain(sequences).chain(definitions).find(shares)
}
