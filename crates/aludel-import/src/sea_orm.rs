//! SeaORM: a module of Rust for each migration, in the order of `vec![Box::new(m…::Migration), …]`.
//!
//! A migration that only executes literal SQL is read. Any other one makes its SQL when it runs,
//! and is unreadable.

use std::path::{Path, PathBuf};

use aludel_dialect::Dialect;

use crate::body::Piece;
use crate::error::ImportError;
use crate::files::{SqlFile, entries, name, text};
use crate::history::{History, Way};
use crate::linear::{Line, Step, words};
use crate::rust_code::{NoSql, Token, executed, function, tokens};
use crate::tool::Tool;

pub(crate) fn read(folder: &Path, dialect: Dialect) -> Result<History, ImportError> {
    let source = folder.join("src");
    let folder = if source.is_dir() { source } else { folder.to_owned() };
    let mut line = Line::new(Tool::SeaOrm, dialect);
    let mut modules = Vec::new();
    for path in entries(&folder)? {
        let stem = module(&path);
        if let Some(stem) = stem.filter(|stem| is_migration(stem)) {
            modules.push((stem, path));
        }
    }
    if let Some(order) = order(&mut line, &folder)? {
        modules = ordered(&mut line, &modules, &order, &folder);
    }
    for (stem, path) in modules {
        let file = if path.is_dir() { path.join("mod.rs") } else { path };
        match text(&file)? {
            Ok(file) => {
                let step = step(&mut line, &stem, &file);
                line.steps.push(step);
            }
            Err(problem) => line.problems.push(problem),
        }
    }
    line.in_order()
}

/// Returns the name of the module in a file or folder.
fn module(path: &Path) -> Option<String> {
    let name = name(path);
    let is_folder = path.join("mod.rs").is_file();
    name.strip_suffix(".rs").map(str::to_owned).or(is_folder.then_some(name))
}

/// Returns true for the name of a migration, `mYYYYMMDD_HHMMSS_name`.
fn is_migration(stem: &str) -> bool {
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = stem.strip_prefix('m').into_iter().flat_map(|rest| rest.splitn(3, '_'));
    parts.next().is_some_and(|day| digits(day, 8))
        && parts.next().is_some_and(|time| digits(time, 6))
}

/// Returns the modules in the order in which the migrator lists them.
fn order(line: &mut Line, folder: &Path) -> Result<Option<Vec<(String, usize)>>, ImportError> {
    for file in ["lib.rs", "migrator.rs", "mod.rs"] {
        let path = folder.join(file);
        if !path.is_file() {
            continue;
        }
        match text(&path)? {
            Err(problem) => line.problems.push(problem),
            Ok(file) => {
                let all = tokens(&file.text);
                let list = function(&all, "migrations").unwrap_or_default();
                let names = list.windows(3).filter(|three| three[2].text == ":");
                let names = names.filter(|three| three[1].text == ":");
                let names = names.map(|three| (three[0].text.to_owned(), three[0].line));
                let names: Vec<(String, usize)> =
                    names.filter(|(name, _)| is_migration(name)).collect();
                if !names.is_empty() {
                    return Ok(Some(names));
                }
            }
        }
    }
    Ok(None)
}

fn ordered(
    line: &mut Line,
    modules: &[(String, PathBuf)],
    order: &[(String, usize)],
    folder: &Path,
) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for (name, at) in order {
        match modules.iter().find(|(stem, _)| stem == name) {
            Some(module) => found.push(module.clone()),
            None => {
                line.refuse(folder, *at, &format!("the migrator lists {name}, which has no file"));
            }
        }
    }
    for (stem, path) in modules {
        if !order.iter().any(|(name, _)| name == stem) {
            line.note(path, "the migrator does not list it");
        }
    }
    found
}

fn step(line: &mut Line, stem: &str, file: &SqlFile) -> Step {
    let all = tokens(&file.text);
    let in_transaction = !says_no_transaction(&all);
    let version = Tool::SeaOrm.key(&stated_name(&all).unwrap_or_else(|| stem.to_owned()));
    let upgrade = way(line, file, &all, "up", in_transaction);
    let downgrade = match function(&all, "down") {
        Some(_) => way(line, file, &all, "down", in_transaction),
        None => Way::None("there is no function `down`".to_owned()),
    };
    Step {
        version,
        file: stem.to_owned(),
        message: words(stem.splitn(3, '_').nth(2).unwrap_or_default()),
        origin: file.path.clone(),
        upgrade,
        downgrade,
    }
}

/// Returns the name that `fn name` states.
fn stated_name(all: &[Token<'_>]) -> Option<String> {
    match function(all, "name")? {
        [only] => only.string.clone(),
        _ => None,
    }
}

/// Returns true if `use_transaction` says no.
fn says_no_transaction(all: &[Token<'_>]) -> bool {
    let body = function(all, "use_transaction").unwrap_or_default();
    body.iter().map(|token| token.text).eq(["Some", "(", "false", ")"])
}

fn way(
    line: &mut Line,
    file: &SqlFile,
    all: &[Token<'_>],
    name: &str,
    in_transaction: bool,
) -> Way {
    let path = &file.path;
    let folder = path.parent().unwrap_or(Path::new("."));
    let unreadable = |NoSql { line, reason }| Way::Unreadable { path: path.clone(), line, reason };
    let Some(body) = function(all, name) else {
        let reason = format!("there is no function `{name}`");
        return unreadable(NoSql { line: 1, reason });
    };
    let first = body.first().map_or(1, |token| token.line);
    match executed(body, folder) {
        Err(no_sql) => unreadable(no_sql),
        Ok(texts) => {
            let sql = joined(&texts, line.dialect());
            line.way(Piece { path, sql: &sql, line: first, in_transaction })
        }
    }
}

/// Joins the texts of several calls, with a semicolon behind each of them.
fn joined(texts: &[String], dialect: Dialect) -> String {
    let mut out = String::new();
    for text in texts {
        let tokens = aludel_dialect::significant(text, dialect);
        let Some(last) = tokens.last() else { continue };
        out.push_str(text.trim_end());
        // A semicolon in a comment behind the statement does not end it.
        let is_last = last.end() >= text.trim_end().len();
        match last.is_symbol(";") {
            true => out.push('\n'),
            false if is_last => out.push_str(";\n"),
            false => out.push_str("\n;\n"),
        }
    }
    out
}
