use std::fmt;
use std::path::PathBuf;

/// A position in a source file. Line and column are counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A part of a model that can't be read or resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelError {
    /// The file; empty for the input of a macro.
    pub path: PathBuf,
    /// The position in the file.
    pub at: Position,
    /// The description of the problem.
    pub message: String,
    /// A suggestion of what to write instead.
    pub help: Option<String>,
}

impl ModelError {
    pub(crate) fn new(at: Position, message: impl Into<String>) -> Self {
        Self { path: PathBuf::new(), at, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn in_file(mut self, path: &std::path::Path) -> Self {
        path.clone_into(&mut self.path);
        self
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path.display(), self.at.line, self.at.column, self.message)
    }
}

impl std::error::Error for ModelError {}
