//! Comparison of texts by their tokens, for databases without a server to ask.

use std::collections::BTreeSet;

use aludel_dialect::{Dialect, Token, TokenKind, normal_form_over, significant};
use aludel_schema::{
    ConstraintKind, Definition, KeyPart, Kind, Metadata, ObjectId, SqlText, Table,
};

/// Sets the normal form of every text as its canonical spelling, and the dependencies of every
/// definition to the objects that its tokens name.
pub(crate) fn normalise(metadata: &mut Metadata, dialect: Dialect) {
    let known = Known::of(metadata);
    let names = names(metadata);
    metadata.tables.values_mut().for_each(|table| normalise_table(table, dialect));
    let spell = |text: &mut SqlText| spell(text, &names, dialect);
    for definition in metadata.definitions.values_mut() {
        spell(&mut definition.body);
        definition.clauses.iter_mut().for_each(|clause| spell(&mut clause.text));
        definition.depends_on = known.named(&definition.id, &definition.body.written, dialect);
    }
}

/// Gives the texts of tables in `target` the words of the database, with the comments in them, wherever both
/// mean the same. A new table has them then as the old one had.
pub(super) fn keep_words(database: &Metadata, target: &mut Metadata) {
    for table in target.tables.values_mut() {
        let Some(before) = database.tables.get(&table.name) else { continue };
        for column in &mut table.columns {
            let Some(before) = before.column(&column.name) else { continue };
            keep_word(column.default.as_deref_mut(), before.default.as_deref());
            let text = column.generated.as_mut().map(|own| &mut own.expression);
            keep_word(text, before.generated.as_ref().map(|own| &own.expression));
        }
        for own in &mut table.constraints {
            if let Some(before) = before.constraints.iter().find(|other| other.kind == own.kind) {
                own.kind.clone_from(&before.kind);
            }
        }
        for own in &mut table.indexes {
            let before = before.index(&own.name);
            keep_word(
                own.predicate.as_deref_mut(),
                before.and_then(|before| before.predicate.as_deref()),
            );
        }
    }
}

fn keep_word(own: Option<&mut SqlText>, before: Option<&SqlText>) {
    if let (Some(own), Some(before)) = (own, before)
        && own == before
    {
        own.clone_from(before);
    }
}

/// The words that may occur in a definition, with the objects that each of them refers to.
pub(super) struct Known(Vec<(String, Vec<ObjectId>)>);

impl Known {
    /// Returns the words for all tables with their columns, and for all definitions.
    pub(super) fn of(metadata: &Metadata) -> Self {
        let word = |name: &str| name.to_ascii_lowercase();
        let tables = metadata.tables.values().map(|table| {
            let columns = table.columns.iter();
            let columns = columns.map(|column| ObjectId::column(&table.name, column.name.as_str()));
            (word(&table.name.name), columns.chain([ObjectId::table(&table.name)]).collect())
        });
        let definitions = metadata.definitions.keys();
        let definitions = definitions.map(|id| (word(&id.name.name), vec![id.clone()]));
        Self(tables.chain(definitions).collect())
    }

    /// Returns the objects that a text names, other than the one that has the text.
    fn named(&self, own: &ObjectId, text: &str, dialect: Dialect) -> Vec<ObjectId> {
        let tokens = significant(text, dialect);
        let symbol = |token: &Token<'_>| {
            let is_named = token.kind == TokenKind::Symbol && uses_operators(own.kind);
            is_named.then(|| token.text.to_owned())
        };
        let identifier = |token: &Token<'_>| match own.kind {
            // A full-text table may name the table of its texts in a string.
            Kind::VirtualTable => token.name(),
            _ => token.identifier(),
        };
        let word = |token: &Token<'_>| identifier(token).or_else(|| symbol(token));
        let words: BTreeSet<String> =
            tokens.iter().filter_map(word).map(|word| word.to_ascii_lowercase()).collect();
        let named = self.0.iter().filter(|(word, _)| words.contains(word));
        named.flat_map(|(_, objects)| objects.iter().cloned()).filter(|id| id != own).collect()
    }

    /// Returns a definition that is made by its own statement, and rests on what that names, for want
    /// of the server's word.
    pub(super) fn guessed(&self, mut definition: Definition, dialect: Dialect) -> Definition {
        let statements = definition.source.iter().chain(&definition.attributes);
        let text = statements.cloned().collect::<Vec<String>>().join(" ");
        definition.depends_on = self.named(&definition.id, &text, dialect);
        // A class of the same name comes after its family.
        let is_family = definition.id.kind == Kind::OperatorFamily;
        definition.depends_on.retain(|on| !is_family || on.kind != Kind::OperatorClass);
        definition.is_verbatim = true;
        definition
    }
}

/// Returns true if the symbols in a statement of the kind may be operators of the models, and those do not
/// rest on an object of the kind.
fn uses_operators(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::View
            | Kind::MaterializedView
            | Kind::Rule
            | Kind::Policy
            | Kind::Trigger
            | Kind::OperatorClass
            | Kind::Statistics
    )
}

/// Returns the names of all tables, columns and definitions, in lower case.
fn names(metadata: &Metadata) -> BTreeSet<String> {
    let of_tables = metadata.tables.values().flat_map(names_in);
    let definitions = metadata.definitions.keys();
    of_tables.chain(definitions.map(|id| id.name.name.to_ascii_lowercase())).collect()
}

fn names_in(table: &Table) -> impl Iterator<Item = String> {
    let columns = table.columns.iter().map(|column| &column.name);
    columns.chain([&table.name.name]).map(|name| name.to_ascii_lowercase())
}

fn spell(text: &mut SqlText, names: &BTreeSet<String>, dialect: Dialect) {
    let is_object = |name: &str| names.contains(name);
    text.canonical = Some(normal_form_over(&text.written, &is_object, dialect));
}

fn normalise_table(table: &mut Table, dialect: Dialect) {
    let names: BTreeSet<String> = names_in(table).collect();
    let spell = |text: &mut SqlText| spell(text, &names, dialect);
    for column in &mut table.columns {
        column.default.as_deref_mut().into_iter().for_each(spell);
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
        index.predicate.as_deref_mut().into_iter().for_each(spell);
    }
}
