//! `aludel database` and `aludel setup`.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

#[test]
fn a_database_is_created_set_up_reset_and_dropped() {
    let name = format!("made \"{}\"", std::process::id());
    let url = server()
        .url_as("postgres", "x")
        .replace("/x", &format!("/{}", name.replace(' ', "%20").replace('"', "%22")));
    let project = TestProject::new(PROGRAM, &url);
    project.revision("a1", "none", "CREATE TABLE t (a int);", "DROP TABLE t;");
    project.run("current").exits(1).says("aludel database create").stdout.clear();
    project.run("database create").exits(0).says("created").stdout.clear();
    project.run("database create").exits(0).says("is there already").stdout.clear();
    project.run("setup").exits(0).says("1 revision applied in").stdout.clear();
    let sql = |sql: &str| server().sql(&name, sql).trim().to_owned();
    sql("INSERT INTO t VALUES (1)");
    project.run("database reset").exits(1).says("nobody has agreed to drop").stdout.clear();
    assert_eq!(sql("SELECT count(*) FROM t"), "1");
    project.run("database reset --yes").ok();
    assert_eq!(sql("SELECT count(*) FROM t"), "0");
    let other = name.clone();
    let busy = std::thread::spawn(move || server().try_sql(&other, "SELECT pg_sleep(60)"));
    while sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "0" {}
    let refused = project.run("database drop --yes").exits(1);
    let _ = refused.says("connected to it: process ").says("role postgres").says("`--force`");
    project.run("database drop --yes --force").exits(0).says("dropped").stdout.clear();
    assert!(busy.join().unwrap().is_err());
    project.run("setup").ok();
    project.run("database drop --yes").exits(0).says("dropped").stdout.clear();
    project.run("database drop --yes").exits(0).says("is not there").stdout.clear();
}

#[test]
fn a_sqlite_file_is_dropped_with_what_stands_beside_it() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    project.write("test.db-wal.keep", "mine");
    project.run("setup").ok();
    assert!(project.path().join("test.db").exists());
    project.run("database drop").exits(1).says("pass --yes").stdout.clear();
    project.run("database drop --yes").ok();
    let left: Vec<String> = std::fs::read_dir(project.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("test.db"))
        .collect();
    assert_eq!(left, ["test.db-wal.keep"]);
}

/// A file that another program uses is not removed, and a link to a database stays.
#[cfg(unix)]
#[test]
fn a_sqlite_file_in_use_is_not_dropped() {
    for mode in ["delete", "wal"] {
        let project = sqlite_project();
        project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
        project.run("setup").ok();
        let file = project.path().join("test.db");
        let other = rusqlite::Connection::open(&file).unwrap();
        other.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(())).unwrap();
        other.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").unwrap();
        for command in ["drop", "reset"] {
            let refused = project.run(&format!("database {command} --yes")).exits(1);
            refused.says("is in use").says("nothing was changed").says("--force").stdout.clear();
        }
        other.execute_batch("COMMIT").unwrap();
        if mode == "wal" {
            // It holds the log as long as it is connected.
            project.run("database drop --yes").exits(1).says("is in use").stdout.clear();
        }
        assert!(file.exists());
        project.run("database drop --yes --force").ok();
        assert!(!file.exists());
    }
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    std::fs::create_dir(project.path().join("data")).unwrap();
    let link = project.path().join("test.db");
    std::os::unix::fs::symlink("data/real.db", &link).unwrap();
    project.run("setup").ok();
    project.run("database drop --yes").ok();
    assert!(link.is_symlink() && !project.path().join("data/real.db").exists());
    project.run("setup").ok();
    assert!(link.is_symlink() && project.path().join("data/real.db").exists());
}

