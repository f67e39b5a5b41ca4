//! Whole sessions, as somebody would have them who starts with Aludel.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

const ITEM: &str = "#[derive(Table)]\npub struct Item {\n    #[column(primary_key, identity)]\n    pub id: i64,\n    pub name: String,\n}\n";

#[test]
fn from_nothing_to_a_second_revision_and_back() {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        project.models(ITEM);
        assert_eq!(project.run("check").exits(3).stdout.trim(), "create table items");
        project.migrate("items");
        project.models(
            &ITEM.replace("pub name: String", "pub name: String,\n    pub price: Option<f64>"),
        );
        project.migrate("price of items");
        let history = project.run("history").ok();
        let lines: Vec<&str> = history.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("(head), price of items"), "{history}");
        assert!(lines[1].starts_with("<base> -> "), "{history}");
        assert!(project.run("current").ok().ends_with("(head)\n"));
        project.run("downgrade -1").ok();
        assert_eq!(
            project.run("check").exits(1).stderr.lines().next().unwrap(),
            "error: Target database is not up to date."
        );
        project.run("current --check-heads").exits(3).says("not on all head").stdout.clear();
        project.run("upgrade +1").ok();
        project.run("downgrade base").ok();
        assert_eq!(project.run("current").ok(), "");
        project.run("upgrade heads").ok();
        project.run("check").ok();
        let told = project.run("revision --autogenerate -m nothing --json").ok();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert!(
            told["revision"].is_null() && told["operations"] == serde_json::json!([]),
            "{told}"
        );
        let again = project.run("revision --autogenerate -m nothing").ok();
        assert_eq!(again, "No new upgrade operations detected: no file was written.\n");
        project.run("upgrade head").exits(0).says("nothing to do").stdout.clear();
    }
}

#[test]
fn looking_creates_nothing() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(ITEM);
    for command in ["current", "history -i", "heads", "check", "diff", "reflect"] {
        let _ = project.run(command);
    }
    assert_eq!(
        database
            .sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
            .trim(),
        "0"
    );
    let project = sqlite_project();
    project.models(ITEM);
    for command in ["current", "history -i", "heads", "check", "diff", "reflect", "downgrade base"]
    {
        let _ = project.run(command);
    }
    assert!(!project.path().join("test.db").exists());
}

#[test]
fn the_version_table_and_the_journal_are_as_promised() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(ITEM);
    project.run("revision --autogenerate -m items --rev-id ab1").ok();
    project.run("upgrade head").ok();
    project.run("downgrade base").ok();
    project.run("upgrade head").ok();
    assert_eq!(database.sql("SELECT version_num FROM aludel_version").trim(), "ab1");
    let definition = "SELECT pg_get_constraintdef(oid) || ' ' || conname FROM pg_constraint WHERE conrelid = 'aludel_version'::regclass AND contype = 'p'";
    assert_eq!(database.sql(definition).trim(), "PRIMARY KEY (version_num) aludel_version_pkc");
    let log = database.sql("SELECT revision, direction, who, tool LIKE 'aludel %', duration_ms >= 0, error IS NULL FROM aludel_version_log ORDER BY id");
    assert_eq!(
        log,
        "ab1|upgrade|tester|t|t|t\nab1|downgrade|tester|t|t|t\nab1|upgrade|tester|t|t|t\n"
    );
}

#[test]
fn a_revision_may_make_the_session_forget_its_statements() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    for (at, sql) in ["SELECT 1", "CREATE TABLE t (a integer)", "DEALLOCATE ALL", "SELECT 2"]
        .into_iter()
        .enumerate()
    {
        let down = if at == 0 { "none".to_owned() } else { format!("r{}", at - 1) };
        project.revision(&format!("r{at}"), &down, &format!("{sql};"), "");
    }
    project.run("upgrade head").ok();
    let log = "SELECT string_agg(revision, ' ' ORDER BY id), bool_and(error IS NULL), count(text) FROM aludel_version_log";
    assert_eq!(database.sql(log).trim(), "r0 r1 r2 r3|t|4");
    let text = database.sql("SELECT text FROM aludel_version_log WHERE revision = 'r3'");
    assert_eq!(text.trim_end(), project.read("versions/r3.sql").trim_end());
}

#[test]
fn what_commit_refuses_is_the_revisions_own_failure() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let table = "CREATE TABLE t (a integer UNIQUE DEFERRABLE INITIALLY DEFERRED);";
    project.revision("r1", "none", table, "DROP TABLE t;");
    project.revision("r2", "r1", "INSERT INTO t VALUES (1), (1);", "");
    let outcome = project.run("upgrade head").exits(1);
    let _ = outcome
        .says("revision r2 failed to upgrade at its end: duplicate key value")
        .says("the transaction was rolled back");
    assert_eq!(project.run("current").ok(), "r1\n");
}

