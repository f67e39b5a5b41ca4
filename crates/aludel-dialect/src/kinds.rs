//! The tables of kinds: which kinds are data, one table for each dialect.

use crate::kind::KindFacts;

/// The kinds of PostgreSQL that are data.
pub(crate) const POSTGRES: &[KindFacts] = &[];

/// The kinds of SQLite that are data.
pub(crate) const SQLITE: &[KindFacts] = &[];
