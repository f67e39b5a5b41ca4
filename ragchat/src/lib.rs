//! The database of a RAG chat system: users ask, answers rest on passages of their documents.
//!
//! `models` says what the database is; `migrations/` is how it came to be, written by Aludel.

pub mod models;
