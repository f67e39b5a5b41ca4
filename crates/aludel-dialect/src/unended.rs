//! Strings, quoted names and comments that nothing closes.

use crate::dialect::Dialect;
use crate::lexer::tokens;
use crate::token::{Token, TokenKind};

/// Returns what is wrong with a token that nothing closes, which is the last one of its source; `None`
/// for any other token.
pub(crate) fn missing_end(token: &Token<'_>, dialect: Dialect) -> Option<String> {
    let (what, end) = match token.kind {
        TokenKind::Comment if token.text.starts_with("/*") => ("comment", "*/"),
        TokenKind::Quoted if token.text.starts_with('[') => ("quoted name", "]"),
        TokenKind::Quoted => ("quoted name", token.text.get(..1)?),
        TokenKind::String if token.text.starts_with('$') => ("text", dollar_tag(token.text)?),
        TokenKind::String => ("string", "'"),
        TokenKind::Comment
        | TokenKind::Word
        | TokenKind::Number
        | TokenKind::Symbol
        | TokenKind::Space
        | TokenKind::Data => return None,
    };
    // Whatever comes behind an open token belongs to it.
    let longer = format!("{} ", token.text);
    let is_open =
        tokens(&longer, dialect).next().is_some_and(|own| own.text.len() > token.text.len());
    is_open.then(|| format!("the {what} that begins here has no end: `{end}` is missing"))
}

/// Returns the tag at the beginning of a dollar-quoted string, such as `$body$`.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text.get(1..)?.find('$')?;
    text.get(..end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(source: &str) -> Option<String> {
        tokens(source, Dialect::Postgres)
            .last()
            .and_then(|token| missing_end(&token, Dialect::Postgres))
    }

    #[test]
    fn only_open_tokens_lack_an_end() {
        for source in ["'abc", "\"abc", "/* abc", "$t$ abc", "E'abc\\", "'a''", "/* /* */ a"] {
            assert!(last(source).is_some(), "{source}");
        }
        for source in ["'abc'", "\"\"", "/* /* */ */", "$t$ $t$", "E'\\''", "a", "-- 'a", "'a''b'"]
        {
            assert_eq!(last(source), None, "{source}");
        }
    }
}
