//! The answers in JSON, held against docs/json.md.

use std::collections::BTreeSet;

use aludel_testkit::TestProject;
use serde_json::Value;

use crate::sqlite_project;

const DOCS: &str = include_str!("../../../../docs/json.md");
const ITEM: &str = "#[derive(aludel::Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n";

/// The answer of a command, as the table of the documentation has it.
struct Row<'d> {
    commands: Vec<&'d str>,
    is_list: bool,
    keys: BTreeSet<&'d str>,
}

/// Returns the words between backticks.
fn words(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Returns the text without what stands in parentheses.
fn outside(text: &str) -> String {
    let mut depth = 0;
    let mut kept = String::new();
    for character in text.chars() {
        depth += i32::from(character == '(');
        kept.extend((depth == 0).then_some(character));
        depth -= i32::from(character == ')');
    }
    kept
}

/// Returns the table of answers.
fn rows() -> Vec<Row<'static>> {
    let table = DOCS.split("\n## ").find(|section| section.starts_with("Answers")).unwrap();
    let lines = table.lines().filter(|line| line.starts_with("| `"));
    let each = lines.map(|line| {
        let mut cells = line.trim_matches('|').split(" | ");
        let (commands, answer) = (cells.next().unwrap(), cells.next().unwrap());
        let mut keys: BTreeSet<&str> = words(answer);
        let first = outside(answer);
        keys.retain(|key| first.contains(&format!("`{key}`")));
        if first.contains("revisions ") || first.contains("a revision,") {
            let listed = DOCS.split("A revision has ").nth(1).unwrap();
            keys.extend(words(listed.split("\n\n").next().unwrap()));
        }
        let commands = commands.split('`').skip(1).step_by(2).collect();
        Row { commands, is_list: answer.trim().starts_with("a list"), keys }
    });
    each.collect()
}

fn json(project: &TestProject, arguments: &str) -> Value {
    let words: Vec<&str> = arguments.split_whitespace().chain(["--json"]).collect();
    let output = project.command(&words).env("EDITOR", "true").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments}: {text}");
    let answer = serde_json::from_str(&text);
    assert!(answer.is_ok(), "{arguments}: {text}");
    answer.unwrap()
}

