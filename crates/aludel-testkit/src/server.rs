//! A temporary PostgreSQL server.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::{Folder, workspace};

/// The version that is fetched if the environment names no other one.
const VERSION: &str = "18";

/// The port of a server that only its socket is reached by.
const PORT: u16 = 5432;

/// A role that has to give a password, unlike `postgres`.
const GUARDED: &str = "guarded";

/// A script that ends the server and removes its folder when the test process is gone, however it
/// ended: the read fails as soon as no process holds the other end of the pipe.
const WATCHDOG: &str = r#"
"$@" > "$ALUDEL_FOLDER/log" 2>&1 &
server=$!
read -r _
kill -QUIT $server
wait $server
rm -rf "$ALUDEL_FOLDER"
"#;

/// Empties a database, and returns how many objects outside of schemas are left.
const CLEAR: &str = "
SET client_min_messages = error;
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
    LOOP EXECUTE statement; END LOOP;
    FOR statement IN
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP EXECUTE statement; END LOOP;
END $$;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS 'standard public schema';
SELECT count(*) FROM (
    SELECT oid FROM pg_cast UNION ALL SELECT oid FROM pg_event_trigger UNION ALL
    SELECT oid FROM pg_publication UNION ALL SELECT oid FROM pg_foreign_data_wrapper UNION ALL
    SELECT oid FROM pg_language UNION ALL SELECT oid FROM pg_default_acl UNION ALL
    SELECT oid FROM pg_am UNION ALL SELECT oid FROM pg_largeobject_metadata UNION ALL
    SELECT oid FROM pg_transform UNION ALL
    SELECT 16384 FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) UNION ALL
    SELECT 16384 FROM pg_db_role_setting
) AS others WHERE oid >= 16384;
";

/// The settings of every server. Its files need not outlive the machine.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "autovacuum=off",
    "max_locks_per_transaction=1024",
];

/// What the server of one test has beyond that of all the others.
#[derive(Debug, Default)]
pub struct ServerOptions<'a> {
    /// Settings, which `ALTER SYSTEM` can change.
    pub settings: &'a [(&'a str, &'a str)],
    /// Lines of `pg_hba.conf` before those of all servers.
    pub access: &'a str,
    /// Files in the data folder that nobody else can read, with their contents.
    pub files: &'a [(&'a str, &'a str)],
    /// True if the server listens on 127.0.0.1, at a free port.
    pub listens: bool,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    port: u16,
    binaries: PathBuf,
    _watchdog: Child,
    /// Names of databases that were used and are empty again.
    cleared: Mutex<Vec<String>>,
    version: OnceLock<u32>,
}

/// Returns the server of this test binary, which the first call starts.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::with(&ServerOptions::default()))
}

