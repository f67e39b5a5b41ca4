//! Parses CREATE TABLE and CREATE INDEX statements as `sqlite_schema` stores them.
//!
//! The text is parsed because PRAGMAs do not report names of constraints, checks, collations,
//! AUTOINCREMENT and deferrable keys. Anything that this parser does not understand is an error, so
//! a table is never read incompletely.

use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, ForeignKey, Generated, Identity, Index,
    KeyPart, NotNull, QualifiedName, SqlText, Table,
};

use super::column::is_literal;
use super::reader::Reader;
use super::remarks::{self, PartOf, TablePart};
use crate::dialect::Dialect::Sqlite;
use crate::expression::normal_form;
use crate::token::{TokenKind, unquote};

/// A table, and the clauses of its statement that metadata can't represent.
#[derive(Clone, Debug)]
pub struct ParsedTable {
    /// The table.
    pub table: Table,
    /// The clauses that the table lacks, such as `ON CONFLICT`.
    pub lost: Vec<String>,
}

/// Parses a CREATE TABLE statement.
///
/// # Errors
///
/// Fails if the statement is not a CREATE TABLE statement or has a clause that is not understood.
/// The error says what was expected and what was found.
pub fn parse_create_table(sql: &str) -> Result<ParsedTable, String> {
    let mut reader = Reader::new(sql);
    reader.expect_words(&["create"])?;
    let _ = reader.take_word("temp") || reader.take_word("temporary");
    reader.expect_words(&["table"])?;
    reader.skip_if_not_exists()?;
    let table = Table::new(QualifiedName::unqualified(reader.name()?));
    reader.expect("(")?;
    let mut body = Body { reader, table, lost: Vec::new(), parts: Vec::new() };
    body.columns_and_constraints()?;
    body.options()?;
    remarks::keep(sql, &body.parts, &mut body.table);
    body.forbid_null_in_key();
    Ok(ParsedTable { table: body.table, lost: body.lost })
}

/// Parses a CREATE INDEX statement; returns the name of the table, and the index.
///
/// # Errors
///
/// Fails if the statement is not a CREATE INDEX statement or has a clause that is not understood.
/// The error says what was expected and what was found.
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
        predicate: predicate.map(Box::new),
        settings: Default::default(),
        comment: None,
        canonical: None,
    };
    Ok((table, index))
}

struct Body<'a> {
    reader: Reader<'a>,
    table: Table,
    lost: Vec<String>,
    parts: Vec<TablePart>,
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
            let first = self.reader.position;
            let of = if self.at_word(&TABLE_CONSTRAINT) {
                self.table_constraint()?;
                PartOf::Constraint(self.table.constraints.len() - 1)
            } else {
                self.column()?;
                PartOf::Column(self.table.columns.len() - 1)
            };
            let (start, end) = self.reader.span(first);
            self.parts.push(TablePart { of, start, end });
            if self.reader.take_symbol(")") {
                return Ok(());
            }
            // SQLite allows table constraints without commas between them.
            if !self.reader.take_symbol(",") && !self.at_word(&TABLE_CONSTRAINT) {
                return Err(self.reader.expected("`,` or `)`"));
            }
        }
    }

    /// Forbids NULL in the columns of a primary key that can't hold it.
    fn forbid_null_in_key(&mut self) {
        let key = self.table.primary_key().to_vec();
        if super::table::key_may_be_null(&self.table, &key) {
            return;
        }
        let is_key = |column: &&mut Column| {
            column.nullable && key.iter().any(|name| name.eq_ignore_ascii_case(&column.name))
        };
        for column in self.table.columns.iter_mut().filter(is_key) {
            column.nullable = false;
            column.not_null = Some(Box::new(NotNull { unsaid: true, ..NotNull::default() }));
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
                column.identity = Some(Box::new(Identity {
                    always: true,
                    sequence: None,
                    options: Default::default(),
                }));
            }
            self.push(name, ConstraintKind::primary_key(columns));
        } else if self.reader.take_word("unique") {
            self.conflict_clause();
            self.push(name, ConstraintKind::unique(columns));
        } else if self.reader.take_word("check") {
            let expression = SqlText::new(self.reader.parenthesised()?);
            self.push(name, ConstraintKind::check(expression));
        } else if self.reader.take_word("default") {
            let default = self.default_value()?;
            // DEFAULT NULL is equivalent to no default.
            column.default = Some(default)
                .filter(|text| !normal_form(text, Sqlite).eq_ignore_ascii_case("null"))
                .map(|text| Box::new(SqlText::new(text)));
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
            column.generated = Some(Box::new(Generated { expression, stored }));
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
            // SQLite treats a word that is not a literal as a string in this place.
            Some(token) if token.kind == TokenKind::Quoted => {
                Ok(Sqlite.literal(&unquote(token.text)))
            }
            Some(token) if token.kind == TokenKind::Word && !is_literal(token.text) => {
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
                    column.identity = Some(Box::new(identity));
                }
            }
            self.conflict_clause();
            self.push(name, ConstraintKind::primary_key(columns));
        } else if self.reader.take_word("unique") {
            let columns = self.key_columns()?;
            self.conflict_clause();
            self.push(name, ConstraintKind::unique(columns));
        } else if self.reader.take_word("check") {
            let expression = SqlText::new(self.reader.parenthesised()?);
            self.conflict_clause();
            self.push(name, ConstraintKind::check(expression));
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
        let mut key = ForeignKey::new(columns, references, referenced_columns);
        loop {
            if self.reader.take_word("on") {
                let delete = self.reader.take_word("delete");
                if !delete {
                    self.reader.expect_words(&["update"])?;
                }
                let action = self.action()?;
                *(if delete { &mut key.on_delete } else { &mut key.on_update }) = action;
            } else if self.reader.take_word("match") {
                // SQLite parses MATCH clauses but does not enforce them (SQLite's page "Foreign Key
                // Support", section 6).
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
