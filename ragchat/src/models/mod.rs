//! The models of the chat system.

pub mod database;
