//! Small applications that use the library: each folder of `consumers/` is a project of its own. They
//! show that the features leave out what they say, and that one project resolves with the other
//! crates that link SQLite.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages that a consumer must not have, by the name of its folder.
const WITHOUT: &[(&str, &[&str])] = &[
    ("postgres-only", &["rusqlite", "libsqlite3-sys", "aludel-compare"]),
    ("sqlite-only", &["tokio-postgres", "rustls", "aludel-compare"]),
    ("sqlx-sqlite", &["tokio-postgres"]),
    ("diesel-sqlite", &["tokio-postgres", "rustls"]),
];

/// The consumers that are compiled in every run. The others are resolved.
const COMPILED: [&str; 3] = ["postgres-only", "sqlite-only", "testing"];

/// Resolves all consumers with the newest versions of their dependencies, and checks that some, or
/// all, of them compile and pass their tests.
pub(crate) fn consumers(root: &Path, all: bool) -> Result<(), String> {
    let mut problems = Vec::new();
    for folder in folders(root)? {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        println!("consumers/{name}");
        match packages(&folder) {
            Ok(packages) => problems.extend(examine(name, &packages)),
            Err(error) => problems.push(format!("consumers/{name} does not resolve:\n{error}")),
        }
        if all || COMPILED.contains(&name) {
            let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
            let target = target.unwrap_or_else(|| root.join("target")).join("consumers");
            let mut cargo = Command::new("cargo");
            // Some of them have tests of their own.
            let work = if folder.join("tests").is_dir() { "test" } else { "check" };
            cargo.args([work, "--quiet"]).current_dir(&folder).env("CARGO_TARGET_DIR", target);
            if let Err(error) = super::finish(&mut cargo) {
                problems.push(format!("consumers/{name} does not pass: {error}"));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn folders(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join("consumers");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> =
        paths.collect::<Result<_, _>>().map_err(|e| format!("{}: {e}", folder.display()))?;
    paths.retain(|path| path.join("Cargo.toml").is_file());
    paths.sort();
    Ok(paths)
}

/// Returns the packages that a consumer is made of, as `name version`.
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
        problems.push(format!("consumers/{name} has SQLite twice: {:?}", of("libsqlite3-sys")));
    }
    let without = WITHOUT.iter().filter(|(known, _)| *known == name);
    for package in without.flat_map(|(_, without)| *without) {
        for found in of(package) {
            problems.push(format!("consumers/{name} has {found}, which its features leave out"));
        }
    }
    problems
}
