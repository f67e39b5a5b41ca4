//! Flyway: `V1.2__name.sql`, `U1.2__name.sql` to undo it, `R__name.sql` to repeat.
//!
//! `NAME.sql.conf` beside a file may say `executeInTransaction=false`. Placeholders `${name}` get
//! the values that the caller gives. A repeatable migration has no place in a line, and is refused
//! (Flyway's documentation, "Migrations" and "Script Configuration Files").

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;

use crate::body::Piece;
use crate::error::ImportError;
use crate::files::{files_below, name, text};
use crate::history::{History, Way};
use crate::linear::{Line, Step, words};
use crate::tool::Tool;
use crate::version::numbers;

/// The values of placeholders.
pub(crate) type Placeholders = BTreeMap<String, String>;

/// A file with a version.
struct Versioned<'n> {
    version: &'n str,
    description: &'n str,
    extension: &'n str,
}

pub(crate) fn read(
    folder: &Path,
    dialect: Dialect,
    placeholders: &Placeholders,
) -> Result<History, ImportError> {
    let mut line = Line::new(Tool::Flyway, dialect);
    let files = files_below(folder)?;
    let mut undo: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in &files {
        if let Some(file) = versioned(&name(path), 'U').filter(|file| file.extension == "sql") {
            undo.insert(Tool::Flyway.key(file.version), path.clone());
        }
    }
    for path in &files {
        let name = name(path);
        let Some(file) = versioned(&name, 'V') else {
            other(&mut line, path, &name);
            continue;
        };
        let version = file.version.replace('_', ".");
        let (upgrade, downgrade) = if file.extension == "sql" {
            let downgrade = match undo.remove(&Tool::Flyway.key(&version)) {
                Some(undo) => section(&mut line, &undo, placeholders)?,
                None => Way::None(format!("there is no undo migration U{version}")),
            };
            (section(&mut line, path, placeholders)?, downgrade)
        } else {
            let reason = format!("it is a class or a script (.{})", file.extension);
            let unreadable = Way::Unreadable { path: path.clone(), line: 1, reason };
            (unreadable.clone(), unreadable)
        };
        let description = words(file.description);
        let stem = format!("{version}_{}", file.description.replace(' ', "_"));
        let origin = path.clone();
        line.steps.push(Step {
            version,
            message: description,
            file: stem,
            origin,
            upgrade,
            downgrade,
        });
    }
    for path in undo.values() {
        line.refuse(path, 1, "it undoes a version that has no file");
    }
    line.history(numbers)
}

/// Notes a file that is no versioned migration.
fn other(line: &mut Line, path: &Path, name: &str) {
    if name.starts_with("R__") {
        line.refuse(
            path,
            1,
            "a repeatable migration has no place in a history: declare its objects in an object \
             file (docs/objects.md), and move it out of this folder",
        );
    } else if versioned(name, 'B').is_some() {
        line.refuse(
            path,
            1,
            "a baseline migration stands for those before it: keep those, or make it the first `V`",
        );
    } else if versioned(name, 'U').is_none() && !name.ends_with(".conf") {
        line.note(path, "it is no versioned migration of Flyway");
    }
}

fn versioned(name: &str, prefix: char) -> Option<Versioned<'_>> {
    let rest = name.strip_prefix(prefix)?;
    let (rest, extension) = rest.rsplit_once('.').filter(|(_, end)| *end != "conf")?;
    let (version, description) = rest.split_once("__").unwrap_or((rest, ""));
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    is_version.then_some(Versioned { version, description, extension })
}

fn section(line: &mut Line, path: &Path, values: &Placeholders) -> Result<Way, ImportError> {
    let in_transaction = in_transaction(line, path)?;
    let file = match text(path)? {
        Ok(file) => file,
        Err(problem) => {
            line.problems.push(problem);
            return Ok(Way::Sql(String::new()));
        }
    };
    let sql = replaced(line, path, &file.text, values);
    Ok(line.way(Piece { path, sql: &sql, line: 1, in_transaction }))
}

/// Returns false if the configuration beside a script says that it runs outside of a transaction.
fn in_transaction(line: &mut Line, path: &Path) -> Result<bool, ImportError> {
    let conf = path.with_file_name(format!("{}.conf", name(path)));
    if !conf.is_file() {
        return Ok(true);
    }
    let file = match text(&conf)? {
        Ok(file) => file,
        Err(problem) => {
            line.problems.push(problem);
            return Ok(true);
        }
    };
    let mut in_transaction = true;
    for (at, text) in file.text.lines().enumerate() {
        let text = text.trim();
        match text.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            _ if text.is_empty() || text.starts_with('#') => {}
            Some(("executeInTransaction", value)) => in_transaction = value != "false",
            Some(("placeholderReplacement", "false")) => {}
            _ => {
                let message = format!("`{text}` has no meaning for a revision");
                line.refuse(&conf, at + 1, &message);
            }
        }
    }
    Ok(in_transaction)
}

/// Replaces the placeholders of a script. One without a value is refused.
fn replaced(line: &mut Line, path: &Path, text: &str, values: &Placeholders) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut at = 0;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}').filter(|end| is_name(&inner[..*end])) else {
            out.push_str("${");
            at += start + 2;
            rest = inner;
            continue;
        };
        let key = &inner[..end];
        match values.get(key) {
            Some(value) => out.push_str(value),
            None => {
                let number = text[..at + start].matches('\n').count() + 1;
                let message = format!(
                    "the placeholder `{key}` has no value: pass `--placeholder {key}=VALUE`"
                );
                line.refuse(path, number, &message);
            }
        }
        at += start + 2 + end + 1;
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    out
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'))
}
