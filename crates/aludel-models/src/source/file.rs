use std::path::PathBuf;

/// A source file.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path, as messages show it.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}
