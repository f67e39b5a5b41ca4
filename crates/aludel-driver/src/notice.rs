//! Notices: messages that are no answer to a statement.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// The notices and notifications of a connection that were not taken yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices(Arc<Mutex<Received>>);

#[derive(Debug, Default)]
struct Received {
    notices: Vec<Notice>,
    /// The channels of notifications.
    heard: Vec<String>,
}

impl Notices {
    /// Adds a notice.
    pub(crate) fn keep(&self, notice: Notice) {
        let mut received = self.received();
        if received.notices.len() < KEPT {
            received.notices.push(notice);
        }
    }

    /// Adds the channel of a notification.
    pub(crate) fn hear(&self, channel: String) {
        let mut received = self.received();
        if received.heard.len() < KEPT {
            received.heard.push(channel);
        }
    }

    /// Returns true if a notification on this channel has arrived since the last call with it.
    pub(crate) fn has_heard(&self, channel: &str) -> bool {
        let heard = &mut self.received().heard;
        let before = heard.len();
        heard.retain(|one| one != channel);
        heard.len() < before
    }

    /// Returns the notices since the last call.
    pub(crate) fn take(&self) -> Vec<Notice> {
        std::mem::take(&mut self.received().notices)
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