#[test]
fn statements_that_run_alone_are_resumed_behind_the_last_one_done() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let sql = "-- m\n-- revision: ab1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE t (a integer);\n\
               CREATE INDEX CONCURRENTLY t_a ON t (a);\nINSERT INTO t SELECT a FROM source;\n-- aludel: downgrade\nDROP TABLE t;\n";
    project.write("versions/ab1.sql", sql);
    project
        .run("upgrade head")
        .exits(1)
        .says("done before it, outside of its transaction: 2 statements")
        .stdout
        .clear();
    database.sql("CREATE TABLE source AS SELECT 7 AS a");
    project.run("upgrade head").exits(0).says("going on behind statement 2").stdout.clear();
    assert_eq!(database.sql("SELECT a FROM t").trim(), "7");
    assert_eq!(project.run("current").ok(), "ab1 (head)\n");
}

#[test]
fn a_batch_is_repeated_until_it_touches_nothing() {
    let database = server().database();
    for (url, limit) in [
        (database.url(), "ctid IN (SELECT ctid FROM t WHERE NOT done LIMIT 2)"),
        ("sqlite:test.db".to_owned(), "rowid IN (SELECT rowid FROM t WHERE NOT done LIMIT 2)"),
    ] {
        let project = TestProject::new(PROGRAM, &url);
        let sql = format!(
            "-- m\n-- revision: ab1\n-- down_revision: none\n\n-- aludel: upgrade\nCREATE TABLE t (a integer, done boolean);\n\
                   INSERT INTO t VALUES (1, false), (2, false), (3, false), (4, false), (5, false);\n\
                   -- aludel: batch\nUPDATE t SET done = true WHERE {limit};\n-- aludel: downgrade\nDROP TABLE t;\n"
        );
        project.write("versions/ab1.sql", &sql);
        project
            .run("upgrade head -v")
            .exits(0)
            .says("ab1: 2 rows")
            .says("ab1: 1 row")
            .stdout
            .clear();
    }
}

#[test]
fn runners_at_the_same_time_apply_each_revision_once() {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        for number in 1..=4 {
            let down = if number == 1 { "none".to_owned() } else { format!("r{}", number - 1) };
            project.write(&format!("versions/{number}.sql"), &format!("-- m\n-- revision: r{number}\n-- down_revision: {down}\n\n-- aludel: upgrade\nCREATE TABLE t{number} (a integer);\n-- aludel: downgrade\nDROP TABLE t{number};\n"));
        }
        let children: Vec<_> = (0..16).map(|_| project.spawn(&["upgrade", "head"])).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert_eq!(project.run("current").ok(), "r4 (head)\n");
    }
    assert_eq!(database.sql("SELECT count(*) FROM aludel_version_log").trim(), "4");
}

#[test]
fn answers_in_json() {
    let project = sqlite_project();
    project.models(ITEM);
    let check = project.run("check --json").exits(3).stdout;
    assert!(check.contains("\"clean\": false") && check.contains("create table items"), "{check}");
    project.run("revision --autogenerate -m items --rev-id ab1 --json").ok();
    assert!(project.run("upgrade head --json").ok().contains("\"ab1\""));
    let refused: serde_json::Value =
        serde_json::from_str(&project.run("upgrade --nonsense --json").exits(2).stdout).unwrap();
    assert_eq!(refused["errors"][0]["code"], "usage", "{refused}");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("--nonsense"), "{refused}");
    let refused = project.run("show --json").exits(2).stdout;
    assert!(refused.contains("not provided: <"), "{refused}");
    let refused = project.run("squash ab1 --json").exits(2).stdout;
    assert!(!refused.contains("\"help\": \"\""), "{refused}");
    assert_eq!(project.run("upgrade --nonsense").exits(2).stdout, "");
    for command in ["current", "history", "heads", "show head"] {
        assert!(project.run(&format!("{command} --json")).ok().contains("\"ab1\""), "{command}");
    }
}

/// Editors and systems leave hidden files beside those that they write.
#[cfg(unix)]
#[test]
fn hidden_files_are_no_revisions() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    project.write("versions/._a1_one.sql", "\u{0}\u{5}nonsense");
    let versions = project.path().join("versions");
    std::os::unix::fs::symlink("me@host.1", versions.join(".#a1_one.sql")).unwrap();
    for command in ["heads", "upgrade head", "check --heads"] {
        project.run(command).ok();
    }
    std::os::unix::fs::symlink("gone.sql", versions.join("b1_two.sql")).unwrap();
    project.run("heads").exits(1).says("b1_two.sql").stdout.clear();
}

#[test]
fn files_from_windows_are_read() {
    let project = sqlite_project();
    let sql = "\u{feff}-- m\r\n-- revision: ab1\r\n-- down_revision: none\r\n\r\n-- aludel: upgrade\r\nCREATE TABLE t (a integer);\r\n-- aludel: downgrade\r\nDROP TABLE t;\r\n";
    project.write("versions/ab1.sql", sql);
    project.run("upgrade head").ok();
    project.run("downgrade base").ok();
}
