//! Changes of definitions: the way in which one definition becomes another.

use aludel_dialect::{ClauseFacts, ClausePlace, KindFacts, Replace};
use aludel_schema::{Clause, Definition};

use crate::pair::Pair;

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
pub(crate) fn change(facts: &KindFacts, pair: Pair<&Definition>) -> Change {
    if pair.database.says_the_same(pair.target) {
        return Change::None;
    }
    let differing = |one: &Definition, other: &Definition| {
        let clauses = one.clauses.iter().filter(|clause| !other.clauses.contains(clause));
        clauses.cloned().collect::<Vec<Clause>>()
    };
    let (gone, new) =
        (differing(pair.database, pair.target), differing(pair.target, pair.database));
    if pair.database.body == pair.target.body {
        let stays = |clause: &Clause| new.iter().any(|new| new.is_same_part(clause));
        let can_be = |clause: &Clause, has: fn(&ClauseFacts) -> bool| {
            facts.clause(&clause.word).is_some_and(has)
        };
        let all = new.iter().all(|clause| can_be(clause, |facts| !facts.set.is_empty()))
            && gone
                .iter()
                .all(|clause| stays(clause) || can_be(clause, |facts| !facts.unset.is_empty()));
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

/// Returns true if only a new object can have the clause.
fn is_fixed(facts: &KindFacts, clause: &Clause) -> bool {
    facts.clause(&clause.word).is_none_or(|facts| facts.set.is_empty())
}

fn is_before_keyword(facts: &KindFacts, clause: &Clause) -> bool {
    facts.clause(&clause.word).is_some_and(|facts| facts.place == ClausePlace::BeforeKeyword)
}
