//! The laws over schemas of all kinds.
//!
//! `ALUDEL_SEED` runs one case again, or begins with it if `ALUDEL_SECONDS` says how long to go on.

use std::any::Any;
use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use aludel::{Connection, Dialect, Difference, HazardClass, Step};
use aludel_compare::Plan;
use aludel_dialect::TransactionClass;
use aludel_schema::{Kind, Metadata};
use aludel_testkit::{Dump, TestDatabase, normalised_sqlite, server};

use super::known::{KNOWN, Known, LOCKS_OF_PARTITIONS};
use super::shapes::number_column;
use super::shrink::{Worlds, shrink};
use super::world::{Random, Slot, World};
use crate::laws::{open, shape, wait};
use crate::locks::run_observed;

/// A law that does not hold.
#[derive(Debug)]
struct Failure {
    law: &'static str,
    what: String,
}

impl Failure {
    /// Returns what two failures of the same fault have in common.
    fn sort(&self) -> (&'static str, String) {
        let first = self.what.lines().next().unwrap_or_default();
        let words = first
            .split(' ')
            .filter(|word| !word.contains(|c: char| c.is_ascii_digit() || c == '"'));
        (self.law, words.take(8).collect::<Vec<_>>().join(" "))
    }
}

impl Failure {
    /// Returns the known fault that this is one of.
    fn known(&self) -> Option<&'static Known> {
        let report = format!("{}: {}", self.law, self.what);
        KNOWN.iter().find(|known| report.contains(known.says))
    }
}

type Held<T = ()> = Result<T, Failure>;

/// Drops what no schema holds.
const WITHOUT_SCHEMA: &str = "DO $$ DECLARE own record; BEGIN FOR own IN \
    SELECT format('DROP PUBLICATION %I', pubname) AS sql FROM pg_publication UNION ALL \
    SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger UNION ALL \
    SELECT 'ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor REVOKE ALL ON FUNCTIONS FROM pg_read_all_data, pg_read_all_stats' UNION ALL \
    SELECT 'ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT ALL ON FUNCTIONS TO PUBLIC' UNION ALL \
    SELECT format('DROP FOREIGN DATA WRAPPER %I CASCADE', fdwname) FROM pg_foreign_data_wrapper \
    LOOP EXECUTE own.sql; END LOOP; END $$";

/// The place where plans are tried.
struct Bench {
    dialect: Dialect,
    connection: Connection<'static>,
    database: Option<TestDatabase>,
    /// True if the locks that a step says are held against those that it takes.
    observes: bool,
}

impl Bench {
    fn new(dialect: Dialect) -> Self {
        let database = (dialect == Dialect::Postgres).then(|| server().database());
        let url = database.as_ref().map_or("sqlite::memory:".to_owned(), TestDatabase::url);
        Self { dialect, connection: open(&url), database, observes: true }
    }

    fn run(&self, sql: &str) {
        wait(self.connection.run(sql)).unwrap();
    }

    /// Empties the database.
    fn clear(&mut self) {
        if self.database.is_none() {
            self.connection = open("sqlite::memory:");
            // As it is while a revision rebuilds tables.
            self.run("PRAGMA foreign_keys = OFF");
            return;
        }
        let _ = wait(self.connection.run("ROLLBACK"));
        self.run(WITHOUT_SCHEMA);
        self.run("DROP SCHEMA IF EXISTS public, app CASCADE");
        self.run("CREATE SCHEMA public");
    }

    /// Puts rows into the tables of a schema, as far as its checks and triggers let them in.
    fn fill(&self, world: &World) {
        for slot in tables(world) {
            let (table, n) = (world.name(slot), number_column(world, slot));
            for (number, text) in [(1, "abc"), (3, "de"), (8, "f")] {
                let sql = format!("INSERT INTO {table} ({n}, s) VALUES ({number}, '{text}')");
                let _ = wait(self.connection.run(&sql));
            }
        }
    }

    /// Returns the number of rows of each table that both schemas have.
    fn rows(&self, world: &World, other: &World) -> BTreeMap<Slot, String> {
        let both = tables(world).filter(|slot| other.slots.contains_key(slot));
        let count = |slot: &Slot| {
            let sql = format!("SELECT count(*) AS rows FROM {}", world.name(*slot));
            let rows = wait(self.connection.query(&sql)).unwrap();
            rows[0].optional("rows").unwrap().unwrap_or_default().to_owned()
        };
        both.map(|slot| (slot, count(&slot))).collect()
    }

