//! The objects that a statement refers to, by identity.
//!
//! They reveal possible conflicts between branches, and the object that a CREATE statement of an
//! object file creates. Only the part of a statement up to the names is parsed.

use std::collections::BTreeSet;
use std::ops::Range;

use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::dialect::Dialect;
use crate::head::Reader;
use crate::lexer::significant;
use crate::split::split;
use crate::token::{Token, TokenKind};

/// The object that a CREATE statement creates, and its place in the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The identity of the object.
    pub object: ObjectId,
    /// True if the object ends with the session.
    pub temporary: bool,
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

/// Returns the object that a CREATE statement creates; `None` for any other statement.
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
    reader.eat(&["CONCURRENTLY"]);
    reader.eat(&["IF", "NOT", "EXISTS"]);
    let mut after = reader;
    // The identity of a cast is in the parentheses that are its name, and a user mapping has none.
    if matches!(kind, Kind::Cast | Kind::UserMapping) {
        after.identity(kind)?;
    } else {
        after.skip_name();
    }
    let rest = tokens.get(after.at.checked_sub(1)?)?.end();
    let is_partition = kind == Kind::Table && after.is("PARTITION");
    let kind = if is_partition { Kind::Partition } else { kind };
    Some(Created { object: reader.identity(kind)?, temporary, rest })
}

/// Returns the kind of a CREATE statement that leaves the name of the object to the server: `CREATE INDEX ON items
/// (name)`, `CREATE STATISTICS ON a, b FROM items`.
pub fn unnamed(sql: &str, dialect: Dialect) -> Option<Kind> {
    let tokens = significant(sql, dialect);
    let mut reader = Reader { tokens: &tokens, at: 0 };
    let kind = reader.eat_all(&["CREATE"]).then(|| reader.kind()).flatten()?;
    reader.eat(&["CONCURRENTLY"]);
    let is_statistics = kind == Kind::Statistics;
    let is_unnamed = (reader.is("ON") && (kind == Kind::Index || is_statistics))
        || (reader.is_symbol("(") && is_statistics);
    is_unnamed.then_some(kind)
}

/// Returns the word of a statement that stands in the place of a kind and is none, such as `VEIW` in `CREATE
/// VEIW`.
pub fn unknown_kind(sql: &str, dialect: Dialect) -> Option<Token<'_>> {
    let tokens = significant(sql, dialect);
    let mut reader = Reader { tokens: &tokens, at: 0 };
    if !reader.eat_all(&["CREATE"])
        && !reader.eat_all(&["ALTER"])
        && !reader.eat_all(&["COMMENT", "ON"])
    {
        return None;
    }
    if reader.kind().is_some() {
        return None;
    }
    reader.skip_half_a_keyword();
    reader.token().copied()
}

/// Returns the table that a partition is one of: the name after the first `PARTITION OF` of its CREATE
/// statement, or a text that is nothing but the name.
pub fn partitioned(sql: &str, dialect: Dialect) -> Option<QualifiedName> {
    let tokens = significant(sql, dialect);
    let mut reader = Reader { tokens: &tokens, at: 0 };
    while reader.skip_past("PARTITION") {
        if reader.eat(&["OF"]) {
            return reader.name();
        }
    }
    reader.at = 0;
    let name = reader.name()?;
    reader.token().is_none().then_some(name)
}

/// Returns the tables that the foreign keys of a statement refer to.
pub fn referenced(sql: &str, dialect: Dialect) -> Vec<QualifiedName> {
    let tokens = significant(sql, dialect);
    let keys = tokens.iter().enumerate().filter(|(_, token)| token.is_word("REFERENCES"));
    keys.filter_map(|(at, _)| Reader { tokens: &tokens, at: at + 1 }.name()).collect()
}

/// Returns the table and the columns that a foreign key refers to, in the words in which a server says it.
pub fn referenced_key(sql: &str, dialect: Dialect) -> Option<(QualifiedName, Vec<String>)> {
    let tokens = significant(sql, dialect);
    let (name, columns) = reference(&tokens)?;
    Some((name, columns.iter().filter_map(Token::identifier).collect()))
}

