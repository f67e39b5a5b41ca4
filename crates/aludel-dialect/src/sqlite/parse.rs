//! Reads CREATE TABLE and CREATE INDEX as `sqlite_schema` keeps them.
//!
//! PRAGMAs know nothing of names of constraints, checks, collations, AUTOINCREMENT or deferred
//! keys; the text does. What this reader does not understand it says, and the table is reported
//! instead of being half read.

use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, ForeignKey, Generated, Identity, Index,
    IndexKey, KeyPart, QualifiedName, SqlText, Table,
};

use crate::{Dialect::Sqlite, Token, TokenKind, lexer::unquote, significant};

/// A table, and the clauses of its text that metadata has no place for.
#[derive(Clone, Debug)]
pub struct ParsedTable {
    /// What was understood.
    pub table: Table,
    /// Clauses that are not kept, such as `ON CONFLICT`.
    pub lost: Vec<String>,
}

/// Reads a CREATE TABLE statement. The error says what was expected and what stood there.
pub fn parse_create_table(sql: &str) -> Result<ParsedTable, String> {
    let mut reader = Reader::new(sql);
    reader.expect_words(&["create"])?;
    let _ = reader.take_word("temp") || reader.take_word("temporary");
    reader.expect_words(&["table"])?;
    reader.skip_if_not_exists()?;
    let table = Table::new(QualifiedName::unqualified(reader.name()?));
    reader.expect("(")?;
    let mut body = Body { reader, table, lost: Vec::new() };
    body.columns_and_constraints()?;
    body.options()?;
    body.forbid_null_in_key();
    Ok(ParsedTable { table: body.table, lost: body.lost })
}

/// Reads a CREATE INDEX statement; gives the table's name and the index.
pub fn parse_create_index(sql: &str) -> Result<(String, Index), String> {
    let mut reader = Reader::new(sql);
    reader.expect_words(&["create"])?;
    let unique = reader.take_word("unique");
    reader.expect_words(&["index"])?;
    reader.skip_if_not_exists()?;
    let name = reader.name()?;
    reader.expect_words(&["on"])?;
    let table = reader.name()?;
    let keys = reader.index_keys()?;
    let predicate =
        if reader.take_word("where") { Some(SqlText::new(reader.rest())) } else { None };
    let index = Index {
        name,
        keys,
        unique,
        method: "btree".to_owned(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate,
        with: Default::default(),
        comment: None,
        canonical: None,
    };
    Ok((table, index))
}

struct Reader<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    position: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, tokens: significant(source, Sqlite), position: 0 }
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.position)
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.position).copied();
        self.position += usize::from(token.is_some());
        token
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_word(word));
        self.position += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_symbol(symbol));
        self.position += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> String {
        let found = self.peek().map_or("the end", |token| token.text);
        format!("expected {what}, found `{found}`")
    }

    fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.expected(&format!("`{symbol}`"))) }
    }

    fn expect_words(&mut self, words: &[&str]) -> Result<(), String> {
        for word in words {
            if !self.take_word(word) {
                return Err(self.expected(&word.to_uppercase()));
            }
        }
        Ok(())
    }

    fn skip_if_not_exists(&mut self) -> Result<(), String> {
        if self.take_word("if") { self.expect_words(&["not", "exists"]) } else { Ok(()) }
    }

    /// A name as it is written, without its quotes; the schema before a dot is skipped.
    fn name(&mut self) -> Result<String, String> {
        let name = self.plain_name()?;
        if self.take_symbol(".") { self.plain_name() } else { Ok(name) }
    }

    fn plain_name(&mut self) -> Result<String, String> {
        match self.peek().map(|token| token.kind) {
            Some(TokenKind::Word) => Ok(self.next().map(|t| t.text.to_owned()).unwrap_or_default()),
            Some(TokenKind::Quoted | TokenKind::String) => {
                Ok(self.next().map(|t| unquote(t.text)).unwrap_or_default())
            }
            _ => Err(self.expected("a name")),
        }
    }

    /// The text inside the parentheses that begin here.
    fn parenthesised(&mut self) -> Result<String, String> {
        self.expect("(")?;
        let first = self.position;
        let mut depth = 1;
        while let Some(token) = self.next() {
            match token.text {
                "(" if token.kind == TokenKind::Symbol => depth += 1,
                ")" if token.kind == TokenKind::Symbol => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(self.slice(first, self.position - 1).to_owned());
            }
        }
        Err(self.expected("`)`"))
    }

    /// The source from one token up to, and without, another.
    fn slice(&self, first: usize, end: usize) -> &'a str {
        if first >= end {
            return "";
        }
        &self.source[self.tokens[first].start..self.tokens[end - 1].end()]
    }

    fn rest(&mut self) -> String {
        let first = self.position;
        self.position = self.tokens.len();
        self.slice(first, self.position).to_owned()
    }

    fn names(&mut self) -> Result<Vec<String>, String> {
        self.expect("(")?;
        let mut names = vec![self.plain_name()?];
        while self.take_symbol(",") {
            names.push(self.plain_name()?);
        }
        self.expect(")")?;
        Ok(names)
    }

    fn index_keys(&mut self) -> Result<Vec<IndexKey>, String> {
        self.expect("(")?;
        let mut keys = Vec::new();
        loop {
            keys.push(self.index_key()?);
            if self.take_symbol(")") {
                return Ok(keys);
            }
            self.expect(",")?;
        }
    }

    fn index_key(&mut self) -> Result<IndexKey, String> {
        let first = self.position;
        let mut depth = 0;
        while let Some(token) = self.peek() {
            let ends = token.is_symbol(",") || token.is_symbol(")");
            let modifier =
                ["collate", "asc", "desc", "autoincrement"].iter().any(|word| token.is_word(word));
            if depth == 0 && self.position > first && (ends || modifier) {
                break;
            }
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            self.position += 1;
        }
        let part = match &self.tokens[first..self.position] {
            [one] if one.kind == TokenKind::Quoted => KeyPart::Column(unquote(one.text)),
            [one] if one.kind == TokenKind::Word => KeyPart::Column(one.text.to_owned()),
            [] => return Err(self.expected("an index key")),
            _ => KeyPart::Expression(SqlText::new(self.slice(first, self.position))),
        };
        let mut key = IndexKey::new(strip(part));
        if self.take_word("collate") {
            key.collation = Some(self.plain_name()?);
        }
        key.descending = self.take_word("desc");
        if !key.descending {
            self.take_word("asc");
        }
        Ok(key)
    }
}

