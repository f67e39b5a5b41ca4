use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A template for `aludel.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// The name that selects the template.
    pub name: &'static str,
    /// The purpose of the template.
    pub description: &'static str,
    text: &'static str,
}

/// All templates.
pub const TEMPLATES: [Template; 4] = [
    Template {
        name: "sqlite",
        description: "one embedded database",
        text: include_str!("init.toml"),
    },
    Template {
        name: "postgres",
        description: "one PostgreSQL database",
        text: include_str!("init_postgres.toml"),
    },
    Template {
        name: "both",
        description: "revisions for PostgreSQL and SQLite from the same models",
        text: include_str!("init_both.toml"),
    },
    Template {
        name: "alembic",
        description: "a PostgreSQL database that Alembic manages, taken over",
        text: include_str!("init_alembic.toml"),
    },
];

/// Creates `aludel.toml` from a template, and the folder of revisions, in `folder`. Returns the
/// paths of both. An existing configuration is not overwritten.
///
/// # Errors
///
/// Fails if there is no such template, if `aludel.toml` exists already, or if a file can't be
/// written.
pub fn init(folder: &Path, template: &str) -> Result<Vec<PathBuf>, Error> {
    let Some(found) = TEMPLATES.iter().find(|one| one.name == template) else {
        return Err(Error::NoTemplate { name: template.to_owned() });
    };
    let config = folder.join("aludel.toml");
    if config.exists() {
        return Err(Error::Exists { path: config });
    }
    let versions = folder.join("migrations/versions");
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action: "can't write", path, source }
    };
    fs::create_dir_all(&versions).map_err(io(&versions))?;
    fs::write(&config, found.text).map_err(io(&config))?;
    Ok(vec![config, versions])
}
