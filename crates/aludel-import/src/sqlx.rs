//! sqlx: `VERSION_NAME.sql`, or `VERSION_NAME.up.sql` with `VERSION_NAME.down.sql`.
//!
//! A file that begins with `-- no-transaction` runs outside of a transaction. Names of another form
//! are passed over, as sqlx does (sqlx, `sqlx-core/src/migrate/source.rs`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;

use crate::body::Piece;
use crate::error::ImportError;
use crate::files::{entries, name, text};
use crate::history::{History, Way};
use crate::linear::{Line, Step, words};
use crate::tool::Tool;

/// The two files of a reversible migration.
#[derive(Default)]
struct Pair {
    up: Option<PathBuf>,
    down: Option<PathBuf>,
    /// True if the name says `.up`: there should be a way back.
    reversible: bool,
}

pub(crate) fn read(folder: &Path, dialect: Dialect) -> Result<History, ImportError> {
    let mut line = Line::new(Tool::Sqlx, dialect);
    let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
    for path in entries(folder)?.into_iter().filter(|path| path.is_file()) {
        let name = name(&path);
        let Some(stem) = name.strip_suffix(".sql").filter(|stem| stem.contains('_')) else {
            line.note(&path, "it is no migration of sqlx");
            continue;
        };
        if let Some(stem) = stem.strip_suffix(".down") {
            pairs.entry(stem.to_owned()).or_default().down = Some(path);
        } else if let Some(stem) = stem.strip_suffix(".up") {
            let pair = pairs.entry(stem.to_owned()).or_default();
            (pair.up, pair.reversible) = (Some(path), true);
        } else {
            pairs.entry(stem.to_owned()).or_default().up = Some(path);
        }
    }
    for (stem, Pair { up, down, reversible }) in pairs {
        let (version, description) = stem.split_once('_').unwrap_or((&stem, ""));
        let Some(up) = up else {
            if let Some(down) = down {
                line.refuse(&down, 1, "there is no `.up.sql` of the same name");
            }
            continue;
        };
        if version.parse::<i64>().is_err() {
            line.refuse(&up, 1, &format!("`{version}` before the first `_` is no version"));
            continue;
        }
        let upgrade = section(&mut line, &up)?;
        let downgrade = match &down {
            Some(down) => section(&mut line, down)?,
            None if reversible => Way::None("there is no .down.sql".to_owned()),
            None => Way::None("the migration of sqlx is not reversible".to_owned()),
        };
        line.steps.push(Step {
            version: version.to_owned(),
            message: words(description),
            file: stem.clone(),
            origin: up,
            upgrade,
            downgrade,
        });
    }
    line.history(|version| version.parse::<i64>().ok())
}

fn section(line: &mut Line, path: &Path) -> Result<Way, ImportError> {
    Ok(match text(path)? {
        Err(problem) => {
            line.problems.push(problem);
            Way::Sql(String::new())
        }
        Ok(file) => {
            let in_transaction = !file.text.starts_with("-- no-transaction");
            line.way(Piece { path, sql: &file.text, line: 1, in_transaction })
        }
    })
}
