//! Checks that compilers do not make: the layers, the places that may name a dialect, circles of
//! files, file names, and the size of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every crate, bottom first, with the crates of this workspace that it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("aludel-schema", &[]),
    ("aludel-operations", &["aludel-schema"]),
    ("aludel-dialect", &["aludel-schema", "aludel-operations"]),
    ("aludel-compare", &["aludel-schema", "aludel-operations", "aludel-dialect"]),
    ("aludel-driver", &[]),
    ("aludel-reflect", &["aludel-schema", "aludel-operations", "aludel-dialect", "aludel-driver"]),
    ("aludel-revision", &[]),
    (
        "aludel-runtime",
        &["aludel-schema", "aludel-dialect", "aludel-driver", "aludel-reflect", "aludel-revision"],
    ),
    ("aludel-import", &["aludel-dialect", "aludel-driver", "aludel-revision"]),
    ("aludel-models", &["aludel-schema", "aludel-operations", "aludel-dialect"]),
    ("aludel-derive", &["aludel-dialect", "aludel-revision", "aludel-models"]),
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
            "aludel-import",
            "aludel-models",
            "aludel-derive",
        ],
    ),
    ("aludel-cli", &["aludel"]),
    ("aludel-testkit", &[]),
];

/// The places that may name a dialect, as beginnings of paths. Everything else asks `Capabilities`
/// or calls a method of `Dialect`.
const DIALECT_PLACES: &[&str] = &[
    "crates/aludel-dialect/",
    "crates/aludel-reflect/src/postgres/",
    "crates/aludel-reflect/src/sqlite/",
    "crates/aludel-runtime/src/postgres/",
    "crates/aludel-runtime/src/sqlite/",
    "crates/aludel-runtime/src/database.rs",
    "crates/aludel-models/src/notation/mod.rs",
    "crates/aludel/src/databases.rs",
];

/// The crates with a folder for each dialect, whose files have the same names.
const DIALECT_FOLDERS: &[&str] = &["aludel-dialect", "aludel-runtime"];

/// The folders with a file for each kind that has code of its own, and the kinds.
const KIND_FOLDERS: &[&str] = &[
    "crates/aludel-schema/src",
    "crates/aludel-dialect/src/postgres",
    "crates/aludel-dialect/src/sqlite",
    "crates/aludel-reflect/src/postgres",
];
const KINDS: &[&str] =
    &["column", "constraint", "definition", "enum_type", "index", "sequence", "table"];

/// The files of these kinds in the comparison, each in the folder of its subject.
const COMPARED: &[&str] = &[
    "definition",
    "sequences/sequence",
    "tables/column",
    "tables/constraint",
    "tables/index",
    "tables/table",
    "types/enum_type",
];

/// The longest source file, in lines.
const LONGEST: usize = 600;

/// A source file of the repository.
struct File {
    /// The path from the root, with `/` between its parts.
    path: String,
    text: String,
}

