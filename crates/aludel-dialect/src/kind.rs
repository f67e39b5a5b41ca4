//! The table of kinds: what a comparison has to know of kinds that are data.
//!
//! A view or a domain is an identity, a definition and what that rests on. How such a kind is made,
//! replaced, altered, dropped, renamed and commented is an entry here, so that adding one is a row
//! in the table of each dialect that has it, and no code in the layers above.

use aludel_schema::{Clause, Definition, Kind, SqlText};

use crate::{Dialect, created, significant};

/// How one dialect treats a kind of object.
#[derive(Clone, Copy, Debug)]
pub struct KindFacts {
    /// The kind.
    pub kind: Kind,
    /// The words that CREATE, DROP, ALTER and COMMENT ON name it by.
    pub keyword: &'static str,
    /// The words between the name and the body in CREATE: `AS`.
    pub before_body: &'static str,
    /// Whether the body is all that stands behind those words, so that a statement can be taken apart
    /// without a parser of the rest.
    pub body_is_rest: bool,
    /// When `CREATE OR REPLACE` can take the place of drop and create.
    pub replace: Replace,
    /// The parts that ALTER can set and remove one by one.
    pub clauses: &'static [ClauseFacts],
    /// Whether `ALTER … RENAME TO` exists.
    pub renames: bool,
    /// The word that GRANT names it by; empty if it has no privileges.
    pub granted_as: &'static str,
    /// Whether it is a type that columns may have: a new one has to take them over.
    pub is_type: bool,
    /// Whether the server refuses to change what it rests on while it is there.
    pub holds_on: bool,
    /// Whether the server keeps the text as it was given and writes new names of tables and columns
    /// into it.
    pub text_follows_renames: bool,
}

/// When an object can be replaced in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Never: it is dropped and made again.
    Never,
    /// As long as the columns stay the same, with new ones behind them.
    WhileShapeGrows,
}

/// How a part of a definition is written and changed.
#[derive(Clone, Copy, Debug)]
pub struct ClauseFacts {
    /// The word by which metadata calls it.
    pub word: &'static str,
    /// Where CREATE has it.
    pub place: ClausePlace,
    /// Its form in CREATE, with `{name}` and `{text}`.
    pub create: &'static str,
    /// What ALTER says to set it; empty if only a new object can have it.
    pub set: &'static str,
    /// What ALTER says to remove it.
    pub unset: &'static str,
    /// Whether a changed one has to be removed first.
    pub once: bool,
}

/// Where CREATE has a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClausePlace {
    /// Right behind the name.
    AfterName,
    /// In `WITH (…)` before the body, with commas between.
    With,
    /// Behind the body, with spaces between.
    After,
}

impl KindFacts {
    /// How a clause of that word is written and changed.
    pub fn clause(&self, word: &str) -> Option<&'static ClauseFacts> {
        self.clauses.iter().find(|facts| facts.word == word)
    }

    /// The statement that makes a definition: `verb` is `CREATE` or `CREATE OR REPLACE`.
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

/// A form of a clause with its name and text.
pub(crate) fn filled(form: &str, clause: &Clause, dialect: Dialect) -> String {
    let name = clause.name.as_ref().map(|name| dialect.quote(name)).unwrap_or_default();
    form.replace("{name}", &name).replace("{text}", &clause.text.written)
}

/// Reads a CREATE statement of a kind that is data; `None` if it is none, or if the dialect does not
/// have the kind.
///
/// Only what stands before the body is understood. Where the body is not all of the rest, the rest
/// counts as the body until a server has taken it apart.
pub fn parse_definition(sql: &str, dialect: Dialect) -> Option<Definition> {
    let head = created(sql, dialect)?;
    let facts = dialect.kind_facts(head.object.kind)?;
    let rest = sql.get(head.rest..)?;
    let tokens = significant(rest, dialect);
    let (mut depth, mut columns, mut body) = (0_usize, None, None);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" if at == 0 => {
                columns = Some(token.end());
                depth += 1;
            }
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 && token.is_word(facts.before_body) => {
                body = Some(token.end());
                break;
            }
            _ => {}
        }
    }
    let text = match body {
        Some(body) => rest.get(body..)?,
        None if facts.body_is_rest => return None,
        None => rest,
    };
    let mut definition = Definition::new(head.object, text.trim());
    definition.source = Some(sql.to_owned());
    let before = rest.get(columns.unwrap_or(0)..body.unwrap_or(0)).unwrap_or_default();
    if columns.is_some() && facts.clause("columns").is_some() {
        let (inside, _) = before.rsplit_once(')')?;
        let text = SqlText::new(inside.trim());
        definition.clauses.push(Clause { word: "columns".to_owned(), name: None, text });
    }
    Some(definition)
}

#[cfg(test)]
mod tests {
    use super::parse_definition;
    use crate::Dialect;

    #[test]
    fn a_statement_is_taken_apart_before_its_body() {
        for (sql, dialect, expected) in [
            ("CREATE VIEW v AS SELECT 1", Dialect::Postgres, "view v | SELECT 1 | "),
            (
                "create or replace view app.v (a, b) as select (1) as x, 2",
                Dialect::Sqlite,
                "view app.v | select (1) as x, 2 | a, b",
            ),
            (
                "CREATE VIEW v WITH (security_barrier) AS SELECT 1 AS a",
                Dialect::Postgres,
                "view v | SELECT 1 AS a | ",
            ),
            ("CREATE DOMAIN d text NOT NULL", Dialect::Postgres, "domain d | text NOT NULL | "),
            ("CREATE DOMAIN d AS text", Dialect::Postgres, "domain d | text | "),
        ] {
            let found = parse_definition(sql, dialect).unwrap();
            let clauses = found.clauses.iter().map(|clause| clause.text.written.as_str());
            let clauses = clauses.collect::<Vec<_>>().join(";");
            assert_eq!(format!("{} | {} | {clauses}", found.id, found.body), expected, "{sql}");
        }
        for sql in ["CREATE DOMAIN d AS text", "CREATE VIEW v", "CREATE", "SELECT 1", ""] {
            assert!(parse_definition(sql, Dialect::Sqlite).is_none(), "{sql}");
        }
    }
}
