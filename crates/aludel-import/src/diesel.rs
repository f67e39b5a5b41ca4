//! diesel: a folder `VERSION_NAME` with `up.sql`, `down.sql` and perhaps `metadata.toml`.
//!
//! The version is the part before the first `_`, without its hyphens (diesel,
//! `migrations_internals`). `run_in_transaction = false` in `metadata.toml` counts for both
//! directions.

use std::path::Path;

use aludel_dialect::Dialect;
use serde::Deserialize;

use crate::body::Piece;
use crate::error::ImportError;
use crate::files::{entries, name, text};
use crate::history::{History, Way};
use crate::linear::{Line, Step, words};
use crate::tool::Tool;

/// The contents of `metadata.toml`.
#[derive(Deserialize)]
struct Metadata {
    #[serde(default = "yes")]
    run_in_transaction: bool,
}

fn yes() -> bool {
    true
}

pub(crate) fn read(folder: &Path, dialect: Dialect) -> Result<History, ImportError> {
    let mut line = Line::new(Tool::Diesel, dialect);
    for path in entries(folder)? {
        let name = name(&path);
        let (up, down) = (path.join("up.sql"), path.join("down.sql"));
        if !up.is_file() {
            if path.is_dir() && down.is_file() {
                line.refuse(&down, 1, "there is no up.sql beside it");
            } else {
                line.note(&path, "it is no migration of diesel");
            }
            continue;
        }
        let (version, description) = name.split_once('_').unwrap_or((&name, ""));
        let in_transaction = in_transaction(&mut line, &path.join("metadata.toml"))?;
        let upgrade = section(&mut line, &up, in_transaction)?;
        let downgrade = match down.is_file() {
            true => section(&mut line, &down, in_transaction)?,
            false => Way::None("there is no down.sql".to_owned()),
        };
        line.steps.push(Step {
            version: Tool::Diesel.key(version),
            message: words(description),
            file: format!("{}_{description}", Tool::Diesel.key(version)),
            origin: up,
            upgrade,
            downgrade,
        });
    }
    line.history(|version| Some(version.to_owned()))
}

/// Returns true unless the metadata of a migration says otherwise.
fn in_transaction(line: &mut Line, path: &Path) -> Result<bool, ImportError> {
    if !path.is_file() {
        return Ok(true);
    }
    let file = match text(path)? {
        Ok(file) => file,
        Err(problem) => {
            line.problems.push(problem);
            return Ok(true);
        }
    };
    match toml::from_str::<Metadata>(&file.text) {
        Ok(metadata) => Ok(metadata.run_in_transaction),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let number = file.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            line.refuse(path, number, error.message());
            Ok(true)
        }
    }
}

fn section(line: &mut Line, path: &Path, in_transaction: bool) -> Result<Way, ImportError> {
    Ok(match text(path)? {
        Err(problem) => {
            line.problems.push(problem);
            Way::Sql(String::new())
        }
        Ok(file) => line.way(Piece { path, sql: &file.text, line: 1, in_transaction }),
    })
}
