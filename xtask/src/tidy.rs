//! Checks beyond those of the compiler: the layers of crates, file sizes, forgotten macros.

use std::fs;
use std::path::{Path, PathBuf};

/// All crates, bottom first, with the crates of this workspace that they may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("aludel-schema", &[]),
    ("aludel-operations", &["aludel-schema"]),
    ("aludel-dialect", &["aludel-schema", "aludel-operations"]),
    ("aludel-compare", &["aludel-schema", "aludel-operations", "aludel-dialect"]),
    ("aludel-driver", &[]),
    ("aludel-reflect", &["aludel-schema", "aludel-operations", "aludel-dialect", "aludel-driver"]),
    ("aludel-revision", &[]),
    ("aludel-runtime", &["aludel-schema", "aludel-dialect", "aludel-driver", "aludel-revision"]),
    ("aludel-models", &["aludel-schema", "aludel-dialect"]),
    ("aludel-derive", &["aludel-models"]),
    (
        "aludel",
        &[
            "aludel-schema",
            "aludel-operations",
            "aludel-dialect",
            "aludel-compare",
            "aludel-driver",
            "aludel-reflect",
            "aludel-revision",
            "aludel-runtime",
            "aludel-models",
            "aludel-derive",
        ],
    ),
    ("aludel-cli", &["aludel"]),
    ("aludel-testkit", &[]),
];

/// The maximal number of lines in a source file.
const LONGEST: usize = 600;

/// Runs all checks. The error lists all problems.
pub(crate) fn tidy(root: &Path) -> Result<(), String> {
    let mut problems = layers(root);
    for file in files(&root.join("crates")).into_iter().chain(files(&root.join("xtask"))) {
        problems.extend(check_file(root, &file));
    }
    problems.extend(dialect_folders(root));
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn layers(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, may_name) in LAYERS {
        let path = root.join("crates").join(name).join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&path) else {
            problems.push(format!("{} is in the table of layers, and not there", path.display()));
            continue;
        };
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            let named = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if named.starts_with("aludel") && !may_name.contains(&named) {
                problems.push(format!(
                    "{name} must not depend on {named}: see the layers in xtask/src/tidy.rs"
                ));
            }
        }
    }
    problems
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn check_file(root: &Path, path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let shown = path.strip_prefix(root).unwrap_or(path).display();
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST && !path.components().any(|part| part.as_os_str() == "tests") {
        problems
            .push(format!("{shown} has {lines} lines, more than {LONGEST}: is it one subject?"));
    }
    for word in ["todo", "unimplemented", "dbg"] {
        if text.contains(&format!("{word}!(")) {
            problems.push(format!("{shown} has a {word}!"));
        }
    }
    problems
}

/// Checks that the dialects have the same modules, so that each one can be navigated alike.
fn dialect_folders(root: &Path) -> Vec<String> {
    let folder = root.join("crates/aludel-dialect/src");
    let names = |dialect: &str| -> Vec<String> {
        files(&folder.join(dialect))
            .iter()
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    };
    let sqlite = names("sqlite");
    names("postgres")
        .into_iter()
        .filter(|name| !sqlite.contains(name))
        .map(|name| format!("aludel-dialect has postgres/{name} and no sqlite/{name}"))
        .collect()
}
