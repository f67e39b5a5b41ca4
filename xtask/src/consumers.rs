//! Small applications that use the library: each folder of `consumers/` is a project of its own, and
//! so is each of `examples/` that is no member of the workspace. They show that the features leave
//! out what they say, and that one project resolves with the other crates that link SQLite.

use std::fs;
use std::path::Path;
use std::process::Command;

use aludel_testkit::{Server, ServerOptions};

/// Packages that a project must not have, by its folder.
const WITHOUT: &[(&str, &[&str])] = &[
    ("consumers/postgres-only", &["rusqlite", "libsqlite3-sys", "aludel-compare"]),
    ("consumers/sqlite-only", &["tokio-postgres", "rustls", "aludel-compare"]),
    ("consumers/sqlx-sqlite", &["tokio-postgres"]),
    ("consumers/diesel-sqlite", &["tokio-postgres", "rustls"]),
    ("examples/axum-sqlx", &["tokio-postgres", "rusqlite", "libsqlite3-sys", "aludel-compare"]),
    ("examples/axum-rusqlite", &["tokio-postgres", "rustls", "aludel-compare"]),
    ("examples/diesel", &["tokio-postgres", "rusqlite", "libsqlite3-sys", "aludel-compare"]),
];

/// The consumers that are compiled in every run, as all examples are. The others are resolved.
const COMPILED: [&str; 5] = [
    "consumers/adapters",
    "consumers/derives",
    "consumers/postgres-only",
    "consumers/sqlite-only",
    "consumers/testing",
];

/// Resolves all projects with the newest versions of their dependencies, and checks that some, or
/// all, of them compile and pass their tests.
pub(crate) fn consumers(root: &Path, all: bool) -> Result<(), String> {
    // Tests of applications find their server by its URL.
    let server = Server::with(&ServerOptions::default());
    let url = server.url_as("postgres", "postgres");
    let mut problems = Vec::new();
    for name in projects(root)? {
        println!("{name}");
        let folder = root.join(&name);
        match packages(&folder) {
            Ok(packages) => problems.extend(examine(&name, &packages)),
            Err(error) => problems.push(format!("{name} does not resolve:\n{error}")),
        }
        if all || name.starts_with("examples/") || COMPILED.contains(&name.as_str()) {
            let target = super::target().join("consumers");
            let mut cargo = Command::new("cargo");
            cargo.args(work(&folder)).arg("--quiet").current_dir(&folder);
            cargo.env("CARGO_TARGET_DIR", target).env("DATABASE_URL", &url);
            if let Err(error) = super::finish(&mut cargo) {
                problems.push(format!("{name} does not pass: {error}"));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Returns what cargo does with a project.
fn work(folder: &Path) -> &'static [&'static str] {
    if folder.join("tests").is_dir() {
        // Nothing else is linked.
        &["test", "--test", "*"]
    } else if folder.join("src/lib.rs").is_file() {
        // Its unit tests, and the examples of its documentation.
        &["test"]
    } else {
        &["check"]
    }
}

/// Returns the folders of the projects, relative to the root.
fn projects(root: &Path) -> Result<Vec<String>, String> {
    let mut projects = Vec::new();
    for parent in ["consumers", "examples"] {
        let folder = root.join(parent);
        let unreadable = |error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let manifest = entry.path().join("Cargo.toml");
            if !manifest.is_file() {
                continue;
            }
            let text = fs::read_to_string(&manifest)
                .map_err(|error| format!("{}: {error}", manifest.display()))?;
            // A project of its own has this line; any other one is a member of the workspace.
            if text.lines().any(|line| line == "[workspace]") {
                projects.push(format!("{parent}/{}", entry.file_name().display()));
            }
        }
    }
    projects.sort();
    Ok(projects)
}

/// Returns the packages that a project is made of, as `name version`.
fn packages(folder: &Path) -> Result<Vec<String>, String> {
    // A new resolution, as that of a project that begins today.
    let _ = fs::remove_file(folder.join("Cargo.lock"));
    let tree = ["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let output = Command::new("cargo").args(tree).current_dir(folder).output();
    let output = output.map_err(|error| format!("cargo can't run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let package = |line: &str| {
        let mut words = line.split_whitespace();
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    let mut packages: Vec<String> = text.lines().filter_map(package).collect();
    packages.sort();
    packages.dedup();
    Ok(packages)
}

fn examine(name: &str, packages: &[String]) -> Vec<String> {
    let of = |package: &str| -> Vec<&String> {
        packages.iter().filter(|one| one.split(' ').next() == Some(package)).collect()
    };
    let mut problems = Vec::new();
    if of("libsqlite3-sys").len() > 1 {
        problems.push(format!("{name} has SQLite twice: {:?}", of("libsqlite3-sys")));
    }
    let without = WITHOUT.iter().filter(|(known, _)| *known == name);
    for package in without.flat_map(|(_, without)| *without) {
        for found in of(package) {
            problems.push(format!("{name} has {found}, which its features leave out"));
        }
    }
    problems
}