#[expect(clippy::panic, reason = "CI must not pass without a server")]
impl Server {
    /// Starts another server, which ends when the value is dropped.
    pub fn with(options: &ServerOptions<'_>) -> Self {
        let binaries = binaries();
        let folder = Folder::new("pg");
        let path = folder.path().to_owned();
        // The watchdog removes the folder.
        std::mem::forget(folder);
        let user = UnprivilegedUser::find(&path);
        let data = path.join("data");
        let mut initdb = user.command(&binaries.join("initdb"));
        initdb
            .args(["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data);
        expect("initdb", initdb.output());
        let access = options.access;
        let hba = format!(
            "{access}\nlocal all {GUARDED} scram-sha-256\nlocal all all trust\nlocal replication all trust\n"
        );
        fs::write(data.join("pg_hba.conf"), hba)
            .unwrap_or_else(|error| panic!("can't write pg_hba.conf: {error}"));
        let setting = |(name, value): &(&str, &str)| format!("{name} = '{value}'\n");
        let settings: String = options.settings.iter().map(setting).collect();
        fs::write(data.join("postgresql.auto.conf"), settings)
            .unwrap_or_else(|error| panic!("can't write postgresql.auto.conf: {error}"));
        for (name, contents) in options.files {
            user.write(&data.join(name), contents);
        }
        let port = if options.listens { free_port() } else { PORT };
        let server = Self::start(binaries, path, port, options.listens, &user);
        server.sql("postgres", &format!("CREATE ROLE {GUARDED} LOGIN PASSWORD 'right'"));
        server
    }

    /// Starts a standby of this server, which ends when the value is dropped.
    pub fn standby(&self) -> Self {
        let folder = Folder::new("standby");
        let path = folder.path().to_owned();
        // The watchdog removes the folder.
        std::mem::forget(folder);
        let user = UnprivilegedUser::find(&path);
        let mut backup = user.command(&self.binaries.join("pg_basebackup"));
        backup.args(["-U", "postgres", "-X", "stream", "-c", "fast", "--no-sync", "-h"]);
        backup.arg(&self.folder).args(["-p", &self.port.to_string(), "-D"]).arg(path.join("data"));
        expect("pg_basebackup", backup.output());
        // The option -R writes what only a libpq of the same version understands.
        let primary = format!("host={} port={} user=postgres", self.folder.display(), self.port);
        user.write(
            &path.join("data/postgresql.auto.conf"),
            &format!("primary_conninfo = '{primary}'\n"),
        );
        user.write(&path.join("data/standby.signal"), "");
        Self::start(self.binaries.clone(), path, PORT, false, &user)
    }

    /// Starts a server on the folder `data` in `path`.
    fn start(
        binaries: PathBuf,
        path: PathBuf,
        port: u16,
        listens: bool,
        user: &UnprivilegedUser,
    ) -> Self {
        let data = path.join("data");
        let mut postgres = user.command(&binaries.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(&path).args(["-F", "-p", &port.to_string()]);
        postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        if listens {
            postgres.args(["-c", "listen_addresses=127.0.0.1"]);
        }
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "sh"])
            .arg(postgres.get_program())
            .args(postgres.get_args())
            .env("ALUDEL_FOLDER", &path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("can't start sh: {error}"));
        let cleared = Mutex::default();
        let version = OnceLock::new();
        let server = Self { folder: path, port, binaries, _watchdog: watchdog, cleared, version };
        server.wait();
        server
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = self.psql("postgres").args(["-c", "SELECT 1"]).output();
            if answer.is_ok_and(|output| output.status.success()) {
                return;
            }
            if Instant::now() > end {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                panic!("PostgreSQL did not start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Returns a client program of the server's own version, which connects through the
    /// environment.
    pub fn tool(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        command.env("PGHOST", &self.folder).env("PGPORT", self.port.to_string());
        command.env("PGUSER", "postgres").env_remove("PGDATABASE");
        command
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = self.tool("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]);
        command
    }

    /// Returns the URL of a database for a role.
    pub fn url_as(&self, user: &str, database: &str) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        let port = if self.port == PORT { String::new() } else { format!(":{}", self.port) };
        format!("postgresql://{user}@{host}{port}/{database}")
    }

    /// Returns the folder of the server's socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the path of the server's socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{}", self.port))
    }

    /// Returns the port of the server.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL and returns the output of `psql`.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let file = Folder::new("sql");
        let path = file.path().join("in.sql");
        fs::write(&path, sql)
            .unwrap_or_else(|error| panic!("can't write {}: {error}", path.display()));
        self.script(database, &path)
    }

    /// Runs a file of SQL and returns the output of `psql`.
    pub fn script(&self, database: &str, path: &Path) -> String {
        expect("psql", self.psql(database).arg("-f").arg(path).output())
    }

    /// Runs SQL and returns the output of `psql`, or else what the server says.
    ///
    /// # Errors
    ///
    /// Fails at the first statement that the server refuses.
    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let file = Folder::new("sql");
        let path = file.path().join("in.sql");
        fs::write(&path, sql)
            .map_err(|error| format!("can't write {}: {error}", path.display()))?;
        let output = self.psql(database).arg("-f").arg(path).output();
        let output = output.map_err(|error| format!("psql can't run: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Returns the major version of the server.
    pub fn version(&self) -> u32 {
        *self.version.get_or_init(|| {
            let number = self.sql("postgres", "SHOW server_version_num");
            number.trim().parse::<u32>().map_or(0, |number| number / 10_000)
        })
    }

    /// Runs a file of SQL and ignores the statements that fail.
    pub fn try_script(&self, database: &str, path: &Path) {
        let mut psql = self.tool("psql");
        let _ = psql.args(["-X", "-q", "-d", database, "-f"]).arg(path).output();
    }

    /// Creates a new, empty database.
    pub fn database(&'static self) -> TestDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        expect(
            "createdb",
            self.psql("postgres").args(["-c", &format!("CREATE DATABASE {name}")]).output(),
        );
        TestDatabase { server: self, name, again: false }
    }

    /// Returns an empty database that may have been used before, because clearing one takes a
    /// fraction of the time of creating one.
    pub fn cleared_database(&'static self) -> TestDatabase {
        let name = self.cleared.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match name {
            Some(name) => TestDatabase { server: self, name, again: true },
            None => {
                let mut database = self.database();
                database.again = true;
                database
            }
        }
    }
}

/// A database that is removed when this value is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    server: &'static Server,
    /// The name of the database.
    pub name: String,
    /// True if the database is cleared for another test instead of dropped.
    again: bool,
}

impl TestDatabase {
    /// Returns the URL of the database.
    pub fn url(&self) -> String {
        self.server.url_as("postgres", &self.name)
    }

    /// Runs SQL and returns the output of `psql`.
    pub fn sql(&self, sql: &str) -> String {
        self.server.sql(&self.name, sql)
    }

    /// Returns the server of the database.
    pub fn server(&self) -> &'static Server {
        self.server
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let left = |sql| self.server.try_sql(&self.name, sql).ok();
        // Before PostgreSQL 15, a dump tells a schema `public` that was made again from the first one.
        let can_be_cleared = self.again && self.server.version() >= 15;
        if can_be_cleared && left(CLEAR).is_some_and(|count| count.trim() == "0") {
            let mut cleared = self.server.cleared.lock().unwrap_or_else(PoisonError::into_inner);
            cleared.push(std::mem::take(&mut self.name));
            return;
        }
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = self.server.psql("postgres").args(["-c", &drop]).output();
    }
}

/// The way to run `initdb` and `postgres`, which refuse to run as root.
pub(crate) enum UnprivilegedUser {
    Own,
    UserNamespace,
    Setpriv,
}

impl UnprivilegedUser {
    #[expect(clippy::panic, reason = "a server is needed, and this is how to get one")]
    pub(crate) fn find(folder: &Path) -> Self {
        let works =
            |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n");
        if !is_root {
            return Self::Own;
        }
        if works(Self::UserNamespace.command(Path::new("true")).stdin(Stdio::null())) {
            return Self::UserNamespace;
        }
        if works(Command::new("chown").arg("65534:65534").arg(folder))
            && works(Self::Setpriv.command(Path::new("true")).stdin(Stdio::null()))
        {
            return Self::Setpriv;
        }
        panic!(
            "PostgreSQL does not run as root, and neither unshare nor setpriv works here: run the tests as another user"
        );
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        let (wrapper, arguments): (&str, &[&str]) = match self {
            Self::Own => return Command::new(program),
            Self::UserNamespace => {
                ("unshare", &["--user", "--map-user=65534", "--map-group=65534"])
            }
            Self::Setpriv => ("setpriv", &["--reuid=65534", "--regid=65534", "--clear-groups"]),
        };
        let mut command = Command::new(wrapper);
        command.args(arguments).arg(program);
        command
    }

