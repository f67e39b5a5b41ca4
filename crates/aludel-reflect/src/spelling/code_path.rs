//! Code that rests on another search path.
//!
//! The server resolves the names in a function in SQL when it reads the code, and again when the code runs. A
//! function may have been made with a search path that has its own schema first, or be run with one, as many
//! dumps have them. Code that finds what it names with the schemas of the other objects in the path is not
//! wrong: a revision creates the function without a look at it.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Kind, Metadata, ObjectId};

use super::SpellingError;
use super::create::or_replace;
use super::scratch::Scratch;
use super::statement::ScratchStatement;
use super::uncompared::UNDEFINED;

/// Sets the search path back to the usual one.
const NARROW: &str =
    "SELECT set_config('search_path', current_setting('aludel.search_path'), true)";

/// The way in which the code of a function is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// With more schemas, because the server has found something only so, or not at all.
    Widely,
    /// With more schemas, because the code of another function of the schema needs them.
    AsOthers,
    /// With the usual search path, because the server has refused it with more schemas.
    AsUsual,
}

/// The ways in which the code of functions is read, other than the usual one.
#[derive(Clone, Debug, Default)]
pub(super) struct CodePaths(BTreeMap<ObjectId, Reading>);

impl CodePaths {
    /// Takes a refusal into account. Returns true if another reading may be accepted.
    pub(super) fn take(&mut self, error: &SpellingError, target: &Metadata) -> bool {
        let is_code = |id: &ObjectId| matches!(id.kind, Kind::Function | Kind::Procedure);
        let refused = error.source.statement().map(|refused| refused.code.as_str());
        let is_missing = refused.is_some_and(|code| UNDEFINED.contains(&code));
        let Some(place) = error.place.as_ref().filter(|place| is_code(&place.object)) else {
            return false;
        };
        let id = &place.object;
        match self.0.get(id) {
            Some(Reading::Widely | Reading::AsUsual) => false,
            Some(Reading::AsOthers) => {
                self.0.insert(id.clone(), Reading::AsUsual);
                true
            }
            None if is_missing => {
                let others = target.definitions.keys().filter(|own| is_code(own));
                let others = others.filter(|own| own.name.schema == id.name.schema && *own > id);
                for other in others {
                    self.0.entry(other.clone()).or_insert(Reading::AsOthers);
                }
                self.0.insert(id.clone(), Reading::Widely);
                true
            }
            None => false,
        }
    }

    /// Says of the functions of the target which ones rest on more schemas in the search path.
    pub(super) fn say(&self, target: &mut Metadata) {
        for id in self.wide() {
            if let Some(own) = target.definitions.get_mut(&id) {
                own.rests_on_path = true;
            }
        }
    }

    /// Returns the functions whose code is read with more schemas.
    pub(super) fn wide(&self) -> BTreeSet<ObjectId> {
        let wide = self.0.iter().filter(|(_, reading)| **reading != Reading::AsUsual);
        wide.map(|(id, _)| id.clone()).collect()
    }
}

impl Scratch {
    /// Returns statements that create functions again, now with a check of their code. Names in the
    /// code lead to the scratch, where the tables are that the database does not have yet.
    pub(super) fn code_checks(&self) -> Vec<ScratchStatement> {
        let checks = self.with_code().flat_map(|(definition, source)| {
            let source = self.said(definition, source);
            let text = self.names.there_in_code(&source, self.dialect);
            let check = ScratchStatement::of(definition, or_replace(&text, self.dialect));
            let schema = definition.id.name.schema.as_deref();
            let is_wide = self.wide.contains(&definition.id);
            let widen = is_wide.then(|| ScratchStatement::new(self.widen(schema), None));
            let narrow = is_wide.then(|| ScratchStatement::new(NARROW.to_owned(), None));
            widen.into_iter().chain([check]).chain(narrow)
        });
        let checks: Vec<ScratchStatement> = checks.collect();
        let on = "SET LOCAL check_function_bodies = on".to_owned();
        let on = ScratchStatement::new(on, None);
        let first = std::iter::once(on).chain(self.shadows()).filter(|_| !checks.is_empty());
        first.chain(checks.clone()).collect()
    }

    /// Returns the statement that puts a schema first in the search path, and the other ones and those of
    /// extensions last.
    fn widen(&self, own: Option<&str>) -> String {
        let both = |schema: &str| {
            let there = self.names.schema_in_scratch(schema);
            let both = there.into_iter().chain([schema.to_owned()]);
            both.map(|name| self.dialect.quote(&name)).collect::<Vec<_>>()
        };
        let first: Vec<String> = own.into_iter().flat_map(both).collect();
        let last = self.names.schemas().iter().flat_map(|own| both(own));
        let of_extensions = self.of_extensions.iter().map(|own| self.dialect.quote(own));
        let last: Vec<String> = last.chain(of_extensions).collect();
        let [first, last] = [first, last].map(|path| self.dialect.literal(&path.join(", ")));
        format!(
            "SELECT set_config('aludel.search_path', current_setting('search_path'), true), \
             set_config('search_path', concat_ws(', ', nullif({first}, ''), \
             nullif(current_setting('search_path'), ''), nullif({last}, '')), true)"
        )
    }
}
