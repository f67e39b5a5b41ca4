//! Findings of an examination of a database.

/// A fact about a database, as a run meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The subject, in one or two words.
    pub subject: &'static str,
    /// The state of the subject.
    pub found: String,
    /// The consequence, if something does not work because of it.
    pub problem: Option<&'static str>,
}

impl Finding {
    pub(crate) fn fine(subject: &'static str, found: impl Into<String>) -> Self {
        Self { subject, found: found.into(), problem: None }
    }

    /// Returns a finding that is a problem unless `holds`.
    pub(crate) fn unless(
        holds: bool,
        subject: &'static str,
        found: impl Into<String>,
        problem: &'static str,
    ) -> Self {
        Self { subject, found: found.into(), problem: (!holds).then_some(problem) }
    }
}
