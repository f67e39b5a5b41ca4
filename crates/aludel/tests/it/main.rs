//! The laws that hold the system together, as properties over random schemas and random bytes.

mod bytes;
mod laws;
mod random;
