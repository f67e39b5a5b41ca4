//! Resolution of identifiers: for display, for an upgrade, for a downgrade and for a stamp.

use std::fmt;

use crate::error::ResolveError;
use crate::graph::{RevisionMap, Set};
use crate::symbol::{Anchor, Symbol, SymbolError};
use crate::target::{DowngradeTarget, StampTarget};

/// A range of revisions: two identifiers with a colon between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The identifier before the colon, if there is one.
    pub start: Option<Symbol>,
    /// The identifier after the colon, if there is one.
    pub end: Option<Symbol>,
}

impl Range {
    /// Parses `[start]:[end]`.
    ///
    /// # Errors
    ///
    /// Fails if there is not exactly one colon, or if a side does not parse as an identifier.
    pub fn parse(text: &str) -> Result<Self, SymbolError> {
        let fail = |reason| SymbolError { text: text.to_owned(), reason };
        let no_range = "History range requires [start]:[end], [start]:, or :[end]";
        let (start, end) = text.split_once(':').ok_or_else(|| fail(no_range))?;
        if end.contains(':') {
            return Err(fail("a range has one colon"));
        }
        let side = |text: &str| match text {
            "" => Ok(None),
            text => Symbol::parse(text).map(Some),
        };
        Ok(Self { start: side(start)?, end: side(end)? })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side =
            |side: &Option<Symbol>| side.as_ref().map_or_else(String::new, Symbol::to_string);
        write!(f, "{}:{}", side(&self.start), side(&self.end))
    }
}

impl RevisionMap {
    /// Resolves an identifier to the ids of revisions, of which there are none for the base.
    /// `current` holds the rows of the version table.
    ///
    /// # Errors
    ///
    /// Fails if the identifier is unknown or ambiguous, if the revision is not on the given branch,
    /// or if the distance leaves the graph.
    pub fn resolve(
        &self,
        symbol: &Symbol,
        current: &[String],
    ) -> Result<Vec<String>, ResolveError> {
        if symbol.distance == 0 {
            return self.absolute(symbol, current);
        }
        let start = self.start(symbol, current)?;
        Ok(self.walk(symbol, start)?.into_iter().collect())
    }

    /// Resolves the target of an upgrade to the ids of revisions.
    ///
    /// # Errors
    ///
    /// Fails like [`Self::resolve`], and if a relative identifier does not lead upwards.
    pub fn upgrade_targets(
        &self,
        symbol: &Symbol,
        current: &[String],
    ) -> Result<Vec<String>, ResolveError> {
        if symbol.anchor.is_none() && symbol.distance < 0 {
            return Err(too_far(symbol));
        }
        let targets = self.resolve(symbol, current)?;
        if symbol.distance > 0 && targets.is_empty() {
            return Err(too_far(symbol));
        }
        Ok(targets)
    }

    /// Resolves the target of a downgrade.
    ///
    /// # Errors
    ///
    /// Fails like [`Self::resolve`], if a relative identifier does not lead downwards, or if the
    /// identifier means neither a single revision nor the base.
    pub fn downgrade_target(
        &self,
        symbol: &Symbol,
        current: &[String],
    ) -> Result<DowngradeTarget, ResolveError> {
        if symbol.anchor.is_none() && symbol.distance >= 0 {
            return Err(too_far(symbol));
        }
        let branch = symbol.branch.clone();
        if symbol.distance == 0 {
            let several = |ids: Vec<String>| ResolveError::MultipleHeads {
                argument: symbol.to_string(),
                heads: ids,
            };
            let mut ids = self.absolute(symbol, current)?;
            if ids.is_empty() && symbol.anchor != Some(Anchor::Base) {
                // An identifier without revisions does not mean the base, which has to be named.
                return Err(ResolveError::Unknown(symbol.to_string()));
            }
            let revision = ids.pop();
            return match ids.is_empty() {
                true => Ok(DowngradeTarget { branch, revision }),
                false => Err(several(ids.into_iter().chain(revision).collect())),
            };
        }
        let start = self.start(symbol, current)?;
        // A downgrade that is relative to the current position stays on the branch of that
        // position.
        let relative = matches!(symbol.anchor, None | Some(Anchor::Current));
        let line = start.clone().filter(|_| relative && symbol.distance < 0);
        let revision = self.walk(symbol, start)?;
        Ok(DowngradeTarget { branch: branch.or(line), revision })
    }

