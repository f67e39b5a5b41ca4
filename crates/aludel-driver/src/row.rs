/// One row of an answer; every value is text or NULL.
#[derive(Debug)]
pub struct Row {
    /// All values, one behind the other.
    text: Box<str>,
    /// Where each value ends; NULL has its mark.
    ends: Box<[u32]>,
}

/// The mark of NULL, which is longer than any answer may be.
const NULL: u32 = u32::MAX;

impl Row {
    /// A row of these values. A catalogue of many tables is many rows, so they are kept tight.
    pub(crate) fn new<'v>(values: impl Iterator<Item = Option<&'v str>>) -> Self {
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
        Self { text: text.into(), ends }
    }

    /// The value in a column, counted from 0; `None` for NULL and for a column that is not there.
    pub fn get(&self, column: usize) -> Option<&str> {
        let end = self.ends.get(column).filter(|end| **end != NULL)?;
        let start = self.ends[..column].iter().rev().find(|end| **end != NULL).unwrap_or(&0);
        self.text.get(*start as usize..*end as usize)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_not_null() {
        let row = Row::new([None, Some("é"), Some(""), None, Some("12")].into_iter());
        let values: Vec<Option<&str>> = (0..6).map(|column| row.get(column)).collect();
        assert_eq!(values, [None, Some("é"), Some(""), None, Some("12"), None]);
        assert_eq!((row.number(4), row.text(3)), (12, ""));
    }
}
