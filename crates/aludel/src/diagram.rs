//! Diagrams of a schema: as a picture, and as text for Mermaid and Graphviz.

mod dot;
mod layout;
mod mermaid;
mod svg;

use std::collections::BTreeSet;

use aludel_schema::{Column, ConstraintKind, ForeignKey, Metadata, QualifiedName, Table};

/// The language of a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagramFormat {
    /// An `erDiagram` of [Mermaid](https://mermaid.js.org/syntax/entityRelationshipDiagram.html),
    /// which hosts of repositories show.
    Mermaid,
    /// The language of [Graphviz](https://graphviz.org/doc/info/lang.html).
    Dot,
    /// A picture that needs no other program.
    Svg,
}

/// Returns the tables of the diagram: those that are named, with the tables that they refer to and
/// that refer to them; or all, if none is named.
pub(crate) fn chosen<'m>(
    metadata: &'m Metadata,
    named: &BTreeSet<QualifiedName>,
) -> Vec<&'m Table> {
    let is_near = |table: &Table| {
        named.contains(&table.name)
            || foreign_keys(table).any(|key| named.contains(&key.references))
    };
    let mut near: BTreeSet<&QualifiedName> = BTreeSet::new();
    for table in metadata.tables.values().filter(|table| named.is_empty() || is_near(table)) {
        near.insert(&table.name);
        if named.contains(&table.name) {
            near.extend(foreign_keys(table).map(|key| &key.references));
        }
    }
    metadata.tables.values().filter(|table| near.contains(&table.name)).collect()
}

/// Returns the text of a diagram.
pub(crate) fn diagram(tables: &[&Table], format: DiagramFormat) -> String {
    match format {
        DiagramFormat::Mermaid => mermaid::mermaid(tables),
        DiagramFormat::Dot => dot::dot(tables),
        DiagramFormat::Svg => svg::svg(tables),
    }
}

fn foreign_keys(table: &Table) -> impl Iterator<Item = &ForeignKey> {
    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(key),
        _ => None,
    })
}

/// The part of a column in the keys of its table.
struct Part {
    is_primary: bool,
    is_foreign: bool,
    is_unique: bool,
}

impl Part {
    fn of(table: &Table, column: &Column) -> Self {
        let mut part = Self { is_primary: false, is_foreign: false, is_unique: false };
        for constraint in &table.constraints {
            match &constraint.kind {
                ConstraintKind::PrimaryKey { columns, .. } => {
                    part.is_primary |= columns.contains(&column.name);
                }
                ConstraintKind::Unique { columns, .. } => {
                    part.is_unique |= columns.as_slice() == [column.name.clone()];
                }
                ConstraintKind::ForeignKey(key) => {
                    part.is_foreign |= key.columns.contains(&column.name);
                }
                _ => {}
            }
        }
        part
    }

    /// Returns the marks in the order in which Mermaid has them.
    fn marks(&self) -> Vec<&'static str> {
        [(self.is_primary, "PK"), (self.is_foreign, "FK"), (self.is_unique, "UK")]
            .into_iter()
            .filter_map(|(holds, mark)| holds.then_some(mark))
            .collect()
    }
}

/// Returns true if the rows of a foreign key are optional, and if at most one refers to each row.
fn ends(table: &Table, key: &ForeignKey) -> (bool, bool) {
    let column = |name: &String| table.columns.iter().find(|column| column.name == *name);
    let is_optional = key.columns.iter().filter_map(column).any(|column| column.nullable);
    let is_single = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
            *columns == key.columns
        }
        _ => false,
    });
    (is_optional, is_single)
}

/// Returns the foreign keys between the tables of a diagram.
fn shown_keys<'t>(tables: &[&'t Table]) -> Vec<(&'t Table, &'t ForeignKey)> {
    let is_shown = |name: &QualifiedName| tables.iter().any(|table| table.name == *name);
    let keys = tables.iter().flat_map(|table| foreign_keys(table).map(move |key| (*table, key)));
    keys.filter(|(_, key)| is_shown(&key.references)).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
