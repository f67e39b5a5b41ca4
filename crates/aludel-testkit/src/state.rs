//! The schema and the rows of a database, to compare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;

use crate::TestDatabase;

/// The schema and the rows of a database, without what the program keeps in it and without the
/// values of counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The statements of each object, as they are.
    pub schema: BTreeMap<String, String>,
    /// The rows of each table, sorted, with their columns in the order of the names.
    pub rows: BTreeMap<String, Vec<String>>,
}

/// Writes a query for the rows of each table, and runs them.
const ROWS: &str = r#"
SELECT format('SELECT %L || '': '' || ROW(%s)::text FROM ONLY %I.%I', n.nspname || '.' || c.relname,
    (SELECT coalesce(string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C"), '')
     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND c.relname !~ '^aludel_version'
\gexec
"#;

impl State {
    /// Reads the state of a PostgreSQL database.
    ///
    /// # Errors
    ///
    /// Returns what `pg_dump` or the server says.
    pub fn of_postgres(database: &TestDatabase) -> Result<Self, String> {
        let mut rows = BTreeMap::<String, Vec<String>>::new();
        for line in database.server().try_sql(&database.name, ROWS)?.lines() {
            let (table, row) = line.split_once(": ").unwrap_or(("", line));
            rows.entry(table.to_owned()).or_default().push(row.to_owned());
        }
        Ok(Self { schema: dumped(database)?, rows: sorted(rows) })
    }

    /// Reads the state of a SQLite file.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read.
    pub fn of_sqlite(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        let tables = texts(
            &connection,
            "SELECT name FROM sqlite_schema WHERE type = 'table'
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'aludel\\_version%' ESCAPE '\\'",
            [],
        )?;
        let (mut schema, mut rows) = (BTreeMap::new(), BTreeMap::new());
        for table in tables {
            schema.insert(format!("table {table}"), pragmas(&connection, &table)?);
            rows.insert(table.clone(), rows_of(&connection, &table)?);
        }
        for named in texts(
            &connection,
            "SELECT type || ' ' || name || char(10) || sql FROM sqlite_schema
             WHERE type <> 'table' AND sql IS NOT NULL AND tbl_name NOT LIKE 'aludel\\_version%' ESCAPE '\\'",
            [],
        )? {
            let (name, sql) = named.split_once('\n').unwrap_or((&named, ""));
            schema.insert(name.to_owned(), words(sql).join(" "));
        }
        Ok(Self { schema, rows: sorted(rows) })
    }

    /// Returns the same with the columns of each table in no order.
    #[must_use]
    pub fn without_order(&self) -> Self {
        let schema = self.schema.iter().map(|(name, text)| {
            if !name.contains("TABLE ") {
                return (name.clone(), text.clone());
            }
            let mut lines: Vec<&str> =
                text.lines().map(|line| line.trim_end_matches(',')).collect();
            lines.sort_unstable();
            (name.clone(), lines.join("\n"))
        });
        Self { schema: schema.collect(), rows: self.rows.clone() }
    }

    /// Returns the objects that differ from those of another state, with both texts.
    pub fn schema_differences(&self, other: &Self) -> Vec<String> {
        differences(&self.schema, &other.schema, String::as_str)
    }

    /// Returns the tables whose rows differ from those of another state.
    pub fn row_differences(&self, other: &Self) -> Vec<String> {
        let joined = |rows: &BTreeMap<String, Vec<String>>| {
            let joined = rows.iter().map(|(table, rows)| (table.clone(), rows.join("\n")));
            joined.collect::<BTreeMap<_, _>>()
        };
        differences(&joined(&self.rows), &joined(&other.rows), String::as_str)
    }
}

fn differences(
    expected: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    text: impl Fn(&String) -> &str,
) -> Vec<String> {
    let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differing = names.into_iter().filter(|name| expected.get(*name) != found.get(*name));
    differing
        .map(|name| {
            let (old, new) = (expected.get(name).map(&text), found.get(name).map(&text));
            format!("{name}: {}", narrowed(old.unwrap_or(""), new.unwrap_or("")))
        })
        .collect()
}

/// Returns the lines that only one of the texts has.
fn narrowed(old: &str, new: &str) -> String {
    let only = |these: &str, those: &str, sign: char| {
        let those: BTreeSet<&str> = those.lines().map(str::trim).collect();
        let lines = these.lines().map(str::trim).filter(|line| !those.contains(line));
        lines.map(|line| format!("{sign} {line}")).collect::<Vec<_>>()
    };
    let mut lines = only(old, new, '-');
    lines.extend(only(new, old, '+'));
    if lines.is_empty() {
        return format!("the same lines in another order:\n{old}\n{new}");
    }
    lines.join("; ")
}

fn sorted(mut rows: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    rows.values_mut().for_each(|rows| rows.sort());
    rows.retain(|_, rows| !rows.is_empty());
    rows
}

/// Returns the statements of `pg_dump --schema-only` by kind and name.
fn dumped(database: &TestDatabase) -> Result<BTreeMap<String, String>, String> {
    let mut pg_dump = database.server().tool("pg_dump");
    // No case has security labels, and asking for them takes long.
    let output = pg_dump.args(["--schema-only", "--no-security-labels", &database.name]).output();
    let output = output.map_err(|error| format!("pg_dump can't run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut objects = BTreeMap::<String, String>::new();
    let mut settings = BTreeMap::<String, String>::new();
    for block in text.split("\n--\n-- Name: ") {
        let entry = entry(block);
        let body = body(entry.as_ref().map_or(block, |(_, body)| body), &mut settings);
        let Some((name, _)) = entry.filter(|(name, _)| !name.contains("aludel_version")) else {
            continue;
        };
        // The settings are those from before the block, because `pg_dump` changes them above it.
        objects.entry(name).or_default().push_str(&body);
    }
    Ok(objects)
}

/// Returns the kind and name of a block of `pg_dump`, and its statements.
fn entry(block: &str) -> Option<(String, &str)> {
    let (head, body) = block.split_once("\n--\n")?;
    let (name, rest) = head.split_once("; Type: ")?;
    let (kind, rest) = rest.split_once("; Schema: ")?;
    let schema = rest.split(';').next().unwrap_or_default();
    Some((format!("{kind} {schema}.{name}"), body))
}

/// Returns the statements of a block, and behind them the settings that it was made with and that
/// are not the default. Lines that change a setting are for the blocks behind this one.
fn body(text: &str, settings: &mut BTreeMap<String, String>) -> String {
    let noise = ["\\restrict", "\\unrestrict", "-- PostgreSQL database dump"];
    let before = settings.clone();
    let mut lines = Vec::new();
    for line in text.lines() {
        let setting = line.strip_prefix("SET default_").and_then(|rest| rest.split_once(" = "));
        if let Some((name, value)) = setting {
            settings.insert(name.to_owned(), value.trim_end_matches(';').to_owned());
        } else if !line.trim().is_empty()
            && line != "--"
            && !noise.iter().any(|start| line.starts_with(start))
        {
            lines.push(line.to_owned());
        }
    }
    let default = ["''", "heap", "\"\""];
    let others = before.iter().filter(|(_, value)| !default.contains(&value.as_str()));
    lines.extend(others.map(|(name, value)| format!("{name} = {value}")));
    lines.join("\n")
}

fn texts(
    connection: &Connection,
    query: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map(parameters, |row| row.get(0))?;
    rows.collect()
}

/// Returns what the pragmas say of a table, and its expressions, with one word for what means the same: a key that is the
/// rowid is never NULL, and a foreign key without columns references the primary key.
fn pragmas(connection: &Connection, table: &str) -> rusqlite::Result<String> {
    let mut lines = texts(
        connection,
        "SELECT 'without rowid ' || wr || ', strict ' || strict FROM pragma_table_list(?1) WHERE schema = 'main'",
        [table],
    )?;
    lines.extend(texts(
        connection,
        "SELECT 'column ' || name || ' ' || replace(type, ', ', ',') || ', not null '
             || iif(pk = 1 AND type = 'INTEGER' AND keys = 1, 'by rowid', \"notnull\") || ', default '
             || coalesce(dflt_value, 'none') || ', key ' || pk || ', hidden ' || hidden
         FROM pragma_table_xinfo(?1), (SELECT count(*) AS keys FROM pragma_table_xinfo(?1) WHERE pk)
         ORDER BY name",
        [table],
    )?);
    lines.extend(texts(
        connection,
        "WITH parts AS (SELECT f.*, coalesce(f.\"to\", p.name) AS target
                        FROM pragma_foreign_key_list(?1) f
                        LEFT JOIN pragma_table_xinfo(f.\"table\") p ON p.pk = f.seq + 1
                        ORDER BY f.id, f.seq),
              keys AS (SELECT 'foreign key ' || group_concat(\"from\") || ' to ' || \"table\" || ' '
                           || group_concat(target) || ' on update ' || on_update
                           || ' on delete ' || on_delete || ' match ' || match AS line
                       FROM parts GROUP BY id)
         SELECT line FROM keys ORDER BY line",
        [table],
    )?);
    lines.extend(texts(
        connection,
        "SELECT CASE WHEN l.name LIKE 'sqlite\\_%' ESCAPE '\\' THEN 'index' ELSE 'index ' || l.name END
             || ' unique ' || l.\"unique\" || ' origin ' || l.origin || ' partial ' || l.partial || ' on '
             || (SELECT group_concat(coalesce(x.name, 'expression') || ' ' || x.\"desc\" || ' ' || x.coll)
                 FROM pragma_index_xinfo(l.name) x WHERE x.key) AS line
         FROM pragma_index_list(?1) l ORDER BY line",
        [table],
    )?);
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    for statement in texts(connection, sql, [table])? {
        lines.extend(expressions(&statement));
    }
    Ok(lines.join("\n"))
}

fn rows_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let columns = texts(
        connection,
        "SELECT 'quote(\"' || replace(name, '\"', '\"\"') || '\")' FROM pragma_table_xinfo(?1) ORDER BY name",
        [table],
    )?;
    let row = columns.join(" || ', ' || ");
    texts(connection, &format!("SELECT {row} FROM \"{}\"", table.replace('"', "\"\"")), [])
}

/// Returns the expressions of checks and generated columns, which no pragma has.
fn expressions(sql: &str) -> Vec<String> {
    let words = words(sql);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let begins = ["CHECK", "AS"].iter().any(|begin| word.eq_ignore_ascii_case(begin));
        if !begins || words.get(at + 1).is_none_or(|next| next != "(") {
            continue;
        }
        let mut depth = 0;
        let inside = words[at + 1..].iter().take_while(|word| {
            depth += i32::from(*word == "(") - i32::from(*word == ")");
            depth > 0
        });
        let inside: Vec<&str> = inside.map(String::as_str).collect();
        found.push(format!("{} {}", word.to_uppercase(), inside.join(" ")));
    }
    found.sort();
    found
}

/// Returns the words of a statement without quotes, because ALTER TABLE adds some.
fn words(sql: &str) -> Vec<String> {
    let mut spaced = String::new();
    for letter in sql.chars() {
        match letter {
            '(' | ')' | ',' => spaced.extend([' ', letter, ' ']),
            '"' | '`' | '[' | ']' => {}
            _ => spaced.push(letter),
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}
