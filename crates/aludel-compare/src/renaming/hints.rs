//! The meaning of rename hints: which of them are still to be carried out, and in which order.

use std::collections::BTreeSet;

use aludel_dialect::IdentifierCase;
use aludel_schema::{Hint, Metadata, ObjectId, QualifiedName, object_name};

/// Returns the hints of a target about objects that live in schemas.
pub(crate) fn of_objects(target: &Metadata) -> impl Iterator<Item = (ObjectId, Hint)> {
    let asked = target.hints.objects.iter().map(|(id, hint)| (id.clone(), hint.clone()));
    let said = target.tables.values().filter_map(|table| {
        Some((ObjectId::table(&table.name), Hint::lasting(table.renamed_from.clone()?)))
    });
    asked.chain(said)
}

/// A rename within one namespace that the models or the command line ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) old: QualifiedName,
    pub(crate) new: QualifiedName,
    /// True if it is asked for once, on the command line. A hint in the models stays there after
    /// the rename.
    pub(crate) once: bool,
}

/// Why a wish can't be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// The database has both names.
    Both,
    /// The models have the old name too, and nothing else moves to it.
    Stays,
    /// Two wishes are about the same old name.
    Twice,
    /// The names change places, by hints that look the same before and after.
    Circle,
}

/// The wishes of a namespace, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// Those that are to be carried out.
    pub(crate) pending: Vec<Wish>,
    pub(crate) conflicts: Vec<(Wish, Conflict)>,
}

impl Wishes {
    /// Takes the wishes apart. A wish is pending if the database has the old name, and if the new one is
    /// free: the database does not have it, or another pending wish moves it away. What has the new name of
    /// a wish that is asked for once goes, unless the target still has the old name.
    pub(crate) fn of(
        wishes: Vec<Wish>,
        in_database: impl Fn(&QualifiedName) -> bool,
        in_target: impl Fn(&QualifiedName) -> bool,
    ) -> Self {
        let (mut pending, mut found) = (wishes, Self::default());
        pending.retain(|wish| in_database(&wish.old) && wish.old != wish.new);
        loop {
            let leaves = |name: &QualifiedName| pending.iter().any(|wish| wish.old == *name);
            let passes_on = |name: &QualifiedName| {
                !in_target(name) || pending.iter().any(|wish| wish.new == *name)
            };
            let free = |wish: &Wish| {
                !in_database(&wish.new) || leaves(&wish.new) || (wish.once && passes_on(&wish.old))
            };
            let Some(at) = pending.iter().position(|wish| !free(wish)) else { break };
            let wish = pending.remove(at);
            // A hint whose old name is in use again was carried out before.
            if wish.once || !in_target(&wish.old) {
                found.conflicts.push((wish, Conflict::Both));
            }
        }
        let refused = |wish: &Wish| -> Option<Conflict> {
            let moves_in = |name: &QualifiedName| pending.iter().any(|wish| wish.new == *name);
            let twice = pending.iter().filter(|other| other.old == wish.old).count() > 1;
            if twice {
                Some(Conflict::Twice)
            } else if is_in_circle(wish, &pending) {
                Some(Conflict::Circle)
            } else {
                // A new object may take the old name of a rename that is asked for once.
                let stays = !wish.once && in_target(&wish.old) && !moves_in(&wish.old);
                stays.then_some(Conflict::Stays)
            }
        };
        for wish in &pending {
            match refused(wish) {
                Some(conflict) => found.conflicts.push((wish.clone(), conflict)),
                None => found.pending.push(wish.clone()),
            }
        }
        found
    }
}

/// Returns true if the names of the wishes change places, unless all of that is asked for once.
fn is_in_circle(start: &Wish, wishes: &[Wish]) -> bool {
    let (mut now, mut once) = (start, start.once);
    // A way that is longer than there are wishes never comes back to its start.
    for _ in wishes {
        match wishes.iter().find(|next| next.old == now.new) {
            None => return false,
            Some(next) if next == start => return !once,
            Some(next) => {
                once &= next.once;
                now = next;
            }
        }
    }
    false
}

/// A rename that can be a step of an [`untangled`] sequence.
pub(crate) trait Step: Sized {
    fn from(&self) -> QualifiedName;
    fn to(&self) -> QualifiedName;
    /// Returns the rename from the old name to another one, and from that to the new name.
    fn by_way_of(self, third: &str) -> [Self; 2];
}

/// Returns a name in the form that all names have which the server takes for it.
pub(crate) fn folded(name: QualifiedName, case: IdentifierCase) -> QualifiedName {
    match case {
        IdentifierCase::Sensitive => name,
        IdentifierCase::Insensitive => name.sibling(name.name.to_ascii_lowercase()),
    }
}

/// Puts renames of one namespace into an order in which each name is free before it is taken. Names
/// that change places go by way of a third one, and so do names that differ only in a case that the
/// server ignores.
pub(crate) fn untangled<S: Step>(
    renames: Vec<S>,
    case: IdentifierCase,
    is_taken: impl Fn(&QualifiedName) -> bool,
) -> Vec<S> {
    let folded = |name: QualifiedName| folded(name, case);
    let (mut left, mut out): (Vec<S>, Vec<S>) = (renames, Vec::new());
    while !left.is_empty() {
        let in_the_way = |rename: &S| left.iter().any(|l| folded(l.from()) == folded(rename.to()));
        if let Some(at) = left.iter().position(|rename| !in_the_way(rename)) {
            out.push(left.remove(at));
            continue;
        }
        let first = left.remove(0);
        let from = first.from();
        let used = |name: &str| {
            let name = from.sibling(name);
            is_taken(&name) || out.iter().chain(&left).any(|other| other.to() == name)
        };
        let third = third_name(&from.name, used);
        let [away, back] = first.by_way_of(&third);
        out.push(away);
        left.push(back);
    }
    out
}

/// Returns a name that nothing has, for a moment.
pub(crate) fn third_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let candidates = (0_usize..).map(|number| match number {
        0 => object_name(name, "", "aludel"),
        _ => object_name(name, "", &format!("aludel{number}")),
    });
    candidates.into_iter().find(|name| !is_taken(name)).unwrap_or_default()
}

/// Takes the hints of a namespace apart. The names are those of the target, each with its former
/// name, and whether that is said once.
pub(crate) fn taken_apart(
    names: Vec<(QualifiedName, Option<(QualifiedName, bool)>)>,
    in_database: impl Fn(&QualifiedName) -> bool,
) -> (Vec<Wish>, Vec<(Wish, Conflict)>) {
    let in_target: BTreeSet<QualifiedName> = names.iter().map(|(name, _)| name.clone()).collect();
    let wishes = names.into_iter().filter_map(|(new, former)| {
        let (old, once) = former?;
        Some(Wish { old, new, once })
    });
    let wishes = Wishes::of(wishes.collect(), in_database, |name| in_target.contains(name));
    (wishes.pending, wishes.conflicts)
}
