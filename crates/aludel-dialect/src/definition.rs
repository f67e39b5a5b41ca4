//! Definitions from CREATE statements of the kinds that are data.

use aludel_schema::{Clause, Definition, Kind, ObjectId, QualifiedName, SqlText};

use crate::dialect::Dialect;
use crate::kind::Body;
use crate::lexer::significant;
use crate::statement::created;
use crate::token::Token;

/// The operator family that CREATE OPERATOR CLASS puts a class into.
#[derive(Clone, Debug)]
pub struct OperatorFamily {
    /// The identity of the family.
    pub id: ObjectId,
    /// True if the statement names the family. Otherwise it has the name of the class, and is made by
    /// the way if it is not there.
    pub is_stated: bool,
}

impl OperatorFamily {
    /// Returns the family of a class; `None` for anything else.
    pub fn of(class: &Definition, dialect: Dialect) -> Option<Self> {
        let sql = class.source.as_deref().filter(|_| class.id.kind == Kind::OperatorClass)?;
        let tokens = significant(sql, dialect);
        let head = tokens.iter().take_while(|token| !token.is_word("AS"));
        let stated = head.skip_while(|token| !token.is_word("FAMILY")).skip(1);
        let mut path: Vec<String> = stated.filter_map(Token::identifier).collect();
        let own = ObjectId { kind: Kind::OperatorFamily, ..class.id.clone() };
        Some(match path.pop() {
            Some(name) => {
                let name = QualifiedName::new(path.pop(), name);
                Self { id: ObjectId { name, ..own }, is_stated: true }
            }
            None => Self { id: own, is_stated: false },
        })
    }

    /// Returns an empty family.
    pub fn definition(&self, dialect: Dialect) -> Option<Definition> {
        let method = self.id.signature.as_deref()?;
        let name = dialect.quote_name(&self.id.name);
        parse_definition(&format!("CREATE OPERATOR FAMILY {name} USING {method}"), dialect)
    }
}

/// Parses a CREATE statement of a kind that is data; returns `None` for any other statement, and
/// for a kind that is not data in the dialect.
///
/// Only the part before the body is parsed. For a kind whose body is not everything after the
/// keyword, the whole remainder counts as the body until a server has parsed it.
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
        None if facts.body == Body::Rest && !facts.before_body.is_empty() => return None,
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
    use crate::dialect::Dialect;

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
