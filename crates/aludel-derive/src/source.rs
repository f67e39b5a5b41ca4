//! A macro's input as source text for the reader of files, and the way from a position in that text
//! back to a token.

use aludel_models::Position;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// Tokens as text, each on a line of its own.
pub(crate) struct Source {
    pub(crate) text: String,
    /// The span of the token on each line.
    spans: Vec<Span>,
}

impl Source {
    /// Writes `head`, which corresponds to no token, followed by the tokens.
    pub(crate) fn new(head: &str, tokens: TokenStream) -> Self {
        let mut source = Self { text: String::new(), spans: Vec::new() };
        source.piece(head, Span::call_site());
        source.write(tokens);
        source
    }

    /// Returns the span of the token at a position in the text.
    pub(crate) fn span_at(&self, at: Position) -> Span {
        self.spans
            .get((at.line as usize).saturating_sub(1))
            .copied()
            .unwrap_or_else(Span::call_site)
    }

    fn write(&mut self, tokens: TokenStream) {
        let mut lifetime = false;
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    self.piece(open, group.span_open());
                    self.write(group.stream());
                    self.piece(close, group.span_close());
                }
                // A lifetime is two tokens here, and one token in source text.
                TokenTree::Punct(punct) if punct.as_char() == '\'' => lifetime = true,
                TokenTree::Ident(ident) if std::mem::take(&mut lifetime) => {
                    self.piece(&format!("'{ident}"), ident.span());
                }
                token => self.piece(&token.to_string(), token.span()),
            }
        }
    }

    fn piece(&mut self, text: &str, span: Span) {
        self.text.push_str(text);
        self.text.push('\n');
        // A string literal may contain line breaks.
        let lines = text.matches('\n').count() + 1;
        self.spans.extend(std::iter::repeat_n(span, lines));
    }
}
