//! Locks, rewrites and scans: what a step says of itself is what the server does.

use std::collections::{BTreeMap, BTreeSet};

use aludel::{Connection, Dialect, Difference, Hazard, Step};
use aludel_dialect::{LockMode, TransactionClass};
use aludel_models::{Models, Source};
use aludel_operations::{Object, Operation};
use aludel_schema::{Kind, Metadata};
use aludel_testkit::server;

use crate::laws::{open, wait};

/// A table, view, index or sequence before a step.
struct Relation {
    name: String,
    kind: String,
    file: String,
    /// Counted since the server last collected its statistics.
    scans: i64,
}

fn relations(connection: &Connection<'_>) -> BTreeMap<String, Relation> {
    let query = "SELECT c.oid, c.relname AS name, c.relkind AS kind, coalesce(pg_relation_filenode(c.oid), 0) AS file, \
                 coalesce(pg_stat_get_xact_numscans(c.oid), 0) AS scans \
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";
    let rows = wait(connection.query(query)).unwrap();
    let text = |row: &aludel_driver::Row, column| row.text(column).unwrap().to_owned();
    rows.iter()
        .map(|row| {
            let (name, kind, file) = (text(row, "name"), text(row, "kind"), text(row, "file"));
            let scans = row.number("scans").unwrap();
            (text(row, "oid"), Relation { name, kind, file, scans })
        })
        .collect()
}

/// The effects of the open transaction on relations that existed before it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Observed {
    locks: BTreeMap<String, LockMode>,
    rewritten: BTreeSet<String>,
    scanned: BTreeSet<String>,
}

fn observed(connection: &Connection<'_>, before: &BTreeMap<String, Relation>) -> Observed {
    let mut observed = Observed::default();
    let locks = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'";
    for row in wait(connection.query(locks)).unwrap() {
        let mode = LockMode::from_name(row.text("mode").unwrap()).unwrap();
        if let Some(relation) = before.get(row.text("relation").unwrap()) {
            let held = observed.locks.entry(relation.name.clone()).or_insert(mode);
            *held = mode.max(*held);
        }
    }
    let after = relations(connection);
    for (oid, relation) in before.iter().filter(|(_, relation)| relation.kind == "r") {
        let Some(now) = after.get(oid) else { continue };
        if now.file != relation.file {
            observed.rewritten.insert(relation.name.clone());
        }
        if now.scans > relation.scans {
            observed.scanned.insert(relation.name.clone());
        }
    }
    observed
}

/// Runs a step in a transaction and holds what it says against what the server did.
pub(crate) fn run_observed(connection: &Connection<'_>, step: &Step) -> Result<(), String> {
    let run = |sql: &str| wait(connection.run(sql)).map_err(|error| format!("{error}\n{sql}"));
    if step.class == TransactionClass::Alone {
        return step.statements.iter().try_for_each(|sql| run(sql).map(|_| ()));
    }
    let before = relations(connection);
    run("BEGIN")?;
    for sql in &step.statements {
        run(sql)?;
    }
    let observed = observed(connection, &before);
    run("COMMIT")?;
    compare(step, &before, &observed);
    Ok(())
}

/// Returns the name of a table that gets a column whose default calls a function of a user.
fn may_rewrite(operation: &Operation) -> Option<String> {
    let Operation::Create(Object::Column { table, column, .. }) = operation else { return None };
    let calls = column.default.as_ref().and_then(|default| default.calls.as_ref())?;
    calls.iter().any(|id| id.kind == Kind::Function).then(|| table.name.clone())
}

