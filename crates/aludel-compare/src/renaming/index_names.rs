//! Indexes of partitions and materialized views that get other names and stay the same otherwise, as when
//! their names follow that of a column. Those of tables are paired by what they are, too.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::IdentifierCase;
use aludel_operations::Operation;
use aludel_schema::{Definition, Kind, Metadata, ObjectId, QualifiedName};

use crate::pair::Pair;
use crate::renaming::hints::untangled;
use crate::renaming::object_rename::ObjectRename;

/// Renames such indexes of `metadata`, and returns the operations for it. The texts of the target are in the
/// words of the server.
pub(crate) fn follow(metadata: &mut Cow<'_, Metadata>, target: &Metadata) -> Vec<Operation> {
    let mut by_schema: BTreeMap<Option<String>, Vec<ObjectRename>> = BTreeMap::new();
    for Pair { database: from, target: to } in renamed(metadata, target) {
        let renames = by_schema.entry(from.name.schema.clone()).or_default();
        renames.push(ObjectRename { from, to: to.name });
    }
    let names =
        [metadata.as_ref(), target].map(|side| side.definitions.keys().map(|id| id.name.clone()));
    let names: BTreeSet<QualifiedName> = names.into_iter().flatten().collect();
    let mut operations = Vec::new();
    for renames in by_schema.into_values() {
        let is_taken = |name: &QualifiedName| names.contains(name);
        for ObjectRename { from, to } in untangled(renames, IdentifierCase::Sensitive, is_taken) {
            let renamed = ObjectId { name: to.clone(), ..from.clone() };
            let all = std::mem::take(&mut metadata.to_mut().definitions);
            for mut own in all.into_values() {
                let ids = own.depends_on.iter_mut().chain([&mut own.id]);
                ids.filter(|id| **id == from).for_each(|id| id.clone_from(&renamed));
                metadata.to_mut().add_definition(own);
            }
            operations.push(Operation::Rename { from, to: to.name });
        }
    }
    operations
}

/// Returns the old and the new identity of each index that is the same under another name.
fn renamed(metadata: &Metadata, target: &Metadata) -> Vec<Pair<ObjectId>> {
    let only = |side: &Metadata, other: &Metadata| -> Vec<Definition> {
        let own = side.definitions.values().filter(|own| own.id.kind == Kind::Index);
        let own = own.filter(|own| !other.definitions.contains_key(&own.id));
        own.filter(|own| !target.leaves_alone(&own.id)).cloned().collect()
    };
    let mut new = only(target, metadata);
    let gone = only(metadata, target).into_iter().filter_map(|database| {
        let is_same = |target: &Definition| {
            let named = Definition { id: target.id.clone(), ..database.clone() };
            database.id.table == target.id.table && named.says_the_same(target)
        };
        let at = new.iter().position(is_same)?;
        Some(Pair::new(database.id.clone(), new.remove(at).id))
    });
    gone.collect()
}
