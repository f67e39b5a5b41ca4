//! Commands of psql and of the sqlite3 shell, which are no SQL and which no server understands.

use crate::dialect::Dialect;
use crate::token::Token;

/// The psql commands of pg_dump that restrict psql, and mean nothing to anybody else.
const MEANINGLESS: [&str; 2] = ["restrict", "unrestrict"];

/// The commands of psql, with what to write in their place.
const PSQL: &[(&[&str], &str)] = &[
    (&["."], "it ends the data of `COPY … FROM STDIN;`, and there is none before it"),
    (
        &["copy"],
        "write `COPY … FROM STDIN;`, the data on the lines after it, and `\\.` on the last one",
    ),
    (&["i", "ir", "include", "include_relative"], "write the statements of that file here"),
    (&["c", "connect"], "a revision runs on one connection; write a revision for each database"),
    (
        &["set", "unset", "gset", "getenv", "setenv", "prompt"],
        "there are no variables; write their values",
    ),
    (&["gexec"], "write a `DO` block that executes the statements"),
    (&["if", "elif", "else", "endif"], "write a `DO` block with the condition"),
    (&["watch"], "write `-- aludel: batch` before a statement that is to be repeated"),
    (&["g", "gx", "gdesc", "bind", "parse", "crosstabview", ";"], "end the statement by `;`"),
];

/// The commands of the sqlite3 shell, with what to write in their place.
const SQLITE: &[(&[&str], &str)] = &[
    (&["read"], "write the statements of that file here"),
    (&["import"], "write INSERT statements"),
    (&["open"], "a revision runs on one connection; write a revision for each database"),
    (&["param", "parameter"], "there are no parameters; write their values"),
];

/// Returns the length of a line that means something to psql only, at the start of `rest`.
pub(crate) fn meaningless(rest: &str) -> Option<usize> {
    let name = name(rest.strip_prefix('\\')?);
    MEANINGLESS.contains(&name).then(|| rest.find('\n').unwrap_or(rest.len()))
}

/// Returns what is wrong with a command of a client at `token`, if there is one. `is_between` says
/// that no statement has begun.
pub(crate) fn refusal(
    source: &str,
    token: Token<'_>,
    dialect: Dialect,
    is_between: bool,
) -> Option<String> {
    let (program, sign, known) = match dialect {
        // Outside of quotes, a backslash is no part of SQL.
        Dialect::Postgres if token.is_symbol("\\") => ("psql", '\\', PSQL),
        Dialect::Sqlite if token.is_symbol(".") && is_between => ("sqlite3", '.', SQLITE),
        Dialect::Postgres | Dialect::Sqlite => return None,
    };
    let name = name(&source[token.end()..]);
    let advice = known.iter().find(|(names, _)| names.contains(&name));
    let advice = advice.map_or("leave it out", |(_, advice)| advice);
    Some(format!("`{sign}{name}` is a command of {program}, not SQL: {advice}"))
}

/// Returns the name of a command: a word, or a single other character.
fn name(rest: &str) -> &str {
    let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let first = rest.chars().next().filter(|c| !c.is_whitespace()).map_or(0, char::len_utf8);
    &rest[..word.max(first)]
}
