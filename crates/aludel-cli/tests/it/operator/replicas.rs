//! A server with a standby: batches wait for it, and commands on the standby say what they can't do.

use std::time::Duration;

use aludel_testkit::{Server, ServerOptions, TestProject};

use crate::PROGRAM;

#[test]
fn a_server_with_a_standby() {
    let primary = Server::with(&ServerOptions::default());
    primary.sql("postgres", "CREATE DATABASE app");
    primary.sql("app", "CREATE TABLE t (id int PRIMARY KEY, done bool NOT NULL DEFAULT false)");
    let standby = primary.standby();
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while primary.sql("app", "SELECT count(*) FROM pg_stat_replication").trim() != "1" {
        assert!(
            std::time::Instant::now() < end,
            "the standby did not connect: {}",
            std::fs::read_to_string(standby.folder().join("log")).unwrap()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    a_batch_waits_while_the_replica_stands_still(&primary, &standby);
    a_standby_is_read_and_not_written(&primary, &standby);
}

fn a_batch_waits_while_the_replica_stands_still(primary: &Server, standby: &Server) {
    primary.sql("app", "INSERT INTO t SELECT generate_series(1, 30)");
    let project = TestProject::new(PROGRAM, &primary.url_as("postgres", "app"));
    project.revision(
        "a1",
        "none",
        "-- aludel: batch\n-- aludel: pause = 50ms\n-- aludel: replica_lag = 500ms\n\
         UPDATE t SET done = true WHERE id IN (SELECT id FROM t WHERE NOT done LIMIT 1);",
        "",
    );
    standby.sql("app", "SELECT pg_wal_replay_pause()");
    let child = project.spawn(&["upgrade", "head"]);
    std::thread::sleep(Duration::from_secs(4));
    let left = primary.sql("app", "SELECT count(*) FROM t WHERE NOT done");
    assert_ne!(left.trim(), "0", "the batch did not wait");
    standby.sql("app", "SELECT pg_wal_replay_resume()");
    TestProject::outcome(child).exits(0).says("waiting for a replica that is").stdout.clear();
    assert_eq!(primary.sql("app", "SELECT count(*) FROM t WHERE NOT done").trim(), "0");
}

fn a_standby_is_read_and_not_written(primary: &Server, standby: &Server) {
    let project = TestProject::new(PROGRAM, &standby.url_as("postgres", "app"));
    project.models(
        "#[derive(Table)]\n#[table(name = \"t\")]\npub struct T {\n    #[column(primary_key)]\n    \
         pub id: i32,\n    #[column(default = \"not true\")]\n    pub done: bool,\n}\n",
    );
    project.revision("a1", "none", "", "");
    let here = primary.sql("app", "SELECT pg_current_wal_insert_lsn()");
    let caught_up = format!("SELECT pg_last_wal_replay_lsn() >= '{}'", here.trim());
    while standby.sql("app", &caught_up).trim() != "t" {
        std::thread::sleep(Duration::from_millis(30));
    }
    assert!(project.run("current").ok().contains("a1"));
    assert!(project.run("status").ok().contains("a1"));
    project.run("upgrade head").ok();
    let checked = project.run("check");
    assert!(checked.stderr.contains("done"), "{}{}", checked.stdout, checked.stderr);
    assert!(!checked.stderr.contains("error"), "{}", checked.stderr);
    project.revision("b1", "a1", "CREATE TABLE u (x int);", "");
    let refused = project.run("upgrade head").exits(1);
    refused.says("read-only").says("connect to the primary").stdout.clear();
    let refused = project.run("stamp b1").exits(1);
    refused.says("this server is a standby").says("connect to the primary").stdout.clear();
    let other = standby.url_as("postgres", "other");
    let refused = project.run(&format!("setup --database-url {other}")).exits(1);
    refused.says("help: connect to the primary").stdout.clear();
    let found = project.run("doctor").exits(1).stdout;
    for words in [
        "!! writable          no: it is a standby",
        "!! may create tables no",
        "!! may ask           no: the server is read-only",
        "ok session           its own: no pooler",
    ] {
        assert!(found.contains(words), "{words}: {found}");
    }
}
