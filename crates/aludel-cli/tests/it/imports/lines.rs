//! Tools whose history is a line: their folders, and their tables from their documentation.

use serde_json::json;

use super::Place;

const SQLX: &str = "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, \
    installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, \
    execution_time bigint NOT NULL);";
const DIESEL: &str = "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, \
    run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);";
const REFINERY: &str = "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name varchar(255), \
    applied_on varchar(255), checksum varchar(255));";
const SEA_ORM: &str =
    "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL);";
const GOOSE: &str = "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, \
    is_applied boolean NOT NULL, tstamp timestamp DEFAULT now()); \
    INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true);";
const FLYWAY: &str = "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), \
    description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum int, \
    installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), \
    execution_time int NOT NULL, success boolean NOT NULL);";

fn flyway_row(rank: u32, version: &str, kind: &str, success: bool) -> String {
    format!(
        "INSERT INTO flyway_schema_history VALUES ({rank}, {version}, 'd', '{kind}', 's', 0, 'me', now(), 1, {success});"
    )
}

#[test]
fn sqlx() {
    let place = Place::with(&[
        ("old/20230101000000_create_users.up.sql", "CREATE TABLE users (id int);\r\n-- end\r\n"),
        ("old/20230101000000_create_users.down.sql", "DROP TABLE users;"),
        (
            "old/20230102000000_mail.sql",
            "BEGIN;\nALTER TABLE users ADD COLUMN mail text;\nCOMMIT;\n",
        ),
        (
            "old/20230103000000_index.sql",
            "-- no-transaction\nCREATE INDEX CONCURRENTLY users_mail ON users (mail)",
        ),
        ("old/README.md", "no migration"),
    ]);
    place.sql(SQLX);
    place.sql("INSERT INTO _sqlx_migrations VALUES (20230101000000, 'create users', now(), true, '', 1), (20230102000000, 'mail', now(), true, '', 1)");
    place.sql("CREATE TABLE users (id int, mail text)");
    let did = place.import("sqlx old");
    assert_eq!(did["stamped"], json!(["20230102000000"]));
    let notes = did["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert_eq!(
        place.project.read("versions/20230101000000_create_users.sql"),
        "-- create users\n--\n-- revision: 20230101000000\n-- down_revision: none\n-- created: 2023-01-01T00:00:00Z\n\n\
         -- aludel: upgrade\nCREATE TABLE users (id int);\r\n-- end\n\n-- aludel: downgrade\nDROP TABLE users;\n"
    );
    let index = place.project.read("versions/20230103000000_index.sql");
    assert!(index.contains("-- aludel: no-transaction\nCREATE INDEX CONCURRENTLY"), "{index}");
    assert!(index.contains("-- aludel: irreversible: the migration of sqlx is not reversible"));
    assert_eq!(place.current(), "20230102000000");
    place.project.run("upgrade head").ok();
    place.builds_the_same("_sqlx_migrations", false);
}

#[test]
fn diesel() {
    let place = Place::with(&[
        (
            "old/00000000000000_diesel_initial_setup/up.sql",
            "CREATE FUNCTION touch() RETURNS trigger AS $$\nBEGIN\n  RETURN NEW;\nEND;\n$$ LANGUAGE plpgsql;\n",
        ),
        ("old/00000000000000_diesel_initial_setup/down.sql", "DROP FUNCTION touch();\n"),
        (
            "old/2023-01-01-120000_users/up.sql",
            "CREATE TABLE users (id int);\nCREATE INDEX CONCURRENTLY i ON users (id);\n",
        ),
        ("old/2023-01-01-120000_users/down.sql", "DROP TABLE users;\n"),
        ("old/2023-01-01-120000_users/metadata.toml", "run_in_transaction = false\n"),
        ("old/.keep", ""),
    ]);
    place.sql(DIESEL);
    place.sql(
        "INSERT INTO __diesel_schema_migrations VALUES ('00000000000000'), ('20230101120000')",
    );
    place.sql("CREATE FUNCTION touch() RETURNS trigger AS $$\nBEGIN\n  RETURN NEW;\nEND;\n$$ LANGUAGE plpgsql; CREATE TABLE users (id int); CREATE INDEX i ON users (id);");
    let did = place.import("diesel old");
    assert_eq!(did["stamped"], json!(["20230101120000"]));
    let users = place.project.read("versions/20230101120000_users.sql");
    assert_eq!(users.matches("-- aludel: no-transaction").count(), 3, "{users}");
    assert_eq!(place.project.run("upgrade head").exits(0).stdout, "");
    place.builds_the_same("__diesel_schema_migrations", true);
}

