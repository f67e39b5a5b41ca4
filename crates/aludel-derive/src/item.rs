//! The head of a macro's input: the name of the item and its generic parameters.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// The head of a struct or an enum.
pub(crate) struct Item {
    pub(crate) name: Ident,
    /// The parameters as in `impl<…>`: with bounds, without defaults.
    pub(crate) parameters: TokenStream,
    /// The parameters as they follow the name of the type.
    pub(crate) arguments: TokenStream,
    /// The `where` clause; empty if there is none.
    pub(crate) bounds: TokenStream,
    /// The names of an enum's variants.
    pub(crate) variants: Vec<Ident>,
}

impl Item {
    /// Reads the head; returns `None` if there is no `struct`, `enum` or `union` with a name.
    pub(crate) fn read(input: TokenStream) -> Option<Self> {
        let mut tokens = input.into_iter().peekable();
        let is_keyword = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "struct" || word == "enum" || word == "union");
        tokens.by_ref().find(is_keyword)?;
        let TokenTree::Ident(name) = tokens.next()? else { return None };
        let mut parameters = Vec::new();
        if tokens.next_if(|token| is_punct(token, '<')).is_some() {
            parameters = split(between_angles(&mut tokens));
        }
        let mut bounds = Vec::new();
        let mut variants = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    variants = variant_names(group.stream());
                    break;
                }
                // The fields of a tuple struct.
                TokenTree::Group(_) if bounds.is_empty() => {}
                token if is_punct(&token, ';') => break,
                token => bounds.push(token),
            }
        }
        Some(Self {
            name,
            parameters: in_angles(parameters.iter().map(|one| declaration(one))),
            arguments: in_angles(parameters.iter().map(|one| argument(one))),
            bounds: bounds.into_iter().collect(),
            variants,
        })
    }

    /// Returns the span for an error about the item as a whole.
    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// Takes the tokens up to the `>` that closes a `<` which was already taken.
fn between_angles(tokens: &mut impl Iterator<Item = TokenTree>) -> Vec<TokenTree> {
    let (mut depth, mut arrow, mut inside) = (1_usize, false, Vec::new());
    for token in tokens {
        if is_punct(&token, '<') {
            depth += 1;
        } else if is_punct(&token, '>') && !arrow {
            depth -= 1;
        }
        if depth == 0 {
            break;
        }
        // The `>` of `->` closes nothing.
        arrow = is_punct(&token, '-');
        inside.push(token);
    }
    inside
}

/// Splits tokens at the commas outside of angle brackets.
fn split(tokens: Vec<TokenTree>) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut depth) = (vec![Vec::new()], 0_usize);
    for token in tokens {
        if is_punct(&token, '<') {
            depth += 1;
        } else if is_punct(&token, '>') {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 && is_punct(&token, ',') {
            parts.push(Vec::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(token);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns a parameter without its default.
fn declaration(parameter: &[TokenTree]) -> TokenStream {
    let end = parameter.iter().position(|token| is_punct(token, '='));
    parameter.iter().take(end.unwrap_or(parameter.len())).cloned().collect()
}

/// Returns the name of a parameter: a lifetime, or the identifier of a type or constant.
fn argument(parameter: &[TokenTree]) -> TokenStream {
    let is_const = |token: &&TokenTree| matches!(token, TokenTree::Ident(word) if word == "const");
    let parameter = parameter.iter().skip_while(is_const);
    let mut name = TokenStream::new();
    for token in parameter {
        let lifetime = is_punct(token, '\'');
        name.extend([token.clone()]);
        if !lifetime {
            break;
        }
    }
    name
}

fn in_angles(parts: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    if parts.len() == 0 {
        TokenStream::new()
    } else {
        quote! { < #(#parts),* > }
    }
}

/// Returns the names of the variants in an enum's body: the first identifier of each part.
/// Attributes have their identifiers inside of a group.
fn variant_names(body: TokenStream) -> Vec<Ident> {
    let parts = split(body.into_iter().collect());
    let name = |part: Vec<TokenTree>| {
        part.into_iter().find_map(|token| match token {
            TokenTree::Ident(name) => Some(name),
            _ => None,
        })
    };
    parts.into_iter().filter_map(name).collect()
}
