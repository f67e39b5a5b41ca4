//! The models.

use aludel::Table;
use serde::{Deserialize, Serialize};

/// A book of a library.
#[derive(Debug, Serialize, Deserialize, PartialEq, Table)]
pub struct Book {
    #[column(primary_key, check = "length(isbn) = 13")]
    pub isbn: String,
    #[column(index)]
    pub title: String,
    /// The number of copies on the shelf.
    #[column(check = "copies >= 0")]
    pub copies: i64,
}
