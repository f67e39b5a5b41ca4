//! Texts that mean other columns after a rename.
//!
//! A view keeps its columns when they are renamed. If another column takes over the old name of one, a
//! text that stays as it is means that one from then on, so that it is no longer that of the view.
//!
//! A server that can't be asked for its words has rewritten a text in its own way after a rename. The
//! object file has it as it should be.

use std::borrow::Cow;

use aludel_dialect::{Dialect, Spelling};
use aludel_schema::{Definition, Kind, Metadata, ObjectId};

use crate::renaming::object_rename::ObjectRename;

/// The end of the text of a definition that is no longer what its statement says.
const REBOUND: &str = " /* what it reads has other names */";

/// Marks the definitions of `renamed` whose statements in object files would mean other columns.
/// `before` has them without the renames, `declared` has the statements, and `target` has the new columns,
/// if they are known.
pub(crate) fn mark(
    renamed: &mut Cow<'_, Metadata>,
    renames: &[ObjectRename],
    before: &Metadata,
    declared: &Metadata,
    target: Option<&Metadata>,
    dialect: Dialect,
) {
    let now = renamed.as_ref();
    let is_guessed = dialect.capabilities().spelling == Spelling::CompareTokens;
    let is_other = |old: &Definition, own: &Definition| {
        let facts = dialect.kind_facts(own.id.kind);
        match facts.is_some_and(|facts| facts.text_follows_renames) {
            true => is_guessed && is_rewritten(old, own),
            false => is_rebound(old, own, [Some(now), target]) || changes_places(old, renames, now),
        }
    };
    let rebound = now.definitions.values().filter(|own| {
        let declared = declared.definitions.get(&own.id);
        let before = before.definitions.get(&former(&own.id, renames));
        declared.is_some_and(|declared| declared.source.is_some())
            && before.is_some_and(|old| is_other(old, own))
    });
    let rebound: Vec<ObjectId> = rebound.map(|own| own.id.clone()).collect();
    for id in rebound {
        if let Some(own) = renamed.to_mut().definitions.get_mut(&id) {
            own.body.canonical = None;
            own.body.written.push_str(REBOUND);
        }
    }
}

/// Returns true for a definition whose statement means other columns.
pub(crate) fn is_marked(definition: &Definition) -> bool {
    definition.body.written.ends_with(REBOUND)
}

/// Returns the identity that a definition had before the renames.
fn former(now: &ObjectId, renames: &[ObjectRename]) -> ObjectId {
    let mut id = now.clone();
    for ObjectRename { from, to } in renames.iter().rev() {
        if from.kind == id.kind && from.table == id.table && *to == id.name {
            id.name = from.name.clone();
        } else if from.kind == Kind::Table && id.table.as_ref() == Some(to) {
            id.table = Some(from.name.clone());
            id.name.schema.clone_from(&from.name.schema);
        }
    }
    id
}

/// Returns true if a text of a definition names something that has another name.
fn is_rewritten(before: &Definition, now: &Definition) -> bool {
    let texts = |own: &Definition| -> Vec<String> {
        let clauses = own.clauses.iter().map(|clause| &clause.text);
        clauses.chain([&own.body]).map(|text| text.written.clone()).collect()
    };
    texts(before) != texts(now)
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

/// Returns true if a column that a definition reads has another name, and the table has a column with the old one,
/// which the definition may read as well: names that change places are the same names afterwards.
fn changes_places(before: &Definition, renames: &[ObjectRename], now: &Metadata) -> bool {
    let columns = before.depends_on.iter().filter(|id| id.kind == Kind::Column);
    let mut moved = columns.filter_map(|id| {
        let later = later(id, renames);
        let table = now.tables.get(later.table.as_ref()?)?;
        Some(later.name.name != id.name.name && table.column(&id.name.name).is_some())
    });
    moved.any(|is_moved| is_moved)
}

/// Returns the identity that a column has after renames.
fn later(before: &ObjectId, renames: &[ObjectRename]) -> ObjectId {
    let mut id = before.clone();
    for ObjectRename { from, to } in renames {
        if from.kind == Kind::Column && from.table == id.table && from.name.name == id.name.name {
            id.name.name.clone_from(&to.name);
        } else if from.kind == Kind::Table && id.table.as_ref() == Some(&from.name) {
            id.table = Some(to.clone());
        }
    }
    id
}
