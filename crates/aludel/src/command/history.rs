use aludel_driver::OpenMode;
use aludel_revision::{Revision, RevisionMap};

use crate::{Error, Project};

/// A revision and its place in the graph.
#[derive(Clone, Debug)]
pub struct Line {
    /// The revision.
    pub revision: Revision,
    /// Ids on top of it.
    pub children: Vec<String>,
    /// Whether it is a head.
    pub is_head: bool,
    /// Whether the version table names it; `None` if nobody asked the database.
    pub is_current: Option<bool>,
}

fn line(map: &RevisionMap, revision: &Revision, current: Option<&[String]>) -> Line {
    let children: Vec<String> = map.children(&revision.id).into_iter().map(str::to_owned).collect();
    Line {
        is_head: children.is_empty(),
        is_current: current.map(|rows| rows.contains(&revision.id)),
        revision: revision.clone(),
        children,
    }
}

/// All revisions, the newest first; `range` is `from:to`, each end inclusive and optional. The
/// database is asked only for `indicate_current`, or if the range speaks of it.
pub async fn history(
    project: &Project,
    range: Option<&str>,
    indicate_current: bool,
) -> Result<Vec<Line>, Error> {
    let map = project.revisions()?;
    let speaks_of_it = range.is_some_and(|range| {
        range.split(':').any(|end| end.starts_with(['+', '-']) || end.contains("current"))
    });
    let current = if indicate_current || speaks_of_it { Some(rows(project).await?) } else { None };
    let known = current.clone().unwrap_or_default();
    let (from, to) = match range {
        None => (None, None),
        Some(range) => {
            let (from, to) = range.split_once(':').ok_or_else(|| no_range(range))?;
            let end = |text: &str| {
                if text.is_empty() { Ok(None) } else { map.resolve(text, &known).map(Some) }
            };
            (end(from)?, end(to)?)
        }
    };
    let above = from.filter(|ids| !ids.is_empty()).map(|ids| map.descendants(&ids));
    let below = to.map(|ids| map.ancestors(&ids));
    let shown = indicate_current.then_some(known.as_slice());
    Ok(map
        .revisions()
        .rev()
        .filter(|r| above.as_ref().is_none_or(|ids| ids.contains(r.id.as_str())))
        .filter(|r| below.as_ref().is_none_or(|ids| ids.contains(r.id.as_str())))
        .map(|revision| line(&map, revision, shown))
        .collect())
}

fn no_range(text: &str) -> Error {
    aludel_revision::SymbolError {
        text: text.to_owned(),
        reason: "History range requires [start]:[end], [start]:, or :[end]",
    }
    .into()
}

async fn rows(project: &Project) -> Result<Vec<String>, Error> {
    let connection = project.connect(OpenMode::Read).await?;
    Ok(project.version_table(project.dialect()?).heads(&connection).await?)
}

/// The heads.
pub fn heads(project: &Project) -> Result<Vec<Line>, Error> {
    let map = project.revisions()?;
    Ok(map.heads().into_iter().map(|revision| line(&map, revision, None)).collect())
}

/// The revisions that an identifier means.
pub async fn show(project: &Project, target: &str) -> Result<Vec<Line>, Error> {
    let map = project.revisions()?;
    let asks = target.starts_with(['+', '-']) || target.contains("current");
    let current = if asks { rows(project).await? } else { Vec::new() };
    let ids = map.resolve(target, &current)?;
    let (_, unknown) = map.known(&ids);
    if !unknown.is_empty() {
        let unknown = unknown.into_iter().map(str::to_owned).collect();
        return Err(Error::UnknownInDatabase {
            unknown,
            database: project.database_url()?.to_string(),
        });
    }
    Ok(ids.iter().filter_map(|id| map.get(id)).map(|revision| line(&map, revision, None)).collect())
}
