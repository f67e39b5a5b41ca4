//! The settings with a class (`SET app.tenant = …`), which the catalogue does not list.
//!
//! Their names are looked for where they can be set or read: in the statements of the revision, and
//! in the functions and policies of the database. A name without a value does no harm.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, SqlStatement, significant};

/// The names in a text of code, as a regular expression with one group.
const IN_CODE: [&str; 2] = [
    r"(?:current_setting|set_config)\s*\(\s*'([a-z_]\w*(?:\.\w+)+)'",
    r"\mset\s+(?:session\s+|local\s+)?([a-z_]\w*\.\w+)\s*(?:=|\mto\M)",
];

/// Returns the query for the names of all settings that may have been set, one in each row.
pub(crate) fn names(statements: &[SqlStatement<'_>]) -> String {
    let stated: BTreeSet<String> = statements.iter().flat_map(|s| stated(s.sql)).collect();
    let literal = |text: &str| Dialect::Postgres.literal(text);
    let stated: Vec<String> = stated.iter().map(|name| literal(name)).collect();
    let mut queries =
        vec![format!("SELECT pg_catalog.unnest(ARRAY[{}]::text[])", stated.join(", "))];
    let functions = "SELECT p.prosrc AS code FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n \
                     ON n.oid = p.pronamespace WHERE n.nspname <> ALL ('{pg_catalog,information_schema}')";
    let policies = "SELECT concat(pg_catalog.pg_get_expr(polqual, polrelid), \
                    pg_catalog.pg_get_expr(polwithcheck, polrelid)) FROM pg_catalog.pg_policy";
    for pattern in IN_CODE {
        queries.push(format!(
            "SELECT (pg_catalog.regexp_matches(code, {}, 'gi'))[1] FROM ({functions} UNION ALL {policies}) t",
            literal(pattern)
        ));
    }
    queries.join(" UNION ")
}

/// Returns the names in a statement: the one that it sets, and all texts in quotes that look like
/// one, also in the code of a function.
fn stated(sql: &str) -> Vec<String> {
    let tokens = significant(sql, Dialect::Postgres);
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_set = token.is_word("SET") || token.is_word("SESSION") || token.is_word("LOCAL");
        let Some([class, dot, name]) = tokens.get(at + 1..at + 4).filter(|_| is_set) else {
            continue;
        };
        if let (Some(class), true, Some(name)) =
            (class.identifier(), dot.is_symbol("."), name.identifier())
        {
            names.push(format!("{class}.{name}"));
        }
    }
    names.extend(sql.split('\'').filter(|text| is_name(text)).map(str::to_owned));
    names
}

/// Returns true for words that dots join.
fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.len() < 128 && text.contains('.') && text.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_are_set() {
        for (sql, expected) in [
            ("SET app.tenant = 'blue'", &["app.tenant"][..]),
            ("set session app.tenant to 'b.c'", &["app.tenant", "b.c"]),
            ("SELECT set_config('my.tenant', 'acme', false)", &["my.tenant"]),
            ("DO $$ BEGIN PERFORM set_config('a.b', 'x y.', false); END $$", &["a.b"]),
            ("UPDATE t SET a = 'it''s 1.5'", &[]),
        ] {
            assert_eq!(stated(sql), expected, "{sql}");
        }
    }
}
