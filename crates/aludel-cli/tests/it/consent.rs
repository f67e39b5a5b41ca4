//! Rows are lost by a downgrade of a first revision only if somebody agrees.

use aludel_testkit::{TestProject, server};

use crate::PROGRAM;

/// Runs a test on each database, in a project with the revisions a1 and b1, which create the tables a
/// and b.
fn on_each_database(test: impl Fn(&TestProject)) {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        project.revision("a1", "none", "CREATE TABLE a (x int);", "DROP TABLE a;");
        project.revision("b1", "a1", "CREATE TABLE \"B\" (x int);", "DROP TABLE \"B\";");
        project.run("upgrade head").ok();
        test(&project);
        project.run("downgrade base --yes").ok();
    }
}

#[test]
fn a_script_has_to_agree() {
    on_each_database(|project| {
        project.revision("c1", "b1", "INSERT INTO \"B\" VALUES (1), (2);", "");
        project.run("upgrade head").ok();
        for command in ["downgrade base", "downgrade -3", "downgrade current-3"] {
            let refused = project.run(command).exits(1);
            for words in ["B has 2 rows", "nothing was changed", "pass --yes"] {
                assert!(refused.stderr.contains(words), "{command}: {}", refused.stderr);
            }
            let told = project.run(&format!("{command} --json")).exits(1).stdout;
            assert!(told.contains("\"code\": \"no-consent\""), "{command}: {told}");
            assert_eq!(project.run("current").ok(), "c1 (head)\n", "{command}");
        }
        // A script that is only printed loses nothing.
        project.run("downgrade c1:base --sql").ok();
        project.run("downgrade base --yes").ok();
        assert_eq!(project.run("current").ok(), "");
    });
}

#[test]
fn nothing_is_asked_where_no_rows_are_lost() {
    on_each_database(|project| {
        project.run("downgrade base").ok();
        project.run("upgrade head").ok();
        // A table that no downgrade drops, and a step down that leaves the first revision.
        project.revision(
            "c1",
            "b1",
            "INSERT INTO \"B\" VALUES (1);\nCREATE TABLE other (x int);\nINSERT INTO other VALUES (1);",
            "DELETE FROM \"B\";",
        );
        project.run("upgrade head").ok();
        project.run("downgrade a1").ok();
        project.run("downgrade -1").ok();
        let again = project.read("versions/c1.sql").replace("CREATE TABLE other (x int);\n", "");
        project.write("versions/c1.sql", &again);
    });
}

/// A section may lose the rows of tables that it does not name.
#[test]
fn partitions_and_cascades_count() {
    let database = server().database();
    for (upgrade, downgrade, words) in [
        (
            "CREATE TABLE p (x int) PARTITION BY LIST (x); CREATE TABLE part PARTITION OF p DEFAULT; \
             INSERT INTO p VALUES (1);",
            "DROP TABLE p;",
            "p has 1 row",
        ),
        (
            "CREATE SCHEMA s; CREATE TABLE s.t (x int); INSERT INTO s.t VALUES (1);",
            "DROP SCHEMA s CASCADE;",
            "s.t has 1 row",
        ),
        (
            "CREATE TABLE u (x int); INSERT INTO u VALUES (1);",
            "DO $$ BEGIN EXECUTE 'DROP TABLE ' || chr(117); END $$;",
            "u has 1 row",
        ),
    ] {
        let project = TestProject::new(PROGRAM, &database.url());
        project.revision("a1", "none", upgrade, downgrade);
        project.run("upgrade head").ok();
        project.run("downgrade -1").exits(1).says(words).stdout.clear();
        project.run("downgrade -1 --yes").ok();
    }
}

/// A downgrade that is refused anyway is refused for its own reason.
#[test]
fn a_refusal_of_another_kind_comes_first() {
    on_each_database(|project| {
        project.revision("c1", "b1", "INSERT INTO a VALUES (1);", "-- aludel: irreversible: no");
        project.run("upgrade head").ok();
        project.run("downgrade base").exits(1).says("c1 can't be downgraded").stdout.clear();
        project.run("downgrade zz").exits(1).says("Can't locate revision").stdout.clear();
        project.revision("c1", "b1", "", "DELETE FROM a;");
    });
}

#[test]
fn a_terminal_asks() {
    on_each_database(|project| {
        project.revision("c1", "b1", "INSERT INTO a VALUES (1);", "");
        project.run("upgrade head").ok();
        let (code, told) = project.in_terminal(80, "downgrade base", "n\r");
        assert!(code == 1 && told.contains("has 1 row. Undo the first revision"), "{code}: {told}");
        assert_eq!(project.run("current").ok(), "c1 (head)\n");
        let (code, told) = project.in_terminal(80, "downgrade base", "y\r");
        assert!(code == 0 && told.contains("3 revisions undone in"), "{code}: {told}");
        project.run("upgrade head").ok();
        let (code, told) = project.in_terminal(80, "downgrade base --yes", "");
        assert!(code == 0 && !told.contains("has 1 row"), "{code}: {told}");
    });
}

/// A login that may read nothing by itself sees the rows by the role that it takes for a run.
#[test]
fn rows_are_seen_by_the_role_of_the_run() {
    let database = server().database();
    let (owner, login) = (format!("{}_o", database.name), format!("{}_l", database.name));
    database.sql(&format!(
        "CREATE ROLE {owner}; CREATE ROLE {login} LOGIN NOINHERIT; GRANT {owner} TO {login}; \
         GRANT CREATE ON SCHEMA public TO {owner}"
    ));
    let project = TestProject::new(PROGRAM, &server().url_as(&login, &database.name));
    let config = project.read("aludel.toml");
    project.write("aludel.toml", &format!("{config}[database]\nrole = \"{owner}\"\n"));
    let rows = "CREATE TABLE t (x int); INSERT INTO t VALUES (1);";
    project.revision("a1", "none", rows, "DROP TABLE t;");
    let up = project.run("upgrade head");
    assert_eq!(up.code, 0, "{}", up.stderr);
    database.sql(&format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON aludel_version, aludel_version_log TO {login}"
    ));
    project.run("downgrade base").exits(1).says("t has 1 row").stdout.clear();
    project.run("downgrade base --yes").ok();
    database.sql(&format!("DROP OWNED BY {owner}, {login}; DROP ROLE {login}; DROP ROLE {owner}"));
}
