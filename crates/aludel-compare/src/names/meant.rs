//! The objects that a name in a text means.

use std::borrow::Borrow;

use aludel_dialect::{Token, TokenKind};
use aludel_schema::{ObjectId, QualifiedName, path};

/// The rule by which a name finds an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    default_schema: Option<String>,
}

impl Lookup {
    pub(crate) fn new(default_schema: Option<String>) -> Self {
        Self { default_schema }
    }

    /// Returns the objects of several with the same name that a text means by it. A name with a schema
    /// means what is there. One without it means what is in the default schema, or in any other one if
    /// nothing is there, because the search path may hold several. What states the default schema is found
    /// with it only, because the server has an object of its own with the name.
    pub(crate) fn meant<'a, I: Borrow<ObjectId>>(
        &self,
        known: &'a [I],
        name: &QualifiedName,
    ) -> Vec<&'a ObjectId> {
        let known = || known.iter().map(Borrow::borrow);
        let is_default = name.schema.is_none() || name.schema == self.default_schema;
        let is_there = known().any(|id| id.name.schema.is_none());
        let is_any = name.schema.is_none() && !is_there;
        let meant = known().filter(|id| match &id.name.schema {
            None => is_default,
            schema => *schema == name.schema || (is_any && *schema != self.default_schema),
        });
        meant.collect()
    }
}

/// Returns the name that ends with a token: a word, an operator, or a name in quotes.
pub(crate) fn name_at(tokens: &[Token<'_>], at: usize) -> Option<QualifiedName> {
    let token = tokens.get(at)?;
    if let Some(text) = in_quotes(token) {
        let Some(mut parts) = path(text) else { return Some(QualifiedName::unqualified(text)) };
        let name = parts.pop()?;
        return Some(QualifiedName::new(parts.pop(), name));
    }
    let symbol = || (token.kind == TokenKind::Symbol).then(|| token.text.to_owned());
    let name = token.identifier().or_else(symbol)?;
    let is_qualified = at > 1 && tokens.get(at - 1).is_some_and(|dot| dot.is_symbol("."));
    let schema = is_qualified.then(|| tokens.get(at - 2).and_then(Token::identifier)).flatten();
    Some(QualifiedName::new(schema, name))
}

/// Returns true if the name that ends with a token may be that of a type in an expression: a cast, a typed literal or
/// a call. Columns may have the names of types.
pub(crate) fn is_of_type(tokens: &[Token<'_>], at: usize) -> bool {
    let is_qualified = at > 1 && tokens.get(at - 1).is_some_and(|dot| dot.is_symbol("."));
    let first = if is_qualified { at - 2 } else { at };
    let before = first.checked_sub(1).and_then(|before| tokens.get(before));
    let is_said = |own: &Token<'_>| {
        own.is_symbol("::") || ["AS", "RETURNING", "OF"].iter().any(|word| own.is_word(word))
    };
    let is_behind = |own: &Token<'_>| own.kind == TokenKind::String || own.is_symbol("(");
    tokens.get(at).and_then(in_quotes).is_some()
        || before.is_some_and(is_said)
        || tokens.get(at + 1).is_some_and(is_behind)
}

/// Returns the overloads that a call may mean: those with as many arguments as it has, or all if none of
/// those stays, because arguments may have defaults.
pub(crate) fn overloads<'a>(
    known: Vec<&'a ObjectId>,
    tokens: &[Token<'_>],
    at: usize,
    stays: impl Fn(&ObjectId) -> bool,
) -> Vec<&'a ObjectId> {
    let Some(count) = arguments(tokens, at) else { return known };
    let parameters = |id: &ObjectId| id.signature.as_deref().map(parameters);
    let exact = known.iter().filter(|id| parameters(id) == Some(count));
    let exact: Vec<&ObjectId> = exact.copied().collect();
    if exact.iter().any(|id| stays(id)) { exact } else { known }
}

/// Returns the number of types in a list of them.
fn parameters(signature: &str) -> usize {
    let mut depth = 0_usize;
    let commas = signature.chars().filter(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *c == ',' && depth == 0
    });
    let commas = commas.count();
    if signature.is_empty() || signature == "*" { 0 } else { commas + 1 }
}

/// Returns the number of arguments of a call, whose function is the name that ends with a token; `None` if it
/// is no call.
fn arguments(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let mut rest = tokens.get(at + 1..)?.iter();
    rest.next().filter(|token| token.is_symbol("("))?;
    let (mut depth, mut commas, mut is_empty) = (0_usize, 0, true);
    for token in rest {
        if token.is_symbol("(") || token.is_symbol("[") {
            depth += 1;
        } else if token.is_symbol(")") && depth == 0 {
            return Some(if is_empty { 0 } else { commas + 1 });
        } else if token.is_symbol(")") || token.is_symbol("]") {
            depth = depth.saturating_sub(1);
        } else if token.is_symbol(",") && depth == 0 {
            commas += 1;
        }
        is_empty = false;
    }
    None
}

fn in_quotes<'t>(token: &Token<'t>) -> Option<&'t str> {
    token.text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''))
}

#[cfg(test)]
mod tests {
    use aludel_dialect::{Dialect, significant};
    use aludel_schema::Kind;

    use super::*;

    #[test]
    fn the_objects_that_a_name_means() {
        let id = |name: &str| ObjectId::new(Kind::Function, QualifiedName::parse(name));
        let known = ["f", "public.f", "app.f"].map(id);
        let found = |known: &[ObjectId], name: &str| -> Vec<String> {
            let lookup = Lookup::new(Some("public".to_owned()));
            let name = QualifiedName::parse(name);
            lookup.meant(known, &name).into_iter().map(|id| id.name.to_string()).collect()
        };
        assert_eq!(found(&known, "f"), ["f"]);
        assert_eq!(found(&known, "public.f"), ["f", "public.f"]);
        assert_eq!(found(&known, "app.f"), ["app.f"]);
        assert_eq!(found(&known, "other.f"), [""; 0]);
        assert_eq!(found(&known[1..], "f"), ["app.f"]);
        assert_eq!(found(&known[1..2], "f"), [""; 0]);
    }

    #[test]
    fn the_overloads_that_a_call_means() {
        let id = |signature: &str| ObjectId {
            signature: Some(signature.to_owned()),
            ..ObjectId::new(Kind::Function, QualifiedName::unqualified("f"))
        };
        let known = ["", "integer", "numeric(4,2), text", "text, text[]"].map(id);
        for (call, expected) in [
            ("f()", &known[..1]),
            ("f(a)", &known[1..2]),
            ("f(g(a, b)::integer)", &known[1..2]),
            ("f(a, ARRAY[1, 2])", &known[2..]),
            ("f(a, b, c)", &known[..]),
        ] {
            let tokens = significant(call, Dialect::Postgres);
            let found = overloads(known.iter().collect(), &tokens, 0, |_| true);
            assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{call}");
        }
    }
}