    /// Resolves a target of a stamp.
    ///
    /// # Errors
    ///
    /// Fails like [`Self::resolve`], and if the identifier means neither a revision nor the base.
    pub fn stamp_targets(
        &self,
        symbol: &Symbol,
        current: &[String],
    ) -> Result<Vec<StampTarget>, ResolveError> {
        let targets = self.resolve(symbol, current).map_err(|error| match error {
            ResolveError::MultipleHeads { heads, .. } => ResolveError::MultipleTargets { heads },
            other => other,
        })?;
        if !targets.is_empty() {
            return Ok(targets.into_iter().map(StampTarget::Revision).collect());
        }
        let is_base = symbol.anchor == Some(Anchor::Base) || symbol.distance < 0;
        if !is_base {
            // An identifier without revisions does not mean the base, which has to be named.
            return Err(ResolveError::Unknown(symbol.to_string()));
        }
        Ok(vec![match &symbol.branch {
            Some(branch) => StampTarget::Branch(self.revisions[self.branch(branch)?].id.clone()),
            None => StampTarget::Base,
        }])
    }

    /// Resolves an identifier without a distance.
    fn absolute(&self, symbol: &Symbol, current: &[String]) -> Result<Vec<String>, ResolveError> {
        let line = self.line_of(symbol)?;
        let on_line = |at: usize| line.as_ref().is_none_or(|line| line[at]);
        match &symbol.anchor {
            Some(Anchor::Base) => Ok(Vec::new()),
            Some(Anchor::Heads) if line.is_none() => Ok(self.ids(&self.real_heads())),
            Some(Anchor::Heads) => Ok(self.ids(&self.heads_on(on_line))),
            Some(Anchor::Head) => {
                let heads = self.heads_on(on_line);
                match heads.as_slice() {
                    // A project without revisions has no head yet.
                    [] if self.is_empty() && line.is_none() => Ok(Vec::new()),
                    [] => Err(ResolveError::Unknown(symbol.to_string())),
                    [_] => Ok(self.ids(&heads)),
                    _ => Err(ResolveError::MultipleHeads {
                        argument: "head".to_owned(),
                        heads: self.ids(&heads),
                    }),
                }
            }
            Some(Anchor::Name(name)) => {
                let at = self.locate(name, on_line)?;
                match (&symbol.branch, on_line(at)) {
                    (Some(branch), false) => Err(ResolveError::NotInBranch {
                        revision: self.revisions[at].id.clone(),
                        branch: branch.clone(),
                    }),
                    _ => Ok(self.ids(&[at])),
                }
            }
            None | Some(Anchor::Current) => Ok(current
                .iter()
                .filter(|id| self.by_id.get(*id).is_none_or(|at| on_line(*at)))
                .cloned()
                .collect()),
        }
    }

    fn heads_on(&self, on_line: impl Fn(usize) -> bool) -> Vec<usize> {
        let heads = (0..self.revisions.len()).filter(|at| self.children[*at].is_empty());
        heads.filter(|at| on_line(*at)).collect()
    }

    /// Returns the revision at which a walk begins; `None` for the base.
    fn start(&self, symbol: &Symbol, current: &[String]) -> Result<Option<String>, ResolveError> {
        let mut starts = match &symbol.anchor {
            None | Some(Anchor::Current) => self.currents(symbol, current)?,
            Some(Anchor::Base) if symbol.distance < 0 => return Err(too_far(symbol)),
            _ => {
                let bare = Symbol { distance: 0, ..symbol.clone() };
                self.absolute(&bare, current)?
            }
        };
        let start = starts.pop();
        match starts.is_empty() {
            true => Ok(start),
            false => Err(ResolveError::AmbiguousStart {
                way: if symbol.distance > 0 { "upgrade" } else { "downgrade" },
                symbol: symbol.to_string(),
                candidates: starts.into_iter().chain(start).collect(),
            }),
        }
    }

    /// Returns the current revisions on the branch of a symbol: the rows on it, or else the newest
    /// revisions on it that other rows imply.
    fn currents(&self, symbol: &Symbol, current: &[String]) -> Result<Vec<String>, ResolveError> {
        let Some(line) = self.line_of(symbol)? else { return Ok(current.to_vec()) };
        let on_line = |id: &&String| self.by_id.get(*id).is_some_and(|at| line[*at]);
        let rows: Vec<String> = current.iter().filter(on_line).cloned().collect();
        if !rows.is_empty() {
            return Ok(rows);
        }
        let mut applied = self.closure(&self.places(current), &self.requires);
        applied.iter_mut().zip(&line).for_each(|(applied, line)| *applied &= line);
        let tip = |at: &usize| applied[*at] && !self.required_by[*at].iter().any(|c| applied[*c]);
        Ok(self.ids(&(0..applied.len()).filter(tip).collect::<Vec<_>>()))
    }

