//! A macro's input as source text, so that the reader of files reads it too, and the way back from
//! a place in that text to the token that it came from.

use aludel_models::Position;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// Tokens written out on lines of their own, one after the other.
pub(crate) struct Source {
    pub(crate) text: String,
    /// The token of each line.
    spans: Vec<Span>,
}

impl Source {
    /// Writes `head`, which no token stands for, and the tokens behind it.
    pub(crate) fn new(head: &str, tokens: TokenStream) -> Self {
        let mut source = Self { text: String::new(), spans: Vec::new() };
        source.piece(head, Span::call_site());
        source.write(tokens);
        source
    }

    /// The token that a place is about.
    pub(crate) fn span_at(&self, at: Position) -> Span {
        self.spans.get(at.line.saturating_sub(1)).copied().unwrap_or_else(Span::call_site)
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
                // A lifetime comes as two tokens and is one in a source.
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
        // A string may hold lines itself.
        let lines = text.matches('\n').count() + 1;
        self.spans.extend(std::iter::repeat_n(span, lines));
    }
}
