//! The models, and diesel's names of the same tables.

use aludel::Table;
use diesel::prelude::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};

diesel::table! {
    visits (id) {
        id -> BigInt,
        page -> Text,
    }
}

/// A visit of a page.
#[derive(Debug, Serialize, Queryable, Selectable, Table)]
pub struct Visit {
    #[column(primary_key, identity)]
    pub id: i64,
    #[column(check = "page LIKE '/%'", index)]
    pub page: String,
}

/// A visit that has no number yet.
#[derive(Debug, Deserialize, Insertable)]
#[diesel(table_name = visits)]
pub struct NewVisit {
    pub page: String,
}
