//! A line in a terminal that shows how far a run is.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The line; nothing without a terminal.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn in_terminal() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    /// Returns a handle by which others print above the line.
    pub(crate) fn room(&self) -> Room {
        Room(self.0.clone())
    }

    /// Shows the revision that runs.
    pub(crate) fn revision(&self, number: usize, of: usize, revision: &str) {
        if let Some(bar) = &self.0 {
            bar.set_prefix(format!("{number} of {of}, {revision}"));
            bar.set_message("");
            bar.reset_elapsed();
            bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// Shows how far the running statement is.
    pub(crate) fn message(&self, text: String) {
        if let Some(bar) = &self.0 {
            bar.set_message(text);
        }
    }

    /// Prints something above the line.
    pub(crate) fn above(&self, print: impl FnOnce()) {
        self.room().print(print);
    }
}

/// The room above a line, which is everything while there is none.
#[derive(Clone, Default)]
pub(crate) struct Room(Option<ProgressBar>);

impl Room {
    /// Prints something there.
    pub(crate) fn print(&self, print: impl FnOnce()) {
        match &self.0 {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
