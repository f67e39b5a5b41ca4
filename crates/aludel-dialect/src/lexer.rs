//! The lexer for both dialects. It never fails, and the tokens contain every byte of the source.
//!
//! For PostgreSQL it knows nested comments, `E''` strings and dollar quotes; for SQLite, comments
//! that do not nest, and identifiers in backticks and brackets. Unterminated tokens extend to the
//! end of the source.
//!
//! The lines after `COPY … FROM STDIN;` of PostgreSQL, up to `\.`, are one token, because they are
//! data and not SQL. The lines `\restrict` and `\unrestrict` of pg_dump are comments to everybody but
//! psql.

use crate::client::meaningless;
use crate::copy::{ClientCopy, data_length};
use crate::dialect::Dialect;
use crate::token::{Token, TokenKind};

/// Iterates over all tokens of `source`, including white space and comments.
pub fn tokens(source: &str, dialect: Dialect) -> Tokens<'_> {
    Tokens { source, position: 0, dialect, statement: None, data: Data::None }
}

/// Returns the tokens of `source` without white space and comments.
pub fn significant(source: &str, dialect: Dialect) -> Vec<Token<'_>> {
    tokens(source, dialect).filter(Token::is_significant).collect()
}

/// Returns the first tokens of a statement, in upper case.
pub(crate) fn leading_words(sql: &str, dialect: Dialect, count: usize) -> Vec<String> {
    tokens(sql, dialect)
        .filter(Token::is_significant)
        .take(count)
        .map(|token| token.text.to_ascii_uppercase())
        .collect()
}

/// An iterator over the tokens of a source.
pub struct Tokens<'a> {
    source: &'a str,
    position: usize,
    dialect: Dialect,
    /// The offset of the statement that has begun.
    statement: Option<usize>,
    data: Data,
}

/// The place of the data of a COPY statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    None,
    /// It begins on the next line.
    NextLine,
    /// It is the next token.
    Here,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = &self.source[self.position..];
        if rest.is_empty() {
            return None;
        }
        let (kind, length) = match self.data {
            Data::None => self.token_at(rest),
            Data::NextLine => match self.token_at(rest) {
                // The white space of the next line belongs to the data.
                (TokenKind::Space, all) => {
                    (TokenKind::Space, rest[..all].find('\n').map_or(all, |end| end + 1))
                }
                other => other,
            },
            Data::Here => (TokenKind::Data, data_length(rest)),
        };
        let token = Token { kind, text: &rest[..length], start: self.position };
        self.position += length;
        self.follow(&token);
        Some(token)
    }
}

