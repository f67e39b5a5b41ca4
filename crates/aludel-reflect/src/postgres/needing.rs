//! Objects that rest on something of an extension.

use aludel_driver::{Connection, DriverError, Row};

use crate::array;

/// An object that is not part of an extension and rests on something of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needing {
    /// The extension.
    pub(crate) extension: String,
    /// The names of the object from the outside in, as `pg_identify_object_as_address` gives them: a schema, a
    /// table and a column, for example.
    pub(crate) names: Vec<String>,
}

/// Reads the objects that rest on something of an extension and belong to none.
pub(crate) async fn needing(connection: &Connection<'_>) -> Result<Vec<Needing>, DriverError> {
    let rows = connection.query(include_str!("needing.sql")).await?;
    let read = |row: &Row| {
        let extension = row.text("extname")?.to_owned();
        Ok(Needing { extension, names: array::texts(row, "names")? })
    };
    rows.iter().map(read).collect()
}
