//! The database of a RAG chat system: answers to users' questions cite passages of their documents.
//!
//! `models` declares the database. `migrations/` holds its history, written by Aludel.

pub mod models;