    /// Walks up or down by `down_revision`, one revision at a time; returns `None` for the base.
    fn walk(&self, symbol: &Symbol, start: Option<String>) -> Result<Option<String>, ResolveError> {
        let line = self.line_of(symbol)?;
        let up = symbol.distance > 0;
        let mut at = match start {
            None => None,
            // A row that matches no file has no neighbours.
            Some(id) => Some(*self.by_id.get(&id).ok_or(ResolveError::Unknown(id))?),
        };
        for _ in 0..symbol.distance.unsigned_abs() {
            let mut next = match (at, up) {
                (Some(at), true) => self.children[at].clone(),
                (Some(at), false) => self.down[at].clone(),
                (None, true) => {
                    self.places(&self.bases().iter().map(|r| &r.id).collect::<Vec<_>>())
                }
                (None, false) => return Err(too_far(symbol)),
            };
            if let (Some(line), true) = (&line, up) {
                next.retain(|at| line[*at]);
            }
            let from = at.map_or("base", |at| self.revisions[at].id.as_str());
            at = match next.as_slice() {
                [] if up => return Err(too_far(symbol)),
                [] => None,
                [one] => Some(*one),
                _ => return Err(ambiguous(symbol, from, self.ids(&next))),
            };
        }
        Ok(at.map(|at| self.revisions[at].id.clone()))
    }

    /// Returns the ancestors and descendants by `down_revision` of a symbol's branch, if it names
    /// one.
    fn line_of(&self, symbol: &Symbol) -> Result<Option<Set>, ResolveError> {
        let Some(branch) = &symbol.branch else { return Ok(None) };
        let at = self.branch(branch)?;
        let mut line = self.closure(&[at], &self.down);
        let above = self.closure(&[at], &self.children);
        line.iter_mut().zip(above).for_each(|(line, above)| *line |= above);
        Ok(Some(line))
    }

    /// Returns the index of the revision with this label or id.
    pub(crate) fn branch(&self, name: &str) -> Result<usize, ResolveError> {
        self.locate(name, |_| true).map_err(|error| match error {
            ResolveError::Unknown(name) => ResolveError::NoBranch(name),
            other => other,
        })
    }

    /// Finds a revision by its full id, by a branch label, or by the beginning of its id. Several
    /// matches of a beginning are narrowed to those for which `on_line` holds.
    fn locate(&self, name: &str, on_line: impl Fn(usize) -> bool) -> Result<usize, ResolveError> {
        if let Some(at) = self.by_id.get(name).or_else(|| self.labels.get(name)) {
            return Ok(*at);
        }
        match self.names.stands_for(name) {
            Some((id, true)) => return self.locate(id, on_line),
            Some(_) => {
                let unknown = || ResolveError::Unknown(name.to_owned());
                return Err(self.replaced(name).unwrap_or_else(unknown));
            }
            None => {}
        }
        let beginning =
            self.by_id.range(name.to_owned()..).take_while(|(id, _)| id.starts_with(name));
        let candidates: Vec<usize> = beginning.map(|(_, at)| *at).collect();
        let own: Vec<usize> = candidates.iter().copied().filter(|at| on_line(*at)).collect();
        match (own.as_slice(), candidates.as_slice()) {
            ([one], _) | ([], [one]) => Ok(*one),
            ([], []) => Err(ResolveError::Unknown(name.to_owned())),
            ([], several) | (several, _) => Err(ResolveError::Ambiguous {
                prefix: name.to_owned(),
                candidates: self.ids(several),
            }),
        }
    }
}

fn ambiguous(symbol: &Symbol, at: &str, candidates: Vec<String>) -> ResolveError {
    ResolveError::AmbiguousWalk { symbol: symbol.to_string(), at: at.to_owned(), candidates }
}

