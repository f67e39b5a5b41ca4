//! A project in a temporary folder, and runs of the program in it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Folder;

/// A folder with `aludel.toml`, models and revision files.
#[derive(Debug)]
pub struct TestProject {
    folder: Folder,
    program: PathBuf,
    url: String,
}

/// The result of a run of the program.
#[derive(Clone, Debug)]
#[must_use = "look at the output, or assert the exit code"]
pub struct Outcome {
    /// The exit code; -1 if a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// Asserts that the program succeeded, and returns its standard output.
    #[track_caller]
    pub fn ok(self) -> String {
        self.exits(0).stdout
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that standard error contains these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.stderr.contains(words),
            "expected {words:?} in\n{}{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

#[expect(clippy::panic, reason = "this is how a test fails")]
impl TestProject {
    /// Creates a project whose database is `url`. A relative SQLite path is in the project's
    /// folder.
    pub fn new(program: &str, url: &str) -> Self {
        let project =
            Self { folder: Folder::new("project"), program: program.into(), url: url.to_owned() };
        project.write("aludel.toml", "models = [\"models/**/*.rs\"]\nrevisions = \"versions\"\n");
        project
    }

    /// Returns the project's folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file in the project's folder.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        let parent = path.parent().unwrap_or(self.path()).to_owned();
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .unwrap_or_else(|error| panic!("can't write {}: {error}", path.display()));
    }

    /// Writes a revision file with two sections. `down` is the value of `down_revision`, and may go
    /// on with other header lines.
    pub fn revision(&self, id: &str, down: &str, upgrade: &str, downgrade: &str) {
        let text = format!(
            "-- {id}\n--\n-- revision: {id}\n-- down_revision: {down}\n\n-- aludel: upgrade\n{upgrade}\n\n\
             -- aludel: downgrade\n{downgrade}\n"
        );
        self.write(&format!("versions/{id}.sql"), &text);
    }

    /// Reads a file in the project's folder.
    pub fn read(&self, name: &str) -> String {
        let path = self.path().join(name);
        fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("can't read {}: {error}", path.display()))
    }

    /// Writes the models.
    pub fn models(&self, source: &str) {
        self.write("models/models.rs", source);
    }

    /// Returns the names of the revision files, sorted.
    pub fn revisions(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path().join("versions")) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Returns the command for a run of the program.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(self.path())
            .env("DATABASE_URL", &self.url)
            .env("USER", "tester")
            .env("NO_COLOR", "1")
            .args(arguments);
        command
    }

    /// Runs the program with arguments that are separated by white space.
    pub fn run(&self, arguments: &str) -> Outcome {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        self.run_words(&words)
    }

    /// Runs the program with these arguments.
    pub fn run_words(&self, arguments: &[&str]) -> Outcome {
        Self::outcome(self.spawn(arguments))
    }

    /// Sends a signal to a running program, such as `INT`.
    pub fn signal(child: &Child, signal: &str) {
        let pid = child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "can't send {signal} to {pid}");
    }

    /// Waits for the end of a program that was started with [`spawn`](Self::spawn).
    pub fn outcome(child: Child) -> Outcome {
        let output = child.wait_with_output();
        let output = output.unwrap_or_else(|error| panic!("can't wait: {error}"));
        Outcome {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts the program without waiting for its end.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("can't run {}: {error}", self.program.display()))
    }

    /// Runs the program in a terminal with this number of columns, and types an answer. Returns the
    /// exit code and what the terminal shows, with its control sequences.
    pub fn in_terminal(&self, columns: u16, arguments: &str, answer: &str) -> (i32, String) {
        let mut child = self.terminal(columns, arguments);
        if let Some(mut input) = child.stdin.take() {
            // A program that has ended reads no answer.
            let _ = input.write_all(answer.as_bytes());
        }
        let outcome = Self::outcome(child);
        (outcome.code, outcome.stdout)
    }

    /// Runs the program in a terminal, and types a key as soon as the terminal shows these words. Before
    /// them, the terminal would make a signal of Ctrl-C.
    pub fn types_at(&self, words: &str, arguments: &str, key: &str) -> (i32, String) {
        let mut child = self.terminal(80, arguments);
        // The input stays open: its end would be one more key.
        let mut input = child.stdin.take();
        let mut shown = Vec::new();
        let mut piece = [0; 1024];
        while let Some(output) = child.stdout.as_mut()
            && let Ok(length @ 1..) = output.read(&mut piece)
        {
            shown.extend_from_slice(&piece[..length]);
            let is_there = String::from_utf8_lossy(&shown).contains(words);
            if let Some(input) = input.as_mut().filter(|_| is_there) {
                // A program that has ended reads no key.
                let _ = input.write_all(key.as_bytes());
            }
            if is_there {
                break;
            }
        }
        let outcome = Self::outcome(child);
        (outcome.code, String::from_utf8_lossy(&shown).into_owned() + &outcome.stdout)
    }

    fn terminal(&self, columns: u16, arguments: &str) -> Child {
        let command = self.command(&[]);
        let line = format!("stty cols {columns} rows 24; {} {arguments}", self.program.display());
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(self.path()).env("TERM", "xterm");
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let started = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        started.unwrap_or_else(|error| panic!("can't run script: {error}"))
    }

    /// Runs `revision --autogenerate`, then `upgrade head`, then a `check` that must be clean.
    /// Returns the name of the new file.
    #[track_caller]
    pub fn migrate(&self, message: &str) -> String {
        let before = self.revisions();
        self.run_words(&["revision", "--autogenerate", "-m", message]).exits(0).ok();
        let new = self.revisions().into_iter().find(|name| !before.contains(name));
        let new = new.unwrap_or_else(|| panic!("{message}: no revision was written"));
        let outcome = self.run("upgrade head");
        assert_eq!(
            outcome.code,
            0,
            "\n{}\n{}",
            self.read(&format!("versions/{new}")),
            outcome.stderr
        );
        let check = self.run("check");
        assert_eq!(
            check.code,
            0,
            "\n{}\n{}{}",
            self.read(&format!("versions/{new}")),
            check.stdout,
            check.stderr
        );
        new
    }
}
