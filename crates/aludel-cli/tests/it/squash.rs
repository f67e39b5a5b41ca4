//! One revision in place of several: wherever a database stands, it ends where it has to.

use aludel_testkit::{TestProject, server};

use crate::PROGRAM;

/// a1 — b1 — c1 — d1 — e1; b1 to d1 get squashed.
const LINE: [&str; 5] = ["a1", "b1", "c1", "d1", "e1"];

fn project(url: &str) -> TestProject {
    let project = TestProject::new(PROGRAM, url);
    for (at, id) in LINE.into_iter().enumerate() {
        let down = if at == 0 { "none" } else { LINE[at - 1] };
        project.revision(
            id,
            down,
            &format!("CREATE TABLE {id} (x integer);"),
            &format!("DROP TABLE {id};"),
        );
    }
    project
}

/// Where the database stood, whether the old files are still there, what ran, and where it stands.
const CASES: [(&str, bool, &str, &str); 14] = [
    ("base", true, "a1 s1 e1", "e1"),
    ("a1", true, "s1 e1", "e1"),
    ("b1", true, "c1 d1 e1", "e1"),
    ("c1", true, "d1 e1", "e1"),
    ("d1", true, "e1", "e1"),
    ("s1", true, "e1", "e1"),
    ("e1", true, "", "e1"),
    ("base", false, "a1 s1 e1", "e1"),
    ("a1", false, "s1 e1", "e1"),
    ("b1", false, "Revision b1 was replaced by s1, and the files of b1, c1, d1 are gone", "b1"),
    ("c1", false, "Revision c1 was replaced by s1, and the files of b1, c1, d1 are gone", "c1"),
    ("d1", false, "e1", "e1"),
    ("s1", false, "e1", "e1"),
    ("e1", false, "", "e1"),
];

