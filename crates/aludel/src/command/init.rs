use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use aludel_driver::DatabaseUrl;

use super::init_package::{ForeignModels, Found, Package, look};
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
    /// The URL that the environment states. It goes before that of `.env`.
    pub surrounding: Option<String>,
    /// The name of the configuration; `None` for `aludel.toml`.
    pub file_name: Option<OsString>,
}

impl InitOptions {
    /// Returns the URL of the database that is used after all, if it is known.
    fn known_url(&self) -> Option<&str> {
        let stated = self.stated.as_ref().map(|stated| stated.url.as_str());
        let elsewhere = self.surrounding.as_deref().or(stated).filter(|url| !url.is_empty());
        self.url.as_deref().or(elsewhere)
    }
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
    /// The patterns of the models.
    pub models: Vec<String>,
    /// Declarations for another library, of which the models can be made, if there are none.
    pub foreign: Option<ForeignModels>,
    /// True if the project has a package.
    pub has_package: bool,
    /// True if the models are in a package below the project, or have a choice of packages.
    pub in_member: bool,
    /// The name of the package with the models, if it is clear which one that is.
    pub package: Option<String>,
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
    // A template that is named does not ask for what is stated elsewhere.
    let known = match options.template {
        Some(_) => url,
        None => options.known_url(),
    };
    let parse = |url| DatabaseUrl::parse(url, Path::new(""));
    let known = known.map(parse).transpose()?;
    let template = template(options.template.as_deref(), known.as_ref())?;
    let parsed = url.map(parse).transpose()?;
    let name = options.file_name.as_deref().unwrap_or(OsStr::new("aludel.toml"));
    let config = folder.join(name);
    if config.exists() {
        return Err(Error::Exists { path: config, can_force: false });
    }
    let file = parsed.as_ref().and_then(DatabaseUrl::sqlite_file);
    let in_env = url.filter(|_| file.is_none());
    let is_stated = is_stated(folder, options, in_env.is_some())?;
    let found = look(folder)?;
    let versions = folder.join("migrations/versions");
    fs::create_dir_all(&versions).map_err(cant_write(&versions))?;
    let mut made = Made { paths: vec![config.clone(), versions], ..Made::default() };
    first_model(folder, &found, &mut made)?;
    let patterns = &found.patterns;
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
        made.needs_url = options.known_url().is_none();
    }
    ignore(folder, "/.env", &mut made)?;
    if let Some(url) = in_env {
        write_env(folder, url, is_stated, &mut made)?;
    }
    let home = found.home.and_then(|at| found.packages.get(at));
    made.has_package = found.packages.iter().any(|package| package.is_there);
    made.has_dependency = home.is_some_and(|package| package.has_dependency);
    made.in_member = home.is_none_or(Package::is_member);
    made.package = home.and_then(|home| home.name.clone());
    made.foreign = found.foreign;
    made.models = found.patterns;
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

/// Returns the line of a template that has the URL.
fn configured(text: &str) -> Option<&str> {
    text.lines().find(|line| line.starts_with("url = "))
}

/// Makes a first model, unless there are models, or what they can be made of, or several packages that it
/// could belong to.
fn first_model(folder: &Path, found: &Found, made: &mut Made) -> Result<(), Error> {
    if found.has_models || found.foreign.is_some() {
        return Ok(());
    }
    let Some(pattern) = found.patterns.first().filter(|_| found.home.is_some()) else {
        made.needs_models = true;
        return Ok(());
    };
    let first = folder.join(pattern);
    let parent = first.parent().unwrap_or(folder);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&first, include_str!("init_models.txt")))
        .map_err(cant_write(&first))?;
    made.paths.push(first);
    made.models_are_new = true;
    Ok(())
}

/// Writes the URL into `.env`, behind what that file has.
fn write_env(folder: &Path, url: &str, is_stated: bool, made: &mut Made) -> Result<(), Error> {
    let path = folder.join(".env");
    if !is_stated {
        append(&path, &format!("DATABASE_URL={}", quoted(url)))?;
        made.add(path);
    }
    Ok(())
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
