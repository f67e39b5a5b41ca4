//! The outcome of a statement outside a transaction.

use aludel_dialect::Effect;

use crate::outcome::Outcome;

/// Returns the outcome of a statement with this effect. Each statement that SQLite refuses in a
/// transaction may be repeated.
pub(crate) fn outcome(effect: &Effect) -> Outcome {
    match effect {
        Effect::Repeatable => Outcome::NotDone { leftovers: Vec::new() },
        Effect::IndexBuilt { .. }
        | Effect::NamelessIndexBuilt { .. }
        | Effect::IndexesDropped(_)
        | Effect::PartitionDetached { .. }
        | Effect::Database(..)
        | Effect::Tablespace(..)
        | Effect::Subscription(..)
        | Effect::Reindexed(_)
        | Effect::Unseen => Outcome::Unknown,
    }
}