    fn shape(&self) -> Dump {
        let Some(database) = &self.database else {
            let query = "SELECT type, name, CASE type WHEN 'table' THEN '' ELSE sql END AS sql \
                         FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'";
            let rows = wait(self.connection.query(query)).unwrap();
            let text = |row: &aludel_driver::Row, column| {
                row.optional(column).unwrap().unwrap_or_default().to_owned()
            };
            return rows
                .iter()
                .map(|row| {
                    (
                        (text(row, "type"), text(row, "name")),
                        normalised_sqlite(&text(row, "sql").replace('"', "")),
                    )
                })
                .collect();
        };
        shape(database)
    }

    fn difference(&self, law: &'static str, target: &Metadata) -> Held<Difference> {
        let version_table = "aludel_version";
        let difference =
            Difference::of(&self.connection, self.dialect, target.clone(), version_table);
        wait(difference).map_err(|error| {
            let mut what = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(error) = source {
                what += &format!("; {error}");
                source = error.source();
            }
            Failure { law, what }
        })
    }

    fn apply(&self, law: &'static str, plan: &Plan) -> Held {
        let fail = |what| Failure { law, what };
        if let Some(impossible) = plan.impossible.first() {
            return Err(fail(format!("impossible: {}: {}", impossible.object, impossible.reason)));
        }
        let run = |step: &Step| {
            step.statements.iter().try_for_each(|sql| {
                let done = wait(self.connection.run(sql));
                done.map(|_| ()).map_err(|error| format!("{error}\n{sql}"))
            })
        };
        let run = |step: &Step| match self.dialect {
            Dialect::Postgres if self.observes => run_observed(&self.connection, step),
            // The settings of a step hold for its transaction.
            Dialect::Postgres if step.class != TransactionClass::Alone => {
                wait(self.connection.run("BEGIN")).map_err(|error| error.to_string())?;
                run(step)?;
                wait(self.connection.run("COMMIT")).map(|_| ()).map_err(|error| error.to_string())
            }
            Dialect::Postgres | Dialect::Sqlite => run(step),
        };
        let all = || plan.statements().collect::<Vec<_>>().join(";\n");
        plan.steps
            .iter()
            .try_for_each(|step| held(law, || run(step).map_err(fail)))
            .map_err(|failure| fail(format!("{}\n\nin:\n{}", failure.what, all())))
    }

    fn clean(&self, law: &'static str, target: &Metadata) -> Held {
        let difference = self.difference(law, target)?;
        let left: Vec<String> = difference.upgrade.operations().map(ToString::to_string).collect();
        let leftovers = &difference.leftovers;
        if left.is_empty() && leftovers.is_empty() {
            return Ok(());
        }
        let sql: Vec<&str> = difference.upgrade.statements().collect();
        let what = format!("{} {leftovers:?}\n{}", left.join(", "), sql.join(";\n"));
        Err(Failure { law, what })
    }

    fn equal(&self, law: &'static str, expected: &Dump) -> Held {
        same_shape(law, expected, &self.shape())
    }

