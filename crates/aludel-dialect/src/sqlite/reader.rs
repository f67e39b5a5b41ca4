//! A reader of the tokens of a statement.

use aludel_schema::{IndexKey, KeyPart, SqlText};

use crate::dialect::Dialect::Sqlite;
use crate::expression::normal_form;
use crate::lexer::significant;
use crate::token::{Token, TokenKind, unquote};

/// A statement's tokens with the current position.
pub(super) struct Reader<'a> {
    source: &'a str,
    pub(super) tokens: Vec<Token<'a>>,
    pub(super) position: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, tokens: significant(source, Sqlite), position: 0 }
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.position)
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.position).copied();
        self.position += usize::from(token.is_some());
        token
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_word(word));
        self.position += usize::from(found);
        found
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_symbol(symbol));
        self.position += usize::from(found);
        found
    }

    pub(super) fn expected(&self, what: &str) -> String {
        let found = self.peek().map_or("the end", |token| token.text);
        format!("expected {what}, found `{found}`")
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.expected(&format!("`{symbol}`"))) }
    }

    pub(super) fn expect_words(&mut self, words: &[&str]) -> Result<(), String> {
        for word in words {
            if !self.take_word(word) {
                return Err(self.expected(&word.to_uppercase()));
            }
        }
        Ok(())
    }

    pub(super) fn skip_if_not_exists(&mut self) -> Result<(), String> {
        if self.take_word("if") { self.expect_words(&["not", "exists"]) } else { Ok(()) }
    }

    /// Reads a name and removes its quotes. A schema before a dot is skipped.
    pub(super) fn name(&mut self) -> Result<String, String> {
        let name = self.plain_name()?;
        if self.take_symbol(".") { self.plain_name() } else { Ok(name) }
    }

    pub(super) fn plain_name(&mut self) -> Result<String, String> {
        match self.peek().map(|token| token.kind) {
            Some(TokenKind::Word) => Ok(self.next().map(|t| t.text.to_owned()).unwrap_or_default()),
            Some(TokenKind::Quoted | TokenKind::String) => {
                Ok(self.next().map(|t| unquote(t.text)).unwrap_or_default())
            }
            _ => Err(self.expected("a name")),
        }
    }

    /// Reads a group in parentheses and returns the text inside, with its comments.
    pub(super) fn parenthesised(&mut self) -> Result<String, String> {
        self.expect("(")?;
        let first = self.tokens[self.position - 1].end();
        let mut depth = 1;
        while let Some(token) = self.next() {
            match token.text {
                "(" if token.kind == TokenKind::Symbol => depth += 1,
                ")" if token.kind == TokenKind::Symbol => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(self.source[first..token.start].trim().to_owned());
            }
        }
        Err(self.expected("`)`"))
    }

    /// Returns the source from the token `first` up to the token `end`, which is not included.
    pub(super) fn slice(&self, first: usize, end: usize) -> &'a str {
        if first >= end {
            return "";
        }
        &self.source[self.tokens[first].start..self.tokens[end - 1].end()]
    }

    /// Returns the offsets of the first byte of the token `first`, and behind the last token that was read.
    pub(super) fn span(&self, first: usize) -> (usize, usize) {
        let start = self.tokens.get(first).map_or(self.source.len(), |token| token.start);
        let last = self.position.checked_sub(1).and_then(|at| self.tokens.get(at));
        (start, last.map_or(start, Token::end))
    }

    pub(super) fn rest(&mut self) -> String {
        let first = self.position;
        self.position = self.tokens.len();
        self.slice(first, self.position).to_owned()
    }

    pub(super) fn names(&mut self) -> Result<Vec<String>, String> {
        self.expect("(")?;
        let mut names = vec![self.plain_name()?];
        while self.take_symbol(",") {
            names.push(self.plain_name()?);
        }
        self.expect(")")?;
        Ok(names)
    }

    pub(super) fn index_keys(&mut self) -> Result<Vec<IndexKey>, String> {
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

    pub(super) fn index_key(&mut self) -> Result<IndexKey, String> {
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

/// Removes redundant parentheses: `((a + b))` and `(a + b)` are the same expression.
fn strip(part: KeyPart) -> KeyPart {
    match part {
        KeyPart::Expression(text) => {
            let inner = text.written.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
            match inner {
                Some(inner) if normal_form(&text.written, Sqlite) == normal_form(inner, Sqlite) => {
                    KeyPart::Expression(SqlText::new(inner.trim()))
                }
                _ => KeyPart::Expression(text),
            }
        }
        column => column,
    }
}

impl Reader<'_> {
    /// Reads the keys of a constraint, where SQLite also accepts AUTOINCREMENT.
    pub(super) fn index_keys_with_autoincrement(&mut self) -> Result<Vec<IndexKey>, String> {
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
