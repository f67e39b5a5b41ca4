use std::io::Read as _;
use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;
use aludel_driver::{ConnectCause, Connection, DatabaseUrl, DriverError, OpenMode, StatementError};
use aludel_runtime::explained_error;

use crate::databases::dialect_of;
use crate::error::Error;
use crate::project::Project;
use crate::server::{is_missing, maintenance};

/// The suffixes of the files that belong to a SQLite database: its journals and the lock of a
/// runner.
const BESIDE: [&str; 5] = ["", "-journal", "-wal", "-shm", "-aludel"];

/// The first bytes of a SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Creates the database of a project, and returns false if it is there already. The folder of a SQLite
/// file is made with it.
///
/// # Errors
///
/// Fails if there is no valid URL, if the server can't be reached, if it refuses to create the
/// database, or if a file may not or can't be created.
pub async fn create_database(project: &Project) -> Result<bool, Error> {
    let url = project.migration_url()?;
    if let Some(path) = url.sqlite_file() {
        let is_new = !path.exists();
        if is_new {
            may_manage(&url)?;
            let folder = path.parent().unwrap_or(path);
            std::fs::create_dir_all(folder).map_err(failed("can't make the folder", folder))?;
        }
        Connection::open(&url, OpenMode::Write).await?;
        return Ok(is_new);
    }
    // Without a name a connection takes a database that may be there for something else.
    let name = dialect_of(&url).quote(&database_name(&url)?);
    match Connection::open(&url, OpenMode::Read).await {
        Ok(_) => return Ok(false),
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(error.into()),
    }
    let server = maintenance(&url).await?;
    match server.run(&format!("CREATE DATABASE {name}")).await {
        Ok(_) => Ok(true),
        Err(error) if has_code(&error, "42P04") => Ok(false),
        Err(error) => Err(explained_error(&server, error).await.into()),
    }
}

/// Drops the database of a project with all that is in it, and returns false if there is none. With
/// `force`, sessions that are connected to it are ended, and a SQLite file is removed although another
/// program uses it.
///
/// # Errors
///
/// Fails if there is no valid URL, if the server can't be reached, if it refuses to drop the
/// database, if a file is no SQLite database or is in use, or if a file may not or can't be removed.
pub async fn drop_database(project: &Project, force: bool) -> Result<bool, Error> {
    let url = project.migration_url()?;
    if let Some(path) = url.sqlite_file() {
        return remove_files(path, &url, force).await;
    }
    let name = dialect_of(&url).quote(&database_name(&url)?);
    if let Err(error) = Connection::open(&url, OpenMode::Read).await {
        return if is_missing(&error) { Ok(false) } else { Err(error.into()) };
    }
    let server = maintenance(&url).await?;
    let force = if force { " WITH (FORCE)" } else { "" };
    match server.run(&format!("DROP DATABASE {name}{force}")).await {
        Ok(_) => Ok(true),
        Err(DriverError::Statement(error)) if error.code == "55006" => {
            let detail = sessions(&server, dialect_of(&url), &database_name(&url)?)
                .await?
                .or(error.detail.clone());
            Err(DriverError::Statement(Box::new(StatementError { detail, ..*error })).into())
        }
        Err(error) => Err(explained_error(&server, error).await.into()),
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

/// Removes the files of a SQLite database, and returns false if it is not there. What stands beside a
/// missing one may be anybody's, and stays.
async fn remove_files(path: &Path, url: &DatabaseUrl, force: bool) -> Result<bool, Error> {
    if !path.exists() {
        return Ok(false);
    }
    may_manage(url)?;
    if !is_sqlite(path).map_err(failed("can't read", path))? {
        return Err(Error::NotSqlite { path: path.to_owned() });
    }
    // Behind a symbolic link, the files of the database stand beside what it leads to.
    let target = path.canonicalize().map_err(failed("can't read", path))?;
    let held = if force { None } else { Some(alone(&target, url).await?) };
    // Windows removes no open file.
    let _held = held.filter(|_| !cfg!(windows));
    for suffix in BESIDE {
        let mut file = target.as_os_str().to_owned();
        file.push(suffix);
        let file = PathBuf::from(file);
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("can't remove", &file)(error)),
        }
    }
    Ok(true)
}

/// Returns a connection that has the file for itself.
async fn alone(path: &Path, url: &DatabaseUrl) -> Result<Connection<'static>, Error> {
    let in_use = |error: DriverError| {
        let reason = match &error {
            DriverError::Connect(failed) if failed.cause == ConnectCause::Locked => {
                failed.reason.clone()
            }
            DriverError::Statement(failed) if failed.code == "SQLITE_BUSY" => {
                failed.detail.as_ref().unwrap_or(&failed.message).clone()
            }
            _ => return Error::from(error),
        };
        Error::FileInUse { path: path.to_owned(), reason }
    };
    let connection = Connection::open(url, OpenMode::Read).await.map_err(in_use)?;
    connection.query("PRAGMA query_only = off").await?;
    // With a write-ahead log only the last connection may leave that mode.
    connection.query("PRAGMA journal_mode = delete").await.map_err(in_use)?;
    connection.run("BEGIN EXCLUSIVE").await.map_err(in_use)?;
    Ok(connection)
}

/// Checks that the URL permits to create and to remove its file.
fn may_manage(url: &DatabaseUrl) -> Result<(), Error> {
    if url.may_create() { Ok(()) } else { Err(Error::FileStays { database: url.to_string() }) }
}

/// Returns true for a file that begins as every SQLite database does, and for an empty one, which is a
/// database without tables.
fn is_sqlite(path: &Path) -> std::io::Result<bool> {
    // Something else than a file, such as a pipe, might never end.
    if !std::fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut begin = Vec::new();
    let most = u64::try_from(MAGIC.len()).unwrap_or(u64::MAX);
    std::fs::File::open(path)?.take(most).read_to_end(&mut begin)?;
    Ok(begin.is_empty() || begin == MAGIC)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}
