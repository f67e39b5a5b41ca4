//! Notices: messages that are no answer to a statement.

use std::sync::{Arc, Mutex, PoisonError};

/// The number of notices that are kept until they are taken. Later ones are left out.
const KEPT: usize = 1000;

/// A message of the server or the driver, such as a NOTICE or a WARNING.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The severity in the server's language, such as `NOTICE`.
    pub severity: String,
    /// The message.
    pub message: String,
    /// True for a WARNING, and false for a NOTICE and what is less than that.
    pub is_warning: bool,
}

/// The notices of a connection that were not taken yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices(Arc<Mutex<Vec<Notice>>>);

impl Notices {
    /// Adds a notice.
    pub(crate) fn keep(&self, notice: Notice) {
        let mut notices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.len() < KEPT {
            notices.push(notice);
        }
    }

    /// Returns the notices since the last call.
    pub(crate) fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
