//! Tests of the application. `DATABASE_URL` says the server, on which each test has a database.

use aludel::testing::TestDatabase;
use aludel_testkit::Application;
use axum_sqlx::models::Note;
use sqlx::PgPool;

#[aludel::test]
async fn a_note_is_open_at_first(pool: PgPool) {
    let query = "INSERT INTO notes (title) VALUES ('write') RETURNING id, title, done";
    let note: Note = sqlx::query_as(query).fetch_one(&pool).await.unwrap();
    assert_eq!(note, Note { id: 1, title: "write".to_owned(), done: false });
}

#[aludel::test]
async fn a_note_has_a_title(pool: PgPool) {
    let refused = sqlx::query("INSERT INTO notes (title) VALUES ('')").execute(&pool).await;
    assert!(refused.unwrap_err().to_string().contains("notes_title_check"));
}

#[aludel::test(migrations = false)]
async fn sixteen_instances_start_at_once(database: TestDatabase, pool: PgPool) {
    let program = env!("CARGO_BIN_EXE_axum-sqlx");
    let instances = Application::start(program, database.url(), 16);
    // One of them migrates, and the others wait for it.
    let applied: Vec<&String> = instances.iter().flat_map(Application::said).collect();
    assert_eq!(applied, ["applied c3960f32b73b", "applied 5088f15f8f4b"]);
    for instance in &instances {
        assert_eq!(instance.ask("GET", "/ready", ""), "200 ready");
    }
    let note = r#"{"id":1,"title":"read","done":false}"#;
    assert_eq!(instances[3].ask("POST", "/notes", r#"{"title":"read"}"#), format!("200 {note}"));
    assert_eq!(instances[12].ask("GET", "/notes", ""), format!("200 [{note}]"));

    sqlx::query("DELETE FROM aludel_version").execute(&pool).await.unwrap();
    let answer = instances[5].ask("GET", "/ready", "");
    assert!(answer.starts_with("503 the database is not up to date"), "{answer}");
}
