//! `aludel.toml`, as data. Who finds and reads the file is not decided here.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use serde::{Deserialize, Deserializer};

/// The configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Patterns of the files that hold models.
    #[serde(default = "default_models")]
    pub models: Vec<String>,
    /// Patterns of the files that hold objects which are no structs, as CREATE statements.
    #[serde(default = "default_objects")]
    pub objects: Vec<String>,
    /// The folders of the revision files, which make one graph.
    #[serde(default = "default_revisions", deserialize_with = "one_or_several")]
    pub revisions: Vec<String>,
    /// The version table, perhaps with a schema.
    #[serde(default = "default_version_table")]
    pub version_table: String,
    /// The database.
    #[serde(default)]
    pub database: DatabaseConfig,
    /// SQL types of Rust types that a reader can't resolve by itself.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
}

/// The `[database]` part.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// Where it is; `DATABASE_URL` and `--database-url` win over it.
    pub url: Option<String>,
    /// For which dialects a revision is written; empty: that of the url.
    #[serde(default)]
    pub dialects: Vec<String>,
    /// A PostgreSQL database to compare with when the url is SQLite's.
    pub postgres_url: Option<String>,
    /// A SQLite database to compare with when the url is PostgreSQL's; without it the revisions are
    /// replayed in memory.
    pub sqlite_url: Option<String>,
}

/// Without the URLs, which may hold passwords.
impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig").field("dialects", &self.dialects).finish_non_exhaustive()
    }
}

/// A configuration that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong.
    pub message: String,
    /// The line and column in the text, from 1, where they are known.
    pub at: Option<(usize, usize)>,
}

fn default_models() -> Vec<String> {
    vec!["src/models/**/*.rs".to_owned()]
}

fn default_objects() -> Vec<String> {
    vec!["objects/**/*.sql".to_owned()]
}

fn default_revisions() -> Vec<String> {
    vec!["migrations/versions".to_owned()]
}

/// A string, or a list of at least one.
fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a folder, or a list of folders")]
    enum Folders {
        One(String),
        Several(Vec<String>),
    }
    match Folders::deserialize(from)? {
        Folders::One(folder) => Ok(vec![folder]),
        Folders::Several(folders) if folders.is_empty() => {
            Err(serde::de::Error::custom("expected a folder, or a list of folders"))
        }
        Folders::Several(folders) => Ok(folders),
    }
}

fn default_version_table() -> String {
    "aludel_version".to_owned()
}

impl Config {
    /// Reads the text of a configuration file.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError {
            message: error.message().to_owned(),
            at: error.span().map(|span| line_and_column(text, span.start)),
        })?;
        let bad = config.database.dialects.iter().find(|name| Dialect::from_name(name).is_none());
        match bad {
            None => Ok(config),
            Some(name) => Err(ConfigError {
                message: format!("`{name}` is no dialect; there are `postgres` and `sqlite`"),
                at: text.find("dialects").map(|at| line_and_column(text, at)),
            }),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            models: default_models(),
            objects: default_objects(),
            revisions: default_revisions(),
            version_table: default_version_table(),
            database: DatabaseConfig::default(),
            types: BTreeMap::new(),
        }
    }
}

fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_has_the_defaults() {
        let config = Config::parse("").unwrap();
        assert_eq!(config.revisions, ["migrations/versions"]);
        assert_eq!(config.version_table, "aludel_version");
    }

    #[test]
    fn mistakes_have_their_place() {
        let error = Config::parse("models = []\nrevison = \"x\"\n").unwrap_err();
        assert_eq!(error.at.unwrap().0, 2);
        assert!(
            Config::parse("[database]\ndialects = [\"mysql\"]")
                .unwrap_err()
                .message
                .contains("mysql")
        );
    }
}
