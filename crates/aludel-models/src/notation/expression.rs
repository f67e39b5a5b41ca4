//! SQL expressions and types in attributes.

use aludel_dialect::{Dialect, significant, unfinished, without_comments};

use crate::error::{ModelError, Position};

/// Returns the expression without the comments around it.
///
/// # Errors
///
/// Fails if the text would not stay in its place in a statement: if a parenthesis or a quote is open,
/// or if it holds several statements. The database judges everything else.
pub(super) fn expression(text: &str, at: Position, dialect: Dialect) -> Result<&str, ModelError> {
    let text = without_comments(text, dialect);
    match unfinished(text, dialect) {
        None => Ok(text),
        Some(reason) => {
            Err(ModelError::new(at, format!("the expression `{text}` is not whole: {reason}")))
        }
    }
}

/// Returns a text that stands among others in a list of a statement, such as a type or the conversion after
/// `USING`, without the comments around it.
///
/// # Errors
///
/// Fails if the text is not whole, or if it holds several of its kind.
pub(super) fn single<'t>(
    text: &'t str,
    what: &str,
    at: Position,
    dialect: Dialect,
) -> Result<&'t str, ModelError> {
    let text = without_comments(text, dialect);
    // A column of SQLite may have the empty type.
    if text.is_empty() {
        return Ok(text);
    }
    let ends = || has_comma(text, dialect).then_some("a `,` ends it");
    match unfinished(text, dialect).or_else(ends) {
        None => Ok(text),
        Some(reason) => {
            Err(ModelError::new(at, format!("the {what} `{text}` is not whole: {reason}")))
        }
    }
}

/// Returns true if a text has a comma outside of all brackets.
fn has_comma(text: &str, dialect: Dialect) -> bool {
    let mut depth = 0_usize;
    significant(text, dialect).iter().any(|token| {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is_symbol(",")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notation::NOTATION;

    #[test]
    fn a_text_holds_one_of_its_kind() {
        let at = Position::default();
        for (text, expected) in [
            ("numeric(5, 2)", None),
            ("", None),
            ("coalesce(a, b[1])", None),
            ("int, b int", Some("the type `int, b int` is not whole: a `,` ends it")),
            ("int)", Some("the type `int)` is not whole: a `)` has no `(`")),
        ] {
            let found = single(text, "type", at, NOTATION).map_err(|error| error.to_string());
            match expected {
                Some(words) => assert!(found.unwrap_err().contains(words), "{text}"),
                None => assert_eq!(found.unwrap(), text),
            }
        }
    }
}