/// Runs every check, and returns all problems, one on each line.
///
/// # Errors
///
/// Fails if there are problems, or if a file can't be read.
pub(crate) fn tidy(root: &Path) -> Result<(), String> {
    let mut paths = Vec::new();
    for folder in ["crates", "examples", "ragchat", "xtask"] {
        rust_files(&root.join(folder), &mut paths).map_err(|error| format!("{folder}: {error}"))?;
    }
    let mut files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let path = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        files.push(File { path: path.replace('\\', "/"), text });
    }
    let mut problems = layers(root)?;
    problems.extend(architecture(root)?);
    problems.extend(files.iter().flat_map(size_and_words));
    problems.extend(files.iter().filter_map(dialect_outside));
    problems.extend(files.iter().filter_map(through_the_front));
    problems.extend(DIALECT_FOLDERS.iter().flat_map(|name| dialect_folders(&files, name)));
    problems.extend(kind_files(&files));
    problems.extend(circles(&files));
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for path in entries.into_iter().map(|entry| entry.path()) {
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn layers(root: &Path) -> Result<Vec<String>, String> {
    let mut problems = Vec::new();
    for (name, may_name) in LAYERS {
        let path = root.join("crates").join(name).join("Cargo.toml");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        let named = dependencies.lines().map(|line| line.split(['.', ' ', '=']).next());
        let named: BTreeSet<&str> =
            named.flatten().filter(|name| name.starts_with("aludel")).collect();
        let allowed: BTreeSet<&str> = may_name.iter().copied().collect();
        for extra in named.difference(&allowed) {
            problems.push(format!("{name} must not depend on {extra}: see LAYERS in tidy.rs"));
        }
        for unused in allowed.difference(&named) {
            problems
                .push(format!("LAYERS in tidy.rs lets {name} name {unused}, which it does not"));
        }
    }
    let folders = fs::read_dir(root.join("crates")).map_err(|error| error.to_string())?;
    for folder in folders {
        let name = folder.map_err(|error| error.to_string())?.file_name();
        if !LAYERS.iter().any(|(known, _)| name == *known) {
            problems.push(format!("crates/{} is not in LAYERS in tidy.rs", name.display()));
        }
    }
    Ok(problems)
}

/// Compares the table of crates in ARCHITECTURE.md with [`LAYERS`].
fn architecture(root: &Path) -> Result<Vec<String>, String> {
    let path = root.join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let row = |name: &str| {
        let start = format!("| `{name}` |");
        let row = text.lines().find(|line| line.starts_with(&start))?;
        row.split('|').nth(3).map(str::trim)
    };
    let mut problems = Vec::new();
    for (name, may_name) in LAYERS {
        let short: Vec<&str> = may_name.iter().filter_map(|n| n.strip_prefix("aludel-")).collect();
        let all = LAYERS.iter().take_while(|(layer, _)| layer != name).count();
        let expected = match (may_name.len(), short.len()) {
            (0, _) => "–".to_owned(),
            (count, _) if count == all && count > 5 => "all above".to_owned(),
            (_, 0) => may_name.join(", "),
            (_, _) => short.join(", "),
        };
        if row(name) != Some(&expected) {
            problems.push(format!(
                "ARCHITECTURE.md says {:?} of what {name} may name; tidy.rs says {expected:?}",
                row(name).unwrap_or_default()
            ));
        }
    }
    Ok(problems)
}

fn size_and_words(File { path, text }: &File) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST && !path.contains("/tests/") {
        problems.push(format!("{path} has {lines} lines, more than {LONGEST}: is it one subject?"));
    }
    for word in ["todo", "unimplemented", "dbg"] {
        if text.contains(&format!("{word}!(")) {
            problems.push(format!("{path} has a {word}!"));
        }
    }
    problems
}

/// Returns the lines of a file that are code of the program: no comments, and nothing from its unit
/// tests on.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default())
}

/// Returns true if a file belongs to a crate's own source, rather than to its tests and examples.
fn is_source(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/") && !path.contains("aludel-testkit")
}

fn dialect_outside(File { path, text }: &File) -> Option<String> {
    let is_allowed = DIALECT_PLACES.iter().any(|place| path.starts_with(place));
    let names = |line: &str| line.contains("Dialect::Postgres") || line.contains("Dialect::Sqlite");
    (is_source(path) && !is_allowed && code(text).any(names))
        .then(|| format!("{path} names a dialect; ask Capabilities, or add a method to Dialect"))
}

/// Files of a crate import from each other, not through the crate's front page.
fn through_the_front(File { path, text }: &File) -> Option<String> {
    let is_front = path.ends_with("/lib.rs") || path.ends_with("/main.rs");
    let front = |line: &str| {
        let Some((_, rest)) = line.split_once("crate::") else { return false };
        let first = rest.trim_start_matches('{').chars().next();
        first.is_some_and(char::is_uppercase)
    };
    let line = code(text).find(|line| front(line)).filter(|_| is_source(path) && !is_front)?;
    Some(format!("{path} imports through its crate's front page: {}", line.trim()))
}

/// The files of a dialect have the same names as those of the other. A folder in it holds what only
/// this dialect has.
fn dialect_folders(files: &[File], name: &str) -> Vec<String> {
    let names = |dialect: &str| -> BTreeSet<&str> {
        let folder = format!("crates/{name}/src/{dialect}/");
        let own = files.iter().filter_map(|file| file.path.strip_prefix(&folder));
        own.filter(|path| !path.contains('/')).collect()
    };
    let sqlite = names("sqlite");
    let missing = names("postgres").into_iter().filter(|name| !sqlite.contains(name));
    missing.map(|file| format!("{name} has postgres/{file} and no sqlite/{file}")).collect()
}

