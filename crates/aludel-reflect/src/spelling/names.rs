//! The names of the objects in a scratch.
//!
//! The objects of the default schema are in the schema of the scratch, and a schema of its own stands for
//! each other one, so that an object keeps its name and only the schema before it is another. A
//! temporary schema is a single one: an object with a schema is called `"schema.name"` there. Texts are
//! rewritten in both directions.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, Token, TokenKind, code, significant, tokens};
use aludel_schema::{ObjectId, QualifiedName};

use super::schema::ScratchSchema;
use super::search_path::SearchPath;
use crate::postgres::stand_in_prefix;

/// The names of the objects in a scratch.
pub(super) struct Names {
    scratch: String,
    /// The beginning of the names of the schemas that stand for others.
    stand_in_prefix: String,
    is_temporary: bool,
    default_schema: String,
    /// The names of the objects by their aliases.
    originals: BTreeMap<String, QualifiedName>,
    /// The objects that a string may name to any function, as in `to_tsvector('app.words', body)`.
    in_quotes: BTreeSet<QualifiedName>,
    /// The schemas that others stand for, numbered by their place.
    schemas: Vec<String>,
    /// The functions of a scratch in the temporary schema, where calls have to state the schema.
    called: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(schema: &ScratchSchema, default_schema: &str) -> Self {
        Self {
            scratch: schema.name.clone(),
            stand_in_prefix: stand_in_prefix(&schema.name),
            is_temporary: schema.is_temporary,
            default_schema: default_schema.to_owned(),
            originals: BTreeMap::new(),
            in_quotes: BTreeSet::new(),
            schemas: Vec::new(),
            called: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, name: QualifiedName) {
        let other = name.schema.as_ref().filter(|schema| **schema != self.default_schema);
        if let Some(schema) = other.filter(|schema| !self.schemas.contains(schema)) {
            self.schemas.push(schema.clone());
        }
        self.originals.insert(name.to_string(), name);
    }

    /// Adds an object that a string may name to any function.
    pub(super) fn add_in_quotes(&mut self, name: QualifiedName) {
        self.in_quotes.insert(name.clone());
        self.add(name);
    }

    pub(super) fn default_schema(&self) -> &str {
        &self.default_schema
    }

    pub(super) fn are_temporary(&self) -> bool {
        self.is_temporary
    }

    /// Returns the schemas that others stand for.
    pub(super) fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// Returns the schemas that stand for others.
    pub(super) fn stand_ins(&self) -> impl Iterator<Item = String> {
        let all = 0..self.schemas.len();
        all.filter(|_| !self.is_temporary).map(|number| self.stand_in(number))
    }

    fn stand_in(&self, number: usize) -> String {
        format!("{}{number}", self.stand_in_prefix)
    }

    /// Returns the schema that a name is the stand-in of.
    fn stood_for(&self, name: &str) -> Option<&String> {
        let number = name.strip_prefix(self.stand_in_prefix.as_str())?;
        number.parse().ok().and_then(|number: usize| self.schemas.get(number))
    }

    /// Returns the schema of a scratch that stands for a schema; `None` if the scratch has nothing of it.
    pub(super) fn schema_in_scratch(&self, schema: &str) -> Option<String> {
        if schema == self.default_schema {
            return Some(self.scratch.clone());
        }
        let number = self.schemas.iter().position(|own| own == schema);
        number.filter(|_| !self.is_temporary).map(|number| self.stand_in(number))
    }

    /// Returns the name of an object in the scratch.
    pub(super) fn in_scratch(&self, name: &QualifiedName) -> QualifiedName {
        let schema = name.schema.as_ref().and_then(|schema| self.schema_in_scratch(schema));
        let schema = schema.unwrap_or_else(|| self.scratch.clone());
        let own = if self.is_temporary { name.to_string() } else { name.name.clone() };
        QualifiedName::new(Some(schema), own)
    }

    /// Returns true if a text names an object of the scratch.
    pub(super) fn has_named(&self, text: &str, dialect: Dialect) -> bool {
        let all = significant(text, dialect);
        let is_own = |word: String| self.originals.contains_key(&word);
        all.windows(3).any(|three| self.named(three).is_some())
            || all.iter().filter_map(Token::identifier).any(is_own)
    }

    /// States the temporary schema in calls of these functions, because the server never looks for
    /// functions there by itself.
    pub(super) fn call_in_temporary_schema(&mut self, functions: BTreeSet<String>) {
        self.called = functions;
    }

    /// Returns true if a token is the name of such a function in a call.
    fn is_called(&self, all: &[Token<'_>], at: usize, reach: Reach) -> bool {
        let name = all.get(at).and_then(Token::identifier);
        if !name.is_some_and(|name| self.called.contains(&name)) {
            return false;
        }
        let is_word = |token: &&Token<'_>| token.kind != TokenKind::Space;
        let before = all.iter().take(at).rev().find(is_word);
        let after = all.iter().skip(at + 1).find(is_word);
        let is = |token: Option<&Token<'_>>, symbol: &str| {
            token.is_some_and(|token| token.is_symbol(symbol))
        };
        let is_value = reach == Reach::Parameters && is(before, "=");
        !is(before, ".") && (is(after, "(") || is_value)
    }

    /// Returns the name outside of the scratch of an object in it; any other name is returned unchanged.
    fn original(&self, found: &QualifiedName) -> QualifiedName {
        if self.is_temporary {
            let known = self.originals.get(&found.name).filter(|_| found.schema.is_none());
            return known.unwrap_or(found).clone();
        }
        let schema = found.schema.as_ref();
        let stood_for = schema.and_then(|name| self.stood_for(name));
        QualifiedName::new(stood_for.or(schema).cloned(), found.name.as_str())
    }

    /// Returns an identity with the names that the objects have outside of the scratch.
    pub(super) fn original_id(&self, id: &ObjectId, dialect: Dialect) -> ObjectId {
        let signature = id.signature.as_ref().map(|text| self.back(text, dialect));
        match id.table.as_ref().map(|table| self.original(table)) {
            Some(table) => ObjectId::within(id.kind, &table, id.name.name.as_str()),
            None => ObjectId { name: self.original(&id.name), signature, ..id.clone() },
        }
    }

    /// Returns the name outside of the scratch of a column that the server has named after a function.
    pub(super) fn original_column(&self, name: &str) -> String {
        self.original(&QualifiedName::unqualified(name)).name
    }

    /// Returns a message of the server with the schemas that the models know.
    pub(super) fn original_message(&self, message: &str) -> String {
        let mut text = message.to_owned();
        for (number, schema) in self.schemas.iter().enumerate().filter(|_| !self.is_temporary) {
            let stand_in = self.stand_in(number);
            text = text.replace(&format!("{stand_in}."), &format!("{schema}."));
            text = text.replace(&format!("\"{stand_in}\""), &format!("\"{schema}\""));
        }
        text.replace(&format!("{}.", self.scratch), "")
    }

    /// Returns true if a text or the code in it names an object: with its schema, or without one if that
    /// is the default schema.
    pub(super) fn named_in(&self, text: &str, name: &QualifiedName, dialect: Dialect) -> bool {
        let all: Vec<Token<'_>> = significant(text, dialect);
        if all.iter().filter_map(code).any(|code| self.named_in(code.text, name, dialect)) {
            return true;
        }
        let is = |at: usize, wanted: &str| {
            all.get(at).and_then(Token::identifier).is_some_and(|found| found == wanted)
        };
        let dot = |at: usize| all.get(at).is_some_and(|token| token.is_symbol("."));
        let schema = name.schema.as_deref().unwrap_or(&self.default_schema);
        (0..all.len()).filter(|at| is(*at, &name.name)).any(|at| {
            let qualified = at > 1 && dot(at - 1);
            if qualified { is(at - 2, schema) } else { schema == self.default_schema }
        })
    }

    /// Replaces the schemas of names in a text.
    pub(super) fn there(&self, text: &str, dialect: Dialect) -> String {
        self.rewritten(text, dialect, Reach::Text, &[])
    }

    /// Replaces the schemas of names in a statement that names functions as values of its parameters, as in
    /// `SFUNC = f`.
    pub(super) fn there_in_parameters(&self, text: &str, dialect: Dialect) -> String {
        self.rewritten(text, dialect, Reach::Parameters, &[])
    }

    /// Replaces the schemas of names in a text and in the code in it.
    pub(super) fn there_in_code(&self, text: &str, dialect: Dialect) -> String {
        self.rewritten(text, dialect, Reach::Code, &[])
    }

    /// `around` is the statement that the text is the code of: the code may name its routine and its
    /// parameters.
    fn rewritten(
        &self,
        text: &str,
        dialect: Dialect,
        reach: Reach,
        around: &[Token<'_>],
    ) -> String {
        let all: Vec<Token<'_>> = tokens(text, dialect).collect();
        let words = [around, &significant(text, dialect)].concat();
        let qualifiers = self.qualifiers(&words);
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(token) = all.get(at) {
            let sets = reach == Reach::Code && around.is_empty();
            if let Some(path) = sets.then(|| SearchPath::at(&all, at)).flatten() {
                out.push_str(&path.there(|schema| self.schema_in_scratch(schema), dialect));
                at = path.end;
                continue;
            }
            let dotted = Dotted::at(&all, at);
            let named = dotted.and_then(|own| Some((self.named(&own.three)?, own)));
            if let Some((name, dotted)) = named {
                out.push_str(&self.spelt_in_scratch(&name, &dotted.three, dialect));
                at = dotted.end;
                continue;
            }
            if self.is_called(&all, at, reach) {
                out.push_str(&format!("{}.", self.scratch));
            }
            let before = at.checked_sub(1).and_then(|before| all.get(before));
            let begins = before.is_none_or(|before| !before.is_symbol("."));
            let qualifies = begins && all.get(at + 1).is_some_and(|next| next.is_symbol("."));
            let qualifier = token.identifier().filter(|_| qualifies);
            at += 1;
            if let Some(alias) = qualifier.and_then(|name| qualifiers.get(&name)) {
                out.push_str(&dialect.quote(alias));
            } else if let Some(literal) = self.named_in_quotes(token, &all[at..], dialect) {
                out.push_str(&literal);
            } else if let (Reach::Code, Some(code)) = (reach, code(token)) {
                out.push_str(code.quote);
                out.push_str(&self.rewritten(code.text, dialect, reach, &words));
                out.push_str(code.quote);
            } else {
                out.push_str(token.text);
            }
        }
        out
    }

    /// Returns the name in the scratch of what three tokens name. An operator is never quoted.
    fn spelt_in_scratch(
        &self,
        name: &QualifiedName,
        three: &[Token<'_>],
        dialect: Dialect,
    ) -> String {
        let there = self.in_scratch(name);
        let own = match three.last() {
            Some(token) if !self.is_temporary || token.kind == TokenKind::Symbol => {
                token.text.to_owned()
            }
            _ => dialect.quote(&there.name),
        };
        let schema = there.schema.unwrap_or_default();
        format!("{}.{own}", dialect.quote(&schema))
    }

    /// Returns the aliases in a temporary schema of the objects that a text names with their schema, by
    /// the names without it, which may stand before a column: `items.id` in a query of `app.items`. A
    /// name that also stands alone may be another one.
    fn qualifiers(&self, all: &[Token<'_>]) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        if !self.is_temporary {
            return found;
        }
        for three in all.windows(3) {
            let alias =
                self.named(three).filter(|_| three[0].identifier() != three[2].identifier());
            let name = three[2].identifier();
            found.extend(name.zip(alias.map(|name| name.to_string())));
        }
        let is_dot = |at: Option<usize>| {
            at.and_then(|at| all.get(at)).is_some_and(|token| token.is_symbol("."))
        };
        for (at, token) in all.iter().enumerate() {
            if !is_dot(at.checked_sub(1)) && !is_dot(Some(at + 1)) {
                token.identifier().and_then(|name| found.remove(&name));
            }
        }
        found
    }

    /// Returns the string for the scratch in place of one that names an object with its schema and nothing else,
    /// as in `'app.words'::regconfig`, or with its parameters, as in `'app.f(text)'::regprocedure`. Any other
    /// string is a text, even if it is the name of an object.
    fn named_in_quotes(
        &self,
        token: &Token<'_>,
        rest: &[Token<'_>],
        dialect: Dialect,
    ) -> Option<String> {
        let text = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
        let parameters = is_constant(rest).then(|| text.find('(')).flatten();
        let (text, parameters) = text.split_at(parameters.unwrap_or(text.len()));
        let three = significant(text, dialect);
        let name = self.named(&three)?;
        if !parameters.is_empty() {
            let own = self.spelt_in_scratch(&name, &three, dialect);
            return Some(dialect.literal(&(own + &self.there(parameters, dialect))));
        }
        let is_known = is_constant(rest) || self.in_quotes.contains(&name);
        let mut there = is_known.then(|| self.in_scratch(&name))?;
        // The server finds it in the temporary schema by itself.
        there.schema.take_if(|_| self.is_temporary);
        Some(dialect.literal(&dialect.quote_name(&there)))
    }

    /// Returns the object of the scratch that three tokens name with its schema.
    fn named(&self, three: &[Token<'_>]) -> Option<QualifiedName> {
        let [schema, dot, name] = three else { return None };
        dot.is_symbol(".").then_some(())?;
        let is_operator = name.kind == TokenKind::Symbol;
        let name = name.identifier().or_else(|| is_operator.then(|| name.text.to_owned()))?;
        let schema = schema.identifier()?;
        let full = QualifiedName::new(Some(schema.clone()), name.as_str());
        let is_default = schema == self.default_schema;
        let short = is_default.then(|| QualifiedName::unqualified(name));
        let is_known = |name: &QualifiedName| self.originals.contains_key(&name.to_string());
        short.into_iter().chain([full]).find(is_known)
    }

    /// Replaces the names of the scratch in a text by those of the objects outside of it.
    pub(super) fn back(&self, text: &str, dialect: Dialect) -> String {
        if self.is_temporary {
            return self.back_from_temporary_schema(text, dialect);
        }
        let all: Vec<Token<'_>> = tokens(text, dialect).collect();
        let own = |(at, token): (usize, &Token<'_>)| {
            let identifier = token.identifier();
            if let Some(schema) = identifier.and_then(|name| self.stood_for(&name).cloned()) {
                return dialect.quote(&schema);
            }
            if self.is_found_with_schema_only(&all[at..]) {
                return dialect.quote(&self.default_schema);
            }
            match token.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                // A name in a string, as in `'app.words'::regconfig`.
                Some(name) if name.trim_start_matches('"').starts_with(&self.stand_in_prefix) => {
                    dialect.literal(&self.back(name, dialect))
                }
                Some(name) if name.starts_with(&format!("{}.", self.scratch)) => {
                    let default = dialect.quote(&self.default_schema);
                    dialect.literal(&name.replacen(&self.scratch, &default, 1))
                }
                _ => token.text.to_owned(),
            }
        };
        all.iter().enumerate().map(own).collect()
    }

    /// Returns true if the tokens begin with the schema of the scratch and the name of an object that states
    /// the default schema, because the server has one of its own with the name.
    fn is_found_with_schema_only(&self, tokens: &[Token<'_>]) -> bool {
        let [schema, dot, name, ..] = tokens else { return false };
        let symbol = || (name.kind == TokenKind::Symbol).then(|| name.text.to_owned());
        let own = name.identifier().or_else(symbol);
        let full = own.map(|own| format!("{}.{own}", self.default_schema));
        dot.is_symbol(".")
            && schema.identifier().is_some_and(|schema| schema == self.scratch)
            && full.is_some_and(|full| self.originals.contains_key(&full))
    }

    /// Returns the name of the object whose alias is all of a string.
    fn original_in_quotes(&self, token: &Token<'_>) -> Option<&QualifiedName> {
        let text = token.text.strip_prefix("'\"")?.strip_suffix("\"'")?;
        self.originals.get(text).filter(|name| name.schema.is_some())
    }

    /// Replaces aliases in a text by names with a schema. Before a column or a parameter, the server
    /// has the name of a table or function without its schema. So it has for what it names by itself
    /// after a function: a column, and the rows of a function.
    fn back_from_temporary_schema(&self, text: &str, dialect: Dialect) -> String {
        let all: Vec<Token<'_>> = tokens(text, dialect).collect();
        let is_other = |name: &str| {
            all.iter().filter_map(Token::identifier).any(|identifier| identifier == name)
        };
        let own = |(at, token): (usize, &Token<'_>)| {
            if let Some(name) = self.original_in_quotes(token) {
                return dialect.literal(&dialect.quote_name(name));
            }
            let identifier = token.identifier();
            let original = identifier.and_then(|name| self.originals.get(&name));
            let Some(name) = original.filter(|name| name.schema.is_some()) else {
                return token.text.to_owned();
            };
            if is_named_after_function(&all, at) {
                return dialect.quote(&name.name);
            }
            let qualifies = all.get(at + 1).is_some_and(|next| next.is_symbol("."));
            // If another object has the same name, only the schema tells them apart.
            if qualifies && !is_other(&name.name) {
                dialect.quote(&name.name)
            } else {
                dialect.quote_name(name)
            }
        };
        let is_temporary = |at: usize| {
            all.get(at).is_some_and(|token| token.text.starts_with("pg_temp"))
                && all.get(at + 1).is_some_and(|token| token.is_symbol("."))
        };
        let is_said = |at: usize| is_temporary(at) || (at > 0 && is_temporary(at - 1));
        let kept = all.iter().enumerate().filter(|(at, _)| !is_said(*at));
        kept.map(own).collect()
    }
}

/// Returns true if the tokens behind a string make it a constant that names an object, such as
/// `::regclass`.
pub(super) fn is_constant(rest: &[Token<'_>]) -> bool {
    let mut rest = rest.iter().filter(|token| token.is_significant());
    rest.next().is_some_and(|token| token.is_symbol("::"))
        && rest.next().and_then(Token::identifier).is_some_and(|name| name.starts_with("reg"))
}

/// A name with its schema, between which there may be spaces.
struct Dotted<'t> {
    /// The schema, the dot and the name.
    three: [Token<'t>; 3],
    /// The place of the first token behind the name.
    end: usize,
}

impl<'t> Dotted<'t> {
    fn at(all: &[Token<'t>], first: usize) -> Option<Self> {
        let schema = all.get(first).filter(|token| token.identifier().is_some())?;
        let rest = all.iter().enumerate().skip(first + 1);
        let mut rest = rest.filter(|(_, token)| token.is_significant());
        let (_, dot) = rest.next().filter(|(_, token)| token.is_symbol("."))?;
        let (last, name) = rest.next()?;
        Some(Self { three: [*schema, *dot, *name], end: last + 1 })
    }
}

/// How far the names of a text are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Code in the text stays as it is.
    Text,
    /// A name behind an equals sign may be that of a function.
    Parameters,
    /// Code in the text leads to the scratch too.
    Code,
}

/// Returns true if the server has named something after a function, the name of which is the token:
/// the column in `SELECT f(1) AS f`, the rows and the column in `FROM f() f(f)`.
fn is_named_after_function(all: &[Token<'_>], at: usize) -> bool {
    let before = |at: usize| {
        let mut places = (0..at).rev();
        places.find(|place| all.get(*place).is_some_and(|token| token.kind != TokenKind::Space))
    };
    let is = |place: Option<usize>, word: &str| {
        let token = place.and_then(|place| all.get(place));
        token.is_some_and(|token| token.is_word(word) || token.is_symbol(word))
    };
    let name = all.get(at).and_then(Token::identifier);
    let is_same = |place: Option<usize>| {
        place.and_then(|place| all.get(place)).and_then(Token::identifier) == name
    };
    let first = before(at);
    if is(first, ")") {
        return is_same(first.and_then(|end| opening(all, end)).and_then(before));
    }
    if is(first, "(") {
        let rows = first.and_then(before);
        return is_same(rows) && rows.is_some_and(|rows| is_named_after_function(all, rows));
    }
    is(first, "AS")
}

/// Returns the place of the parenthesis that the one at `end` closes.
fn opening(all: &[Token<'_>], end: usize) -> Option<usize> {
    let mut open = 0_usize;
    for (place, token) in all.iter().enumerate().take(end + 1).rev() {
        if token.is_symbol(")") {
            open += 1;
        } else if token.is_symbol("(") {
            open = open.saturating_sub(1);
            if open == 0 {
                return Some(place);
            }
        }
    }
    None
}
