//! The objects that a statement refers to, by identity.
//!
//! They reveal possible conflicts between branches, and the object that a CREATE statement of an
//! object file creates. Only the part of a statement up to the names is parsed.

use std::collections::BTreeSet;
use std::ops::Range;

use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::dialect::Dialect;
use crate::lexer::{Token, TokenKind, significant};
use crate::split::split;

/// The object that a CREATE statement creates, and its place in the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The identity of the object.
    pub object: ObjectId,
    /// True if the object ends with the session.
    pub temporary: bool,
    /// The range of its name in the statement, in bytes.
    pub name: Range<usize>,
    /// The offset of the text after the name, in bytes.
    pub rest: usize,
}

/// The contents of a COMMENT statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commented {
    /// The identity of the object.
    pub object: ObjectId,
    /// The comment; `None` removes it.
    pub comment: Option<String>,
}

/// Returns the object that a CREATE statement creates; `None` for any other statement, and for
/// kinds without a name in a schema.
pub fn created(sql: &str, dialect: Dialect) -> Option<Created> {
    let tokens = significant(sql, dialect);
    let mut reader = Reader { tokens: &tokens, at: 1 };
    if !tokens.first()?.is_word("CREATE") {
        return None;
    }
    let kind = reader.kind()?;
    let adjectives = tokens.get(1..reader.at)?.iter();
    let mut adjectives = adjectives.filter(|token| token.kind == TokenKind::Word);
    let temporary = adjectives.any(|token| token.is_word("TEMP") || token.is_word("TEMPORARY"));
    reader.eat(&["IF", "NOT", "EXISTS"]);
    let first = reader.at;
    let name = reader.name()?;
    let range = tokens.get(first)?.start..tokens.get(reader.at - 1)?.end();
    Some(Created { object: ObjectId::new(kind, name), temporary, rest: range.end, name: range })
}

/// Parses a COMMENT statement; returns `None` for any other statement, and for kinds that [`Kind`]
/// does not have.
pub fn commented(sql: &str, dialect: Dialect) -> Option<Commented> {
    let tokens = significant(sql, dialect);
    if !(tokens.first()?.is_word("COMMENT") && tokens.get(1)?.is_word("ON")) {
        return None;
    }
    let mut reader = Reader { tokens: &tokens, at: 2 };
    let object = if reader.eat(&["COLUMN"]) {
        reader.column_name()?
    } else {
        let kind = reader.kind()?;
        ObjectId::new(kind, reader.name()?)
    };
    reader.eat(&["IS"]);
    let text = tokens.get(reader.at)?;
    let comment = (text.kind == TokenKind::String).then(|| string_value(text.text));
    Some(Commented { object, comment })
}

/// Returns the value of a string literal.
fn string_value(literal: &str) -> String {
    let escapes = literal.starts_with(['e', 'E']);
    let inner = literal.trim_start_matches(['e', 'E', 'n', 'N']);
    if let Some(tag) = inner.strip_prefix('$').and_then(|rest| rest.find('$')) {
        let open = tag + 2;
        return inner[open..inner.len().saturating_sub(open).max(open)].to_owned();
    }
    let inner = inner.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).unwrap_or(inner);
    let text = inner.replace("''", "'");
    if !escapes {
        return text;
    }
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next().map(|escaped| match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            })),
            other => out.push(other),
        }
    }
    out
}

