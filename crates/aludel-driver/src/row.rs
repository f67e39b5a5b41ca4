use std::sync::Arc;

/// One row of an answer; every value is text or NULL.
///
/// Values are read by column name. A missing column, a NULL where a value is expected, and text
/// that is not a number are errors that name the column. A query that no longer fits its reader is
/// therefore never read as an empty string or a zero.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[Box<str>]>,
    /// The texts of all values, concatenated.
    text: Box<str>,
    /// The end of each value in `text`, in bytes, or the marker for NULL.
    ends: Box<[u32]>,
}

/// A value that does not match the expectation of a row's reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} of an answer: {problem}")]
pub struct RowError {
    /// The name of the column.
    pub column: String,
    /// The description of the problem.
    pub problem: &'static str,
}

/// The marker for NULL, which is larger than the end of any value.
const NULL: u32 = u32::MAX;

impl Row {
    /// Builds a row from its values. They are stored compactly, because the catalogue of a large
    /// database has many rows.
    pub(crate) fn new<'v>(
        columns: &Arc<[Box<str>]>,
        values: impl Iterator<Item = Option<&'v str>>,
    ) -> Self {
        let mut text = String::new();
        let ends = values
            .map(|value| match value {
                Some(value) => {
                    text.push_str(value);
                    u32::try_from(text.len()).unwrap_or(NULL)
                }
                None => NULL,
            })
            .collect();
        Self { columns: Arc::clone(columns), text: text.into(), ends }
    }

    /// Returns the value of a column; `None` for NULL.
    ///
    /// # Errors
    ///
    /// Fails if there is no column of this name.
    pub fn optional(&self, column: &str) -> Result<Option<&str>, RowError> {
        let at = self.columns.iter().position(|name| **name == *column);
        let at = at.ok_or_else(|| error(column, "there is none of that name"))?;
        let Some(end) = self.ends.get(at).filter(|end| **end != NULL) else { return Ok(None) };
        let start = self.ends[..at].iter().rev().find(|end| **end != NULL).unwrap_or(&0);
        Ok(self.text.get(*start as usize..*end as usize))
    }

    /// Returns the value of a column.
    ///
    /// # Errors
    ///
    /// Fails if there is no column of this name, or if its value is NULL.
    pub fn text(&self, column: &str) -> Result<&str, RowError> {
        self.optional(column)?.ok_or_else(|| error(column, "expected a value, found NULL"))
    }

    /// Returns the value of a column as a number.
    ///
    /// # Errors
    ///
    /// Fails if there is no column of this name, or if its value is NULL or not an integer.
    pub fn number(&self, column: &str) -> Result<i64, RowError> {
        self.text(column)?.parse().map_err(|_| error(column, "expected a whole number"))
    }

    /// Returns the value of a column as a boolean, in the spelling of either database.
    ///
    /// # Errors
    ///
    /// Fails if there is no column of this name, or if its value is NULL or not a boolean.
    pub fn flag(&self, column: &str) -> Result<bool, RowError> {
        match self.text(column)? {
            "t" | "1" | "true" => Ok(true),
            "f" | "0" | "false" => Ok(false),
            _ => Err(error(column, "expected a truth value")),
        }
    }
}

fn error(column: &str, problem: &'static str) -> RowError {
    RowError { column: column.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let columns: Arc<[Box<str>]> = ["a", "b", "c", "d"].map(Into::into).into();
        Row::new(&columns, [None, Some("é"), Some(""), Some("12")].into_iter())
    }

    #[test]
    fn empty_is_not_null() {
        let row = row();
        let values = ["a", "b", "c", "d"].map(|column| row.optional(column).unwrap());
        assert_eq!(values, [None, Some("é"), Some(""), Some("12")]);
        assert_eq!(row.number("d"), Ok(12));
    }

    #[test]
    fn what_is_not_there_is_an_error_with_its_name() {
        let row = row();
        for (error, column, problem) in [
            (row.text("e").unwrap_err(), "e", "there is none of that name"),
            (row.text("a").unwrap_err(), "a", "expected a value, found NULL"),
            (row.number("b").unwrap_err(), "b", "expected a whole number"),
            (row.flag("c").unwrap_err(), "c", "expected a truth value"),
        ] {
            assert_eq!((error.column.as_str(), error.problem), (column, problem));
        }
    }
}
