//! The contents of `aludel.toml`, as data. Finding and reading the file is left to the program.

use std::collections::BTreeMap;
use std::time::Duration;

use aludel_dialect::Dialect;
use aludel_schema::Scope;
use serde::{Deserialize, Deserializer};

use crate::scope_section::ScopeSection;

/// The configuration of a project.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Glob patterns of the files that hold models.
    #[serde(default = "default_models")]
    pub models: Vec<String>,
    /// Glob patterns of the object files, which declare objects other than structs as CREATE
    /// statements. A project that states them manages all such objects, even if there is no file
    /// yet; `None` stands for `objects/**/*.sql` and manages them as soon as there is one.
    #[serde(default)]
    pub objects: Option<Vec<String>>,
    /// The folders of the revision files, which form one graph.
    #[serde(default = "default_revisions", deserialize_with = "one_or_several")]
    pub revisions: Vec<String>,
    /// The name of the version table, optionally with a schema.
    #[serde(default = "default_version_table")]
    pub version_table: String,
    /// The `[database]` section.
    #[serde(default)]
    pub database: DatabaseConfig,
    /// SQL types by the names of Rust types that can't be resolved from the source.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// The `[scope]` section: what is compared, and what is somebody else's.
    #[serde(skip)]
    pub scope: Scope,
    #[serde(default, rename = "scope")]
    scope_section: ScopeSection,
}

/// The `[database]` section.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// The database's URL; `DATABASE_URL` and `--database-url` take precedence.
    pub url: Option<String>,
    /// The dialects for which a revision is written; empty for the dialect of the URL.
    #[serde(default)]
    pub dialects: Vec<String>,
    /// The URL of a PostgreSQL database to compare with, if `url` is a SQLite URL.
    pub postgres_url: Option<String>,
    /// The URL of a SQLite database to compare with, if `url` is a PostgreSQL URL. Without it the
    /// revisions are replayed in memory.
    pub sqlite_url: Option<String>,
    /// The URL for commands that change the database, if `url` leads through a pooler or to a role
    /// with few privileges. It counts only together with `url`: a URL from elsewhere replaces both.
    pub migration_url: Option<String>,
    /// The role that executes all statements of a run and of the commands that read (`SET ROLE`).
    pub role: Option<String>,
    /// The longest time for which a statement that keeps others out waits for a lock before its
    /// transaction is tried again; `0` for no limit.
    #[serde(default, deserialize_with = "duration")]
    pub lock_timeout: Option<Duration>,
    /// The longest time to wait for another runner.
    #[serde(default, deserialize_with = "duration")]
    pub lock_wait: Option<Duration>,
}

/// The output omits the URLs, which may contain passwords.
impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig").field("dialects", &self.dialects).finish_non_exhaustive()
    }
}

/// An invalid configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// The description of the problem.
    pub message: String,
    /// The line and column in the text, counted from 1, if they are known.
    pub at: Option<(usize, usize)>,
}

fn default_models() -> Vec<String> {
    vec!["src/models/**/*.rs".to_owned()]
}

fn default_revisions() -> Vec<String> {
    vec!["migrations/versions".to_owned()]
}

/// Deserializes a string, or a list of at least one string.
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

/// Deserializes a duration such as `2s`.
fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(from)?;
    let duration = aludel_dialect::duration(&text);
    duration.map(Some).ok_or_else(|| {
        serde::de::Error::custom(format!("`{text}` is no duration; write `500ms`, `2s` or `0`"))
    })
}

fn default_version_table() -> String {
    "aludel_version".to_owned()
}

impl Config {
    /// Parses the text of a configuration file.
    ///
    /// # Errors
    ///
    /// Fails if the text is not TOML, has an unknown key or a value of the wrong type, or names an
    /// unknown dialect or kind of object.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|error| ConfigError {
            message: error.message().to_owned(),
            at: error.span().map(|span| line_and_column(text, span.start)),
        })?;
        config.scope = config.scope_section.scope().map_err(|mistake| ConfigError {
            message: mistake.message,
            at: Some(line_and_column(text, mistake.at.start)),
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

impl Config {
    /// Returns the glob patterns of the object files.
    pub fn object_patterns(&self) -> Vec<String> {
        self.objects.clone().unwrap_or_else(|| vec!["objects/**/*.sql".to_owned()])
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            models: default_models(),
            objects: None,
            revisions: default_revisions(),
            version_table: default_version_table(),
            database: DatabaseConfig::default(),
            types: BTreeMap::new(),
            scope: Scope::default(),
            scope_section: ScopeSection::default(),
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
    use std::collections::BTreeSet;

    use aludel_schema::{Manage, Schemas};

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

    #[test]
    fn a_scope_is_read() {
        assert_eq!(Config::parse("").unwrap().scope.schemas, Schemas::Named);
        let text = "[scope]\nschemas = [\"public\", \"app\"]\n\
                    ignore = [\"_x\", \"auth.*\", \"materialized view:m_*\"]\nmanage = [\"owners\"]\n";
        let scope = Config::parse(text).unwrap().scope;
        let listed = BTreeSet::from(["app".to_owned(), "public".to_owned()]);
        assert_eq!(scope.schemas, Schemas::Listed(listed));
        assert_eq!(scope.ignore.len(), 3);
        assert_eq!(scope.manage, Manage { grants: false, owners: true });
    }

    #[test]
    fn mistakes_in_a_scope_have_their_place() {
        for (text, at, words) in [
            ("[scope]\nignore = [\"a\", \"tigger:*\"]", (2, 16), "`tigger` is no kind of object"),
            ("[scope]\nignore = [\n  \"a\",\n  \"trigger:\",\n]", (4, 3), "needs a name"),
            ("[scope]\nignore = [1]", (2, 11), "expected a string"),
            ("[scope]\nignore = \"a\"", (2, 10), "expected a sequence"),
            (
                "[scope]\nmanage = [\"grant\"]",
                (2, 11),
                "unknown variant `grant`, expected `grants`",
            ),
            ("[scope]\nschemas = []", (2, 11), "no schema is listed"),
            ("[scope]\nschema = [\"a\"]", (2, 1), "unknown field `schema`"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(error.message.contains(words), "{text}: {}", error.message);
            assert_eq!(error.at, Some(at), "{text}");
        }
    }
}
