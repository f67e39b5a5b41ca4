//! Connections to servers that differ in TLS and authentication, and data that they are sent.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod causes;
mod certificates;
mod copy;
mod endpoints;
mod tls;