    /// Holds the laws between two schemas.
    fn laws(&mut self, (from, to): &Worlds, with_rows: bool, may_fail: &mut bool) -> Held {
        self.clear();
        self.observes =
            LOCKS_OF_PARTITIONS.is_empty() || ![from, to].iter().any(|w| w.has_partitions());
        let nothing = self.shape();
        let (a, b) = (from.metadata(None), to.metadata(Some(from)));
        let to_a = self.difference("A is accepted", &a)?;
        self.apply("A is made of nothing", &to_a.upgrade)?;
        self.clean("after A is made of nothing", &a)?;
        if with_rows {
            self.fill(from);
        }
        let rows = self.rows(from, to);
        let at_a = self.shape();
        let to_b = self.difference("B is accepted", &b)?;
        let again = self.difference("B is accepted", &b)?;
        let bytes = |d: &Difference| format!("{:?}{:?}", d.upgrade.steps, d.downgrade.steps);
        if bytes(&to_b) != bytes(&again) {
            return Err(Failure { law: "the same input gives the same bytes", what: bytes(&to_b) });
        }
        let plans = [&to_b.upgrade, &to_b.downgrade].into_iter();
        let mut hazards = plans.flat_map(Plan::hazards);
        *may_fail = hazards.any(|hazard| hazard.class() == HazardClass::MayFail);
        if is_left_to_the_user(&to_b) {
            return Ok(());
        }
        self.apply("the plan from A to B", &to_b.upgrade)?;
        self.clean("after the plan from A to B", &b)?;
        self.same_rows("the rows in B", &rows, &self.rows(to, from))?;
        let at_b = self.shape();
        self.apply("the plan back to A", &to_b.downgrade)?;
        self.clean("after the plan back to A", &a)?;
        self.equal("A after the plan back", &at_a)?;
        self.same_rows("the rows in A after the plan back", &rows, &self.rows(from, to))?;
        self.apply("the plan from A back to nothing", &to_a.downgrade)?;
        self.equal("nothing after the plan back", &nothing)?;
        self.clear();
        let to_b = self.difference("B is accepted", &to.metadata(None))?;
        self.apply("B is made of nothing", &to_b.upgrade)?;
        // The sequence behind an identity column keeps its name when the table is renamed.
        let without = |dump: Dump| dump.into_iter().filter(|((kind, _), _)| kind != "SEQUENCE");
        let (at_b, now): (Dump, Dump) = (without(at_b).collect(), without(self.shape()).collect());
        same_shape("B made of A, and B made of nothing", &at_b, &now)
    }

    fn check(&mut self, worlds: &Worlds) -> Held {
        let mut may_fail = false;
        let with_rows = held("no panic", || self.laws(worlds, true, &mut may_fail));
        match with_rows {
            // The revision says that some rows do not fit.
            Err(_) if may_fail => held("no panic", || self.laws(worlds, false, &mut may_fail)),
            other => other,
        }
    }

    fn same_rows(
        &self,
        law: &'static str,
        expected: &BTreeMap<Slot, String>,
        found: &BTreeMap<Slot, String>,
    ) -> Held {
        let what = || format!("there were {expected:?}, and now {found:?}");
        if expected == found { Ok(()) } else { Err(Failure { law, what: what() }) }
    }
}

fn same_shape(law: &'static str, expected: &Dump, shape: &Dump) -> Held {
    if shape == expected {
        return Ok(());
    }
    let one_side = |a: &Dump, b: &Dump| {
        let differ = a.iter().filter(|(key, sql)| b.get(*key) != Some(*sql));
        differ.map(|(key, sql)| format!("{key:?}\n{sql}")).collect::<Vec<_>>().join("\n")
    };
    let (missing, extra) = (one_side(expected, shape), one_side(shape, expected));
    Err(Failure { law, what: format!("should be\n{missing}\n\nbut is\n{extra}") })
}

/// Returns true if a plan is refused with advice to write a revision by hand or two of them, which
/// is an honest answer.
fn is_left_to_the_user(difference: &Difference) -> bool {
    let advice = ["by hand", "in a revision of its own", "in the next revision"];
    let mut impossible =
        difference.upgrade.impossible.iter().chain(&difference.downgrade.impossible);
    impossible.any(|impossible| advice.iter().any(|advice| impossible.reason.contains(advice)))
}

/// Runs a law, and takes a panic for a failure.
fn held(law: &'static str, run: impl FnOnce() -> Held) -> Held {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let what: &dyn Any = panic.as_ref();
        let text = what.downcast_ref::<String>().cloned();
        let text = text.or_else(|| what.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Failure { law, what: text.unwrap_or_default() })
    })
}

/// Returns the tables of a schema whose rows are counted. The rows of a partition go with it.
fn tables(world: &World) -> impl Iterator<Item = Slot> {
    let tables = world.slots.keys().filter(|slot| slot.kind == Kind::Table && slot.number < 3);
    tables.copied()
}

