//! Partitioned tables, and models over what is no table.

use aludel_testkit::{TestDatabase, TestProject, dump, server};

use crate::{PROGRAM, sqlite_project};

const EVENT: &str = "#[derive(Table)] #[table(partition_by = \"range (at)\", primary_key(id, at))]
pub struct Event { id: i64, at: NaiveDateTime, size: i32 }\n";

fn project(models: &str) -> (TestProject, TestDatabase) {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    project.models(models);
    (project, database)
}

/// Asserts that neither `check` nor `revision` writes anything and that both say these words.
fn refused(project: &TestProject, words: &[&str]) {
    let before = project.revisions();
    let check = project.run("check").exits(3);
    let outcome = project.run_words(&["revision", "--autogenerate", "-m", "x"]).exits(1);
    for word in words {
        assert!(check.stdout.contains(word), "{word:?} in\n{}", check.stdout);
        assert!(outcome.stderr.contains(word), "{word:?} in\n{}", outcome.stderr);
    }
    assert_eq!(project.revisions(), before);
}

#[test]
fn a_column_of_a_partition_key_changes_its_name_and_nothing_else() {
    let (project, database) = project(EVENT);
    project.migrate("first");
    database.sql(
        "CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
         INSERT INTO events VALUES (1, '2020-05-05', 7)",
    );
    for (models, words) in [
        (
            EVENT.replace("NaiveDateTime", "DateTime<Utc>"),
            "column events.at: it would get another type, and table events is partitioned by it",
        ),
        (
            EVENT.replace("range (at)", "range (id)"),
            "partitioned by `RANGE (id)` in the models, by `RANGE (at)` in the database",
        ),
        (
            EVENT.replace("range (at)", "range (at, id)"),
            "partitioned by `RANGE (at, id)` in the models",
        ),
        (
            EVENT.replace("partition_by = \"range (at)\", ", ""),
            "partitioned by `nothing` in the models",
        ),
    ] {
        project.models(&models);
        refused(&project, &[words]);
    }
    project.models(EVENT);
    assert_eq!(project.run("diff").ok(), "");

    // What is no part of the key may change.
    project.models(&EVENT.replace("i32", "i64"));
    project.migrate("larger sizes");

    let before = dump(&database);
    let renamed = EVENT.replace("(at)", "(made)").replace("(id, at)", "(id, made)");
    project.models(
        &renamed.replace("at: N", "#[column(renamed_from = \"at\")] made: N").replace("i32", "i64"),
    );
    let file = project.migrate("renamed");
    let text = project.read(&format!("versions/{file}"));
    assert!(text.contains("RENAME COLUMN at TO made"), "{text}");
    project.run("downgrade -1").ok();
    assert_eq!(dump(&database), before);
    project.run("upgrade head").ok();
    project.run("check").exits(0).ok();
    assert_eq!(database.sql("SELECT id, made, size FROM events"), "1|2020-05-05 00:00:00|7\n");
}

