//! Measurements against the budgets. Each one is compared with its floor in the same run, because
//! machines differ and are noisy. A figure is the minimum of several runs, in which both sides
//! alternate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use aludel_testkit::{Folder, TestDatabase, server};

use crate::shapes::{self, Shape};
use crate::{build, floor, memory};

/// The number of runs of each side.
const RUNS: usize = 7;

/// Runs all measurements, or the one that is named, and prints the results.
pub(crate) fn bench(root: &Path, only: Option<&str>) -> Result<(), String> {
    let wanted = |name: &str| only.is_none_or(|only| only == name);
    let program = build("aludel-cli", &["--release"])?.join("aludel");
    let reader = build("aludel-models", &["--release", "--example", "read"])?.join("examples/read");
    let bench = Bench { program, reader, root: root.to_owned() };
    println!(
        "{:<58} {:>10} {:>10} {:>7}  budget",
        "what (least of {RUNS} runs)".replace("{RUNS}", &RUNS.to_string()),
        "ours",
        "floor",
        "ratio"
    );
    let parts: [(&str, &dyn Fn()); 8] = [
        ("start", &|| bench.start_up()),
        ("heads", &|| bench.heads()),
        ("graph", &|| bench.graph()),
        ("models", &|| bench.models()),
        ("check", &|| shapes::small().iter().for_each(|shape| bench.check(shape))),
        ("check", &|| shapes::large().iter().for_each(|shape| bench.check(shape))),
        ("upgrade", &|| bench.upgrade(1000)),
        ("big", &|| bench.big()),
    ];
    for (_, part) in parts.iter().filter(|(name, _)| wanted(name)) {
        part();
    }
    Ok(())
}

struct Bench {
    program: PathBuf,
    /// The program that reads models and does nothing else.
    reader: PathBuf,
    root: PathBuf,
}

impl Bench {
    fn project(&self, url: &str) -> Folder {
        let folder = Folder::new("bench");
        write(
            folder.path(),
            "aludel.toml",
            &format!(
                "models = [\"models/*.rs\"]\nrevisions = \"versions\"\n[database]\nurl = {url:?}\n"
            ),
        );
        folder
    }

    fn aludel(&self, folder: &Folder, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(folder.path()).env_remove("DATABASE_URL");
        command
    }

    fn start_up(&self) {
        let folder = self.project("sqlite:x.db");
        for number in 0..10 {
            write(folder.path(), &format!("versions/{number}.sql"), &floor::revision(number));
        }
        let nothing = || timed(&mut Command::new("true"));
        let (ours, floor) =
            take_turns(|| timed(&mut self.aludel(&folder, &["--version"])), nothing);
        report("aludel --version", ours, floor, "10 ms");
        let (ours, floor) = take_turns(|| timed(&mut self.aludel(&folder, &["history"])), nothing);
        report("history of 10 revisions", ours, floor, "10 ms");
    }

    fn heads(&self) {
        let folder = self.project("sqlite:x.db");
        for number in 0..5000 {
            write(folder.path(), &format!("versions/{number:05}.sql"), &floor::revision(number));
        }
        let read = || {
            timed(
                Command::new("sh")
                    .args(["-c", "cat versions/*.sql > all"])
                    .current_dir(folder.path()),
            )
        };
        let (ours, floor) = take_turns(|| timed(&mut self.aludel(&folder, &["heads"])), read);
        report("heads of 5,000 revision files; floor: cat them", ours, floor, "50 ms");
    }

    /// Measures a graph of 10,000 revisions with 500 merges, all of them applied.
    fn graph(&self) {
        let folder = self.project("sqlite:x.db");
        for number in 0..10_000 {
            let name = format!("versions/{number:05}.sql");
            write(folder.path(), &name, &floor::branching_revision(number));
        }
        timed(&mut self.aludel(&folder, &["-q", "upgrade", "head"]));
        let read = || {
            timed(
                Command::new("sh")
                    .args(["-c", "cat versions/*.sql > all"])
                    .current_dir(folder.path()),
            )
        };
        for arguments in [&["heads"][..], &["history"], &["upgrade", "head"]] {
            let (ours, floor) = take_turns(|| timed(&mut self.aludel(&folder, arguments)), read);
            let what = arguments.join(" ");
            report(&format!("{what}, 10,000 revisions, 500 merges"), ours, floor, "100 ms");
        }
    }