/// Production is known from the name of a database and from the variables of both sources.
#[test]
fn production_is_not_dropped_without_force() {
    for (name, env, variable, why) in [
        ("app", "APP_ENV=production\nDATABASE_URL=sqlite:app.db", "", "APP_ENV in /"),
        ("app", "DATABASE_URL=sqlite:app.db\nENVIRONMENT=prd", "test", "ENVIRONMENT in /"),
        ("app", "DATABASE_URL=sqlite:app.db", "prd", "APP_ENV is prd"),
        ("ShopProd", "DATABASE_URL=sqlite:ShopProd.db", "", "its name says so"),
        (
            "app",
            "DATABASE_URL=sqlite:app.db\nAPP_ENV=${STAGE}",
            "",
            "the surroundings are not known: ",
        ),
    ] {
        let project = sqlite_project();
        project.write(".env", env);
        let file = format!("{name}.db");
        project.write(&file, "");
        let mut command = project.command(&["database", "drop", "--yes"]);
        let output = command.env_remove("DATABASE_URL").env("APP_ENV", variable).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{env}: {told}");
        assert!(told.contains(why) && told.contains("ends the sessions"), "{env}: {told}");
        assert!(project.path().join(&file).exists(), "{env}");
    }
}

/// A URL may name a wrong file, and what is in it is never lost.
#[test]
fn only_a_sqlite_database_is_dropped() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    let files =
        [("note.txt", "hello"), ("note.txt-wal", "mine"), ("short", "SQLite"), ("other-shm", "x")];
    files.iter().for_each(|(name, text)| project.write(name, text));
    project.write("folder/file", "");
    for command in ["drop", "drop --force", "reset"] {
        for name in ["note.txt", "short", "folder"] {
            let line = format!("database {command} --yes --database-url sqlite:{name}");
            let refused = project.run(&line).exits(1).says("is no SQLite database");
            let _ = refused.says("nothing was changed");
        }
    }
    let missing = project.run("database drop --yes --database-url sqlite:other");
    missing.exits(0).says("is not there").stdout.clear();
    for (name, text) in files {
        assert_eq!(project.read(name), text, "{name}");
    }
    assert!(project.path().join("folder/file").exists());
    project.write("empty.db", "");
    project.run("database drop --yes --database-url sqlite:empty.db").ok();
    assert!(!project.path().join("empty.db").exists());
}

/// The only option of a SQLite URL says what may be done to the file.
#[test]
fn the_mode_of_a_sqlite_url_is_followed() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    let run = |command: &str, query: &str| {
        project.run(&format!("{command} --database-url sqlite:test.db?{query}"))
    };
    run("upgrade head", "mode=rw").exits(1).says("unable to open").stdout.clear();
    assert!(!project.path().join("test.db").exists());
    run("upgrade head", "mode=rwc").ok();
    let before = std::fs::read(project.path().join("test.db")).unwrap();
    for command in
        ["downgrade base --yes", "stamp base", "database drop --yes", "database reset --yes"]
    {
        run(command, "mode=ro").exits(1).says("mode=ro").stdout.clear();
        assert_eq!(std::fs::read(project.path().join("test.db")).unwrap(), before, "{command}");
    }
    assert!(run("current", "mode=ro").ok().contains("a1"));
    let found = run("doctor", "mode=ro").exits(1).stdout;
    assert!(found.contains("!! writable          no: it is opened read-only"), "{found}");
    assert!(run("doctor", "mode=rw").stdout.contains("ok writable          yes"));
    for option in ["foo", "immutable", "cache"] {
        let refused = run("downgrade base --yes", &format!("{option}=1")).exits(2);
        refused.says(&format!("no option `{option}`; there is `mode`")).stdout.clear();
    }
    assert_eq!(std::fs::read(project.path().join("test.db")).unwrap(), before);
    run("database drop --yes", "mode=rw").exits(1).says("mode=rw").stdout.clear();
    run("setup", "mode=rw").ok();
    run("downgrade base --yes", "mode=rw").ok();
    let missing = project.run("database create --database-url sqlite:no/x.db?mode=rw");
    missing.exits(1).says("permits neither to create").stdout.clear();
    assert!(!project.path().join("no").exists());
}

/// A folder that is missing is named, whatever the command.
#[test]
fn the_missing_folder_of_a_sqlite_file_is_named() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    for command in ["upgrade head", "current", "status"] {
        let failed = project.run(&format!("{command} --database-url sqlite:no/data/x.db")).exits(1);
        failed.says("there is no folder").says("no/data").says("database create").stdout.clear();
    }
    project.run("setup --database-url sqlite:no/data/x.db").ok();
    assert!(project.path().join("no/data/x.db").exists());
}

