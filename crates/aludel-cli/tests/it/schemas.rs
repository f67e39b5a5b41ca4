//! Real schemas of public projects: read into models, compared, built again, dumped.

use std::collections::BTreeMap;
use std::fs;

use aludel_testkit::{Dump, Folder, TestDatabase, TestProject, dump, server, shared};

use crate::PROGRAM;

/// Kinds of objects that models can say, as `pg_dump` names them.
const SAID: [&str; 12] = [
    "TABLE",
    "CONSTRAINT",
    "FK CONSTRAINT",
    "CHECK CONSTRAINT",
    "INDEX",
    "SEQUENCE",
    "SEQUENCE OWNED BY",
    "DEFAULT",
    "TYPE",
    "EXTENSION",
    "SCHEMA",
    "ROW SECURITY",
];

#[test]
fn real_schemas_go_through_models_and_back() {
    let Some(folder) = shared("schemas") else {
        println!("left out: ../shared/schemas is not here");
        return;
    };
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        round_trip(
            file.file_stem().unwrap().to_str().unwrap(),
            &fs::read_to_string(&file).unwrap(),
        );
    }
}

/// The same for a schema of our own with everything that the notation can say.
#[test]
fn everything_the_notation_says_goes_through_models_and_back() {
    round_trip("everything", include_str!("everything.sql"));
}

/// The same for what only PostgreSQL 18 has.
#[test]
fn everything_of_postgres_18_goes_through_models_and_back() {
    let version = server().sql("postgres", "SHOW server_version_num");
    if version.trim() < "180000" {
        println!("left out: the server is older");
        return;
    }
    round_trip("everything_18", include_str!("everything_18.sql"));
}

fn round_trip(name: &str, sql: &str) {
    let (original, copy) = (server().database(), server().database());
    original.sql(sql);
    let project = TestProject::new(PROGRAM, &original.url());
    let reflected = project.run("reflect").exits(0);
    project.models(&reflected.stdout);

    let check = project.run("check -v");
    assert_eq!(
        check.code, 0,
        "{name}: check right after reflect\n{}{}",
        check.stdout, check.stderr
    );

    let before = dump(&original);
    let leftovers = leftovers(&reflected.stderr);
    create_what_models_cannot_say(&before, &copy);
    let prepared = dump(&copy);
    let other = |arguments: &str| {
        let url = copy.url();
        let words: Vec<&str> =
            arguments.split_whitespace().chain(["--database-url", &url]).collect();
        project.run_words(&words)
    };
    other("revision --autogenerate -m all").ok();
    other("upgrade head").ok();
    let check = other("check");
    assert_eq!(check.code, 0, "{name}: check right after upgrade\n{}", check.stdout);

    let after = dump(&copy);
    let (mut same, mut left) = (0, BTreeMap::<&str, usize>::new());
    for ((kind, object), sql) in &before {
        if !is_said(kind, object)
            || is_composite(sql)
            || belongs_to_leftover(object, sql, &leftovers)
        {
            *left.entry(kind).or_default() += 1;
            continue;
        }
        let built = after.get(&(kind.clone(), object.clone()));
        let built = built.map_or("nothing", String::as_str);
        assert!(built == sql, "{name}: {kind} {object}\n{sql}\n{built}");
        same += 1;
    }
    let new: Vec<_> = after.keys().filter(|key| !before.contains_key(key)).collect();
    assert!(new.is_empty(), "{name}: {new:?} were not in the original");
    println!(
        "{name}: {same} objects came through; left over: {left:?}; named: {}",
        named(&reflected.stderr)
    );

    other("downgrade base").ok();
    assert_eq!(dump(&copy), prepared, "{name}: downgrade to base leaves what was there before");
}

/// How many things `reflect` names that it can't say.
fn named(said: &str) -> usize {
    said.lines().filter(|line| line.starts_with("not in the models' notation: ")).count()
}

/// Names of relations that `reflect` says it can't say, without their schema. What hangs on them
/// (indexes, constraints) is left over with them.
fn leftovers(said: &str) -> Vec<String> {
    let kinds = ["partition ", "materialized view ", "view ", "foreign table "];
    said.lines()
        .filter_map(|line| line.strip_prefix("not in the models' notation: "))
        .filter_map(|line| kinds.iter().find_map(|kind| line.strip_prefix(kind)))
        .map(|name| name.rsplit('.').next().unwrap_or_default().to_owned())
        .collect()
}

/// Whether models can say an object of this kind. A comment's name says what it is on.
fn is_said(kind: &str, object: &str) -> bool {
    let comments = [".TABLE ", ".COLUMN ", ".INDEX ", ".TYPE ", ".CONSTRAINT "];
    SAID.contains(&kind) || (kind == "COMMENT" && comments.iter().any(|on| object.contains(on)))
}

/// Enum types are said, others are not.
fn is_composite(sql: &str) -> bool {
    sql.starts_with("CREATE TYPE") && !sql.contains(" AS ENUM (")
}

/// Whether it is something that was named as left over, or is on a table that was.
fn belongs_to_leftover(object: &str, sql: &str, leftovers: &[String]) -> bool {
    let table = sql
        .split(" ON ")
        .nth(1)
        .filter(|_| sql.contains("INDEX "))
        .and_then(|rest| rest.split(' ').next());
    object
        .split(['.', ' '])
        .chain(table.into_iter().flat_map(|table| table.split('.')))
        .any(|part| leftovers.iter().any(|leftover| leftover == part.trim_matches('"')))
}

/// Functions, domains and the like, which the tables may need and the models can't say.
fn create_what_models_cannot_say(original: &Dump, copy: &TestDatabase) {
    let kinds = ["SCHEMA", "EXTENSION", "TYPE", "DOMAIN", "FUNCTION", "PROCEDURE", "AGGREGATE"];
    let mut sql = String::from("SET check_function_bodies = off;\n");
    for kind in kinds {
        for ((of, _), text) in original {
            let said = kind == "TYPE" && text.contains(" AS ENUM (");
            if of == kind && !said {
                sql.push_str(text);
                sql.push('\n');
            }
        }
    }
    let folder = Folder::new("prepare");
    let file = folder.path().join("prepare.sql");
    fs::write(&file, sql).unwrap();
    // Some need tables, and are not needed by any.
    copy.server().try_script(&copy.name, &file);
}
