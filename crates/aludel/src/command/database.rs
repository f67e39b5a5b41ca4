use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;
use aludel_driver::{Connection, DatabaseUrl, DriverError, OpenMode, StatementError};

use crate::databases::dialect_of;
use crate::error::Error;
use crate::project::Project;
use crate::server::{is_missing, maintenance};

/// The suffixes of the files that belong to a SQLite database: its journals and the lock of a
/// runner.
const BESIDE: [&str; 5] = ["", "-journal", "-wal", "-shm", "-aludel"];

/// Creates the database of a project, and returns false if it is there already.
///
/// # Errors
///
/// Fails if there is no valid URL, if the server can't be reached, or if it refuses to create the
/// database.
pub async fn create_database(project: &Project) -> Result<bool, Error> {
    let url = project.migration_url()?;
    if let Some(path) = url.sqlite_file() {
        let is_new = !path.exists();
        Connection::open(&url, OpenMode::Write).await?;
        return Ok(is_new);
    }
    match Connection::open(&url, OpenMode::Read).await {
        Ok(_) => return Ok(false),
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(error.into()),
    }
    let server = maintenance(&url).await?;
    let name = dialect_of(&url).quote(&database_name(&url)?);
    match server.run(&format!("CREATE DATABASE {name}")).await {
        Ok(_) => Ok(true),
        Err(error) if has_code(&error, "42P04") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Drops the database of a project with all that is in it, and returns false if there is none. With
/// `force`, sessions that are connected to it are ended.
///
/// # Errors
///
/// Fails if there is no valid URL, if the server can't be reached, if it refuses to drop the
/// database, or if a file can't be removed.
pub async fn drop_database(project: &Project, force: bool) -> Result<bool, Error> {
    let url = project.migration_url()?;
    if let Some(path) = url.sqlite_file() {
        return remove_files(path);
    }
    if let Err(error) = Connection::open(&url, OpenMode::Read).await {
        return if is_missing(&error) { Ok(false) } else { Err(error.into()) };
    }
    let server = maintenance(&url).await?;
    let name = dialect_of(&url).quote(&database_name(&url)?);
    let force = if force { " WITH (FORCE)" } else { "" };
    match server.run(&format!("DROP DATABASE {name}{force}")).await {
        Ok(_) => Ok(true),
        Err(DriverError::Statement(error)) if error.code == "55006" => {
            let detail = sessions(&server, dialect_of(&url), &database_name(&url)?)
                .await?
                .or(error.detail.clone());
            Err(DriverError::Statement(Box::new(StatementError { detail, ..*error })).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Names the sessions that are connected to a database; `None` if there are none any more.
async fn sessions(
    server: &Connection<'_>,
    dialect: Dialect,
    name: &str,
) -> Result<Option<String>, DriverError> {
    let query = format!(
        "SELECT pg_catalog.string_agg(pg_catalog.concat_ws(', ', 'process ' || pid, \
         'role ' || usename, nullif(application_name, ''), host(client_addr)), '; ' ORDER BY pid) AS sessions \
         FROM pg_catalog.pg_stat_activity WHERE datname = {} AND backend_type = 'client backend'",
        dialect.literal(name)
    );
    let rows = server.query(&query).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(row.optional("sessions")?.map(|sessions| format!("connected to it: {sessions}")))
}

fn database_name(url: &DatabaseUrl) -> Result<String, Error> {
    url.database().map(str::to_owned).ok_or(Error::NoDatabaseName)
}

fn has_code(error: &DriverError, code: &str) -> bool {
    error.statement().is_some_and(|error| error.code == code)
}

fn remove_files(path: &Path) -> Result<bool, Error> {
    let is_there = path.exists();
    for suffix in BESIDE {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let file = PathBuf::from(file);
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(Error::Io { action: "can't remove", path: file, source });
            }
        }
    }
    Ok(is_there)
}
