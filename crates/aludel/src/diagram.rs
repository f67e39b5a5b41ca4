//! Diagrams of a schema as text: Mermaid's and Graphviz's.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aludel_schema::{Column, ConstraintKind, ForeignKey, Metadata, QualifiedName, Table};

/// The language of a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiagramFormat {
    /// An `erDiagram` of [Mermaid](https://mermaid.js.org/syntax/entityRelationshipDiagram.html),
    /// which hosts of repositories show.
    Mermaid,
    /// The language of [Graphviz](https://graphviz.org/doc/info/lang.html).
    Dot,
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
        DiagramFormat::Mermaid => mermaid(tables),
        DiagramFormat::Dot => dot(tables),
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

fn mermaid(tables: &[&Table]) -> String {
    let mut out = String::from("erDiagram\n");
    for table in tables {
        let _ = writeln!(out, "    {} {{", entity(&table.name));
        for column in &table.columns {
            let marks = Part::of(table, column).marks().join(", ");
            let marks = if marks.is_empty() { marks } else { format!(" {marks}") };
            let note = if column.nullable { " \"optional\"" } else { "" };
            let (sql_type, name) = (word(&column.sql_type.written), word(&column.name));
            let _ = writeln!(out, "        {sql_type} {name}{marks}{note}");
        }
        out.push_str("    }\n");
    }
    for (table, key) in shown_keys(tables) {
        let (is_optional, is_single) = ends(table, key);
        let from = if is_optional { "|o" } else { "||" };
        let to = if is_single { "o|" } else { "o{" };
        let (parent, child) = (entity(&key.references), entity(&table.name));
        let _ = writeln!(out, "    {parent} {from}--{to} {child} : \"{}\"", key.columns.join(", "));
    }
    out
}

/// Returns the foreign keys between the tables of a diagram.
fn shown_keys<'t>(tables: &[&'t Table]) -> Vec<(&'t Table, &'t ForeignKey)> {
    let is_shown = |name: &QualifiedName| tables.iter().any(|table| table.name == *name);
    let keys = tables.iter().flat_map(|table| foreign_keys(table).map(move |key| (*table, key)));
    keys.filter(|(_, key)| is_shown(&key.references)).collect()
}

/// Returns the name of an entity, which Mermaid takes in quotes.
fn entity(name: &QualifiedName) -> String {
    format!("\"{}\"", name.to_string().replace('"', "'"))
}

/// Returns a text as a word of Mermaid: letters, digits, `_`, `-`, brackets and parentheses.
fn word(text: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || "_-()[]".contains(c);
    let text: String = text.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    match text.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => text,
        Some(_) | None => format!("_{text}"),
    }
}

fn dot(tables: &[&Table]) -> String {
    let mut out = String::from(
        "digraph schema {\n    rankdir=LR;\n    node [shape=plain, fontname=\"Helvetica\"];\n    edge [fontname=\"Helvetica\", fontsize=10];\n",
    );
    for table in tables {
        let name = table.name.to_string();
        let mut rows = format!(
            "<tr><td bgcolor=\"lightgrey\" colspan=\"3\"><b>{}</b></td></tr>",
            escaped(&name)
        );
        for column in &table.columns {
            let marks = Part::of(table, column).marks().join(" ");
            let optional = if column.nullable { "?" } else { "" };
            let _ = write!(
                rows,
                "<tr><td align=\"left\">{}</td><td align=\"left\">{}{optional}</td><td>{marks}</td></tr>",
                escaped(&column.name),
                escaped(&column.sql_type.written)
            );
        }
        let _ = writeln!(
            out,
            "    {} [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">{rows}</table>>];",
            quoted(&name)
        );
    }
    for (table, key) in shown_keys(tables) {
        let (from, to) = (table.name.to_string(), key.references.to_string());
        let label = quoted(&key.columns.join(", "));
        let _ = writeln!(out, "    {} -> {} [label={label}];", quoted(&from), quoted(&to));
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
