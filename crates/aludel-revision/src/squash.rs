//! Revisions that stand for others. While the others' files are there, a database that stands among
//! them goes on by them; every other database takes the one that replaces them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{GraphError, ResolveError, Revision, RevisionMap};

/// Which revisions are in a graph, and what the others are called in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Every revision there is a file of.
    pub(crate) all: Vec<Arc<Revision>>,
    /// Ids that are not in the graph, and the revision that stands for each.
    aliases: BTreeMap<String, Alias>,
}

#[derive(Clone, Debug)]
struct Alias {
    id: String,
    /// Whether both are the same place: what is below the one is below the other.
    same: bool,
}

impl Names {
    /// Chooses: those revisions that replace others are in, unless `expanded` has them.
    pub(crate) fn choose(
        all: Vec<Arc<Revision>>,
        expanded: &BTreeSet<String>,
    ) -> Result<(Self, Vec<Arc<Revision>>), GraphError> {
        let mut aliases = BTreeMap::new();
        for revision in all.iter().filter(|revision| !revision.replaces.is_empty()) {
            if revision.replaces.contains(&revision.id) {
                return Err(GraphError::ReplacesItself { id: revision.id.clone() });
            }
            let last = revision.replaces.last();
            if expanded.contains(&revision.id) {
                let alias = last.map(|last| Alias { id: last.clone(), same: true });
                aliases.extend(alias.map(|alias| (revision.id.clone(), alias)));
                continue;
            }
            for id in &revision.replaces {
                let alias = Alias { id: revision.id.clone(), same: Some(id) == last };
                if aliases.insert(id.clone(), alias).is_some() {
                    return Err(GraphError::ReplacedTwice { id: id.clone() });
                }
            }
        }
        let names = Self { all, aliases };
        if let Some(id) = names.aliases.keys().find(|id| names.stands_for(id).is_none()) {
            return Err(GraphError::ReplacesItself { id: id.clone() });
        }
        let Self { all, aliases } = &names;
        let active = all.iter().filter(|revision| !aliases.contains_key(&revision.id)).cloned();
        let active = active.collect();
        Ok((names, active))
    }

    /// What stands for an id in the graph, and whether it is the same place.
    pub(crate) fn stands_for(&self, id: &str) -> Option<(&str, bool)> {
        let mut alias = self.aliases.get(id)?;
        let mut same = alias.same;
        // As many steps as there are aliases would go round in a circle.
        for _ in 0..self.aliases.len() {
            let Some(next) = self.aliases.get(&alias.id) else { return Some((&alias.id, same)) };
            same &= next.same;
            alias = next;
        }
        None
    }
}

impl RevisionMap {
    /// The graph as a database sees it whose version table has these rows, and the rows by the names
    /// that they have in it.
    pub fn seen_from(&self, rows: &[String]) -> Result<(Cow<'_, Self>, Vec<String>), ResolveError> {
        let mut expanded = BTreeSet::new();
        for row in rows {
            self.expand(row, &mut expanded)?;
        }
        let map = if expanded.is_empty() {
            Cow::Borrowed(self)
        } else {
            let map = Self::chosen(self.names.all.clone(), &expanded);
            Cow::Owned(
                map.map_err(|mut problems| ResolveError::Graph(Box::new(problems.remove(0))))?,
            )
        };
        let rows =
            rows.iter().map(|row| map.names.stands_for(row).map_or(row.as_str(), |(id, _)| id));
        let mut rows: Vec<String> = rows.map(str::to_owned).collect();
        rows.sort();
        Ok((map, rows))
    }

