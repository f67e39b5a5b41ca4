use std::fs;
use std::path::{Path, PathBuf};

use aludel_driver::DatabaseUrl;

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

/// The file in the URL of the templates with a SQLite file.
const SQLITE_FILE: &str = "app.db";

/// The options of [`init`].
#[derive(Clone, Debug, Default)]
pub struct InitOptions {
    /// The name of the template; `None` for that of the URL, or for a SQLite file without one.
    pub template: Option<String>,
    /// The URL of the database. A SQLite file goes into `aludel.toml`, and the URL of a server, which may
    /// have a password, into `.env`.
    pub url: Option<String>,
}

/// What [`init`] has made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The paths that were created or changed.
    pub paths: Vec<PathBuf>,
    /// True if the models are new, so that no module of the package names them yet.
    pub models_are_new: bool,
    /// True if there are packages without models, so that `models` in `aludel.toml` has to name some.
    pub needs_models: bool,
    /// True if the project has a `Cargo.toml`.
    pub has_package: bool,
    /// True if the package depends on `aludel`.
    pub has_dependency: bool,
    /// True if the database is on a server, which has to have it.
    pub on_server: bool,
    /// True if somebody still has to say where the database is.
    pub needs_url: bool,
}

/// Creates `aludel.toml` from a template, and what a new project needs beside it: the folder of
/// revisions, `.env.example`, lines of `.gitignore`, and where there are no models a file with a first
/// one. Models that are there already are found. No existing file is overwritten.
///
/// # Errors
///
/// Fails if there is no such template, if the URL can't be read, if `aludel.toml` exists already, or
/// if a file can't be written.
pub fn init(folder: &Path, options: &InitOptions) -> Result<Made, Error> {
    let url = options.url.as_deref();
    let parsed = url.map(|url| DatabaseUrl::parse(url, Path::new(""))).transpose()?;
    let default =
        if parsed.as_ref().is_some_and(DatabaseUrl::is_postgres) { "postgres" } else { "sqlite" };
    let name = options.template.as_deref().unwrap_or(default);
    let Some(template) = TEMPLATES.iter().find(|one| one.name == name) else {
        return Err(Error::NoTemplate { name: name.to_owned() });
    };
    let config = folder.join("aludel.toml");
    if config.exists() {
        return Err(Error::Exists { path: config });
    }
    let versions = folder.join("migrations/versions");
    fs::create_dir_all(&versions).map_err(cant_write(&versions))?;
    let mut made = Made { paths: vec![config.clone(), versions], ..Made::default() };
    let patterns = models(folder, &mut made)?;
    let mut text = template.text.replace(DEFAULT_MODELS, &format!("models = {patterns:?}"));
    let file = parsed.as_ref().and_then(DatabaseUrl::sqlite_file);
    if let (Some(url), Some(_)) = (url, file) {
        let configured = configured(&text).unwrap_or_default().to_owned();
        text = text.replace(&configured, &format!("url = {url:?}"));
    }
    fs::write(&config, &text).map_err(cant_write(&config))?;
    let example = folder.join(".env.example");
    if !example.exists() {
        fs::write(&example, include_str!("init_env.txt")).map_err(cant_write(&example))?;
        made.paths.push(example);
    }
    if text.contains("\"sqlite:") {
        let name = file.unwrap_or(Path::new(SQLITE_FILE));
        // A file elsewhere is no matter of this repository.
        if name.is_relative() {
            made.paths.extend(ignore(folder, &format!("/{}*", name.display()))?);
        }
    } else {
        made.on_server = true;
        made.needs_url = url.is_none();
    }
    if let (Some(url), None) = (url, file) {
        write_env(folder, url, &mut made)?;
    }
    let cargo = fs::read_to_string(folder.join("Cargo.toml"));
    made.has_package = cargo.is_ok();
    made.has_dependency = cargo.is_ok_and(|text| {
        text.lines()
            .any(|line| line.trim().trim_start_matches("[dependencies.").starts_with("aludel"))
    });
    Ok(made)
}

/// Returns the line of a template that has the URL.
fn configured(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("url = "))
}

/// Returns the patterns of the models in a folder, or in the packages of a workspace. Without any, a
/// first model is made, unless there are packages that it could belong to.
fn models(folder: &Path, made: &mut Made) -> Result<Vec<String>, Error> {
    let packages = packages(folder);
    let mut patterns = Vec::new();
    for package in &packages {
        let there = MODELS.iter().filter(|(place, _)| folder.join(package).join(place).exists());
        patterns.extend(there.map(|(_, pattern)| format!("{package}{pattern}")));
    }
    if !patterns.is_empty() {
        return Ok(patterns);
    }
    if packages.len() > 1 {
        made.needs_models = true;
        return Ok(vec![MODELS[0].1.to_owned()]);
    }
    let first = folder.join("src/models.rs");
    fs::create_dir_all(folder.join("src"))
        .and_then(|()| fs::write(&first, include_str!("init_models.txt")))
        .map_err(cant_write(&first))?;
    made.paths.push(first);
    made.models_are_new = true;
    Ok(vec!["src/models.rs".to_owned()])
}

/// Returns the folders that may have models, each empty or with a slash at its end: this one, and those
/// with a package up to two levels below.
fn packages(folder: &Path) -> Vec<String> {
    let pattern = |below: &str| {
        format!("{}/{below}/Cargo.toml", glob::Pattern::escape(&folder.to_string_lossy()))
    };
    let below = ["*", "*/*"].iter().filter_map(|below| glob::glob(&pattern(below)).ok());
    // A folder that can't be read has no package that anybody could use.
    let below = below.flatten().filter_map(Result::ok).filter_map(|path| {
        let package = path.parent()?.strip_prefix(folder).ok()?;
        Some(format!("{}/", package.to_string_lossy()))
    });
    std::iter::once(String::new())
        .chain(below.filter(|name| !name.starts_with("target/")))
        .collect()
}

/// Writes the URL into `.env`, unless that file is there, and keeps it out of the repository.
fn write_env(folder: &Path, url: &str, made: &mut Made) -> Result<(), Error> {
    let path = folder.join(".env");
    if path.exists() {
        made.needs_url = true;
        return Ok(());
    }
    // The line is read back as dotenvy reads it: between single quotes nothing has a meaning.
    fs::write(&path, format!("DATABASE_URL='{url}'\n")).map_err(cant_write(&path))?;
    made.paths.push(path);
    made.paths.extend(ignore(folder, "/.env")?);
    Ok(())
}

/// Adds a line to `.gitignore`, unless it is there, and returns the path if it did.
fn ignore(folder: &Path, line: &str) -> Result<Option<PathBuf>, Error> {
    let path = folder.join(".gitignore");
    let mut text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(Error::Io { action: "can't read", path, source }),
    };
    if text.lines().any(|one| one.trim() == line || one.trim() == line.trim_start_matches('/')) {
        return Ok(None);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
    fs::write(&path, text).map_err(cant_write(&path))?;
    Ok(Some(path))
}

fn cant_write(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { action: "can't write", path, source }
}
