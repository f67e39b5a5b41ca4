//! `#[derive(Table)]`, `#[derive(Enum)]` and `database!`.
//!
//! The attributes are read by the same parser that reads the source files, so what compiles is what
//! the program understands. The expansion is small: names for the application's own use.

use aludel_models::{ModelError, Position};
use proc_macro::TokenStream;
use proc_macro2::{Span, TokenStream as Tokens, TokenTree};
use quote::quote;
use syn::{Data, DeriveInput, parse_macro_input};

/// Marks a struct as a table. See `docs/models.md` for the attributes.
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let tokens = Tokens::from(input.clone());
    let input = parse_macro_input!(input as DeriveInput);
    let Data::Struct(data) = &input.data else {
        return refuse(&input, "#[derive(Table)] is for structs");
    };
    let item = match aludel_models::struct_item(&input.ident, &input.attrs, &data.fields) {
        Ok(item) => item,
        Err(error) => return compile_errors(&[error], &tokens),
    };
    let problems = aludel_models::check_struct(&item);
    if !problems.is_empty() {
        return compile_errors(&problems, &tokens);
    }
    let (name, generics) = (&input.ident, &input.generics);
    let (head, types, bounds) = generics.split_for_impl();
    let (table, columns) = aludel_models::names(&item);
    quote! {
        impl #head ::aludel::Table for #name #types #bounds {
            const TABLE: &'static str = #table;
            const COLUMNS: &'static [&'static str] = &[#(#columns),*];
        }
    }
    .into()
}

/// Marks an enum as an enum type. See `docs/models.md` for the attributes.
#[proc_macro_derive(Enum, attributes(enum_type, label))]
pub fn derive_enum(input: TokenStream) -> TokenStream {
    let tokens = Tokens::from(input.clone());
    let input = parse_macro_input!(input as DeriveInput);
    let Data::Enum(data) = &input.data else {
        return refuse(&input, "#[derive(Enum)] is for enums");
    };
    let variants: Vec<&syn::Variant> = data.variants.iter().collect();
    let found = aludel_models::enum_item(&input.ident, &input.attrs, &variants)
        .and_then(|item| aludel_models::enum_names(&item));
    let (type_name, labels) = match found {
        Ok(found) => found,
        Err(error) => return compile_errors(&[error], &tokens),
    };
    let name = &input.ident;
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    quote! {
        impl ::aludel::Enum for #name {
            const TYPE: &'static str = #type_name;
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn label(&self) -> &'static str {
                match self { #(Self::#idents => #labels),* }
            }

            fn from_label(label: &str) -> ::core::option::Option<Self> {
                match label {
                    #(#labels => ::core::option::Option::Some(Self::#idents),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
    .into()
}

/// Declares what belongs to the database as a whole: `extension("vector")`, `schema("audit")`,
/// `sequence(name = "…")`. Read from the source; expands to nothing.
#[proc_macro]
pub fn database(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

fn refuse(input: &DeriveInput, message: &str) -> TokenStream {
    syn::Error::new(input.ident.span(), message).into_compile_error().into()
}

/// Every problem as a compiler error at its own place.
fn compile_errors(problems: &[ModelError], tokens: &Tokens) -> TokenStream {
    let errors = problems.iter().map(|problem| {
        let help = problem.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let span = span_at(tokens.clone(), problem.at).unwrap_or_else(Span::call_site);
        syn::Error::new(span, format!("{}{help}", problem.message)).into_compile_error()
    });
    quote! { #(#errors)* }.into()
}

/// The token that begins at a position.
fn span_at(tokens: Tokens, at: Position) -> Option<Span> {
    tokens.into_iter().find_map(|token| {
        if Position::from(token.span()) == at {
            return Some(token.span());
        }
        match token {
            TokenTree::Group(group) => span_at(group.stream(), at),
            _ => None,
        }
    })
}