fn compare(step: &Step, before: &BTreeMap<String, Relation>, observed: &Observed) {
    let said = |name: &str| {
        let locks = step.locks.iter().filter(|(object, _)| object.name.name == name);
        locks.map(|(_, mode)| *mode).max()
    };
    // The server locks the tables in a body of SQL as the body will.
    let bodies = [Kind::Function, Kind::Procedure, Kind::Rule];
    let is_body = |operation: &Operation| bodies.iter().any(|kind| is_about(operation, *kind));
    let has_body = step.operations.iter().any(is_body);
    let least = if has_body { LockMode::RowExclusive } else { LockMode::AccessShare };
    let weak = |mode: Option<LockMode>| mode.filter(|mode| *mode > least);
    for relation in before.values() {
        let (said, held) = (said(&relation.name), observed.locks.get(&relation.name).copied());
        // An index or a sequence is locked together with its table.
        let own = matches!(relation.kind.as_str(), "r" | "p" | "v") || said.is_some();
        if own {
            let (said, held) = (weak(said), weak(held));
            assert_eq!(said, held, "the lock on {}\n{:#?}", relation.name, step.statements);
        }
    }
    let named = |hazard: &Hazard| match hazard {
        Hazard::Rewrites { table } => Some(table.name.clone()),
        _ => None,
    };
    let is_there = |name: &String| before.values().any(|relation| relation.name == *name);
    let rewritten: BTreeSet<String> =
        step.hazards.iter().filter_map(named).filter(is_there).collect();
    // A default that calls a function of a user may be the same for all rows.
    let mut observed_rewritten = observed.rewritten.clone();
    observed_rewritten.extend(step.operations.iter().filter_map(may_rewrite).filter(is_there));
    assert_eq!(rewritten, observed_rewritten, "rewritten tables\n{:#?}", step.statements);
    let read = |hazard: &Hazard| match hazard {
        Hazard::Scans { table } | Hazard::Rewrites { table } | Hazard::Updates { table } => {
            Some(table.name.clone())
        }
        _ => None,
    };
    let mut may_read: BTreeSet<String> = step.hazards.iter().filter_map(read).collect();
    // A new foreign key looks up the rows of the other table.
    let sharing = step.locks.iter().filter(|(_, mode)| **mode == LockMode::ShareRowExclusive);
    may_read.extend(sharing.map(|(object, _)| object.name.name.clone()));
    let validating = step.locks.iter().filter(|(_, mode)| **mode == LockMode::RowShare);
    may_read.extend(validating.map(|(object, _)| object.name.name.clone()));
    // A new materialized view reads what its query reads, as everybody expects of it.
    if step.operations.iter().any(|operation| is_about(operation, Kind::MaterializedView)) {
        return;
    }
    let unsaid: Vec<&String> = observed.scanned.difference(&may_read).collect();
    assert!(unsaid.is_empty(), "nobody said that {unsaid:?} is read\n{:#?}", step.statements);
}

fn is_about(operation: &Operation, kind: Kind) -> bool {
    operation.object().kind == kind
}

fn metadata(models: &str, objects: &str) -> Metadata {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.to_owned() };
    let models = Models::parse(
        &[source("m.rs", &format!("use aludel::{{Enum, Table}};\n{models}"))],
        vec![source("o.sql", objects)],
    );
    models.unwrap().metadata(Dialect::Postgres, &BTreeMap::new()).unwrap().metadata
}

