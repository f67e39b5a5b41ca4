//! Faults at every message: after one of them, another run ends as an undisturbed one, or stops
//! where the outcome is unknown.
//!
//! Each case has a number. `ALUDEL_TEST_FAULTS` sets how many are tried, and
//! `ALUDEL_TEST_FAULT=NUMBER` tries one.

use std::process::Child;
use std::sync::{Arc, Mutex};

use aludel_testkit::{
    Moment, Outcome, Proxy, Server, ServerOptions, State, TestDatabase, TestProject,
};

use crate::PROGRAM;

/// The number of cases in an ordinary run of the tests.
const SAMPLE: usize = 60;

/// A fault at a message.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The connection is lost, and the server notices.
    Connection,
    /// The program is killed.
    Program,
    /// The process of the server that serves the program is ended.
    Backend,
    /// The server crashes: every process of it is ended, and it recovers.
    Server,
}

const FAULTS: [Fault; 4] = [Fault::Connection, Fault::Program, Fault::Backend, Fault::Server];

struct History {
    name: &'static str,
    /// The statements before the first run.
    setup: &'static str,
    revisions: &'static [(&'static str, &'static str, &'static str)],
    /// A query that is true if the statement with an unknown outcome was completed.
    completed: Option<&'static str>,
}

const HISTORIES: [History; 4] = [
    History {
        name: "transactions",
        setup: "",
        revisions: &[
            ("a1", "none", "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);"),
            ("b1", "a1", "UPDATE t SET a = a + 1;\nALTER TABLE t ADD COLUMN b int;"),
            ("c1", "a1", "CREATE TABLE u (a int);\nINSERT INTO u SELECT a FROM t;"),
            ("m1", "b1, c1", "INSERT INTO t VALUES (5);"),
        ],
        completed: None,
    },
    History {
        name: "mixed",
        setup: "CREATE SCHEMA app; CREATE TABLE app.t (a int); INSERT INTO app.t SELECT generate_series(1, 100);",
        revisions: &[
            (
                "a1",
                "none",
                "SET search_path = app;\nINSERT INTO t VALUES (0);\nCREATE INDEX CONCURRENTLY i ON t (a);\n\
                 UPDATE t SET a = a + 1000;\n-- aludel: no-transaction\nINSERT INTO t VALUES (-1);\nDROP INDEX CONCURRENTLY i;\nCREATE TABLE last (a int);",
            ),
            ("b1", "a1", "CREATE TABLE u (a int);\nVACUUM u;\nINSERT INTO u VALUES (1);"),
        ],
        completed: None,
    },
    History {
        name: "procedures",
        setup: "CREATE TABLE pay (a int); INSERT INTO pay VALUES (100); CREATE PROCEDURE bonus() LANGUAGE sql AS 'UPDATE pay SET a = a + 50';",
        revisions: &[(
            "a1",
            "none",
            "UPDATE pay SET a = a + 1;\n-- aludel: no-transaction\nCALL bonus();\nUPDATE pay SET a = a + 1;",
        )],
        completed: Some("SELECT a >= 151 FROM pay"),
    },
    History {
        name: "batches",
        setup: "CREATE TABLE t (id int, a int); INSERT INTO t SELECT i, 0 FROM generate_series(1, 20) i;",
        revisions: &[(
            "a1",
            "none",
            "CREATE TYPE mood AS ENUM ('x');\n-- aludel: batch\nUPDATE t SET a = a + 1 WHERE id IN (SELECT id FROM t WHERE a = 0 LIMIT 6);\n-- aludel: no-transaction\nALTER TYPE mood ADD VALUE 'y';\nCREATE TABLE u (m mood DEFAULT 'y');",
        )],
        completed: None,
    },
];

/// The state that a disturbed run has to share with an undisturbed one.
#[derive(Debug, PartialEq)]
struct End {
    state: State,
    version: String,
    journal: String,
}

impl End {
    fn of(database: &TestDatabase) -> Self {
        let journal = "SELECT DISTINCT revision, replace(direction, 'assume ', '') AS direction, statement, checksum FROM aludel_version_log \
                       WHERE error IS NULL AND direction NOT LIKE 'begin%' ORDER BY 1, 2, 3";
        let completed = "SELECT revision, count(*) FROM aludel_version_log WHERE error IS NULL AND statement IS NULL GROUP BY revision ORDER BY revision";
        Self {
            version: database.sql("SELECT version_num FROM aludel_version"),
            journal: format!("{}{}", database.sql(journal), database.sql(completed)),
            state: State::of_postgres(database).unwrap(),
        }
    }
}

fn start(history: &History, server: &'static Server) -> (TestDatabase, Proxy, TestProject) {
    let database = server.database();
    database.sql(history.setup);
    let proxy = Proxy::start(&server.socket());
    let project = TestProject::new(PROGRAM, &proxy.url(&database.name));
    for (id, down, upgrade) in history.revisions {
        project.revision(id, down, upgrade, "");
    }
    (database, proxy, project)
}

/// Runs with a fault at the message of this number.
fn disturb(
    database: &TestDatabase,
    proxy: &Proxy,
    project: &TestProject,
    fault: Fault,
    moment: Moment,
    at: usize,
) -> Outcome {
    let server = database.server();
    let pids = format!(
        "SELECT pid FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'aludel'",
        database.name
    );
    let child: Arc<Mutex<Option<u32>>> = Arc::default();
    let there = Arc::clone(&child);
    match fault {
        Fault::Connection => proxy.lose(moment, move |number, _| number == at),
        Fault::Program => proxy.act(
            moment,
            move |number, _| number == at,
            move || {
                let pid = loop {
                    if let Some(pid) = *there.lock().unwrap() {
                        break pid;
                    }
                };
                signal(&pid.to_string());
            },
        ),
        Fault::Backend => proxy.act(
            moment,
            move |number, _| number == at,
            move || {
                let _ = server.try_sql(
                    "postgres",
                    &format!("SELECT pg_terminate_backend(pid) FROM ({pids}) p"),
                );
            },
        ),
        Fault::Server => proxy.act(
            moment,
            move |number, _| number == at,
            move || {
                let pids = server.try_sql("postgres", &pids).unwrap_or_default();
                // The postmaster ends all others and recovers.
                pids.lines().take(1).for_each(signal);
            },
        ),
    }
    let running: Child = project.spawn(&["upgrade", "heads"]);
    *child.lock().unwrap() = Some(running.id());
    TestProject::outcome(running)
}

