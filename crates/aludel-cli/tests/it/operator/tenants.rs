//! Version tables in several schemas, of which a connection reaches one or none.

use aludel_testkit::TestProject;

use super::Place;
use crate::PROGRAM;

const CREATE: &str = "CREATE TABLE t (x int);";

/// A project on the same database that sees one schema.
fn in_schema(place: &Place, schema: &str) -> TestProject {
    place.sql(&format!("CREATE SCHEMA {schema}"));
    let url = format!("{}?options=-c%20search_path%3D{schema}", place.database.url());
    let project = TestProject::new(PROGRAM, &url);
    project.revision("a1", "none", CREATE, "DROP TABLE t;");
    project
}

#[test]
fn a_version_table_that_is_not_reached_is_named() {
    let place = Place::with(CREATE);
    for command in ["current", "status"] {
        let ran = place.project.run(command).exits(0);
        assert!(!ran.stderr.contains("note:"), "{command}: {}", ran.stderr);
    }
    in_schema(&place, "app").run("upgrade head").ok();
    let note = "there is no aludel_version that the search path reaches (\"$user\", public), but one in the schema app";
    for command in ["current", "status", "upgrade head"] {
        let ran = place.project.run(command).exits(0);
        for said in [note, "version_table = \"app.aludel_version\""] {
            assert!(ran.stderr.contains(said), "{command}: {}", ran.stderr);
        }
    }
    // The tenant `public` has a table of its own now.
    for command in ["current", "status", "upgrade head"] {
        let ran = place.project.run(command).exits(0);
        assert!(!ran.stderr.contains("note:"), "{command}: {}", ran.stderr);
    }
    assert_eq!(place.sql("SELECT count(*) FROM pg_tables WHERE tablename = 't'"), "2");
}

#[test]
fn all_schemas_are_named_and_the_setting_means_one() {
    let place = Place::with(CREATE);
    in_schema(&place, "app").run("upgrade head").ok();
    in_schema(&place, "other").run("stamp head").says("but one in the schema app").stdout.clear();
    let ran = place.project.run("status --json").exits(0);
    for said in ["\"schemas\": [", "\"app\"", "\"other\"", "\"search_path\": "] {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    place.project.run("current").says("one in each of the schemas app, other").stdout.clear();
    let config = place.project.read("aludel.toml");
    let config = format!("version_table = \"app.aludel_version\"\n{config}");
    place.project.write("aludel.toml", &config);
    let ran = place.project.run("current").exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("a1 (head)\n", ""));
}
