//! The only module that reads settings: `aludel.toml`, `.env` and the environment.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use aludel::command::StatedUrl;
use aludel::{Config, DatabaseUrl, Error, LibpqEnvironment, Project, Steps, UnknownUrl};

use crate::args::Global;
use crate::env_file::EnvFile;
use crate::failure::{Context, Failure, UrlSource};

const FILE: &str = "aludel.toml";
const VARIABLE: &str = "DATABASE_URL";
const MIGRATION_VARIABLE: &str = "MIGRATION_DATABASE_URL";

/// A project, and where its settings come from.
pub(crate) struct Found {
    pub(crate) project: Project,
    pub(crate) sources: Sources,
}

/// The sources of a project's settings.
pub(crate) struct Sources {
    /// The path of the configuration.
    pub(crate) configuration: PathBuf,
    /// The source of the URL, in words.
    pub(crate) url: String,
    /// The source of the URL for commands that change the database, in words, if there is one.
    pub(crate) migration_url: Option<String>,
    /// The variables that name the surroundings of the application, such as `APP_ENV`.
    pub(crate) surroundings: Vec<Surroundings>,
}

/// A variable that names the surroundings of an application, such as production.
pub(crate) enum Surroundings {
    Named {
        /// The name of the variable, and the file that states it if it is not the environment.
        variable: String,
        value: String,
    },
    /// The `.env` file may name them, and can't be read so far.
    Unknown(UnknownUrl),
}

impl Sources {
    /// Returns what reports need to know of a project.
    pub(crate) fn context(&self, project: &Project) -> Context {
        let url = |url: Result<DatabaseUrl, Error>, source: &String| {
            let shown = url.map_or_else(|_| String::new(), |url| url.to_string());
            UrlSource { shown, source: source.clone() }
        };
        let migration = self.migration_url.as_ref();
        let migration = migration.map(|source| url(project.migration_url(), source));
        let own = url(project.database_url(), &self.url);
        let urls = std::iter::once(own).chain(migration).collect();
        Context { root: project.root.clone(), urls, only_reads: false }
    }
}

/// A URL, and where it comes from.
struct FoundUrl {
    url: String,
    source: String,
    /// True if a `.env` file states it.
    is_of_file: bool,
}

/// The settings of the connection.
#[derive(Default)]
struct Connecting {
    url: Option<FoundUrl>,
    migration_url: Option<FoundUrl>,
    surroundings: LibpqEnvironment,
}

/// Returns the project that the arguments select. A setting of the connection that can't be read is no
/// failure before a command needs it.
pub(crate) fn find(global: &Global) -> Result<Found, Failure> {
    let here = directory(global)?;
    let path = match &global.config {
        Some(path) => without_detour(&here.join(path)),
        None => nearest(&here).ok_or_else(|| Failure::NoConfig { from: here.clone() })?,
    };
    let text = fs::read_to_string(&path)
        .map_err(|source| Failure::ReadConfig { path: path.clone(), source })?;
    let config = Config::parse(&text).map_err(|error| Failure::BadConfig {
        path: path.clone(),
        text: text.clone(),
        error,
    })?;
    let root = path.parent().map_or_else(|| here.clone(), Path::to_owned);
    let file = EnvFile::first(here.ancestors().chain(root.ancestors()));
    let (connecting, unknown_url) = match connecting(global, &path, &config, &file) {
        Ok(connecting) => (connecting, None),
        Err(unknown) => (Connecting::default(), Some(unknown)),
    };
    let source = |found: &FoundUrl| found.source.clone();
    let nowhere = || match &unknown_url {
        Some(_) => "not known".to_owned(),
        None => "nowhere".to_owned(),
    };
    let sources = Sources {
        configuration: path,
        url: connecting.url.as_ref().map_or_else(nowhere, source),
        migration_url: connecting.migration_url.as_ref().map(source),
        surroundings: surroundings_named(file.as_ref()),
    };
    let project = Project {
        root,
        config,
        url: connecting.url.map(|found| found.url),
        unknown_url,
        migration_url: connecting.migration_url.map(|found| found.url),
        surroundings: connecting.surroundings,
        steps: Steps::new(),
    };
    Ok(Found { project, sources })
}

