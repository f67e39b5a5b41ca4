//! Comparison of texts by their tokens, for databases without a server to ask.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Token, normal_form, significant};
use aludel_schema::{ConstraintKind, KeyPart, Metadata, ObjectId, SqlText, Table};

/// Sets the normal form of every text as its canonical spelling, and the dependencies of every
/// definition to the objects that its tokens name.
pub(crate) fn normalise(metadata: &mut Metadata, dialect: Dialect) {
    metadata.tables.values_mut().for_each(|table| normalise_table(table, dialect));
    let known = known_objects(metadata);
    for definition in metadata.definitions.values_mut() {
        spell(&mut definition.body, dialect);
        definition.clauses.iter_mut().for_each(|clause| spell(&mut clause.text, dialect));
        let tokens = significant(&definition.body.written, dialect);
        let words: BTreeSet<String> = tokens
            .iter()
            .filter_map(Token::identifier)
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let own = &definition.id;
        let named = known.iter().filter(|known| words.contains(&known.word));
        let named = named.flat_map(|known| known.objects.iter().cloned());
        definition.depends_on = named.filter(|id| id != own).collect();
    }
}

/// A word that may occur in a definition, and the objects that it refers to.
struct Known {
    word: String,
    objects: Vec<ObjectId>,
}

/// Returns all tables with their columns, and all definitions.
fn known_objects(metadata: &Metadata) -> Vec<Known> {
    let tables = metadata.tables.values().map(|table| {
        let columns = table.columns.iter();
        let columns = columns.map(|column| ObjectId::column(&table.name, column.name.as_str()));
        Known {
            word: table.name.name.to_ascii_lowercase(),
            objects: columns.chain([ObjectId::table(&table.name)]).collect(),
        }
    });
    let definitions = metadata
        .definitions
        .keys()
        .map(|id| Known { word: id.name.name.to_ascii_lowercase(), objects: vec![id.clone()] });
    tables.chain(definitions).collect()
}

fn spell(text: &mut SqlText, dialect: Dialect) {
    text.canonical = Some(normal_form(&text.written, dialect));
}

fn normalise_table(table: &mut Table, dialect: Dialect) {
    let spell = |text: &mut SqlText| spell(text, dialect);
    for column in &mut table.columns {
        column.default.iter_mut().for_each(spell);
        column.generated.iter_mut().for_each(|generated| spell(&mut generated.expression));
    }
    for constraint in &mut table.constraints {
        match &mut constraint.kind {
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => spell(text),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => {}
        }
    }
    for index in &mut table.indexes {
        for key in &mut index.keys {
            if let KeyPart::Expression(text) = &mut key.part {
                spell(text);
            }
        }
        index.predicate.iter_mut().for_each(spell);
    }
}
