use std::collections::BTreeSet;
use std::fmt::Write as _;

use aludel_dialect::{Dialect, significant};
use aludel_revision::{Direction, NewRevision, NewSection, Range, Revision, RevisionMap, Symbol};

use super::revision::{NewFile, folder, free_id, now, write};
use crate::databases::of_section;
use crate::error::Error;
use crate::project::Project;

/// The options of a squash.
#[derive(Clone, Debug)]
pub struct SquashOptions {
    /// The range, `FROM:TO`, with both ends included.
    pub range: Range,
    /// The message; an empty one is replaced by the ends of the range.
    pub message: String,
    /// The id; `None` for a random one.
    pub id: Option<String>,
}

/// A revision that replaces others.
#[derive(Debug)]
pub struct Squashed {
    /// The file that was written.
    pub file: NewFile,
    /// The ids that it replaces, the oldest first.
    pub replaces: Vec<String>,
}

/// Writes one revision that does what a range of revisions does. The files of the range are kept,
/// because a database inside of the range continues with them.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the range does not resolve or is not a line of
/// revisions without other branches, if the id is invalid or taken, or if the file can't be
/// written.
pub fn squash(project: &Project, options: &SquashOptions) -> Result<Squashed, Error> {
    let map = project.revisions()?;
    let members = members(&map, &options.range)?;
    let replaces: Vec<String> = members.iter().flat_map(|revision| names(revision)).collect();
    let places: Vec<String> = members.iter().flat_map(|revision| places(revision)).collect();
    let (Some(first), Some(last)) = (members.first(), members.last()) else {
        return Err(refuse(&options.range.to_string(), "the range is empty"));
    };
    let id = free_id(project, &map, options.id.as_deref())?;
    let folder = folder(project, &map, std::slice::from_ref(&last.id), None)?;
    let message = match options.message.as_str() {
        "" => format!("{} to {} in one", first.id, last.id),
        message => message.to_owned(),
    };
    let union = |list: fn(&Revision) -> &Vec<String>| -> Vec<String> {
        let all: BTreeSet<&String> = members.iter().flat_map(|revision| list(revision)).collect();
        all.into_iter().filter(|id| !replaces.contains(*id)).cloned().collect()
    };
    let new = NewRevision {
        id: id.clone(),
        message,
        down_revisions: first.down_revisions.clone(),
        depends_on: union(|revision| &revision.depends_on),
        branch_labels: Vec::new(),
        replaces: places,
        created: now(),
        sections: sections(&members)?,
    };
    let path = write(project, &map, &new, &folder)?;
    let file = NewFile { id, path, upgrades: Vec::new(), destructive: Vec::new() };
    Ok(Squashed { file, replaces })
}

/// Returns the ids of all revisions that a revision replaces, and its own.
fn names(revision: &Revision) -> Vec<String> {
    revision.replaces.iter().chain([&revision.id]).cloned().collect()
}

/// Returns these ids as the places of a `replaces` line. The last place that a revision replaces is
/// the same as its own.
fn places(revision: &Revision) -> Vec<String> {
    let inner = revision.replaces.iter().filter(|id| !revision.ends.contains(id)).cloned();
    let end: Vec<&str> = revision.ends.iter().chain([&revision.id]).map(String::as_str).collect();
    inner.chain([end.join("|")]).collect()
}

fn refuse(range: &str, reason: &str) -> Error {
    Error::CantSquash { range: range.to_owned(), reason: reason.to_owned() }
}

/// Returns the revisions of the range, the oldest first. They have to form a line from which no
/// other branch goes.
fn members<'a>(map: &'a RevisionMap, range: &Range) -> Result<Vec<&'a Revision>, Error> {
    let text = &range.to_string();
    let end = |side: &Option<Symbol>| match side {
        Some(side) => map.resolve(side, &[]).map_err(Error::from),
        None => Err(refuse(text, "name both ends: FROM:TO")),
    };
    let (start, end) = (end(&range.start)?, end(&range.end)?);
    if start.len() != 1 || end.len() != 1 {
        return Err(refuse(text, "each end has to be one revision"));
    }
    let mut members = map.range(Some(&start), Some(&end))?;
    members.reverse();
    let inside = |id: &str| members.iter().any(|member| member.id == id);
    for (at, member) in members.iter().enumerate() {
        if at > 0 && map.parents(&member.id) != [members[at - 1].id.as_str()] {
            let below = &members[at - 1].id;
            return Err(refuse(text, &format!("{} does not stand on {below} alone", member.id)));
        }
        let is_last = at + 1 == members.len();
        let outsider = map.dependents(&member.id).into_iter().find(|other| !inside(other));
        if let (Some(other), false) = (outsider, is_last) {
            let reason = format!("{other} stands on {}, which is inside the range", member.id);
            return Err(refuse(text, &reason));
        }
        if !member.branch_labels.is_empty() {
            return Err(refuse(text, &format!("{} has a branch label", member.id)));
        }
    }
    if members.len() < 2 {
        return Err(refuse(text, "there is nothing to put together"));
    }
    Ok(members)
}

/// Returns the combined sections, with upgrades in order and downgrades in reverse, for each
/// dialect that has a section in one of the revisions.
fn sections(members: &[&Revision]) -> Result<Vec<NewSection>, Error> {
    let mut dialects: BTreeSet<Option<&'static str>> = BTreeSet::new();
    for member in members {
        for section in member.sections().map_err(|problem| Error::Files(vec![problem]))? {
            dialects.insert(
                section.dialect.map(|name| if name == "sqlite" { "sqlite" } else { "postgres" }),
            );
        }
    }
    if dialects.len() > 1 && dialects.remove(&None) {
        // A section without a dialect serves each of them.
        dialects.extend(Dialect::ALL.map(|dialect| Some(dialect.name())));
    }
    let mut sections = Vec::new();
    for dialect in dialects {
        for direction in [Direction::Upgrade, Direction::Downgrade] {
            let body = body(members, direction, dialect)?;
            sections.push(NewSection { direction, dialect, body });
        }
    }
    Ok(sections)
}

fn body(
    members: &[&Revision],
    direction: Direction,
    dialect: Option<&'static str>,
) -> Result<String, Error> {
    let mut ordered = members.to_vec();
    if direction == Direction::Downgrade {
        ordered.reverse();
    }
    let mut out = String::new();
    for member in ordered {
        let section = member.section(direction, dialect.unwrap_or_default());
        let section = section.map_err(|problem| Error::Files(vec![problem]))?;
        if let Some(reason) = section.missing {
            // The gap of one is a gap of the whole.
            return Ok(format!("-- aludel: missing: {}: {reason}", member.id));
        }
        if let Some(reason) = section.irreversible {
            return Ok(format!("-- aludel: irreversible: {}: {reason}", member.id));
        }
        if !section.body.trim().is_empty() {
            let body = section.body.trim();
            // A semicolon in a comment does not end the statement.
            let ends =
                significant(body, of_section(dialect)?).last().is_some_and(|t| t.is_symbol(";"));
            let end = if ends { "" } else { "\n;" };
            let _ = writeln!(out, "-- {}: {}\n{body}{end}\n", member.id, member.message);
        }
    }
    Ok(out)
}