/// Reads the settings of the connection. `path` is that of the configuration, and `file` the nearest `.env`
/// file. Its variables count as those of the environment do, where the environment does not have them.
fn connecting(
    global: &Global,
    path: &Path,
    config: &Config,
    file: &Result<Option<EnvFile>, UnknownUrl>,
) -> Result<Connecting, UnknownUrl> {
    let stated = passed_url(global)?;
    let file = match (file, &stated) {
        (Ok(file), _) => file.as_ref(),
        // A URL that is passed does not need the file.
        (Err(_), Some(_)) => None,
        (Err(unknown), None) => return Err(unknown.clone()),
    };
    let surroundings = surroundings(file)?;
    let elsewhere = match stated {
        Some(stated) => Some(stated),
        None => of_file(file, VARIABLE)?.or_else(|| {
            let by_variables = by_variables(&surroundings, file);
            by_variables.filter(|_| config.database.url.is_none())
        }),
    };
    let configured = |key: &str, url: &Option<String>| {
        let source = format!("`{key}` in {}", path.display());
        url.clone().map(|url| FoundUrl { url, source, is_of_file: false })
    };
    // The one for changes belongs to the URL beside it, and may be another database than a URL from
    // elsewhere means.
    let migration_url = match &elsewhere {
        None => configured("migration_url", &config.database.migration_url),
        Some(_) if global.database_url.is_some() => None,
        Some(found) => match of_environment(MIGRATION_VARIABLE)? {
            None if found.is_of_file => of_file(file, MIGRATION_VARIABLE)?,
            stated => stated,
        },
    };
    let url = elsewhere.or_else(|| configured("url", &config.database.url));
    Ok(Connecting { url, migration_url, surroundings })
}

/// Returns the URL from the arguments or from the environment.
fn passed_url(global: &Global) -> Result<Option<FoundUrl>, UnknownUrl> {
    if let Some(url) = global.database_url.clone() {
        let source = "--database-url".to_owned();
        return Ok(Some(FoundUrl { url, source, is_of_file: false }));
    }
    of_environment(VARIABLE)
}

/// Returns the URL of a variable of the environment.
fn of_environment(name: &str) -> Result<Option<FoundUrl>, UnknownUrl> {
    let source = format!("{name} in the environment");
    Ok(text_variable(name)?.map(|url| FoundUrl { url, source, is_of_file: false }))
}

/// Returns the URL of a variable of the `.env` file.
fn of_file(file: Option<&EnvFile>, name: &str) -> Result<Option<FoundUrl>, UnknownUrl> {
    let Some(file) = file else { return Ok(None) };
    let url = file.value(name)?.filter(|url| !url.is_empty()).map(str::to_owned);
    let source = format!("{name} in {}", file.path.display());
    Ok(url.map(|url| FoundUrl { url, source, is_of_file: true }))
}

/// Returns the URL that leaves everything to the variables of libpq, as psql does it without a URL, if one
/// of them names the database.
fn by_variables(surroundings: &LibpqEnvironment, file: Option<&EnvFile>) -> Option<FoundUrl> {
    let naming = surroundings.naming();
    let (own, of_file): (Vec<&str>, Vec<&str>) =
        naming.into_iter().partition(|name| env::var_os(name).is_some());
    let path = file.map(|file| file.path.display().to_string()).unwrap_or_default();
    let each = [(&own, "the environment"), (&of_file, path.as_str())].into_iter();
    let sources = each
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, place)| format!("{} in {place}", names.join(", ")));
    let source = sources.collect::<Vec<_>>().join(", ");
    let url = "postgresql://".to_owned();
    (!source.is_empty()).then_some(FoundUrl { url, source, is_of_file: own.is_empty() })
}

/// Returns the working folder: the current one, or that of `-C`.
pub(crate) fn directory(global: &Global) -> Result<PathBuf, Failure> {
    let here =
        env::current_dir().map_err(|source| Failure::ReadConfig { path: ".".into(), source })?;
    let there = match &global.directory {
        Some(folder) => here.join(folder),
        None => return Ok(here),
    };
    if there.is_dir() { Ok(without_detour(&there)) } else { Err(Failure::NoFolder { path: there }) }
}

/// Returns a path without `.` and `..`, as messages show it. One with `..` that is not there stays as it is.
pub(crate) fn without_detour(path: &Path) -> PathBuf {
    let path: PathBuf = path.components().collect();
    let has_detour = path.components().any(|part| part == Component::ParentDir);
    match has_detour {
        true => path.canonicalize().unwrap_or(path),
        false => path,
    }
}

