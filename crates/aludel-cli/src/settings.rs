//! The only module that reads settings: `aludel.toml`, `.env` and the environment.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use aludel::command::StatedUrl;
use aludel::{Config, DatabaseUrl, Error, LibpqEnvironment, Project, Steps, UnknownUrl};

use crate::args::Global;
use crate::env_file::{env_file, variable};
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
        Some(path) => without_detour(here.join(path)),
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
    let (connecting, unknown_url) = match connecting(global, &here, &path, &config) {
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

/// Reads the settings of the connection. `path` is that of the configuration.
fn connecting(
    global: &Global,
    here: &Path,
    path: &Path,
    config: &Config,
) -> Result<Connecting, UnknownUrl> {
    let root = path.parent().unwrap_or(here);
    let surroundings = surroundings()?;
    // As psql does it, without a URL the variables of libpq say everything.
    let by_variables = || FoundUrl {
        url: "postgresql://".to_owned(),
        source: surroundings.naming().join(", ") + " in the environment",
    };
    let elsewhere = url(global, here, root)?.or_else(|| {
        let are_enough = config.database.url.is_none() && !surroundings.naming().is_empty();
        are_enough.then(by_variables)
    });
    let configured = |key: &str, url: &Option<String>| {
        let source = format!("`{key}` in {}", path.display());
        url.clone().map(|url| FoundUrl { url, source })
    };
    // The configured one belongs to the configured URL, and may be another database than a URL from
    // elsewhere means.
    let migration_url = match &elsewhere {
        None => configured("migration_url", &config.database.migration_url),
        Some(_) if global.database_url.is_some() => None,
        Some(_) => text_variable(MIGRATION_VARIABLE)?.map(|url| FoundUrl {
            url,
            source: format!("{MIGRATION_VARIABLE} in the environment"),
        }),
    };
    let url = elsewhere.or_else(|| configured("url", &config.database.url));
    Ok(Connecting { url, migration_url, surroundings })
}

/// Returns the working folder: the current one, or that of `-C`.
pub(crate) fn directory(global: &Global) -> Result<PathBuf, Failure> {
    let here =
        env::current_dir().map_err(|source| Failure::ReadConfig { path: ".".into(), source })?;
    let there = match &global.directory {
        Some(folder) => here.join(folder),
        None => return Ok(here),
    };
    if there.is_dir() { Ok(without_detour(there)) } else { Err(Failure::NoFolder { path: there }) }
}

/// Returns a path without `..`, as messages show it. One that is not there stays as it is.
fn without_detour(path: PathBuf) -> PathBuf {
    let has_detour = path.components().any(|part| part == Component::ParentDir);
    match has_detour {
        true => path.canonicalize().unwrap_or(path),
        false => path,
    }
}

fn nearest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// Returns the URL from the arguments, from the environment, or from the nearest `.env` file. That
/// file is looked for from the working folder upwards, then from the configuration upwards.
fn url(global: &Global, here: &Path, root: &Path) -> Result<Option<FoundUrl>, UnknownUrl> {
    if let Some(url) = &global.database_url {
        return Ok(Some(FoundUrl { url: url.clone(), source: "--database-url".to_owned() }));
    }
    if let Some(url) = text_variable(VARIABLE)? {
        return Ok(Some(FoundUrl { url, source: format!("{VARIABLE} in the environment") }));
    }
    let Some((path, text)) = env_file(here.ancestors().chain(root.ancestors()))? else {
        return Ok(None);
    };
    let url = variable(&path, &text, VARIABLE)?.filter(|url| !url.is_empty());
    Ok(url.map(|url| FoundUrl { url, source: format!("{VARIABLE} in {}", path.display()) }))
}

/// Returns what the nearest `.env` file from a folder upwards states as the URL.
pub(crate) fn stated(folder: &Path) -> Result<Option<StatedUrl>, UnknownUrl> {
    let Some((path, text)) = env_file(folder.ancestors())? else { return Ok(None) };
    Ok(variable(&path, &text, VARIABLE)?.map(|url| StatedUrl { path, url }))
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
fn surroundings() -> Result<LibpqEnvironment, UnknownUrl> {
    let mut variables = Vec::new();
    for (name, value) in env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        if name.starts_with("PG") {
            let value = value.into_string().map_err(|_| no_text(&name))?;
            variables.push((name, value));
        }
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

/// Returns the variable that names the surroundings of an application, such as production, and its value.
pub(crate) fn surroundings_named() -> Option<(&'static str, String)> {
    let names = ["APP_ENV", "RUST_ENV", "ENVIRONMENT"].into_iter();
    names.filter_map(|name| Some((name, env::var(name).ok()?))).find(|(_, value)| !value.is_empty())
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
