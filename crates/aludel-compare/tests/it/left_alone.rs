//! Objects that are left alone: neither side of a plan tells of it, and what it stands in the way of is said.

#![expect(clippy::too_many_lines, reason = "these are tables of cases")]

use std::collections::BTreeSet;

use aludel_compare::{LeftAlone, Plan, Renamed, Way, plan};
use aludel_dialect::Dialect::Postgres;
use aludel_schema::{Metadata, Pattern, Schemas, Scope, Table};

use crate::build::*;
use crate::case::shown;

/// A scope: schemas, separated by commas, and a pattern. An empty text stands for what no key says.
fn scope(schemas: &str, ignore: &str) -> Scope {
    let listed: BTreeSet<String> = schemas.split(',').map(str::to_owned).collect();
    Scope {
        schemas: if schemas.is_empty() { Schemas::Named } else { Schemas::Listed(listed) },
        ignore: Pattern::parse(ignore).into_iter().collect(),
        ..Scope::default()
    }
}

/// Plans the way up, as the program does.
fn up(scope: &Scope, database: &Metadata, target: &Metadata) -> Plan {
    let mut target = target.clone();
    let left_alone = LeftAlone::new(Postgres, scope, "public", &target);
    let misplaced = left_alone.misplaced(&target);
    left_alone.carry_over(database, &mut target);
    let renamed = Renamed::hinted(Postgres, database, &target);
    left_alone.carry_over(&renamed.metadata, &mut target);
    renamed.carry_over(&mut target, |_| true);
    let mut up = plan(&renamed, &target, Way::Forward);
    up.impossible.extend(misplaced);
    up
}

fn items() -> Table {
    table("items", [col("id", "bigint"), col("size", "integer")])
}

#[test]
fn what_is_left_alone_is_no_difference() {
    let whole = || items().with(primary_key("items_pkey", ["id"]));
    for (name, scope, database, target, expected) in [
        (
            "a schema that nothing names",
            scope("", ""),
            metadata![
                items(),
                table("auth.users", [col("id", "auth.key")]),
                enum_type("auth.key", ["a"]),
                namespace("auth")
            ],
            metadata![items()],
            &[][..],
        ),
        (
            "a schema that is named",
            scope("", ""),
            metadata![
                table("app.a", [col("id", "bigint")]),
                table("app.b", [col("id", "bigint")]),
                namespace("app")
            ],
            metadata![table("app.b", [col("id", "bigint")]), namespace("app")],
            &["drop table app.a"],
        ),
        (
            "a schema that is listed, and another one",
            scope("public,app", ""),
            metadata![
                items(),
                table("app.a", [col("id", "bigint")]),
                table("x.a", [col("id", "bigint")]),
                namespace("app"),
                namespace("x")
            ],
            metadata![items()],
            &["drop table app.a", "drop schema app"],
        ),
        (
            "the books of a tool, with their sequence and type",
            scope("", ""),
            metadata![
                table("goose_db_version", [col("id", "integer"), col("state", "state[]")]),
                sequence("goose_db_version_id_seq").owned_by("goose_db_version", "id"),
                enum_type("state", ["a"]),
                enum_type("other", ["a"]),
            ],
            metadata![],
            &["drop enum other"],
        ),
        (
            "the books of a tool that a model declares",
            scope("", ""),
            metadata![table("goose_db_version", [col("id", "integer")])],
            metadata![table("goose_db_version", [col("id", "bigint")])],
            &["alter column goose_db_version.id: type integer to bigint"],
        ),
        (
            "an ignored table that the models declare otherwise",
            scope("", "items"),
            metadata![items()],
            metadata![table("items", [col("other", "text")])],
            &[],
        ),
        (
            "an ignored table that the database does not have",
            scope("", "items"),
            metadata![],
            metadata![items()],
            &[],
        ),
        (
            "an ignored table whose new name is known",
            scope("", "items"),
            metadata![items()],
            metadata![table("things", [col("id", "bigint")]).was("items")],
            &["create table things"],
        ),
        (
            "an ignored view",
            scope("", "view:v*"),
            metadata![
                items(),
                view("v", "SELECT id FROM items").reads(["column items.id"]),
                view("w", "SELECT 1")
            ],
            metadata![items()],
            &["drop view w"],
        ),
        (
            "an ignored index, and one that the models have",
            scope("", "index:*_idx"),
            metadata![items().index(index("a_idx", ["id"])).index(index("b", ["id"]))],
            metadata![items().index(index("c_idx", ["id"]))],
            &["drop index b of items"],
        ),
        (
            "an ignored index over a column that gets another name",
            scope("", "index:*_idx"),
            metadata![items().index(index("a_idx", ["size"]))],
            metadata![table("items", [col("id", "bigint"), col("weight", "integer").was("size")])],
            &["rename column items.size to weight"],
        ),
        (
            "an ignored column, with what is over it",
            scope("", "column:size"),
            metadata![items().index(index("a_idx", ["size"]))],
            metadata![table("items", [col("id", "bigint")])],
            &[],
        ),
        (
            "an ignored constraint",
            scope("", "constraint:items_pkey"),
            metadata![whole()],
            metadata![items()],
            &[],
        ),
        (
            "an ignored extension",
            scope("", "extension:vector"),
            metadata![extension("vector"), extension("citext")],
            metadata![],
            &["drop extension citext"],
        ),
        (
            "a reference to a table of somebody else",
            scope("", ""),
            metadata![items(), table("auth.users", [col("id", "bigint")]), namespace("auth")],
            metadata![items().with(foreign_key("items_id_fkey", "id", "auth.users", "id"))],
            &["add foreign key items_id_fkey to items"],
        ),
    ] {
        let plan = up(&scope, &database, &target);
        assert_eq!(shown(&plan), expected, "{name}");
        assert_eq!(plan.impossible, [], "{name}");
    }
}