#[test]
fn refinery() {
    let place = Place::with(&[
        ("old/V1__users.sql", "CREATE TABLE users (id int);"),
        ("old/sub/U2__mail.sql", "ALTER TABLE users ADD COLUMN mail text;"),
        ("old/V10__more.sql", "CREATE TABLE more (id int);"),
        ("old/mod.rs", ""),
    ]);
    place.sql(REFINERY);
    place.sql(
        "INSERT INTO refinery_schema_history VALUES (1, 'users', '', ''), (2, 'mail', '', '')",
    );
    place.sql("CREATE TABLE users (id int, mail text)");
    assert_eq!(place.import("refinery old")["stamped"], json!(["2"]));
    assert_eq!(place.project.revisions(), ["10_more.sql", "1_users.sql", "2_mail.sql"]);
    let last = place.project.read("versions/10_more.sql");
    assert!(last.contains("-- down_revision: 2\n"), "{last}");
    assert!(last.contains("-- aludel: irreversible: refinery has no way back"));
    place.project.run("upgrade head").ok();
    place.builds_the_same("refinery_schema_history", false);
}

#[test]
fn sea_orm() {
    let migration = |up: &str, down: &str| {
        format!(
            "use sea_orm_migration::prelude::*;\n#[derive(DeriveMigrationName)]\npub struct Migration;\n\
             #[async_trait::async_trait]\nimpl MigrationTrait for Migration {{\n\
             async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{\n{up}\n}}\n\
             async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {{\n{down}\n}}\n}}\n"
        )
    };
    let first = migration(
        "let db = manager.get_connection();\ndb.execute_unprepared(r#\"CREATE TABLE users (\"Id\" int)\"#).await?;\ndb.execute_unprepared(\"CREATE INDEX i ON users (\\\"Id\\\")\").await?;\nOk(())",
        "manager.get_connection().execute_unprepared(\"DROP TABLE users\").await?;\nOk(())",
    );
    let second =
        migration("manager.create_table(Table::create().table(Post::Table)).await", "Ok(())");
    let place = Place::with(&[
        (
            "old/src/lib.rs",
            "impl MigratorTrait for Migrator { fn migrations() -> Vec<Box<dyn MigrationTrait>> { vec![Box::new(m20220101_000001_create_users::Migration), Box::new(m20220101_000002_posts::Migration)] } }",
        ),
        ("old/src/m20220101_000001_create_users.rs", &first),
        ("old/src/m20220101_000002_posts.rs", &second),
    ]);
    place.sql(SEA_ORM);
    place.sql("INSERT INTO seaql_migrations VALUES ('m20220101_000001_create_users', 1)");
    place.sql("CREATE TABLE users (\"Id\" int); CREATE INDEX i ON users (\"Id\");");
    let refused = place.project.run("import sea-orm old").exits(1);
    let refused = refused.says("m20220101_000002_posts.rs:7").says("Rust that makes SQL");
    refused.says("--with-gaps").stdout.clear();
    let did = place.import("sea-orm old --with-gaps");
    assert_eq!(did["stamped"], json!(["m20220101_000001_create_users"]));
    assert_eq!(did["gaps"].as_array().unwrap().len(), 1);
    let stopped = place.project.run("upgrade head").exits(1);
    stopped.says("revision m20220101_000002_posts has no upgrade").stdout.clear();
    let text = place.project.read("versions/m20220101_000002_posts.sql");
    let filled: String = text
        .lines()
        .filter(|line| !line.starts_with("-- aludel: missing"))
        .fold(String::new(), |text, line| text + line + "\n");
    place.project.write(
        "versions/m20220101_000002_posts.sql",
        &filled
            .replace("-- aludel: upgrade\n", "-- aludel: upgrade\nCREATE TABLE posts (id int);\n"),
    );
    place.project.run("check --heads").ok();
    place.project.run("upgrade head").ok();
    place.builds_the_same("seaql_migrations", false);
}