/// One change, and what it says: locks as `name:mode`, then codes of hazards.
struct Case {
    what: &'static str,
    before: [&'static str; 2],
    after: [&'static str; 2],
    says: &'static str,
}

const T: &str =
    "#[derive(Table)] #[table(name = \"t\")] pub struct T { #[column(primary_key)] id: i32,";
const P: &str =
    "#[derive(Table)] #[table(name = \"p\")] pub struct P { #[column(primary_key)] id: i32 }";

const CASES: &[Case] = &[
    Case {
        what: "a publication",
        before: ["a: i32 }", ""],
        after: ["a: i32 }", "CREATE PUBLICATION first FOR TABLE t;"],
        says: "t:ShareUpdateExclusiveLock",
    },
    Case {
        what: "a publication of another table",
        before: ["a: i32 }", "CREATE PUBLICATION second FOR TABLE p;"],
        after: ["a: i32 }", "CREATE PUBLICATION second FOR TABLE t;"],
        says: "p:ShareUpdateExclusiveLock t:ShareUpdateExclusiveLock",
    },
    Case {
        what: "a column that may be NULL",
        before: ["a: i32 }", ""],
        after: ["a: i32, b: Option<i32> }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "a column with a default that is the same for all rows",
        before: ["a: i32 }", ""],
        after: ["a: i32, #[column(default = \"now()\")] b: DateTime<Utc> }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "a column with a default for each row",
        before: ["a: i32 }", ""],
        after: ["a: i32, #[column(default = \"gen_random_uuid()\")] b: Uuid }", ""],
        says: "t:AccessExclusiveLock rewrites blocks",
    },
    Case {
        what: "a generated column",
        before: ["a: i32 }", ""],
        after: ["a: i32, #[column(generated = \"a + 1\")] b: Option<i32> }", ""],
        says: "t:AccessExclusiveLock rewrites blocks",
    },
    Case {
        what: "a column less",
        before: ["a: i32, b: i32 }", ""],
        after: ["a: i32 }", ""],
        says: "t:AccessExclusiveLock drops-values",
    },
    Case {
        what: "a wider type of the same form",
        before: ["#[column(type = \"varchar(10)\")] a: String }", ""],
        after: ["#[column(type = \"varchar(20)\")] a: String }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "more digits before the point",
        before: ["#[column(type = \"numeric(10,2)\")] a: Decimal }", ""],
        after: ["#[column(type = \"numeric(12,2)\")] a: Decimal }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "fewer digits behind the point",
        before: ["#[column(type = \"numeric(10,2)\")] a: Decimal }", ""],
        after: ["#[column(type = \"numeric(10,1)\")] a: Decimal }", ""],
        says: "t:AccessExclusiveLock loses-precision rewrites blocks",
    },
    Case {
        what: "another type",
        before: ["a: i32 }", ""],
        after: ["a: i64 }", ""],
        says: "t:AccessExclusiveLock rewrites blocks",
    },
    Case {
        what: "another default",
        before: ["#[column(default = 1)] a: i32 }", ""],
        after: ["#[column(default = 2)] a: i32 }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "NULL is forbidden",
        before: ["a: Option<i32> }", ""],
        after: ["a: i32 }", ""],
        says: "t:AccessExclusiveLock fails-on-nulls scans blocks",
    },
    Case {
        what: "NULL is filled and forbidden",
        before: ["a: Option<i32> }", ""],
        after: ["#[column(default = 1)] a: i32 }", ""],
        says: "t:AccessExclusiveLock updates scans blocks replaces-nulls",
    },
    Case {
        what: "a check",
        before: ["a: i32 }", ""],
        after: ["#[column(check = \"a > 0\")] a: i32 }", ""],
        says: "t:AccessExclusiveLock scans blocks",
    },
    Case {
        what: "a check that is not valid",
        before: ["a: i32 }\n", ""],
        after: [
            "a: i32 }\n#[derive(Table)] #[table(name = \"u\")] #[table(check(\"a > 0\", not_valid))] pub struct U { #[column(primary_key)] id: i32, a: i32 }",
            "",
        ],
        says: "| u:AccessExclusiveLock",
    },
    Case {
        what: "a foreign key",
        before: ["p: i32 }", ""],
        after: ["#[column(references = \"p.id\")] p: i32 }", ""],
        says: "p:ShareRowExclusiveLock t:ShareRowExclusiveLock scans blocks",
    },
    Case {
        what: "no foreign key any more",
        before: ["#[column(references = \"p.id\")] p: i32 }", ""],
        after: ["p: i32 }", ""],
        says: "p:AccessExclusiveLock t:AccessExclusiveLock",
    },
    Case {
        what: "a foreign key that is checked at commit",
        before: ["#[column(references = \"p.id\")] p: i32 }", ""],
        after: ["#[column(references = \"p.id\", initially_deferred)] p: i32 }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "a statistics target",
        before: ["a: i32 }", ""],
        after: ["#[column(statistics = 500, options(n_distinct = 5))] a: i32 }", ""],
        says: "t:ShareUpdateExclusiveLock",
    },
    Case {
        what: "another way to store a column",
        before: ["a: String }", ""],
        after: ["#[column(storage = \"external\")] a: String }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "storage parameters of an index",
        before: ["#[column(index)] a: i32 }", ""],
        after: ["#[column(index(with(fillfactor = 70)))] a: i32 }", ""],
        says: "t_a_idx:ShareUpdateExclusiveLock",
    },
    Case {
        what: "a unique constraint",
        before: ["a: i32 }", ""],
        after: ["#[column(unique)] a: i32 }", ""],
        says: "t:AccessExclusiveLock scans blocks",
    },
    Case {
        what: "an index",
        before: ["a: i32 }", ""],
        after: ["#[column(index)] a: i32 }", ""],
        says: "t:ShareLock scans blocks",
    },
    Case {
        what: "an index less",
        before: ["#[column(index)] a: i32 }", ""],
        after: ["a: i32 }", ""],
        says: "t:AccessExclusiveLock t_a_idx:AccessExclusiveLock",
    },
    Case {
        what: "an index gets another name",
        before: ["#[column(index)] a: i32 }", ""],
        after: ["#[column(index(name = \"other\"))] a: i32 }", ""],
        says: "t_a_idx:ShareUpdateExclusiveLock",
    },
    Case {
        what: "a column gets another name",
        before: ["a: Option<i32> }", ""],
        after: ["#[column(renamed_from = \"a\")] b: Option<i32> }", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "a comment",
        before: ["a: i32 }", ""],
        after: ["#[column(comment = \"x\")] a: i32 }", ""],
        says: "t:ShareUpdateExclusiveLock",
    },
    Case {
        what: "an identity",
        before: ["a: i32 }", ""],
        after: ["#[column(identity)] a: i32 }", ""],
        says: "t:AccessExclusiveLock scans blocks",
    },
    Case {
        what: "a table that refers to another",
        before: ["a: i32 }", ""],
        after: [
            "a: i32 }\n#[derive(Table)] #[table(name = \"u\")] pub struct U { #[column(primary_key)] id: i32, #[column(references = \"p.id\")] p: i32 }",
            "",
        ],
        says: "p:ShareRowExclusiveLock",
    },
    Case {
        what: "a table less that refers to another",
        before: [
            "a: i32 }\n#[derive(Table)] #[table(name = \"u\")] pub struct U { #[column(primary_key)] id: i32, #[column(references = \"p.id\")] p: i32 }",
            "",
        ],
        after: ["a: i32 }", ""],
        says: "p:AccessExclusiveLock u:AccessExclusiveLock drops-rows",
    },
    Case {
        what: "a label",
        before: ["a: Mood }\n#[derive(Enum)] pub enum Mood { A }", ""],
        after: ["a: Mood }\n#[derive(Enum)] pub enum Mood { A, B }", ""],
        says: "",
    },
    Case {
        what: "a label less",
        before: ["a: Mood }\n#[derive(Enum)] pub enum Mood { A, B }", ""],
        after: ["a: Mood }\n#[derive(Enum)] pub enum Mood { A }", ""],
        says: "t:AccessExclusiveLock fails-on-labels rewrites blocks | ",
    },
    Case {
        what: "a table that is not logged any more",
        before: ["a: i32 }", ""],
        after: ["a: i32 }\n// unlogged", ""],
        says: "t:AccessExclusiveLock rewrites blocks",
    },
    Case {
        what: "row security",
        before: ["a: i32 }", ""],
        after: ["a: i32 }\n// security", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "a replica identity",
        before: ["a: i32 }", ""],
        after: ["a: i32 }\n// identity", ""],
        says: "t:AccessExclusiveLock",
    },
    Case {
        what: "an index to cluster on",
        before: ["a: i32 }", ""],
        after: ["a: i32 }\n// clustered", ""],
        says: "t:ShareUpdateExclusiveLock",
    },
    Case {
        what: "storage parameters",
        before: ["a: i32 }", ""],
        after: ["a: i32 }\n// fillfactor", ""],
        says: "t:ShareUpdateExclusiveLock",
    },
    Case {
        what: "a view, another one in its place, and none",
        before: ["a: i32 }", "CREATE VIEW v AS SELECT a FROM t;"],
        after: ["a: i32 }", "CREATE VIEW v AS SELECT a FROM t WHERE a > 1;"],
        says: "v:AccessExclusiveLock",
    },
    Case {
        what: "a type under a view",
        before: ["a: i32 }", "CREATE VIEW v AS SELECT a FROM t;"],
        after: ["a: i64 }", "CREATE VIEW v AS SELECT a FROM t;"],
        says: "v:AccessExclusiveLock remakes | t:AccessExclusiveLock rewrites blocks | ",
    },
    Case {
        what: "a check of a domain",
        before: ["#[column(type = \"d\")] a: String }", "CREATE DOMAIN d AS text;"],
        after: [
            "#[column(type = \"d\")] a: String }",
            "CREATE DOMAIN d AS text CHECK (VALUE <> '');",
        ],
        says: "t:ShareLock scans blocks",
    },
    Case {
        what: "a default of a domain",
        before: ["#[column(type = \"d\")] a: String }", "CREATE DOMAIN d AS text;"],
        after: ["#[column(type = \"d\")] a: String }", "CREATE DOMAIN d AS text DEFAULT 'x';"],
        says: "",
    },
];

fn models([fields, objects]: [&str; 2]) -> Metadata {
    let head = match fields.rsplit_once("// ") {
        Some((_, "unlogged")) => T.replace("name = \"t\"", "name = \"t\", unlogged"),
        Some((_, "security")) => T.replace("name = \"t\"", "name = \"t\", row_security"),
        Some((_, "identity")) => {
            T.replace("name = \"t\"", "name = \"t\", replica_identity = \"full\"")
        }
        Some((_, "clustered")) => {
            T.replace("name = \"t\"", "name = \"t\", clustered_on = \"t_pkey\"")
        }
        Some((_, "fillfactor")) => T.replace("name = \"t\"", "name = \"t\", with(fillfactor = 70)"),
        _ => T.to_owned(),
    };
    metadata(&format!("{P}\n{head} {fields}"), objects)
}

/// The steps as a case writes them: `|` between steps, and nothing for a step that says nothing.
fn said(steps: &[Step]) -> String {
    let step = |step: &Step| {
        let locks = step.locks.iter().filter(|(_, mode)| **mode > LockMode::AccessShare);
        let locks = locks.map(|(object, mode)| format!("{}:{}", object.name.name, mode.as_str()));
        // The rows that a step may fail on are the subject of other tests.
        let hazards = step.hazards.iter().map(|hazard| hazard.code().to_owned());
        let hazards = hazards.filter(|code| code != "fails-on-rule");
        let mut all: Vec<String> = locks.collect();
        all.sort();
        all.extend(hazards);
        all.join(" ")
    };
    steps.iter().map(step).collect::<Vec<_>>().join(" | ")
}

#[test]
fn every_change_locks_and_reads_what_it_says() {
    let database = server().database();
    let connection = open(&database.url());
    for case in CASES {
        wait(connection.run("DROP SCHEMA public CASCADE")).unwrap();
        wait(connection.run("CREATE SCHEMA public")).unwrap();
        let plan = |metadata: Metadata| {
            let difference =
                Difference::of(&connection, Dialect::Postgres, metadata, "aludel_version");
            let difference = wait(difference).unwrap();
            assert!(difference.upgrade.impossible.is_empty(), "{}", case.what);
            difference
        };
        let before = plan(models(case.before));
        before.upgrade.steps.iter().for_each(|step| run_observed(&connection, step).unwrap());
        let change = plan(models(case.after));
        let says = said(&change.upgrade.steps);
        assert_eq!(says.trim(), case.says.trim(), "{}\n{:#?}", case.what, change.upgrade.steps);
        change.upgrade.steps.iter().for_each(|step| run_observed(&connection, step).unwrap());
        change.downgrade.steps.iter().for_each(|step| run_observed(&connection, step).unwrap());
        let left = plan(models(case.before));
        assert!(left.is_empty(), "{}: {:?}", case.what, left.upgrade.steps);
    }
}

#[test]
fn modes_are_ordered_by_strength() {
    let names = ["AccessShareLock", "RowExclusiveLock", "ShareLock", "AccessExclusiveLock"];
    let modes: Vec<LockMode> = names.iter().filter_map(|name| LockMode::from_name(name)).collect();
    assert!(modes.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(LockMode::from_name("NoLock"), None);
}