/// Returns the objects that the statements of a text create, change, fill or drop. Statements that
/// are not understood, and texts that can't be split, contribute nothing.
pub fn changed_objects(sql: &str, dialect: Dialect) -> BTreeSet<ObjectId> {
    let mut found = BTreeSet::new();
    for statement in split(sql, dialect).into_iter().flatten() {
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

    /// Skips those of the words that come next, in this order. Returns true if there was one.
    fn eat(&mut self, words: &[&str]) -> bool {
        let before = self.at;
        for word in words {
            self.at += usize::from(self.is(word));
        }
        self.at > before
    }

    /// Skips everything up to and including a word. Returns false if the word does not occur.
    fn skip_past(&mut self, word: &str) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let Some(place) = rest.iter().position(|token| token.is_word(word)) else { return false };
        self.at += place + 1;
        true
    }

    /// Skips the words before the kind in CREATE.
    fn skip_adjectives(&mut self) {
        const ADJECTIVES: [&str; 11] = [
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
        while ADJECTIVES.iter().any(|word| self.is(word)) {
            self.at += 1;
        }
    }

    /// Reads a kind, with the words before it.
    fn kind(&mut self) -> Option<Kind> {
        let first = self.at;
        self.skip_adjectives();
        let adjectives = self.tokens.get(first..self.at)?;
        let word = self.tokens.get(self.at)?.text.to_ascii_uppercase();
        self.at += 1;
        let materialized = adjectives.iter().any(|token| token.is_word("MATERIALIZED"));
        match kind_of(&word)? {
            Kind::View if materialized => Some(Kind::MaterializedView),
            kind => Some(kind),
        }
    }

    /// Reads the parts of a name, which are joined by dots.
    fn parts(&mut self) -> Vec<String> {
        let mut parts = Vec::new();
        while let Some(part) = self.tokens.get(self.at).and_then(Token::identifier) {
            parts.push(part);
            self.at += 1;
            if !self.tokens.get(self.at).is_some_and(|token| token.is_symbol(".")) {
                break;
            }
            self.at += 1;
        }
        parts
    }

    fn name(&mut self) -> Option<QualifiedName> {
        qualified(&self.parts())
    }

    /// Reads `table.column`, with an optional schema before it.
    fn column_name(&mut self) -> Option<ObjectId> {
        let parts = self.parts();
        let (column, table) = parts.split_last()?;
        Some(ObjectId::column(&qualified(table)?, column.as_str()))
    }

    fn statement(&mut self, found: &mut BTreeSet<ObjectId>) {
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

    fn table(&mut self, found: &mut BTreeSet<ObjectId>) {
        self.eat(&["IF", "EXISTS", "ONLY"]);
        if let Some(name) = self.name() {
            found.insert(ObjectId::table(&name));
        }
    }

    /// Reads the remainder of CREATE, DROP or COMMENT ON.
    fn object(&mut self, found: &mut BTreeSet<ObjectId>, makes: bool) {
        self.skip_adjectives();
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
                found.extend(self.column_name());
            }
            _ => {
                let Some(kind) = kind_of(&kind) else { return };
                while let Some(name) = self.name() {
                    found.insert(ObjectId::new(kind, name));
                    if makes || !self.tokens.get(self.at).is_some_and(|t| t.is_symbol(",")) {
                        return;
                    }
                    self.at += 1;
                }
            }
        }
    }

    fn alter(&mut self, found: &mut BTreeSet<ObjectId>) {
        let Some(kind) =
            self.tokens.get(self.at).and_then(|t| kind_of(&t.text.to_ascii_uppercase()))
        else {
            return;
        };
        self.at += 1;
        self.eat(&["IF", "EXISTS", "ONLY"]);
        let Some(name) = self.name() else { return };
        found.insert(ObjectId::new(kind, name.clone()));
        if kind != Kind::Table {
            return;
        }
        for column in self.columns() {
            found.insert(ObjectId::column(&name, column));
        }
    }

    /// Returns the columns that the actions of an ALTER TABLE affect.
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

    /// Reads the column after ADD, DROP, ALTER or RENAME; returns `None` if the action affects no
    /// column.
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
        self.parts().pop()
    }
}

/// Returns the last two parts of a name. A database name before them is ignored.
fn qualified(parts: &[String]) -> Option<QualifiedName> {
    let (name, before) = parts.split_last()?;
    Some(QualifiedName::new(before.last().cloned(), name.as_str()))
}

/// Returns the kind for a keyword of CREATE, DROP or ALTER.
fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "TABLE" => Kind::Table,
        "TYPE" => Kind::Type,
        "DOMAIN" => Kind::Domain,
        "VIEW" => Kind::View,
        "FUNCTION" => Kind::Function,
        "PROCEDURE" => Kind::Procedure,
        "AGGREGATE" => Kind::Aggregate,
        "SEQUENCE" => Kind::Sequence,
        "SCHEMA" => Kind::Schema,
        "INDEX" => Kind::Index,
        "TRIGGER" => Kind::Trigger,
        "POLICY" => Kind::Policy,
        "RULE" => Kind::Rule,
        "COLLATION" => Kind::Collation,
        "STATISTICS" => Kind::Statistics,
        "EXTENSION" => Kind::Extension,
        "PUBLICATION" => Kind::Publication,
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
                changed_objects(sql, Dialect::Postgres).iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), names, "{sql}");
        }
    }
}