impl Tokens<'_> {
    /// Applies the rules of another dialect to the remaining source.
    pub(crate) fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// Follows the statements, to know where data begins.
    fn follow(&mut self, token: &Token<'_>) {
        match token.kind {
            TokenKind::Comment => {}
            TokenKind::Space => {
                if self.data == Data::NextLine && token.text.ends_with('\n') {
                    self.data = Data::Here;
                }
            }
            TokenKind::Symbol if token.text == ";" => {
                let statement = self.statement.take().map(|start| &self.source[start..token.start]);
                let copy = |sql| ClientCopy::of(&significant(sql, self.dialect));
                let is_from = |sql| copy(sql).is_some_and(|copy| copy.is_from);
                let reads =
                    self.is_postgres() && statement.filter(|sql| is_copy(sql)).is_some_and(is_from);
                self.data = if reads { Data::NextLine } else { Data::None };
            }
            TokenKind::Data => self.data = Data::None,
            TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::String
            | TokenKind::Number
            | TokenKind::Symbol => {
                self.statement.get_or_insert(token.start);
                self.data = Data::None;
            }
        }
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
            // A parameter, behind which an attribute may follow: `$1.size`.
            b'$' if second.is_some_and(|b| b.is_ascii_digit()) => {
                (TokenKind::Symbol, 1 + span(&rest[1..], |c| c.is_ascii_digit()))
            }
            b'$' if self.is_postgres() => match dollar_quoted(rest) {
                Some(length) => (TokenKind::String, length),
                None => (TokenKind::Symbol, 1),
            },
            b'0'..=b'9' => (TokenKind::Number, number(rest)),
            b'.' if second.is_some_and(|b| b.is_ascii_digit()) => (TokenKind::Number, number(rest)),
            b'\\' if self.is_postgres() && self.statement.is_none() => match meaningless(rest) {
                Some(length) => (TokenKind::Comment, length),
                None => (TokenKind::Symbol, 1),
            },
            b if is_word_start(char_at(rest, b)) => (TokenKind::Word, span(rest, is_word)),
            b if is_operator(b) => (TokenKind::Symbol, operator(rest, self.is_postgres())),
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

fn is_copy(sql: &str) -> bool {
    sql.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy"))
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

/// Returns the length of an operator, which a comment ends. It ends in a sign only if it has one of some
/// characters on PostgreSQL (PostgreSQL, "Lexical Structure", "Operators"), and never on SQLite.
fn operator(rest: &str, is_postgres: bool) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 1;
    while end < bytes.len() && is_operator(bytes[end]) {
        let pair = &bytes[end..(end + 2).min(bytes.len())];
        if pair == b"--" || pair == b"/*" {
            break;
        }
        end += 1;
    }
    let may_end_in_sign =
        is_postgres && bytes[..end].iter().any(|byte| b"~!@#%^&|?".contains(byte));
    while end > 1 && !may_end_in_sign && matches!(bytes[end - 1], b'+' | b'-') {
        end -= 1;
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
        assert_eq!(texts("[a b] `c` $1 /* /* */ d", Dialect::Sqlite), ["[a b]", "`c`", "$1", "d"]);
    }

    #[test]
    fn an_attribute_of_a_parameter_is_a_word() {
        for dialect in [Dialect::Postgres, Dialect::Sqlite] {
            assert_eq!(texts("$1.size+$12", dialect), ["$1", ".", "size", "+", "$12"]);
        }
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
        assert_eq!(texts("a<->b <-1", Dialect::Postgres), ["a", "<->", "b", "<", "-", "1"]);
    }

    #[test]
    fn an_operator_may_end_in_a_sign() {
        assert_eq!(texts("a @+ b ?-- c", Dialect::Postgres), ["a", "@+", "b", "?"]);
        assert_eq!(texts("a||-1", Dialect::Postgres), ["a", "||-", "1"]);
        assert_eq!(texts("a||-1", Dialect::Sqlite), ["a", "||", "-", "1"]);
    }

    #[test]
    fn the_data_of_copy_is_one_token() {
        for (source, data) in [
            ("COPY t FROM stdin;\n1\t'\n\\.\nSELECT 1;", vec!["1\t'\n\\."]),
            ("COPY t FROM stdin; -- rows\r\n  a;\r\n\\.\r\n", vec!["  a;\r\n\\."]),
            ("COPY t FROM stdin;\n\\.\nCOPY u FROM stdin;\n\n\\.", vec!["\\.", "\n\\."]),
            ("COPY t FROM stdin;\na\\.\n\\.b\n", vec!["a\\.\n\\.b\n"]),
            ("copy t FROM stdin (FORMAT csv);\n\"\n;\"\n\\.\n", vec!["\"\n;\"\n\\."]),
            ("COPY t FROM stdin; SELECT 1;\n1\n", vec![]),
            ("COPY t FROM '/x';\nSELECT 1;", vec![]),
            ("COPY t TO stdout;\nSELECT 1;", vec![]),
            ("COPY t FROM stdin", vec![]),
        ] {
            let all: Vec<_> = tokens(source, Dialect::Postgres).collect();
            let found = all.iter().filter(|token| token.kind == TokenKind::Data);
            assert_eq!(found.map(|token| token.text).collect::<Vec<_>>(), data, "{source:?}");
            assert_eq!(all.iter().map(|token| token.text).collect::<String>(), source);
        }
    }

    #[test]
    fn lines_for_psql_alone_are_comments() {
        let source = "\\restrict a1'B\nSELECT '\\restrict';\n\\unrestrict a1'B\r\n";
        assert_eq!(texts(source, Dialect::Postgres), ["SELECT", "'\\restrict'", ";"]);
        assert_eq!(texts("SELECT \\restrict", Dialect::Postgres), ["SELECT", "\\", "restrict"]);
    }
}
