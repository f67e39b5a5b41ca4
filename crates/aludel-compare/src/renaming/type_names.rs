//! Renames of types applied to metadata: the columns that are of them, and the casts in texts.

use aludel_dialect::{Dialect, TokenKind, significant};
use aludel_schema::{Metadata, ObjectId, QualifiedName};

use crate::texts::each_text;

/// Renames a type in the columns and in the texts that name it.
pub(crate) fn follow(
    metadata: &mut Metadata,
    from: &QualifiedName,
    to: &QualifiedName,
    dialect: Dialect,
) {
    let mut names = vec![[from, to].map(|name| dialect.quote_name(name))];
    rename_in_columns(metadata, &names[0][0], &names[0][1]);
    // The server leaves out the schema of a type that it finds by the search path.
    if from.schema.is_some() && from.schema == to.schema && !is_type(metadata, &from.name, dialect)
    {
        names.push([from, to].map(|name| dialect.quote(&name.name)));
    }
    each_text(metadata, |text| {
        if text.contains("::") {
            names.iter().for_each(|[old, new]| *text = recast(text, old, new, dialect));
        }
    });
}

/// Returns true if the server or the default schema has a type of the name.
fn is_type(metadata: &Metadata, name: &str, dialect: Dialect) -> bool {
    let name = QualifiedName::unqualified(name);
    let is_own = |id: &ObjectId| dialect.kind_facts(id.kind).is_some_and(|facts| facts.is_type);
    let has_one = metadata.definitions.keys().any(|id| id.name == name && is_own(id));
    let is_table = metadata.tables.contains_key(&name) || metadata.enums.contains_key(&name);
    dialect.is_own_type(&name.name) || is_table || has_one
}

/// Renames a type in the columns that are of it.
pub(crate) fn rename_in_columns(metadata: &mut Metadata, old: &str, new: &str) {
    for column in metadata.tables.values_mut().flat_map(|table| &mut table.columns) {
        let name = &mut column.sql_type;
        for text in [Some(&mut name.written), name.canonical.as_mut()].into_iter().flatten() {
            let element = text.trim_end_matches("[]");
            if element == old {
                *text = format!("{new}{}", &text[element.len()..]);
            }
        }
    }
}

/// Replaces the type in the casts of a text.
fn recast(text: &str, old: &str, new: &str, dialect: Dialect) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("::") {
        let (before, after) = rest.split_at(at + 2);
        out.push_str(before);
        rest = after;
        let ends = |rest: &str| {
            let next = rest.chars().next();
            next.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"')))
        };
        if let Some(behind) = after.strip_prefix(old).filter(|behind| ends(behind)) {
            out.push_str(new);
            rest = behind;
        }
    }
    out.push_str(rest);
    // A name in a string is none: the tokens that are strings have to be the same.
    let strings = |text: &str| -> Vec<String> {
        let tokens = significant(text, dialect);
        let strings = tokens.iter().filter(|token| token.kind == TokenKind::String);
        strings.map(|token| token.text.to_owned()).collect()
    };
    if strings(text) == strings(&out) { out } else { text.to_owned() }
}
