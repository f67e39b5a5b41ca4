//! `#[test]`: a test with a database of its own.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

/// The arguments of the attribute.
struct Arguments {
    /// The folder of the revisions; `None` for an empty database.
    migrations: Option<Literal>,
    url: Option<Literal>,
    variable: Literal,
}

/// A function that is a test.
struct Function {
    attributes: Vec<TokenStream>,
    should_panic: bool,
    is_async: bool,
    name: Ident,
    /// The number of its arguments.
    count: usize,
    /// The whole function, without its attributes.
    whole: TokenStream,
}

const USAGE: &str = "write `#[aludel::test]`, with `migrations = \"folder\"` or `migrations = false`, \
                     `url = \"…\"` and `env = \"VARIABLE\"` as needed";

/// An error with its place.
type Problem = (Span, &'static str);

pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match Arguments::read(arguments).and_then(|arguments| Ok((arguments, Function::read(item)?))) {
        Ok((arguments, function)) => expansion(&arguments, &function),
        Err((span, message)) => quote_spanned! { span => ::core::compile_error!(#message); },
    }
}

impl Arguments {
    fn read(input: TokenStream) -> Result<Self, Problem> {
        let mut read = Self {
            migrations: Some(Literal::string("migrations/versions")),
            url: None,
            variable: Literal::string("DATABASE_URL"),
        };
        let tokens: Vec<TokenTree> = input.into_iter().collect();
        for argument in tokens.split(|token| is_punct(token, ',')) {
            match argument {
                [] => {}
                [TokenTree::Ident(key), equals, value] if is_punct(equals, '=') => {
                    read.set(&key.to_string(), value)?;
                }
                [first, ..] => return Err((first.span(), USAGE)),
            }
        }
        Ok(read)
    }

    fn set(&mut self, key: &str, value: &TokenTree) -> Result<(), Problem> {
        match (key, value) {
            ("migrations", TokenTree::Literal(folder)) => self.migrations = Some(folder.clone()),
            ("migrations", TokenTree::Ident(word)) if word == "false" => self.migrations = None,
            ("url", TokenTree::Literal(url)) => self.url = Some(url.clone()),
            ("env", TokenTree::Literal(variable)) => self.variable = variable.clone(),
            _ => return Err((value.span(), USAGE)),
        }
        Ok(())
    }
}

impl Function {
    fn read(input: TokenStream) -> Result<Self, Problem> {
        const NO_FUNCTION: &str = "this attribute is for functions";
        let mut attributes = Vec::new();
        let mut should_panic = false;
        let mut rest: Vec<TokenTree> = Vec::new();
        let mut tokens = input.into_iter().peekable();
        while let Some(hash) = tokens.next_if(|token| is_punct(token, '#')) {
            let Some(TokenTree::Group(attribute)) = tokens.next() else {
                return Err((hash.span(), NO_FUNCTION));
            };
            let first = attribute.stream().into_iter().next().map(|token| token.to_string());
            should_panic |= first.as_deref() == Some("should_panic");
            attributes.push(quote! { # #attribute });
        }
        rest.extend(tokens);
        let place = rest.iter().position(|token| is_word(token, "fn"));
        let Some([TokenTree::Ident(name), TokenTree::Group(arguments), ..]) =
            place.and_then(|at| rest.get(at + 1..))
        else {
            return Err((
                Span::call_site(),
                "this attribute is for functions without type parameters",
            ));
        };
        if arguments.delimiter() != Delimiter::Parenthesis {
            return Err((arguments.span(), NO_FUNCTION));
        }
        let is_async =
            rest.iter().take(place.unwrap_or_default()).any(|token| is_word(token, "async"));
        Ok(Self {
            attributes,
            should_panic,
            is_async,
            name: name.clone(),
            count: count(arguments),
            whole: rest.iter().cloned().collect(),
        })
    }
}

/// Returns the number of a function's arguments. A comma between angle brackets separates none.
fn count(arguments: &Group) -> usize {
    let (mut count, mut depth, mut is_open, mut last) = (0, 0_usize, false, ' ');
    for token in arguments.stream() {
        let punct = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => ' ',
        };
        match punct {
            '<' => depth += 1,
            '>' if last != '-' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if punct == ',' && depth == 0 {
            is_open = false;
        } else if !is_open {
            is_open = true;
            count += 1;
        }
        last = punct;
    }
    count
}

fn expansion(arguments: &Arguments, function: &Function) -> TokenStream {
    let Function { attributes, should_panic, is_async, name, count, whole } = function;
    let migrations = match &arguments.migrations {
        Some(folder) => quote! { ::aludel::embed!(#folder, heads = many) },
        None => quote! { ::aludel::Embedded { files: &[] } },
    };
    let url = match &arguments.url {
        Some(url) => quote! { ::core::option::Option::Some(#url) },
        None => quote! { ::core::option::Option::None },
    };
    let variable = &arguments.variable;
    let values: Vec<Ident> = (0..*count).map(|at| format_ident!("argument_{at}")).collect();
    let made = quote! {
        #(let #values = ::aludel::testing::FromTestDatabase::from_test_database(database).await?;)*
    };
    let run = if *is_async {
        quote! {
            ::aludel::testing::run(&setup, async |database: &::aludel::testing::TestDatabase| {
                #made
                ::core::result::Result::Ok(#name(#(#values),*).await)
            })
        }
    } else {
        quote! {
            ::aludel::testing::run_plain(
                &setup,
                async |database: &::aludel::testing::TestDatabase| {
                    #made
                    ::core::result::Result::Ok((#(#values,)*))
                },
                |(#(#values,)*)| #name(#(#values),*),
            )
        }
    };
    quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        fn #name() {
            #whole
            let setup = ::aludel::testing::Setup {
                name: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                migrations: #migrations,
                url: #url,
                variable: #variable,
                should_panic: #should_panic,
            };
            #run
        }
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_test_is_said() {
        for (arguments, item, expected) in [
            ("", "fn t() {}", ""),
            (
                "migrations = \"a\", url = \"sqlite:x\", env = \"U\",",
                "async fn t(a: A<B, C>, b: fn(A) -> B) {}",
                "",
            ),
            ("migrations = false", "#[ignore] pub fn t() {}", ""),
            ("migrations", "fn t() {}", "write `#[aludel::test]`"),
            ("folder = \"a\"", "fn t() {}", "write `#[aludel::test]`"),
            ("", "struct T;", "this attribute is for functions"),
            ("", "fn t<T>() {}", "this attribute is for functions without type parameters"),
        ] {
            let text = test(arguments.parse().unwrap(), item.parse().unwrap()).to_string();
            assert_eq!(text.contains("compile_error"), !expected.is_empty(), "{item}: {text}");
            assert!(text.contains(expected), "{item}: {text}");
        }
    }

    #[test]
    fn arguments_are_counted() {
        for (item, expected) in [
            ("fn t() {}", 0),
            ("fn t(a: A) {}", 1),
            ("fn t(a: A<B, C>, (b, c): (B, C),) {}", 2),
            ("fn t(a: fn(A) -> B, b: B) {}", 2),
        ] {
            assert_eq!(
                Function::read(item.parse().unwrap()).ok().unwrap().count,
                expected,
                "{item}"
            );
        }
    }
}
