//! Laws 1 to 4.
//!
//! 1. What is applied is what is reflected.
//! 2. Nothing differs from itself, and nothing is left to do after an upgrade.
//! 3. The plan from A to B makes B of A, and the plan back makes A of B.
//! 4. The same input gives the same bytes.

use aludel::{Connection, DatabaseUrl, Dialect, Difference, OpenMode, Step};
use aludel_compare::{Plan, Renamed, Way, plan};
use aludel_schema::Metadata;
use aludel_testkit::{Dump, TestDatabase, dump, server};
use proptest::test_runner::{Config, TestRunner};

use crate::locks::run_observed;
use crate::random::metadata;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn open(url: &str) -> Connection<'static> {
    let url = DatabaseUrl::parse(url, std::path::Path::new(".")).unwrap();
    runtime_connection(&url)
}

/// The connection's task lives on the runtime that opened it, so there is one for all of a test.
fn runtime_connection(url: &DatabaseUrl) -> Connection<'static> {
    RUNTIME.with(|runtime| runtime.block_on(Connection::open(url, OpenMode::Write)).unwrap())
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = runtime();
}

pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// Runs a plan; on PostgreSQL each step is held against what it says of its locks.
fn apply(connection: &Connection<'_>, dialect: Dialect, plan: &Plan) {
    assert!(plan.impossible.is_empty(), "{:?}", plan.impossible);
    let run = |step: &Step| match dialect {
        Dialect::Postgres => run_observed(connection, step),
        Dialect::Sqlite => step.statements.iter().try_for_each(|sql| {
            wait(connection.run(sql)).map(|_| ()).map_err(|error| format!("{error}\n{sql}"))
        }),
    };
    for step in &plan.steps {
        if let Err(error) = run(step) {
            let all: Vec<&str> = plan.statements().collect();
            panic!("{error}\n\nin:\n{}", all.join(";\n"));
        }
    }
}

fn difference(connection: &Connection<'_>, dialect: Dialect, target: &Metadata) -> Difference {
    wait(Difference::of(connection, dialect, target.clone(), "aludel_version")).unwrap()
}

fn assert_same(connection: &Connection<'_>, dialect: Dialect, target: &Metadata, when: &str) {
    let left = difference(connection, dialect, target);
    let left: Vec<String> = left.upgrade.operations().map(ToString::to_string).collect();
    assert!(left.is_empty(), "{when}: {left:?}");
}

/// A to B and back, on a database that is empty before.
fn there_and_back(
    connection: &Connection<'_>,
    dialect: Dialect,
    a: &Metadata,
    b: &Metadata,
    shape: &dyn Fn() -> String,
) {
    apply(connection, dialect, &difference(connection, dialect, a).upgrade);
    assert_same(connection, dialect, a, "law 1: after applying A");
    let at_a = shape();
    let to_b = difference(connection, dialect, b);
    apply(connection, dialect, &to_b.upgrade);
    assert_same(connection, dialect, b, "law 3: after the plan from A to B");
    apply(connection, dialect, &to_b.downgrade);
    assert_same(connection, dialect, a, "law 3: after the plan back to A");
    assert_eq!(shape(), at_a, "law 3: the schema after there and back");
}

/// Returns the dump of a database without the order of the lines of a statement, because a column
/// that is dropped and added again is the last one.
pub(crate) fn shape(database: &TestDatabase) -> Dump {
    let sorted = |sql: &str| {
        let mut lines: Vec<&str> = sql.lines().map(|line| line.trim_end_matches(',')).collect();
        lines.sort_unstable();
        lines.join("\n")
    };
    dump(database).into_iter().map(|(key, sql)| (key, sorted(&sql))).collect()
}

fn check(dialect: Dialect, cases: u32, law: impl Fn(Metadata, Metadata)) {
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    let result = runner.run(&(metadata(dialect), metadata(dialect)), |(a, b)| {
        law(a, b);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn plans_lead_there_and_back_on_postgres() {
    let database = server().database();
    let connection = open(&database.url());
    check(Dialect::Postgres, 40, |a, b| {
        wait(connection.run("DROP SCHEMA public CASCADE")).unwrap();
        wait(connection.run("CREATE SCHEMA public")).unwrap();
        let shape = || format!("{:#?}", shape(&database));
        there_and_back(&connection, Dialect::Postgres, &a, &b, &shape);
    });
}

#[test]
fn plans_lead_there_and_back_on_sqlite() {
    check(Dialect::Sqlite, 150, |a, b| {
        let connection = open("sqlite::memory:");
        there_and_back(&connection, Dialect::Sqlite, &a, &b, &String::new);
    });
}

#[test]
fn nothing_differs_from_itself_and_the_same_input_gives_the_same_bytes() {
    for dialect in Dialect::ALL {
        check(dialect, 200, |a, b| {
            let plan =
                |a: &Metadata, b: &Metadata| plan(&Renamed::nothing(dialect, a), b, Way::Forward);
            assert!(plan(&a, &a).is_empty(), "law 2");
            let bytes = || format!("{:?}", plan(&a, &b).steps);
            assert_eq!(bytes(), bytes(), "law 4");
        });
    }
}
