//! The names of the objects in a scratch, which is a single schema.
//!
//! An object with a schema is called `"schema.name"` there. Texts are rewritten in both directions.
//! An operator has no such name, so that those of another schema are in a schema of their own.

use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, Token, TokenKind, code, significant, tokens};
use aludel_schema::{ObjectId, QualifiedName};

use crate::postgres::OPERATORS;

/// Returns the schema that holds the operators of a schema in a scratch.
pub(super) fn operator_schema(schema: &str) -> String {
    format!("{OPERATORS}{schema}")
}

/// The names of the objects in a scratch.
#[derive(Default)]
pub(super) struct Names {
    pub(super) default_schema: String,
    /// The names of the objects by their aliases.
    originals: BTreeMap<String, QualifiedName>,
    /// The schemas with operators in the scratch.
    operators_of: BTreeSet<String>,
    /// True if the scratch is the temporary schema, which the server states where it spells names.
    is_temporary: bool,
    /// The functions of a scratch in the temporary schema, where calls have to state the schema.
    called: BTreeSet<String>,
}

impl Names {
    pub(super) fn add(&mut self, name: QualifiedName) {
        self.originals.insert(self.alias(&name), name);
    }

    /// Moves the operators of a schema.
    pub(super) fn add_operators_of(&mut self, schema: &str) {
        self.operators_of.insert(schema.to_owned());
    }

    /// Returns true if a text names an object of the scratch.
    pub(super) fn has_named(&self, text: &str, dialect: Dialect) -> bool {
        let words = significant(text, dialect).into_iter();
        words.filter_map(|token| token.identifier()).any(|word| self.originals.contains_key(&word))
    }

    /// Returns true if an operator of the scratch is named with the default schema.
    fn is_own_operator(&self, all: &[Token<'_>], at: usize) -> bool {
        let schema = all.get(at).and_then(Token::identifier);
        let is_dot = all.get(at + 1).is_some_and(|token| token.is_symbol("."));
        let is_known = |token: &Token<'_>| {
            token.kind == TokenKind::Symbol && self.originals.contains_key(token.text)
        };
        schema.as_deref() == Some(self.default_schema.as_str())
            && is_dot
            && all.get(at + 2).is_some_and(is_known)
    }

