use std::fs;
use std::path::PathBuf;

use aludel_driver::OpenMode;
use aludel_revision::{Revision, RevisionMap, Symbol, with_down_revisions};

use crate::error::Error;
use crate::project::Project;

/// The result of a rebase.
#[derive(Clone, Debug)]
pub struct Rebased {
    /// The first revision of the branch, whose header was rewritten.
    pub revision: String,
    /// The path of its file.
    pub path: PathBuf,
    /// The ids of its former parents.
    pub from: Vec<String>,
    /// The id of its new parent.
    pub onto: String,
    /// The ids of all revisions that moved, the oldest first.
    pub branch: Vec<String>,
}

/// Moves the branch that ends in `head` onto `onto`, by rewriting the header of its first revision.
/// Without `onto`, it moves onto the only other head. With `look`, the database is queried, and a
/// branch that is applied there is refused.
///
/// # Errors
///
/// Fails if the revisions can't be read, if an identifier does not mean one of them, if the branch
/// can't be moved by one header, if it is applied, if the database can't be queried, or if the file
/// can't be written.
pub async fn rebase(
    project: &Project,
    head: &Symbol,
    onto: Option<&Symbol>,
    look: bool,
) -> Result<Rebased, Error> {
    let map = project.revisions()?;
    let head = one(&map, head)?;
    let onto = match onto {
        Some(onto) => one(&map, onto)?,
        None => other_head(&map, &head)?,
    };
    let refuse = |reason: &str| Error::CantRebase { revision: head.clone(), reason: reason.into() };
    let (head_ids, onto_ids) = (vec![head.clone()], vec![onto.clone()]);
    let below: Vec<&str> = map.applied(&onto_ids).iter().map(|r| r.id.as_str()).collect();
    if below.contains(&head.as_str()) {
        return Err(refuse(&format!("{onto} stands on it already")));
    }
    let branch: Vec<&Revision> =
        map.applied(&head_ids).into_iter().filter(|r| !below.contains(&r.id.as_str())).collect();
    let roots: Vec<&&Revision> = branch
        .iter()
        .filter(|r| !map.parents(&r.id).iter().any(|id| branch.iter().any(|other| other.id == *id)))
        .collect();
    let [root] = roots.as_slice() else {
        return Err(refuse("its branch begins in several places"));
    };
    if map.parents(&root.id) == [onto.as_str()] {
        return Err(refuse(&format!("it stands on {onto} already")));
    }
    if branch
        .iter()
        .any(|r| r.id != root.id && map.parents(&r.id).iter().any(|id| below.contains(id)))
    {
        return Err(refuse("a merge in its branch stands on the other one"));
    }
    if look {
        let connection = project.connect(OpenMode::Read).await?;
        let rows = project.version_table(project.dialect()?).heads(&connection).await?;
        let (seen, rows) = map.seen_from(&rows)?;
        let applied = seen.applied(&rows);
        if let Some(there) = branch.iter().find(|r| applied.iter().any(|a| a.id == r.id)) {
            let database = project.database_url()?;
            return Err(refuse(&format!("{} is applied to {database}", there.id)));
        }
    }
    let rebased = Rebased {
        revision: root.id.clone(),
        path: root.path.clone(),
        from: root.down_revisions.clone(),
        onto,
        branch: branch.iter().map(|revision| revision.id.clone()).collect(),
    };
    rewrite(root, &rebased.onto)?;
    Ok(rebased)
}

/// Rewrites the header. The file is replaced as a whole, so that it is never half-written.
fn rewrite(revision: &Revision, onto: &str) -> Result<(), Error> {
    let failed = |source| Error::Io { action: "can't write", path: revision.path.clone(), source };
    let text = fs::read_to_string(&revision.path).map_err(failed)?;
    let text = with_down_revisions(&text, &[onto.to_owned()]);
    let new = revision.path.with_extension("sql.new");
    fs::write(&new, text).and_then(|()| fs::rename(&new, &revision.path)).map_err(failed)
}

fn one(map: &RevisionMap, symbol: &Symbol) -> Result<String, Error> {
    let mut ids = map.resolve(symbol, &[])?;
    match (ids.pop(), ids.is_empty()) {
        (Some(id), true) => Ok(id),
        _ => Err(Error::CantRebase {
            revision: symbol.to_string(),
            reason: "it has to be one revision".to_owned(),
        }),
    }
}

fn other_head(map: &RevisionMap, head: &str) -> Result<String, Error> {
    let others: Vec<&Revision> = map.heads().into_iter().filter(|r| r.id != head).collect();
    match others.as_slice() {
        [one] => Ok(one.id.clone()),
        _ => Err(Error::CantRebase {
            revision: head.to_owned(),
            reason: "there is not one other head; say which: `--onto REV`".to_owned(),
        }),
    }
}
