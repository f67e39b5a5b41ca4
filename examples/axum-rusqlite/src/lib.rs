//! A library over HTTP, in a SQLite file that the application migrates itself.

pub mod models;

use std::sync::Arc;

use aludel::{Migrator, Table, embed};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use rusqlite::{Connection, Row};
use tokio::sync::Mutex;

use models::Book;

/// The revisions, which are in the program.
pub static MIGRATOR: Migrator = Migrator::new(embed!("migrations/versions"));

type Database = State<Arc<Mutex<Connection>>>;

/// Returns the routes of the application.
pub fn app(connection: Connection) -> Router {
    Router::new()
        .route("/ready", get(ready))
        .route("/books", get(books).post(add))
        .with_state(Arc::new(Mutex::new(connection)))
}

type Failure = (StatusCode, String);

fn unavailable(error: impl std::error::Error) -> Failure {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// Answers whether the database is at head, with one query.
async fn ready(State(connection): Database) -> Result<&'static str, Failure> {
    let mut connection = connection.lock().await;
    MIGRATOR.check_at_head(&mut *connection).await.map_err(unavailable)?;
    Ok("ready")
}

async fn books(State(connection): Database) -> Result<Json<Vec<Book>>, Failure> {
    all(&*connection.lock().await).map(Json).map_err(unavailable)
}

async fn add(State(connection): Database, Json(book): Json<Book>) -> Result<StatusCode, Failure> {
    insert(&*connection.lock().await, &book).map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

fn all(connection: &Connection) -> rusqlite::Result<Vec<Book>> {
    // The names of the table and its columns are those of the model.
    let query = format!("SELECT {} FROM {} ORDER BY title", Book::COLUMNS.join(", "), Book::TABLE);
    connection.prepare(&query)?.query_map([], book)?.collect()
}

fn book(row: &Row<'_>) -> rusqlite::Result<Book> {
    Ok(Book { isbn: row.get("isbn")?, title: row.get("title")?, copies: row.get("copies")? })
}

/// Adds a book.
///
/// # Errors
///
/// Fails if the database refuses the book.
pub fn insert(connection: &Connection, book: &Book) -> rusqlite::Result<usize> {
    let statement = "INSERT INTO books (isbn, title, copies) VALUES (?1, ?2, ?3)";
    connection.execute(statement, (&book.isbn, &book.title, book.copies))
}
