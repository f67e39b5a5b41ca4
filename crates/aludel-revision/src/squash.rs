//! Revisions that replace others. As long as the files of the replaced revisions exist, a database
//! that is among them continues with them. Every other database takes the revision that replaces
//! them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::error::ResolveError;
use crate::file::Revision;
use crate::graph::RevisionMap;
use crate::names::squashes;

impl RevisionMap {
    /// Returns the graph as a database with these rows in its version table sees it, and the rows
    /// under the names that they have in that graph.
    ///
    /// # Errors
    ///
    /// Fails if a row is inside of a replaced range whose files are missing, or if the graph with
    /// the replaced revisions is invalid.
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

    /// Expands the revisions that replace `row`. A row in the middle of a replaced range is only
    /// found among the replaced revisions.
    fn expand(&self, row: &str, expanded: &mut BTreeSet<String>) -> Result<(), ResolveError> {
        let all = &self.names.all;
        let has = |ids: &[String]| ids.iter().any(|id| id == row);
        for by in squashes(all).filter(|s| has(&s.replaces)) {
            if has(&by.ends) {
                // The row is the same place as the revision that replaces it, which decides for
                // both.
                self.expand(&by.id, expanded)?;
            } else if !expanded.contains(&by.id) {
                self.check_there(row, by)?;
                self.make_room(&by.id, expanded);
            }
        }
        Ok(())
    }

    /// Checks that a database inside of a replaced range can continue: each replaced revision needs
    /// a file, or another revision that stands for it.
    fn check_there(&self, row: &str, by: &Revision) -> Result<(), ResolveError> {
        let is_there = |id: &&String| {
            let others = self.names.all.iter();
            others.clone().any(|r| r.id == **id)
                || others.clone().any(|r| r.id != by.id && r.replaces.contains(*id))
        };
        let missing: Vec<String> = by.replaces.iter().filter(|id| !is_there(id)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(ResolveError::ReplacedGone { row: row.to_owned(), by: by.id.clone(), missing })
    }

    /// Expands a revision, and in turn every revision that replaces it.
    fn make_room(&self, id: &str, expanded: &mut BTreeSet<String>) {
        if expanded.insert(id.to_owned()) {
            let outer = squashes(&self.names.all).filter(|s| s.replaces.iter().any(|r| r == id));
            outer.for_each(|outer| self.make_room(&outer.id, expanded));
        }
    }

    /// Returns the error for an identifier that names a replaced revision.
    pub(crate) fn replaced(&self, id: &str) -> Option<ResolveError> {
        let (by, _) = self.names.stands_for(id)?;
        Some(ResolveError::Replaced { id: id.to_owned(), by: by.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::tests::{map, strings};
    use crate::symbol::tests::symbol;
    use crate::transition::Goal;

    /// The line a, b, c, d, e, in which s replaces b, c and d.
    const SQUASHED: [&str; 6] = ["a:", "b: a", "c: b", "d: c", "e: d", "s: a;;; b, c, d"];

    fn up(lines: &[&str], rows: &str) -> String {
        let map = map(lines).unwrap();
        let rows = strings(rows);
        let (map, rows) = match map.seen_from(&rows) {
            Ok(seen) => seen,
            Err(error) => return error.to_string(),
        };
        let targets = map.upgrade_targets(&symbol("head"), &rows).unwrap();
        let transitions = map.transitions(&rows, &Goal::Up(targets)).unwrap();
        transitions
            .iter()
            .map(|transition| format!("{}({}) ", transition.revision.id, transition.to.join(",")))
            .collect()
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
    fn what_replaces_a_squash_knows_its_old_names() {
        // The revision t replaces a, s, and all that s replaced. The old files are gone.
        let lines = ["e: d", "t:;;; a, b, c, d|s"];
        for (rows, ran) in [("", "t(t) e(e) "), ("d", "e(e) "), ("s", "e(e) "), ("e", "")] {
            assert_eq!(up(&lines, rows), ran, "from {rows}");
        }
        assert!(up(&lines, "b").starts_with("Revision b was replaced by t"));
        // The same with the old files.
        let mut all = SQUASHED.to_vec();
        all.push("t:;;; a, b, c, d|s");
        for (rows, ran) in
            [("", "t(t) e(e) "), ("a", "s(s) e(e) "), ("c", "d(d) e(e) "), ("d", "e(e) ")]
        {
            assert_eq!(up(&all, rows), ran, "from {rows}, with the files");
        }
    }

    #[test]
    fn a_replaced_revision_is_named_by_its_replacement() {
        let map = map(&SQUASHED).unwrap();
        assert_eq!(map.resolve(&symbol("d"), &[]).unwrap(), ["s"]);
        let error = map.resolve(&symbol("c"), &[]).unwrap_err().to_string();
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
