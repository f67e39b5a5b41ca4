use std::collections::BTreeSet;
use std::sync::Arc;

use aludel_driver::OpenMode;
use aludel_revision::{Range, Revision, RevisionMap, Symbol};

use crate::error::Error;
use crate::gone::{self, Gone, Readable};
use crate::project::Project;

/// A revision and its place in the graph.
#[derive(Clone, Debug)]
pub struct ListedRevision {
    /// The revision.
    pub revision: Arc<Revision>,
    /// The ids of the children.
    pub children: Vec<String>,
    /// True if the revision has no children.
    pub is_head: bool,
    /// True if the revision is a head that another branch depends on. It then has no row of its own
    /// when everything is applied.
    pub is_implied: bool,
    /// True if the version table names the revision; `None` if the database was not queried.
    pub is_current: Option<bool>,
    /// True if the revision is applied; `None` if the database was not queried.
    pub is_applied: Option<bool>,
}

pub(super) fn listed(
    map: &RevisionMap,
    revision: &Revision,
    current: Option<&[String]>,
) -> ListedRevision {
    let children: Vec<String> = map.children(&revision.id).into_iter().map(str::to_owned).collect();
    ListedRevision {
        is_head: children.is_empty(),
        is_implied: children.is_empty() && !map.is_effective_head(&revision.id),
        is_current: current.map(|rows| rows.contains(&revision.id)),
        is_applied: None,
        revision: map.shared(revision),
        children,
    }
}

/// Revisions, and what is missing among them.
#[derive(Debug)]
pub struct History {
    /// The revisions.
    pub revisions: Vec<ListedRevision>,
    /// The revisions whose files are gone, and that others refer to.
    pub gone: Vec<Gone>,
    /// The reason why the database was not asked, although it would have told more.
    pub unasked: Option<Error>,
}

/// Whether a listing shows where the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indicate {
    /// It does not.
    No,
    /// It does, if the database can be asked.
    IfPossible,
    /// It does, or fails.
    Yes,
}

/// Returns the revisions, the newest first. `range` is `from:to`; both ends are inclusive and
/// optional. The database is only queried for `indicate`, or if the range is relative to its
/// position.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the range does not resolve, or if the database has to
/// be queried and can't be.
pub async fn history(
    project: &Project,
    range: &Range,
    indicate: Indicate,
) -> Result<History, Error> {
    let Readable { map, gone, mut unasked, problems: _ } = gone::revisions(project).await?;
    let speaks_of_it =
        |side: &Option<Symbol>| side.as_ref().is_some_and(|symbol| !symbol.is_absolute());
    let must_ask =
        indicate == Indicate::Yes || speaks_of_it(&range.start) || speaks_of_it(&range.end);
    let rows = match indicate {
        Indicate::No if !must_ask => None,
        Indicate::IfPossible if !must_ask => match rows(project).await {
            Ok(rows) => Some(rows),
            Err(error) => {
                unasked = Some(error);
                None
            }
        },
        Indicate::No | Indicate::IfPossible | Indicate::Yes => Some(rows(project).await?),
    };
    let is_shown = indicate != Indicate::No && rows.is_some();
    let (map, rows) = map.seen_from(&rows.unwrap_or_default())?;
    let end = range.end.as_ref().map(|symbol| map.resolve(symbol, &rows)).transpose()?;
    // `-3:head` begins three revisions below the head.
    let seen_from = end.as_ref().unwrap_or(&rows);
    let start = range.start.as_ref().map(|symbol| map.resolve(symbol, seen_from)).transpose()?;
    let shown = is_shown.then_some(rows.as_slice());
    let found = map.range(start.as_deref(), end.as_deref())?;
    let applied: BTreeSet<&str> = map.applied(&rows).iter().map(|r| r.id.as_str()).collect();
    let with_place = |revision: &Revision| ListedRevision {
        is_applied: shown.map(|_| applied.contains(revision.id.as_str())),
        ..listed(&map, revision, shown)
    };
    Ok(History { revisions: found.into_iter().map(with_place).collect(), gone, unasked })
}

async fn rows(project: &Project) -> Result<Vec<String>, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    Ok(project.version_table(project.dialect()?).heads(&connection).await?)
}

/// Returns the heads; with `resolve_dependencies`, without those that another branch depends on.
///
/// # Errors
///
/// Fails if the revisions can't be read or form no graph.
pub fn heads(project: &Project, resolve_dependencies: bool) -> Result<Vec<ListedRevision>, Error> {
    let map = project.revisions()?;
    let heads = if resolve_dependencies { map.effective_heads() } else { map.heads() };
    Ok(heads.into_iter().map(|revision| listed(&map, revision, None)).collect())
}

/// A revision with several children.
#[derive(Clone, Debug)]
pub struct BranchPoint {
    /// The revision.
    pub point: ListedRevision,
    /// The children.
    pub children: Vec<ListedRevision>,
}

/// Returns the revisions with several children, the newest first.
///
/// # Errors
///
/// Fails if the revisions can't be read or form no graph.
pub fn branches(project: &Project) -> Result<Vec<BranchPoint>, Error> {
    let map = project.revisions()?;
    let with_children = |revision: &Revision| {
        let children = map.children(&revision.id);
        let children = children.iter().filter_map(|id| map.get(id));
        BranchPoint {
            point: listed(&map, revision, None),
            children: children.map(|child| listed(&map, child, None)).collect(),
        }
    };
    Ok(map.branch_points().into_iter().map(with_children).collect())
}

/// Returns the revisions that an identifier means. The database is only queried if the identifier
/// is relative to its position.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the identifier does not resolve or means a row that
/// matches no file, or if the database has to be queried and can't be.
pub async fn show(project: &Project, target: &Symbol) -> Result<Vec<ListedRevision>, Error> {
    let map = project.revisions()?;
    let current = if !target.is_absolute() { rows(project).await? } else { Vec::new() };
    let (map, current) = map.seen_from(&current)?;
    let ids = map.resolve(target, &current)?;
    let (_, unknown) = map.known(&ids);
    if !unknown.is_empty() {
        let unknown = unknown.into_iter().map(str::to_owned).collect();
        return Err(Error::UnknownInDatabase {
            unknown,
            database: project.database_url()?.to_string(),
        });
    }
    Ok(ids
        .iter()
        .filter_map(|id| map.get(id))
        .map(|revision| listed(&map, revision, None))
        .collect())
}
