//! The head of a script, as far as it depends on the database.

/// The parts of a script's head that depend on the database: how to stop at the first error, and
/// how to refuse a database with other rows in the version table.
pub(crate) struct ScriptHead {
    /// The program that runs the script.
    pub(crate) program: &'static str,
    /// The command that makes the program stop at the first error.
    pub(crate) stop: &'static str,
    /// The statements that refuse a database with other rows.
    pub(crate) guard: Vec<String>,
}
