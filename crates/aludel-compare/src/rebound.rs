//! Texts that mean other columns after a rename.
//!
//! A view keeps its columns when they are renamed. If another column takes over the old name of one, a
//! text that stays as it is means that one from then on, so that it is no longer that of the view.

use std::borrow::Cow;

use aludel_dialect::Dialect;
use aludel_schema::{Definition, Kind, Metadata, ObjectId};

/// The end of the text of a definition that is no longer what its statement says.
const REBOUND: &str = " /* its columns have other names */";

/// Marks the definitions of `renamed` whose statements in object files would mean other columns.
/// `before` has them without the renames, `declared` has the statements, and `target` has the new columns,
/// if they are known.
pub(crate) fn mark(
    renamed: &mut Cow<'_, Metadata>,
    before: &Metadata,
    declared: &Metadata,
    target: Option<&Metadata>,
    dialect: Dialect,
) {
    let is_declared = |id: &ObjectId| {
        let facts = dialect.kind_facts(id.kind);
        facts.is_some_and(|facts| !facts.text_follows_renames)
            && declared.definitions.get(id).is_some_and(|own| own.source.is_some())
    };
    let rebound = renamed.definitions.values().filter(|own| {
        is_declared(&own.id)
            && before
                .definitions
                .get(&own.id)
                .is_some_and(|old| is_rebound(old, own, [Some(renamed.as_ref()), target]))
    });
    let rebound: Vec<ObjectId> = rebound.map(|own| own.id.clone()).collect();
    for id in rebound {
        if let Some(own) = renamed.to_mut().definitions.get_mut(&id) {
            own.body.canonical = None;
            own.body.written.push_str(REBOUND);
        }
    }
}

/// Returns true if a column that a definition reads has another name, and another column of its table
/// has the old one.
fn is_rebound(before: &Definition, now: &Definition, sides: [Option<&Metadata>; 2]) -> bool {
    let pairs = before.depends_on.iter().zip(&now.depends_on);
    let mut columns = pairs.filter(|(_, now)| now.kind == Kind::Column);
    columns.any(|(before, now)| {
        let tables = sides.iter().flatten();
        let mut tables = tables.filter_map(|side| side.tables.get(now.table.as_ref()?));
        before.name.name != now.name.name
            && tables.any(|table| table.column(&before.name.name).is_some())
    })
}
