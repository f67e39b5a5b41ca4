//! refinery: `V1__name.sql`, and `U1__name.sql` for one that may come out of order.
//!
//! Both prefixes share one sequence of versions, and there is no way back (refinery,
//! `refinery_core/src/util.rs`).

use std::path::Path;

use aludel_dialect::Dialect;

use crate::body::Piece;
use crate::error::ImportError;
use crate::files::{files_below, name, text};
use crate::history::{History, Way};
use crate::linear::{Line, Step, words};
use crate::tool::Tool;

pub(crate) fn read(folder: &Path, dialect: Dialect) -> Result<History, ImportError> {
    let mut line = Line::new(Tool::Refinery, dialect);
    for path in files_below(folder)? {
        let name = name(&path);
        let Some((version, description, extension)) = parts(&name) else {
            line.note(&path, "it is no migration of refinery");
            continue;
        };
        if version.parse::<i64>().is_err() {
            line.refuse(&path, 1, &format!("`{version}` is no version of refinery"));
            continue;
        }
        let upgrade = match extension {
            "rs" => Way::Unreadable {
                path: path.clone(),
                line: 1,
                reason: "it is a function in Rust that makes SQL".to_owned(),
            },
            _ => match text(&path)? {
                Ok(file) => {
                    line.way(Piece { path: &path, sql: &file.text, line: 1, in_transaction: true })
                }
                Err(problem) => {
                    line.problems.push(problem);
                    continue;
                }
            },
        };
        line.steps.push(Step {
            version: version.to_owned(),
            message: words(description),
            file: format!("{version}_{description}"),
            origin: path.clone(),
            upgrade,
            downgrade: Way::without(Tool::Refinery),
        });
    }
    line.history(|version| version.parse::<i64>().ok())
}

/// Returns the version, the name and the extension.
fn parts(name: &str) -> Option<(&str, &str, &str)> {
    let rest = name.strip_prefix(['V', 'U'])?;
    let (rest, extension) = rest.rsplit_once('.')?;
    let (version, description) = rest.split_once("__")?;
    let is_version = version.starts_with(|c: char| c.is_ascii_digit());
    let is_known = matches!(extension, "sql" | "rs");
    (is_version && is_known && !description.is_empty()).then_some((version, description, extension))
}
