//! The models, which are also the rows that sqlx reads.

use aludel::Table;
use serde::Serialize;

/// A note.
#[derive(Debug, PartialEq, Serialize, sqlx::FromRow, Table)]
pub struct Note {
    #[column(primary_key, identity)]
    pub id: i64,
    #[column(check = "title <> ''")]
    pub title: String,
    #[column(default = "false")]
    pub done: bool,
}
