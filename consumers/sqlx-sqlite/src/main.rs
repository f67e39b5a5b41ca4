//! An application that carries migrations; see `cargo xtask consumers`.

static MIGRATOR: aludel::Migrator = aludel::Migrator::new(aludel::embed!("../migrations"));

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL")?;
    let applied = aludel::block_on(MIGRATOR.upgrade(&url, "head"))??;
    println!("{} applied", applied.len());
    Ok(())
}
