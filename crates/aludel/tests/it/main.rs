//! The laws that hold the system together, as properties over random schemas and random bytes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod bytes;
mod casts;
mod graphs;
mod kinds;
mod laws;
mod locks;
mod migrator;
mod random;
mod steps;
