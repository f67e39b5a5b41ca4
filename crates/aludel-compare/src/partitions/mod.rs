//! Partitioned tables and partitions: keys and bounds, tables that come and leave, and what a partition has of its own.

pub(crate) mod adopting;
pub(crate) mod bound;
pub(crate) mod exchange;
pub(crate) mod firing;
pub(crate) mod held_keys;
pub(crate) mod joining;
pub(crate) mod part_constraints;
pub(crate) mod part_counters;
pub(crate) mod part_indexes;
pub(crate) mod partition;
pub(crate) mod partition_keys;
pub(crate) mod storing;
