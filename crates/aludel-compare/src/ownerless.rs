//! Declared triggers, rules and policies of tables that nothing declares.

use aludel_dialect::Dialect;
use aludel_schema::{Metadata, ObjectId, QualifiedName};

use crate::hints::folded;
use crate::impossible::Impossible;

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
