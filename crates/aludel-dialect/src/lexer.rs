//! The lexer for both dialects. It never fails, and the tokens contain every byte of the source.
//!
//! For PostgreSQL it knows nested comments, `E''` strings and dollar quotes; for SQLite, comments
//! that do not nest, and identifiers in backticks and brackets. Unterminated tokens extend to the
//! end of the source.

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

/// Iterates over all tokens of `source`, including white space and comments.
pub fn tokens(source: &str, dialect: Dialect) -> Tokens<'_> {
    Tokens { source, position: 0, dialect }
}

/// Returns the tokens of `source` without white space and comments.
pub fn significant(source: &str, dialect: Dialect) -> Vec<Token<'_>> {
    tokens(source, dialect)
        .filter(|token| !matches!(token.kind, TokenKind::Space | TokenKind::Comment))
        .collect()
}

/// An iterator over the tokens of a source.
pub struct Tokens<'a> {
    source: &'a str,
    position: usize,
    dialect: Dialect,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = &self.source[self.position..];
        if rest.is_empty() {
            return None;
        }
        let (kind, length) = self.token_at(rest);
        let token = Token { kind, text: &rest[..length], start: self.position };
        self.position += length;
        Some(token)
    }
}

impl Tokens<'_> {
    /// Applies the rules of another dialect to the remaining source.
    pub(crate) fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    fn token_at(&self, rest: &str) -> (TokenKind, usize) {
        let bytes = rest.as_bytes();
        let second = bytes.get(1).copied();
        match bytes[0] {
            b if b.is_ascii_whitespace() => {
                (TokenKind::Space, span(rest, |c| c.is_ascii_whitespace()))
            }
            b'-' if second == Some(b'-') => {
                (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()))
            }
            b'/' if second == Some(b'*') => (TokenKind::Comment, self.block_comment(rest)),
            b'\'' => (TokenKind::String, quoted(rest, 0, '\'', false)),
            b'e' | b'E' if second == Some(b'\'') && self.is_postgres() => {
                (TokenKind::String, quoted(rest, 1, '\'', true))
            }
            b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if second == Some(b'\'') => {
                (TokenKind::String, quoted(rest, 1, '\'', false))
            }
            b'"' => (TokenKind::Quoted, quoted(rest, 0, '"', false)),
            b'`' if !self.is_postgres() => (TokenKind::Quoted, quoted(rest, 0, '`', false)),
            b'[' if !self.is_postgres() => {
                (TokenKind::Quoted, rest.find(']').map_or(rest.len(), |end| end + 1))
            }
            b'$' if self.is_postgres() => match dollar_quoted(rest) {
                Some(length) => (TokenKind::String, length),
                None => (TokenKind::Symbol, 1),
            },
            b'0'..=b'9' => (TokenKind::Number, number(rest)),
            b'.' if second.is_some_and(|b| b.is_ascii_digit()) => (TokenKind::Number, number(rest)),
            b if is_word_start(char_at(rest, b)) => (TokenKind::Word, span(rest, is_word)),
            b if is_operator(b) => (TokenKind::Symbol, operator(rest)),
            b => (TokenKind::Symbol, char_at(rest, b).len_utf8()),
        }
    }

    fn is_postgres(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    fn block_comment(&self, rest: &str) -> usize {
        if !self.is_postgres() {
            return rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
        }
        let bytes = rest.as_bytes();
        let (mut depth, mut at) = (0_usize, 0);
        while at < bytes.len() {
            match (bytes[at], bytes.get(at + 1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return at;
                    }
                }
                _ => at += 1,
            }
        }
        rest.len()
    }
}

fn char_at(rest: &str, byte: u8) -> char {
    rest.chars().next().unwrap_or(char::from(byte))
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|?:".contains(&byte)
}

fn span(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

/// Returns the length of a run of operator characters. A comment ends the run, and a sign after
/// another operator is a token of its own.
fn operator(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 1;
    while end < bytes.len() && is_operator(bytes[end]) {
        let pair = &bytes[end..(end + 2).min(bytes.len())];
        if pair == b"--"
            || pair == b"/*"
            || (matches!(bytes[end], b'+' | b'-') && bytes[end - 1] != b'<')
        {
            break;
        }
        end += 1;
    }
    end
}

fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'+' | b'-')
            && matches!(bytes[end - 1], b'e' | b'E')
            && !rest.starts_with("0x");
        if bytes[end].is_ascii_alphanumeric()
            || matches!(bytes[end], b'.' | b'_')
            || (end > 0 && exponent)
        {
            end += 1;
        } else {
            break;
        }
    }
    end
}

/// Returns the length of a quoted token whose opening quote is at `open`.
fn quoted(rest: &str, open: usize, quote: char, backslash: bool) -> usize {
    let mut chars = rest[open + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if backslash && c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return open + 1 + at + quote.len_utf8();
            }
        }
    }
    rest.len()
}

/// Returns the length of `$tag$…$tag$` at the start of `rest`, if there is one.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_end = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_end];
    let name = &tag[1..tag_end - 1];
    if name.starts_with(|c: char| c.is_ascii_digit())
        || !name.chars().all(|c| is_word(c) && c != '$')
    {
        return None;
    }
    Some(rest[tag_end..].find(tag).map_or(rest.len(), |at| tag_end + at + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, dialect: Dialect) -> Vec<&str> {
        significant(source, dialect).iter().map(|token| token.text).collect()
    }

    #[test]
    fn postgres_quotes_and_comments() {
        let source = "a 'b''c' E'\\'' $x$ ; $x$ \"q\"\"q\" /* /* n */ */ -- c\n<> ::int";
        assert_eq!(
            texts(source, Dialect::Postgres),
            ["a", "'b''c'", "E'\\''", "$x$ ; $x$", "\"q\"\"q\"", "<>", "::", "int"]
        );
    }

    #[test]
    fn sqlite_quotes() {
        assert_eq!(
            texts("[a b] `c` $1 /* /* */ d", Dialect::Sqlite),
            ["[a b]", "`c`", "$", "1", "d"]
        );
    }

    #[test]
    fn what_is_not_closed_runs_to_the_end() {
        for source in ["'abc", "\"abc", "/* abc", "$t$ abc", "E'abc\\"] {
            for dialect in [Dialect::Postgres, Dialect::Sqlite] {
                let all: String = tokens(source, dialect).map(|token| token.text).collect();
                assert_eq!(all, source);
            }
        }
    }

    #[test]
    fn a_minus_after_an_operator_stands_alone() {
        assert_eq!(texts("a=-1 b--c", Dialect::Postgres), ["a", "=", "-", "1", "b"]);
        assert_eq!(texts("a->>'b'", Dialect::Postgres), ["a", "->>", "'b'"]);
    }
}
