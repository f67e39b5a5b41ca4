//! Changes of definitions: the way in which one definition becomes another.

use aludel_dialect::{KindFacts, Replace};
use aludel_schema::Definition;

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
    let clause_can_change = |word: &str| facts.clause(word).is_some_and(|c| !c.set.is_empty());
    let differing = |one: &Definition, other: &Definition| {
        let clauses = one.clauses.iter().filter(|clause| !other.clauses.contains(clause));
        clauses.map(|clause| clause.word.clone()).collect::<Vec<_>>()
    };
    let mut words = differing(pair.database, pair.target);
    words.extend(differing(pair.target, pair.database));
    if pair.database.body == pair.target.body {
        let all = words.iter().all(|word| clause_can_change(word));
        return if all { Change::InPlace } else { Change::Replace };
    }
    match facts.replace {
        Replace::WhileShapeGrows if pair.target.shape.starts_with(&pair.database.shape) => {
            Change::InPlace
        }
        Replace::WhileShapeGrows | Replace::Never => Change::Replace,
    }
}
