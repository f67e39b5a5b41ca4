//! The models.

use aludel::Table;

/// A user.
#[derive(Debug, Table)]
pub struct User {
    /// The identity.
    #[column(primary_key)]
    pub id: i64,
    /// The address, without white space around it and with its domain in lower case.
    #[column(index(unique))]
    pub email: String,
    /// The domain of the address.
    #[column(index)]
    pub domain: Option<String>,
}
