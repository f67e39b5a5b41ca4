//! Real histories: from any point of one to any other by a generated revision, and back.

use std::fs;
use std::path::Path;

use aludel_testkit::{Dump, TestDatabase, TestProject, dump, server, shared};

use crate::PROGRAM;

/// A state of a database, loaded from its dump: PostgreSQL prints an expression that came from a
/// dump as it stands there, and one that came from elsewhere perhaps not.
struct Point {
    name: String,
    database: TestDatabase,
    schema: String,
}

/// Returns all pairs of a sample; with `ALUDEL_TEST_ALL=1` those of a larger one.
#[test]
fn any_point_of_a_history_leads_to_any_other() {
    let Some(folder) = shared("histories") else {
        println!("left out: ../shared/histories is not here");
        return;
    };
    let all = std::env::var_os("ALUDEL_TEST_ALL").is_some();
    let mut failures = Vec::new();
    for (name, steps) in [("mlflow", 4), ("prefect", 4), ("langflow", 3), ("warehouse", 2)] {
        let steps = if all { 11 } else { steps };
        let points = points(&folder.join(format!("{name}.sql")), name, steps);
        for from in &points {
            for to in points.iter().filter(|to| to.name != from.name) {
                failures.extend(transition(from, to).err());
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Six years of a schema in a single revision.
#[test]
fn one_revision_spans_a_major_version() {
    let Some(folder) = shared("schemas") else {
        println!("left out: ../shared/schemas is not here");
        return;
    };
    let point = |name: &str| {
        let database = server().database();
        database.sql(&fs::read_to_string(folder.join(format!("{name}.sql"))).unwrap());
        loaded(name.to_owned(), &database)
    };
    let (old, new) = (point("airflow_2_7_0"), point("airflow_3_3_2"));
    let failures: Vec<String> = [transition(&old, &new), transition(&new, &old)]
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Replays a history and returns this many of its states, the first and the last among them.
fn points(file: &Path, name: &str, count: usize) -> Vec<Point> {
    let text = fs::read_to_string(file).unwrap();
    let steps: Vec<&str> = text.split_inclusive("\n-- revision ").collect();
    let last = steps.len().saturating_sub(2);
    let chosen: Vec<usize> = (0..count).map(|at| at * last / (count - 1)).collect();
    let database = server().database();
    let mut points = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        // The rest of the line that ends a step is the id, which begins the next one.
        let sql = step.split_once('\n').filter(|_| at > 0).map_or(*step, |(_, sql)| sql);
        database.sql(sql.trim_end_matches("-- revision "));
        if chosen.contains(&at) {
            points.push(loaded(format!("{name} {at}"), &database));
        }
    }
    points
}

fn loaded(name: String, original: &TestDatabase) -> Point {
    let mut tool = original.server().tool("pg_dump");
    tool.args(["--schema-only", "--no-owner", "--no-privileges", &original.name]);
    let schema = String::from_utf8(tool.output().unwrap().stdout).unwrap();
    let lines = schema
        .lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    let schema = lines.collect::<Vec<_>>().join("\n");
    let database = server().database();
    database.sql(&schema);
    Point { name, database, schema }
}

/// Leads a copy of one state to another and back; tells what went wrong.
fn transition(from: &Point, to: &Point) -> Result<(), String> {
    let copy = server().database();
    copy.sql(&from.schema);
    let project = TestProject::new(PROGRAM, &copy.url());
    project.write("aludel.toml", "models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\nobjects = [\"objects/**/*.sql\"]\n");
    let what = format!("{} to {}", from.name, to.name);
    let run = |arguments: &[&str]| {
        let outcome = project.run_words(arguments);
        let said = format!("{what}: {}: {}{}", arguments[0], outcome.stdout, outcome.stderr);
        if outcome.code == 0 { Ok(()) } else { Err(said) }
    };
    let url = to.database.url();
    run(&["reflect", "-o", "models/models.rs", "--database-url", &url])?;
    run(&["revision", "--autogenerate", "-m", "x"])?;
    let Some(file) = project.revisions().pop() else {
        return same(&what, &copy, &to.database);
    };
    let text = project.read(&format!("versions/{file}"));
    run(&["upgrade", "head"])?;
    run(&["check"])?;
    same(&what, &copy, &to.database)?;
    let down = text.split("-- aludel: downgrade").nth(1).unwrap_or_default();
    let marks = ["-- fails if", "-- lossy", "irreversible"];
    let marked = marks.iter().any(|mark| down.contains(mark));
    match run(&["downgrade", "-1"]) {
        Ok(()) if marked => Ok(()),
        Ok(()) => same(&format!("{what} and back"), &copy, &from.database),
        Err(_) if marked => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// Compares two databases apart from the order of columns.
fn same(what: &str, one: &TestDatabase, other: &TestDatabase) -> Result<(), String> {
    let (one, other) = (sorted(dump(one)), sorted(dump(other)));
    let keys = one.keys().chain(other.keys());
    let Some(key) = keys.into_iter().find(|key| one.get(*key) != other.get(*key)) else {
        return Ok(());
    };
    Err(format!("{what}: {key:?}\n{:#?}\n{:#?}", one.get(key), other.get(key)))
}

type Sorted = std::collections::BTreeMap<(String, String), Vec<String>>;

fn sorted(dump: Dump) -> Sorted {
    dump.into_iter()
        .map(|(key, sql)| {
            let lines = sql.lines().map(|line| line.trim_end_matches(',').to_owned());
            let mut lines: Vec<String> = lines.collect();
            lines.sort();
            (key, lines)
        })
        .collect()
}
