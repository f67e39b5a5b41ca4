//! Connections to servers that differ in TLS and authentication.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod certificates;
mod tls;
