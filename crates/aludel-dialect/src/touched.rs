//! What a statement changes, by name: enough to see that two branches may get into each other's way.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Dialect, Token, TokenKind, significant};

/// Something that a statement makes, changes, fills or drops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// `table`, `type`, `view`, `function`, `sequence` or `schema`.
    pub kind: &'static str,
    /// Its name, perhaps with a schema.
    pub name: String,
    /// The column of the table, where the statement is about one.
    pub column: Option<String>,
}

impl fmt::Display for Touched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "column {}.{column}", self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// What the statements of a text change. What is not understood is not in it.
pub fn touched(sql: &str, dialect: Dialect) -> BTreeSet<Touched> {
    let mut found = BTreeSet::new();
    for statement in crate::split(sql, dialect).unwrap_or_default() {
        let tokens = significant(&statement.sql, dialect);
        Reader { tokens: &tokens, at: 0 }.statement(&mut found);
    }
    found
}

struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

impl Reader<'_, '_> {
    fn is(&self, word: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.is_word(word))
    }

    /// Goes past these words, as far as they are next and in this order.
    fn eat(&mut self, words: &[&str]) -> bool {
        let before = self.at;
        for word in words {
            self.at += usize::from(self.is(word));
        }
        self.at > before
    }

    /// Goes past all up to a word, and past it.
    fn skip_past(&mut self, word: &str) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let Some(place) = rest.iter().position(|token| token.is_word(word)) else { return false };
        self.at += place + 1;
        true
    }

    fn name(&mut self) -> Option<String> {
        let mut name = self.tokens.get(self.at)?.identifier()?;
        self.at += 1;
        while self.tokens.get(self.at).is_some_and(|token| token.is_symbol(".")) {
            let Some(part) = self.tokens.get(self.at + 1).and_then(Token::identifier) else {
                break;
            };
            name = format!("{name}.{part}");
            self.at += 2;
        }
        Some(name)
    }

    fn statement(&mut self, found: &mut BTreeSet<Touched>) {
        let Some(first) = self.tokens.first() else { return };
        let word = first.text.to_ascii_uppercase();
        self.at = 1;
        match word.as_str() {
            "CREATE" => self.object(found, true),
            "DROP" => self.object(found, false),
            "ALTER" => self.alter(found),
            "INSERT" | "REPLACE" if self.skip_past("INTO") => self.table(found),
            "UPDATE" => self.table(found),
            "DELETE" if self.skip_past("FROM") => self.table(found),
            "TRUNCATE" => {
                self.eat(&["TABLE"]);
                self.table(found);
            }
            "COMMENT" if self.eat(&["ON"]) => self.object(found, false),
            _ => {}
        }
    }

    fn table(&mut self, found: &mut BTreeSet<Touched>) {
        self.eat(&["IF", "EXISTS", "ONLY"]);
        if let Some(name) = self.name() {
            found.insert(Touched { kind: "table", name, column: None });
        }
    }

    /// What follows CREATE, DROP and COMMENT ON.
    fn object(&mut self, found: &mut BTreeSet<Touched>, makes: bool) {
        const BEFORE: [&str; 11] = [
            "OR",
            "REPLACE",
            "GLOBAL",
            "LOCAL",
            "TEMP",
            "TEMPORARY",
            "UNLOGGED",
            "UNIQUE",
            "MATERIALIZED",
            "CONSTRAINT",
            "RECURSIVE",
        ];
        while BEFORE.iter().any(|word| self.is(word)) {
            self.at += 1;
        }
        let Some(kind) = self.tokens.get(self.at) else { return };
        let kind = kind.text.to_ascii_uppercase();
        self.at += 1;
        self.eat(&["CONCURRENTLY", "IF", "NOT", "EXISTS"]);
        match kind.as_str() {
            "INDEX" | "TRIGGER" | "POLICY" | "RULE" if makes => {
                if self.skip_past("ON") {
                    self.table(found);
                }
            }
            "TRIGGER" | "POLICY" | "RULE" if self.skip_past("ON") => self.table(found),
            "COLUMN" => {
                if let Some((table, column)) =
                    self.name().as_deref().and_then(|n| n.rsplit_once('.'))
                {
                    let (name, column) = (table.to_owned(), Some(column.to_owned()));
                    found.insert(Touched { kind: "table", name, column });
                }
            }
            _ => {
                let Some(kind) = noun(&kind) else { return };
                while let Some(name) = self.name() {
                    found.insert(Touched { kind, name, column: None });
                    if makes || !self.tokens.get(self.at).is_some_and(|t| t.is_symbol(",")) {
                        return;
                    }
                    self.at += 1;
                }
            }
        }
    }

    fn alter(&mut self, found: &mut BTreeSet<Touched>) {
        let Some(kind) = self.tokens.get(self.at).and_then(|t| noun(&t.text.to_ascii_uppercase()))
        else {
            return;
        };
        self.at += 1;
        self.eat(&["IF", "EXISTS", "ONLY"]);
        let Some(name) = self.name() else { return };
        found.insert(Touched { kind, name: name.clone(), column: None });
        if kind != "table" {
            return;
        }
        for column in self.columns() {
            found.insert(Touched { kind, name: name.clone(), column: Some(column) });
        }
    }

    /// The columns that the actions of ALTER TABLE are about.
    fn columns(&mut self) -> Vec<String> {
        let mut columns = Vec::new();
        let mut depth = 0_i32;
        let mut begins = true;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                "," if depth == 0 => begins = true,
                _ if begins && token.kind == TokenKind::Word => {
                    begins = false;
                    let action = token.text.to_ascii_uppercase();
                    if matches!(action.as_str(), "ADD" | "DROP" | "ALTER" | "RENAME") {
                        columns.extend(self.column());
                    }
                }
                _ => begins = false,
            }
        }
        columns
    }

    /// The column behind ADD, DROP, ALTER or RENAME; none if it is about something else.
    fn column(&mut self) -> Option<String> {
        const OTHERS: [&str; 9] = [
            "CONSTRAINT",
            "PRIMARY",
            "UNIQUE",
            "FOREIGN",
            "CHECK",
            "EXCLUDE",
            "TO",
            "TABLE",
            "INDEX",
        ];
        if OTHERS.iter().any(|word| self.is(word)) {
            return None;
        }
        self.eat(&["COLUMN"]);
        self.eat(&["IF", "NOT", "EXISTS"]);
        self.name()
    }
}

