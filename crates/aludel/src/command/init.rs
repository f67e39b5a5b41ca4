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
    /// True if the database may be on a PostgreSQL server.
    on_server: bool,
    /// True if the database may be a SQLite file.
    in_file: bool,
    text: &'static str,
}

/// All templates.
pub const TEMPLATES: [Template; 4] = [
    Template {
        name: "sqlite",
        description: "one embedded database",
        on_server: false,
        in_file: true,
        text: include_str!("init.toml"),
    },
    Template {
        name: "postgres",
        description: "one PostgreSQL database",
        on_server: true,
        in_file: false,
        text: include_str!("init_postgres.toml"),
    },
    Template {
        name: "both",
        description: "revisions for PostgreSQL and SQLite from the same models",
        on_server: true,
        in_file: true,
        text: include_str!("init_both.toml"),
    },
    Template {
        name: "alembic",
        description: "a PostgreSQL database that Alembic manages, taken over",
        on_server: true,
        in_file: false,
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
    /// The URL that the nearest `.env` states already.
    pub stated: Option<StatedUrl>,
}

/// The URL of the database that a `.env` file states.
#[derive(Clone, Debug)]
pub struct StatedUrl {
    /// The path of the file.
    pub path: PathBuf,
    /// The URL as it stands there, which may be empty.
    pub url: String,
}

/// The files that [`init`] has made, and what comes next.
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
    /// True if the database has to be created first: on a server, or with the folder of its file.
    pub needs_database: bool,
    /// True if somebody still has to say where the database is.
    pub needs_url: bool,
}

impl Made {
    /// Adds a path, once.
    fn add(&mut self, path: PathBuf) {
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }
}

/// Creates `aludel.toml` from a template, and what a new project needs beside it: the folder of
/// revisions, `.env.example`, lines of `.gitignore`, and where there are no models a file with a first
/// one. Models that are there already are found. No existing file is overwritten; `.env` and `.gitignore`
/// may get a line more.
///
/// # Errors
///
/// Fails before anything is written if there is no such template, if the URL can't be read or is not one
/// of the template, if `.env` states another one, or if `aludel.toml` exists already. Fails also if a file
/// can't be written.
pub fn init(folder: &Path, options: &InitOptions) -> Result<Made, Error> {
    let url = options.url.as_deref();
    let parsed = url.map(|url| DatabaseUrl::parse(url, Path::new(""))).transpose()?;
    let template = template(options.template.as_deref(), parsed.as_ref())?;
    let config = folder.join("aludel.toml");
    if config.exists() {
        return Err(Error::Exists { path: config, can_force: false });
    }
    let file = parsed.as_ref().and_then(DatabaseUrl::sqlite_file);
    let in_env = url.filter(|_| file.is_none());
    let is_stated = is_stated(folder, options, in_env.is_some())?;
    let versions = folder.join("migrations/versions");
    fs::create_dir_all(&versions).map_err(cant_write(&versions))?;
    let mut made = Made { paths: vec![config.clone(), versions], ..Made::default() };
    let patterns = models(folder, &mut made)?;
    let mut text = template.text.replace(DEFAULT_MODELS, &format!("models = {patterns:?}"));
    if let (Some(url), Some(_)) = (url, file) {
        let configured = configured(&text).unwrap_or_default().to_owned();
        text = text.replace(&configured, &format!("url = {}", toml::Value::from(url)));
    }
    fs::write(&config, &text).map_err(cant_write(&config))?;
    let example = folder.join(".env.example");
    if !example.exists() {
        fs::write(&example, include_str!("init_env.txt")).map_err(cant_write(&example))?;
        made.add(example);
    }
    if template.in_file {
        let name = file.unwrap_or(Path::new(SQLITE_FILE));
        // A file elsewhere is no matter of this repository.
        if name.is_relative() {
            ignore(folder, &format!("/{}*", name.display()), &mut made)?;
        }
        made.needs_database = !folder.join(name).parent().is_none_or(Path::is_dir);
    }
    if parsed.as_ref().map_or(!template.in_file, DatabaseUrl::is_postgres) {
        made.needs_database = true;
        made.needs_url = url.is_none();
    }
    if let Some(url) = in_env {
        write_env(folder, url, is_stated, &mut made)?;
    }
    look_at_package(folder, &mut made);
    Ok(made)
}

