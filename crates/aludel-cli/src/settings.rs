//! The only reader of settings: `aludel.toml`, `.env` and the environment.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use aludel::{Config, Project};

use crate::args::Global;
use crate::report::Failure;

const FILE: &str = "aludel.toml";
const VARIABLE: &str = "DATABASE_URL";

/// The project that the arguments mean.
pub(crate) fn project(global: &Global) -> Result<Project, Failure> {
    let here = directory(global)?;
    let path = match &global.config {
        Some(path) => here.join(path),
        None => find(&here).ok_or_else(|| Failure::NoConfig { from: here.clone() })?,
    };
    let text = fs::read_to_string(&path)
        .map_err(|source| Failure::ReadConfig { path: path.clone(), source })?;
    let config = Config::parse(&text).map_err(|error| Failure::BadConfig {
        path: path.clone(),
        text: text.clone(),
        error,
    })?;
    let root = path.parent().map(Path::to_owned).unwrap_or(here);
    let url = url(global, &root)?.or_else(|| config.database.url.clone());
    Ok(Project { root, config, url })
}

/// The folder that everything is about.
pub(crate) fn directory(global: &Global) -> Result<PathBuf, Failure> {
    let here =
        env::current_dir().map_err(|source| Failure::ReadConfig { path: ".".into(), source })?;
    let there = match &global.directory {
        Some(folder) => here.join(folder),
        None => return Ok(here),
    };
    if there.is_dir() { Ok(there) } else { Err(Failure::NoFolder { path: there }) }
}

fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// The URL from the arguments, the environment, or `.env` next to the configuration.
fn url(global: &Global, root: &Path) -> Result<Option<String>, Failure> {
    if let Some(url) = &global.database_url {
        return Ok(Some(url.clone()));
    }
    if let Some(url) = env::var(VARIABLE).ok().filter(|url| !url.is_empty()) {
        return Ok(Some(url));
    }
    let path = root.join(".env");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(variable(&text, VARIABLE)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Failure::ReadConfig { path, source }),
    }
}

/// The value of a variable in the text of a `.env` file: `NAME=value`, perhaps with `export` before
/// it and quotes around it. The last one counts.
fn variable(text: &str, name: &str) -> Option<String> {
    let mut found = None;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((key, value)) = line.split_once('=') else { continue };
        if key.trim() == name {
            found = Some(unquoted(value.trim()));
        }
    }
    found.filter(|value| !value.is_empty())
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inside, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote))
        {
            return inside.to_owned();
        }
    }
    value.split(" #").next().unwrap_or_default().trim().to_owned()
}

/// Whether the environment says where the database is.
pub(crate) fn database_is_known() -> bool {
    env::var(VARIABLE).is_ok_and(|url| !url.is_empty())
}

/// The user's editor, perhaps with arguments.
pub(crate) fn editor() -> Option<String> {
    let names = ["VISUAL", "EDITOR"].iter();
    names.filter_map(|name| env::var(name).ok()).find(|editor| !editor.trim().is_empty())
}

/// Who runs this, for the journal.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_read_as_shells_write_them() {
        let text = "# a\nexport DATABASE_URL=\"postgresql://u@h/d\" # the database\nOTHER=x\n";
        assert_eq!(variable(text, VARIABLE).unwrap(), "postgresql://u@h/d");
        assert_eq!(variable("DATABASE_URL=sqlite:x.db # note", VARIABLE).unwrap(), "sqlite:x.db");
        assert_eq!(variable("DATABASE_URL=", VARIABLE), None);
    }
}
