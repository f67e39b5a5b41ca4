//! Visits of pages over HTTP, in a PostgreSQL that the application migrates itself.

pub mod models;

use aludel::{Migrator, embed};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use diesel::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use models::{NewVisit, Visit, visits};

/// The revisions, which are in the program.
pub static MIGRATOR: Migrator = Migrator::new(embed!("migrations/versions"));

/// The connections of the application.
pub type PgPool = Pool<ConnectionManager<PgConnection>>;

/// Returns the routes of the application.
pub fn app(pool: PgPool) -> Router {
    Router::new().route("/ready", get(ready)).route("/visits", get(all).post(add)).with_state(pool)
}

type Failure = (StatusCode, String);

fn unavailable(error: impl std::error::Error) -> Failure {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// Answers whether the database is at head, with one query.
async fn ready(State(pool): State<PgPool>) -> Result<&'static str, Failure> {
    on(pool, |connection| Handle::current().block_on(MIGRATOR.check_at_head(connection))).await?;
    Ok("ready")
}

async fn all(State(pool): State<PgPool>) -> Result<Json<Vec<Visit>>, Failure> {
    let query = visits::table.select(Visit::as_select()).order(visits::id);
    on(pool, move |connection| query.load(connection)).await.map(Json)
}

async fn add(
    State(pool): State<PgPool>,
    Json(new): Json<NewVisit>,
) -> Result<Json<Visit>, Failure> {
    on(pool, move |connection| insert(connection, &new)).await.map(Json)
}

/// Adds a visit.
///
/// # Errors
///
/// Fails if the database refuses the visit.
pub fn insert(connection: &mut PgConnection, new: &NewVisit) -> QueryResult<Visit> {
    diesel::insert_into(visits::table)
        .values(new)
        .returning(Visit::as_returning())
        .get_result(connection)
}

/// Works on a connection of the pool, on a thread that may block.
async fn on<T: Send + 'static, E: std::error::Error + Send + 'static>(
    pool: PgPool,
    work: impl FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
) -> Result<T, Failure> {
    let done = spawn_blocking(move || {
        let mut connection = pool.get().map_err(unavailable)?;
        work(&mut connection).map_err(unavailable)
    });
    done.await.map_err(unavailable)?
}