    /// A row in the middle of what a revision replaces is found only by the revisions that it
    /// replaces.
    fn expand(&self, row: &str, expanded: &mut BTreeSet<String>) -> Result<(), ResolveError> {
        let Some(by) = self.names.all.iter().find(|r| r.replaces.iter().any(|id| id == row)) else {
            return Ok(());
        };
        if by.replaces.last().map(String::as_str) != Some(row) && expanded.insert(by.id.clone()) {
            let is_there = |id: &&String| self.names.all.iter().any(|r| r.id == **id);
            let missing: Vec<String> =
                by.replaces.iter().filter(|id| !is_there(id)).cloned().collect();
            if !missing.is_empty() {
                let (row, by) = (row.to_owned(), by.id.clone());
                return Err(ResolveError::ReplacedGone { row, by, missing });
            }
            // What replaces this one in turn has to make room too.
            let outer = self.names.all.iter().find(|r| r.replaces.contains(&by.id));
            expanded.extend(outer.map(|outer| outer.id.clone()));
        }
        self.expand(&by.id, expanded)
    }

    /// Why a replaced revision can't be named.
    pub(crate) fn replaced(&self, id: &str) -> Option<ResolveError> {
        let (by, _) = self.names.stands_for(id)?;
        Some(ResolveError::Replaced { id: id.to_owned(), by: by.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use crate::Goal;
    use crate::graph::tests::{map, strings};

    /// a — (b — c — d, replaced by s) — e
    const SQUASHED: [&str; 6] = ["a:", "b: a", "c: b", "d: c", "e: d", "s: a;;; b, c, d"];

    fn up(lines: &[&str], rows: &str) -> String {
        let map = map(lines).unwrap();
        let rows = strings(rows);
        let (map, rows) = match map.seen_from(&rows) {
            Ok(seen) => seen,
            Err(error) => return error.to_string(),
        };
        let targets = map.upgrade_targets("head", &rows).unwrap();
        let steps = map.steps(&rows, &Goal::Up(targets)).unwrap();
        steps.iter().map(|step| format!("{}({}) ", step.revision.id, step.to.join(","))).collect()
    }

    #[test]
    fn every_database_finds_its_way() {
        for (rows, with_files, without) in [
            ("", "a(a) s(s) e(e) ", "a(a) s(s) e(e) "),
            ("a", "s(s) e(e) ", "s(s) e(e) "),
            ("b", "c(c) d(d) e(e) ", "gone"),
            ("c", "d(d) e(e) ", "gone"),
            ("d", "e(e) ", "e(e) "),
            ("s", "e(e) ", "e(e) "),
            ("e", "", ""),
        ] {
            assert_eq!(up(&SQUASHED, rows), with_files, "from {rows}");
            let found = up(&["a:", "e: d", "s: a;;; b, c, d"], rows);
            if without == "gone" {
                assert!(
                    found.starts_with(&format!("Revision {rows} was replaced by s")),
                    "{found}"
                );
            } else {
                assert_eq!(found, without, "from {rows}, without the files");
            }
        }
    }

    #[test]
    fn what_replaces_can_be_replaced() {
        let mut lines = SQUASHED.to_vec();
        lines.push("t:;;; a, s, e");
        assert_eq!(up(&lines, ""), "t(t) ");
        assert_eq!(up(&lines, "c"), "d(d) e(e) ");
        assert_eq!(up(&lines, "s"), "e(e) ");
        assert_eq!(up(&lines, "d"), "e(e) ");
        assert_eq!(up(&lines, "e"), "");
    }

    #[test]
    fn a_replaced_revision_is_named_by_its_replacement() {
        let map = map(&SQUASHED).unwrap();
        assert_eq!(map.resolve("d", &[]).unwrap(), ["s"]);
        let error = map.resolve("c", &[]).unwrap_err().to_string();
        assert_eq!(error, "Revision c was replaced by s");
    }

    #[test]
    fn replacing_what_makes_no_sense_is_refused() {
        for (lines, words) in [
            (&["a:;;; a"][..], "Revision a replaces itself"),
            (&["a:", "b: a", "s:;;; a", "t:;;; a"], "Revision a is replaced twice"),
            (&["s:;;; t", "t:;;; s"], "Revision s replaces itself"),
        ] {
            let problems = map(lines).unwrap_err();
            assert!(problems[0].to_string().starts_with(words), "{}", problems[0]);
        }
    }
}
