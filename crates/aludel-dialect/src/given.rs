//! Conversions that models give for the values of a column, and the labels that a column holds as texts.

use aludel_schema::{Column, ConstraintKind, Table};

use crate::dialect::Dialect;

impl Dialect {
    /// Returns true if the conversion that the models give for a column matters in the change of its table: the
    /// column gets another type, or loses a label that it holds as a text.
    pub fn is_converted(self, from: &Table, to: &Table, column: &Column) -> bool {
        let Some(before) = from.column(&column.name) else { return false };
        let labels = [from, to].map(|table| self.labels_in(table, &column.name));
        let [Some(old), Some(new)] = labels else { return before.sql_type != column.sql_type };
        before.sql_type != column.sql_type || old.iter().any(|label| !new.contains(label))
    }

    /// Returns the texts that a check `column IN (…)` lists.
    pub fn labels_in(self, table: &Table, column: &str) -> Option<Vec<String>> {
        table.constraints.iter().find_map(|constraint| {
            let ConstraintKind::Check { expression, .. } = &constraint.kind else { return None };
            let (name, literals) = self.listed(&expression.written)?;
            let bare = |literal: &String| {
                let inside = literal.strip_prefix('\'')?.strip_suffix('\'')?;
                Some(inside.replace("''", "'"))
            };
            if name == column { literals.iter().map(bare).collect() } else { None }
        })
    }
}
