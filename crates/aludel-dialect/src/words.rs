//! The identifiers in a text, with those in strings, which may be code, told apart.

use std::collections::BTreeSet;

use crate::dialect::Dialect;
use crate::lexer::tokens;
use crate::token::{Token, TokenKind};

/// The text in a string, which may be the code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code<'a> {
    /// The quote at either end: `'`, or a tag such as `$$`.
    pub quote: &'a str,
    /// The text between the quotes.
    pub text: &'a str,
}

/// Returns the text in a string without a prefix; `None` for any other token, and for a string that nothing
/// closes, as a piece of code has that is put together when it runs.
pub fn code<'a>(token: &Token<'a>) -> Option<Code<'a>> {
    (token.kind == TokenKind::String).then_some(())?;
    let quote = match token.text.chars().next()? {
        '$' => token.text.get(1..)?.find('$')? + 2,
        '\'' => 1,
        _ => return None,
    };
    let end = token.text.len().checked_sub(quote).filter(|end| *end >= quote)?;
    let (quote, text) = (token.text.get(..quote)?, token.text.get(quote..end)?);
    token.text.ends_with(quote).then_some(Code { quote, text })
}

/// The identifiers in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The identifiers outside of code, which a server resolves when it reads the text.
    pub outside: BTreeSet<String>,
    /// The identifiers in code, which a server may resolve only when the code runs.
    pub code: BTreeSet<String>,
}

impl Words {
    /// Collects the identifiers of a text.
    ///
    /// ```
    /// use aludel_dialect::{Dialect, Words};
    ///
    /// let words = Words::of("FUNCTION f() AS $$ SELECT a FROM \"B\" $$", Dialect::Postgres);
    /// assert!(words.outside.contains("f") && !words.outside.contains("a"));
    /// assert!(words.code.contains("B"));
    /// ```
    pub fn of(text: &str, dialect: Dialect) -> Self {
        let mut words = Self::default();
        words.add(text, dialect);
        words
    }

    /// Adds the identifiers of another text.
    pub fn add(&mut self, text: &str, dialect: Dialect) {
        for token in tokens(text, dialect) {
            self.outside.extend(token.identifier());
            if let Some(code) = code(&token) {
                let inner = Self::of(code.text, dialect);
                self.code.extend(inner.outside);
                self.code.extend(inner.code);
            }
        }
    }

    /// Returns true if the text has this identifier, in code or outside.
    pub fn contains(&self, word: &str) -> bool {
        self.outside.contains(word) || self.code.contains(word)
    }
}
