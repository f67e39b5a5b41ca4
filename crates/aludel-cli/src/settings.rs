//! The only module that reads settings: `aludel.toml`, `.env` and the environment.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use aludel::{Config, LibpqEnvironment, Project, Steps};

use crate::args::Global;
use crate::failure::Failure;

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
}

/// A URL, and where it comes from.
struct FoundUrl {
    url: String,
    source: String,
}

/// Returns the project that the arguments select.
pub(crate) fn find(global: &Global) -> Result<Found, Failure> {
    let here = directory(global)?;
    let path = match &global.config {
        Some(path) => here.join(path),
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
    let elsewhere = url(global, &here, &root)?;
    let surroundings = surroundings()?;
    let by_variables = FoundUrl {
        url: "postgresql://".to_owned(),
        source: "PGHOST, PGDATABASE or PGSERVICE in the environment".to_owned(),
    };
    // As psql does it, without a URL the variables of libpq say everything.
    let elsewhere = elsewhere.or_else(|| {
        (config.database.url.is_none() && surroundings.names_a_database()).then_some(by_variables)
    });
    let source = match (&elsewhere, &config.database.url) {
        (Some(found), _) => found.source.clone(),
        (None, Some(_)) => format!("`url` in {}", path.display()),
        (None, None) => "nowhere".to_owned(),
    };
    // The configured one belongs to the configured URL, and may be another database than a URL from
    // elsewhere means.
    let migration_url = match &elsewhere {
        None => config.database.migration_url.clone(),
        Some(_) if global.database_url.is_some() => None,
        Some(_) => text_variable(MIGRATION_VARIABLE)?,
    };
    let url = elsewhere.map(|found| found.url).or_else(|| config.database.url.clone());
    let sources = Sources { configuration: path, url: source };
    let steps = Steps::new();
    let project = Project { root, config, url, migration_url, surroundings, steps };
    Ok(Found { project, sources })
}

/// Returns the working folder: the current one, or that of `-C`.
pub(crate) fn directory(global: &Global) -> Result<PathBuf, Failure> {
    let here =
        env::current_dir().map_err(|source| Failure::ReadConfig { path: ".".into(), source })?;
    let there = match &global.directory {
        Some(folder) => here.join(folder),
        None => return Ok(here),
    };
    if there.is_dir() { Ok(there) } else { Err(Failure::NoFolder { path: there }) }
}

fn nearest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// Returns the URL from the arguments, from the environment, or from the nearest `.env` file. That
/// file is looked for from the working folder upwards, then from the configuration upwards.
fn url(global: &Global, here: &Path, root: &Path) -> Result<Option<FoundUrl>, Failure> {
    if let Some(url) = &global.database_url {
        return Ok(Some(FoundUrl { url: url.clone(), source: "--database-url".to_owned() }));
    }
    match env::var(VARIABLE) {
        Ok(url) if !url.is_empty() => {
            let source = format!("{VARIABLE} in the environment");
            return Ok(Some(FoundUrl { url, source }));
        }
        Ok(_) | Err(env::VarError::NotPresent) => {}
        // Another database than the one that was meant must not be taken.
        Err(env::VarError::NotUnicode(_)) => {
            return Err(Failure::NotUnicode { name: VARIABLE.to_owned() });
        }
    }
    for folder in here.ancestors().chain(root.ancestors()) {
        let path = folder.join(".env");
        match fs::read_to_string(&path) {
            Ok(text) => {
                let source = format!("{VARIABLE} in {}", path.display());
                let url = variable(&path, &text, VARIABLE)?;
                return Ok(url.map(|url| FoundUrl { url, source }));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(Failure::ReadConfig { path, source }),
        }
    }
    Ok(None)
}

/// Returns the value of a variable in the text of a `.env` file, as dotenvy reads it: the first of
/// several assignments counts, `${NAME}` is expanded, and a byte order mark is ignored.
fn variable(path: &Path, text: &str, name: &str) -> Result<Option<String>, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    let mut found = None;
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        let (key, value) = pair.map_err(|error| bad_line(path, text, &error))?;
        if key == name && found.is_none() {
            found = Some(value);
        }
    }
    Ok(found.filter(|value: &String| !value.is_empty()))
}

/// Returns the failure for a line that can't be parsed. Such a line is not skipped, because it may
/// be the one that selects the database. The text after its `=` may be a password, and is not
/// shown; nor is text before it that is not a name.
fn bad_line(path: &Path, text: &str, error: &dotenvy::Error) -> Failure {
    let path = path.to_owned();
    let dotenvy::Error::LineParse(part, _) = error else {
        return Failure::BadEnvironment { path, line: None, name: None };
    };
    // A value in quotes may extend over several lines.
    let first = part.lines().next().unwrap_or_default();
    let found = text.lines().enumerate().find(|(_, line)| line.contains(first));
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let name = found.and_then(|(_, line)| line.split_once('=')).map(|(name, _)| name);
    let name = name.map(|name| name.trim_start_matches("export ").trim()).filter(is_name);
    let name = name.map(str::to_owned);
    Failure::BadEnvironment { path, line: found.map(|(at, _)| at + 1), name }
}

/// Returns the variables and files that libpq reads beside a URL. A variable that is no text is an
/// error, because it may be the one that selects the database.
fn surroundings() -> Result<LibpqEnvironment, Failure> {
    let mut variables = Vec::new();
    for (name, value) in env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        if name.starts_with("PG") {
            let value = value.into_string();
            let value = value.map_err(|_| Failure::NotUnicode { name: name.clone() })?;
            variables.push((name, value));
        }
    }
    Ok(LibpqEnvironment::new(variables, env::home_dir(), identity().who))
}

/// Returns a variable of the environment; `None` if it is not set or empty.
fn text_variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Failure::NotUnicode { name: name.to_owned() }),
    }
}

/// Returns true if the environment selects a database.
pub(crate) fn database_is_known() -> bool {
    env::var(VARIABLE).is_ok_and(|url| !url.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_read_as_dotenvy_reads_them() {
        let value = |text: &str| variable(Path::new(".env"), text, VARIABLE);
        for (text, expected) in [
            (
                "# a\nexport DATABASE_URL=\"postgresql://u@h/d\" # the database\n",
                "postgresql://u@h/d",
            ),
            ("DATABASE_URL=sqlite:x.db # note", "sqlite:x.db"),
            ("\u{feff}DATABASE_URL='sqlite:a b.db'\r\n", "sqlite:a b.db"),
            ("DATABASE_URL=sqlite:1.db\nDATABASE_URL=sqlite:2.db", "sqlite:1.db"),
            ("NAME=x\nDATABASE_URL=sqlite:${NAME}.db", "sqlite:x.db"),
        ] {
            assert_eq!(value(text).unwrap().as_deref(), Some(expected), "{text}");
        }
        assert_eq!(value("DATABASE_URL=").unwrap(), None);
        let error = value("DATABASE_URL=postgres://u:secret pass@h/d").unwrap_err();
        assert!(!format!("{error:?}").contains("secret"));
        for (text, line, name) in [
            ("A=1\npostgres://u:secret@h/db?sslmode=require", Some(2), None),
            ("export postgres://u:secret@h/db?a=1", Some(1), None),
            ("PASSWORD secret=abc", Some(1), None),
            ("A=1\nPASSWORD=\"secret\nDATABASE_URL=sqlite:x.db", Some(2), Some("PASSWORD")),
        ] {
            let Failure::BadEnvironment { line: at, name: said, .. } = value(text).unwrap_err()
            else {
                panic!("{text}")
            };
            assert_eq!((at, said.as_deref()), (line, name), "{text}");
        }
    }
}
