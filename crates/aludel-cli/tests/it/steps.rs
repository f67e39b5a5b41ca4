//! Revisions with steps in Rust, which the program of no project in particular does not have.

use crate::sqlite_project;

#[test]
fn a_step_is_refused_by_name_before_anything_runs() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a INTEGER);", "DROP TABLE t;");
    project.revision("b2", "a1", "SELECT 1;\n\n-- aludel: run fill_in", "-- aludel: run empty");
    let _ = project
        .run("upgrade head")
        .exits(1)
        .says("revision b2 runs the step `fill_in`, which is not in this program")
        .says("versions/b2.sql:9")
        .says("a step is a function in Rust, and this program registers none")
        .says("nothing was run")
        .says("run it by the project's own `aludel`")
        .says("docs/embedding.md");
    assert_eq!(project.run("current").ok(), "");
    let json = project.run("upgrade head --json").exits(1).stdout;
    assert!(json.contains("\"unknown-step\"") && json.contains("\"b2\""), "{json}");
    project.run("upgrade a1").ok();

    // A script can't have it, with or without the step.
    let script = project.run("upgrade --sql base:head").exits(1);
    assert_eq!(script.stdout, "");
    let script = script.says("the step `fill_in`, which can't stand in a script");
    let _ = script.says("versions/b2.sql:9").says("nothing was printed");
    assert!(project.run("upgrade --sql base:a1").ok().contains("CREATE TABLE t"));

    // What runs nothing does not need it.
    project.run("stamp head").ok();
    for command in ["current", "status", "history", "show b2", "heads", "check --heads", "log"] {
        project.run(command).ok();
    }
    let _ = project.run("downgrade -1").exits(1).says("the step `empty`");
    assert!(project.run("current").ok().contains("b2"));
}

#[test]
fn a_step_is_a_part_of_a_squash_and_of_the_checksum() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a INTEGER);", "DROP TABLE t;");
    project.revision(
        "b2",
        "a1",
        "-- aludel: batch\n-- aludel: run fill_in",
        "-- aludel: run empty",
    );
    project.run("stamp head").ok();
    project.run("squash a1:b2 --rev-id c3").ok();
    let name = project.revisions().into_iter().find(|name| name.contains("c3")).unwrap();
    let text = project.read(&format!("versions/{name}"));
    let place = |words: &str| text.find(words).unwrap();
    assert!(
        place("CREATE TABLE t") < place("-- aludel: batch\n-- aludel: run fill_in\n"),
        "{text}"
    );
    assert!(place("-- aludel: run empty\n") < place("DROP TABLE t"), "{text}");
}

#[test]
fn a_step_that_is_misspelt_is_an_error_with_its_line() {
    for (upgrade, words) in [
        ("-- aludel: run", "`run` needs the name of a step"),
        ("-- aludel: rnu fill_in\nSELECT 1;", "unknown directive `rnu fill_in`"),
        ("SELECT 1\n-- aludel: run fill_in", "has no end before this step"),
        ("-- aludel: no-transaction\n-- aludel: run fill_in", "take `no-transaction` away"),
    ] {
        let project = sqlite_project();
        project.revision("a1", "none", upgrade, "");
        let line = if upgrade.lines().count() == 1 || upgrade.contains("rnu") { 7 } else { 8 };
        let failed = project.run("upgrade head").exits(1).says(words);
        let _ = failed.says(&format!("versions/a1.sql:{line}"));
    }
}
