//! Two spellings of one thing: the target gets the database's words wherever both mean the same.

use aludel_dialect::Dialect;
use aludel_reflect::{DatabaseSide, SpellingError, settle};
use aludel_schema::{Column, Constraint, ConstraintKind, Metadata, QualifiedName, SqlText, Table};

use crate::case::{Postgres, wait};

/// A table of one column with a default and a check.
fn target(sql_type: &str, default: &str, check: &str) -> Metadata {
    let mut table = Table::new(QualifiedName::unqualified("t"));
    let mut column = Column::new("a", "");
    column.sql_type = Dialect::Postgres.sql_type(sql_type);
    column.default = Some(Box::new(SqlText::new(default)));
    table.columns.push(column);
    let expression = SqlText::new(check);
    let kind = ConstraintKind::check(expression);
    table.constraints.push(Constraint::new(Some("c".to_owned()), kind));
    let mut metadata = Metadata::default();
    metadata.add_table(table);
    metadata
}

/// The table of the database and that of the target, once the server was asked.
fn settled(ddl: &str, mut target: Metadata) -> (Table, Table) {
    let postgres = Postgres::with(ddl);
    let before = postgres.reflection();
    let (dialect, schema) = (Dialect::Postgres, before.default_schema.as_str());
    wait(settle(
        &postgres.connection,
        dialect,
        DatabaseSide { live: &before.metadata, renamed: &before.metadata },
        &mut target,
        schema,
    ))
    .unwrap();
    let name = QualifiedName::unqualified("t");
    let own = "SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()";
    assert_eq!(postgres.sql(own), "0\n", "nothing is left behind");
    (before.metadata.tables[&name].clone(), target.tables[&name].clone())
}

#[test]
fn texts_that_mean_the_same_are_equal() {
    for (name, ddl, target) in [
        (
            "casts that the server adds",
            "CREATE TABLE t (a numeric(10,2) DEFAULT 0, CONSTRAINT c CHECK (a >= 0))",
            target("numeric(10,2)", "0", "a >= 0"),
        ),
        (
            "IN, BETWEEN and LIKE",
            "CREATE TABLE t (a text DEFAULT 'x', CONSTRAINT c CHECK (a IN ('x', 'y') AND a LIKE 'x%'))",
            target("text", "'x'", "a in ('x','y') and (a like 'x%')"),
        ),
        (
            "a call in another case",
            "CREATE TABLE t (a timestamptz DEFAULT NOW(), CONSTRAINT c CHECK (a BETWEEN '2000-01-01' AND now()))",
            target("timestamptz", "now()", "a between '2000-01-01' and NOW()"),
        ),
    ] {
        let (database, target) = settled(ddl, target);
        assert_eq!(database.columns, target.columns, "{name}");
        assert!(database.constraints[0].same_demand(&target.constraints[0]), "{name}");
    }
}

#[test]
fn texts_that_differ_stay_different() {
    let ddl = "CREATE TABLE t (a int DEFAULT 1, CONSTRAINT c CHECK (a > 0))";
    let (database, target) = settled(ddl, target("int", "2", "a >= 0"));
    assert_ne!(database.columns, target.columns);
    assert!(!database.constraints[0].same_demand(&target.constraints[0]));
}

#[test]
fn a_text_that_the_server_refuses_is_named_with_its_place() {
    let ddl = "CREATE TABLE t (a int DEFAULT 1, CONSTRAINT c CHECK (a > 0))";
    for (name, mut target, place) in [
        ("a default", target("int", "nonsense()", "a > 0"), "the default of t.a"),
        ("a check", target("int", "1", "a > nonsense()"), "constraint c of t"),
        ("a type", target("nonsense", "1", "a > 0"), "the type of t.a"),
    ] {
        let refused = refusal(ddl, &mut target);
        assert_eq!(refused.place.unwrap().to_string(), place, "{name}");
        assert!(refused.source.to_string().contains("nonsense"), "{name}");
    }
}

/// The refusal of a text of the target.
fn refusal(ddl: &str, target: &mut Metadata) -> SpellingError {
    let postgres = Postgres::with(ddl);
    let before = postgres.reflection().metadata;
    let sides = DatabaseSide { live: &before, renamed: &before };
    let settled = settle(&postgres.connection, Dialect::Postgres, sides, target, "public");
    wait(settled).unwrap_err()
}

#[test]
fn a_text_that_is_new_is_given_to_the_server() {
    let without = "SELECT 1";
    let column = "CREATE TABLE t (b int)";
    let bare = "CREATE TABLE t (a int)";
    for (name, ddl, mut target, place, message) in [
        (
            "a default of a new table",
            without,
            target("int", "nonsense()", "a > 0"),
            "the default of t.a",
            "nonsense",
        ),
        (
            "a literal that is no value of the type",
            without,
            target("int", "'many'", "a > 0"),
            "the default of t.a",
            "invalid input syntax",
        ),
        (
            "a check of a new table",
            without,
            target("int", "1", "a > nonsense()"),
            "constraint c of t",
            "nonsense",
        ),
        (
            "a default of a new column",
            column,
            target("int", "nonsense()", "a > 0"),
            "the default of t.a",
            "nonsense",
        ),
        (
            "a default that a column gets",
            bare,
            target("int", "nonsense()", "a > 0"),
            "the default of t.a",
            "nonsense",
        ),
        (
            "a check that a table gets",
            bare,
            target("int", "1", "a > b"),
            "constraint c of t",
            "column \"b\" does not exist",
        ),
        (
            "a type that there is not",
            without,
            target("nonsense", "NULL", "a IS NULL"),
            "the type of t.a",
            "nonsense",
        ),
    ] {
        let refused = refusal(ddl, &mut target);
        assert_eq!(refused.place.unwrap().to_string(), place, "{name}");
        assert!(refused.source.to_string().contains(message), "{name}: {}", refused.source);
    }
}

#[test]
fn a_new_text_may_name_its_table() {
    let (_, target) = settled("CREATE TABLE t (b int)", target("int", "1", "t.a > 0"));
    let ConstraintKind::Check { expression, .. } = &target.constraints[0].kind else { panic!() };
    assert_eq!(expression.written, "t.a > 0", "the text stays that of the author");
}
