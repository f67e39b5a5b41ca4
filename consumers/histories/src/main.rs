//! Applies the migrations of a folder by the tool itself: `histories sqlx|diesel|refinery FOLDER URL`.
use std::path::Path;

use diesel::Connection as _;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [tool, folder, url] = args.as_slice() else { return Err("TOOL FOLDER URL".into()) };
    match tool.as_str() {
        "sqlx" => {
            let pool = sqlx::PgPool::connect(url).await?;
            let migrator = sqlx::migrate::Migrator::new(Path::new(folder)).await?;
            migrator.run(&pool).await?;
        }
        "diesel" => {
            let mut connection = diesel::PgConnection::establish(url)?;
            let migrations = FileBasedMigrations::from_path(folder)?;
            connection.run_pending_migrations(migrations)?;
        }
        "refinery" => {
            let migrations = refinery::load_sql_migrations(Path::new(folder))?;
            let (mut client, connection) =
                tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            refinery::Runner::new(&migrations).run_async(&mut client).await?;
        }
        other => return Err(format!("no tool {other}").into()),
    }
    Ok(())
}