#[test]
fn goose() {
    let place = Place::with(&[
        (
            "old/00001_users.sql",
            "-- +goose Up\nCREATE TABLE users (id int);\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql\n-- +goose StatementEnd\nCREATE TABLE more (id int);\n\n-- +goose Down\nDROP TABLE more;\nDROP FUNCTION f();\nDROP TABLE users;\n",
        ),
        (
            "old/00002_index.sql",
            "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON users (id);\n",
        ),
    ]);
    place.sql(GOOSE);
    place.sql("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true), (2, true), (2, false)");
    place.sql("CREATE TABLE users (id int); CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql; CREATE TABLE more (id int)");
    assert_eq!(place.import("goose old")["stamped"], json!(["00001"]));
    let index = place.project.read("versions/00002_index.sql");
    assert!(index.contains("-- aludel: no-transaction\nCREATE INDEX"), "{index}");
    assert!(index.contains("irreversible: there is no `-- +goose Down`"), "{index}");
    place.project.run("upgrade head").ok();
    place.builds_the_same("goose_db_version", false);
}

#[test]
fn flyway() {
    let place = Place::with(&[
        ("old/V1__users.sql", "CREATE TABLE users (id int);"),
        ("old/V1_1__mail.sql", "ALTER TABLE users ADD COLUMN mail text DEFAULT '${domain}';"),
        ("old/U1.1__mail.sql", "ALTER TABLE users DROP COLUMN mail;"),
        ("old/V2__index.sql", "CREATE INDEX CONCURRENTLY i ON users (mail);"),
        ("old/V2__index.sql.conf", "executeInTransaction=false\n"),
        ("old/V2.1__more.sql", "CREATE TABLE more (id int);"),
    ]);
    place.sql(FLYWAY);
    for row in [
        flyway_row(1, "'1'", "BASELINE", true),
        flyway_row(2, "'1.1'", "SQL", true),
        flyway_row(3, "'2'", "SQL", true),
        flyway_row(4, "'2.1'", "SQL", true),
        flyway_row(5, "'2.1'", "UNDO_SQL", true),
        flyway_row(6, "NULL", "SQL", true),
    ] {
        place.sql(&row);
    }
    place.sql(
        "CREATE TABLE users (id int, mail text DEFAULT 'x.org'); CREATE INDEX i ON users (mail);",
    );
    let refused = place.project.run("import flyway old").exits(1);
    refused.says("V1_1__mail.sql:1").says("--placeholder domain=VALUE").stdout.clear();
    let did = place.import("flyway old --placeholder domain=x.org");
    assert_eq!(did["stamped"], json!(["2"]));
    assert_eq!(did["applied"], json!(["1", "1.1", "2"]));
    place.project.run("upgrade head").ok();
    place.builds_the_same("flyway_schema_history", false);
}

#[test]
fn another_database_is_stamped_later() {
    let place = Place::with(&[
        ("old/1_a.sql", "CREATE TABLE a (id int);"),
        ("old/2_b.sql", "CREATE TABLE b (id int);"),
    ]);
    let did = place.import("sqlx old --no-stamp");
    assert_eq!((&did["stamped"], &did["table"]), (&json!(null), &json!(null)));
    place.sql("CREATE SCHEMA books");
    place.sql(&SQLX.replace("_sqlx", "books._sqlx"));
    place.sql("INSERT INTO books._sqlx_migrations VALUES (1, 'a', now(), true, '', 1)");
    place
        .project
        .run("import sqlx --stamp-only")
        .exits(1)
        .says("no table _sqlx_migrations")
        .stdout
        .clear();
    let did = place.import("sqlx --stamp-only --from-table books._sqlx_migrations");
    assert_eq!((&did["stamped"], &did["files"]), (&json!(["1"]), &json!([])));
    let log = place.project.run("log").ok();
    assert!(log.contains("1 import: done"), "{log}");
    // What is edited from now on is noticed.
    let text = place.project.read("versions/1_a.sql");
    place.project.write("versions/1_a.sql", &text.replace("(id int)", "(id bigint)"));
    place
        .project
        .run("upgrade head --strict")
        .exits(1)
        .says("changed after being applied")
        .stdout
        .clear();
}
