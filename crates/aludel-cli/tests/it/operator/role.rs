//! The role of the configuration: it holds for all that a run and the reading commands do.

use aludel_testkit::{Bouncer, TestDatabase, TestProject, server};

use crate::PROGRAM;

const MODELS: &str = r#"use aludel::Table;
#[derive(Table)]
#[table(schema = "app", check("weight > 0 and weight < 100", name = "heavy"))]
pub struct Part {
    #[column(primary_key)] id: i32,
    #[column(default = "1 + 1")] weight: i32,
}
"#;

/// A database in which a login may do nothing by itself, and all of that with the role of an owner.
struct Owned {
    database: TestDatabase,
    project: TestProject,
    owner: String,
    login: String,
}

impl Owned {
    fn new() -> Self {
        let database = server().database();
        let (owner, login) = (format!("{}_o", database.name), format!("{}_l", database.name));
        database.sql(&format!(
            "CREATE ROLE {owner}; CREATE ROLE {login} LOGIN NOINHERIT; GRANT {owner} TO {login}; \
             CREATE SCHEMA app AUTHORIZATION {owner}; REVOKE ALL ON SCHEMA public FROM PUBLIC; \
             REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC; GRANT CREATE ON DATABASE {name} TO {owner}; \
             ALTER ROLE {login} SET search_path = app",
            name = database.name
        ));
        let project = TestProject::new(PROGRAM, &server().url_as(&login, &database.name));
        project.models(MODELS);
        let owned = Self { database, project, owner, login };
        owned.configure(&owned.project);
        owned
    }

    fn configure(&self, project: &TestProject) {
        let config = project.read("aludel.toml");
        project.write(
            "aludel.toml",
            &format!("{config}[database]\nrole = \"{}\"\n[scope]\nignore = [\"t\"]\n", self.owner),
        );
    }

    /// Drops the roles.
    fn end(self) {
        let Self { database, owner, login, .. } = self;
        database.sql(&format!(
            "DROP OWNED BY {owner}, {login} CASCADE; DROP ROLE {login}; DROP ROLE {owner}"
        ));
    }
}

#[test]
fn every_command_takes_the_role() {
    let owned = Owned::new();
    let project = &owned.project;
    project.run("ensure-version").ok();
    project.run("revision --autogenerate -m first").ok();
    project.run("upgrade head").ok();
    let revision = "CREATE TABLE app.t (x int); INSERT INTO app.t VALUES (1);";
    let first = project.run("current").ok();
    let first = first.split(' ').next().unwrap().to_owned();
    project.revision("b1", &first, revision, "DROP TABLE app.t;");
    for (command, said) in [
        ("upgrade head", ""),
        ("upgrade head", ""),
        ("current", "b1 (head)"),
        ("status", "b1"),
        ("history -i", "b1"),
        ("heads", "b1"),
        ("show current", "b1"),
        ("log", "b1"),
        ("diff", ""),
        ("check --strict", ""),
        ("doctor", ""),
        ("reflect", "struct Part"),
        ("downgrade -1", ""),
        ("upgrade +1", ""),
        ("stamp --rebless", ""),
        ("stamp head", ""),
    ] {
        let ran = project.run(command);
        assert_eq!(ran.code, 0, "{command}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(said), "{command}: {}{}", ran.stdout, ran.stderr);
    }
    project.run("downgrade base").exits(1).says("t has 1 row").stdout.clear();
    project.run("downgrade base --yes").ok();
    let owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'app'";
    assert_eq!(owned.database.sql(owners).trim(), owned.owner);
    owned.end();
}

/// A role that one client takes is not given to the next one.
#[test]
fn a_pool_of_transactions_gets_its_session_back_without_the_role() {
    let lines = "default_pool_size = 1\n";
    let Some(bouncer) = Bouncer::start_with(server(), "transaction", lines) else {
        println!("LEFT OUT: pgbouncer is not installed");
        return;
    };
    let owned = Owned::new();
    owned.project.run("revision --autogenerate -m first").ok();
    owned.project.run("upgrade head").ok();
    let url = bouncer.url(&owned.database.name);
    let pooled = TestProject::new(PROGRAM, &url);
    pooled.models(MODELS);
    owned.configure(&pooled);
    for command in ["current", "status", "log", "check"] {
        let ran = pooled.run(command);
        assert!(!ran.stderr.contains("error"), "{command}: {}{}", ran.stdout, ran.stderr);
        let role = psql(&url, "SELECT current_user");
        assert_eq!(role, "postgres", "after {command}");
    }
    owned.end();
}

fn psql(url: &str, sql: &str) -> String {
    let output = server().tool("psql").args(["-X", "-A", "-t", "-d", url, "-c", sql]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
}