#[test]
fn what_is_in_the_way_is_said() {
    let emails = || view("v", "SELECT size FROM items").reads(["column items.size"]);
    let theirs =
        || table("theirs", [col("item", "bigint")]).with(foreign_key("f", "item", "items", "id"));
    let retyped = || table("items", [col("id", "text"), col("size", "text")]);
    let keyed = || items().with(primary_key("items_pkey", ["id"]));
    for (name, scope, database, target, expected) in [
        (
            "a view over a column that gets another type",
            scope("", "v"),
            metadata![items(), emails()],
            metadata![retyped()],
            "view v: it rests on column items.size, which changes",
        ),
        (
            "a view over a column that goes",
            scope("", "v"),
            metadata![items(), emails()],
            metadata![table("items", [col("id", "bigint")])],
            "view v: it rests on column items.size, which changes",
        ),
        (
            "a view of another schema over a table that goes",
            scope("", ""),
            metadata![
                items(),
                view("x.v", "SELECT size FROM items").reads(["column items.size"]),
                namespace("x")
            ],
            metadata![],
            "column items.size: it goes, and view x.v rests on it",
        ),
        (
            "a view over a view that goes",
            scope("", "v"),
            metadata![view("u", "SELECT 1"), view("v", "SELECT * FROM u").reads(["view u"])],
            metadata![],
            "view v: it rests on view u, which changes",
        ),
        (
            "a foreign key to a column that gets another type",
            scope("", "theirs"),
            metadata![items(), theirs()],
            metadata![retyped()],
            "constraint f of theirs: it rests on column items.id, which changes",
        ),
        (
            "a foreign key to a table that goes",
            scope("", "theirs"),
            metadata![items(), theirs()],
            metadata![],
            "table items: it goes, and constraint f of theirs refers to it",
        ),
        (
            "a foreign key to a key that goes",
            scope("", "theirs"),
            metadata![keyed(), theirs()],
            metadata![items()],
            "constraint f of theirs: it rests on table items, which changes",
        ),
        (
            "a column of a type that is replaced",
            scope("", "theirs"),
            metadata![enum_type("mood", ["a", "b"]), table("theirs", [col("mood", "mood")])],
            metadata![enum_type("mood", ["a"])],
            "enum mood: it is replaced by a new type, and column theirs.mood is of it",
        ),
        (
            "a reference to a table that is nowhere",
            scope("", ""),
            metadata![items()],
            metadata![items().with(foreign_key("f", "id", "auth.users", "id"))],
            "constraint f of items: it refers to table auth.users, which no model declares and the database does not have",
        ),
        (
            "a reference to a column that is nowhere",
            scope("", ""),
            metadata![items(), table("auth.users", [col("id", "bigint")]), namespace("auth")],
            metadata![items().with(foreign_key("f", "id", "auth.users", "key"))],
            "constraint f of items: it refers to column auth.users.key, which no model declares and the database does not have",
        ),
        (
            "a table in a schema that is not listed",
            scope("public", ""),
            metadata![],
            metadata![table("app.a", [col("id", "bigint")]), namespace("app")],
            "table app.a: it is declared, and `schemas` of [scope] in aludel.toml does not list its schema app",
        ),
    ] {
        let plan = up(&scope, &database, &target);
        let said: Vec<String> =
            plan.impossible.iter().map(|i| format!("{}: {}", i.object, i.reason)).collect();
        assert!(said.iter().any(|said| said.starts_with(expected)), "{name}: {said:#?}");
    }
}

#[test]
fn models_are_written_for_what_is_in_scope() {
    let database = metadata![
        items().index(index("a_idx", ["size"])).with(foreign_key("f", "id", "x.t", "id")),
        table("x.t", [col("id", "bigint"), col("a", "theirs"), col("b", "both")]),
        table("alembic_version", [col("version_num", "text")]),
        table("both", [col("b", "both")]),
        sequence("x.t_id_seq").owned_by("x.t", "id"),
        enum_type("theirs", ["a"]),
        enum_type("both", ["a"]),
        enum_type("nobodys", ["a"]),
        namespace("x"),
        namespace("empty"),
    ];
    for (name, scope, tables, enums, schemas) in [
        (
            "all schemas",
            Scope::all(),
            &["alembic_version", "both", "items", "x.t"][..],
            &["both", "nobodys", "theirs"][..],
            &["empty", "x"][..],
        ),
        (
            "one schema",
            scope("public", ""),
            &["alembic_version", "both", "items"],
            &["both", "nobodys"],
            &[],
        ),
        (
            "an ignored table",
            Scope { ignore: scope("", "x.t").ignore, ..Scope::all() },
            &["alembic_version", "both", "items"],
            &["both", "nobodys"],
            &["empty"],
        ),
    ] {
        let mut ours = database.clone();
        LeftAlone::new(Postgres, &scope, "public", &Metadata::default()).remove_from(&mut ours);
        let shown = |names: Vec<&aludel_schema::QualifiedName>| -> Vec<String> {
            names.iter().map(ToString::to_string).collect()
        };
        assert_eq!(shown(ours.tables.keys().collect()), tables, "{name}");
        assert_eq!(shown(ours.enums.keys().collect()), enums, "{name}");
        assert_eq!(ours.schemas.iter().collect::<Vec<_>>(), schemas, "{name}");
        assert_eq!(ours.sequences.len(), usize::from(tables.contains(&"x.t")), "{name}");
        let items = &ours.tables[&aludel_schema::QualifiedName::unqualified("items")];
        assert_eq!(items.constraints.len(), 1, "{name}: references to what is left alone stay");
    }
}
