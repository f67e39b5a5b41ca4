//! Scripts for sqlite3. SQLite has no procedures, so a guard is a row that a check of a temporary
//! table refuses, and the name of the check is the message.

use crate::schedule::Guard;
use crate::script_head::ScriptHead;
use crate::version_table::VersionTable;

/// Refuses a change of the version table that did not affect exactly one row.
pub(crate) const MOVED: &str = "INSERT INTO temp.aludel_guard (moved) SELECT changes() = 1";

pub(crate) fn head(table: &VersionTable, rows: &[String], refusal: &str) -> ScriptHead {
    let guard = vec![
        "PRAGMA foreign_keys = OFF".to_owned(),
        format!(
            "CREATE TEMP TABLE aludel_guard (place integer CONSTRAINT {} CHECK (place), \
             moved integer CONSTRAINT \"the version table was changed meanwhile\" CHECK (moved), \
             whole integer CONSTRAINT \"the revision leaves rows without their parents\" CHECK (whole))",
            table.dialect.quote(refusal)
        ),
        format!(
            "INSERT INTO temp.aludel_guard (place) SELECT (SELECT coalesce(group_concat(version_num, ' '), '') FROM (SELECT version_num FROM {} ORDER BY version_num)) = {}",
            table.sql_name(),
            table.dialect.literal(&rows.join(" "))
        ),
        "CREATE TEMP TABLE aludel_before (broken integer)".to_owned(),
    ];
    ScriptHead { program: "sqlite3", stop: ".bail on", guard }
}

/// Returns the statements for a guard. Guards for the rows of the version table need none, because
/// the head of the script and the check of each change cover them.
pub(crate) fn guard(guard: &Guard) -> Vec<&'static str> {
    match guard {
        Guard::From(_) | Guard::To(_) => Vec::new(),
        Guard::WholeBefore => vec![
            "DELETE FROM temp.aludel_before",
            "INSERT INTO temp.aludel_before SELECT count(*) FROM pragma_foreign_key_check",
        ],
        Guard::WholeAfter => vec![
            "INSERT INTO temp.aludel_guard (whole) SELECT (SELECT count(*) FROM pragma_foreign_key_check) <= (SELECT broken FROM temp.aludel_before)",
        ],
    }
}
