//! An application whose tests have databases of their own.

/// Adds a note, and returns the number of notes.
///
/// # Errors
///
/// Fails if the database refuses the note.
pub async fn add(pool: &sqlx::PgPool, title: &str) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO notes (title) VALUES ($1)").bind(title).execute(pool).await?;
    sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(pool).await
}
