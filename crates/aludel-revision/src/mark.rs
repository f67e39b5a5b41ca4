//! The lines that begin a section.

use std::fmt;

/// The beginning of every directive.
pub(crate) const MARK: &str = "-- aludel:";

/// The direction of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Towards the heads.
    Upgrade,
    /// Towards the base.
    Downgrade,
}

impl Direction {
    /// Returns the word that section headers and the journal use for the direction.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Downgrade => "downgrade",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses a section header into its direction and dialect; returns `None` for any other line.
pub(crate) fn section_header(line: &str) -> Option<Result<(Direction, Option<String>), String>> {
    let words: Vec<&str> = line.strip_prefix(MARK)?.split_whitespace().collect();
    let (first, rest) = words.split_first()?;
    let direction = match *first {
        "upgrade" => Direction::Upgrade,
        "downgrade" => Direction::Downgrade,
        _ => return None,
    };
    Some(match rest {
        [] => Ok((direction, None)),
        ["postgres" | "postgresql"] => Ok((direction, Some("postgres".to_owned()))),
        ["sqlite"] => Ok((direction, Some("sqlite".to_owned()))),
        other => {
            Err(format!("`{}` is no dialect; there are `postgres` and `sqlite`", other.join(" ")))
        }
    })
}
