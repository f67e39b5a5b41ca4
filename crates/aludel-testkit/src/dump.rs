//! Dumps of schemas that can be compared.

use std::collections::BTreeMap;
use std::path::Path;

use crate::TestDatabase;
use crate::server::expect;

/// The SQL of the objects of a database, by their kind and name.
pub type Dump = BTreeMap<(String, String), String>;

/// Runs `pg_dump --schema-only` and returns an entry for each object, without the version table and
/// the journal.
pub fn dump(database: &TestDatabase) -> Dump {
    let mut pg_dump = database.server().tool("pg_dump");
    pg_dump.args(["--schema-only", "--no-owner", "--no-privileges", &database.name]);
    let text = expect("pg_dump", pg_dump.output());
    let mut objects = Dump::new();
    for block in text.split("\n--\n-- Name: ").skip(1) {
        let Some((head, body)) = block.split_once("\n--\n") else { continue };
        let Some((name, rest)) = head.split_once("; Type: ") else { continue };
        let Some((kind, rest)) = rest.split_once("; Schema: ") else { continue };
        let schema = rest.split(';').next().unwrap_or_default();
        let body =
            body.split("\n--\n-- PostgreSQL database dump complete").next().unwrap_or_default();
        if !name.contains("aludel_version") {
            objects.insert((kind.to_owned(), format!("{schema}.{name}")), normalised(body));
        }
    }
    objects
}

/// Removes text that does not depend on the schema alone: PostgreSQL 18 numbers the names of NOT
/// NULL constraints by the order of creation, and `pg_dump` prints `\restrict` lines with a random
/// word.
fn normalised(body: &str) -> String {
    let noise = ["\\restrict", "\\unrestrict", "SET default_"];
    let lines = body.lines().filter(|line| !noise.iter().any(|start| line.starts_with(start)));
    let lines = lines.map(|line| match (line.find(" CONSTRAINT "), line.find("_not_null")) {
        (Some(from), Some(to))
            if line.trim_end_matches(',').ends_with(" NOT NULL") && from < to =>
        {
            let rest = line[to..].find(' ').map_or("", |space| &line[to + space..]);
            format!("{}{rest}", &line[..from])
        }
        _ => in_any_order(line),
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Sorts the columns that a statistics object or a publication lists. The server lists them in the
/// order of the table.
fn in_any_order(line: &str) -> String {
    let (open, close) = match line {
        _ if line.starts_with("CREATE STATISTICS ") => (" ON ", " FROM "),
        _ if line.starts_with("ALTER PUBLICATION ") => (" (", ")"),
        _ => return line.to_owned(),
    };
    let Some((before, rest)) = line.split_once(open) else { return line.to_owned() };
    let Some((list, after)) = rest.split_once(close) else { return line.to_owned() };
    let mut columns: Vec<&str> = list.split(", ").collect();
    columns.sort_unstable();
    format!("{before}{open}{}{close}{after}", columns.join(", "))
}

/// Returns the name and SQL of everything in a SQLite file, except for the version table and the
/// journal.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn sqlite_schema(path: &Path) -> BTreeMap<String, String> {
    let read = || -> rusqlite::Result<Vec<(String, String)>> {
        let connection = rusqlite::Connection::open(path)?;
        let mut statement = connection.prepare(
            "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        )?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let rows = read().unwrap_or_else(|error| panic!("can't read {}: {error}", path.display()));
    rows.into_iter()
        .filter(|(name, _)| !name.starts_with("aludel_version"))
        .map(|(name, sql)| (name, normalised_sqlite(&sql)))
        .collect()
}

/// Returns SQLite's SQL with one space between words, because ALTER TABLE does not keep line
/// breaks.
pub fn normalised_sqlite(sql: &str) -> String {
    let spaced: String = sql.replace('(', " ( ").replace(')', " ) ").replace(',', " , ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