#[test]
fn a_database_elsewhere_is_not_dropped_without_force() {
    let project = TestProject::new(PROGRAM, "postgresql://u:secret@db.example.com/app");
    let refused =
        project.run("database drop --yes").exits(1).says("is not on this machine").says("--force");
    assert!(!refused.stderr.contains("secret"));
}

/// Without a name a connection takes the database of the user, which nobody means.
#[test]
fn a_database_without_a_name_is_neither_made_nor_dropped() {
    let project = sqlite_project();
    for command in ["setup", "database create", "database drop --yes", "database reset --yes"] {
        let url = "postgresql://postgres@localhost:1";
        let refused = project.run(&format!("{command} --database-url {url}")).exits(2);
        refused.says("the URL names no database").says("NAME").stdout.clear();
    }
    let refused = project.run("database drop --yes --database-url sqlite:live.db").exits(1);
    refused.says("its name says so").says("--force").says("nothing was changed").stdout.clear();
}

/// A way back in a path is not shown where it leads somewhere.
#[test]
fn paths_are_shown_without_detours() {
    let project = sqlite_project();
    project.write("deep/aludel.toml", "models = []\nrevisions = \"versions\"\n");
    project.write("deep/versions/a1.sql", "x");
    for words in [
        ["-C", "deep/../deep", "--database-url", "sqlite:../x.db", "doctor"],
        ["-c", "deep/../deep/aludel.toml", "--database-url", "sqlite:../x.db", "doctor"],
    ] {
        let told = project.run_words(&words).exits(1).stdout;
        assert!(told.contains("deep/aludel.toml") && told.contains("/x.db"), "{told}");
        assert!(!told.contains(".."), "{told}");
    }
}

/// A downgrade looks for the file that it changes, not for the one that others read.
#[test]
fn a_downgrade_finds_the_file_of_its_own_url() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    project.write(
        "aludel.toml",
        "models = []\nrevisions = \"versions\"\n[database]\nurl = \"sqlite:read.db\"\nmigration_url = \"sqlite:write.db\"\n",
    );
    for command in ["upgrade head", "downgrade base"] {
        let words: Vec<&str> = command.split(' ').collect();
        let output = project.command(&words).env_remove("DATABASE_URL").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && told.contains("1 revision "), "{command}: {told}");
    }
    assert!(!project.path().join("read.db").exists());
}

/// The port of a URL without a host is no part of the name of its database.
#[test]
fn the_database_that_is_created_has_the_name_of_the_url() {
    let name = format!("ported_{}", std::process::id());
    let port = server().port();
    let url = format!("postgresql:///{name}?port={port}&user=postgres");
    for words in ["create", "drop"] {
        let project = sqlite_project();
        let mut words = vec!["database", words, "--database-url", &url];
        words.extend((words[1] == "drop").then_some("--yes"));
        let output = project.command(&words).env("PGHOST", server().folder()).output().unwrap();
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        let found = server().sql("postgres", "SELECT datname FROM pg_database");
        let found: Vec<&str> = found.lines().filter(|line| line.contains("ported_")).collect();
        let expected: &[&str] = if words[1] == "create" { &[&name] } else { &[] };
        assert_eq!(found, expected, "{told}");
    }
}

