//! The reasons why a database is read-only.

use aludel_driver::StatementError;

/// The reason why a database refuses to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOnly {
    /// The server is a standby.
    Standby,
    /// The setting `default_transaction_read_only` is on.
    Default,
    /// A statement of the revision has made its transaction read-only.
    Transaction,
}

impl ReadOnly {
    const ALL: [Self; 3] = [Self::Standby, Self::Default, Self::Transaction];

    /// Returns the sentence that becomes the hint of the error.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "this server is a standby",
            Self::Default => {
                "default_transaction_read_only is on for this role, database, server or URL"
            }
            Self::Transaction => "the revision has made its transaction read-only",
        }
    }

    /// Returns the reason that an error has as its hint; `None` if it was not found out.
    pub fn of(error: &StatementError) -> Option<Self> {
        let hint = error.hint.as_deref()?;
        Self::ALL.into_iter().find(|reason| reason.as_str() == hint)
    }
}