/// `((a + b))` and `(a + b)` are one expression.
fn strip(part: KeyPart) -> KeyPart {
    match part {
        KeyPart::Expression(text) => {
            let inner = text.written.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
            match inner {
                Some(inner)
                    if crate::normal_form(&text.written, Sqlite)
                        == crate::normal_form(inner, Sqlite) =>
                {
                    KeyPart::Expression(SqlText::new(inner.trim()))
                }
                _ => KeyPart::Expression(text),
            }
        }
        column => column,
    }
}

struct Body<'a> {
    reader: Reader<'a>,
    table: Table,
    lost: Vec<String>,
}

const TABLE_CONSTRAINT: [&str; 5] = ["constraint", "primary", "unique", "check", "foreign"];
const COLUMN_CONSTRAINT: [&str; 11] = [
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
];

impl Body<'_> {
    fn at_word(&self, words: &[&str]) -> bool {
        self.reader.peek().is_some_and(|token| words.iter().any(|word| token.is_word(word)))
    }

    fn columns_and_constraints(&mut self) -> Result<(), String> {
        loop {
            if self.at_word(&TABLE_CONSTRAINT) {
                self.table_constraint()?;
            } else {
                self.column()?;
            }
            if self.reader.take_symbol(")") {
                return Ok(());
            }
            // Commas between table constraints may be left out.
            if !self.reader.take_symbol(",") && !self.at_word(&TABLE_CONSTRAINT) {
                return Err(self.reader.expected("`,` or `)`"));
            }
        }
    }

    /// A key column of SQLite may hold NULL unless it says otherwise or is the rowid; nobody means
    /// that, and models can't say it.
    fn forbid_null_in_key(&mut self) {
        let key = self.table.primary_key().to_vec();
        for column in &mut self.table.columns {
            column.nullable &= !key.contains(&column.name);
        }
    }

    fn options(&mut self) -> Result<(), String> {
        while self.reader.peek().is_some() {
            if self.reader.take_word("strict") {
                self.table.options.strict = true;
            } else {
                self.reader.expect_words(&["without", "rowid"])?;
                self.table.options.without_rowid = true;
            }
            self.reader.take_symbol(",");
        }
        Ok(())
    }

    fn column(&mut self) -> Result<(), String> {
        let name = self.reader.plain_name()?;
        let sql_type = self.type_name()?;
        let mut column = Column::new(name, "");
        column.sql_type = Sqlite.sql_type(&sql_type);
        while self.at_word(&COLUMN_CONSTRAINT) {
            let name = self.constraint_name()?;
            self.column_constraint(&mut column, name)?;
        }
        self.table.columns.push(column);
        Ok(())
    }

    fn type_name(&mut self) -> Result<String, String> {
        let first = self.reader.position;
        while self.reader.peek().is_some_and(|t| {
            matches!(t.kind, TokenKind::Word | TokenKind::Quoted | TokenKind::String)
        }) && !self.at_word(&COLUMN_CONSTRAINT)
        {
            self.reader.position += 1;
        }
        if self.reader.position > first && self.reader.peek().is_some_and(|t| t.is_symbol("(")) {
            self.reader.parenthesised()?;
        }
        Ok(self.reader.slice(first, self.reader.position).to_owned())
    }

    fn constraint_name(&mut self) -> Result<Option<String>, String> {
        if self.reader.take_word("constraint") {
            self.reader.plain_name().map(Some)
        } else {
            Ok(None)
        }
    }

    fn column_constraint(
        &mut self,
        column: &mut Column,
        name: Option<String>,
    ) -> Result<(), String> {
        let columns = vec![column.name.clone()];
        if self.reader.take_word("not") {
            self.reader.expect_words(&["null"])?;
            column.nullable = false;
            self.conflict_clause();
        } else if self.reader.take_word("null") {
            self.conflict_clause();
        } else if self.reader.take_word("primary") {
            self.reader.expect_words(&["key"])?;
            if self.reader.take_word("desc") {
                self.lost.push("PRIMARY KEY DESC".to_owned());
            }
            self.reader.take_word("asc");
            self.conflict_clause();
            if self.reader.take_word("autoincrement") {
                column.identity =
                    Some(Identity { always: true, sequence: None, options: Default::default() });
            }
            self.push(name, ConstraintKind::PrimaryKey { columns, include: Vec::new() });
        } else if self.reader.take_word("unique") {
            self.conflict_clause();
            self.push(name, unique(columns));
        } else if self.reader.take_word("check") {
            let expression = SqlText::new(self.reader.parenthesised()?);
            self.push(name, check(expression));
        } else if self.reader.take_word("default") {
            let default = self.default_value()?;
            // DEFAULT NULL is what a column has anyway.
            column.default = Some(default)
                .filter(|text| !crate::normal_form(text, Sqlite).eq_ignore_ascii_case("null"))
                .map(SqlText::new);
        } else if self.reader.take_word("collate") {
            column.collation = Some(self.reader.plain_name()?);
        } else if self.at_word(&["references"]) {
            self.references(name, columns)?;
        } else {
            if self.reader.take_word("generated") {
                self.reader.expect_words(&["always"])?;
            }
            self.reader.expect_words(&["as"])?;
            let expression = SqlText::new(self.reader.parenthesised()?);
            let stored = self.reader.take_word("stored");
            self.reader.take_word("virtual");
            column.generated = Some(Generated { expression, stored });
        }
        Ok(())
    }

    fn default_value(&mut self) -> Result<String, String> {
        if self.reader.peek().is_some_and(|token| token.is_symbol("(")) {
            return self.reader.parenthesised();
        }
        let first = self.reader.position;
        let _ = self.reader.take_symbol("-") || self.reader.take_symbol("+");
        match self.reader.next() {
            // A word that is no literal is a string there.
            Some(token) if token.kind == TokenKind::Quoted => {
                Ok(Sqlite.literal(&unquote(token.text)))
            }
            Some(token)
                if token.kind == TokenKind::Word && !super::create::is_literal(token.text) =>
            {
                Ok(Sqlite.literal(token.text))
            }
            Some(_) => Ok(self.reader.slice(first, self.reader.position).to_owned()),
            None => Err(self.reader.expected("a default")),
        }
    }

    fn table_constraint(&mut self) -> Result<(), String> {
        let name = self.constraint_name()?;
        if self.reader.take_word("primary") {
            self.reader.expect_words(&["key"])?;
            let autoincrement = self.reader.position;
            let columns = self.key_columns()?;
            let tokens = &self.reader.tokens[autoincrement..self.reader.position];
            if tokens.iter().any(|token| token.is_word("autoincrement")) {
                let identity =
                    Identity { always: true, sequence: None, options: Default::default() };
                if let Some(column) =
                    self.table.columns.iter_mut().find(|c| columns.contains(&c.name))
                {
                    column.identity = Some(identity);
                }
            }
            self.conflict_clause();
            self.push(name, ConstraintKind::PrimaryKey { columns, include: Vec::new() });
        } else if self.reader.take_word("unique") {
            let columns = self.key_columns()?;
            self.conflict_clause();
            self.push(name, unique(columns));
        } else if self.reader.take_word("check") {
            let expression = SqlText::new(self.reader.parenthesised()?);
            self.conflict_clause();
            self.push(name, check(expression));
        } else {
            self.reader.expect_words(&["foreign", "key"])?;
            let columns = self.reader.names()?;
            self.references(name, columns)?;
        }
        Ok(())
    }

    fn key_columns(&mut self) -> Result<Vec<String>, String> {
        let mut columns = Vec::new();
        for key in self.reader.index_keys_with_autoincrement()? {
            match key.part {
                KeyPart::Column(name) => columns.push(name),
                KeyPart::Expression(text) => return Err(format!("`{text}` is no column")),
            }
            if key.collation.is_some() {
                self.lost.push("COLLATE in a key".to_owned());
            }
            if key.descending {
                self.lost.push("DESC in a key".to_owned());
            }
        }
        Ok(columns)
    }

    fn references(&mut self, name: Option<String>, columns: Vec<String>) -> Result<(), String> {
        self.reader.expect_words(&["references"])?;
        let references = QualifiedName::unqualified(self.reader.plain_name()?);
        let here = self.reader.peek().is_some_and(|token| token.is_symbol("("));
        let referenced_columns = if here { self.reader.names()? } else { Vec::new() };
        let mut key = ForeignKey {
            columns,
            references,
            referenced_columns,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            set_columns: Vec::new(),
            match_full: false,
            not_valid: false,
        };
        loop {
            if self.reader.take_word("on") {
                let delete = self.reader.take_word("delete");
                if !delete {
                    self.reader.expect_words(&["update"])?;
                }
                let action = self.action()?;
                *(if delete { &mut key.on_delete } else { &mut key.on_update }) = action;
            } else if self.reader.take_word("match") {
                // SQLite reads MATCH and ignores it.
                self.reader.plain_name()?;
            } else {
                break;
            }
        }
        let deferrable = self.deferrable()?;
        let mut constraint = Constraint::new(name, ConstraintKind::ForeignKey(key));
        constraint.deferrable = deferrable;
        self.table.constraints.push(constraint);
        Ok(())
    }

    fn action(&mut self) -> Result<Action, String> {
        let first =
            self.reader.next().map(|token| token.text.to_ascii_lowercase()).unwrap_or_default();
        let text = match first.as_str() {
            "set" | "no" => {
                let second = self.reader.next().map(|token| token.text).unwrap_or_default();
                format!("{first} {second}")
            }
            _ => first,
        };
        Action::parse(&text).ok_or_else(|| format!("`{text}` is no action of a foreign key"))
    }

    fn deferrable(&mut self) -> Result<Deferrable, String> {
        let at = self.reader.position;
        let not = self.reader.take_word("not");
        if !self.reader.take_word("deferrable") {
            self.reader.position = at;
            return Ok(Deferrable::No);
        }
        let mut deferred = false;
        if self.reader.take_word("initially") {
            deferred = self.reader.take_word("deferred");
            if !deferred {
                self.reader.expect_words(&["immediate"])?;
            }
        }
        Ok(match (not, deferred) {
            (true, _) => Deferrable::No,
            (false, true) => Deferrable::InitiallyDeferred,
            (false, false) => Deferrable::InitiallyImmediate,
        })
    }

    fn conflict_clause(&mut self) {
        let at = self.reader.position;
        if self.reader.take_word("on") && self.reader.take_word("conflict") {
            let how = self.reader.next().map(|token| token.text.to_ascii_uppercase());
            self.lost.push(format!("ON CONFLICT {}", how.unwrap_or_default()));
        } else {
            self.reader.position = at;
        }
    }

    fn push(&mut self, name: Option<String>, kind: ConstraintKind) {
        self.table.constraints.push(Constraint::new(name, kind));
    }
}