    /// Measures a code base of 100,000 lines, with a tenth of it models, and one of models only.
    fn models(&self) {
        for (what, share) in [
            ("100,000 lines of Rust, a tenth of them models", 10),
            ("100,000 lines of models", 100),
        ] {
            let folder = self.project("sqlite:x.db");
            let one = floor::models(0..120);
            let lines = one.lines().count();
            let files = 100_000 * share / 100 / lines;
            for number in 0..files {
                let renamed = one
                    .replace("table_", &format!("t{number}_"))
                    .replace("Status", &format!("Status{number}x"));
                write(folder.path(), &format!("models/m{number}.rs"), &renamed);
            }
            let other =
                "/// A function.\npub fn f(x: u32) -> u32 {\n    let y = x + 1;\n    y * 2\n}\n"
                    .repeat(lines / 5);
            for number in files..100_000 / lines {
                write(folder.path(), &format!("models/o{number}.rs"), &other);
            }
            let read = || {
                timed(
                    Command::new("sh")
                        .args(["-c", "cat models/*.rs > all"])
                        .current_dir(folder.path()),
                )
            };
            let files: Vec<PathBuf> = (0..100_000 / lines)
                .map(
                    |number| {
                        if number < files { format!("m{number}") } else { format!("o{number}") }
                    },
                )
                .map(|name| folder.path().join(format!("models/{name}.rs")))
                .collect();
            let (ours, floor) = take_turns(|| timed(Command::new(&self.reader).args(&files)), read);
            report(&format!("{what}; floor: cat them"), ours, floor, "150 ms");
            // The database is empty and has no revisions, so every table is new.
            let check = || timed_any(&mut self.aludel(&folder, &["check", "-q"]));
            let (ours, floor) = take_turns(check, read);
            report("  the same, and compared with an empty database", ours, floor, "");
        }
    }

    fn check(&self, shape: &Shape) {
        let Some(queries) = self.raw_catalogue() else {
            println!("left out: ../shared/bench is not here, and holds the floor of check");
            return;
        };
        let database = server().database();
        let folder = self.project(&database.url());
        for file in &shape.files {
            write(folder.path(), &file.name, &file.text);
        }
        timed(&mut self.aludel(&folder, &["revision", "--autogenerate", "-m", "all"]));
        timed(&mut self.aludel(&folder, &["upgrade", "head"]));
        if shape.is_reflected {
            let reflect = ["reflect", "-o", "models/all.rs", "--objects", "objects"];
            for file in &shape.files {
                remove(folder.path(), &file.name);
            }
            timed(&mut self.aludel(&folder, &reflect));
        }
        database.sql("ANALYZE");
        let floor = || timed(psql(&database).args(["-o", "/dev/null", "-f"]).arg(&queries));
        let (ours, floor) = take_turns(|| timed(&mut self.aludel(&folder, &["check"])), floor);
        report(&format!("check, {}", shape.title), ours, floor, shape.budget);
        let memory = memory::with_peak(&mut self.aludel(&folder, &["check"])).1;
        println!("{:<58} {memory:>6} MiB {:>30}", "  peak memory", shape.memory);
    }

    /// Returns the bare catalogue queries that a reflection is measured against.
    fn raw_catalogue(&self) -> Option<PathBuf> {
        let path = self.root.join("../shared/bench/catalog_raw.sql");
        path.is_file().then_some(path)
    }

