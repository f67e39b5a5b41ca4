//! Lost connections: what is known of the outcome is told, and no more.

use aludel_testkit::{Moment, Proxy, TestProject, server};

use super::Place;
use crate::PROGRAM;

/// A trigger that makes COMMIT take a while.
const SLOW_COMMIT: &str = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$; CREATE TABLE old (x int); \
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON old DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();";

fn behind_proxy(place: &Place) -> (Proxy, TestProject) {
    let proxy = Proxy::start(&server().socket());
    let project = TestProject::new(PROGRAM, &proxy.url(&place.database.name));
    project.revision("a1", "none", "CREATE TABLE t (x int);\nINSERT INTO old VALUES (1);", "");
    (proxy, project)
}

#[test]
fn a_loss_before_commit_is_a_rollback() {
    for moment in [Moment::Before, Moment::After] {
        let place = Place::new();
        place.sql(SLOW_COMMIT);
        let (proxy, project) = behind_proxy(&place);
        proxy.lose(moment, |_, sql| sql.contains("CREATE TABLE t"));
        let lost = project.run("upgrade head").exits(1);
        lost.says("the connection was lost").says("rolls the revision back").stdout.clear();
        if moment == Moment::After {
            // The server has not noticed yet.
            place.end_sessions();
        }
        place.until("NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'aludel')");
        assert_eq!(place.sql("SELECT to_regclass('t') IS NULL"), "t");
        project.run("upgrade head").ok();
    }
}

#[test]
fn a_loss_of_the_answer_to_commit_is_looked_up() {
    let place = Place::new();
    place.sql(SLOW_COMMIT);
    let (proxy, project) = behind_proxy(&place);
    proxy.lose(Moment::After, |_, sql| sql.starts_with("COMMIT;"));
    let lost = project.run("upgrade head").exits(1);
    lost.says("the revision is committed, as another connection has seen").stdout.clear();
    assert_eq!(place.sql("SELECT version_num FROM aludel_version"), "a1");
    assert_eq!(project.run("upgrade head").exits(0).stdout, "");
}

#[test]
fn a_commit_that_did_not_arrive_is_looked_up() {
    let place = Place::new();
    place.sql(SLOW_COMMIT);
    let (proxy, project) = behind_proxy(&place);
    proxy.lose(Moment::Before, |_, sql| sql.starts_with("COMMIT;"));
    let lost = project.run("upgrade head").exits(1);
    lost.says("the server has rolled the revision back").stdout.clear();
    assert_eq!(place.sql("SELECT to_regclass('t') IS NULL"), "t");
    project.run("upgrade head").ok();
}

#[test]
fn a_backend_that_is_ended_loses_the_connection() {
    let place = Place::with("CREATE TABLE t (x int);\nSELECT pg_sleep(60);");
    let child = place.upgrade_until("pg_sleep");
    place.end_sessions();
    let lost = TestProject::outcome(child).exits(1);
    lost.says("terminating connection due to administrator command")
        .says("the server rolls the revision back")
        .stdout
        .clear();
}

#[test]
fn a_lone_statement_whose_connection_is_lost_has_no_known_outcome() {
    let place = Place::new();
    place.sql("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); END $$");
    let proxy = Proxy::start(&server().socket());
    let project = TestProject::new(PROGRAM, &proxy.url(&place.database.name));
    project.revision("a1", "none", "-- aludel: no-transaction\nCALL p();", "");
    proxy.lose(Moment::After, |_, sql| sql.starts_with("CALL"));
    let lost = project.run("upgrade head").exits(1);
    lost.says("whether the server completed the statement is not known").stdout.clear();
    place.end_sessions();
    project.run("upgrade head").exits(1).says("unknown").stdout.clear();
}
