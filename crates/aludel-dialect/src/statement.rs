/// A rendered statement, as it goes into a revision file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The SQL, without the semicolon.
    pub sql: String,
    /// Whether it may run in a transaction together with others.
    pub transactional: bool,
    /// What a reviewer has to know: comment lines above it.
    pub notes: Vec<String>,
}

impl Statement {
    /// A statement that runs in the revision's transaction.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), transactional: true, notes: Vec::new() }
    }

    /// The same with a note for the reviewer.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same, outside a transaction.
    #[must_use]
    pub fn outside_transaction(mut self) -> Self {
        self.transactional = false;
        self
    }
}
