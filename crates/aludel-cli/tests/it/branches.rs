//! Branches, as a team has them.

use aludel_testkit::{TestProject, server};
use serde_json::Value;

use crate::{PROGRAM, sqlite_project};

/// A revision that makes a table of its own name.
fn table(project: &TestProject, id: &str, down: &str) {
    project.revision(
        id,
        down,
        &format!("CREATE TABLE {id} (x integer);"),
        &format!("DROP TABLE {id};"),
    );
}

/// a1 — b1 — b2, and c1 beside b1; n1 stands alone.
fn project() -> TestProject {
    let project = sqlite_project();
    table(&project, "a1", "none\n-- branch_labels: main");
    table(&project, "b1", "a1");
    table(&project, "b2", "b1");
    table(&project, "c1", "a1");
    table(&project, "n1", "none\n-- branch_labels: net");
    project
}

#[test]
fn a_team_with_branches() {
    let project = project();
    assert_eq!(
        project.run("branches").ok(),
        "a1 (main) (branchpoint), a1\n    -> b1, b1\n    -> c1 (head), c1\n"
    );
    assert_eq!(project.run("heads").ok().lines().count(), 3);
    let several = project.run("check --heads").exits(3);
    assert!(several.stdout.starts_with("3 heads:"), "{}", several.stdout);
    let _ = several.says("aludel merge heads");
    let error = project
        .run("upgrade head")
        .exits(1)
        .says("Multiple head revisions are present for given argument 'head'");
    let _ = error.says("heads: b2, c1, n1");
    project.run("upgrade main@+1").ok();
    let _ =
        project.run("upgrade +1").exits(1).says("Ambiguous walk: +1 from a1 leads to b1 and to c1");
    project.run("upgrade heads").ok();
    assert_eq!(project.run("current --check-heads").ok(), "b2 (head)\nc1 (head)\nn1 (head)\n");
    let _ = project
        .run("downgrade -1")
        .exits(1)
        .says("Ambiguous downgrade from multiple current revisions: -1")
        .says("LABEL@-1");
    project.run("downgrade b1@-1").ok();
    assert_eq!(project.run("current").ok(), "b1\nc1 (head)\nn1 (head)\n");
    project.run("downgrade net@base").ok();
    assert_eq!(project.run("current").ok(), "b1\nc1 (head)\n");
    let _ = project.run("downgrade zz@base").exits(1).says("No such branch: 'zz'");
    let _ = project.run("merge b2").exits(1).says("a merge needs two revisions or more");
    let _ = project.run("merge b1 c1").exits(1).says("Revision b1 is not a head revision");
    assert!(project.run("merge b2 c1 --rev-id m1").ok().contains("m1_merge_b2_and_c1.sql"));
    project.run("upgrade heads").ok();
    assert_eq!(project.run("current").ok(), "m1 (head) (mergepoint)\nn1 (head)\n");
    project.run("check --heads").exits(3).stdout.clear();
    project.run("merge heads -m together").ok();
    assert_eq!(project.run("check --heads").ok(), "One head.\n");
}

#[test]
fn the_graph_is_drawn() {
    let project = project();
    project.run("upgrade b1").ok();
    project.run("merge b2 c1 --rev-id m1").ok();
    assert_eq!(
        project.run("history --graph").ok(),
        "○ m1 (head) (mergepoint), merge b2 and c1\n├─╮\n○ │ b2, b2\n● │ b1 (current), b1\n│ ○ c1, c1\n\
         │ │ ○ n1 (net) (head), n1\n├─╯\n● a1 (main) (branchpoint), a1\n"
    );
}

#[test]
fn status_says_it_in_four_lines() {
    let project = project();
    project.run("upgrade b1").ok();
    let status = project.run("status").ok();
    let lines: Vec<&str> = status.lines().collect();
    assert_eq!(lines.len(), 4, "{status}");
    assert!(lines[0].starts_with("database  sqlite:"), "{status}");
    assert_eq!(lines[1], "at        b1 b1");
    assert_eq!(lines[2], "heads     b2 b2, c1 c1, n1 n1");
    assert_eq!(lines[3], "would run 3 revisions by aludel upgrade heads: n1 n1, c1 c1, b2 b2");
    let json: Value = serde_json::from_str(&project.run("status --json").ok()).unwrap();
    assert_eq!(json["pending"].as_array().unwrap().len(), 3);
    project.run("upgrade heads").ok();
    assert!(project.run("status").ok().ends_with("would run nothing\n"));
}

