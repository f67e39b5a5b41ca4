//! The attributes of `#[derive(Enum)]`.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::{EnumType, Hint, Hints};

use crate::case;
use crate::error::ModelError;
use crate::notation::context;
use crate::source::attribute::{check_words, for_dialect};
use crate::source::item::{EnumItem, Variant};

const WORDS: [&str; 6] = ["name", "schema", "rename_all", "comment", "skip", "renamed_from"];

/// Adds the former names of an enum type and of its labels to the hints.
pub(crate) fn hints(
    item: &EnumItem,
    enum_type: &EnumType,
    dialect: Dialect,
    hints: &mut Hints,
) -> Result<(), ModelError> {
    let attributes = for_dialect(&item.attributes, dialect);
    if let Some(renamed) = attributes.iter().rev().find(|a| a.is("renamed_from")) {
        hints.objects.insert(enum_type.id(), Hint::lasting(renamed.text()?));
    }
    let labels = enum_type.labels.iter().zip(&item.variants);
    let labels = labels.filter_map(|(label, variant)| {
        Some((label.clone(), Hint::lasting(variant.renamed_from.as_deref()?)))
    });
    let labels: BTreeMap<String, Hint> = labels.collect();
    if !labels.is_empty() {
        hints.labels.insert(enum_type.name.clone(), labels);
    }
    Ok(())
}

/// Refuses a label that is longer than the server takes. Unlike a name, it is not cut.
fn check_length(label: &str, variant: &Variant, dialect: Dialect) -> Result<(), ModelError> {
    let can = dialect.capabilities();
    match can.longest_name.filter(|longest| can.enums && label.len() > *longest) {
        None => Ok(()),
        Some(longest) => {
            let bytes = label.len();
            let message = format!(
                "the label '{label}' has {bytes} bytes, and {dialect} takes at most {longest}"
            );
            Err(ModelError::new(variant.at, message).help("give it a shorter one: #[label(\"…\")]"))
        }
    }
}

/// Returns the enum type that an enum declares.
pub(crate) fn enum_type(item: &EnumItem, dialect: Dialect) -> Result<EnumType, ModelError> {
    check_words(&item.attributes, &WORDS, "#[enum_type(…)]", false)?;
    let (mut name, mut schema, mut rule, mut comment) =
        (case::snake_case(&item.name), None, "snake_case".to_owned(), None);
    for attribute in for_dialect(&item.attributes, dialect) {
        match attribute.name.as_deref() {
            Some("name") => attribute.name()?.clone_into(&mut name),
            Some("schema") => schema = Some(attribute.text()?.to_owned()),
            Some("rename_all") => attribute.text()?.clone_into(&mut rule),
            Some("comment") => {
                comment = if attribute.value.is_some() || attribute.list.is_some() {
                    attribute.comment()?
                } else {
                    item.doc.clone()
                };
            }
            _ => {}
        }
        if case::labels(&rule, "A").is_none() {
            return Err(ModelError::new(attribute.at, format!("unknown rule `{rule}`"))
                .help("there are snake_case, lowercase, UPPERCASE, SCREAMING_SNAKE_CASE, kebab-case, camelCase, PascalCase"));
        }
    }
    let labels: Vec<String> = item
        .variants
        .iter()
        .map(|variant| match &variant.label {
            Some(label) => label.clone(),
            None => case::labels(&rule, &variant.name).unwrap_or_else(|| variant.name.clone()),
        })
        .collect();
    for (at, (label, variant)) in labels.iter().zip(&item.variants).enumerate() {
        if labels[..at].contains(label) {
            let message = format!("enum {} has the label '{label}' twice", item.name);
            return Err(ModelError::new(variant.at, message));
        }
        check_length(label, variant, dialect)?;
    }
    // A check can't list nothing.
    if labels.is_empty() && !dialect.capabilities().enums {
        return Err(ModelError::new(item.at, format!("enum {} has no variant", item.name)));
    }
    Ok(EnumType { name: context::qualified(schema.as_deref(), &name), labels, comment })
}
