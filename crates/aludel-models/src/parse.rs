//! Rust source to items.

use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{Attribute as SynAttribute, Expr, Fields, Item, Lit, Meta, Token, Type, UseTree};

use crate::{
    Attribute, EnumItem, Field, FileItems, ModelError, Position, StructItem, TypeRef, Variant,
};

/// Reads a file.
pub fn file_items(text: &str) -> Result<FileItems, ModelError> {
    check_depth(text)?;
    let file = syn::parse_file(text)?;
    let mut items = FileItems::default();
    take_items(&file.items, &mut items)?;
    Ok(items)
}

/// The parser recurses, and a stack has an end. Strings and comments count too: who nests brackets
/// this deep in either has other worries.
fn check_depth(text: &str) -> Result<(), ModelError> {
    const DEEPEST: usize = 200;
    let (mut brackets, mut angles) = (0_usize, 0_usize);
    for (at, line) in text.lines().enumerate() {
        for (column, c) in line.chars().enumerate() {
            match c {
                '(' | '[' | '{' => brackets += 1,
                ')' | ']' | '}' => brackets = brackets.saturating_sub(1),
                '<' => angles += 1,
                '>' => angles = angles.saturating_sub(1),
                _ => {}
            }
            if matches!(c, ';' | '{' | '}') {
                angles = 0;
            }
            if brackets > DEEPEST || angles > DEEPEST {
                let place = Position { line: at + 1, column: column + 1 };
                return Err(ModelError::new(place, "nested too deep to be read"));
            }
        }
    }
    Ok(())
}

fn take_items(from: &[Item], items: &mut FileItems) -> Result<(), ModelError> {
    for item in from {
        match item {
            Item::Struct(item) if derives(&item.attrs, "Table") => {
                items.tables.push(struct_item(&item.ident, &item.attrs, &item.fields)?);
            }
            Item::Struct(item) => {
                if let Fields::Unnamed(fields) = &item.fields
                    && let [one] = fields.unnamed.iter().collect::<Vec<_>>()[..]
                    && let Some(inner) = type_ref(&one.ty)
                {
                    items.aliases.push((item.ident.to_string(), inner));
                }
            }
            Item::Enum(item) if derives(&item.attrs, "Enum") => {
                let variants: Vec<_> = item.variants.iter().collect();
                items.enums.push(enum_item(&item.ident, &item.attrs, &variants)?);
            }
            Item::Enum(item) => items.plain_enums.push(item.ident.to_string()),
            Item::Type(item) => {
                if let Some(inner) = type_ref(&item.ty) {
                    items.aliases.push((item.ident.to_string(), inner));
                }
            }
            Item::Macro(item)
                if item.mac.path.segments.last().is_some_and(|s| s.ident == "database") =>
            {
                let list = Punctuated::<Attribute, Token![,]>::parse_terminated;
                items.database.extend(item.mac.parse_body_with(list)?);
            }
            Item::Mod(item) => {
                if let Some((_, inner)) = &item.content {
                    take_items(inner, items)?;
                }
            }
            Item::Use(item) => take_use(&item.tree, &mut Vec::new(), items),
            _ => {}
        }
    }
    Ok(())
}

fn take_use(tree: &UseTree, prefix: &mut Vec<String>, items: &mut FileItems) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.unraw().to_string());
            take_use(&path.tree, prefix, items);
            prefix.pop();
        }
        UseTree::Name(name) => {
            let name = name.ident.unraw().to_string();
            let path = prefix.iter().cloned().chain([name.clone()]).collect();
            items.uses.insert(name, path);
        }
        UseTree::Rename(rename) => {
            let path = prefix.iter().cloned().chain([rename.ident.unraw().to_string()]).collect();
            items.uses.insert(rename.rename.unraw().to_string(), path);
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| take_use(tree, prefix, items)),
        _ => {}
    }
}

/// A struct with `#[derive(Table)]`.
pub fn struct_item(
    name: &syn::Ident,
    attributes: &[SynAttribute],
    fields: &Fields,
) -> Result<StructItem, ModelError> {
    let at: Position = name.span().into();
    let Fields::Named(fields) = fields else {
        return Err(ModelError::new(at, format!("table {name} has no named fields")));
    };
    let fields = fields.named.iter().map(field).collect::<Result<_, _>>()?;
    Ok(StructItem {
        name: name.unraw().to_string(),
        at,
        attributes: lists(attributes, "table")?,
        doc: doc(attributes),
        fields,
    })
}

