//! Casts.

use std::collections::BTreeMap;

use aludel_driver::{Connection, DriverError};
use aludel_schema::{CastContext, CastTypes};

use crate::array;

/// Reads all casts of the server, with those of the extensions.
pub(crate) async fn casts(
    connection: &Connection<'_>,
) -> Result<BTreeMap<CastTypes, CastContext>, DriverError> {
    let mut casts = BTreeMap::new();
    for row in connection.query(include_str!("cast.sql")).await? {
        let types =
            CastTypes { from: row.text("source")?.to_owned(), to: row.text("target")?.to_owned() };
        let context = match row.text("castcontext")? {
            "i" => CastContext::Implicit,
            "a" => CastContext::Assignment,
            "e" => CastContext::Explicit,
            "r" => CastContext::OfRange,
            "m" => CastContext::OfMultirange,
            _ => return Err(array::error("castcontext", "is none of i, a, e, r and m").into()),
        };
        casts.insert(types, context);
    }
    Ok(casts)
}
