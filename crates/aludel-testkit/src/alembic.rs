//! The real Alembic, in a virtual environment for the tests.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::server::expect;
use crate::workspace;

/// The packages that are installed.
const PACKAGES: [&str; 2] = ["alembic==1.20.1", "psycopg[binary]"];

/// An installed Alembic.
#[derive(Debug)]
pub struct Alembic {
    python: PathBuf,
}

/// Returns Alembic, which the first call installs.
pub fn alembic() -> &'static Alembic {
    static ALEMBIC: OnceLock<Alembic> = OnceLock::new();
    ALEMBIC.get_or_init(Alembic::install)
}

#[expect(clippy::panic, reason = "CI must not pass without it")]
impl Alembic {
    fn install() -> Self {
        let target = workspace().join("target/aludel-alembic");
        let (python, done) = (target.join("venv/bin/python"), target.join("done"));
        let locked = fs::create_dir_all(&target)
            .and_then(|()| File::create(target.join("lock")))
            .and_then(|lock| lock.lock().map(|()| lock));
        let _lock =
            locked.unwrap_or_else(|error| panic!("can't make {}: {error}", target.display()));
        if fs::read_to_string(&done).ok().as_deref() != Some(&PACKAGES.join(" ")) {
            let mut venv = Command::new("python3");
            venv.args(["-m", "venv", "--clear"]).arg(target.join("venv"));
            if !crate::tool::provide(&mut venv, "python3-venv") {
                panic!(
                    "the tests compare with Alembic, and need python3 with venv and pip (Debian: apt-get install python3-venv)"
                );
            }
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            expect("pip install", Command::new(&python).args(pip).args(PACKAGES).output());
            fs::write(&done, PACKAGES.join(" "))
                .unwrap_or_else(|error| panic!("can't note it: {error}"));
        }
        Self { python }
    }

    /// Returns the Python in which it is installed.
    pub fn python(&self) -> &std::path::Path {
        &self.python
    }

    /// Returns the command `alembic`, ready to run.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.python);
        command.args(["-m", "alembic.config"]);
        command
    }

    /// Returns the answers of Alembic's revision map to questions about graphs. Input and output
    /// are lines of JSON, in the format of `alembic.py`.
    pub fn ask(&self, cases: &str) -> String {
        let mut python = Command::new(&self.python);
        python.args(["-c", include_str!("alembic.py")]);
        let spawned =
            python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("python can't run: {error}"));
        let mut stdin = child.stdin.take();
        let cases = cases.to_owned();
        let writer = std::thread::spawn(move || {
            stdin.as_mut().is_some_and(|stdin| stdin.write_all(cases.as_bytes()).is_ok())
        });
        let output = expect("alembic.py", child.wait_with_output());
        let _ = writer.join();
        output
    }
}
