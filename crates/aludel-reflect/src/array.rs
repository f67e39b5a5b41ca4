//! PostgreSQL's text form of an array: `{a,"b c",NULL}`.

/// The elements of a one-dimensional array.
pub(crate) fn elements(text: &str) -> Vec<String> {
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or_default();
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
    out
}

/// The numbers of an array, or of a vector (`1 2 3`).
pub(crate) fn numbers(text: &str) -> Vec<i64> {
    text.trim_matches(['{', '}'])
        .split([',', ' '])
        .filter_map(|number| number.trim().parse().ok())
        .collect()
}

/// `{name=value,…}` as pairs.
pub(crate) fn options(text: Option<&str>) -> aludel_schema::Parameters {
    elements(text.unwrap_or_default())
        .iter()
        .filter_map(|option| option.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes() {
        assert_eq!(elements(r#"{a,"b, \"c\"",""}"#), ["a", "b, \"c\"", ""]);
        assert!(elements("{}").is_empty() && elements("").is_empty());
        assert_eq!(numbers("{1,-2}"), [1, -2]);
        assert_eq!(numbers("1 2 0"), [1, 2, 0]);
    }
}
