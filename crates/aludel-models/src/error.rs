use std::fmt;
use std::path::PathBuf;

/// A position in a source file. Line and column are counted from 1.
///
/// There is one for every token, so its numbers are as small as those of the compiler's own positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl Position {
    /// Returns the beginning of a line.
    pub fn of_line(line: usize) -> Self {
        Self::new(line, 1)
    }

    /// Returns a position by its line and column.
    pub fn new(line: usize, column: usize) -> Self {
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self { line: number(line), column: number(column) }
    }

    /// Returns the position behind a text that begins here.
    #[must_use]
    pub fn after(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            if byte == b'\n' {
                self = Self { line: self.line + 1, column: 1 };
            } else {
                // The continuation bytes of a character, which begin with the bits 10, do not
                // count.
                self.column += u32::from(byte & 0b1100_0000 != 0b1000_0000);
            }
        }
        self
    }
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
