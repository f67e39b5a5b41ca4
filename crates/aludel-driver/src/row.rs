use tokio_postgres::SimpleQueryRow;

/// One row of an answer; every value is text or NULL.
#[derive(Debug)]
pub struct Row(pub(crate) Cells);

#[derive(Debug)]
pub(crate) enum Cells {
    Postgres(SimpleQueryRow),
    Sqlite(Vec<Option<String>>),
}

impl Row {
    /// The value in a column, counted from 0; `None` for NULL and for a column that is not there.
    pub fn get(&self, column: usize) -> Option<&str> {
        match &self.0 {
            Cells::Postgres(row) => row.try_get(column).ok().flatten(),
            Cells::Sqlite(values) => values.get(column)?.as_deref(),
        }
    }

    /// The value as text; empty for NULL.
    pub fn text(&self, column: usize) -> &str {
        self.get(column).unwrap_or_default()
    }

    /// The value as a number; 0 for NULL and for what is none.
    pub fn number(&self, column: usize) -> i64 {
        self.text(column).parse().unwrap_or_default()
    }

    /// The value as a truth value, in the spelling of either database.
    pub fn flag(&self, column: usize) -> bool {
        matches!(self.text(column), "t" | "1" | "true")
    }
}