fn field(field: &syn::Field) -> Result<Field, ModelError> {
    let name = field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default();
    let at: Position = field.ident.as_ref().map(|ident| ident.span().into()).unwrap_or_default();
    // A type that no path names (a tuple, a function) gets a name that nothing resolves to.
    let unknown = TypeRef { at, path: vec!["?".to_owned()], arguments: Vec::new() };
    Ok(Field {
        name,
        at,
        rust_type: type_ref(&field.ty).unwrap_or(unknown),
        attributes: lists(&field.attrs, "column")?,
        doc: doc(&field.attrs),
    })
}

/// An enum with `#[derive(Enum)]`.
pub fn enum_item(
    name: &syn::Ident,
    attributes: &[SynAttribute],
    variants: &[&syn::Variant],
) -> Result<EnumItem, ModelError> {
    let at: Position = name.span().into();
    let mut out = Vec::new();
    for variant in variants {
        if !matches!(variant.fields, Fields::Unit) {
            let at = variant.ident.span().into();
            return Err(ModelError::new(
                at,
                format!("variant {} of enum {name} has fields", variant.ident),
            )
            .help("an enum type of a database has labels only"));
        }
        let label = match lists(&variant.attrs, "label")?.as_slice() {
            [] => None,
            [one] => Some(one.value.clone().ok_or_else(|| {
                ModelError::new(one.at, "a label is a string").help("write #[label(\"…\")]")
            })?),
            [_, second, ..] => return Err(ModelError::new(second.at, "a second label")),
        };
        out.push(Variant { name: variant.ident.unraw().to_string(), label });
    }
    Ok(EnumItem {
        name: name.unraw().to_string(),
        at,
        attributes: lists(attributes, "enum_type")?,
        doc: doc(attributes),
        variants: out,
    })
}

/// All metas, with those inside `cfg_attr` as if they stood by themselves.
fn metas(attributes: &[SynAttribute]) -> Vec<Meta> {
    fn push(meta: Meta, out: &mut Vec<Meta>) {
        if meta.path().is_ident("cfg_attr")
            && let Meta::List(list) = &meta
            && let Ok(inner) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        {
            inner.into_iter().skip(1).for_each(|meta| push(meta, out));
        } else {
            out.push(meta);
        }
    }
    let mut out = Vec::new();
    attributes.iter().for_each(|attribute| push(attribute.meta.clone(), &mut out));
    out
}

fn derives(attributes: &[SynAttribute], name: &str) -> bool {
    metas(attributes).iter().filter(|meta| meta.path().is_ident("derive")).any(|meta| match meta {
        Meta::List(list) => list
            .parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)
            .is_ok_and(|paths| {
                paths.iter().any(|path| path.segments.last().is_some_and(|s| s.ident == name))
            }),
        _ => false,
    })
}

/// The elements of all `#[name(…)]` lines.
fn lists(attributes: &[SynAttribute], name: &str) -> Result<Vec<Attribute>, ModelError> {
    let mut out = Vec::new();
    for meta in metas(attributes).iter().filter(|meta| meta.path().is_ident(name)) {
        let Meta::List(list) = meta else {
            let span = meta.path().segments[0].ident.span();
            return Err(ModelError::new(span.into(), format!("write #[{name}(…)]")));
        };
        out.extend(list.parse_args_with(Punctuated::<Attribute, Token![,]>::parse_terminated)?);
    }
    Ok(out)
}

/// The doc comment, lines joined as Markdown joins them.
fn doc(attributes: &[SynAttribute]) -> Option<String> {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(lit) => match &lit.lit {
                    Lit::Str(text) => Some(text.value().trim().to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect();
    let text = lines
        .join("\n")
        .trim()
        .replace("\n\n", "\u{0}")
        .replace('\n', " ")
        .replace('\u{0}', "\n\n");
    (!text.is_empty()).then_some(text)
}

fn type_ref(ty: &Type) -> Option<TypeRef> {
    match ty {
        Type::Path(path) => {
            let at = path.path.segments.first()?.ident.span().into();
            let last = path.path.segments.last()?;
            let arguments = match &last.arguments {
                syn::PathArguments::AngleBracketed(list) => list
                    .args
                    .iter()
                    .filter_map(|argument| match argument {
                        syn::GenericArgument::Type(ty) => type_ref(ty),
                        _ => None,
                    })
                    .collect(),
                _ => Vec::new(),
            };
            let path = path.path.segments.iter().map(|s| s.ident.unraw().to_string()).collect();
            Some(TypeRef { at, path, arguments })
        }
        Type::Reference(reference) => type_ref(&reference.elem),
        Type::Paren(inner) => type_ref(&inner.elem),
        Type::Group(inner) => type_ref(&inner.elem),
        Type::Array(syn::TypeArray { elem, .. }) | Type::Slice(syn::TypeSlice { elem, .. }) => {
            let inner = type_ref(elem)?;
            Some(TypeRef { at: inner.at, path: vec!["[]".to_owned()], arguments: vec![inner] })
        }
        _ => None,
    }
}
