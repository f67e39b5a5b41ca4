//! A truth value that changes during a run, which may move between threads.

use std::sync::atomic::{AtomicBool, Ordering};

/// A truth value that can be changed through a shared reference.
#[derive(Debug, Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, value: bool) {
        self.0.store(value, Ordering::Relaxed);
    }
}