#[test]
fn a_branch_is_moved_unless_it_is_applied() {
    let project = project();
    project.run("upgrade b2").ok();
    let _ = project.run("rebase b2 --onto c1").exits(1).says("b1 is applied to sqlite:");
    let before = project.read("versions/c1.sql");
    let moved = project.run("rebase c1 --onto b2").ok();
    assert_eq!(moved, "moved c1 from a1 to b2: changed versions/c1.sql\n");
    assert_eq!(
        project.read("versions/c1.sql"),
        before.replace("down_revision: a1", "down_revision: b2")
    );
    project.run("upgrade main@head").ok();
    assert_eq!(project.run("current").ok(), "c1 (head)\n");
    let _ = project.run("rebase c1 --onto b2").exits(1).says("it stands on b2 already");
}

#[test]
fn several_folders_make_one_graph() {
    let project = sqlite_project();
    project.write(
        "aludel.toml",
        "revisions = [\"versions\", \"plugins/net\"]\n[database]\nurl = \"sqlite:test.db\"\n",
    );
    let _ = project
        .run("revision -m one --rev-id a1")
        .exits(1)
        .says("Multiple version locations present, please specify --version-path");
    let _ = project
        .run("revision -m one --rev-id a1 --version-path elsewhere")
        .exits(1)
        .says("Path elsewhere is not represented in current version locations");
    project.run("revision -m one --rev-id a1 --version-path versions").ok();
    let net =
        "revision -m net --rev-id n1 --head base --branch-label net --version-path plugins/net";
    assert_eq!(project.run(net).ok(), "created plugins/net/n1_net.sql\n");
    assert_eq!(
        project.run("revision -m two --head net@head --rev-id n2").ok(),
        "created plugins/net/n2_two.sql\n"
    );
    project.run("revision -m three --head a1 --depends-on net --rev-id a2").ok();
    project.run("upgrade heads").ok();
    assert_eq!(project.run("current").ok(), "a2 (head)\nn2 (head)\n");
    let lines = project.run("history -r a1:a2").ok();
    assert_eq!(lines, "a1 (net) -> a2 (head), three\n<base> -> a1, one\n");
    let _ = project
        .run("history -r n1:a1")
        .exits(1)
        .says("Requested range n1:a1 does not refer to ancestor/descendant");
}

#[test]
fn ranges_of_the_history() {
    let project = project();
    project.run("upgrade b2").ok();
    for (range, ids) in [
        ("-2:current", "b2 b1 a1"),
        ("b1:", "b2 b1"),
        (":b1", "b1 a1"),
        ("a1:main@heads", "b2 b1 c1 a1"),
        ("-1:b2", "b2 b1"),
        ("b1:current", "b2 b1"),
    ] {
        let lines = project.run_words(&["history", "-r", range]).ok();
        let found: Vec<&str> = lines
            .lines()
            .map(|line| line.split(" -> ").nth(1).unwrap().split([' ', ',']).next().unwrap())
            .collect();
        assert_eq!(found.join(" "), ids, "{range}");
    }
    let _ = project.run("history -r 1:2:3").exits(2).says("a range has one colon");
}

#[test]
fn a_table_with_a_row_too_many_is_explained_and_mended() {
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    table(&project, "a1", "none");
    table(&project, "b1", "a1");
    project.run("ensure-version").ok();
    database.sql("INSERT INTO aludel_version VALUES ('a1'), ('b1')");
    let _ = project
        .run("upgrade head")
        .exits(1)
        .says("Requested revision a1 overlaps with other requested revisions b1")
        .says("stamp --purge b1");
    let status = project.run("status").ok();
    assert!(
        status.contains("Requested revision a1 overlaps with")
            && status.contains("stamp --purge b1"),
        "{status}"
    );
    let json: Value = serde_json::from_str(&project.run("status --json").ok()).unwrap();
    assert_eq!(json["overlapping"], "a1");
    project.run("stamp --purge b1").ok();
    assert_eq!(project.run("current").ok(), "b1 (head)\n");
}

