//! `#[derive(Table)]`, `#[derive(Enum)]` and `database!`.
//!
//! The input is read by the reader of source files, so what compiles is what the program understands.
//! The expansion is small: names for the application's own use.

mod source;

use aludel_models::{FileItems, ModelError, file_items};
use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, parse_macro_input};

use crate::source::Source;

/// Marks a struct as a table. See `docs/models.md` for the attributes.
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let source = Source::new("#[derive(Table)]", input.clone().into());
    let input = parse_macro_input!(input as DeriveInput);
    let items = match file_items(&source.text) {
        Ok(items) => items,
        Err(error) => return compile_errors(&[error], &source),
    };
    let FileItems { tables, .. } = items;
    let [item] = tables.as_slice() else {
        return refuse(&input, "#[derive(Table)] is for structs");
    };
    let problems = aludel_models::check_struct(item);
    if !problems.is_empty() {
        return compile_errors(&problems, &source);
    }
    let (name, generics) = (&input.ident, &input.generics);
    let (head, types, bounds) = generics.split_for_impl();
    let (table, columns) = aludel_models::names(item);
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
    let source = Source::new("#[derive(Enum)]", input.clone().into());
    let input = parse_macro_input!(input as DeriveInput);
    let Data::Enum(data) = &input.data else {
        return refuse(&input, "#[derive(Enum)] is for enums");
    };
    let found = file_items(&source.text)
        .and_then(|items| items.enums.first().map(aludel_models::enum_names).transpose());
    let (type_name, labels) = match found {
        Ok(found) => found.unwrap_or_default(),
        Err(error) => return compile_errors(&[error], &source),
    };
    let name = &input.ident;
    let idents: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
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
fn compile_errors(problems: &[ModelError], source: &Source) -> TokenStream {
    let errors = problems.iter().map(|problem| {
        let help = problem.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let message = format!("{}{help}", problem.message);
        syn::Error::new(source.span_at(problem.at), message).into_compile_error()
    });
    quote! { #(#errors)* }.into()
}
