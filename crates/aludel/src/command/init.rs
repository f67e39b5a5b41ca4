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

/// The places of models that a project usually has.
const MODELS: [(&str, &str); 3] = [
    ("src/models.rs", "src/models.rs"),
    ("src/models", "src/models/**/*.rs"),
    ("src/entities", "src/entities/**/*.rs"),
];

/// The line of a template that names the models.
const DEFAULT_MODELS: &str = "models = [\"src/models/**/*.rs\"]";

/// Creates `aludel.toml` from a template, and what a new project needs beside it: the folder of
/// revisions, `.env.example`, a line of `.gitignore` for a SQLite file, and in a package without
/// models a file with a first one. Returns the paths of what it has created or changed. Models that
/// are there already are found. No existing file is overwritten.
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
    fs::create_dir_all(&versions).map_err(cant_write(&versions))?;
    let mut made = Vec::new();
    let mut models: Vec<&str> = MODELS
        .iter()
        .filter(|(place, _)| folder.join(place).exists())
        .map(|(_, pattern)| *pattern)
        .collect();
    if models.is_empty() && folder.join("Cargo.toml").exists() {
        let first = folder.join("src/models.rs");
        fs::create_dir_all(folder.join("src"))
            .and_then(|()| fs::write(&first, include_str!("init_models.txt")))
            .map_err(cant_write(&first))?;
        models.push("src/models.rs");
        made.push(first);
    }
    let text = match models.as_slice() {
        [] => found.text.to_owned(),
        models => found.text.replace(DEFAULT_MODELS, &format!("models = {models:?}")),
    };
    fs::write(&config, text).map_err(cant_write(&config))?;
    made.splice(0..0, [config, versions]);
    let example = folder.join(".env.example");
    if !example.exists() {
        fs::write(&example, include_str!("init_env.txt")).map_err(cant_write(&example))?;
        made.push(example);
    }
    if found.text.contains(SQLITE_FILE) {
        made.extend(ignore_sqlite_file(folder)?);
    }
    Ok(made)
}

/// The URL of the templates with a SQLite file.
const SQLITE_FILE: &str = "sqlite:app.db";

/// Adds the SQLite file and its journals to `.gitignore`, unless a line names them.
fn ignore_sqlite_file(folder: &Path) -> Result<Option<PathBuf>, Error> {
    const LINE: &str = "/app.db*";
    let path = folder.join(".gitignore");
    let mut text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(Error::Io { action: "can't read", path, source }),
    };
    if text.lines().any(|line| line.trim() == LINE) {
        return Ok(None);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(LINE);
    text.push('\n');
    fs::write(&path, text).map_err(cant_write(&path))?;
    Ok(Some(path))
}

fn cant_write(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { action: "can't write", path, source }
}
