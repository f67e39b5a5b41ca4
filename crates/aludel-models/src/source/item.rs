//! What a source file declares, as plain data that can leave the thread that read it.

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
    /// Enums without it, by name: worth a better error.
    pub plain_enums: Vec<String>,
    /// `type X = Y;` and `struct X(Y);`
    pub aliases: Vec<TypeAlias>,
    /// The lists of `aludel::database! { … }`.
    pub database: Vec<Attribute>,
    /// `use a::b as c`: the local name and the path behind it.
    pub uses: BTreeMap<String, Vec<String>>,
}

/// A name that stands for another type.
#[derive(Clone, Debug)]
pub struct TypeAlias {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub target: TypeRef,
}

/// A struct that is a table.
#[derive(Clone, Debug)]
pub struct StructItem {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub at: Position,
    /// The lists of its `#[table(…)]` lines, one after the other.
    pub attributes: Vec<Attribute>,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field of a table's struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, without `r#`.
    pub name: String,
    /// Where its name stands.
    pub at: Position,
    /// Its type.
    pub rust_type: TypeRef,
    /// The lists of its `#[column(…)]` lines.
    pub attributes: Vec<Attribute>,
    /// Its doc comment.
    pub doc: Option<String>,
}

/// An enum that is an enum type.
#[derive(Clone, Debug)]
pub struct EnumItem {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub at: Position,
    /// The lists of its `#[enum_type(…)]` lines.
    pub attributes: Vec<Attribute>,
    /// Its doc comment.
    pub doc: Option<String>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// A variant of an enum type.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The label of `#[label("…")]`, if there is one.
    pub label: Option<String>,
}

/// A type as a field names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeRef {
    /// Where it stands.
    pub at: Position,
    /// The segments of its path; `["[]"]` for an array or slice.
    pub path: Vec<String>,
    /// Its generic arguments that are types.
    pub arguments: Vec<TypeRef>,
}

impl TypeRef {
    /// The last segment of the path.
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