/// Each case has the surroundings of a run, and says whether the run finds its database.
#[test]
fn the_database_is_found_as_psql_finds_it() {
    let guarded = |database: &str| server().url_as("guarded", database);
    let database = server().database();
    database.sql("CREATE TABLE mark (x int)");
    let folder = server().folder().display().to_string();
    let place = [("PGHOST", folder.as_str()), ("PGDATABASE", &database.name)];
    let by_url = guarded(&database.name);
    let port = server().port().to_string();
    let host_elsewhere = format!("postgresql:///{}", database.name);
    let query = format!("postgresql:///{}?port={port}&user=postgres", database.name);
    let cases: [(&str, &[(&str, &str)], &str, &str, i32); 9] = [
        (
            "host and port by variables, the database by the URL",
            &[
                ("DATABASE_URL", &host_elsewhere),
                ("PGUSER", "postgres"),
                place[0],
                ("PGPORT", &port),
            ],
            "",
            "",
            0,
        ),
        ("the port by the URL alone", &[("DATABASE_URL", &query), place[0]], "", "", 0),
        (
            "a service that names another",
            &[("PGSERVICE", "here")],
            "",
            "[here]\nservice=there\nhost={folder}\ndbname={name}\nuser=postgres\n",
            2,
        ),
        ("variables alone", &[("PGUSER", "postgres"), place[0], place[1]], "", "", 0),
        (
            "a password by a variable",
            &[("PGPASSWORD", "right"), ("DATABASE_URL", &by_url)],
            "",
            "",
            0,
        ),
        ("a password by the file", &[("DATABASE_URL", &by_url)], "*:*:*:guarded:right\n", "", 0),
        ("a wrong password", &[("DATABASE_URL", &by_url)], "*:*:*:guarded:wrong\n", "", 1),
        (
            "a service",
            &[("PGSERVICE", "here")],
            "",
            "[here]\nhost={folder}\ndbname={name}\nuser=postgres\n",
            0,
        ),
        ("no such service", &[("PGSERVICE", "there")], "", "[here]\nhost=x\n", 2),
    ];
    for (name, variables, pgpass, services, code) in cases {
        let project = sqlite_project();
        let services = services.replace("{folder}", &folder).replace("{name}", &database.name);
        for (file, text) in [(".pgpass", pgpass), (".pg_service.conf", services.as_str())] {
            if !text.is_empty() {
                project.write(file, text);
                let path = project.path().join(file);
                std::process::Command::new("chmod").arg("600").arg(path).status().unwrap();
            }
        }
        let mut command = project.command(&["status"]);
        command
            .env_remove("DATABASE_URL")
            .env("HOME", project.path())
            .envs(variables.iter().copied());
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{name}: {told}");
        if code == 0 {
            assert!(String::from_utf8_lossy(&output.stdout).contains(&database.name), "{name}");
        }
        assert!(!told.contains("right"), "{name}: {told}");
    }
}

#[test]
fn a_database_that_is_behind_is_told_before_one_that_is_missing() {
    let project = sqlite_project();
    project.write("aludel.toml", "models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\n[database]\ndialects = [\"postgres\", \"sqlite\"]\n");
    project.models("use aludel::Table;\n#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n");
    project.revision("a1", "none", "CREATE TABLE t (a int);", "DROP TABLE t;");
    let generate = || project.run("revision --autogenerate -m x").exits(1);
    generate().says("Target database is not up to date.").stdout.clear();
    project.run("upgrade head").ok();
    let other = "the postgres database was not compared";
    project.run("check").exits(3).says(other).stdout.clear();
    generate()
        .says("there is no postgres database to compare with")
        .says("postgres_url")
        .stdout
        .clear();
}

/// A variable that can't be read may be the one that selects the database.
#[test]
fn variables_that_are_no_text_are_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let bad = std::ffi::OsStr::from_bytes(b"\xff");
    for name in ["DATABASE_URL", "MIGRATION_DATABASE_URL", "PGDATABASE"] {
        let project = sqlite_project();
        let output = project.command(&["status"]).env(name, bad).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {told}");
        assert!(told.contains(&format!("the value of {name} is no text")), "{told}");
    }
}

#[test]
fn the_json_of_a_reset_is_one_object() {
    let project = sqlite_project();
    project.revision("a1", "none", "CREATE TABLE t (a);", "DROP TABLE t;");
    for (command, outcome) in [
        ("setup --json", "created"),
        ("setup --json", "is there already"),
        ("database reset --yes --json", "reset"),
        ("database create --json", "is there already"),
        ("database drop --yes --json", "dropped"),
    ] {
        let answer: serde_json::Value = serde_json::from_str(&project.run(command).ok()).unwrap();
        assert_eq!(answer["outcome"], outcome, "{command}");
        let ran = if command.contains("database reset") || outcome == "created" { 1 } else { 0 };
        assert_eq!(answer["completed"].as_array().map_or(0, Vec::len), ran, "{command}");
    }
}
