//! Hazards of a plan: rows that may break a rule, values that are lost, and results that stay as they were. The file
//! and the summary say them.

pub(crate) mod computed;
pub(crate) mod deferred;
mod domain_rules;
pub(crate) mod fails;
pub(crate) mod fired;
pub(crate) mod first_values;
pub(crate) mod lost;
mod replaced_values;
pub(crate) mod replication;
pub(crate) mod restore;
pub(crate) mod row_order;
mod rows;
pub(crate) mod stale;
pub(crate) mod unfilled;
