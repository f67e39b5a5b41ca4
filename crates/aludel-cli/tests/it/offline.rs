//! `--sql`: what psql and sqlite3 make of it, unchanged.

use std::process::{Command, Output, Stdio};

use aludel_testkit::{TestProject, dump, server, sqlite_schema, sqlite3};

use crate::{PROGRAM, sqlite_project};

/// a1 — b1, c1 — m1, with texts that nobody may touch.
fn history(project: &TestProject, concurrently: &str) {
    project.revision(
        "a1",
        "none",
        "CREATE TABLE t (a integer PRIMARY KEY, j text, n text);\nINSERT INTO t VALUES (1, '{\"a\":1}', ':name %s {0} ''x''') -- the end",
        "DROP TABLE t;",
    );
    let index =
        format!("CREATE INDEX {concurrently} t_j ON t (j);\nALTER TABLE t ADD COLUMN b integer;");
    project.revision("b1", "a1", &index, "ALTER TABLE t DROP COLUMN b;\nDROP INDEX t_j;");
    project.revision(
        "c1",
        "a1",
        "CREATE TABLE u (a integer REFERENCES t, \"é\" text DEFAULT 'ü');",
        "DROP TABLE u;",
    );
    project.revision("m1", "b1, c1", "", "");
}

fn feed(mut command: Command, script: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), script.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn psql_runs_the_script_as_the_runner_would() {
    let (by_hand, by_us) = (server().database(), server().database());
    let psql = |script: &str| {
        let mut psql = by_hand.server().tool("psql");
        psql.args(["-X", "-q", "-d", &by_hand.name]);
        feed(psql, script)
    };
    let project = TestProject::new(PROGRAM, &by_us.url());
    history(&project, "CONCURRENTLY");
    project.run("upgrade head").ok();
    let first = project.run("upgrade b1 --sql").ok();
    assert!(first.contains("VALUES (1, '{\"a\":1}', ':name %s {0} ''x''');\n"), "{first}");
    succeeds(&psql(&first));
    // The database is at b1 now, and neither the same script nor one from elsewhere changes it.
    for (script, words) in [
        (first, "the database is not at base"),
        (project.run("upgrade c1:m1 --sql").ok(), "the database is not at c1"),
    ] {
        let refused = psql(&script);
        assert_eq!(refused.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(words));
    }
    succeeds(&psql(&project.run("upgrade b:heads --sql").ok()));
    assert_eq!(dump(&by_hand), dump(&by_us));
    // Only a runner records the state of its session.
    let rows = "SELECT * FROM aludel_version; SELECT * FROM t; SELECT revision, direction, statement, checksum, CASE WHEN text LIKE '{%' THEN NULL ELSE text END FROM aludel_version_log ORDER BY direction, revision, id";
    assert_eq!(by_hand.sql(rows), by_us.sql(rows));
    project.run("downgrade a1").ok();
    succeeds(&psql(&project.run("downgrade m1:a1 --sql").ok()));
    assert_eq!(dump(&by_hand), dump(&by_us));
    assert_eq!(by_hand.sql(rows), by_us.sql(rows));
    succeeds(&psql(&project.run("stamp a1:m1 --sql").ok()));
    assert_eq!(by_hand.sql("SELECT * FROM aludel_version"), "m1\n");
}

#[test]
fn a_batch_is_a_loop_in_psql() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    let sql = "CREATE TABLE t (a integer, done boolean);\nINSERT INTO t SELECT n, false FROM generate_series(1, 5) n;\n\
               -- aludel: batch\nUPDATE t SET done = true WHERE ctid IN (SELECT ctid FROM t WHERE NOT done LIMIT 2);";
    project.revision("a1", "none", sql, "DROP TABLE t;");
    let mut psql = database.server().tool("psql");
    psql.args(["-X", "-q", "-d", &database.name]);
    succeeds(&feed(psql, &project.run("upgrade head --sql").ok()));
    assert_eq!(database.sql("SELECT count(*) FROM t WHERE done"), "5\n");
    let lite = sqlite_project();
    lite.revision("a1", "none", sql, "DROP TABLE t;");
    let _ = lite.run("upgrade head --sql").exits(1).says("which sqlite3 can't do");
}

#[test]
fn sqlite3_runs_the_script_as_the_runner_would() {
    let project = sqlite_project();
    history(&project, "");
    project.run("upgrade head").ok();
    let (by_us, by_hand) = (project.path().join("test.db"), project.path().join("hand.db"));
    let shell = |script: &str| {
        let mut shell = sqlite3();
        shell.arg(&by_hand);
        feed(shell, script)
    };
    let first = project.run("upgrade b1 --sql").ok();
    succeeds(&shell(&first));
    let refused = shell(&first);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the database is not at base"));
    succeeds(&shell(&project.run("upgrade b:heads --sql").ok()));
    assert_eq!(sqlite_schema(&by_hand), sqlite_schema(&by_us));
    // A row whose parent goes stops the script, and the revision with it.
    project.revision("o1", "m1", "INSERT INTO u (a) VALUES (7);", "DELETE FROM u;");
    let orphan = shell(&project.run("upgrade m1:o1 --sql").ok());
    assert!(String::from_utf8_lossy(&orphan.stderr).contains("rows without their parents"));
    project.run("downgrade base --yes").ok();
    succeeds(&shell(&project.run("downgrade m1:base --sql").ok()));
    assert_eq!(sqlite_schema(&by_hand), sqlite_schema(&by_us));
}

#[test]
fn ranges_that_make_no_script_are_explained() {
    let project = sqlite_project();
    history(&project, "");
    for (arguments, code, words) in [
        ("downgrade a1 --sql", 2, "downgrade with --sql requires <fromrev>:<torev>"),
        ("upgrade a1:zz --sql", 1, "Can't locate revision identified by 'zz'"),
        ("upgrade 1:2:3 --sql", 2, "1:2:3"),
        ("upgrade :a1 --sql", 2, "on both sides"),
        ("upgrade +1:head --sql", 2, "nobody asks a database"),
        ("upgrade m1:a1 --sql", 1, "Requested range m1:a1 does not refer to ancestor/descendant"),
        ("downgrade a1:m1 --sql", 1, "Destination m1 is not a valid downgrade target"),
        ("stamp a1:b1 c1:m1 --sql", 2, "only supports a single starting revision"),
        ("stamp head --sql --purge", 2, "cannot be used with"),
    ] {
        let _ = project.run(arguments).exits(code).says(words);
    }
    assert!(!project.path().join("test.db").exists());
}

#[test]
fn settings_of_a_revision_end_with_it_in_a_script_too() {
    let (by_hand, by_us) = (server().database(), server().database());
    let project = TestProject::new(PROGRAM, &by_us.url());
    for database in [&by_hand, &by_us] {
        database.sql("CREATE SCHEMA app");
    }
    project.revision("a1", "none", "SET search_path = app, public;\nCREATE TABLE one (a int);", "");
    project.revision(
        "b1",
        "a1",
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.two (a int);",
        "",
    );
    project.revision("c1", "b1", "CREATE TABLE three (a int);", "");
    project.run("upgrade head").ok();
    let mut psql = by_hand.server().tool("psql");
    psql.args(["-X", "-q", "-d", &by_hand.name]);
    succeeds(&feed(psql, &project.run("upgrade head --sql").ok()));
    assert_eq!(dump(&by_hand), dump(&by_us));
    assert_eq!(by_hand.sql("SELECT * FROM public.aludel_version"), "c1\n");
}
