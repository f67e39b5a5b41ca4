use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// What `aludel.toml` may begin as: a name, what it is for, and its text.
pub const TEMPLATES: [(&str, &str, &str); 4] = [
    ("sqlite", "one embedded database", include_str!("init.toml")),
    ("postgres", "one PostgreSQL database", include_str!("init_postgres.toml")),
    (
        "both",
        "revisions for PostgreSQL and SQLite from the same models",
        include_str!("init_both.toml"),
    ),
    (
        "alembic",
        "a PostgreSQL database that Alembic manages, taken over",
        include_str!("init_alembic.toml"),
    ),
];

/// Makes `aludel.toml` from a template and the folder of revisions in `folder`; gives what was made.
/// What is there already is left alone.
pub fn init(folder: &Path, template: &str) -> Result<Vec<PathBuf>, Error> {
    let Some((_, _, text)) = TEMPLATES.iter().find(|(name, ..)| *name == template) else {
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
    fs::write(&config, text).map_err(io(&config))?;
    Ok(vec![config, versions])
}