/// Returns the place in bytes of the columns that a foreign key refers to.
pub fn referenced_columns(sql: &str, dialect: Dialect) -> Option<Range<usize>> {
    let tokens = significant(sql, dialect);
    let (_, columns) = reference(&tokens)?;
    Some(columns.first()?.start..columns.last()?.end())
}

fn reference<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<(QualifiedName, &'t [Token<'a>])> {
    let mut reader = Reader { tokens, at: 0 };
    let is_key = reader.eat_all(&["FOREIGN", "KEY"]) && reader.skip_past("REFERENCES");
    let name = is_key.then(|| reader.name()).flatten()?;
    Some((name, reader.parentheses()?))
}

/// Returns the operators that a query sorts by, as in `ORDER BY total USING <#`. The server takes them
/// from an operator class and does not tell which one.
pub fn sorting_operators(sql: &str, dialect: Dialect) -> BTreeSet<String> {
    let tokens = significant(sql, dialect);
    let operator = |at: usize| {
        let rest = tokens.get(at + 1..)?;
        let mut symbols = match rest {
            // In `USING OPERATOR(app.<#)`.
            [word, open, path @ ..] if word.is_word("OPERATOR") && open.is_symbol("(") => {
                path.iter()
            }
            [first, ..] if first.is_symbol("(") => return None,
            other => other.get(..1)?.iter(),
        };
        let is_operator = |token: &&Token<'_>| token.kind == TokenKind::Symbol && token.text != ".";
        symbols.find(is_operator).map(|token| token.text.to_owned())
    };
    let words = tokens.iter().enumerate().filter(|(_, token)| token.is_word("USING"));
    words.filter_map(|(at, _)| operator(at)).collect()
}

/// Parses a COMMENT statement; returns `None` for any other statement, for the constraint of a domain, and
/// for kinds that [`Kind`] does not have.
pub fn commented(sql: &str, dialect: Dialect) -> Option<Commented> {
    let tokens = significant(sql, dialect);
    if !(tokens.first()?.is_word("COMMENT") && tokens.get(1)?.is_word("ON")) {
        return None;
    }
    let mut reader = Reader { tokens: &tokens, at: 2 };
    let object = if reader.eat(&["CONSTRAINT"]) {
        let name = reader.name()?.name;
        let is_of_table = reader.eat(&["ON"]) && !reader.is("DOMAIN");
        let table = is_of_table.then(|| reader.name()).flatten()?;
        ObjectId::within(Kind::Constraint, &table, name)
    } else if reader.eat(&["COLUMN"]) {
        reader.column_name()?
    } else {
        let kind = reader.kind()?;
        reader.identity(kind)?
    };
    let is = tokens.iter().rposition(|token| token.is_word("IS"))?;
    let text = tokens.get(is + 1)?;
    let comment = (text.kind == TokenKind::String).then(|| literal_value(text.text));
    Some(Commented { object, comment })
}

/// Returns true if a statement gives a constraint a name.
pub fn names_constraint(sql: &str, name: &str, dialect: Dialect) -> bool {
    let tokens = significant(sql, dialect);
    tokens.windows(2).any(|two| {
        two[0].is_word("CONSTRAINT") && two[1].identifier().is_some_and(|own| own == name)
    })
}

