//! The notices of a connection, which its task collects.

use std::future::poll_fn;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Connection};

use crate::notice::{Notice, Notices};

/// Drives a connection on a task of its own, and keeps the notices that arrive.
pub(crate) fn collect<S, T>(mut connection: Connection<S, T>) -> Notices
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let notices = Notices::default();
    let kept = notices.clone();
    tokio::spawn(async move {
        // The error that ends a connection reaches the statements that wait for an answer.
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            match message {
                AsyncMessage::Notice(notice) => kept.keep(Notice {
                    severity: notice.severity().to_owned(),
                    message: notice.message().to_owned(),
                    // Class 01 of SQLSTATE is that of warnings.
                    is_warning: notice.code().code().starts_with("01"),
                }),
                AsyncMessage::Notification(notification) => {
                    kept.hear(notification.channel().to_owned());
                }
                // The type may get more variants, which nothing here asks the server for.
                _ => {}
            }
        }
    });
    notices
}
