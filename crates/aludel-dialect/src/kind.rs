//! The table of kinds: the properties of the kinds that are data.
//!
//! An object of such a kind, for example a view or a domain, consists of an identity, a definition
//! and its dependencies. The entry of its kind says how it is created, replaced, altered, dropped,
//! renamed and commented. A new kind needs an entry for each dialect that has it, and no code in
//! the layers above.

use aludel_schema::{Clause, Definition, Kind, ObjectId};

use crate::dialect::Dialect;
use crate::expression::as_default;
use crate::lexer::significant;
use crate::lock::LockMode;

/// The treatment of one kind of object by one dialect.
///
/// Forms are texts with placeholders: `{name}` is the qualified name, `{own}` the name without its
/// schema, `{schema}` the schema with a dot, `{table}` the table of the object, and `{signature}` what distinguishes objects of the
/// same name. Forms of clauses also have `{part}`, the name of the clause, `{label}`, that name
/// without quotes, `{text}`, and, in ALTER, `{body}`, the body of the definition.
#[derive(Clone, Copy, Debug)]
pub struct KindFacts {
    /// The kind.
    pub kind: Kind,
    /// The keyword of the kind in CREATE, DROP, ALTER and COMMENT ON.
    pub keyword: &'static str,
    /// The form of what follows the keyword in CREATE.
    pub created_as: &'static str,
    /// The form of what follows the keyword in every other statement.
    pub address: &'static str,
    /// True if the name is not an identifier, as that of an operator or a cast, so that it is never
    /// quoted.
    pub name_is_text: bool,
    /// The keyword between the name and the body in CREATE, such as `AS`.
    pub before_body: &'static str,
    /// The part of the statement that is the body.
    pub body: Body,
    /// The cases in which `CREATE OR REPLACE` can take the place of DROP and CREATE.
    pub replace: Replace,
    /// The parts of a definition that can be set and removed one by one.
    pub clauses: &'static [ClauseFacts],
    /// The form of the statement that sets clauses, up to its action.
    pub alter: &'static str,
    /// True if `ALTER … RENAME TO` exists.
    pub renames: bool,
    /// The keyword of the kind in GRANT; empty if the kind has no privileges.
    pub granted_as: &'static str,
    /// True if all roles have privileges on a new object of the kind.
    pub is_public: bool,
    /// True if there is no CREATE and no DROP: an object is there as soon as it has a clause.
    pub is_altered_only: bool,
    /// True if the kind is a type for columns.
    pub is_type: bool,
    /// True if another type of the kind can take over the columns of one, under its name.
    pub hands_over: bool,
    /// The lock that CREATE takes on the table of the object. An object that belongs to no table
    /// takes it on the tables that it is about.
    pub create_lock: Option<LockMode>,
    /// True if DROP takes that lock on the tables that the object is about, too.
    pub drop_locks_tables: bool,
    /// The lock that ALTER and DROP take on an object, or on the table that it belongs to; `None`
    /// if they take none that `pg_locks` shows as one of a relation.
    pub lock: Option<LockMode>,
    /// True if the server refuses to change or drop the objects that an object of the kind rests
    /// on.
    pub holds_on: bool,
    /// True if the server stores the text as given and replaces the names of renamed tables and
    /// columns in it.
    pub text_follows_renames: bool,
    /// True if an object has rows, which a drop loses. It is never made again.
    pub has_rows: bool,
    /// True if the text has a body that the server does not resolve, such as that of a function in
    /// a procedural language. What it names may be missing from the dependencies.
    pub has_code: bool,
}

/// The part of a CREATE statement that is the body of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Everything after the keyword before the body. The statement can be taken apart without a
    /// parser for the body.
    Rest,
    /// A part that only a server can tell from the clauses.
    Part,
}

/// The cases in which an object can be replaced in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Never. The object is dropped and made again.
    Never,
    /// If all columns stay the same, and new ones come after them.
    WhileShapeGrows,
    /// If the definition has no word before its keyword, as a constraint trigger has.
    WhilePlain,
}

/// The statements for a part of a definition.
#[derive(Clone, Copy, Debug)]
pub struct ClauseFacts {
    /// The word that metadata has for the part ([`Clause::word`]).
    pub word: &'static str,
    /// The position of the part in CREATE.
    pub place: ClausePlace,
    /// The form of the statement that sets the part, up to its action; empty if it is that of the
    /// kind.
    pub alter: &'static str,
    /// The form of the part in CREATE.
    pub create: &'static str,
    /// The action of ALTER that sets the part; empty if only a new object can have it.
    pub set: &'static str,
    /// The action of ALTER that changes a part that is there; empty if it is the same as `set`.
    pub change: &'static str,
    /// The action of ALTER that removes the part; empty if only a new object can be without it.
    pub unset: &'static str,
    /// The action of ALTER that gives the part another name, up to that; empty if there is none.
    pub rename: &'static str,
    /// True if the part must be removed before it can be set to another value.
    pub once: bool,
    /// The words of the clauses that such a part is about, by their names. It goes with the other
    /// clause, and is set again after that one is; empty for a part of its own.
    pub about: &'static [&'static str],
    /// True if rows have values of the part, which go with it. Values consist of such parts in their
    /// order, and ALTER adds a new one behind the others.
    pub has_values: bool,
    /// True if only one object of a table has the part: setting it takes it from the other one.
    pub is_exclusive: bool,
}

