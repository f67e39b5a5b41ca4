//! Metadata in words, by object, so that two sides can be compared.

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_schema::{Constraint, Metadata, ObjectId, Parameters, TableOptions};

/// Everything that metadata says, by object. The order of columns, constraints and indexes means
/// nothing after a column was dropped and added again.
pub(crate) fn described(dialect: Dialect, metadata: &Metadata) -> BTreeMap<String, String> {
    let mut metadata = metadata.clone();
    let says_comments = dialect.capabilities().comments;
    let mut out = BTreeMap::new();
    for name in &metadata.schemas {
        out.insert(format!("schema {name}"), String::new());
    }
    for extension in metadata.extensions.values() {
        out.insert(extension.id().to_string(), String::new());
    }
    for enum_type in metadata.enums.values() {
        out.insert(enum_type.id().to_string(), format!("{enum_type:?}"));
    }
    for sequence in metadata.sequences.values() {
        out.insert(sequence.id().to_string(), format!("{sequence:?}"));
    }
    for table in metadata.tables.values_mut() {
        for column in &mut table.columns {
            column.renamed_from = None;
            column.comment = column.comment.take().filter(|_| says_comments);
            let id = ObjectId::column(&table.name, column.name.as_str());
            out.insert(id.to_string(), format!("{column:?}"));
        }
        for constraint in &table.constraints {
            let name =
                if dialect.capabilities().constraint_names { &constraint.name } else { &None };
            let demand = Constraint { name: name.clone(), ..constraint.clone() };
            out.insert(format!("{} {demand:?}", table.name), String::new());
        }
        for index in &mut table.indexes {
            index.comment = index.comment.take().filter(|_| says_comments);
            out.insert(index.id(&table.name).to_string(), format!("{index:?}"));
        }
        let comment = table.comment.take().filter(|_| says_comments);
        let mut parameters: Vec<_> = table.options.with.iter().collect();
        parameters.sort_unstable();
        let options = TableOptions { with: Parameters::default(), ..table.options.clone() };
        let said = format!("{comment:?} {options:?} {parameters:?} {:?}", table.roles);
        out.insert(ObjectId::table(&table.name).to_string(), said);
    }
    for definition in metadata.definitions.values_mut() {
        definition.clauses.sort_by(|a, b| (&a.word, &a.name).cmp(&(&b.word, &b.name)));
        let comments = (&definition.comment, &definition.column_comments);
        let comments = Some(comments).filter(|_| says_comments);
        let said = format!("{} {:?} {comments:?}", definition.body, definition.clauses);
        out.insert(definition.id.to_string(), said);
    }
    out
}
