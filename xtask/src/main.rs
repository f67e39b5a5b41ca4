//! `cargo xtask COMMAND`: all tasks of this repository, in Rust.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program for a terminal")]

mod bench;
mod consumers;
mod floor;
mod memory;
mod package;
mod shapes;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask ci         format, lints, layers, tests and documentation, as .ci/run does
cargo xtask tidy       the layers, the sizes of files, and what compilers do not check
cargo xtask bench      the budgets, measured, as ratios to the floor; or one of them:
                       start, heads, graph, models, check, upgrade, big
cargo xtask consumers  resolve the applications in consumers/ and examples/, compile and test five of the
                       former, or all by `--all`, and all of the latter
cargo xtask faults     kill the client, its session, the server and the network at 500 messages of
                       runs, or at as many as stated, and run again
cargo xtask soak       random schemas and edits of all kinds, with new seeds, for ten minutes,
                       or for `--minutes N`
cargo xtask package    package the published crates, install the program from the packages, and use
                       both in an empty project
cargo xtask histories  sqlx, diesel and refinery themselves make databases, which are taken over
cargo xtask ragchat    bring ragchat's database to head and show it";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "ci" => ci(),
        "tidy" => tidy::tidy(&root()),
        "bench" => bench::bench(&root(), std::env::args().nth(2).as_deref()),
        "consumers" => consumers::consumers(&root(), flag("--all")),
        "faults" => faults(std::env::args().nth(2).as_deref().unwrap_or("500")),
        "package" => package::package(&root()),
        "histories" => histories(),
        "ragchat" => ragchat(),
        "soak" => minutes().and_then(|minutes| soak(minutes, new_seed())),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn flag(name: &str) -> bool {
    std::env::args().skip(2).any(|argument| argument == name)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Returns the folder of cargo's artefacts.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn ci() -> Result<(), String> {
    run("cargo", &["fmt", "--all", "--check"])?;
    // No member of the workspace asks for these.
    let features = ["--workspace", "--features", "aludel/testing,aludel/tracing"];
    let cargo = |work: &[&str], rest: &[&str]| run("cargo", &[work, &features, rest].concat());
    cargo(&["clippy", "--all-targets"], &["--", "-D", "warnings"])?;
    tidy::tidy(&root())?;
    consumers::consumers(&root(), false)?;
    // What they were built from takes gigabytes, and nothing after them needs it.
    let built = target().join("consumers");
    std::fs::remove_dir_all(&built).map_err(|error| format!("{}: {error}", built.display()))?;
    // The command that the README gives, with them.
    cargo(&["test"], &[])?;
    let mut doc = Command::new("cargo");
    doc.args(["doc", "--no-deps", "--quiet"]).args(features).env("RUSTDOCFLAGS", "-D warnings");
    finish(&mut doc)?;
    package::package(&root())
}

/// Builds the program that runs other tools, and takes over the databases that they make.
fn histories() -> Result<(), String> {
    let target = target().join("histories");
    let folder = root().join("consumers/histories");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet"]).current_dir(folder).env("CARGO_TARGET_DIR", &target);
    finish(&mut cargo)?;
    let arguments = ["test", "-p", "aludel-cli", "--test", "it", "--", "imports::", "--nocapture"];
    let mut cargo = Command::new("cargo");
    let program = target.join("debug/histories");
    finish(cargo.args(arguments).env("ALUDEL_TEST_HISTORIES", program).current_dir(root()))
}

fn faults(count: &str) -> Result<(), String> {
    let arguments = ["test", "-p", "aludel-cli", "--test", "it", "--", "faults::", "--nocapture"];
    let mut cargo = Command::new("cargo");
    finish(cargo.args(arguments).env("ALUDEL_TEST_FAULTS", count).current_dir(root()))
}

/// Returns the argument of `--minutes`, or ten.
fn minutes() -> Result<u64, String> {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Ok(10),
        ["--minutes", count] => count.parse().map_err(|_| format!("`{count}` is no number")),
        _ => Err(USAGE.to_owned()),
    }
}

/// Returns a seed that no run before had. The seeds of one run follow each other.
fn new_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs() << 20)
}

/// Tries plans between random schemas for some minutes, from a seed on.
fn soak(minutes: u64, seed: u64) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--package", "aludel", "--test", "it", "plans_over_all_kinds"]);
    cargo.args(["--", "--nocapture"]);
    cargo.env("ALUDEL_SECONDS", (minutes * 60).to_string()).env("ALUDEL_SEED", seed.to_string());
    println!("for {minutes} minutes, from seed {seed} on");
    finish(cargo.current_dir(root()))
}

fn ragchat() -> Result<(), String> {
    let program = build("aludel-cli", &[])?.join("aludel");
    for arguments in [["upgrade", "head"], ["current", "-v"], ["history", "-i"]] {
        println!("$ aludel {}", arguments.join(" "));
        finish(Command::new(&program).args(["-C", "ragchat"]).args(arguments).current_dir(root()))?;
    }
    Ok(())
}

/// Builds a package and returns the folder of its artefacts.
fn build(package: &str, flags: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--package", package]).args(flags).current_dir(root());
    finish(&mut cargo)?;
    let profile = if flags.contains(&"--release") { "release" } else { "debug" };
    Ok(target().join(profile))
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    println!("\n$ {program} {}", arguments.join(" "));
    finish(Command::new(program).args(arguments).current_dir(root()))
}

fn finish(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{:?} ended with {status}", command.get_program())),
        Err(error) => Err(format!("{:?} can't run: {error}", command.get_program())),
    }
}
