//! Parts of the database that the role of the connection may not read, so that they are left out by name.

use aludel_schema::{Metadata, ObjectId};

use crate::spelling::{Part, Place, Uncompared};

/// Returns the options of a database that the role of the connection may not read.
pub fn unread(database: &Metadata) -> Vec<Uncompared> {
    let unread = database.definitions.values().filter(|own| own.belongings.is_unread);
    let uncompared = unread.map(|own| Uncompared {
        place: Place { object: own.id.clone(), part: Part::Options },
        reason: "the role may not read them".to_owned(),
    });
    uncompared.collect()
}

/// Takes away the options of the target that can't be compared, because the role may not read those of
/// the database. Returns what that is.
pub fn leave_unread(
    database: &Metadata,
    target: &mut Metadata,
    managed: impl Fn(&ObjectId) -> bool,
) -> Vec<Uncompared> {
    let mut found = unread(database);
    found.retain(|left_out| {
        let id = &left_out.place.object;
        let before = database.definitions.get(id).filter(|_| managed(id));
        let Some((before, own)) = before.zip(target.definitions.get_mut(id)) else { return false };
        own.clauses.clone_from(&before.clauses);
        true
    });
    found
}
