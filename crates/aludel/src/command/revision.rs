use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aludel_compare::Impossible;
use aludel_dialect::{Dialect, Statement};
use aludel_operations::Operation;
use aludel_revision::{
    Direction, NewRevision, NewSection, Revision, RevisionMap, check_id, new_id,
};

use crate::{Differing, Error, Project};

/// What the new revision shall be.
#[derive(Clone, Debug, Default)]
pub struct RevisionOptions {
    /// Its first line.
    pub message: String,
    /// Whether to fill it with what differs.
    pub autogenerate: bool,
    /// Its id; a random one if there is none.
    pub id: Option<String>,
    /// What it goes on top of; the one head if it does not say.
    pub head: Option<String>,
    /// Allows to go on top of what is no head.
    pub splice: bool,
    /// Names for the branch that begins here.
    pub branch_labels: Vec<String>,
    /// Revisions of other branches that it needs.
    pub depends_on: Vec<String>,
    /// The folder of the file, where there are several; that of what it goes on top of, if it does
    /// not say.
    pub folder: Option<PathBuf>,
    /// A random number, for the id.
    pub random: u64,
}

/// A revision file that was written.
#[derive(Debug)]
pub struct NewFile {
    /// Its id.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// The operations of the upgrade, for each dialect.
    pub operations: Vec<(Dialect, Vec<Operation>)>,
    /// What the upgrade destroys, in words.
    pub destructive: Vec<String>,
}

/// Writes a revision file; `None` if autogenerate finds nothing to do.
pub async fn revision(
    project: &Project,
    options: &RevisionOptions,
) -> Result<Option<NewFile>, Error> {
    let map = project.revisions()?;
    let down_revisions = down_revisions(&map, options)?;
    let id = free_id(project, &map, options.id.as_deref(), options.random)?;
    let folder = folder(project, &map, &down_revisions, options.folder.as_deref())?;
    let mut found = Generated::default();
    if options.autogenerate {
        found = generate(project, &map).await?;
        if found.operations.iter().all(|(_, operations)| operations.is_empty()) {
            return Ok(None);
        }
    } else {
        found.sections = empty_sections();
    }
    let new = NewRevision {
        id: id.clone(),
        message: options.message.clone(),
        down_revisions,
        branch_labels: options.branch_labels.clone(),
        depends_on: options.depends_on.clone(),
        created: now(),
        sections: found.sections,
        ..NewRevision::default()
    };
    let path = write(project, &map, &new, &folder)?;
    Ok(Some(NewFile { id, path, operations: found.operations, destructive: found.destructive }))
}

/// The id that was asked for, or a random one.
pub(super) fn free_id(
    project: &Project,
    map: &RevisionMap,
    id: Option<&str>,
    random: u64,
) -> Result<String, Error> {
    let id = id.map_or_else(|| new_id(random), str::to_owned);
    check_id(&id)?;
    match map.get(&id) {
        Some(taken) => Err(Error::IdTaken { id, path: project.shown(&taken.path) }),
        None => Ok(id),
    }
}

/// Where a new file goes: the folder that was named, that of its parent, or the only one.
pub(super) fn folder(
    project: &Project,
    map: &RevisionMap,
    parents: &[String],
    named: Option<&Path>,
) -> Result<PathBuf, Error> {
    let folders = project.revision_folders();
    if let Some(named) = named {
        let named = project.root.join(named);
        return match folders.contains(&named) {
            true => Ok(named),
            false => Err(Error::NotAFolder { path: project.shown(&named) }),
        };
    }
    let parent = parents.iter().find_map(|id| map.get(id)).and_then(|r| r.path.parent());
    match (parent, folders.as_slice()) {
        (_, [only]) => Ok(only.clone()),
        (Some(parent), _) => Ok(parent.to_owned()),
        (None, _) => Err(Error::SeveralFolders { folders: project.config.revisions.clone() }),
    }
}

/// Sections to be filled by hand, or not at all.
pub(super) fn empty_sections() -> Vec<NewSection> {
    [Direction::Upgrade, Direction::Downgrade]
        .map(|direction| NewSection { direction, dialect: None, body: String::new() })
        .to_vec()
}

