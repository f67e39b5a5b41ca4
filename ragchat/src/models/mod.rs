//! The models.

pub mod database;
