//! Notes over HTTP, in a PostgreSQL that the application migrates itself.

pub mod models;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use sqlx::PgPool;

use models::Note;

/// The revisions, which are in the program.
pub static MIGRATOR: aludel::Migrator =
    aludel::Migrator::new(aludel::embed!("migrations/versions"));

/// Returns the routes of the application.
pub fn app(pool: PgPool) -> Router {
    Router::new().route("/ready", get(ready)).route("/notes", get(notes).post(add)).with_state(pool)
}

type Failure = (StatusCode, String);

fn unavailable(error: impl std::error::Error) -> Failure {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// Answers whether the database is at head, with one query.
async fn ready(State(pool): State<PgPool>) -> Result<&'static str, Failure> {
    MIGRATOR.check_at_head(&pool).await.map_err(unavailable)?;
    Ok("ready")
}

async fn notes(State(pool): State<PgPool>) -> Result<Json<Vec<Note>>, Failure> {
    let notes = sqlx::query_as("SELECT id, title, done FROM notes ORDER BY id");
    notes.fetch_all(&pool).await.map(Json).map_err(unavailable)
}

#[derive(Deserialize)]
struct NewNote {
    title: String,
}

async fn add(State(pool): State<PgPool>, Json(new): Json<NewNote>) -> Result<Json<Note>, Failure> {
    let note = sqlx::query_as("INSERT INTO notes (title) VALUES ($1) RETURNING id, title, done");
    note.bind(new.title).fetch_one(&pool).await.map(Json).map_err(unavailable)
}
