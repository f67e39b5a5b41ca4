//! Relations that go, or get other names: code that still names them is wrong, though the database has them until
//! then.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Token, code, significant, tokens};
use aludel_schema::{Metadata, QualifiedName};

/// The relations of the database of whose names the target has no relation, in any schema.
#[derive(Clone, Debug, Default)]
pub(super) struct GoneRelations(BTreeSet<QualifiedName>);

impl GoneRelations {
    pub(super) fn of(live: &Metadata, target: &Metadata) -> Self {
        let stay: BTreeSet<&str> = relations(target).map(|name| name.name.as_str()).collect();
        let gone = relations(live).filter(|name| !stay.contains(name.name.as_str()));
        Self(gone.cloned().collect())
    }

    /// Returns the names without their schemas.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| name.name.as_str())
    }

    /// Returns a statement whose code looks for these relations in a schema that does not have them. Code with a
    /// search path of its own may mean others.
    pub(super) fn hidden(&self, sql: &str, schemas: Schemas<'_>, dialect: Dialect) -> String {
        let all: Vec<Token<'_>> = tokens(sql, dialect).collect();
        if self.0.is_empty() || all.iter().any(|token| token.is_word("search_path")) {
            return sql.to_owned();
        }
        let own = |token: &Token<'_>| match code(token) {
            Some(code) => {
                let inside = self.hidden_in_code(code.text, schemas, dialect);
                format!("{0}{inside}{0}", code.quote)
            }
            None => token.text.to_owned(),
        };
        all.iter().map(own).collect()
    }

    fn hidden_in_code(&self, text: &str, schemas: Schemas<'_>, dialect: Dialect) -> String {
        let words = significant(text, dialect);
        let prefix = format!("{}.", dialect.quote(schemas.empty));
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        for at in 0..words.len() {
            let name = self.named_at(&words, at, schemas.default);
            if let (Some(first), Some(name)) = (words.get(at), name) {
                out.push_str(text.get(from..first.start).unwrap_or_default());
                out.push_str(&prefix);
                from = name.start;
            }
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }

    /// Returns the last token of the name of such a relation that begins at a token, behind a word that only a
    /// relation follows.
    fn named_at<'t, 'a>(
        &self,
        words: &'t [Token<'a>],
        at: usize,
        default_schema: &str,
    ) -> Option<&'t Token<'a>> {
        let before = at.checked_sub(1).and_then(|before| words.get(before))?;
        let follows = ["FROM", "JOIN", "INTO", "UPDATE", "ONLY"];
        follows.iter().any(|word| before.is_word(word)).then_some(())?;
        let first = words.get(at)?;
        if words.get(at + 1).is_some_and(|next| next.is_symbol(".")) {
            let schema = first.identifier().filter(|schema| schema != default_schema);
            let last = words.get(at + 2)?;
            let name = QualifiedName { schema, name: last.identifier()? };
            return self.0.contains(&name).then_some(last);
        }
        let name = QualifiedName::unqualified(first.identifier()?);
        (self.0.contains(&name) && !is_query(words, &name.name)).then_some(first)
    }
}

/// The schemas between which names are told apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schemas<'s> {
    /// The schema of names without a schema.
    pub(super) default: &'s str,
    /// One that has none of the relations.
    pub(super) empty: &'s str,
}

/// Returns true if the words give the name to a query, as `WITH name AS (…)` does.
fn is_query(words: &[Token<'_>], name: &str) -> bool {
    words.windows(3).any(|three| {
        let [before, own, after] = three else { return false };
        let begins = before.is_word("WITH") || before.is_word("RECURSIVE") || before.is_symbol(",");
        let is_it = own.identifier().is_some_and(|own| own == name);
        begins && is_it && (after.is_word("AS") || after.is_symbol("("))
    })
}

fn relations(metadata: &Metadata) -> impl Iterator<Item = &QualifiedName> {
    let definitions = metadata.definitions.keys().filter(|id| id.kind.is_other_relation());
    metadata.tables.keys().chain(definitions.map(|id| &id.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_that_go_are_hidden_from_code() {
        let gone = ["old", "app.old"].map(QualifiedName::parse).into_iter().collect();
        let gone = GoneRelations(gone);
        let schemas = Schemas { default: "public", empty: "x" };
        for (code, expected) in [
            ("SELECT a FROM old", "SELECT a FROM x.old"),
            (
                "SELECT old.a FROM t JOIN app . old ON true",
                "SELECT old.a FROM t JOIN x.old ON true",
            ),
            ("UPDATE public.old SET old = 1", "UPDATE x.old SET old = 1"),
            (
                "INSERT INTO old (a) VALUES ('from old')",
                "INSERT INTO x.old (a) VALUES ('from old')",
            ),
            ("SELECT a FROM other.old", "SELECT a FROM other.old"),
            ("WITH old AS (SELECT 1) SELECT FROM old", "WITH old AS (SELECT 1) SELECT FROM old"),
        ] {
            let sql = |code: &str| format!("CREATE FUNCTION f() LANGUAGE sql AS $$ {code} $$");
            let found = gone.hidden(&sql(code), schemas, Dialect::Postgres);
            assert_eq!(found, sql(expected));
        }
        let own = "CREATE FUNCTION f() SET search_path = app AS $$ SELECT FROM old $$";
        assert_eq!(gone.hidden(own, schemas, Dialect::Postgres), own);
    }
}