/// The position of a clause in CREATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClausePlace {
    /// Before the keyword of the kind.
    BeforeKeyword,
    /// Directly after the name.
    AfterName,
    /// In `WITH (…)` before the body, separated by commas.
    With,
    /// In parentheses after the body or in its place, separated by commas.
    List,
    /// Behind the clause of the list that it is about.
    InList,
    /// After the body, separated by spaces.
    After,
    /// In `OPTIONS (…)` at the end, separated by commas.
    Options,
    /// Not in CREATE: an ALTER after it sets the part.
    Separate,
}

impl ClauseFacts {
    /// Returns true if the name of such a part is that of a column.
    pub fn is_of_column(&self) -> bool {
        self.set.starts_with("ALTER COLUMN {part}")
    }

    /// Returns true if such a part is a column.
    pub fn is_column(&self) -> bool {
        self.set.starts_with("ADD COLUMN {part}")
    }
}

impl KindFacts {
    /// Returns the facts for the clauses of that word.
    pub fn clause(&self, word: &str) -> Option<&'static ClauseFacts> {
        self.clauses.iter().find(|facts| facts.word == word)
    }

    /// Returns true if a clause says something about another one of the same object.
    pub fn is_about(&self, clause: &Clause, other: &Clause) -> bool {
        let about = self.clause(&clause.word).map_or(&[][..], |facts| facts.about);
        clause.name == other.name && about.contains(&other.word.as_str())
    }

    /// Returns the keyword with the address of an object, as in `DROP` and `COMMENT ON`.
    pub(crate) fn addressed(&self, id: &ObjectId, dialect: Dialect) -> String {
        format!("{} {}", self.keyword, self.form(self.address, id, dialect))
    }

    /// Fills the identity of an object into a form.
    pub(crate) fn form(&self, form: &str, id: &ObjectId, dialect: Dialect) -> String {
        let schema = id.name.schema.as_ref().map(|schema| format!("{}.", dialect.quote(schema)));
        let schema = schema.unwrap_or_default();
        let own = match self.name_is_text {
            true => id.name.name.clone(),
            false => dialect.quote(&id.name.name),
        };
        let table = id.table.as_ref().map(|table| dialect.quote_name(table)).unwrap_or_default();
        form.replace("{name}", &format!("{schema}{own}"))
            .replace("{schema}", &schema)
            .replace("{own}", &own)
            .replace("{table}", &table)
            .replace("{signature}", id.signature.as_deref().unwrap_or_default())
    }

    /// Renders the CREATE statement of a definition, and the ALTER statements for the clauses that
    /// can't be part of it. `verb` is `CREATE` or `CREATE OR REPLACE`. A verbatim definition has the
    /// statements of its author.
    pub(crate) fn statements(
        &self,
        verb: &str,
        definition: &Definition,
        dialect: Dialect,
    ) -> Vec<String> {
        if let Some(source) = definition.source.as_ref().filter(|_| definition.is_verbatim) {
            return std::iter::once(source).chain(&definition.attributes).cloned().collect();
        }
        let separate = self.of_place(definition, ClausePlace::Separate);
        let separate =
            separate.map(|(clause, facts)| self.altered(definition, clause, facts.set, dialect));
        let first = || self.statement(verb, definition, dialect);
        let first = (!self.is_altered_only).then(first);
        first.into_iter().chain(separate).collect()
    }

    /// Renders the ALTER statement that does something to a clause of a definition.
    pub(crate) fn altered(
        &self,
        definition: &Definition,
        clause: &Clause,
        action: &str,
        dialect: Dialect,
    ) -> String {
        let own = self.clause(&clause.word).map_or("", |facts| facts.alter);
        let alter = if own.is_empty() { self.alter } else { own };
        let form = self.form(&format!("{alter} {action}"), &definition.id, dialect);
        filled(&form.replace("{body}", &definition.body.written), clause, dialect)
    }

    /// Returns the parts of a definition that another one has under other names, each with its part there.
    fn renamed_parts<'d>(
        &self,
        from: &'d Definition,
        to: &'d Definition,
    ) -> Vec<(&'d Clause, &'d Clause)> {
        let mut new: Vec<&Clause> = to.clauses.iter().collect();
        new.retain(|own| !from.clauses.iter().any(|old| old.name == own.name));
        let gone = from
            .clauses
            .iter()
            .filter(|old| old.name.is_some() && !to.clauses.iter().any(|own| own.name == old.name));
        let parts = gone.filter_map(|old| {
            let facts = self.clause(&old.word).filter(|facts| !facts.rename.is_empty())?;
            let is_it = |own: &&Clause| {
                let is_alike =
                    self.clause(&own.word).is_some_and(|other| other.unset == facts.unset);
                is_alike && own.text.spelling() == old.text.spelling() && own.name.is_some()
            };
            let at = new.iter().position(is_it)?;
            Some((old, new.remove(at)))
        });
        parts.collect()
    }

    /// Returns a definition with the names that its parts have in another one, where ALTER gives them these.
    pub fn under_new_names(&self, from: &Definition, to: &Definition) -> Definition {
        let mut renamed = from.clone();
        for (old, new) in self.renamed_parts(from, to) {
            let is_of_it = |own: &Clause| own.is_same_part(old) || self.is_about(own, old);
            for clause in renamed.clauses.iter_mut().filter(|own| is_of_it(own)) {
                clause.name.clone_from(&new.name);
                if clause.word == old.word {
                    clause.word.clone_from(&new.word);
                }
            }
        }
        renamed
    }

    /// Renders the statements that give the parts of a definition the names that they have in another one.
    pub(crate) fn part_renames(
        &self,
        from: &Definition,
        to: &Definition,
        dialect: Dialect,
    ) -> Vec<String> {
        let renames = self.renamed_parts(from, to).into_iter();
        let renames = renames.filter_map(|(old, new)| {
            let action = self.clause(&old.word)?.rename;
            let name = dialect.quote(new.name.as_ref()?);
            Some(format!("{} {name}", self.altered(to, old, action, dialect)))
        });
        renames.collect()
    }

    fn of_place<'d>(
        &self,
        definition: &'d Definition,
        place: ClausePlace,
    ) -> impl Iterator<Item = (&'d Clause, &'static ClauseFacts)> {
        let clauses = definition.clauses.iter();
        let known = clauses.filter_map(|clause| Some((clause, self.clause(&clause.word)?)));
        known.filter(move |(_, facts)| facts.place == place)
    }

    /// Renders the clauses of the list, each with those that are about it behind it.
    fn list(&self, definition: &Definition, dialect: Dialect) -> Vec<String> {
        let item = |(item, facts): (&Clause, &ClauseFacts)| {
            let parts = self.of_place(definition, ClausePlace::InList);
            let own = parts.filter(|(part, _)| self.is_about(part, item));
            let own = own.map(|(part, facts)| filled(facts.create, part, dialect));
            let words = std::iter::once(filled(facts.create, item, dialect)).chain(own);
            words.collect::<Vec<String>>().join(" ")
        };
        self.of_place(definition, ClausePlace::List).map(item).collect()
    }

    fn statement(&self, verb: &str, definition: &Definition, dialect: Dialect) -> String {
        let clauses = |place: ClausePlace| -> Vec<String> {
            let clauses = self.of_place(definition, place);
            clauses.map(|(clause, facts)| filled(facts.create, clause, dialect)).collect()
        };
        let mut words = vec![verb.to_owned()];
        words.extend(clauses(ClausePlace::BeforeKeyword));
        words.push(self.keyword.to_owned());
        words.push(self.form(self.created_as, &definition.id, dialect));
        words.extend(clauses(ClausePlace::AfterName));
        let with = clauses(ClausePlace::With);
        if !with.is_empty() {
            words.push(format!("WITH ({})", with.join(", ")));
        }
        words.push(self.before_body.to_owned());
        words.push(definition.body.written.trim().trim_end_matches(';').to_owned());
        let list = self.list(definition, dialect);
        if !list.is_empty() || self.kind == Kind::CompositeType {
            words.push(format!("(\n    {}\n)", list.join(",\n    ")));
        }
        words.extend(clauses(ClausePlace::After));
        let options = clauses(ClausePlace::Options);
        if !options.is_empty() {
            words.push(format!("OPTIONS ({})", options.join(", ")));
        }
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }
}

/// Fills the name and the text of a clause into a form, where `{default}` is the text in the
/// parentheses that DEFAULT needs, and `{drops}` drops the options that the text sets.
pub(crate) fn filled(form: &str, clause: &Clause, dialect: Dialect) -> String {
    let name = clause.name.as_ref().map(|name| dialect.quote(name)).unwrap_or_default();
    let label = clause.name.as_deref().unwrap_or_default();
    let form = form.replace("{part}", &name).replace("{label}", label);
    let text = &clause.text.written;
    if form.contains("{default}") {
        form.replace("{default}", &as_default(text, dialect))
    } else if form.contains("{drops}") {
        form.replace("{drops}", &dropped_options(text, dialect))
    } else {
        form.replace("{text}", text)
    }
}

/// Returns the parts of `OPTIONS (…)` that drop each of the options of a text, which names them before
/// their values.
fn dropped_options(text: &str, dialect: Dialect) -> String {
    let tokens = significant(text, dialect);
    let mut names = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if at == 0 || tokens.get(at - 1).is_some_and(|before| before.text == ",") {
            names.push(format!("DROP {}", token.text));
        }
    }
    names.join(", ")
}
