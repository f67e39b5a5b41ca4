//! PostgreSQL's text form of arrays: `{a,"b c",NULL}`.

use aludel_driver::{Row, RowError};
use aludel_schema::Parameters;

/// Returns the elements of a one-dimensional array; `None` if the text is not an array.
fn elements(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'))?;
    let mut out = Vec::new();
    let mut chars = inner.chars();
    let mut current = String::new();
    let (mut quoted, mut any) = (false, false);
    while let Some(c) = chars.next() {
        any = true;
        match c {
            '\\' => current.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut current)),
            other => current.push(other),
        }
    }
    if any {
        out.push(current);
    }
    Some(out)
}

/// Reads an array from a column; empty for NULL.
pub(crate) fn texts(row: &Row, column: &str) -> Result<Vec<String>, RowError> {
    match row.optional(column)? {
        Some(text) => elements(text).ok_or_else(|| error(column, "expected an array")),
        None => Ok(Vec::new()),
    }
}

/// Reads an array from a column. Its elements are the parts of consecutive rows with `N` parts
/// each.
pub(crate) fn rows<const N: usize>(row: &Row, column: &str) -> Result<Vec<[String; N]>, RowError> {
    let mut parts = texts(row, column)?.into_iter();
    let mut rows = Vec::new();
    loop {
        let taken: Vec<String> = parts.by_ref().take(N).collect();
        if taken.is_empty() {
            return Ok(rows);
        }
        let whole = <[String; N]>::try_from(taken);
        rows.push(whole.map_err(|_| error(column, "expected whole rows in an array"))?);
    }
}

/// Reads the numbers of an array (`{1,-2}`) or a vector (`1 2 0`); empty for NULL.
pub(crate) fn numbers(row: &Row, column: &str) -> Result<Vec<i64>, RowError> {
    let text = row.optional(column)?.unwrap_or("{}");
    let inner = text.trim_matches(['{', '}']);
    let parts = inner.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().map_err(|_| error(column, "expected whole numbers"))).collect()
}

/// Reads `{name=value,…}` as pairs; empty for NULL.
pub(crate) fn options(row: &Row, column: &str) -> Result<Parameters, RowError> {
    pairs(column, &texts(row, column)?)
}

/// Reads elements of the form `name=value`, which come from a column.
pub(crate) fn pairs(column: &str, options: &[String]) -> Result<Parameters, RowError> {
    let pairs = options.iter().map(|option| {
        let (name, value) =
            option.split_once('=').ok_or_else(|| error(column, "expected name=value"))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

pub(crate) fn error(column: &str, problem: &'static str) -> RowError {
    RowError { column: column.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::elements;

    #[test]
    fn quotes_and_backslashes() {
        for (text, expected) in [
            (r#"{a,"b, \"c\"",""}"#, Some(vec!["a", "b, \"c\"", ""])),
            ("{}", Some(vec![])),
            ("", None),
            ("1 2", None),
        ] {
            let expected = expected.map(|e| e.into_iter().map(str::to_owned).collect());
            assert_eq!(elements(text), expected, "{text}");
        }
    }
}