    /// Writes a file that only the server can read.
    fn write(&self, path: &Path, contents: &str) {
        let mut command = self.command(Path::new("sh"));
        command.args(["-c", "umask 077; printf %s \"$1\" > \"$2\"", "sh", contents]).arg(path);
        expect("sh", command.output());
    }
}

/// Returns a port that nobody listens on.
#[expect(clippy::panic, reason = "a server is needed, and it needs a port")]
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address.unwrap_or_else(|error| panic!("no port is free: {error}")).port()
}

/// Returns the folder of `postgres`: the one in the environment, or a fetched one.
#[expect(clippy::panic, reason = "CI must not pass without a server")]
fn binaries() -> PathBuf {
    if let Some(folder) = std::env::var_os("ALUDEL_TEST_POSTGRES") {
        let folder = PathBuf::from(folder);
        if folder.join("postgres").exists() {
            return folder;
        }
        panic!("ALUDEL_TEST_POSTGRES is {}, and there is no `postgres` in it", folder.display());
    }
    let version =
        std::env::var("ALUDEL_TEST_POSTGRES_VERSION").unwrap_or_else(|_| VERSION.to_owned());
    let target = workspace().join("target/aludel-postgres");
    let folder = target.join(&version);
    // Several test binaries may fetch it at once.
    fs::create_dir_all(&target)
        .unwrap_or_else(|error| panic!("can't make {}: {error}", target.display()));
    let lock =
        File::create(target.join("lock")).unwrap_or_else(|error| panic!("can't lock: {error}"));
    lock.lock().unwrap_or_else(|error| panic!("can't lock: {error}"));
    if !folder.join("bin/postgres").exists() {
        let script = workspace().join("tools/get-postgres.sh");
        let got = Command::new("bash").arg(&script).arg(&version).arg(&folder).output();
        match got {
            Ok(output) if output.status.success() => {}
            Ok(output) => panic!(
                "the tests need PostgreSQL, and it could not be fetched:\n{}\nname a folder with its programs in ALUDEL_TEST_POSTGRES",
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => {
                panic!("the tests need PostgreSQL, and {} can't run: {error}", script.display())
            }
        }
    }
    folder.join("bin")
}

/// Returns the standard output of a command that has to succeed.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub(crate) fn expect(what: &str, output: std::io::Result<Output>) -> String {
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).into_owned()
        }
        Ok(output) => panic!(
            "{what} failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!("{what} can't run: {error}"),
    }
}