#[test]
fn templates_begin_a_project() {
    let names = project().run("list-templates").ok();
    for name in ["sqlite", "postgres", "both", "alembic"] {
        assert!(names.contains(name), "{names}");
        let project = sqlite_project();
        std::fs::remove_file(project.path().join("aludel.toml")).unwrap();
        project.run(&format!("init --template {name}")).ok();
        project.run("heads").ok();
    }
    let _ = project().run("init x --template nope").exits(2).says("No such template: nope");
}

#[test]
fn a_revision_is_edited_in_the_users_editor() {
    let project = project();
    let mut command = project.command(&["edit", "b1"]);
    let output = command
        .env_remove("VISUAL")
        .env("EDITOR", "sed -i s/x.integer/y\\sinteger/")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        project.read("versions/b1.sql").contains("yxinteger")
            || project.read("versions/b1.sql").contains("ysinteger")
    );
    let mut command = project.command(&["edit", "b1"]);
    let output = command.env_remove("VISUAL").env_remove("EDITOR").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no editor"));
}

#[test]
fn a_merge_says_what_both_branches_change_and_whether_the_order_matters() {
    let database = server().database();
    let urls = [
        (database.url(), format!("--scratch {}", database.url())),
        ("sqlite:test.db".to_owned(), "--scratch".to_owned()),
    ];
    for (url, scratch) in urls {
        let project = TestProject::new(PROGRAM, &url);
        project.revision("a1", "none", "CREATE TABLE users (id integer);", "DROP TABLE users;");
        project.revision("b1", "a1", "ALTER TABLE users ADD COLUMN name text;", "");
        project.revision("b2", "b1", "CREATE TABLE only_b (id integer);", "");
        project.revision("c1", "a1", "ALTER TABLE users ADD COLUMN age integer;", "");
        let heads = project.run("check --heads").exits(3);
        let _ = heads.says("warning: table users is changed on several branches: by b1 and by c1");
        let merge = format!("merge heads --rev-id m1 {scratch}");
        let outcome = project.run(&merge).exits(0);
        let outcome = outcome.says("table users is changed on several branches");
        assert!(!outcome.stderr.contains("only_b"), "{}", outcome.stderr);
        let _ = outcome.says("applied in either order they give the same schema");
        // One of them reads what the other one makes of it.
        project.revision("c1", "a1", "CREATE TABLE copy AS SELECT * FROM users;", "");
        std::fs::remove_file(project.path().join("versions/m1_merge_b2_and_c1.sql")).unwrap();
        let _ = project
            .run(&merge)
            .exits(3)
            .says("in the other order the schema is another one")
            .says("copy");
        project.revision("c1", "a1", "CREATE TABLE only_b (name text);", "");
        let _ = project.run(&merge).exits(3).says("applied in the order b2, c1 they fail");
    }
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'aludel_scratch%'";
    assert_eq!(database.sql(left), "0\n");
    assert_eq!(database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0\n");
}

/// What Alembic says, in the same words, with what it does not say behind them.
#[test]
fn every_refusal_has_alembics_words() {
    let project = project();
    project.run("upgrade b1").ok();
    project.run("upgrade n1").ok();
    for (arguments, code, words) in [
        (
            "upgrade +1",
            1,
            "Ambiguous upgrade from multiple current revisions: +1 may begin at b1 or at n1",
        ),
        (
            "downgrade -1",
            1,
            "Ambiguous downgrade from multiple current revisions: -1 may begin at b1 or at n1",
        ),
        ("upgrade base+1", 1, "Ambiguous walk: base+1 from base leads to a1 and to n1"),
        ("upgrade -1", 1, "Relative revision -1 didn't produce 1 migrations"),
        ("upgrade b1-5", 1, "Relative revision b1-5 didn't produce 5 migrations"),
        ("downgrade +1", 1, "Relative revision +1 didn't produce 1 migrations"),
        ("downgrade c1", 1, "Destination c1 is not a valid downgrade target from current head(s)"),
        ("upgrade nope@head", 1, "No such branch: 'nope'"),
        ("upgrade net@b1", 1, "Revision b1 is not a member of branch 'net'"),
        ("upgrade ze", 1, "Can't locate revision identified by 'ze'"),
        ("upgrade b", 1, "Can't locate revision identified by 'b': 2 begin with it: b1, b2"),
        ("upgrade head", 1, "Multiple head revisions are present for given argument 'head'"),
        ("stamp head", 1, "Multiple heads are present; please specify a single target revision"),
        (
            "revision -m x",
            1,
            "Multiple heads are present; please specify the head revision on which the new revision should be based",
        ),
        (
            "revision -m x --head b1",
            1,
            "Revision b1 is not a head revision; please specify --splice",
        ),
        ("revision -m x --head b2 --branch-label net", 1, "the revisions form no graph"),
        ("revision -m x --head b2 --rev-id a@b", 1, "no revision id"),
        (
            "history -r c1:b2",
            1,
            "Requested range c1:b2 does not refer to ancestor/descendant revisions",
        ),
        ("history -r b1", 2, "History range requires [start]:[end], [start]:, or :[end]"),
        ("upgrade a1:b1", 2, "Range revision not allowed"),
        ("edit base", 1, "No revision files indicated by symbol 'base'"),
        ("merge zz head", 1, "Can't locate revision identified by 'zz'"),
    ] {
        let _ = project.run(arguments).exits(code).says(words);
    }
    assert_eq!(project.run("current").ok(), "b1\nn1 (head)\n");
    assert_eq!(project.revisions().len(), 5);
}

#[test]
fn a_version_table_that_somebody_else_changes_stops_the_run() {
    let database = server().database();
    for url in [database.url(), "sqlite:test.db".to_owned()] {
        let project = TestProject::new(PROGRAM, &url);
        table(&project, "a1", "none");
        for (sql, rows) in [
            ("UPDATE aludel_version SET version_num = 'zz';", "a1\n"),
            ("DELETE FROM aludel_version;", "a1\n"),
        ] {
            project.revision("b1", "a1", &format!("CREATE TABLE b1 (x integer);\n{sql}"), "");
            project.run("upgrade a1").ok();
            let outcome = project.run("upgrade head").exits(1);
            let _ = outcome.says("expected to match one row");
            assert_eq!(project.run("current").ok(), rows);
        }
    }
}

#[test]
fn looking_and_trying_touch_nothing() {
    let project = project();
    project.run("upgrade b1").ok();
    assert!(project.run("show main@+1").ok().contains("CREATE TABLE b2"));
    assert!(project.run("show main@-1").ok().contains("CREATE TABLE a1"));
    let _ = project
        .run("merge b2 c1 --scratch sqlite:test.db --rev-id m1")
        .exits(0)
        .says("either order");
    assert_eq!(project.run("current").ok(), "b1\n");
    let merge = project.read("versions/m1_merge_b2_and_c1.sql");
    project.write(
        "versions/m1.sql",
        &merge
            .replace("-- down_revision: b2, c1\n", "-- down_revision: b2\n-- down_revision: c1\n"),
    );
    std::fs::remove_file(project.path().join("versions/m1_merge_b2_and_c1.sql")).unwrap();
    let _ = project
        .run("heads")
        .exits(1)
        .says("a second `down_revision` line")
        .says("versions/m1.sql:5");
}

#[test]
fn a_project_that_has_just_begun_has_nothing_to_run() {
    let project = sqlite_project();
    project.run("upgrade head").exits(0).says("there is no revision in versions").stdout.clear();
    project.run("upgrade heads").ok();
    let _ = project.run("stamp head").exits(1).says("Can't locate revision identified by 'head'");
    let _ = project.run("stamp heads").exits(1);
    let _ = project.run("downgrade head").exits(1);
}

#[test]
fn messages_at_branches_name_the_ways_on() {
    let project = sqlite_project();
    for (id, down) in [("a1", "none"), ("b1", "a1"), ("c1", "a1")] {
        project.revision(
            id,
            down,
            &format!("CREATE TABLE t_{id} (x int);"),
            &format!("DROP TABLE t_{id};"),
        );
    }
    let head = project.run("upgrade head").exits(1).says("heads: b1, c1");
    head.says("`aludel merge heads`").says("`aludel rebase REV`").stdout.clear();
    project.run("upgrade heads").ok();
    let start = project.run("downgrade -1").exits(1).says("`b1@-1`").says("`aludel merge heads`");
    start.says("`aludel heads`").stdout.clear();
    project.revision("m1", "b1, c1", "", "");
    project.run("upgrade head").ok();
    let walk = project.run("downgrade -1").exits(1).says("m1 is where branches meet");
    walk.says("as in `b1`").stdout.clear();
    project.run("downgrade b1").ok();
    assert_eq!(project.run("current").ok(), "b1\nc1\n");
}