fn nearest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// Returns what the nearest `.env` file from a folder upwards states as the URL.
pub(crate) fn stated(folder: &Path) -> Result<Option<StatedUrl>, UnknownUrl> {
    let Some(file) = EnvFile::first(folder.ancestors())? else { return Ok(None) };
    let url = file.value(VARIABLE)?.map(str::to_owned);
    Ok(url.map(|url| StatedUrl { path: file.path, url }))
}

/// Returns the problem of a variable that is no text. It may be the one that selects the database.
fn no_text(name: &str) -> UnknownUrl {
    UnknownUrl {
        message: format!("the value of {name} is no text"),
        file: None,
        line: None,
        help: "set it again, in UTF-8, or pass --database-url".to_owned(),
    }
}

/// Returns the variables and files that libpq reads beside a URL. A variable that is no text is an
/// error, because it may be the one that selects the database.
fn surroundings(file: Option<&EnvFile>) -> Result<LibpqEnvironment, UnknownUrl> {
    let mut variables = Vec::new();
    for (name, value) in env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        if name.starts_with("PG") {
            let value = value.into_string().map_err(|_| no_text(&name))?;
            variables.push((name, value));
        }
    }
    for name in file.into_iter().flat_map(EnvFile::names) {
        if !LibpqEnvironment::reads(name) || env::var_os(name).is_some() {
            continue;
        }
        let value = file.map(|file| file.value(name)).transpose()?.flatten();
        variables.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    Ok(LibpqEnvironment::new(variables, env::home_dir(), identity().who))
}

/// Returns a variable of the environment; `None` if it is not set or empty.
fn text_variable(name: &str) -> Result<Option<String>, UnknownUrl> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(no_text(name)),
    }
}

/// Returns the URL that the environment states.
pub(crate) fn url_of_environment() -> Option<String> {
    env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Returns the variables that name the surroundings of an application, such as production: those of the
/// environment, and those of the `.env` file, which may belong to its URL alone.
fn surroundings_named(file: Result<&Option<EnvFile>, &UnknownUrl>) -> Vec<Surroundings> {
    let names = ["APP_ENV", "RUST_ENV", "ENVIRONMENT"];
    let own = names.into_iter().filter_map(|name| {
        // One that is no text is compared as far as it is one.
        let value = env::var_os(name)?.to_string_lossy().into_owned();
        Some(Surroundings::Named { variable: name.to_owned(), value })
    });
    let of_file = match file {
        Ok(None) => Vec::new(),
        Ok(Some(file)) => names.iter().filter_map(|name| named_in(file, name)).collect(),
        Err(problem) => vec![Surroundings::Unknown(problem.clone())],
    };
    own.chain(of_file).collect()
}

/// Returns what a `.env` file says of the surroundings by a variable, if it has one.
fn named_in(file: &EnvFile, name: &str) -> Option<Surroundings> {
    match file.value(name) {
        Ok(value) => value.map(|value| Surroundings::Named {
            variable: format!("{name} in {}", file.path.display()),
            value: value.to_owned(),
        }),
        Err(problem) => Some(Surroundings::Unknown(problem)),
    }
}

/// Returns true if the terminal says that it can do no more than print.
pub(crate) fn terminal_is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|name| name == "dumb")
}

/// Returns the command of the user's editor, possibly with arguments.
pub(crate) fn editor() -> Option<String> {
    let names = ["VISUAL", "EDITOR"].iter();
    names.filter_map(|name| env::var(name).ok()).find(|editor| !editor.trim().is_empty())
}

/// Returns the identity that the journal records.
pub(crate) fn identity() -> aludel::Identity {
    let first = |names: &[&str]| {
        names.iter().find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()))
    };
    aludel::Identity {
        who: first(&["USER", "LOGNAME", "USERNAME"]),
        host: first(&["HOSTNAME", "COMPUTERNAME"]).or_else(|| {
            fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned())
        }),
        tool: format!("aludel {}", env!("CARGO_PKG_VERSION")),
    }
}

/// Returns an identity without a user, because it is unknown who will run a script.
pub(crate) fn nobody() -> aludel::Identity {
    aludel::Identity { who: None, host: None, ..identity() }
}