fn kind_files(files: &[File]) -> Vec<String> {
    let is_there = |path: &str| files.iter().any(|file| file.path == path);
    let side_by_side = KIND_FOLDERS
        .iter()
        .flat_map(|folder| KINDS.iter().map(move |kind| format!("{folder}/{kind}.rs")));
    let compared = COMPARED.iter().map(|kind| format!("crates/aludel-compare/src/{kind}.rs"));
    let missing = side_by_side.chain(compared).filter(|path| !is_there(path));
    missing.map(|path| format!("{path} is missing: each kind has a file in each layer")).collect()
}

/// Finds files of a crate that need each other. A front page or a `mod.rs` that only re-exports does
/// not count, because an import names the file that has the item.
fn circles(files: &[File]) -> Vec<String> {
    let modules: BTreeMap<String, &File> = files
        .iter()
        .filter(|file| is_source(&file.path))
        .map(|file| (module(&file.path), file))
        .collect();
    let needs: BTreeMap<&str, BTreeSet<&str>> =
        modules.iter().map(|(name, file)| (name.as_str(), imports(name, file, &modules))).collect();
    let reach = |start: &str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut queue: Vec<&str> = needs.get(start).into_iter().flatten().copied().collect();
        while let Some(next) = queue.pop() {
            if seen.insert(next) {
                queue.extend(needs.get(next).into_iter().flatten().copied());
            }
        }
        seen
    };
    let circular = needs.keys().filter(|name| reach(name).contains(**name));
    circular.map(|name| format!("{name} is in a circle of files")).collect()
}

/// Returns the path of a file's module, with the crate as its first part.
fn module(path: &str) -> String {
    let path = path.trim_start_matches("crates/").trim_end_matches(".rs").replace("/src/", "::");
    let path = path.replace('/', "::");
    ["::mod", "::lib", "::main"]
        .iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(&path)
        .to_owned()
}

/// Returns the modules whose items a file names by `use crate::…`, `use super::…` or a path.
fn imports<'m>(name: &str, file: &File, modules: &'m BTreeMap<String, &File>) -> BTreeSet<&'m str> {
    let (own_crate, _) = name.split_once("::").unwrap_or((name, ""));
    let is_folder = file.path.ends_with("/mod.rs") || file.path.ends_with("/lib.rs");
    let above = name.rsplit_once("::").map_or(name, |(above, _)| above);
    let text: String = code(&file.text).collect::<Vec<_>>().join(" ");
    let mut found = BTreeSet::new();
    for (start, base) in [("crate::", own_crate), ("super::", above)] {
        for at in text.match_indices(start).map(|(at, _)| at + start.len()) {
            let rest = text.get(at..).unwrap_or_default();
            found.extend(resolve(base, rest, modules));
        }
    }
    if is_folder {
        // A folder's front names its files without a prefix.
        for line in code(&file.text).filter(|line| line.trim_start().starts_with("use ")) {
            let path = line.trim_start().trim_start_matches("use ");
            found.extend(resolve(name, path, modules).filter(|module| *module != name));
        }
    }
    found.retain(|module| *module != name);
    found
}

/// Returns the modules that the paths after `base::` lead to, with a list in braces taken apart.
fn resolve<'m>(
    base: &str,
    rest: &str,
    modules: &'m BTreeMap<String, &File>,
) -> impl Iterator<Item = &'m str> {
    let heads: Vec<&str> = match rest.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
        None => vec![rest],
    };
    let mut found = Vec::new();
    for head in heads.into_iter().map(str::trim) {
        let end = head.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        let head = head.get(..end.unwrap_or(head.len())).unwrap_or_default();
        let (mut module, mut deepest) = (base.to_owned(), None);
        for part in head.split("::") {
            module = format!("{module}::{part}");
            if let Some((name, _)) = modules.get_key_value(&module) {
                deepest = Some(name.as_str());
            }
        }
        found.extend(deepest);
    }
    found.into_iter()
}