/// Returns the object whose attribute an ALTER statement sets, or a comment on a constraint of a
/// domain; `None` for any other statement. For a trigger or rule that `ALTER TABLE` enables or
/// disables, this is the trigger or rule, and for an index by which a table is clustered or
/// replicated, the index.
pub fn altered(sql: &str, dialect: Dialect) -> Option<ObjectId> {
    let tokens = significant(sql, dialect);
    let mut reader = Reader { tokens: &tokens, at: 0 };
    if reader.eat(&["COMMENT"]) && reader.eat(&["ON"]) && reader.eat(&["CONSTRAINT"]) {
        reader.name()?;
        let is_domain = reader.eat(&["ON"]) && reader.eat(&["DOMAIN"]);
        return is_domain.then(|| reader.identity(Kind::Domain)).flatten();
    }
    tokens.first()?.is_word("ALTER").then_some(())?;
    let mut reader = Reader { tokens: &tokens, at: 1 };
    let kind = reader.kind()?;
    reader.eat(&["IF", "EXISTS", "ONLY"]);
    // What follows the name of an index is the action, as in `DEPENDS ON EXTENSION`.
    let object = match kind {
        Kind::Index => ObjectId::new(kind, reader.name()?),
        kind => reader.identity(kind)?,
    };
    let names_index: [&[&str]; 2] =
        [&["CLUSTER", "ON"], &["REPLICA", "IDENTITY", "USING", "INDEX"]];
    if names_index.into_iter().any(|words| reader.eat_all(words)) {
        return Some(ObjectId::within(Kind::Index, &object.name, reader.name()?.name));
    }
    if kind != Kind::Table || !(reader.eat(&["ENABLE"]) || reader.eat(&["DISABLE"])) {
        return Some(object);
    }
    reader.eat(&["ALWAYS", "REPLICA"]);
    match reader.keyword() {
        Some(kind @ (Kind::Trigger | Kind::Rule)) => {
            Some(ObjectId::within(kind, &object.name, reader.name()?.name))
        }
        // ENABLE ROW LEVEL SECURITY
        _ => Some(object),
    }
}

/// Returns the words of an ALTER statement that gives an object, or a part of it, another name or
/// schema; `None` for any other statement.
///
/// ```
/// use aludel_dialect::{Dialect, moved_by};
///
/// assert_eq!(moved_by("ALTER VIEW v RENAME TO w", Dialect::Postgres), Some("RENAME"));
/// assert_eq!(moved_by("ALTER VIEW v SET (security_barrier)", Dialect::Postgres), None);
/// ```
pub fn moved_by(sql: &str, dialect: Dialect) -> Option<&'static str> {
    const WORDS: [(&[&str], &str); 2] =
        [(&["RENAME"], "RENAME"), (&["SET", "SCHEMA"], "SET SCHEMA")];
    let tokens = significant(sql, dialect);
    tokens.first()?.is_word("ALTER").then_some(())?;
    let mut reader = Reader { tokens: &tokens, at: 1 };
    let kind = reader.kind()?;
    reader.eat(&["IF", "EXISTS", "ONLY"]);
    reader.identity(kind)?;
    // The table of a trigger, and the method of an operator class.
    if reader.eat(&["ON"]) || reader.eat(&["USING"]) {
        reader.eat(&["ONLY"]);
        reader.name()?;
    }
    WORDS.iter().find(|(words, _)| reader.eat_all(words)).map(|(_, said)| *said)
}

/// Returns the value of a string literal.
pub fn literal_value(literal: &str) -> String {
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
        let tokens = significant(statement.sql, dialect);
        Reader { tokens: &tokens, at: 0 }.statement(&mut found);
    }
    found
}

impl Reader<'_, '_> {
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
            "COPY" if self.tokens.iter().any(|token| token.is_word("FROM")) => self.table(found),
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
        if self.eat(&["COLUMN"]) {
            found.extend(self.column_name());
            return;
        }
        let Some(kind) = self.kind() else { return };
        self.eat(&["CONCURRENTLY", "IF", "NOT", "EXISTS"]);
        match kind {
            Kind::Trigger | Kind::Policy | Kind::Rule => found.extend(self.identified_table(kind)),
            Kind::Index if makes => found.extend(self.identified_table(kind)),
            Kind::Function
            | Kind::Procedure
            | Kind::Aggregate
            | Kind::Operator
            | Kind::OperatorClass
            | Kind::OperatorFamily
            | Kind::Cast => {
                found.extend(self.identity(kind));
            }
            kind => {
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

    /// Returns the table of the object that comes next.
    fn identified_table(&mut self, kind: Kind) -> Option<ObjectId> {
        self.identity(kind)?.table.map(|table| ObjectId::table(&table))
    }

    fn alter(&mut self, found: &mut BTreeSet<ObjectId>) {
        let Some(kind) = self.kind() else { return };
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
            ("COPY a.t (b) FROM stdin;\n1\n\\.\nCOPY (SELECT 1 FROM x) TO '/y'", "table a.t"),
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
