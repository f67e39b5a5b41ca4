//! Scripts for psql.

use crate::script_head::ScriptHead;
use crate::version_table::VersionTable;

pub(crate) fn head(table: &VersionTable, rows: &[String], refusal: &str) -> ScriptHead {
    let literal = |text: &str| table.dialect.literal(text);
    let wanted: Vec<String> = rows.iter().map(|row| literal(row)).collect();
    let guard = format!(
        "DO $aludel$\nBEGIN\n    IF (SELECT coalesce(array_agg(version_num::text ORDER BY version_num::text COLLATE \"C\"), '{{}}') FROM {})\n        \
         <> ARRAY[{}]::text[] THEN\n        RAISE EXCEPTION {};\n    END IF;\nEND\n$aludel$",
        table.sql_name(),
        wanted.join(", "),
        literal(refusal)
    );
    ScriptHead { program: "psql", stop: "\\set ON_ERROR_STOP on", guard: vec![guard] }
}

/// Returns a loop with a transaction for each iteration.
pub(crate) fn batch(sql: &str) -> String {
    format!(
        "DO $aludel_batch$\nDECLARE\n    touched bigint;\nBEGIN\n    LOOP\n{sql};\n        GET DIAGNOSTICS touched = ROW_COUNT;\n        \
         COMMIT;\n        EXIT WHEN touched = 0;\n    END LOOP;\nEND\n$aludel_batch$"
    )
}
