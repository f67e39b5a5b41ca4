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

/// Regular expressions for what sets a setting whose name no text has as a whole: a call of `set_config`
/// with something else than a name, and a SET that is put together.
const PUT_TOGETHER: [&str; 2] = [
    r"set_config\s*\(\s*(?!(setting_name\s*=>\s*)?e?'+[a-z_][\w.]*'+\s*,)",
    r"execute\s+(format\s*\(\s*)?e?'+\s*set\s+(session\s+)?[\w.]*['%]",
];

/// Returns the query for the code, run by statements, that may have set a setting whose name it puts
/// together. It has a row if there is any: one of the statements, or a function that they name, or
/// one that it calls. Returns `None` if nothing of it runs code.
pub(crate) fn put_together(statements: &[SqlStatement<'_>]) -> Option<String> {
    let literal = |text: &str| Dialect::Postgres.literal(text);
    let running = statements.iter().filter(|one| Dialect::Postgres.may_run_code(one.sql));
    let (mut names, mut code) = (BTreeSet::new(), Vec::new());
    for statement in running {
        let tokens = significant(statement.sql, Dialect::Postgres);
        let called = tokens.windows(2).filter(|pair| pair[1].is_symbol("("));
        names.extend(called.filter_map(|pair| pair[0].identifier()));
        let is_block = tokens.first().is_some_and(|token| token.is_word("DO"));
        if is_block || has_word(statement.sql, "set_config") {
            code.push(literal(statement.sql));
        }
    }
    if names.is_empty() && code.is_empty() {
        return None;
    }
    let names: Vec<String> = names.iter().map(|name| literal(name)).collect();
    let is_set = PUT_TOGETHER.map(|pattern| format!("code ~* {}", literal(pattern))).join(" OR ");
    Some(format!(
        "WITH RECURSIVE f AS (SELECT p.proname, p.prosrc FROM pg_catalog.pg_proc p \
         JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname <> ALL ('{{pg_catalog,information_schema}}')), \
         ran(code) AS (SELECT pg_catalog.unnest(ARRAY[{}]::text[]) \
         UNION SELECT prosrc FROM f WHERE proname = ANY (ARRAY[{}]::text[]) \
         UNION SELECT f.prosrc FROM ran JOIN f \
         ON ran.code ~* pg_catalog.concat({}, pg_catalog.regexp_replace(f.proname, {}, '.', 'g'), {})) \
         SELECT 1 AS found FROM ran WHERE {is_set} LIMIT 1",
        code.join(", "),
        names.join(", "),
        literal(r"\m"),
        literal(r"\W"),
        literal("\"?\\s*\\("),
    ))
}

fn has_word(sql: &str, word: &str) -> bool {
    let mut windows = sql.as_bytes().windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
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
