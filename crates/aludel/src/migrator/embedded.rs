/// Revision files in the program itself, as [`embed!`](crate::embed) puts them there.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// The files, in the order of their names.
    pub files: &'static [EmbeddedFile],
}

/// A revision file in the program itself.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFile {
    /// The path of the file, relative to the folder of the crate's `Cargo.toml`.
    pub path: &'static str,
    /// The text of the file.
    pub text: &'static str,
}
