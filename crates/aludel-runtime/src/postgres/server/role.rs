//! The role of the runner in a session whose role a revision may have changed.

use aludel_dialect::Dialect;

use crate::settings::RunSettings;

/// Returns the statement by which a transaction that only reads takes a role.
pub(crate) fn for_reading(role: &str) -> String {
    format!("SET LOCAL ROLE {}", Dialect::Postgres.quote(role))
}

/// Returns the statements that take the role of the runner until the end of the transaction.
pub(crate) fn own(settings: &RunSettings) -> [String; 2] {
    let role = match &settings.role {
        Some(role) => for_reading(role),
        None => "SET LOCAL role TO DEFAULT".to_owned(),
    };
    ["SET LOCAL SESSION AUTHORIZATION DEFAULT".to_owned(), role]
}
