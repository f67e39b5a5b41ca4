//! Constraints and triggers that wait for the end of the transaction, behind an UPDATE of the plan.
//!
//! The rows that it fills are checked there, and until then the server lets nobody alter the table.

use std::collections::BTreeSet;

use aludel_dialect::{Step, significant};
use aludel_schema::{Deferrable, Definition, Kind, Metadata, QualifiedName};

use crate::depends::World;
use crate::hazards::fired::{self, Filled};
use crate::pair::Pair;

/// Lets the rows that a plan fills be checked at once where the check would be deferred.
pub(crate) fn carry_out(steps: &mut [Step], world: &World<'_>) {
    for step in steps {
        if fired::filled(step).iter().any(|filled| leaves_events(world, filled)) {
            step.statements = world.dialect.without_deferring(std::mem::take(&mut step.statements));
        }
    }
}

/// Returns true if the filled rows may have something deferred to them: a constraint or a trigger of
/// the table, of a partition or of an heir. A trigger or a rule may write to any other table.
fn leaves_events(world: &World<'_>, filled: &Filled<'_>) -> bool {
    let writes_elsewhere = fired::fired_by(world, filled).next().is_some();
    let reached = world.and_below(vec![filled.table]);
    let Pair { database, target } = world.pair;
    let mut deferring = [database, target].into_iter().flat_map(|side| deferring(world, side));
    deferring.any(|table| writes_elsewhere || reached.contains(&table))
}

/// Returns the tables and partitions with something deferred.
fn deferring<'m>(world: &World<'m>, side: &'m Metadata) -> BTreeSet<&'m QualifiedName> {
    let constraints = side.tables.values().filter(|table| {
        table.constraints.iter().any(|own| own.deferrable == Deferrable::InitiallyDeferred)
    });
    let definitions = side.definitions.values().filter_map(|own| match own.id.kind {
        Kind::Trigger => own.id.table.as_ref().map(|table| (table, own)),
        Kind::Partition => Some((&own.id.name, own)),
        _ => None,
    });
    let definitions = definitions.filter(|(_, own)| defers(world, own));
    let constraints = constraints.map(|table| &table.name);
    constraints.chain(definitions.map(|(table, _)| table)).collect()
}

/// Returns true if the text of a definition says `INITIALLY DEFERRED`.
fn defers(world: &World<'_>, own: &Definition) -> bool {
    let texts = std::iter::once(&own.body).chain(own.clauses.iter().map(|clause| &clause.text));
    let mut texts = texts.map(|text| significant(text.spelling(), world.dialect));
    texts.any(|tokens| {
        let mut pairs = tokens.windows(2);
        pairs.any(|pair| pair[0].is_word("INITIALLY") && pair[1].is_word("DEFERRED"))
    })
}