#[test]
fn a_label_of_an_enum_that_is_a_partition_key_stays() {
    let models = |labels: &str| {
        format!("#[derive(Enum)] pub enum Size {{ {labels} }}
                 #[derive(Table)] #[table(partition_by = \"list (size)\", primary_key(id, size))] pub struct Part {{ id: i64, size: Size }}")
    };
    let (project, database) = project(&models("Small, Middle, Big"));
    project.migrate("first");
    database.sql("CREATE TABLE parts_rest PARTITION OF parts DEFAULT");
    project.models(&models("Small, Big"));
    refused(
        &project,
        &[
            "column parts.size: its type would be replaced by a new one, and table parts is partitioned by it",
        ],
    );
    project.models(&models("Small, Middle, Big, Huge"));
    project.migrate("a label more");
}

#[test]
fn a_partition_key_is_read_with_care() {
    for (models, line, words) in [
        (
            "range (made)",
            "primary_key(id, at)",
            "partition_by names column made, and table events has none of that name",
        ),
        (
            "range (at)",
            "primary_key(id)",
            "the primary key of events has to contain column at, by which it is partitioned",
        ),
        (
            "range (date_trunc('day', at))",
            "primary_key(id, at)",
            "the table is partitioned by an expression",
        ),
        ("range (size, \"At\")", "primary_key(id, size)", "names column At"),
        ("range (at)", "unique(size)", "the unique constraint of events has to contain column at"),
        (
            "range (at)",
            "unique(size), index(id, unique)",
            "unique index events_id_idx has to contain column at",
        ),
    ] {
        let (project, _database) = project(&format!(
            "#[derive(Table)] #[table(partition_by = {models:?}, {line})]\npub struct Event {{ id: i64, at: NaiveDateTime, size: i32 }}\n"
        ));
        let outcome = project.run("check").exits(1);
        assert!(outcome.stderr.contains(words), "{models} {line}: {}", outcome.stderr);
        assert!(outcome.stderr.contains("models.rs:"), "{}", outcome.stderr);
    }
    let (good, _database) = project(
        &EVENT
            .replace("range (at)", "range (at, date_trunc('day', at))")
            .replace(", primary_key(id, at)", ""),
    );
    good.run_words(&["revision", "--autogenerate", "-m", "x"]).exits(0).ok();
}

#[test]
fn a_model_over_what_is_no_table_says_so() {
    let things = "#[derive(Table)] pub struct Thing { id: Option<i64>, kind: Option<String> }\n";
    let items = "#[derive(Table)] #[table(partition_by = \"list (kind)\")] pub struct Item { id: i64, kind: String }\n";
    for (made, words) in [
        (
            "CREATE VIEW things AS SELECT id, kind FROM items",
            "table things: the database has view things",
        ),
        (
            "CREATE MATERIALIZED VIEW things AS SELECT id, kind FROM items",
            "the database has materialized view things",
        ),
        (
            "CREATE TABLE things PARTITION OF items FOR VALUES IN ('a')",
            "table things: the database has partition things",
        ),
        (
            "CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE things (id int) SERVER s OPTIONS (filename '/dev/null')",
            "the database has foreign table things",
        ),
        ("CREATE TYPE things AS (id int)", "the database has composite type things"),
    ] {
        let (project, database) = project(items);
        project.migrate("first");
        database.sql(made);
        project.models(&format!("{items}{things}"));
        refused(&project, &[words, "which has the name already"]);
    }

    let project = sqlite_project();
    project.revision(
        "one",
        "none",
        "CREATE VIRTUAL TABLE things USING fts5(id, kind)",
        "DROP TABLE things",
    );
    project.run("upgrade head").ok();
    project.models(things);
    refused(&project, &["the database has virtual table things"]);
}

/// Object files have no words for comments on keys that a partition has from its table, so that these are named.
#[test]
fn comments_on_inherited_constraints_of_a_partition_are_named() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    database.sql(
        "CREATE TABLE events (id int, kind int, CONSTRAINT known CHECK (id > 0), UNIQUE (kind))
         PARTITION BY LIST (kind);
         CREATE TABLE news PARTITION OF events FOR VALUES IN (1);
         ALTER TABLE news ADD CONSTRAINT one UNIQUE (id);
         COMMENT ON CONSTRAINT one ON news IS 'its own';
         COMMENT ON CONSTRAINT known ON news IS 'a check';
         COMMENT ON CONSTRAINT news_kind_key ON news IS 'a key';
         COMMENT ON INDEX news_kind_key IS 'an index';",
    );
    project.run("reflect -o models/all.rs --objects objects").ok();
    let check = project.run("check --strict").exits(3);
    assert!(check.stdout.contains("unmanaged: comment on constraint news_kind_key of news"));
    assert!(check.stdout.contains("comment on the partition's index"), "{}", check.stdout);
    assert!(!check.stdout.contains("constraint one"));
    assert!(!check.stdout.contains("constraint known"));
    project.write("objects/more.sql", "COMMENT ON CONSTRAINT news_kind_key ON news IS 'a key';");
    let message = "a comment on constraint news_kind_key of news, which no object file makes";
    let _ = project.run("check").exits(1).says(message).says("objects/more.sql:1:1");
}
