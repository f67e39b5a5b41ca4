//! From revisions to what a database is sent, and to what is known afterwards. The databases are
//! SQLite in memory; PostgreSQL is only written for.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod history;
mod threads;

mod failures;
mod large;
mod memory;
mod offline;
mod runner;
mod schedule;
