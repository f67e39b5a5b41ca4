use aludel_dialect::Dialect;
use aludel_revision::{Anchor, Direction, Range, ResolveError, RevisionMap, StampTarget, Symbol};
use aludel_runtime::Identity;

use crate::error::Error;
use crate::project::Project;

/// Returns the SQL of an upgrade or a downgrade along `from:to`. An upgrade without a colon begins
/// at the base. No database is queried.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the range does not parse or resolve, is relative to a
/// database or leads the wrong way, or if the SQL of a revision can't be printed as a script.
pub fn offline(
    project: &Project,
    direction: Direction,
    range: &str,
    identity: Identity,
) -> Result<String, Error> {
    let map = project.revisions()?;
    let Ends { from, to } = ends(direction, range)?;
    // A database may be inside of what a revision replaces.
    let (map, _) = map.seen_from(&[from.to_string()])?;
    let rows = stand(&map, &from)?;
    let goal = map.goal(direction, &to, &rows)?;
    if !is_between(&map, direction, &rows, &to)? {
        let (start, end) = (from.to_string(), to.to_string());
        return Err(ResolveError::NoRange { start, end }.into());
    }
    let steps = map.transitions(&rows, &goal)?;
    let table = project.version_table(dialect(project)?);
    Ok(aludel_runtime::offline(&table, &rows, &steps, identity)?)
}

/// Returns the SQL of a stamp: `to`, or `from:to`.
///
/// # Errors
///
/// Fails if the revisions can't be read, if a target does not parse or resolve, or if the targets
/// begin at different revisions.
pub fn offline_stamp(
    project: &Project,
    targets: &[String],
    identity: Identity,
) -> Result<String, Error> {
    let map = project.revisions()?;
    let mut rows = None;
    let mut resolved = Vec::new();
    for target in targets {
        let Ends { from, to } = ends(Direction::Upgrade, target)?;
        let starts = stand(&map, &from)?;
        if *rows.get_or_insert_with(|| starts.clone()) != starts {
            let reason =
                "Stamp operation with --sql only supports a single starting revision at a time";
            return Err(Error::NoScript { range: targets.join(" "), reason });
        }
        resolved.extend(map.stamp_targets(&to, &starts)?);
    }
    let rows = rows.unwrap_or_default();
    let after = map.rows_stamped(&rows, &resolved);
    let table = project.version_table(dialect(project)?);
    Ok(aludel_runtime::offline_stamp(&table, &rows, &after, identity))
}

/// Returns the dialect of the URL; without a URL, the only configured dialect.
fn dialect(project: &Project) -> Result<Dialect, Error> {
    match project.dialects() {
        Ok(dialects) if project.url.is_none() && dialects.len() == 1 => Ok(dialects[0]),
        _ => project.dialect(),
    }
}

/// Parses the two ends of `FROM:TO`. An upgrade may leave out the first one.
fn ends(direction: Direction, range: &str) -> Result<Ends, Error> {
    let fail = |reason| Error::NoScript { range: range.to_owned(), reason };
    if range.contains(':') {
        let Range { start, end } = Range::parse(range)?;
        return match (start, end) {
            (Some(from), Some(to)) => Ok(Ends { from, to }),
            _ => Err(fail("with --sql a range has a revision on both sides of its colon")),
        };
    }
    if direction == Direction::Downgrade {
        return Err(fail("downgrade with --sql requires <fromrev>:<torev>"));
    }
    let from = Symbol { branch: None, anchor: Some(Anchor::Base), distance: 0 };
    Ok(Ends { from, to: Symbol::parse(range)? })
}

/// The ends of a script.
struct Ends {
    from: Symbol,
    to: Symbol,
}

/// Returns the rows of a database that is at a revision.
fn stand(map: &RevisionMap, symbol: &Symbol) -> Result<Vec<String>, Error> {
    if !symbol.is_absolute() {
        let reason = "with --sql nobody asks a database, so it can't be relative to where one is";
        return Err(Error::NoScript { range: symbol.to_string(), reason });
    }
    let ids = map.resolve(symbol, &[])?;
    let targets: Vec<StampTarget> = ids.into_iter().map(StampTarget::Revision).collect();
    Ok(map.rows_stamped(&[], &targets))
}

/// Returns false if the range leads against the direction, as when its ends are exchanged.
fn is_between(
    map: &RevisionMap,
    direction: Direction,
    rows: &[String],
    to: &Symbol,
) -> Result<bool, Error> {
    let ends = map.resolve(to, rows)?;
    Ok(match direction {
        // A target that is applied already would give an empty script.
        Direction::Upgrade => {
            let applied = map.applied(rows);
            ends.iter().any(|id| rows.contains(id) || !applied.iter().any(|r| r.id == *id))
        }
        Direction::Downgrade => true,
    })
}
