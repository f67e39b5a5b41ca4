//! Owners and privileges in object files.

use aludel_dialect::{AccessChange, AccessStatement, AccessTarget, Accessed, privileges};
use aludel_schema::{
    EnumType, Grant, Kind, Metadata, ObjectId, QualifiedName, Sequence, Table, object_name,
};

use super::origins::Place;

/// A statement about owners and privileges, which is resolved when all objects are known.
pub(super) struct Said {
    pub(super) place: Place,
    pub(super) statement: AccessStatement,
}

/// Notes what a statement says of each of its objects.
pub(super) fn note(metadata: &mut Metadata, statement: &AccessStatement) -> Result<(), String> {
    for target in &statement.on {
        let objects = match target {
            AccessTarget::One(one) => vec![found(metadata, one)?],
            AccessTarget::AllIn { kinds, schema } => {
                let mut all = declared(metadata);
                all.retain(|id| {
                    kinds.contains(&id.kind)
                        && id.name.schema.as_deref().unwrap_or("public") == schema
                });
                all
            }
        };
        for id in objects {
            if id.kind == Kind::Schema {
                metadata.schemas.insert(id.name.name.clone());
            }
            if let AccessChange::Grants(changes) = &statement.change {
                changes.iter().try_for_each(|change| is_possible(metadata, &id, &change.grant))?;
            }
            let access = metadata.access.entry(id).or_default();
            match &statement.change {
                AccessChange::Owner(role) => access.owner = Some(role.clone()),
                AccessChange::Grants(changes) => access.changes.extend(changes.iter().cloned()),
            }
        }
    }
    Ok(())
}

/// Refuses an owner of a sequence of a column that is not said to be the owner of the table as well. The
/// server gives such a sequence no other owner (PostgreSQL, "ALTER SEQUENCE").
pub(super) fn owner_is_of_table(
    metadata: &Metadata,
    statement: &AccessStatement,
) -> Result<(), String> {
    let AccessChange::Owner(role) = &statement.change else { return Ok(()) };
    for target in &statement.on {
        let AccessTarget::One(one) = target else { continue };
        let sequence = found(metadata, one)?;
        let Some(table) = table_of(metadata, &sequence) else { continue };
        let said = metadata.access.get(&ObjectId::table(&table));
        if said.and_then(|said| said.owner.as_ref()) != Some(role) {
            return Err(format!(
                "{sequence} belongs to a column of table {table}, and has the owner of the table"
            ));
        }
    }
    Ok(())
}

/// Returns the table of the column that owns a sequence.
fn table_of(metadata: &Metadata, id: &ObjectId) -> Option<QualifiedName> {
    if id.kind != Kind::Sequence {
        return None;
    }
    let owner = metadata.sequences.get(&id.name).and_then(|own| own.owned_by.as_ref());
    let identity = || metadata.identity_of(&id.name).and_then(|column| column.table);
    owner.map(|owner| owner.table.clone()).or_else(identity)
}

/// Refuses a privilege that objects of the kind do not have, and one on a column that a table does
/// not have.
fn is_possible(metadata: &Metadata, id: &ObjectId, grant: &Grant) -> Result<(), String> {
    let kind = if grant.column.is_some() { Kind::Column } else { id.kind };
    // Whether there is MAINTAIN depends on the version.
    let known = privileges(kind, true);
    if grant.privilege != "ALL" && !known.contains(&grant.privilege.as_str()) {
        return Err(format!("{} has no privilege {}", kind.with_article(), grant.privilege));
    }
    let table = metadata.tables.get(&id.name).filter(|_| id.kind == Kind::Table);
    match (&grant.column, table) {
        (Some(column), Some(table)) if table.column(column).is_none() => {
            Err(format!("table {} has no column {column}", table.name))
        }
        _ => Ok(()),
    }
}

/// Returns the object that a statement names. A schema need not be declared.
fn found(metadata: &Metadata, one: &Accessed) -> Result<ObjectId, String> {
    if one.kinds == [Kind::Schema] {
        return Ok(ObjectId::new(Kind::Schema, one.name.clone()));
    }
    let exact = one.kinds.iter().map(|kind| {
        let signature = one.signature.clone();
        ObjectId { kind: *kind, name: one.name.clone(), table: None, signature }
    });
    if let Some(exact) = exact.into_iter().find(|id| is_declared(metadata, id)) {
        return Ok(exact);
    }
    let alike = |id: &ObjectId| {
        let (own, other) = (&id.name.schema, &one.name.schema);
        one.kinds.contains(&id.kind)
            && id.name.name == one.name.name
            && (own == other || own.is_none() || other.is_none())
    };
    let mut all = declared(metadata);
    all.retain(alike);
    match <[ObjectId; 1]>::try_from(all) {
        Ok([only]) => Ok(only),
        Err(several) => {
            let kind = one.kinds.first().map_or("object", |kind| kind.noun());
            let what = if several.is_empty() { "declares" } else { "tells apart" };
            let signature = one.signature.as_ref().map(|s| format!("({s})")).unwrap_or_default();
            Err(format!("no model or object file {what} {kind} {}{signature}", one.name))
        }
    }
}

fn is_declared(metadata: &Metadata, id: &ObjectId) -> bool {
    match id.kind {
        Kind::Table => metadata.tables.contains_key(&id.name),
        Kind::Enum => metadata.enums.contains_key(&id.name),
        Kind::Sequence => metadata.sequences.contains_key(&id.name),
        _ => metadata.definitions.contains_key(id),
    }
}

/// Returns all declared objects that may have an owner or privileges.
fn declared(metadata: &Metadata) -> Vec<ObjectId> {
    let tables = metadata.tables.keys().map(ObjectId::table);
    let enums = metadata.enums.values().map(EnumType::id);
    let sequences = metadata.sequences.values().map(Sequence::id);
    let identities = metadata.tables.values().flat_map(identities);
    let definitions = metadata.definitions.keys().cloned();
    tables.chain(enums).chain(sequences).chain(identities).chain(definitions).collect()
}

/// Returns the sequences behind the identity columns of a table.
fn identities(table: &Table) -> impl Iterator<Item = ObjectId> {
    let columns = table.columns.iter();
    columns.filter_map(|column| {
        let identity = column.identity.as_ref()?;
        let usual = || table.name.sibling(object_name(&table.name.name, &column.name, "seq"));
        let said = identity.sequence.as_ref().map(|name| QualifiedName::parse(name));
        Some(ObjectId::new(Kind::Sequence, said.unwrap_or_else(usual)))
    })
}
