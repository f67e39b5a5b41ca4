//! The declarations of a source file, as plain data that can leave the thread which read it.

use std::collections::BTreeMap;

use crate::error::Position;
use crate::source::attribute::Attribute;

/// The items of one file.
#[derive(Clone, Debug, Default)]
pub struct FileItems {
    /// Structs with `#[derive(Table)]`.
    pub tables: Vec<StructItem>,
    /// Enums with `#[derive(Enum)]`.
    pub enums: Vec<EnumItem>,
    /// Enums without the derive, by name. They improve the error for an unknown type.
    pub plain_enums: Vec<String>,
    /// Aliases, from `type X = Y;` and `struct X(Y);`.
    pub aliases: Vec<TypeAlias>,
    /// The elements of the lists in `aludel::database! { … }`.
    pub database: Vec<Attribute>,
    /// Imports such as `use a::b as c`: the path of each local name.
    pub uses: BTreeMap<String, Vec<String>>,
}

/// A name that stands for another type.
#[derive(Clone, Debug)]
pub struct TypeAlias {
    /// The name.
    pub name: String,
    /// The type that it stands for.
    pub target: TypeRef,
}

/// A struct that declares a table.
#[derive(Clone, Debug)]
pub struct StructItem {
    /// The name.
    pub name: String,
    /// The position of the name.
    pub at: Position,
    /// The elements of all `#[table(…)]` attributes, in order.
    pub attributes: Vec<Attribute>,
    /// The doc comment.
    pub doc: Option<String>,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field of a table's struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name, without `r#`.
    pub name: String,
    /// The position of the name.
    pub at: Position,
    /// The type.
    pub rust_type: TypeRef,
    /// The elements of all `#[column(…)]` attributes, in order.
    pub attributes: Vec<Attribute>,
    /// The doc comment.
    pub doc: Option<String>,
}

/// An enum that declares an enum type.
#[derive(Clone, Debug)]
pub struct EnumItem {
    /// The name.
    pub name: String,
    /// The position of the name.
    pub at: Position,
    /// The elements of all `#[enum_type(…)]` attributes, in order.
    pub attributes: Vec<Attribute>,
    /// The doc comment.
    pub doc: Option<String>,
    /// The variants.
    pub variants: Vec<Variant>,
}

/// A variant of an enum type.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The name.
    pub name: String,
    /// The position of the name, or of its label.
    pub at: Position,
    /// The label of `#[label("…")]`, if there is one.
    pub label: Option<String>,
    /// The former label, of `#[label(renamed_from = "…")]`.
    pub renamed_from: Option<String>,
}

/// A type as a field names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeRef {
    /// The position of the type.
    pub at: Position,
    /// The segments of the path; `["[]"]` for an array or slice.
    pub path: Vec<String>,
    /// The generic arguments that are types.
    pub arguments: Vec<TypeRef>,
}

impl TypeRef {
    /// Returns the last segment of the path.
    pub fn name(&self) -> &str {
        self.path.last().map(String::as_str).unwrap_or_default()
    }
}

impl std::fmt::Display for TypeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path.join("::"))?;
        if !self.arguments.is_empty() {
            let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
            write!(f, "<{}>", arguments.join(", "))?;
        }
        Ok(())
    }
}
