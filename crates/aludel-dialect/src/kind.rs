//! The table of kinds: the properties of the kinds that are data.
//!
//! An object of such a kind, for example a view or a domain, consists of an identity, a definition
//! and its dependencies. The entry of its kind says how it is created, replaced, altered, dropped,
//! renamed and commented. A new kind needs an entry for each dialect that has it, and no code in
//! the layers above.

use aludel_schema::{Clause, Definition, Kind};

use crate::dialect::Dialect;
use crate::lock::LockMode;

/// The treatment of one kind of object by one dialect.
#[derive(Clone, Copy, Debug)]
pub struct KindFacts {
    /// The kind.
    pub kind: Kind,
    /// The keyword of the kind in CREATE, DROP, ALTER and COMMENT ON.
    pub keyword: &'static str,
    /// The keyword between the name and the body in CREATE, such as `AS`.
    pub before_body: &'static str,
    /// True if the body is everything after that keyword, so that a statement can be taken apart
    /// without a parser for the body.
    pub body_is_rest: bool,
    /// The cases in which `CREATE OR REPLACE` can take the place of DROP and CREATE.
    pub replace: Replace,
    /// The parts of a definition that can be set and removed one by one.
    pub clauses: &'static [ClauseFacts],
    /// True if `ALTER … RENAME TO` exists.
    pub renames: bool,
    /// The keyword of the kind in GRANT; empty if the kind has no privileges.
    pub granted_as: &'static str,
    /// True if the kind is a type for columns. The columns of a replaced type must move to the new
    /// one.
    pub is_type: bool,
    /// The lock that ALTER and DROP take on an object; `None` if they take none that `pg_locks`
    /// shows as one of a relation.
    pub lock: Option<LockMode>,
    /// True if the server refuses to change or drop the objects that an object of the kind rests
    /// on.
    pub holds_on: bool,
    /// True if the server stores the text as given and replaces the names of renamed tables and
    /// columns in it.
    pub text_follows_renames: bool,
}

/// The cases in which an object can be replaced in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Never. The object is dropped and made again.
    Never,
    /// If all columns stay the same, and new ones come after them.
    WhileShapeGrows,
}

/// The statements for a part of a definition.
#[derive(Clone, Copy, Debug)]
pub struct ClauseFacts {
    /// The word that metadata has for the part ([`Clause::word`]).
    pub word: &'static str,
    /// The position of the part in CREATE.
    pub place: ClausePlace,
    /// The form of the part in CREATE, with `{name}` and `{text}`.
    pub create: &'static str,
    /// The action of ALTER that sets the part; empty if only a new object can have it.
    pub set: &'static str,
    /// The action of ALTER that removes the part.
    pub unset: &'static str,
    /// True if the part must be removed before it can be set to another value.
    pub once: bool,
}

/// The position of a clause in CREATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClausePlace {
    /// Directly after the name.
    AfterName,
    /// In `WITH (…)` before the body, separated by commas.
    With,
    /// After the body, separated by spaces.
    After,
}

impl KindFacts {
    /// Returns the facts for the clauses of that word.
    pub fn clause(&self, word: &str) -> Option<&'static ClauseFacts> {
        self.clauses.iter().find(|facts| facts.word == word)
    }

    /// Renders the statement for a definition. `verb` is `CREATE` or `CREATE OR REPLACE`.
    pub(crate) fn statement(
        &self,
        verb: &str,
        definition: &Definition,
        dialect: Dialect,
    ) -> String {
        let clauses = |place: ClausePlace| -> Vec<String> {
            let of_place = |clause: &Clause| {
                let facts = self.clause(&clause.word).filter(|facts| facts.place == place)?;
                Some(filled(facts.create, clause, dialect))
            };
            definition.clauses.iter().filter_map(of_place).collect()
        };
        let spaced = |clauses: Vec<String>| -> String {
            clauses.iter().map(|clause| format!(" {clause}")).collect()
        };
        let with = clauses(ClausePlace::With);
        let with =
            if with.is_empty() { String::new() } else { format!(" WITH ({})", with.join(", ")) };
        format!(
            "{verb} {} {}{}{with} {} {}{}",
            self.keyword,
            dialect.quote_name(&definition.id.name),
            spaced(clauses(ClausePlace::AfterName)),
            self.before_body,
            definition.body.written.trim().trim_end_matches(';'),
            spaced(clauses(ClausePlace::After))
        )
    }
}

/// Fills the name and the text of a clause into a form.
pub(crate) fn filled(form: &str, clause: &Clause, dialect: Dialect) -> String {
    let name = clause.name.as_ref().map(|name| dialect.quote(name)).unwrap_or_default();
    form.replace("{name}", &name).replace("{text}", &clause.text.written)
}
