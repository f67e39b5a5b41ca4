//! The application: it migrates its database, and serves.

use diesel::r2d2::{ConnectionManager, Pool};
use diesel_visits::{MIGRATOR, app};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = Pool::new(ConnectionManager::new(std::env::var("DATABASE_URL")?))?;
    for revision in MIGRATOR.upgrade(&mut *pool.get()?, "head").await? {
        println!("applied {revision}");
    }
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app(pool)).await?;
    Ok(())
}