    /// Returns the schema of an operator whose name begins at a token.
    fn schema_of_operator(&self, all: &[Token<'_>], at: usize) -> Option<String> {
        let schema = all.get(at).and_then(Token::identifier)?;
        let is_dot = all.get(at + 1).is_some_and(|token| token.is_symbol("."));
        let is_operator = all.get(at + 2).is_some_and(|token| token.kind == TokenKind::Symbol);
        (is_dot && is_operator && self.operators_of.contains(&schema)).then_some(schema)
    }

    /// States the temporary schema in calls of these functions, because the server never looks for
    /// functions there by itself.
    pub(super) fn call_in_temporary_schema(&mut self, functions: BTreeSet<String>) {
        self.is_temporary = true;
        self.called = functions;
    }

    /// Returns true if a token is the name of such a function in a call.
    fn is_called(&self, all: &[Token<'_>], at: usize) -> bool {
        let name = all.get(at).and_then(Token::identifier);
        let mut rest = all.iter().skip(at + 1).filter(|token| token.kind != TokenKind::Space);
        let is_qualified = at > 0 && all.get(at - 1).is_some_and(|token| token.is_symbol("."));
        name.is_some_and(|name| self.called.contains(&name))
            && !is_qualified
            && rest.next().is_some_and(|next| next.is_symbol("("))
    }

    /// Returns the alias of an object.
    pub(super) fn alias(&self, name: &QualifiedName) -> String {
        name.to_string()
    }

    /// Returns the name for an alias; a name that is not an alias is returned unchanged.
    pub(super) fn original(&self, alias: &QualifiedName) -> QualifiedName {
        if let Some(schema) = alias.schema.as_ref().and_then(|name| name.strip_prefix(OPERATORS)) {
            return QualifiedName::new(Some(schema.to_owned()), alias.name.as_str());
        }
        let known = self.originals.get(&alias.name).filter(|_| alias.schema.is_none());
        known.unwrap_or(alias).clone()
    }

    /// Returns an identity with the names that the objects have outside of the scratch.
    pub(super) fn original_id(&self, id: &ObjectId, dialect: Dialect) -> ObjectId {
        let signature = id.signature.as_ref().map(|text| self.back(text, dialect));
        match id.table.as_ref().map(|table| self.original(table)) {
            Some(table) => ObjectId::within(id.kind, &table, id.name.name.as_str()),
            None => ObjectId { name: self.original(&id.name), signature, ..id.clone() },
        }
    }

    /// Returns true if a text names an object: with its schema, or without one if that is the
    /// default schema.
    pub(super) fn named_in(&self, text: &str, name: &QualifiedName, dialect: Dialect) -> bool {
        let all: Vec<Token<'_>> = significant(text, dialect);
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

    /// Replaces names with a schema in a text by aliases.
    pub(super) fn there(&self, text: &str, dialect: Dialect) -> String {
        self.rewritten(text, dialect, None)
    }

    /// Replaces names with a schema in a text and in the code in it by aliases in the schema of the
    /// scratch.
    pub(super) fn there_in_code(&self, text: &str, dialect: Dialect, scratch: &str) -> String {
        self.rewritten(text, dialect, Some(scratch))
    }

    fn rewritten(&self, text: &str, dialect: Dialect, scratch: Option<&str>) -> String {
        let all: Vec<Token<'_>> = tokens(text, dialect).collect();
        let qualifiers = self.qualifiers(&significant(text, dialect));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(token) = all.get(at) {
            let alias = all.get(at..at + 3).and_then(|three| self.alias_of(three));
            if let Some(alias) = alias {
                let schema = scratch.map(|name| format!("{}.", dialect.quote(name)));
                out.push_str(&schema.unwrap_or_default());
                out.push_str(&dialect.quote(&alias));
                at += 3;
                continue;
            }
            if self.is_own_operator(&all, at) {
                // The scratch is searched first.
                at += 2;
                continue;
            }
            if let Some(schema) = self.schema_of_operator(&all, at) {
                out.push_str(&dialect.quote(&operator_schema(&schema)));
                at += 1;
                continue;
            }
            if self.is_called(&all, at) {
                out.push_str("pg_temp.");
            }
            let before = at.checked_sub(1).and_then(|before| all.get(before));
            let begins = before.is_none_or(|before| !before.is_symbol("."));
            let qualifies = begins && all.get(at + 1).is_some_and(|next| next.is_symbol("."));
            let qualifier = token.identifier().filter(|_| qualifies);
            if let Some(alias) = qualifier.and_then(|name| qualifiers.get(&name)) {
                out.push_str(&dialect.quote(alias));
                at += 1;
                continue;
            }
            at += 1;
            if let Some(alias) = self.alias_in_quotes(token, dialect) {
                out.push_str(&dialect.literal(&dialect.quote(&alias)));
                continue;
            }
            match (scratch, code(token)) {
                (Some(scratch), Some(code)) => {
                    out.push_str(code.quote);
                    out.push_str(&self.there_in_code(code.text, dialect, scratch));
                    out.push_str(code.quote);
                }
                _ => out.push_str(token.text),
            }
        }
        out
    }

    /// Returns the aliases of the objects that a text names with their schema, by the names without
    /// it, which may stand before a column: `items.id` in a query of `app.items`. A name that also
    /// stands alone may be another one.
    fn qualifiers(&self, all: &[Token<'_>]) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for three in all.windows(3) {
            let alias =
                self.alias_of(three).filter(|_| three[0].identifier() != three[2].identifier());
            let name = three[2].identifier();
            found.extend(name.zip(alias));
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

    /// Returns the alias of the object that a string names with its schema and nothing else, as in
    /// `'app.words'::regconfig`.
    fn alias_in_quotes(&self, token: &Token<'_>, dialect: Dialect) -> Option<String> {
        let text = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
        self.alias_of(&significant(text, dialect))
    }

    /// Returns the name of the object whose alias is all of a string.
    fn original_in_quotes(&self, token: &Token<'_>) -> Option<&QualifiedName> {
        let text = token.text.strip_prefix("'\"")?.strip_suffix("\"'")?;
        self.originals.get(text).filter(|name| name.schema.is_some())
    }

    /// Returns the alias of the object that three tokens name with its schema.
    fn alias_of(&self, three: &[Token<'_>]) -> Option<String> {
        let [schema, dot, name] = three else { return None };
        dot.is_symbol(".").then_some(())?;
        let (schema, name) = (schema.identifier()?, name.identifier()?);
        let schema = Some(schema).filter(|schema| *schema != self.default_schema);
        let alias = self.alias(&QualifiedName::new(schema, name));
        self.originals.contains_key(&alias).then_some(alias)
    }

    /// Replaces aliases in a text by names with a schema. Before a column or a parameter, the server
    /// has the name of a table or function without its schema. So it has for what it names by itself
    /// after a function: a column, and the rows of a function.
    pub(super) fn back(&self, text: &str, dialect: Dialect) -> String {
        let all: Vec<Token<'_>> = tokens(text, dialect).collect();
        let is_other = |name: &str| {
            all.iter().filter_map(Token::identifier).any(|identifier| identifier == name)
        };
        let own = |(at, token): (usize, &Token<'_>)| {
            if let Some(name) = self.original_in_quotes(token) {
                return dialect.literal(&dialect.quote_name(name));
            }
            let identifier = token.identifier();
            if let Some(schema) = identifier.as_ref().and_then(|name| name.strip_prefix(OPERATORS))
            {
                return dialect.quote(schema);
            }
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
        let is_said =
            |at: usize| self.is_temporary && (is_temporary(at) || (at > 0 && is_temporary(at - 1)));
        let kept = all.iter().enumerate().filter(|(at, _)| !is_said(*at));
        kept.map(own).collect()
    }
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
