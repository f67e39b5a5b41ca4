//! Words that several outputs share.

/// Returns a number with its noun, as in `1 revision` and `2 revisions`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
