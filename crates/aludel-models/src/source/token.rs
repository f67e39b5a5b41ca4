//! Tokens of Rust source: the compiler's own lexer, with positions, matched brackets, and a cursor
//! over the tokens.

use ra_ap_rustc_lexer::{DocStyle, FrontmatterAllowed, LiteralKind, TokenKind, strip_shebang};

use crate::error::{ModelError, Position};

/// One token. White space and ordinary comments are dropped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    /// The text as in the source; a raw identifier without its `r#`.
    pub(crate) text: &'a str,
    pub(crate) at: Position,
    /// For a bracket, the index of its partner in the list of tokens.
    partner: u32,
}

impl Token<'_> {
    fn partner(&self) -> usize {
        self.partner as usize
    }
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or a keyword.
    Word,
    /// An identifier written `r#…`, which is never a keyword.
    RawWord,
    /// A string literal.
    Text,
    /// A number.
    Number,
    /// Any other literal, or a lifetime.
    Other,
    /// An outer doc comment.
    Doc,
    /// One character.
    Symbol,
}

/// Returns all tokens of a source.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ModelError> {
    let mut lexer = Lexer::new(text)?;
    let mut tokens = Vec::with_capacity(text.len() / 4);
    while lexer.take(&mut tokens)? {}
    Ok(tokens)
}

/// A lexer that appends the tokens of a source to a list, one by one.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    rest: ra_ap_rustc_lexer::Cursor<'a>,
    offset: usize,
    place: Place<'a>,
    /// The open brackets, by their indexes in the list.
    open: Vec<usize>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, ModelError> {
        if u32::try_from(text.len()).is_err() {
            return Err(ModelError::new(Position::of_line(1), "a source of 4 GiB or more"));
        }
        let offset = strip_shebang(text)
            .unwrap_or_else(|| text.len() - text.trim_start_matches('\u{feff}').len());
        let rest = ra_ap_rustc_lexer::Cursor::new(&text[offset..], FrontmatterAllowed::No);
        let place = Place { text, at: offset, here: Position { line: 1, column: 1 } };
        Ok(Self { text, rest, offset, place, open: Vec::new() })
    }

    /// Returns true if the last token of the list is in no bracket and begins none.
    pub(crate) fn is_outside(&self) -> bool {
        self.open.is_empty()
    }

    /// Appends the next token; returns false at the end. The list has the tokens so far, or those since
    /// a place outside of brackets.
    pub(crate) fn take(&mut self, tokens: &mut Vec<Token<'a>>) -> Result<bool, ModelError> {
        loop {
            let token = self.rest.advance_token();
            if token.kind == TokenKind::Eof {
                return self.finish(tokens);
            }
            let begin = self.offset;
            self.offset += token.len as usize;
            let found = classify(token.kind, &self.text[begin..self.offset])
                .map_err(|message| ModelError::new(self.place.of(begin), message))?;
            let Some((kind, text)) = found else { continue };
            let at = self.place.of(begin);
            let mut partner = 0;
            match text {
                "(" | "[" | "{" if kind == Kind::Symbol => self.open.push(tokens.len()),
                ")" | "]" | "}" if kind == Kind::Symbol => {
                    partner = index(close(tokens, &mut self.open, text, at)?);
                }
                _ => {}
            }
            tokens.push(Token { kind, text, at, partner });
            return Ok(true);
        }
    }

    fn finish(&self, tokens: &[Token<'_>]) -> Result<bool, ModelError> {
        match self.open.last() {
            None => Ok(false),
            Some(last) => {
                let open = tokens[*last];
                Err(ModelError::new(open.at, format!("this `{}` is never closed", open.text)))
            }
        }
    }
}

/// Matches a closing bracket with the one that it closes, and returns the index of that one.
fn close(
    tokens: &mut [Token<'_>],
    open: &mut Vec<usize>,
    piece: &str,
    at: Position,
) -> Result<usize, ModelError> {
    let wrong = || ModelError::new(at, format!("this `{piece}` closes nothing that is open"));
    let partner = open.pop().ok_or_else(wrong)?;
    let end = tokens.len();
    match (tokens[partner].text, piece) {
        ("(", ")") | ("[", "]") | ("{", "}") => tokens[partner].partner = index(end),
        (other, _) => {
            let place = tokens[partner].at;
            return Err(wrong().help(format!(
                "line {}, column {} opens with `{other}`",
                place.line, place.column
            )));
        }
    }
    Ok(partner)
}

/// Returns the index of a token as it is stored. There are fewer tokens than bytes, and no source has
/// 4 GiB: [`tokens`] refuses it.
fn index(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

type Classified<'a> = Result<Option<(Kind, &'a str)>, &'static str>;

fn classify(kind: TokenKind, piece: &str) -> Classified<'_> {
    Ok(Some((
        match kind {
            TokenKind::Whitespace | TokenKind::Eof => return Ok(None),
            TokenKind::LineComment { doc_style: Some(DocStyle::Outer) } => Kind::Doc,
            TokenKind::BlockComment { terminated: false, .. } => {
                return Err("this comment is never closed");
            }
            TokenKind::BlockComment { doc_style: Some(DocStyle::Outer), .. } => Kind::Doc,
            TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => return Ok(None),
            TokenKind::RawIdent => return Ok(Some((Kind::RawWord, &piece[2..]))),
            TokenKind::Ident | TokenKind::UnknownPrefix => Kind::Word,
            TokenKind::Literal { kind, .. } => literal(kind)?,
            TokenKind::Lifetime { .. } | TokenKind::RawLifetime => Kind::Other,
            _ => Kind::Symbol,
        },
        piece,
    )))
}