    /// Measures one revision of 110 MB, as a million statements and as one COPY with its data.
    fn big(&self) {
        for (what, upgrade) in [("INSERTs", floor::inserts()), ("rows of COPY", floor::copy())] {
            let database = server().database();
            let folder = self.project(&database.url());
            write(folder.path(), "versions/big.sql", &floor::big_revision(&upgrade));
            write(folder.path(), "floor.sql", &upgrade);
            drop(upgrade);
            let other = server().database();
            let floor = memory::with_peak(
                psql(&other).arg("-1").arg("-f").arg(folder.path().join("floor.sql")),
            );
            let ours = memory::with_peak(&mut self.aludel(&folder, &["-q", "upgrade", "head"]));
            report(
                &format!("upgrade head, 110 MB of {what}; floor: psql -1"),
                ours.0,
                floor.0,
                "1.0 x",
            );
            let after = [&["status"][..], &["upgrade", "head"]];
            let after =
                after.map(|arguments| memory::with_peak(&mut self.aludel(&folder, arguments)));
            let (took, peak) = (after[0].0 + after[1].0, after[0].1.max(after[1].1));
            println!("{:<58} {:>6} MiB {:>30}", "  peak memory", ours.1, "160 MiB");
            println!(
                "{:<58} {:>7.1} ms {peak:>6} MiB",
                "  status and upgrade after it",
                took.as_secs_f64() * 1e3
            );
        }
    }

    fn upgrade(&self, revisions: usize) {
        let script = Folder::new("floor");
        write(script.path(), "floor.sql", &floor::psql_script(revisions));
        let ours = || {
            let database = server().database();
            let folder = self.project(&database.url());
            for number in 0..revisions {
                write(
                    folder.path(),
                    &format!("versions/{number:05}.sql"),
                    &floor::revision(number),
                );
            }
            timed(&mut self.aludel(&folder, &["-q", "upgrade", "head"]))
        };
        let floor = || {
            let database = server().database();
            timed(psql(&database).arg("-f").arg(script.path().join("floor.sql")))
        };
        let (ours, floor) = take_turns(ours, floor);
        report(
            &format!("upgrade head, {revisions} revisions; floor: psql, 4 messages each"),
            ours,
            floor,
            "1.0 x",
        );
    }
}

fn psql(database: &TestDatabase) -> Command {
    let mut psql = database.server().tool("psql");
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &database.name]);
    psql
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    let written =
        fs::create_dir_all(path.parent().unwrap_or(folder)).and_then(|()| fs::write(&path, text));
    if let Err(error) = written {
        eprintln!("can't write {}: {error}", path.display());
    }
}

fn remove(folder: &Path, name: &str) {
    if let Err(error) = fs::remove_file(folder.join(name)) {
        eprintln!("can't remove {name}: {error}");
    }
}

/// Returns the run time of a command that has to succeed.
fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command.output();
    let took = start.elapsed();
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => eprintln!(
            "{:?} failed:\n{}",
            command.get_program(),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => eprintln!("{:?}: {error}", command.get_program()),
    }
    took
}

/// Returns the run time of a command, whether or not it succeeds.
fn timed_any(command: &mut Command) -> Duration {
    let start = Instant::now();
    let _ = command.output();
    start.elapsed()
}

/// Returns the minimal run time of each side.
fn take_turns(ours: impl Fn() -> Duration, floor: impl Fn() -> Duration) -> (Duration, Duration) {
    let runs: Vec<(Duration, Duration)> = (0..RUNS).map(|_| (ours(), floor())).collect();
    let least = |pick: fn(&(Duration, Duration)) -> Duration| {
        runs.iter().map(pick).min().unwrap_or_default()
    };
    (least(|run| run.0), least(|run| run.1))
}

fn report(what: &str, ours: Duration, floor: Duration, budget: &str) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64().max(1e-9);
    println!(
        "{what:<58} {:>7.1} ms {:>7.1} ms {ratio:>6.2}x  {budget}",
        ours.as_secs_f64() * 1e3,
        floor.as_secs_f64() * 1e3
    );
}
