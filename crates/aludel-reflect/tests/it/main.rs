//! Reflection of each kind of object: SQLite in memory, PostgreSQL on a
//! server.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod case;

mod damage;
mod definitions;
mod leftovers;
mod postgres;
mod spelling;
mod sqlite;
mod storage;
