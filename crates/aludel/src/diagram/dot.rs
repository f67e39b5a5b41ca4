//! Diagrams in the language of Graphviz.

use std::fmt::Write as _;

use aludel_schema::Table;

use super::{Part, escaped, shown_keys};

pub(super) fn dot(tables: &[&Table]) -> String {
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
