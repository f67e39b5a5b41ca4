//! Tests of the application. `DATABASE_URL` says the server, on which each test has a database.

use aludel::testing::TestDatabase;
use aludel_testkit::Application;
use diesel::PgConnection;
use diesel_visits::insert;
use diesel_visits::models::NewVisit;

#[aludel::test]
fn a_page_is_a_path(mut connection: PgConnection) {
    let visit = insert(&mut connection, &NewVisit { page: "/home".to_owned() }).unwrap();
    assert_eq!((visit.id, visit.page.as_str()), (1, "/home"));
    let refused = insert(&mut connection, &NewVisit { page: "home".to_owned() }).unwrap_err();
    assert!(refused.to_string().contains("visits_page_check"), "{refused}");
}

#[aludel::test(migrations = false)]
fn the_program_migrates_its_database_and_serves(database: TestDatabase) {
    let program = env!("CARGO_BIN_EXE_diesel-visits");
    let instances = Application::start(program, database.url(), 1);
    assert_eq!(instances[0].said(), ["applied 19a0600e84a3"]);
    assert_eq!(instances[0].ask("GET", "/ready", ""), "200 ready");
    let visit = r#"{"id":1,"page":"/home"}"#;
    assert_eq!(instances[0].ask("POST", "/visits", r#"{"page":"/home"}"#), format!("200 {visit}"));
    assert_eq!(instances[0].ask("GET", "/visits", ""), format!("200 [{visit}]"));
}