fn worlds(dialect: Dialect, seed: u64) -> Worlds {
    let mut random = Random(seed);
    let a = World::random(dialect, &mut random);
    let b = a.edited(&mut random);
    (a, b)
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// Runs a number of cases in at most some seconds, or cases for as long as the environment says, and
/// shows a failure of each sort in its smallest form.
#[expect(clippy::print_stdout, reason = "whoever sees a failure has to know the seed")]
fn run(dialect: Dialect, cases: u64, seconds: u64) {
    let asked = setting("ALUDEL_SECONDS");
    let seed = setting("ALUDEL_SEED");
    let (first, single) = (seed.unwrap_or(1), seed.is_some() && asked.is_none());
    let end = Instant::now() + Duration::from_secs(asked.unwrap_or(seconds));
    let mut bench = Bench::new(dialect);
    let (mut reports, mut known) = (BTreeMap::new(), BTreeMap::new());
    let mut count = 0;
    let cases = if single { 1 } else { asked.map_or(cases, |_| u64::MAX) };
    while count < cases && (single || Instant::now() < end) {
        let seed = first.wrapping_add(count);
        count += 1;
        let whole = worlds(dialect, seed);
        let Err(failure) = bench.check(&whole) else { continue };
        if let Some(fault) = failure.known().filter(|_| !single) {
            *known.entry(fault.why).or_insert(0) += 1;
            continue;
        }
        let sort = failure.sort();
        if let Entry::Vacant(entry) = reports.entry(sort) {
            let report = smallest(&mut bench, whole, failure);
            entry.insert(format!("{dialect}, ALUDEL_SEED={seed}: {report}"));
        }
    }
    println!("{dialect}: {count} cases from ALUDEL_SEED={first} on");
    known.iter().for_each(|(why, count)| println!("known, {count} times: {why}"));
    let reports: Vec<String> = reports.into_values().collect();
    assert!(reports.is_empty(), "{}", reports.join("\n\n"));
}

/// Makes a failing case small, and says what it is.
fn smallest(bench: &mut Bench, whole: Worlds, failure: Failure) -> String {
    let bench = RefCell::new(bench);
    let check = |worlds: &Worlds| bench.borrow_mut().check(worlds).err();
    let fails = |worlds: &Worlds| check(worlds).is_some_and(|other| other.sort() == failure.sort());
    let shrinking = setting("ALUDEL_SHRINK_SECONDS").unwrap_or(20);
    let small = shrink(whole, Instant::now() + Duration::from_secs(shrinking), fails);
    let Failure { law, what } = check(&small).unwrap_or(failure);
    let (a, b) = small;
    format!("{law}: {what}\n\nA:\n{a}\nB:\n{b}")
}

/// Kinds of which the generator makes none, and why.
const NOT_GENERATED: &[(Kind, &str)] = &[
    (Kind::Schema, "schemas come with the objects in them"),
    (Kind::Extension, "an extension is of the server"),
    (Kind::Sequence, "sequences come with identity columns"),
    (Kind::Column, "columns come with tables"),
    (Kind::Constraint, "constraints come with tables"),
    (Kind::Type, "this stands for a type of a kind that is not known"),
    (Kind::BaseType, "SQL can't make one without code in C"),
    (Kind::TextSearchParser, "a parser is code in C"),
    (Kind::TextSearchTemplate, "a template is code in C"),
    (Kind::Subscription, "a subscription needs a second server"),
    (Kind::Language, "a language comes with an extension"),
    (Kind::AccessMethod, "an access method is code in C"),
    (Kind::Conversion, "object files do not hold conversions yet"),
    (Kind::Transform, "a transform is code in C"),
];

#[test]
fn every_kind_is_generated() {
    let mut generated = BTreeSet::from([Kind::Table, Kind::Enum]);
    for dialect in Dialect::ALL {
        let mut own = BTreeSet::new();
        for seed in 0..40 {
            own.extend(worlds(dialect, seed).0.kinds());
        }
        let managed: BTreeSet<Kind> = dialect.kinds().iter().map(|facts| facts.kind).collect();
        assert_eq!(own, managed, "{dialect}: add the kind to the generator");
        generated.extend(own);
    }
    let excused = NOT_GENERATED.iter().map(|(kind, _)| *kind);
    let all: Vec<Kind> = generated.into_iter().chain(excused).collect();
    let sorted: BTreeSet<Kind> = all.iter().copied().collect();
    assert_eq!(sorted, BTreeSet::from(Kind::ALL), "generate the kind, or say why not");
    assert_eq!(all.len(), sorted.len(), "a kind is generated and excused");
}

#[test]
fn plans_over_all_kinds_lead_there_and_back_on_postgres() {
    run(Dialect::Postgres, 30, 50);
}

#[test]
fn plans_over_all_kinds_lead_there_and_back_on_sqlite() {
    run(Dialect::Sqlite, 150, 20);
}