/// Asserts that the documentation names all keys, at any depth.
fn are_documented(answer: &Value, known: &BTreeSet<&str>, command: &str) {
    match answer {
        Value::Object(object) => {
            for (key, value) in object {
                // The keys of `by` are the ids of revisions.
                assert!(known.contains(key.as_str()), "{command}: `{key}` is not documented");
                if key != "by" {
                    are_documented(value, known, command);
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| are_documented(one, known, command)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every command answers as the documentation says. `head` stands for arguments of a row.
#[test]
fn every_answer_is_documented() {
    let (mut known, mut is_example) = (BTreeSet::new(), false);
    for part in DOCS.split("```") {
        match is_example {
            true => known.extend(part.split('"').filter(|word| !word.contains([':', ' ']))),
            false => known.extend(words(part)),
        }
        is_example = !is_example;
    }
    let project = sqlite_project();
    project.models(ITEM);
    project.write("sqlx/1_first.sql", "CREATE TABLE t (a int);");
    project.write("other/mod.rs", "#[derive(DeriveEntityModel)]\n#[sea_orm(table_name = \"t\")]\npub struct Model { #[sea_orm(primary_key)] pub id: i64 }");
    let session = [
        ("init", "new --template sqlite"),
        ("list-templates", ""),
        ("completions", "bash"),
        ("man", ""),
        ("man --dir", "pages"),
        ("database create", ""),
        ("check", "--database-url sqlite::memory:"),
        ("revision", "--autogenerate -m first --rev-id a1"),
        ("upgrade --sql", "head"),
        ("upgrade", "head"),
        ("downgrade --sql", "a1:base"),
        ("check", ""),
        ("check --heads", ""),
        ("diff", ""),
        ("revision", "--autogenerate -m none"),
        ("revision", "-m b --rev-id b1"),
        ("revision", "-m b --rev-id b2 --head a1 --splice"),
        ("branches", ""),
        ("check --heads", ""),
        ("heads", ""),
        ("history", "-i"),
        ("rebase", "b2 --onto b1"),
        ("squash", "b1:b2 --rev-id s1"),
        ("show", "s1"),
        ("show", "base"),
        ("revision", "-m c --rev-id c1 --head a1 --splice"),
        ("merge", "heads --rev-id m1 --scratch"),
        ("downgrade", "base --yes"),
        ("stamp --sql", "head"),
        ("stamp", "head"),
        ("stamp --rebless", ""),
        ("status", ""),
        ("current", ""),
        ("log", ""),
        ("log --text", "--revision a1"),
        ("edit", "a1"),
        ("reflect", ""),
        ("reflect -o", "reflected.rs"),
        ("reflect --from", "sea-orm other"),
        ("diagram", ""),
        ("doctor", ""),
        ("ensure-version", ""),
        ("import", "sqlx sqlx --dry-run"),
        ("database reset", "--yes"),
        ("setup", ""),
        ("database drop", "--yes"),
    ];
    let mut rows = rows();
    for (command, arguments) in session {
        let run = format!("{command} {arguments}");
        let answer = json(&project, &run);
        are_documented(&answer, &known, &run);
        let row = rows.iter_mut().find(|row| row.commands.contains(&command));
        assert!(row.is_some(), "`{command}` is not documented");
        let row = row.unwrap();
        let first = answer.get(0).or_else(|| answer.is_object().then_some(&answer));
        let Some(first) = first else {
            assert_eq!(run, "show base");
            continue;
        };
        let keys: BTreeSet<&str> = first.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, row.keys, "{run}");
        assert_eq!(answer.is_array(), row.is_list, "{run}");
    }
    for row in rows {
        for command in row.commands {
            assert!(session.iter().any(|(one, _)| *one == command), "`{command}` is not tried");
        }
    }
}

/// Errors about a file have its code, its path, and the line if there is one.
#[test]
fn errors_name_their_file() {
    let gap = "-- a\n--\n-- revision: b1\n-- down_revision: a1\n\n-- aludel: upgrade\n-- aludel: missing: later\n\n-- aludel: downgrade\n-- aludel: irreversible: no\n";
    let cases: [(&str, &[(&str, &str)], &str, &str, Option<u64>); 8] = [
        ("upgrade head", &[("versions/b1.sql", gap)], "gap", "versions/b1.sql", Some(7)),
        (
            "upgrade b1:head --sql",
            &[("versions/b1.sql", &gap.replace("b1", "c1").replace("a1", "b0"))],
            "bad-graph",
            "versions/b1.sql",
            Some(4),
        ),
        (
            "history",
            &[("versions/b1.sql", &gap.replace(": a1", ": b1"))],
            "bad-graph",
            "versions/b1.sql",
            Some(4),
        ),
        (
            "history",
            &[("versions/b1.sql", gap), ("versions/b2.sql", gap)],
            "bad-graph",
            "versions/b2.sql",
            Some(3),
        ),
        ("revision -m x --rev-id a1", &[], "revision-id-taken", "versions/a1.sql", None),
        ("reflect -o out.rs", &[("out.rs", "")], "file-exists", "out.rs", None),
        ("status -c other.toml", &[], "unreadable-file", "other.toml", None),
        ("status", &[(".env", "A=b c")], "bad-environment", ".env", Some(1)),
    ];
    for (command, files, code, file, line) in cases {
        let project = sqlite_project();
        project.models(ITEM);
        project.revision("a1", "none", "SELECT 1;", "");
        files.iter().for_each(|(path, text)| project.write(path, text));
        let words: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let mut run = project.command(&words);
        if code == "bad-environment" {
            run.env_remove("DATABASE_URL");
        }
        let output = run.output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let error = &answer["errors"][0];
        assert_eq!(error["code"], code, "{command}: {answer}");
        assert!(error["file"].as_str().is_some_and(|path| path.ends_with(file)), "{answer}");
        assert_eq!(error["line"].as_u64(), line, "{command}: {answer}");
    }
}

/// Errors of the database have the refused text of the models, or the refused statement.
#[test]
fn errors_have_the_sql_that_was_refused() {
    let project = sqlite_project();
    project.models(
        &ITEM.replace("#[column(primary_key)]", "#[column(primary_key, check = \"nope > 1\")]"),
    );
    let refused = project.run("check --json").exits(1).stdout;
    let refused: Value = serde_json::from_str(&refused).unwrap();
    assert_eq!(refused["errors"][0]["code"], "refused-by-database", "{refused}");
    assert_eq!(refused["errors"][0]["sql"], "nope > 1", "{refused}");
    let database = rusqlite::Connection::open(project.path().join("test.db")).unwrap();
    database.execute_batch("CREATE TABLE aludel_version (x)").unwrap();
    let failed: Value =
        serde_json::from_str(&project.run("current --json").exits(1).stdout).unwrap();
    let sql = failed["errors"][0]["sql"].as_str().unwrap_or_default();
    assert!(sql.contains("aludel_version"), "{failed}");
}