/// Returns the template of this name, or that of the URL, or without both that of a SQLite file.
fn template(name: Option<&str>, url: Option<&DatabaseUrl>) -> Result<Template, Error> {
    let is_server = url.is_some_and(DatabaseUrl::is_postgres);
    let fits = |one: &Template| if is_server { one.on_server } else { one.in_file };
    let Some(name) = name else {
        // The templates of one database come first.
        let first = TEMPLATES.into_iter().find(fits);
        return first.ok_or_else(|| Error::NoTemplate { name: String::new() });
    };
    let Some(template) = TEMPLATES.into_iter().find(|one| one.name == name) else {
        return Err(Error::NoTemplate { name: name.to_owned() });
    };
    match url {
        Some(url) if !fits(&template) => {
            Err(Error::OtherTemplate { template: template.name, database: url.to_string() })
        }
        _ => Ok(template),
    }
}

/// Returns true if `.env` of the folder has this URL already. Another one there would win, and the given
/// one would be lost. `in_env` says that the URL goes into that file; one above it then does not matter.
fn is_stated(folder: &Path, options: &InitOptions, in_env: bool) -> Result<bool, Error> {
    let (Some(url), Some(stated)) = (&options.url, &options.stated) else { return Ok(false) };
    let matters = if in_env { stated.path == folder.join(".env") } else { !stated.url.is_empty() };
    match matters {
        true if stated.url != *url => Err(Error::OtherUrl { path: stated.path.clone() }),
        matters => Ok(matters),
    }
}

/// Looks for the package of the project, and for its dependency.
fn look_at_package(folder: &Path, made: &mut Made) {
    let cargo = fs::read_to_string(folder.join("Cargo.toml"));
    made.has_package = cargo.is_ok();
    made.has_dependency = cargo.is_ok_and(|text| {
        text.lines()
            .any(|line| line.trim().trim_start_matches("[dependencies.").starts_with("aludel"))
    });
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

/// Writes the URL into `.env`, behind what that file has, and keeps the file out of the repository.
fn write_env(folder: &Path, url: &str, is_stated: bool, made: &mut Made) -> Result<(), Error> {
    let path = folder.join(".env");
    if !is_stated {
        append(&path, &format!("DATABASE_URL={}", quoted(url)))?;
        made.add(path);
    }
    ignore(folder, "/.env", made)
}

/// Returns a value as `.env` has it and dotenvy reads it: between single quotes nothing has a meaning,
/// and between double ones a backslash takes it away.
fn quoted(value: &str) -> String {
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut quoted = String::from('"');
    for character in value.chars() {
        if matches!(character, '\\' | '"' | '$') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted + "\""
}

/// Adds a line to `.gitignore`, unless it is there.
fn ignore(folder: &Path, line: &str, made: &mut Made) -> Result<(), Error> {
    let path = folder.join(".gitignore");
    let text = read_if_there(&path)?;
    if !text.lines().any(|one| one.trim() == line || one.trim() == line.trim_start_matches('/')) {
        append(&path, line)?;
        made.add(path);
    }
    Ok(())
}

/// Adds a line at the end of a file, which is created if it is missing.
fn append(path: &Path, line: &str) -> Result<(), Error> {
    let mut text = read_if_there(path)?;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
    text.push('\n');
    fs::write(path, text).map_err(cant_write(path))
}

/// Returns the text of a file; nothing for a missing one.
fn read_if_there(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(Error::Io { action: "can't read", path: path.to_owned(), source }),
    }
}

fn cant_write(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { action: "can't write", path, source }
}
