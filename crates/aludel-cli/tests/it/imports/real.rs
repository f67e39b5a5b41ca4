//! sqlx, diesel and refinery themselves make the database. `cargo xtask histories` builds the program that
//! runs them, and names it in `ALUDEL_TEST_HISTORIES`.

use std::process::Command;

use serde_json::json;

use super::Place;

/// Lets a tool apply a folder; false if the program is not here.
fn applied(place: &Place, tool: &str) -> bool {
    let Some(program) = std::env::var_os("ALUDEL_TEST_HISTORIES") else {
        println!("{tool} itself is left out: `cargo xtask histories` runs it");
        return false;
    };
    let mut command = Command::new(program);
    command.arg(tool).arg(place.project.path().join("old")).arg(theirs(place));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

/// The URL with the socket in its query, as all of these tools take it.
fn theirs(place: &Place) -> String {
    let url = place.database.url();
    let host = url.split('@').nth(1).unwrap().split('/').next().unwrap().replace("%2F", "/");
    format!("postgresql://postgres@localhost/{}?host={host}", place.database.name)
}

#[test]
fn sqlx_itself() {
    let place = Place::with(&[
        ("old/20230101000000_users.up.sql", "CREATE TABLE users (id int);\n"),
        ("old/20230101000000_users.down.sql", "DROP TABLE users;\n"),
        (
            "old/20230102000000_index.sql",
            "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON users (id);\n",
        ),
    ]);
    if applied(&place, "sqlx") {
        assert_eq!(place.import("sqlx old")["stamped"], json!(["20230102000000"]));
        assert_eq!(place.project.run("upgrade head").exits(0).stdout, "");
        place.builds_the_same("_sqlx_migrations", false);
    }
}

#[test]
fn diesel_itself() {
    let place = Place::with(&[
        ("old/2023-01-01-000000_users/up.sql", "CREATE TABLE users (id int);\n"),
        ("old/2023-01-01-000000_users/down.sql", "DROP TABLE users;\n"),
        ("old/2023-01-02-000000_index/up.sql", "CREATE INDEX CONCURRENTLY i ON users (id);\n"),
        ("old/2023-01-02-000000_index/down.sql", "DROP INDEX CONCURRENTLY i;\n"),
        ("old/2023-01-02-000000_index/metadata.toml", "run_in_transaction = false\n"),
    ]);
    if applied(&place, "diesel") {
        assert_eq!(place.import("diesel old")["stamped"], json!(["20230102000000"]));
        assert_eq!(place.project.run("upgrade head").exits(0).stdout, "");
        place.builds_the_same("__diesel_schema_migrations", true);
    }
}

#[test]
fn refinery_itself() {
    let place = Place::with(&[
        ("old/V1__users.sql", "CREATE TABLE users (id int);\n"),
        ("old/U2__mail.sql", "ALTER TABLE users ADD mail text;\n"),
    ]);
    if applied(&place, "refinery") {
        assert_eq!(place.import("refinery old")["stamped"], json!(["2"]));
        assert_eq!(place.project.run("upgrade head").exits(0).stdout, "");
        place.builds_the_same("refinery_schema_history", false);
    }
}
