//! Columns of heirs that have them from several tables, which do not all give them one name.

use aludel_schema::{Metadata, ObjectId, QualifiedName, Table};

use crate::impossible::Impossible;
use crate::renaming::renames::Renamed;

/// Reports the columns of heirs that would have to get several names, or names that other columns give up at the
/// same time. The tables of `first` have their names already, and the columns do not.
pub(crate) fn columns(
    renamed: &Renamed<'_>,
    first: &Metadata,
    target: &Metadata,
) -> Vec<Impossible> {
    let mut found = Vec::new();
    if renamed.columns.is_empty() {
        return found;
    }
    for heir in target.tables.values().filter(|heir| heir.options.inherits.len() > 1) {
        let Some(own) = renamed.metadata.tables.get(&heir.name) else { continue };
        let stays = |name: &&QualifiedName| own.options.inherits.contains(name);
        let parents = heir.options.inherits.iter().filter(stays);
        let parents: Vec<&Table> =
            parents.filter_map(|name| renamed.metadata.tables.get(name)).collect();
        for parent in &parents {
            for column in &parent.columns {
                let now = column.name.as_str();
                let old = former(renamed, &parent.name, now);
                if own.column(now).is_some() && former(renamed, &heir.name, now) == old {
                    continue;
                }
                let gives = |other: &&&Table| {
                    let table = first.tables.get(&other.name);
                    let goes_on = || former(renamed, &other.name, now) == old;
                    table.is_some_and(|table| table.column(old).is_some()) && !goes_on()
                };
                let reason = match parents.iter().find(gives) {
                    Some(other) => format!(
                        "it comes from {} and {}, which are to call it differently; rename it in both, or \
                         let {} leave one of them first, in a revision of its own",
                        parent.name, other.name, heir.name
                    ),
                    None => format!(
                        "with that of {} it is to be called {now}, which is a name that a column from another \
                         table above gives up; rename one of them first, in a revision of its own",
                        parent.name
                    ),
                };
                let object = ObjectId::column(&heir.name, old);
                found.push(Impossible { object, reason });
            }
        }
    }
    found
}

/// Returns the name that a column of a table has before all renames.
fn former<'r>(renamed: &'r Renamed<'_>, table: &QualifiedName, column: &'r str) -> &'r str {
    let renames = renamed.columns.iter().rev().filter(|rename| rename.table == *table);
    renames.fold(column, |name, rename| match rename.to == name {
        true => &rename.from,
        false => name,
    })
}