fn too_far(symbol: &Symbol) -> ResolveError {
    ResolveError::TooFar {
        symbol: symbol.to_string(),
        distance: usize::try_from(symbol.distance.unsigned_abs()).unwrap_or(usize::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{map, strings};
    use crate::symbol::tests::symbol;

    #[test]
    fn identifiers_resolve() {
        let map = map(&["ab1:;; one", "ab2: ab1", "cd3: ab2", "x1:;; two", "x2: x1; ab2"]).unwrap();
        for (text, rows, expected) in [
            ("one@head", "", "cd3"),
            ("two@heads", "", "x2"),
            ("heads", "", "cd3 x2"),
            ("base", "ab1", ""),
            ("one@base", "ab1", ""),
            ("cd", "", "cd3"),
            ("one", "", "ab1"),
            ("ab2@head", "", "cd3"),
            ("cd3@ab", "", "ambiguous"),
            ("two@x", "", "ambiguous"),
            ("+1", "ab2", "cd3"),
            ("-1", "ab2", "ab1"),
            ("-2", "ab2", ""),
            ("-3", "ab2", "too far"),
            ("+2", "ab2", "too far"),
            ("+1", "", "ambiguous"),
            ("one@+1", "", "ab1"),
            ("two@+2", "", "x2"),
            ("two@+1", "x2", "too far"),
            ("one@+1", "x2", "cd3"),
            ("one@-1", "x2", "ab1"),
            ("one@head-2", "", "ab1"),
            ("one@base+2", "", "ab2"),
            ("ab1+1", "", "ab2"),
            ("current", "ab2 x1", "ab2 x1"),
            ("two@current", "ab2 x1", "x1"),
            ("current-1", "ab2", "ab1"),
            ("+1", "ab2 x1", "ambiguous"),
            ("head", "", "several heads"),
            ("ab", "", "ambiguous"),
            ("zz", "", "unknown"),
            ("two@cd3", "", "not in branch"),
            ("zz@head", "", "no branch"),
            ("base-1", "", "too far"),
        ] {
            let found = match map.resolve(&symbol(text), &strings(rows)) {
                Ok(ids) => ids.join(" "),
                Err(
                    ResolveError::Ambiguous { .. }
                    | ResolveError::AmbiguousWalk { .. }
                    | ResolveError::AmbiguousStart { .. },
                ) => "ambiguous".to_owned(),
                Err(ResolveError::TooFar { .. }) => "too far".to_owned(),
                Err(ResolveError::MultipleHeads { .. }) => "several heads".to_owned(),
                Err(ResolveError::Unknown(_)) => "unknown".to_owned(),
                Err(ResolveError::NoBranch(_)) => "no branch".to_owned(),
                Err(ResolveError::NotInBranch { .. }) => "not in branch".to_owned(),
                Err(other) => other.to_string(),
            };
            assert_eq!(found, expected, "{text} from {rows:?}");
        }
    }

    #[test]
    fn a_direction_refuses_the_other_ones_distance() {
        let map = map(&["a1:", "b2: a1"]).unwrap();
        let rows = strings("b2");
        assert!(matches!(
            map.upgrade_targets(&symbol("-1"), &rows),
            Err(ResolveError::TooFar { .. })
        ));
        assert!(matches!(
            map.downgrade_target(&symbol("+1"), &rows),
            Err(ResolveError::TooFar { .. })
        ));
        let target =
            |revision: &str| DowngradeTarget { branch: None, revision: Some(revision.to_owned()) };
        assert_eq!(map.downgrade_target(&symbol("a1+1"), &rows).unwrap(), target("b2"));
        assert_eq!(map.downgrade_target(&symbol("a1"), &rows).unwrap(), target("a1"));
    }

    #[test]
    fn nothing_is_not_the_base() {
        let empty = map(&[]).unwrap();
        assert_eq!(empty.upgrade_targets(&symbol("head"), &[]).unwrap(), Vec::<String>::new());
        for text in ["head", "heads"] {
            assert!(empty.stamp_targets(&symbol(text), &[]).is_err(), "stamp {text}");
            assert!(empty.downgrade_target(&symbol(text), &[]).is_err(), "downgrade {text}");
        }
        let map = map(&["a1:;; one", "b1:;; two"]).unwrap();
        let rows = strings("a1");
        assert!(map.downgrade_target(&symbol("two@current"), &rows).is_err());
        assert!(map.stamp_targets(&symbol("two@current"), &rows).is_err());
    }

    #[test]
    fn digits_alone_are_no_distance() {
        let map = map(&["862037093962:", "862037093963: 862037093962"]).unwrap();
        assert_eq!(map.resolve(&symbol("862037093962"), &[]).unwrap(), ["862037093962"]);
        assert_eq!(map.resolve(&symbol("862037093962+1"), &[]).unwrap(), ["862037093963"]);
        assert!(matches!(map.resolve(&symbol("86"), &[]), Err(ResolveError::Ambiguous { .. })));
    }

    #[test]
    fn ranges() {
        let range = |start: &str, end: &str| {
            let side = |text: &str| (!text.is_empty()).then(|| symbol(text));
            Range { start: side(start), end: side(end) }
        };
        assert_eq!(Range::parse("a:b").unwrap(), range("a", "b"));
        assert_eq!(Range::parse("-2:current").unwrap(), range("-2", "current"));
        assert_eq!(Range::parse(":").unwrap(), range("", ""));
        for text in ["a", "1:2:3", "a b:", ":@"] {
            assert!(Range::parse(text).is_err(), "{text}");
        }
    }
}
