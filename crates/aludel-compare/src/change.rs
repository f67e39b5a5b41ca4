//! Changes of definitions: the way in which one definition becomes another.

use aludel_dialect::{ClauseFacts, ClausePlace, KindFacts, Replace};
use aludel_schema::{Clause, Definition};

use crate::depends::World;
use crate::pair::Pair;
use crate::types::holder::holder;

/// The way in which one definition is turned into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    /// By CREATE OR REPLACE or ALTER.
    InPlace,
    /// By dropping the object and making it again, or by a new type that takes over the columns.
    Replace,
}

/// Returns the way in which one definition is turned into another, without regard to the objects
/// that it rests on.
pub(crate) fn change(world: &World<'_>, facts: &KindFacts, pair: Pair<&Definition>) -> Change {
    // ALTER leaves values where they are in the tables that hold them.
    if is_reordered(facts, pair) && holder(world, pair.target).is_none() {
        return Change::Replace;
    }
    if pair.database.says_the_same(pair.target) {
        return Change::None;
    }
    let differing = |one: &Definition, other: &Definition| {
        let clauses = one.clauses.iter().filter(|clause| !other.clauses.contains(clause));
        clauses.cloned().collect::<Vec<Clause>>()
    };
    let named = facts.under_new_names(pair.database, pair.target);
    let (gone, new) = (differing(&named, pair.target), differing(pair.target, &named));
    if pair.database.body == pair.target.body {
        let stays = |clause: &Clause| new.iter().any(|new| new.is_same_part(clause));
        let can_be = |clause: &Clause, has: fn(&ClauseFacts) -> bool| {
            facts.clause(&clause.word).is_some_and(has)
        };
        // A part without these that has a name gets another one.
        let all = new.iter().all(|clause| {
            can_be(clause, |facts| !facts.set.is_empty() || !facts.rename.is_empty())
        }) && gone.iter().all(|clause| {
            stays(clause)
                || can_be(clause, |facts| !facts.unset.is_empty() || !facts.rename.is_empty())
        });
        return if all { Change::InPlace } else { Change::Replace };
    }
    let fixed = |clauses: &[Clause]| clauses.iter().any(|clause| is_fixed(facts, clause));
    if fixed(&gone) || fixed(&new) {
        return Change::Replace;
    }
    let is_plain = |definition: &Definition| {
        definition.clauses.iter().all(|clause| !is_before_keyword(facts, clause))
    };
    match facts.replace {
        Replace::WhileShapeGrows if pair.target.shape.starts_with(&pair.database.shape) => {
            Change::InPlace
        }
        Replace::WhilePlain if is_plain(pair.target) => Change::InPlace,
        Replace::WhileShapeGrows | Replace::WhilePlain | Replace::Never => Change::Replace,
    }
}

/// Returns true if ALTER would leave the parts that values consist of in another order than the target
/// has them: it adds new ones behind the others.
pub(crate) fn is_reordered(facts: &KindFacts, pair: Pair<&Definition>) -> bool {
    let parts = pair.map(|definition| {
        let clauses = definition.clauses.iter();
        let parts = clauses.filter(|c| facts.clause(&c.word).is_some_and(|facts| facts.has_values));
        parts.filter_map(|clause| clause.name.as_ref()).collect::<Vec<&String>>()
    });
    let (before, after) = (&parts.database, &parts.target);
    let kept = before.iter().filter(|name| after.contains(name));
    let new = after.iter().filter(|name| !before.contains(name));
    !kept.chain(new).eq(after)
}

/// Returns a definition with the names that its parts have in another one, where ALTER gives them these.
pub(crate) fn in_new_names(world: &World<'_>, from: &Definition, to: &Definition) -> Definition {
    match world.dialect.kind_facts(to.id.kind) {
        Some(facts) => facts.under_new_names(from, to),
        None => from.clone(),
    }
}

/// Returns true if only a new object can have the clause.
fn is_fixed(facts: &KindFacts, clause: &Clause) -> bool {
    facts.clause(&clause.word).is_none_or(|facts| facts.set.is_empty())
}

fn is_before_keyword(facts: &KindFacts, clause: &Clause) -> bool {
    facts.clause(&clause.word).is_some_and(|facts| facts.place == ClausePlace::BeforeKeyword)
}
