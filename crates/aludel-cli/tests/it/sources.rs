//! Messages name the setting that chose the database, and a setting that can't be read.

use aludel_testkit::{TestProject, server};

use crate::{PROGRAM, sqlite_project};

const GONE: &str = "postgresql://u:hunter2@127.0.0.1:1/db";

/// Runs a command without DATABASE_URL and with other variables, and returns its exit code and what it
/// printed.
fn run(project: &TestProject, words: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let mut command = project.command(words);
    command.env_remove("DATABASE_URL").env("HOME", project.path());
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn the_source_of_the_url_is_named() {
    let with_url = format!("url = \"{GONE}\"");
    let migration = format!("url = \"sqlite:x.db\"\nmigration_url = \"{GONE}\"");
    let env = format!("DATABASE_URL={GONE}");
    let option = ["--database-url", GONE];
    let cases: [(&str, &str, &str, &[&str], &[(&str, &str)]); 7] = [
        ("DATABASE_URL in the environment", "", "", &[], &[("DATABASE_URL", GONE)]),
        ("DATABASE_URL in /", "", &env, &[], &[]),
        ("--database-url", "", &env, &option, &[("DATABASE_URL", "sqlite:x.db")]),
        ("`url` in /", &with_url, "", &[], &[]),
        ("`migration_url` in /", &migration, "", &[], &[]),
        ("PGHOST in the environment", "", "", &[], &[("PGHOST", "127.0.0.1"), ("PGPORT", "1")]),
        (
            "MIGRATION_DATABASE_URL in the environment",
            "",
            "",
            &[],
            &[("DATABASE_URL", "sqlite:x.db"), ("MIGRATION_DATABASE_URL", GONE)],
        ),
    ];
    for (source, config, env, words, variables) in cases {
        let project = sqlite_project();
        project.revision("a1", "none", "SELECT 1;", "");
        project.write("aludel.toml", &format!("revisions = \"versions\"\n[database]\n{config}\n"));
        if !env.is_empty() {
            project.write(".env", env);
        }
        let (code, told) = run(&project, &[words, &["upgrade", "head"]].concat(), variables);
        assert_eq!(code, 1, "{source}: {told}");
        for words in ["is the server running", &format!("the URL comes from {source}")] {
            assert!(told.contains(words), "{source}: {told}");
        }
        assert!(!told.contains("hunter2"), "{source}: {told}");
    }
}

/// The variables of `.env` count as if they were in the environment, which goes before them.
#[test]
fn the_variables_of_an_env_file_count() {
    let file = "DATABASE_URL=sqlite:read.db\n";
    for (env, variables, expected) in [
        (format!("{file}MIGRATION_DATABASE_URL={GONE}"), &[][..], "MIGRATION_DATABASE_URL in /"),
        (
            format!("MIGRATION_DATABASE_URL={GONE}"),
            &[("DATABASE_URL", "sqlite:other.db")],
            "1 revision applied",
        ),
        ("PGHOST=127.0.0.1\nPGPORT=1\nPGDATABASE=d".into(), &[], "PGHOST, PGDATABASE in /"),
        (
            "PGHOST=127.0.0.1\nPGPORT=1".into(),
            &[("PGDATABASE", "x")],
            "PGDATABASE in the environment, PGHOST in /",
        ),
        (
            "DATABASE_URL=postgresql://u@127.0.0.1:1/d\nPGPASSWORD=${NO_SUCH}".into(),
            &[],
            ".env:2: `PGPASSWORD=…` has `${NO_SUCH}`",
        ),
        (
            "DATABASE_URL=postgresql://u@${NO_SUCH}/d".into(),
            &[],
            ".env:1: `DATABASE_URL=…` has `${NO_SUCH}`, which is not defined",
        ),
        (format!("{file}OTHER=${{NO_SUCH}}"), &[], "1 revision applied"),
    ] {
        let project = sqlite_project();
        project.revision("a1", "none", "SELECT 1;", "");
        project.write(".env", &env);
        let (_, told) = run(&project, &["upgrade", "head"], variables);
        assert!(told.contains(expected), "{env}: {told}");
    }
    let database = server().database();
    let project = sqlite_project();
    project.revision("a1", "none", "SELECT 1;", "");
    let url = server().url_as("guarded", &database.name);
    project.write(".env", &format!("DATABASE_URL={url}\nPGPASSWORD=right\n"));
    let (code, told) = run(&project, &["status"], &[]);
    assert_eq!(code, 0, "{told}");
    let (code, told) = run(&project, &["status"], &[("PGPASSWORD", "wrong")]);
    assert!(code == 1 && !told.contains("right"), "{told}");
}

/// A message names the setting that is wrong, and not the URL if the URL is right.
#[test]
fn what_is_wrong_around_a_url_is_named() {
    let url = "postgresql://u@127.0.0.1/db";
    for (variables, words, code) in [
        (("PGPORT", "five"), "can't read PGPORT: `port=five`", 2),
        (("PGSSLMODE", "on"), "can't read PGSSLMODE: `sslmode=on`", 2),
        (("PGSERVICE", "gone"), "can't read the service `gone`: there is no section", 2),
        (("PGHOSTADDR", "::1,::1"), "can't read PGHOSTADDR: `hostaddr` has 2", 2),
        (("DATABASE_URL", "postgresql://no-host.invalid/db"), "is the name of the host spelled", 1),
    ] {
        let project = sqlite_project();
        let (code_seen, told) = run(&project, &["status"], &[("DATABASE_URL", url), variables]);
        assert_eq!(code_seen, code, "{variables:?}: {told}");
        assert!(told.contains(words), "{variables:?}: {told}");
        for wrong in ["the database URL", "is the server running"] {
            assert!(!told.contains(wrong), "{variables:?}: {told}");
        }
        assert_eq!(told.contains("the URL comes from"), code == 1, "{variables:?}: {told}");
    }
}

/// Only a server that does not answer may not be running.
#[test]
fn a_server_that_answers_is_running() {
    let database = server().database();
    let role = format!("few_{}", std::process::id());
    let shut = format!("shut_{}", std::process::id());
    database.sql(&format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 0; CREATE ROLE {shut} LOGIN"));
    database.sql(&format!("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", database.name));
    database.sql(&format!("GRANT CONNECT ON DATABASE {} TO {role}", database.name));
    let own = database.url();
    let with = |query: &str| format!("{own}{}{query}", if own.contains('?') { '&' } else { '?' });
    for (url, variables, words) in [
        (server().url_as(&role, &database.name), None, "CONNECTION LIMIT"),
        (server().url_as(&shut, &database.name), None, "GRANT CONNECT ON DATABASE"),
        (with("options=-c%20nonsense%3D1"), None, "see `options` in the URL, or PGOPTIONS"),
        (own.clone(), Some(("PGOPTIONS", "--nonsense")), "PGOPTIONS"),
        (own.clone(), Some(("PGTARGETSESSIONATTRS", "read-only")), "PGTARGETSESSIONATTRS away"),
    ] {
        let project = TestProject::new(PROGRAM, &url);
        let mut all = vec![("DATABASE_URL", url.as_str())];
        all.extend(variables);
        let (code, told) = run(&project, &["status"], &all);
        assert_eq!(code, 1, "{url}: {told}");
        assert!(told.contains(words), "{url}: {told}");
        assert!(!told.contains("is the server running"), "{url}: {told}");
    }
    database.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}; DROP ROLE {shut}"));
}

/// Commands that need no database work beside settings that can't be read, and the others name the line.
#[test]
fn settings_that_cant_be_read_stop_only_commands_that_need_them() {
    let project = sqlite_project();
    project.revision("a1", "none", "SELECT 1;", "");
    project.write(".env", "A=1\nPASSWORD=two words\nDATABASE_URL=sqlite:x.db\n");
    let config = project.read("aludel.toml");
    project
        .write("aludel.toml", &config.replace("[database]", "[database]\nurl = \"sqlite:y.db\""));
    for command in [
        "history",
        "heads",
        "branches",
        "show a1",
        "list-templates",
        "check --heads",
        "--help",
        "edit a1",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let (code, told) = run(&project, &words, &[("EDITOR", "true")]);
        assert_eq!(code, 0, "{command}: {told}");
    }
    for command in ["upgrade head", "current", "status", "downgrade base", "setup"] {
        let words: Vec<&str> = command.split(' ').collect();
        let (code, told) = run(&project, &words, &[]);
        assert_eq!(code, 2, "{command}: {told}");
        assert!(told.contains(".env:2: `PASSWORD=…` is not understood"), "{command}: {told}");
        assert!(!told.contains("two words"), "{command}: {told}");
    }
    let (_, told) = run(&project, &["--json", "status"], &[]);
    assert!(told.contains("\"line\": 2") && told.contains("bad-environment"), "{told}");
    let (_, told) = run(&project, &["doctor"], &[]);
    assert!(told.contains(".env:2") && told.contains("ok revisions"), "{told}");
    project.models(
        "#[derive(Table)]\npub struct Item {\n    #[column(primary_key)]\n    pub id: i64,\n}\n",
    );
    let (code, told) = run(&project, &["diagram"], &[]);
    assert!(code == 0 && told.contains("items"), "{told}");
    // What is said outright needs no file.
    project.run("upgrade head --database-url sqlite:z.db").ok();
    assert!(!project.path().join("y.db").exists());
}
