//! Clauses that say something about others, such as the comment on a constraint.

use aludel_dialect::Dialect;
use aludel_schema::{Clause, Definition};

/// Returns a definition whose clauses are others, or are gone. What is said about a clause follows it.
pub(crate) fn changed(
    dialect: Dialect,
    definition: &Definition,
    change: impl Fn(&Clause) -> Option<Clause>,
) -> Definition {
    let facts = dialect.kind_facts(definition.id.kind);
    let is_about = |own: &Clause, other: &Clause| facts.is_some_and(|f| f.is_about(own, other));
    let says =
        |own: &Clause| facts.and_then(|f| f.clause(&own.word)).is_some_and(|f| !f.about.is_empty());
    let clauses = definition.clauses.iter().filter_map(|clause| {
        if !says(clause) {
            return change(clause);
        }
        let name = change(definition.clauses.iter().find(|other| is_about(clause, other))?)?.name;
        Some(Clause { name, ..clause.clone() })
    });
    Definition { clauses: clauses.collect(), ..definition.clone() }
}
