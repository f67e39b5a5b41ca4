//! The application: it migrates its database, and serves.

use axum_sqlx::{MIGRATOR, app};
use sqlx::PgPool;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    for revision in MIGRATOR.upgrade(&pool, "head").await? {
        println!("applied {revision}");
    }
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app(pool)).await?;
    Ok(())
}
