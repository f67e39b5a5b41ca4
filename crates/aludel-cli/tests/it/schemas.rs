//! Real schemas of public projects: read into models and object files, compared, built again,
//! dumped.

use std::fs;

use aludel_testkit::{Dump, TestProject, dump, server, shared};

use crate::PROGRAM;

/// The words that `reflect` prints before the name of an object or aspect that it can't write.
const LEFT_OUT: &str = "not in the models' notation: ";

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
fn everything_of_the_newest_version_goes_through_models_and_back() {
    let version = server().sql("postgres", "SHOW server_version_num");
    if version.trim() >= "180000" {
        round_trip("everything_18", include_str!("everything_18.sql"));
    }
}

fn round_trip(name: &str, sql: &str) {
    let (original, copy) = (server().database(), server().database());
    original.sql(sql);
    let project = TestProject::new(PROGRAM, &original.url());
    project.write("aludel.toml", "models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\nobjects = [\"objects/**/*.sql\"]\n");
    let reflected = project.run("reflect -o models/models.rs").exits(0);
    let left_out: Vec<&str> =
        reflected.stderr.lines().filter_map(|line| line.strip_prefix(LEFT_OUT)).collect();
    let strict = if left_out.is_empty() { "check --strict" } else { "check" };
    let check = project.run(strict);
    assert_eq!(check.code, 0, "{name}: right after reflect\n{}{}", check.stdout, check.stderr);

    let (before, nothing) = (dump(&original), dump(&copy));
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
    let missing = differing(&before, &after, &left_out);
    assert!(missing.is_empty(), "{name}: in the original\n{}", missing.join("\n"));
    let invented = differing(&after, &before, &left_out);
    assert!(invented.is_empty(), "{name}: in the copy\n{}", invented.join("\n"));
    println!("{name}: {} objects came through; left out: {left_out:?}", before.len());

    other("downgrade base").ok();
    assert_eq!(dump(&copy), nothing, "{name}: downgrade to base leaves nothing");
}

/// Returns the objects of one dump that another one does not have alike, except those with a name
/// that `reflect` has left out. Columns may be in any order.
fn differing(one: &Dump, other: &Dump, left_out: &[&str]) -> Vec<String> {
    let is_left_out = |text: &str| {
        let names = left_out.iter().filter_map(|line| line.split([' ', '.']).next_back());
        names.into_iter().any(|name| text.contains(name))
    };
    let lines = |sql: &String| {
        let mut lines: Vec<String> =
            sql.lines().map(|line| line.trim_end_matches(',').to_owned()).collect();
        lines.sort();
        lines
    };
    let differs =
        |(key, sql): &(&(String, String), &String)| other.get(*key).map(lines) != Some(lines(sql));
    let all = one.iter().filter(differs);
    let all = all.filter(|(key, sql)| !is_left_out(&key.1) && !is_left_out(sql));
    all.map(|((kind, object), sql)| format!("{kind} {object}: {sql}")).collect()
}
