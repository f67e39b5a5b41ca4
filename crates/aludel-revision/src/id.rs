//! Revision ids and file names.

/// An invalid revision id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` is no revision id: {reason}")]
pub struct InvalidId {
    /// The id.
    pub id: String,
    /// The reason why it is invalid.
    pub reason: &'static str,
}

/// The maximal length. The column for ids is `varchar(32)`, in Alembic's version table and in
/// Aludel's.
const LONGEST: usize = 32;

/// Checks a revision id. It has at most 32 letters, digits, `_` and `.`, and is not a word with a
/// meaning of its own, such as `head`.
///
/// # Errors
///
/// Fails if the id breaks one of these rules.
pub fn check_id(id: &str) -> Result<(), InvalidId> {
    let reason = if id.is_empty() {
        "it is empty"
    } else if id.chars().count() > LONGEST {
        "the version table keeps 32 characters"
    } else if !id.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') {
        "it may have letters, digits, `_` and `.`"
    } else if matches!(id, "head" | "heads" | "base" | "current" | "none") {
        "that word means something else"
    } else {
        return Ok(());
    };
    Err(InvalidId { id: id.to_owned(), reason })
}

/// Makes an id of twelve hexadecimal digits from `random`, at least one of them a letter.
pub fn new_id(random: u64) -> String {
    let id = format!("{:012x}", random & 0xffff_ffff_ffff);
    if id.bytes().all(|b| b.is_ascii_digit()) { format!("a{}", &id[1..]) } else { id }
}

/// Converts a message to a part of a file name: lower-case words joined by `_`, at most 40
/// characters.
pub fn slug(message: &str) -> String {
    const LONGEST: usize = 40;
    let mut slug = String::new();
    for word in message.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty())
    {
        let word: String = word.to_lowercase().chars().take(LONGEST).collect();
        if slug.chars().count() + word.chars().count() + 1 > LONGEST && !slug.is_empty() {
            break;
        }
        if !slug.is_empty() {
            slug.push('_');
        }
        slug.push_str(&word);
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_all_digits() {
        assert_eq!(new_id(0), "a00000000000");
        assert_eq!(new_id(0xae10_27a6_acf1), "ae1027a6acf1");
    }

    #[test]
    fn slugs_end_at_a_word() {
        assert_eq!(slug("Add document status!"), "add_document_status");
        assert_eq!(
            slug("one two three four five six seven eight nine"),
            "one_two_three_four_five_six_seven_eight"
        );
        assert_eq!(slug("  "), "");
    }

    #[test]
    fn real_ids_are_taken() {
        for id in ["001", "1b2c3d4e5f6g", "remove_remaining_enums", "v1.2"] {
            assert_eq!(check_id(id), Ok(()));
        }
        for id in ["", "a b", "a@b", "a'b", "head", &"x".repeat(33)] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }
}