impl Reader<'_> {
    /// Keys of a constraint, where SQLite also takes AUTOINCREMENT.
    fn index_keys_with_autoincrement(&mut self) -> Result<Vec<IndexKey>, String> {
        self.expect("(")?;
        let mut keys = Vec::new();
        loop {
            keys.push(self.index_key()?);
            self.take_word("autoincrement");
            if self.take_symbol(")") {
                return Ok(keys);
            }
            self.expect(",")?;
        }
    }
}

fn unique(columns: Vec<String>) -> ConstraintKind {
    ConstraintKind::Unique { columns, include: Vec::new(), nulls_not_distinct: false }
}

fn check(expression: SqlText) -> ConstraintKind {
    ConstraintKind::Check { expression, not_valid: false, no_inherit: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_pragmas_hide_is_read() {
        let sql = r#"CREATE TABLE "t" (id INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT,
            a VARCHAR (10) NOT NULL DEFAULT 'x' COLLATE nocase CHECK (a <> ''), [b c] DECIMAL(10, 2) DEFAULT -1,
            d DEFAULT (lower('X')), e TEXT GENERATED ALWAYS AS (a || 'y') STORED,
            f INTEGER REFERENCES u ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT q UNIQUE (a, "b c") ON CONFLICT IGNORE
            FOREIGN KEY (a) REFERENCES u (x) ON UPDATE CASCADE) STRICT"#;
        let parsed = parse_create_table(sql).unwrap();
        let table = parsed.table;
        assert_eq!(table.columns.len(), 6);
        assert!(table.columns[0].identity.is_some());
        assert_eq!(table.columns[1].sql_type.spelling(), "VARCHAR(10)");
        assert_eq!(table.columns[1].collation.as_deref(), Some("nocase"));
        assert_eq!(table.columns[2].name, "b c");
        assert_eq!(table.columns[2].default.as_ref().unwrap().written, "-1");
        assert_eq!(table.columns[3].default.as_ref().unwrap().written, "lower('X')");
        assert_eq!(table.constraints.len(), 5);
        assert_eq!(table.constraints[2].deferrable, Deferrable::InitiallyDeferred);
        assert_eq!(parsed.lost, ["ON CONFLICT IGNORE"]);
        assert!(table.options.strict);
    }

    #[test]
    fn indexes_keep_their_expressions_and_order() {
        let (table, index) = parse_create_index(
            "CREATE UNIQUE INDEX i ON t (lower(a) DESC, \"b c\" COLLATE nocase, (a + 1)) WHERE a > 0",
        )
        .unwrap();
        assert_eq!(table, "t");
        assert_eq!(index.keys.len(), 3);
        assert!(index.keys[0].descending);
        assert_eq!(index.keys[2].part, KeyPart::Expression("a + 1".into()));
        assert_eq!(index.predicate.unwrap().written, "a > 0");
    }

    #[test]
    fn nonsense_is_an_error_not_a_panic() {
        for sql in [
            "",
            "CREATE",
            "CREATE TABLE",
            "CREATE TABLE t",
            "CREATE TABLE t (",
            "CREATE TABLE t (a,",
        ] {
            assert!(parse_create_table(sql).is_err(), "{sql}");
            assert!(parse_create_index(sql).is_err(), "{sql}");
        }
    }
}
