//! The application, which migrates its database when it starts.

#![expect(clippy::print_stdout, reason = "this program prints what it did")]

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:own.db".to_owned());
    let applied = own_aludel::migrator().upgrade(&url, "head").await?;
    println!("applied: {}", applied.join(", "));
    // Here the application would serve.
    Ok(())
}
