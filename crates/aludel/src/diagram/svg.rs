//! Diagrams as pictures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use aludel_schema::{ForeignKey, QualifiedName, Table};

use super::layout::{Corner, Size, places};
use super::{Part, ends, escaped, shown_keys};

/// The width of a character of the font, the height of a line, and the space around a text.
const CHARACTER: f64 = 7.3;
const LINE: f64 = 20.0;
const SPACE: f64 = 8.0;

/// The space around the picture.
const MARGIN: f64 = 24.0;

const STYLE: &str = "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}\
.box{fill:#fff;stroke:#8c959f}.head{fill:#eaeef2;stroke:#8c959f}.name{font-weight:600}.type{fill:#59636e}\
.key{fill:#0969da;font-size:10px}.line{fill:none;stroke:#8c959f;stroke-width:1.3}.optional{stroke-dasharray:5 4}";

/// A table with the texts of its columns.
struct Drawn<'t> {
    name: String,
    lines: Vec<Line<'t>>,
    width: f64,
    /// The width of the column names.
    names: f64,
}

struct Line<'t> {
    column: &'t str,
    sql_type: String,
    marks: String,
}

impl<'t> Drawn<'t> {
    fn of(table: &'t Table) -> Self {
        let line = |column: &'t aludel_schema::Column| {
            let optional = if column.nullable { "?" } else { "" };
            Line {
                column: &column.name,
                sql_type: format!("{}{optional}", column.sql_type.written),
                marks: Part::of(table, column).marks().join(" "),
            }
        };
        let lines: Vec<Line<'t>> = table.columns.iter().map(line).collect();
        let widest = |of: &dyn Fn(&Line<'t>) -> usize| {
            text_width(lines.iter().map(of).max().unwrap_or_default())
        };
        let names = widest(&|line| line.column.chars().count());
        let types = widest(&|line| line.sql_type.chars().count());
        let marks = widest(&|line| line.marks.len());
        let name = table.name.to_string();
        let head = text_width(name.chars().count()) + 2.0 * SPACE;
        let width = (names + types + marks + 4.0 * SPACE).max(head).ceil();
        Self { name, lines, width, names }
    }

    fn height(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
        let lines = self.lines.len() as f64;
        LINE * (lines + 1.0) + SPACE / 2.0
    }

    /// Returns the height of the middle of a column's line in the box.
    fn middle(&self, column: Option<&String>) -> f64 {
        let at = self.lines.iter().position(|line| column.is_some_and(|c| line.column == c));
        #[expect(clippy::cast_precision_loss, reason = "a table has few columns")]
        let above = at.map_or(0.0, |at| at as f64 + 1.0);
        LINE * above + LINE / 2.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "a name is short")]
fn text_width(characters: usize) -> f64 {
    characters as f64 * CHARACTER
}

