//! Laws of every plan, over random metadata.

use aludel_compare::{Renamed, Way, plan};
use aludel_dialect::Dialect;
use aludel_schema::{Column, Metadata, Table};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, subsequence};
use proptest::test_runner::{Config, TestRng, TestRunner};

use crate::build::*;
use crate::case::{Plans, shown};

const NAMES: [&str; 4] = ["ants", "bees", "cats", "dogs"];

/// The parts of a random table.
#[derive(Clone, Debug)]
struct Seed {
    columns: Vec<(usize, usize, bool)>,
    parents: Vec<Pick>,
    extra: [bool; 5],
}

fn seed() -> impl Strategy<Value = Seed> {
    let column = (0..3_usize, 0..4_usize, any::<bool>());
    (vec(column, 0..4), vec(any::<Pick>(), 0..3), any::<[bool; 5]>())
        .prop_map(|(columns, parents, extra)| Seed { columns, parents, extra })
}

/// Random metadata: tables that refer to each other as they like, a type, a sequence and views.
fn metadata(dialect: Dialect) -> impl Strategy<Value = Metadata> {
    let names = subsequence(NAMES.to_vec(), 0..=NAMES.len());
    let labels = subsequence(vec!["calm", "glad", "sad"], 1..=3).prop_shuffle();
    (names, vec(seed(), NAMES.len()), labels, any::<[bool; 2]>()).prop_map(
        move |(names, seeds, labels, views)| {
            let mut metadata = metadata![];
            for (name, seed) in names.iter().zip(&seeds) {
                metadata.add_table(random_table(dialect, name, seed, &names));
            }
            if dialect == Dialect::Postgres {
                let labels = labels.iter().map(|label| (*label).to_owned()).collect();
                let mood = aludel_schema::EnumType { labels, ..enum_type("my_mood", []) };
                mood.join(&mut metadata);
                add_views(&mut metadata, &names, views);
            }
            metadata
        },
    )
}

fn random_table(dialect: Dialect, name: &str, seed: &Seed, names: &[&str]) -> Table {
    let mut own = table(name, [col("id", "bigint").not_null()]);
    own = own.with(primary_key(&format!("{name}_pkey"), ["id"]));
    for (at, kind, not_null) in &seed.columns {
        let name = ["a", "b", "c"][*at];
        if own.column(name).is_none() {
            own.columns.push(random_column(dialect, name, *kind, *not_null));
        }
    }
    let has = |own: &Table, column: &str| own.column(column).is_some();
    let [generated, checked, keyed, indexed, commented] = seed.extra;
    if generated && has(&own, "a") {
        own.columns.push(col("g", "text").stored("concat(a)"));
    }
    if checked && has(&own, "a") {
        own = own.with(check(&format!("{name}_check"), "a IS NOT NULL"));
    }
    if keyed && has(&own, "b") {
        own = own.with(unique(&format!("{name}_b_key"), ["b"]));
    }
    if indexed && has(&own, "c") {
        own = own.index(index(&format!("{name}_c_idx"), ["c"]).only("c IS NOT NULL"));
    }
    if commented {
        own = own.comment("random");
    }
    for pick in &seed.parents {
        let parent = *pick.get(names);
        let column = format!("{parent}_id");
        if !has(&own, &column) {
            own.columns.push(col(&column, "bigint"));
            let key = format!("{name}_{parent}_fkey");
            own = own.with(foreign_key(&key, &column, parent, "id"));
        }
    }
    own
}

fn random_column(dialect: Dialect, name: &str, kind: usize, not_null: bool) -> Column {
    let types = match dialect {
        Dialect::Postgres => ["text", "integer", "my_mood", "bigint"],
        Dialect::Sqlite => ["TEXT", "INTEGER", "REAL", "BLOB"],
    };
    let column = col(name, types[kind]);
    if not_null { column.not_null().comment("must be") } else { column }
}

/// A view over the first table's key, and one over that view.
fn add_views(metadata: &mut Metadata, names: &[&str], [first, second]: [bool; 2]) {
    let Some(name) = names.first().filter(|_| first) else { return };
    let own = metadata.tables.values().next().unwrap();
    let read = own.column("a").unwrap_or(&own.columns[0]);
    let (column, shown) = (read.name.as_str(), format!("{name}_{}", read.name));
    let query = format!("SELECT {column} AS {shown} FROM {name}");
    let on = format!("column {name}.{column}");
    let own = view("v", &query).reads([on.as_str()]).shape([(&shown, &read.sql_type.written)]);
    own.comment("shown").join(metadata);
    if second {
        view("u", "SELECT * FROM v").reads(["view v"]).join(metadata);
    }
}

fn check_pairs(dialect: Dialect, law: impl Fn(Metadata, Metadata)) {
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, random);
    let result = runner.run(&(metadata(dialect), metadata(dialect)), |(before, after)| {
        law(before, after);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn nothing_differs_from_itself() {
    for dialect in Dialect::ALL {
        check_pairs(dialect, |one, _| {
            let plan = plan(&Renamed::nothing(dialect, &one), &one, Way::Forward);
            assert!(plan.is_empty(), "{:#?}", shown(&plan));
        });
    }
}

#[test]
fn every_operation_finds_what_it_needs_and_the_last_one_leaves_what_was_wanted() {
    for dialect in Dialect::ALL {
        check_pairs(dialect, |before, after| {
            let plans = Plans::between(dialect, &before, &after);
            assert!(plans.up.impossible.is_empty(), "{:?}", plans.up.impossible);
            let broken = plans.broken(dialect, &before);
            assert!(broken.is_empty(), "{}", broken.join("\n"));
        });
    }
}

/// The same metadata, put together in the opposite order.
fn turned_round(metadata: &Metadata) -> Metadata {
    let mut other = metadata![];
    for table in metadata.tables.values().rev().cloned() {
        table.join(&mut other);
    }
    for definition in metadata.definitions.values().rev().cloned() {
        definition.join(&mut other);
    }
    for enum_type in metadata.enums.values().rev().cloned() {
        enum_type.join(&mut other);
    }
    other
}

/// The same metadata, with what is in its tables in another order, which means nothing once the
/// tables are there.
fn shuffled(metadata: &Metadata) -> Metadata {
    let mut other = metadata.clone();
    for table in other.tables.values_mut() {
        table.columns.reverse();
        table.constraints.reverse();
        table.indexes.reverse();
    }
    other
}

#[test]
fn the_order_of_insertion_changes_no_plan() {
    for dialect in Dialect::ALL {
        check_pairs(dialect, |before, after| {
            let plan = Plans::between(dialect, &before, &after);
            let other = Plans::between(dialect, &turned_round(&before), &turned_round(&after));
            assert_eq!(format!("{:?}", plan.up.steps), format!("{:?}", other.up.steps));
            assert_eq!(format!("{:?}", plan.down.steps), format!("{:?}", other.down.steps));
        });
    }
}

#[test]
fn the_order_inside_a_table_is_no_difference() {
    for dialect in Dialect::ALL {
        check_pairs(dialect, |one, _| {
            let plans = Plans::between(dialect, &one, &shuffled(&one));
            assert_eq!(shown(&plans.up), Vec::<String>::new());
        });
    }
}
