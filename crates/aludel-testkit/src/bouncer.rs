//! PgBouncer in front of a test server.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Folder;
use crate::server::{Server, UnprivilegedUser, free_port};

/// A running PgBouncer, which ends when the value is dropped.
#[derive(Debug)]
pub struct Bouncer {
    process: Child,
    port: u16,
    _folder: Folder,
}

#[expect(clippy::panic, reason = "this is how a test fails")]
impl Bouncer {
    /// Starts PgBouncer with a mode of pooling, `session` or `transaction`. Returns `None` if the
    /// program is not installed.
    pub fn start(server: &Server, mode: &str) -> Option<Self> {
        Self::start_with(server, mode, "")
    }

    /// Does the same with more lines for its configuration.
    pub fn start_with(server: &Server, mode: &str, lines: &str) -> Option<Self> {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
        let program = program.iter().map(Path::new).find(|path| path.exists())?;
        let folder = Folder::new("pgbouncer");
        let user = UnprivilegedUser::find(folder.path());
        let port = free_port();
        let ini = format!(
            "[databases]\n* = host={} port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n{lines}",
            server.folder().display(),
            server.port()
        );
        let path = folder.path().join("pgbouncer.ini");
        fs::write(&path, ini).unwrap_or_else(|error| panic!("can't write {path:?}: {error}"));
        let process = user
            .command(program)
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("can't start pgbouncer: {error}"));
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "pgbouncer did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { process, port, _folder: folder })
    }

    /// Returns the URL of a database behind the pooler.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}