/// Returns the picture. A line goes from the column that refers to the column that it names; it is
/// dashed if the reference is optional.
pub(super) fn svg(tables: &[&Table]) -> String {
    let drawn: Vec<Drawn<'_>> = tables.iter().map(|table| Drawn::of(table)).collect();
    let at: BTreeMap<&QualifiedName, usize> =
        tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
    let mut sizes: Vec<Size> = drawn
        .iter()
        .map(|table| Size { width: table.width, height: table.height(), parents: Vec::new() })
        .collect();
    let keys = shown_keys(tables);
    for (table, key) in &keys {
        sizes[at[&table.name]].parents.push(at[&key.references]);
    }
    let corners = places(&sizes);
    let right = corners.iter().zip(&drawn).map(|(corner, table)| corner.x + table.width);
    let bottom = corners.iter().zip(&drawn).map(|(corner, table)| corner.y + table.height());
    // A line that leaves a box to the right may need the space of a bend.
    let width = right.fold(0.0, f64::max) + 3.0 * MARGIN;
    let height = bottom.fold(0.0, f64::max) + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"{:.0} {:.0} {width:.0} {height:.0}\">\n<style>{STYLE}</style>\n\
         <defs><marker id=\"one\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#8c959f\"/></marker></defs>\n\
         <rect x=\"{:.0}\" y=\"{:.0}\" width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        -MARGIN, -MARGIN, -MARGIN, -MARGIN
    );
    for (table, key) in keys {
        let (child, parent) = (at[&table.name], at[&key.references]);
        let (column, referenced) = shown_columns(key);
        let from =
            Corner { x: corners[child].x, y: corners[child].y + drawn[child].middle(column) };
        let to = Corner {
            x: corners[parent].x,
            y: corners[parent].y + drawn[parent].middle(referenced),
        };
        let path = path(from, drawn[child].width, to, drawn[parent].width);
        let class = if ends(table, key).0 { "line optional" } else { "line" };
        let title = format!("{}.{} → {}", table.name, key.columns.join(", "), key.references);
        let _ = writeln!(
            out,
            "<path class=\"{class}\" d=\"{path}\" marker-end=\"url(#one)\"><title>{}</title></path>",
            escaped(&title)
        );
    }
    for (table, corner) in drawn.iter().zip(&corners) {
        table_box(&mut out, table, *corner);
    }
    out.push_str("</svg>\n");
    out
}

/// Returns the columns that a line joins: of a key with several columns, the first whose names
/// differ, because a column that both tables have is often a part of several keys.
fn shown_columns(key: &ForeignKey) -> (Option<&String>, Option<&String>) {
    let mut pairs = key.columns.iter().zip(&key.referenced_columns);
    let differing = pairs.find(|(column, referenced)| column != referenced);
    match differing {
        Some((column, referenced)) => (Some(column), Some(referenced)),
        None => (key.columns.first(), key.referenced_columns.first()),
    }
}

/// Returns the path of a line: to a box on the left of it from side to side, and else around both on
/// their right.
fn path(from: Corner, child_width: f64, to: Corner, parent_width: f64) -> String {
    let end = to.x + parent_width;
    if end < from.x {
        let bend = ((from.x - end) / 2.0).min(60.0);
        return format!(
            "M{:.0} {:.0}C{:.0} {:.0} {:.0} {:.0} {end:.0} {:.0}",
            from.x,
            from.y,
            from.x - bend,
            from.y,
            end + bend,
            to.y,
            to.y
        );
    }
    let start = from.x + child_width;
    let bend = start.max(end) + 36.0;
    format!(
        "M{start:.0} {:.0}C{bend:.0} {:.0} {bend:.0} {:.0} {end:.0} {:.0}",
        from.y, from.y, to.y, to.y
    )
}

fn table_box(out: &mut String, table: &Drawn<'_>, corner: Corner) {
    let Corner { x, y } = corner;
    let (width, height) = (table.width, table.height());
    let _ = writeln!(
        out,
        "<g><rect class=\"box\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" rx=\"4\"/>\
         <rect class=\"head\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{width:.0}\" height=\"{LINE:.0}\" rx=\"4\"/>\
         <text class=\"name\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        x + SPACE,
        y + 14.0,
        escaped(&table.name)
    );
    let mut base = y + LINE + 15.0;
    for Line { column, sql_type, marks } in &table.lines {
        let _ = write!(
            out,
            "<text x=\"{:.0}\" y=\"{base:.0}\">{}</text><text class=\"type\" x=\"{:.0}\" y=\"{base:.0}\">{}</text>",
            x + SPACE,
            escaped(column),
            x + table.names + 2.0 * SPACE,
            escaped(sql_type)
        );
        if !marks.is_empty() {
            let _ = write!(
                out,
                "<text class=\"key\" text-anchor=\"end\" x=\"{:.0}\" y=\"{base:.0}\">{marks}</text>",
                x + width - SPACE
            );
        }
        out.push('\n');
        base += LINE;
    }
    out.push_str("</g>\n");
}