#[test]
fn every_database_ends_where_it_has_to() {
    for (at, (start, files, ran, end)) in CASES.into_iter().enumerate() {
        let database = server().database();
        // Every other case on SQLite.
        let postgres = at % 2 == 0;
        let url = if postgres { database.url() } else { "sqlite:test.db".to_owned() };
        let project = project(&url);
        if start != "s1" {
            project.run(&format!("upgrade {start}").replace("upgrade base", "heads")).ok();
        }
        project.run("squash b1:d1 -m middle --rev-id s1").ok();
        if start == "s1" {
            project.run("upgrade s1").ok();
        }
        if !files {
            for id in ["b1", "c1", "d1"] {
                std::fs::remove_file(project.path().join(format!("versions/{id}.sql"))).unwrap();
            }
        }
        let case = format!("from {start}, files {files}");
        let outcome = project.run("upgrade head --json");
        if outcome.code != 0 {
            assert!(outcome.stderr.contains(ran), "{case}: {}", outcome.stderr);
            continue;
        }
        let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let ids: Vec<&str> =
            json["revisions"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(ids.join(" "), ran, "{case}");
        assert_eq!(project.run("current").ok(), format!("{end} (head)\n"), "{case}");
        assert!(project.run("status").ok().ends_with("would run nothing\n"), "{case}");
        project.run("downgrade a1").ok();
        project.run("upgrade +1").ok();
        assert_eq!(
            project.run("current").ok(),
            "s1 (mergepoint)\n".replace(" (mergepoint)", ""),
            "{case}"
        );
        project.run("downgrade base").ok();
        if postgres {
            assert_eq!(
                database.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE '_1'"),
                "0\n"
            );
        }
    }
}

#[test]
fn a_squashed_range_is_one_file() {
    let project = project("sqlite:test.db");
    project.run("squash b1:d1 -m middle --rev-id s1").ok();
    let text = project.read("versions/s1_middle.sql");
    let (_, sections) = text.split_once("\n\n").unwrap();
    assert_eq!(
        sections,
        "-- aludel: upgrade\n-- b1: b1\nCREATE TABLE b1 (x integer);\n\n-- c1: c1\nCREATE TABLE c1 (x integer);\n\n\
         -- d1: d1\nCREATE TABLE d1 (x integer);\n\n-- aludel: downgrade\n-- d1: d1\nDROP TABLE d1;\n\n\
         -- c1: c1\nDROP TABLE c1;\n\n-- b1: b1\nDROP TABLE b1;\n"
    );
    assert!(text.contains("-- down_revision: a1\n-- replaces: b1, c1, d1\n"), "{text}");
    let history = project.run("history").ok();
    assert_eq!(history, "d1 -> e1 (head), e1\na1 -> s1 (replaces 3), middle\n<base> -> a1, a1\n");
    let _ = project.run("show c1").exits(1).says("Revision c1 was replaced by s1");
    assert!(project.run("revision -m next --rev-id f1").ok().contains("f1_next.sql"));
    for (range, words) in [
        ("a1:a1", "nothing to put together"),
        ("a1", "History range requires"),
        ("e1:a1", "does not refer to ancestor/descendant"),
        ("a1:zz", "Can't locate revision"),
    ] {
        let outcome = project.run(&format!("squash {range}"));
        assert!(outcome.code != 0 && outcome.stderr.contains(words), "{range}: {}", outcome.stderr);
    }
    project.revision("x1", "a1", "", "");
    let _ = project.run("squash a1:s1").exits(1).says("x1 stands on a1, which is inside the range");
}

#[test]
fn a_semicolon_in_a_comment_ends_no_statement() {
    let project = TestProject::new(PROGRAM, "sqlite:test.db");
    project.revision("a1", "none", "CREATE TABLE a (x integer) -- done;", "DROP TABLE a;");
    project.revision("b1", "a1", "CREATE TABLE b (x integer);", "DROP TABLE b;");
    project.run("squash a1:b1 --rev-id s1").ok();
    project.run("upgrade head").ok();
    project.run("downgrade base").ok();
}

#[test]
fn a_squash_of_a_squash_keeps_every_name() {
    let project = project("sqlite:test.db");
    project.run("squash b1:c1 --rev-id s1").ok();
    project.run("upgrade c1").ok();
    project.run("squash a1:s1 --rev-id s2").ok();
    let text = project.read("versions/s2_a1_to_s1_in_one.sql");
    assert!(text.contains("-- replaces: a1, b1, c1|s1\n"), "{text}");
    for id in ["a1", "b1", "c1", "s1_b1_to_c1_in_one"] {
        std::fs::remove_file(project.path().join(format!("versions/{id}.sql"))).unwrap();
    }
    assert_eq!(project.run("current").ok(), "s2\n");
    project.run("upgrade head").ok();
    // Across the end of what was squashed before.
    project.run("squash s2:d1 --rev-id s3").ok();
    assert_eq!(project.run("heads").ok().lines().count(), 1);
    project.run("downgrade base").ok();
    project.run("upgrade head").ok();
    assert_eq!(project.run("current").ok(), "e1 (head)\n");
    let history = project.run("history").ok();
    assert_eq!(history, "d1 -> e1 (head), e1\n<base> -> s3 (replaces 6), s2 to d1 in one\n");
}

#[test]
fn inside_of_a_range_its_revisions_can_be_named() {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = project(&url);
        project.run("upgrade c1").ok();
        project.run("squash b1:d1 --rev-id s1").ok();
        project.run("downgrade b1").ok();
        assert_eq!(project.run("current").ok(), "b1\n");
        project.run("upgrade c1").ok();
        project.run("upgrade +1").ok();
        assert_eq!(project.run("current").ok(), "s1\n");
        // Where the range is behind, its inner revisions are no places any more.
        let _ = project.run("downgrade b1").exits(1).says("Revision b1 was replaced by s1");
        project.run("downgrade base").ok();
    }
}
