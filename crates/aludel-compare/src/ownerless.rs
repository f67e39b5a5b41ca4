//! Declared triggers, rules, policies and comments of what nothing declares.

use aludel_dialect::Dialect;
use aludel_schema::{Metadata, ObjectId, QualifiedName};

use crate::impossible::Impossible;
use crate::renaming::hints::folded;

/// Returns what belongs to a table or view that the target does not have.
///
/// A name without a schema is one of the default schema. The server would also find a table of a later
/// schema of the search path, which is another table for models and object files.
pub(crate) fn ownerless(dialect: Dialect, target: &Metadata) -> Vec<Impossible> {
    let reason = |table: &QualifiedName| {
        let namesake = |id: &ObjectId| id.name.name == table.name && id.table.is_none();
        let tables = target.tables.keys().map(ObjectId::table);
        let mut namesakes = tables.chain(target.definitions.keys().cloned()).filter(namesake);
        let advice = match namesakes.next() {
            Some(id) => format!("; {} is named with its schema", id.name),
            None => String::new(),
        };
        format!("no model and no object file makes {table}{advice}")
    };
    let case = dialect.capabilities().identifier_case;
    let ownerless = target.ownerless(|name| folded(name.clone(), case));
    let reported = ownerless.into_iter().filter_map(|id| {
        let reason = reason(id.table.as_ref()?);
        Some(Impossible { object: id.clone(), reason })
    });
    reported.collect()
}

/// Returns the comments of the target on columns that its objects do not have. A database that does
/// not tell the columns is not asked.
pub fn misplaced_comments(target: &Metadata) -> Vec<Impossible> {
    let mut found = Vec::new();
    for definition in target.definitions.values().filter(|own| !own.shape.is_empty()) {
        let names = definition.column_comments.keys();
        for name in names.filter(|name| definition.shape.iter().all(|own| own.name != **name)) {
            let reason =
                format!("there is a comment on it, and {} has no such column", definition.id);
            let object = ObjectId::column(&definition.id.name, name.as_str());
            found.push(Impossible { object, reason });
        }
    }
    found
}
