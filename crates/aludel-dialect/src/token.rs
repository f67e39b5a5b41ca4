//! Tokens of SQL.

use crate::capabilities::IdentifierCase;
use crate::dialect::Dialect;

/// The class of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A keyword or an unquoted identifier.
    Word,
    /// A quoted identifier.
    Quoted,
    /// A string with its prefix, or a dollar-quoted string.
    String,
    /// A number.
    Number,
    /// An operator of one or more characters, or a single punctuation character.
    Symbol,
    /// A comment.
    Comment,
    /// White space.
    Space,
    /// The data of `COPY … FROM STDIN`, with the line `\.` that ends it.
    Data,
}

/// A token of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// The class of the token.
    pub kind: TokenKind,
    /// The unchanged text of the token.
    pub text: &'a str,
    /// The offset of its first byte.
    pub start: usize,
}

impl<'a> Token<'a> {
    /// Returns true if the token is this keyword, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Returns true if the token is this symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// Returns false for white space and comments.
    pub fn is_significant(&self) -> bool {
        match self.kind {
            TokenKind::Space | TokenKind::Comment => false,
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Symbol
            | TokenKind::Data => true,
        }
    }

    /// Returns the offset of the byte after the token.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Returns the identifier that the token stands for: without quotes, and in lower case if it
    /// had none.
    pub fn identifier(&self) -> Option<String> {
        match self.kind {
            TokenKind::Word => Some(self.text.to_ascii_lowercase()),
            TokenKind::Quoted => Some(unquote(self.text)),
            _ => None,
        }
    }

    /// Returns the name that the token stands for where SQLite takes strings for names.
    pub fn name(&self) -> Option<String> {
        match self.kind {
            TokenKind::String => Some(unquote(self.text)),
            _ => self.identifier(),
        }
    }

    /// Returns true if the token is an identifier that stands for `name`.
    pub fn is_name(&self, name: &str, dialect: Dialect) -> bool {
        let is_it = |own: String| match dialect.capabilities().identifier_case {
            IdentifierCase::Sensitive => own == name,
            IdentifierCase::Insensitive => own.eq_ignore_ascii_case(name),
        };
        self.identifier().is_some_and(is_it)
    }
}

/// Removes quotes of any style from an identifier.
pub(crate) fn unquote(text: &str) -> String {
    let mut chars = text.chars();
    let Some(open) = chars.next() else { return String::new() };
    let close = if open == '[' { ']' } else { open };
    let body = &text[open.len_utf8()..];
    let body = body.strip_suffix(close).unwrap_or(body);
    body.replace(&format!("{close}{close}"), &close.to_string())
}
