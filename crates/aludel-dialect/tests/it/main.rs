//! What real tools write, read by the splitter.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod dump;
