//! Notices: messages that are no answer to a statement.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Connection};

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
    /// Drives a connection on a task of its own, and keeps the notices that arrive.
    pub(crate) fn of<S, T>(mut connection: Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let notices = Self::default();
        let kept = notices.clone();
        tokio::spawn(async move {
            // The error that ends a connection reaches the statements that wait for an answer.
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notice(notice) = message {
                    kept.keep(Notice {
                        severity: notice.severity().to_owned(),
                        message: notice.message().to_owned(),
                        // Class 01 of SQLSTATE is that of warnings.
                        is_warning: notice.code().code().starts_with("01"),
                    });
                }
            }
        });
        notices
    }

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
