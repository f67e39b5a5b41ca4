//! The macros of Aludel: `#[derive(Table)]`, `#[derive(Enum)]` and `database!` for models, `embed!` for
//! revision files, and `#[test]` for tests with a database.
//!
//! The macros of models have no parser of their own. They write their input out as text and pass it to the
//! reader of source files in `aludel-models`, so a model that compiles is one that the program
//! understands. A problem in a model becomes a compiler error at the token that causes it.
//!
//! The expansion is small: an implementation of `aludel::Table` or `aludel::Enum`, which gives the
//! application the names of the table and its columns, or of the type and its labels. `database!`
//! expands to nothing.

mod embed;
mod item;
mod source;
mod test;

use aludel_models::{FileItems, ModelError, file_items};
use proc_macro::TokenStream;
use quote::{quote, quote_spanned};

use crate::item::Item;
use crate::source::Source;

/// Marks a struct as a table. `docs/models.md` lists the attributes.
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let source = Source::new("#[derive(Table)]", input.clone().into());
    let Some(head) = Item::read(input.into()) else { return not_for(None, "structs") };
    let items = match file_items(&source.text) {
        Ok(items) => items,
        Err(error) => return compile_errors(&[error], &source),
    };
    let FileItems { tables, .. } = items;
    let [item] = tables.as_slice() else { return not_for(Some(&head), "structs") };
    let problems = aludel_models::check_struct(item);
    if !problems.is_empty() {
        return compile_errors(&problems, &source);
    }
    let Item { name, parameters, arguments, bounds, .. } = head;
    let (table, columns) = aludel_models::names(item);
    quote! {
        impl #parameters ::aludel::Table for #name #arguments #bounds {
            const TABLE: &'static str = #table;
            const COLUMNS: &'static [&'static str] = &[#(#columns),*];
        }
    }
    .into()
}

/// Marks an enum as an enum type. `docs/models.md` lists the attributes.
#[proc_macro_derive(Enum, attributes(enum_type, label))]
pub fn derive_enum(input: TokenStream) -> TokenStream {
    let source = Source::new("#[derive(Enum)]", input.clone().into());
    let Some(head) = Item::read(input.into()) else { return not_for(None, "enums") };
    let enums = match file_items(&source.text) {
        Ok(items) => items.enums,
        Err(error) => return compile_errors(&[error], &source),
    };
    let [item] = enums.as_slice() else { return not_for(Some(&head), "enums") };
    let (type_name, labels) = match aludel_models::enum_names(item) {
        Ok(names) => names,
        Err(error) => return compile_errors(&[error], &source),
    };
    let Item { name, variants, .. } = head;
    quote! {
        impl ::aludel::Enum for #name {
            const TYPE: &'static str = #type_name;
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn label(&self) -> &'static str {
                match self { #(Self::#variants => #labels),* }
            }

            fn from_label(label: &str) -> ::core::option::Option<Self> {
                match label {
                    #(#labels => ::core::option::Option::Some(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
    .into()
}

/// Declares objects that belong to the database as a whole: `extension("vector")`,
/// `schema("audit")`, `sequence(name = "…")`. The program reads them from the source; the macro
/// expands to nothing.
#[proc_macro]
pub fn database(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Puts the revision files of a folder into the program, for
/// [`Migrator::new`](https://docs.rs/aludel/latest/aludel/struct.Migrator.html). The folder is
/// relative to that of the crate's `Cargo.toml`.
///
/// Each file has to be a revision, each section has to be SQL that can be split into statements, and
/// the revisions have to form a graph with one head; `embed!("…", heads = many)` allows several. A
/// problem is a compiler error with its file, line and column.
///
/// The crate is compiled again when a file changes. For a new file, this line has to be in
/// `build.rs`: `println!("cargo:rerun-if-changed=migrations/versions");`
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    embed::embed(input.into()).into()
}

/// Gives a test a database of its own: a copy of a template that is migrated once for a set of
/// revision files.
///
/// ```ignore
/// #[aludel::test(migrations = "migrations/versions")]
/// async fn an_article_has_a_title(pool: sqlx::PgPool) {
///     let refused = sqlx::query("INSERT INTO articles (title) VALUES ('')").execute(&pool).await;
///     assert!(refused.is_err());
/// }
/// ```
///
/// The arguments of the test are of any types that implement `aludel::testing::FromTestDatabase`.
/// `migrations` is the folder of the revisions, `migrations/versions` by default, and `false` for an
/// empty database. `url = "…"` is the URL of the server or of SQLite; without it, it is in the
/// variable `DATABASE_URL`, or in another one by `env = "…"`.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::test(arguments.into(), item.into()).into()
}

fn not_for(head: Option<&Item>, what: &str) -> TokenStream {
    let span = head.map_or_else(proc_macro2::Span::call_site, Item::span);
    let message = format!("this derive is for {what}");
    quote_spanned! { span => ::core::compile_error!(#message); }.into()
}

/// Turns every problem into a compiler error at its own place.
fn compile_errors(problems: &[ModelError], source: &Source) -> TokenStream {
    let errors = problems.iter().map(|problem| {
        let help = problem.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let message = format!("{}{help}", problem.message);
        let span = source.span_at(problem.at);
        quote_spanned! { span => ::core::compile_error!(#message); }
    });
    quote! { #(#errors)* }.into()
}