fn signal(pid: &str) {
    let _ = std::process::Command::new("kill").args(["-KILL", pid.trim()]).status();
}

/// Waits until the server answers and has no session of the program.
fn settle(database: &TestDatabase) {
    let server = database.server();
    let end = "SELECT count(pg_terminate_backend(pid)) = 0 FROM pg_stat_activity WHERE application_name = 'aludel' AND datname = current_database()";
    for _ in 0..600 {
        if server.try_sql(&database.name, end).is_ok_and(|answer| answer.trim() == "t") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    unreachable!("the server does not come to rest");
}

fn one(
    history: &History,
    server: &'static Server,
    undisturbed: &End,
    fault: Fault,
    moment: Moment,
    at: usize,
) {
    let (database, proxy, project) = start(history, server);
    let first = disturb(&database, &proxy, &project, fault, moment, at);
    let told = format!(
        "{} {fault:?} {moment:?} message {at}: {}\n{}",
        history.name, first.code, first.stderr
    );
    settle(&database);
    let mut last = project.run("upgrade heads");
    if last.code != 0 && last.stderr.contains("is unknown") {
        let completed = history.completed.expect(&told);
        let flag =
            if database.sql(completed).trim() == "t" { "--assume-done" } else { "--run-again" };
        last = project.run(&format!("upgrade heads {flag}"));
    }
    assert_eq!(last.code, 0, "{told}\nthen: {}", last.stderr);
    let end = End::of(&database);
    assert_eq!(&end, undisturbed, "{told}\nthen: {}", last.stderr);
    if first.stderr.contains("rolls the revision back") {
        assert_ne!(first.code, 0, "{told}");
    }
}

#[test]
fn a_run_after_a_fault_ends_as_an_undisturbed_one() {
    let server: &'static Server = Box::leak(Box::new(Server::with(&ServerOptions::default())));
    // A crash would otherwise undo what was committed just before.
    server.sql("postgres", "ALTER ROLE postgres SET synchronous_commit = on");
    let wanted: usize = std::env::var("ALUDEL_TEST_FAULTS").map_or(SAMPLE, |n| n.parse().unwrap());
    let only: Option<usize> = std::env::var("ALUDEL_TEST_FAULT").ok().map(|n| n.parse().unwrap());
    let mut cases = Vec::new();
    let mut ends = Vec::new();
    for history in &HISTORIES {
        let (database, proxy, project) = start(history, server);
        project.run("upgrade heads").ok();
        ends.push(End::of(&database));
        let messages = proxy.queries().len();
        for at in 0..messages {
            for fault in FAULTS {
                for moment in [Moment::Before, Moment::After] {
                    cases.push((ends.len() - 1, fault, moment, at));
                }
            }
        }
    }
    // A step that has no common factor with the number of cases visits all of them.
    let step = (1..).map(|n| cases.len() * 5 / 13 + n).find(|n| gcd(*n, cases.len()) == 1).unwrap();
    let chosen: Vec<usize> = match only {
        Some(number) => vec![number],
        None => (0..wanted.min(cases.len())).map(|n| n * step % cases.len()).collect(),
    };
    println!("{} of {} faults", chosen.len(), cases.len());
    for number in chosen {
        let (history, fault, moment, at) = cases[number];
        println!(
            "ALUDEL_TEST_FAULT={number}: {} {fault:?} {moment:?} message {at}",
            HISTORIES[history].name
        );
        one(&HISTORIES[history], server, &ends[history], fault, moment, at);
    }
}

/// Kills the program on SQLite after each of several delays.
#[test]
fn a_killed_run_on_sqlite_is_completed_by_the_next() {
    let rebuild = "CREATE TABLE new (id integer PRIMARY KEY, a int NOT NULL);\nINSERT INTO new SELECT id, a FROM t;\n\
                   DROP TABLE t;\nALTER TABLE new RENAME TO t;\nPRAGMA foreign_keys = ON;\nVACUUM;\n\
                   -- aludel: batch\nUPDATE t SET a = a + 1 WHERE id IN (SELECT id FROM t WHERE a = 0 LIMIT 700);\n\
                   INSERT INTO t VALUES (100001, 7);";
    let fill = "CREATE TABLE t (id integer PRIMARY KEY, a int);\nINSERT INTO t WITH RECURSIVE n(i) AS \
                (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, 0 FROM n;";
    let ends = |delay: Option<u64>| {
        let project = TestProject::new(PROGRAM, "sqlite:test.db");
        project.revision("a1", "none", fill, "");
        project.revision("b1", "a1", rebuild, "");
        if let Some(delay) = delay {
            let mut child = project.spawn(&["upgrade", "head"]);
            std::thread::sleep(std::time::Duration::from_millis(delay));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        project.run("upgrade head").ok();
        State::of_sqlite(&project.path().join("test.db")).unwrap()
    };
    let undisturbed = ends(None);
    for delay in (0..16).map(|n| 10 + n * 13) {
        assert_eq!(ends(Some(delay)), undisturbed, "killed after {delay} ms");
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