pub(super) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn write(
    project: &Project,
    map: &RevisionMap,
    new: &NewRevision,
    folder: &Path,
) -> Result<PathBuf, Error> {
    let path = folder.join(new.file_name());
    check(project, map, new, &path)?;
    let failed = |source| Error::Io { action: "can't write", path: path.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    // A file that is there is somebody's.
    let mut file = fs::File::create_new(&path).map_err(failed)?;
    std::io::Write::write_all(&mut file, new.render().as_bytes()).map_err(failed)?;
    Ok(path)
}

/// A file that could not be read back would stop every later command.
fn check(
    project: &Project,
    map: &RevisionMap,
    new: &NewRevision,
    path: &Path,
) -> Result<(), Error> {
    let shown = project.shown(path);
    let read = Revision::parse(&shown, new.render().into_bytes());
    let read = read.and_then(|revision| revision.sections().map(|_| revision));
    let revision = read.map_err(|problem| Error::Files(vec![problem]))?;
    let all = map.revisions().cloned().chain([revision]).collect();
    RevisionMap::new(all).map(|_| ()).map_err(Error::Graph)
}

fn down_revisions(map: &RevisionMap, options: &RevisionOptions) -> Result<Vec<String>, Error> {
    let heads: Vec<String> = map.heads().iter().map(|revision| revision.id.clone()).collect();
    let Some(head) = &options.head else {
        return if heads.len() > 1 { Err(Error::MultipleHeads { heads }) } else { Ok(heads) };
    };
    let chosen = map.resolve(head, &[])?;
    check_heads(map, &chosen, options.splice)?;
    Ok(chosen)
}

/// Only a head may be built upon, unless a new branch is meant to begin there.
pub(super) fn check_heads(map: &RevisionMap, chosen: &[String], splice: bool) -> Result<(), Error> {
    match chosen.iter().find(|id| !map.children(id).is_empty()) {
        Some(id) if !splice => Err(Error::NotAHead { revision: id.clone() }),
        _ => Ok(()),
    }
}

#[derive(Default)]
struct Generated {
    sections: Vec<NewSection>,
    operations: Vec<(Dialect, Vec<Operation>)>,
    destructive: Vec<String>,
}

async fn generate(project: &Project, map: &RevisionMap) -> Result<Generated, Error> {
    let dialects = project.dialects()?;
    let differing = Differing::new(project, map);
    let mut found = Generated::default();
    for dialect in &dialects {
        let difference = differing.compare(*dialect, true).await?;
        if !difference.upgrade.impossible.is_empty() {
            return Err(Error::Impossible(difference.upgrade.impossible));
        }
        let name = (dialects.len() > 1).then_some(dialect.name());
        for (direction, plan) in [
            (Direction::Upgrade, &difference.upgrade),
            (Direction::Downgrade, &difference.downgrade),
        ] {
            let body = match plan.impossible.as_slice() {
                [] => body(&dialect.render(&plan.operations)),
                reasons => irreversible(reasons),
            };
            found.sections.push(NewSection { direction, dialect: name, body });
        }
        found.destructive.extend(difference.destructive());
        found.operations.push((*dialect, difference.upgrade.operations));
    }
    found.destructive.sort();
    found.destructive.dedup();
    Ok(found)
}

/// A way back that no operation can bring about.
fn irreversible(reasons: &[Impossible]) -> String {
    let reasons: Vec<String> =
        reasons.iter().map(|reason| format!("table {}: {}", reason.table, reason.reason)).collect();
    format!("-- aludel: irreversible: {}", reasons.join("; "))
}

/// Statements as a section has them.
pub(crate) fn body(statements: &[Statement]) -> String {
    let mut out = String::new();
    for statement in statements {
        let long =
            statement.sql.contains('\n') || !statement.notes.is_empty() || !statement.transactional;
        if long && !out.is_empty() && !out.ends_with("\n\n") {
            out.push('\n');
        }
        for note in &statement.notes {
            let _ = writeln!(out, "-- {note}");
        }
        if !statement.transactional {
            out.push_str("-- aludel: no-transaction\n");
        }
        let _ = writeln!(out, "{};", statement.sql);
        if long {
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}
