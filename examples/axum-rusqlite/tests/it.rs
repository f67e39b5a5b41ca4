//! Tests of the application. Each of them has a database of its own in a file.

use aludel::testing::TestDatabase;
use aludel_testkit::Application;
use axum_rusqlite::insert;
use axum_rusqlite::models::Book;
use rusqlite::Connection;

fn book(isbn: &str) -> Book {
    Book { isbn: isbn.to_owned(), title: "Emma".to_owned(), copies: 2 }
}

#[aludel::test(url = "sqlite:any.db")]
fn the_number_of_a_book_has_thirteen_digits(connection: Connection) -> rusqlite::Result<()> {
    insert(&connection, &book("9780141439587"))?;
    let refused = insert(&connection, &book("978")).unwrap_err();
    assert!(refused.to_string().contains("books_isbn_check"), "{refused}");
    Ok(())
}

#[aludel::test(url = "sqlite:any.db", migrations = false)]
fn the_program_migrates_its_database_and_serves(database: TestDatabase) {
    let program = env!("CARGO_BIN_EXE_axum-rusqlite");
    let instances = Application::start(program, database.url(), 1);
    assert_eq!(instances[0].said(), ["applied 751a191eefc7"]);
    assert_eq!(instances[0].ask("GET", "/ready", ""), "200 ready");
    let book = r#"{"isbn":"9780141439587","title":"Emma","copies":2}"#;
    assert_eq!(instances[0].ask("POST", "/books", book), "201 ");
    assert_eq!(instances[0].ask("GET", "/books", ""), format!("200 [{book}]"));
    drop(instances);
    // At head, nothing is left to apply.
    assert!(Application::start(program, database.url(), 1)[0].said().is_empty());
}
