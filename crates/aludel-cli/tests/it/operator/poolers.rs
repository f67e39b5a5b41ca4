//! Poolers: a run is right through one that gives a session, and refuses one that does not.

use aludel_testkit::{Bouncer, TestProject, server};

use super::Place;
use crate::PROGRAM;

#[test]
fn a_pool_of_sessions_is_right_and_a_pool_of_transactions_is_refused() {
    for mode in ["session", "transaction"] {
        let Some(bouncer) = Bouncer::start(server(), mode) else {
            println!("LEFT OUT: pgbouncer is not installed");
            return;
        };
        let place = Place::new();
        let pooled = TestProject::new(PROGRAM, &bouncer.url(&place.database.name));
        let upgrade = "CREATE TABLE t (x int);\nCREATE INDEX CONCURRENTLY i ON t (x);";
        for project in [&pooled, &place.project] {
            project.revision("a1", "none", upgrade, "DROP TABLE t;");
        }
        if mode == "session" {
            pooled.run("upgrade head").ok();
            pooled.run("downgrade base").ok();
        } else {
            for _ in 0..2 {
                let refused = pooled.run("upgrade head").exits(1);
                refused
                    .says("through a pooler that shares sessions")
                    .says("migration_url")
                    .stdout
                    .clear();
            }
            // Reading needs no session of its own.
            pooled.run("current").ok();
            pooled.run("status").ok();
        }
        // No lock stays behind.
        place.project.run("upgrade head --lock-wait 1s").ok();
    }
}

#[test]
fn the_migration_url_belongs_to_the_configured_url() {
    let Some(bouncer) = Bouncer::start(server(), "transaction") else {
        println!("LEFT OUT: pgbouncer is not installed");
        return;
    };
    let place = Place::with("CREATE TABLE t (x int);");
    let direct = place.database.url();
    let pooled = bouncer.url(&place.database.name);
    let config = format!(
        "models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\n[database]\nurl = \"{pooled}\"\nmigration_url = \"{direct}\"\n"
    );
    place.project.write("aludel.toml", &config);
    let run = |arguments: &str, environment: &[(&str, &str)]| {
        let words: Vec<&str> = arguments.split(' ').collect();
        let mut command = place.project.command(&words);
        command.env_remove("DATABASE_URL").envs(environment.iter().copied());
        command.output().unwrap().status.code().unwrap()
    };
    let other = server().database();
    // A URL from elsewhere is another database, which the configured migration_url does not serve.
    assert_eq!(run("upgrade head", &[("DATABASE_URL", &other.url())]), 0);
    assert_eq!(place.sql("SELECT to_regclass('t') IS NULL"), "t");
    assert_eq!(run("upgrade head", &[("DATABASE_URL", &pooled)]), 1);
    let both = [("DATABASE_URL", pooled.as_str()), ("MIGRATION_DATABASE_URL", direct.as_str())];
    assert_eq!(run("upgrade head", &both), 0);
    assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "a1");
    assert_eq!(run("upgrade head", &[]), 0);
}

/// A pooler accepts a client before it has a session for it. Runners whose second connections wait for each
/// other's sessions go on without them.
#[test]
fn a_pool_with_few_sessions_is_enough_for_several_runners() {
    let Some(bouncer) = Bouncer::start_with(server(), "session", "default_pool_size = 2\n") else {
        println!("LEFT OUT: pgbouncer is not installed");
        return;
    };
    let place = Place::new();
    let pooled = TestProject::new(PROGRAM, &bouncer.url(&place.database.name));
    pooled.revision("a1", "none", "CREATE TABLE t (x int);\nSELECT pg_sleep(1);\nVACUUM;", "");
    let children: Vec<_> = (0..4).map(|_| pooled.spawn(&["upgrade", "head"])).collect();
    for child in children {
        TestProject::outcome(child).exits(0).stdout.clear();
    }
    assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "a1");
}

/// Two answers of one session may be chance if many clients take and return the sessions of a pool.
#[test]
fn no_runner_of_a_crowd_takes_a_shared_session_for_its_own() {
    let Some(bouncer) = Bouncer::start_with(server(), "transaction", "default_pool_size = 5\n")
    else {
        println!("LEFT OUT: pgbouncer is not installed");
        return;
    };
    let place = Place::new();
    let pooled = TestProject::new(PROGRAM, &bouncer.url(&place.database.name));
    pooled.revision("a1", "none", "CREATE TABLE t (x int);", "");
    for _ in 0..2 {
        let children: Vec<_> = (0..12).map(|_| pooled.spawn(&["upgrade", "head"])).collect();
        for child in children {
            let refused = TestProject::outcome(child).exits(1);
            refused.says("through a pooler that shares sessions").stdout.clear();
        }
    }
    let locks = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
         WHERE locktype = 'advisory' AND d.datname = current_database()";
    assert_eq!(place.sql(locks), "0");
}
