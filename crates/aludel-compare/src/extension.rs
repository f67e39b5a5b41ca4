//! Extensions that move to another schema, and take their types and operator classes along.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, NamedAs, move_names};
use aludel_schema::{Kind, Metadata, ObjectId, QualifiedName};

use crate::renaming::applied::{rename_definition, rename_type};
use crate::texts::{each_spelling, each_sql};

/// Moves an extension. Whatever is of its types, or sorted by its operator classes, follows.
pub(crate) fn move_extension(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    let Some(extension) = metadata.extensions.get_mut(&from.name) else { return };
    extension.schema.clone_from(&to.schema);
    let (types, classes) = (extension.types.clone(), extension.operator_classes.clone());
    for name in types {
        let (old, new) = (from.sibling(name.as_str()), to.sibling(name));
        rename_type(metadata, &old, &new, dialect);
        for kind in [Kind::BaseType, Kind::Enum, Kind::Domain, Kind::RangeType] {
            let [old, new] = [&old, &new].map(|name| ObjectId::new(kind, name.clone()));
            rename_definition(metadata, &old, &new, dialect);
        }
    }
    move_functions(metadata, from, to, dialect);
    for name in classes {
        let (old, new) = (from.sibling(name.as_str()).to_string(), to.sibling(name).to_string());
        let indexes = metadata.tables.values_mut().flat_map(|table| &mut table.indexes);
        let keys = indexes.flat_map(|index| &mut index.keys);
        let named = keys.filter_map(|key| key.opclass.as_mut());
        named.filter(|name| **name == old).for_each(|name| name.clone_from(&new));
    }
}

/// Moves the functions that texts of tables call in the former schema and that are nobody else's.
fn move_functions(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    let known: BTreeSet<ObjectId> = metadata.definitions.keys().cloned().collect();
    let is_moved = |id: &&ObjectId| {
        let is_routine = matches!(id.kind, Kind::Function | Kind::Aggregate);
        is_routine && id.name.schema == from.schema && !known.contains(id)
    };
    each_sql(metadata, |text| {
        let calls = text.calls.iter().flatten().filter(is_moved);
        let names: BTreeSet<QualifiedName> = calls.map(|id| id.name.clone()).collect();
        for name in names {
            let new = to.sibling(name.name.as_str());
            each_spelling(text, |text| {
                *text = move_names(text, &name, &new, NamedAs::Routine, dialect);
            });
        }
    });
}

/// Gives the extensions of the target what the database says of those, which the way back needs.
pub(crate) fn carry_over(database: &Metadata, target: &mut Metadata) {
    for (name, extension) in &mut target.extensions {
        if let Some(before) = database.extensions.get(name) {
            extension.types.clone_from(&before.types);
            extension.operator_classes.clone_from(&before.operator_classes);
        }
    }
}
