//! The names of databases for tests, and the marks by which they are known again.

use sha2::{Digest, Sha256};

use super::error::TestError;
use crate::migrator::Embedded;

/// The age in seconds from which on the database of a test that has not ended is a leftover.
pub(crate) const STALE: i64 = 3600;

/// The age in seconds from which on the template of other files is dropped.
pub(crate) const OLD: i64 = 7 * 24 * 3600;

/// The purpose of a database that this module has made, and the time since when it has it, in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A template that is being migrated.
    Building { since: i64 },
    /// A template that is complete.
    Template { since: i64 },
    /// The database of a test that runs.
    Running { since: i64, test: String },
    /// The database of a test that has failed.
    Kept { since: i64, test: String },
}

impl Mark {
    /// The text before all that a mark says.
    const MADE: &'static str = "made by aludel for tests; ";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(Self::MADE)?;
        let (word, rest) = text.split_once(" since ")?;
        let (since, test) = match rest.split_once(": ") {
            Some((since, test)) => (since, test.to_owned()),
            None => (rest, String::new()),
        };
        let since = since.parse().ok()?;
        match word {
            "building" => Some(Self::Building { since }),
            "template" => Some(Self::Template { since }),
            "running" => Some(Self::Running { since, test }),
            "kept" => Some(Self::Kept { since, test }),
            _ => None,
        }
    }

    /// Returns true if a database without a session and with this mark is of no more use when `test`
    /// begins at this time.
    pub(crate) fn is_leftover(&self, now: i64, test: &str) -> bool {
        match self {
            Self::Running { since, .. } => now - since >= STALE,
            Self::Kept { test: kept, .. } => kept == test,
            Self::Template { since } | Self::Building { since } => now - since >= OLD,
        }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Self::MADE)?;
        match self {
            Self::Building { since } => write!(f, "building since {since}"),
            Self::Template { since } => write!(f, "template since {since}"),
            Self::Running { since, test } => write!(f, "running since {since}: {test}"),
            Self::Kept { since, test } => write!(f, "kept since {since}: {test}"),
        }
    }
}

/// Returns sixteen digits that stand for a set of files and for the version of this crate.
pub(crate) fn key(migrations: Embedded) -> String {
    let mut parts = vec![env!("CARGO_PKG_VERSION")];
    parts.extend(migrations.files.iter().flat_map(|file| [file.path, file.text]));
    digits(&parts)
}

/// Returns sixteen digits that stand for texts.
pub(crate) fn digits(parts: &[&str]) -> String {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update(part.len().to_le_bytes());
        sum.update(part);
    }
    sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns sixteen random digits.
pub(crate) fn random() -> Result<String, TestError> {
    let number = getrandom::u64().map_err(|error| TestError::Io {
        action: "can't get a random name from",
        path: "the system".into(),
        source: std::io::Error::other(error),
    })?;
    Ok(format!("{number:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_nothing_else_is_one() {
        let test = "app::tests::a: b".to_owned();
        for mark in [
            Mark::Building { since: 1 },
            Mark::Template { since: 2 },
            Mark::Running { since: 3, test: test.clone() },
            Mark::Kept { since: 4, test },
        ] {
            assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        }
        for other in [
            "",
            "template since 1",
            "made by aludel for tests; gone since 1",
            "made by aludel for tests; kept since x: t",
        ] {
            assert_eq!(Mark::parse(other), None, "{other}");
        }
    }

    #[test]
    fn only_what_nobody_needs_is_a_leftover() {
        let kept = |test: &str| Mark::Kept { since: 0, test: test.to_owned() };
        let running = |since| Mark::Running { since, test: "t".to_owned() };
        for (mark, expected) in [
            (kept("t"), true),
            (kept("other"), false),
            (running(99_000), false),
            (running(90_000), true),
            (Mark::Template { since: 90_000 }, false),
            (Mark::Template { since: -600_000 }, true),
        ] {
            assert_eq!(mark.is_leftover(100_000, "t"), expected, "{mark}");
        }
    }
}
