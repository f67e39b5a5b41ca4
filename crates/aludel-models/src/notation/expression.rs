//! SQL expressions in attributes.

use aludel_dialect::{Dialect, unfinished, without_comments};

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
