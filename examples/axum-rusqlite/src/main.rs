//! The application: it migrates its database, and serves.

use axum_rusqlite::{MIGRATOR, app};
use rusqlite::Connection;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:books.db".to_owned());
    let mut connection = Connection::open(url.trim_start_matches("sqlite:"))?;
    for revision in MIGRATOR.upgrade(&mut connection, "head").await? {
        println!("applied {revision}");
    }
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app(connection)).await?;
    Ok(())
}