fn noun(word: &str) -> Option<&'static str> {
    Some(match word {
        "TABLE" => "table",
        "TYPE" | "DOMAIN" => "type",
        "VIEW" => "view",
        "FUNCTION" | "PROCEDURE" => "function",
        "SEQUENCE" => "sequence",
        "SCHEMA" => "schema",
        "INDEX" => "index",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_about_tables_columns_and_types() {
        for (sql, names) in [
            ("CREATE TABLE IF NOT EXISTS app.users (id int, name text)", "table app.users"),
            ("CREATE UNIQUE INDEX CONCURRENTLY i ON ONLY \"Users\" (id)", "table Users"),
            ("DROP TABLE a, b CASCADE", "table a, table b"),
            (
                "ALTER TABLE ONLY t ADD COLUMN a numeric(1, 2), DROP b, ALTER c TYPE text",
                "table t, column t.a, column t.b, column t.c",
            ),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0), ADD d int", "table t, column t.d"),
            ("ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME TO u", "table t, column t.a"),
            ("ALTER TYPE mood ADD VALUE 'x'", "type mood"),
            (
                "INSERT INTO t (a) VALUES (1); UPDATE ONLY u SET a = 1; DELETE FROM v",
                "table t, table u, table v",
            ),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", "view v"),
            ("CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()", "table t"),
            ("COMMENT ON COLUMN t.a IS 'x'", "column t.a"),
            ("SELECT 1; SET x = 1; nonsense (", ""),
        ] {
            let found: Vec<String> =
                touched(sql, Dialect::Postgres).iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), names, "{sql}");
        }
    }
}
