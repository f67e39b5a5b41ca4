//! The names of what a scratch makes: beginnings with numbers.

/// The beginning of the names of tables with questions.
pub(super) const SCRATCH_TABLE: &str = "aludel_scratch_";

pub(super) fn table_name(number: usize) -> String {
    format!("{SCRATCH_TABLE}{number}")
}

/// The beginning of the names of questions.
pub(super) const OBJECT: &str = "aludel_q";

pub(super) fn object_name(question: usize) -> String {
    format!("{OBJECT}{question}")
}

/// Returns the beginning of the names that the pieces of a question have.
pub(super) fn piece_prefix(question: usize) -> String {
    format!("{}_", object_name(question))
}

/// Returns a text with a name in place of that beginning with a number behind it.
pub(super) fn with_name(text: &str, beginning: &str, name: &str) -> String {
    let mut parts = text.split(beginning);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_number = rest.len() < part.len() && !rest.starts_with('_');
        out.push_str(if is_number { name } else { beginning });
        out.push_str(if is_number { rest } else { part });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::with_name;

    #[test]
    fn numbered_names_are_those_of_the_models() {
        for (text, expected) in [
            ("column \"aludel_q0\" is of type bigint", "column \"size\" is of type bigint"),
            ("aludel_q12 and aludel_q3", "size and size"),
            ("aludel_q1_2 and aludel_queue", "aludel_q1_2 and aludel_queue"),
        ] {
            assert_eq!(with_name(text, "aludel_q", "size"), expected);
        }
    }
}
