//! The meaning of type names: enums, aliases and newtypes of all files.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::{EnumType, QualifiedName};

use super::{NOTATION, types};
use crate::error::{ModelError, Position};
use crate::source::item::{FileItems, TypeRef};

/// The enum type of a Rust enum.
#[derive(Clone, Debug)]
pub(crate) struct KnownEnum {
    pub(crate) file: usize,
    pub(crate) at: Position,
    pub(crate) name: String,
    pub(crate) enum_type: EnumType,
}

/// The data that the resolution of types needs.
pub(crate) struct Context<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) files: &'a [FileItems],
    pub(crate) enums: Vec<KnownEnum>,
    /// The declarations of each name.
    pub(crate) names: Names,
    /// SQL types by Rust type, from the configuration.
    pub(crate) configured: &'a BTreeMap<String, String>,
    /// True for the derive macro, which sees one item: an unknown type is then not an error.
    pub(crate) lenient: bool,
}

/// For each name, the indexes of its enums, and the file and index of its aliases.
#[derive(Debug, Default)]
pub(crate) struct Names {
    enums: BTreeMap<String, Vec<usize>>,
    aliases: BTreeMap<String, Vec<(usize, usize)>>,
}

impl Names {
    pub(crate) fn of(files: &[FileItems], enums: &[KnownEnum]) -> Self {
        let mut names = Self::default();
        for (at, known) in enums.iter().enumerate() {
            names.enums.entry(known.name.clone()).or_default().push(at);
        }
        for (file, items) in files.iter().enumerate() {
            for (at, alias) in items.aliases.iter().enumerate() {
                names.aliases.entry(alias.name.clone()).or_default().push((file, at));
            }
        }
        names
    }
}

/// The SQL type of a field.
#[derive(Clone, Debug)]
pub(crate) struct ColumnType {
    pub(crate) sql: String,
    pub(crate) nullable: bool,
    /// The enum type, if it is one.
    pub(crate) labels: Option<EnumType>,
    /// The enum type that the Rust type is, or that the elements of its array are.
    pub(crate) of_enum: Option<QualifiedName>,
}

/// The maximal nesting of types. A cycle of aliases exceeds it, and no type in practice does.
const DEEPEST: usize = 16;

impl Context<'_> {
    /// Returns the SQL type of a field's type.
    pub(crate) fn column_type(&self, ty: &TypeRef, file: usize) -> Result<ColumnType, ModelError> {
        self.resolve(ty, file, DEEPEST)
    }

    fn resolve(&self, ty: &TypeRef, file: usize, depth: usize) -> Result<ColumnType, ModelError> {
        let plain = |sql: &str| ColumnType {
            sql: sql.to_owned(),
            nullable: false,
            labels: None,
            of_enum: None,
        };
        if depth == 0 {
            return Err(ModelError::new(ty.at, format!("type {ty} goes round in a circle")));
        }
        if let Some(sql) = self.configured.get(ty.name()) {
            return Ok(plain(sql));
        }
        let inner = |at: usize| ty.arguments.get(at).ok_or_else(|| self.unknown(ty));
        match ty.name() {
            "Option" => {
                let inner = self.resolve(inner(0)?, file, depth - 1)?;
                return Ok(ColumnType { nullable: true, ..inner });
            }
            name if types::is_wrapper(name) && !ty.arguments.is_empty() => {
                return self.resolve(inner(0)?, file, depth - 1);
            }
            _ => {}
        }
        if let Some(known) = self.declared(ty, file, depth)? {
            return Ok(known);
        }
        let used = self.files.get(file).and_then(|items| items.uses.get(ty.name()));
        let path = used.filter(|_| ty.path.len() == 1).map(Vec::as_slice).unwrap_or_default();
        if let Some(sql) = types::well_known(ty, path) {
            return Ok(plain(sql));
        }
        if matches!(ty.name(), "Vec" | "[]" | "VecDeque") {
            let element = self.resolve(inner(0)?, file, depth - 1)?;
            return Ok(ColumnType {
                sql: format!("{}[]", element.sql),
                nullable: false,
                labels: None,
                of_enum: element.of_enum,
            });
        }
        if self.lenient { Ok(plain("text")) } else { Err(self.unknown(ty)) }
    }

    /// Resolves an enum, alias or newtype of the models. One in the same file takes precedence.
    fn declared(
        &self,
        ty: &TypeRef,
        file: usize,
        depth: usize,
    ) -> Result<Option<ColumnType>, ModelError> {
        let used = self.files.get(file).and_then(|items| items.uses.get(ty.name()));
        let name = used.and_then(|path| path.last()).map_or(ty.name(), String::as_str);
        let same_file_first = |other: usize| usize::from(other != file);
        let places = self.names.enums.get(name).into_iter().flatten();
        let mut enums: Vec<&KnownEnum> = places.map(|at| &self.enums[*at]).collect();
        enums.sort_by_key(|e| same_file_first(e.file));
        if let Some(found) = enums.first() {
            if let Some(other) =
                enums.get(1).filter(|o| o.enum_type != found.enum_type && found.file != file)
            {
                let message = format!(
                    "type {name} is declared twice: as {} and as {}",
                    found.enum_type.name, other.enum_type.name
                );
                return Err(
                    ModelError::new(ty.at, message).help("name the type: #[column(type = \"…\")]")
                );
            }
            return Ok(Some(ColumnType {
                sql: NOTATION.quote_name(&found.enum_type.name),
                nullable: false,
                labels: Some(found.enum_type.clone()),
                of_enum: Some(found.enum_type.name.clone()),
            }));
        }
        let places = self.names.aliases.get(name).into_iter().flatten();
        let mut aliases: Vec<(usize, &TypeRef)> =
            places.map(|(file, at)| (*file, &self.files[*file].aliases[*at].target)).collect();
        aliases.sort_by_key(|(other, _)| same_file_first(*other));
        match aliases.first() {
            Some((at, target)) => self.resolve(target, *at, depth - 1).map(Some),
            None => Ok(None),
        }
    }

    fn unknown(&self, ty: &TypeRef) -> ModelError {
        let message = match ty.name() {
            "u64" | "u128" | "i128" | "usize" | "isize" => {
                format!("Rust type {ty} has no SQL type that holds all its values")
            }
            "DateTime" => {
                format!("Rust type {ty} is with or without a time zone, and nothing says which")
            }
            "?" => "a type without a name says nothing of its SQL type".to_owned(),
            _ => format!("unknown type {ty}"),
        };
        let help = if self.files.iter().any(|file| file.plain_enums.iter().any(|e| e == ty.name()))
        {
            format!(
                "add #[derive(aludel::Enum)] to {}, or name the type: #[column(type = \"…\")]",
                ty.name()
            )
        } else if ty.name() == "?" {
            "name the SQL type: #[column(type = \"…\")]".to_owned()
        } else {
            format!(
                "name the SQL type: #[column(type = \"…\")], or say it once in aludel.toml: [types] {} = \"…\"",
                ty.name()
            )
        };
        ModelError::new(ty.at, message).help(help)
    }
}

/// Builds the qualified name of an enum type. An empty schema is no schema.
pub(crate) fn qualified(schema: Option<&str>, name: &str) -> QualifiedName {
    QualifiedName::new(schema.filter(|s| !s.is_empty()).map(str::to_owned), name)
}