fn literal(kind: LiteralKind) -> Result<Kind, &'static str> {
    Ok(match kind {
        LiteralKind::Str { terminated: false }
        | LiteralKind::ByteStr { terminated: false }
        | LiteralKind::CStr { terminated: false }
        | LiteralKind::RawStr { n_hashes: None }
        | LiteralKind::RawByteStr { n_hashes: None }
        | LiteralKind::RawCStr { n_hashes: None } => return Err("this string is never closed"),
        LiteralKind::Str { .. } | LiteralKind::RawStr { .. } => Kind::Text,
        LiteralKind::Int { .. } | LiteralKind::Float { .. } => Kind::Number,
        _ => Kind::Other,
    })
}

/// A position that moves forward in a text.
struct Place<'a> {
    text: &'a str,
    at: usize,
    here: Position,
}

impl Place<'_> {
    /// Returns the position of an offset that is not before the last requested one.
    fn of(&mut self, offset: usize) -> Position {
        self.here = self.here.after(&self.text[self.at..offset]);
        self.at = offset;
        self.here
    }
}

/// A cursor over tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    end: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(tokens: &'t [Token<'t>]) -> Self {
        Self { tokens, at: 0, end: tokens.len() }
    }

    pub(crate) fn peek(&self) -> Option<&'t Token<'t>> {
        self.tokens[..self.end].get(self.at)
    }

    /// Returns the token after the next one; a bracket counts with its contents.
    pub(crate) fn peek_second(&self) -> Option<&'t Token<'t>> {
        let mut ahead = *self;
        ahead.skip_tree();
        ahead.peek()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// Returns the position of the next token; at the end, that of the last one.
    pub(crate) fn position(&self) -> Position {
        let token = self.tokens.get(self.at).or_else(|| self.tokens.last());
        token.map(|token| token.at).unwrap_or_default()
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Symbol && token.text == symbol)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Word && token.text == word)
    }

    /// Skips a symbol, if it is the next token, and returns true if it was.
    pub(crate) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    /// Skips a keyword, if it is the next token, and returns true if it was.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Takes an identifier or a keyword, if it is the next token.
    pub(crate) fn word(&mut self) -> Option<&'t Token<'t>> {
        let token = self.peek().filter(|t| matches!(t.kind, Kind::Word | Kind::RawWord))?;
        self.at += 1;
        Some(token)
    }

    /// Takes the next token, which must not be a bracket.
    pub(crate) fn next(&mut self) -> Option<&'t Token<'t>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Skips a token, or a bracket with its contents.
    pub(crate) fn skip_tree(&mut self) {
        if let Some(token) = self.peek() {
            let group = token.kind == Kind::Symbol && matches!(token.text, "(" | "[" | "{");
            self.at = if group { token.partner() + 1 } else { self.at + 1 };
        }
    }

    /// Skips a bracket and returns a cursor over its contents.
    pub(crate) fn inside(&mut self, open: &str) -> Option<Self> {
        if !self.is_symbol(open) {
            return None;
        }
        let (at, end) = (self.at + 1, self.tokens[self.at].partner());
        self.at = end + 1;
        Some(Self { at, end, ..*self })
    }

    /// Skips everything up to a symbol on this level, or to the end. Brackets and `<…>` are levels.
    /// A semicolon is never inside of `<…>`, so a `<` before it is a comparison.
    pub(crate) fn skip_to(&mut self, symbol: &str) {
        let mut angles = 0_usize;
        while let Some(token) = self.peek() {
            if token.kind == Kind::Symbol {
                match token.text {
                    text if text == symbol && (angles == 0 || text == ";") => return,
                    "<" => angles += 1,
                    ">" => angles = angles.saturating_sub(1),
                    "-" | "=" if self.peek_second().is_some_and(|t| t.text == ">") => self.at += 1,
                    _ => {}
                }
            }
            self.skip_tree();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        let text = "\u{feff}// é\n/* a /* b */\n é */ é \"x\ny\" r#type 'a";
        let all = tokens(text).unwrap();
        let seen: Vec<(&str, u32, u32)> =
            all.iter().map(|t| (t.text, t.at.line, t.at.column)).collect();
        assert_eq!(seen, [("é", 3, 7), ("\"x\ny\"", 3, 9), ("type", 4, 4), ("'a", 4, 11)]);
    }

    #[test]
    fn what_is_left_open_is_said_with_its_place() {
        for (text, line, column, words) in [
            ("struct A {\n(", 2, 1, "`(` is never closed"),
            ("struct A {\n)", 2, 1, "closes nothing"),
            ("}", 1, 1, "closes nothing"),
            (" \"a", 1, 2, "string is never closed"),
            ("\n /* a", 2, 2, "comment is never closed"),
        ] {
            let problem = tokens(text).unwrap_err();
            assert!(problem.message.contains(words), "{problem}");
            assert_eq!((problem.at.line, problem.at.column), (line, column), "{text}");
        }
    }
}
