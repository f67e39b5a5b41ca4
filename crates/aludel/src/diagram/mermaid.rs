//! Diagrams in the language of Mermaid.

use std::fmt::Write as _;

use aludel_schema::{QualifiedName, Table};

use super::{Part, ends, shown_keys};

pub(super) fn mermaid(tables: &[&Table]) -> String {
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
