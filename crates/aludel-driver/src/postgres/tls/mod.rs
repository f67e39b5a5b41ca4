//! TLS with the meanings that libpq gives to the parameters of a URL.
//!
//! `mode.rs` is `sslmode`, `options.rs` all parameters together, `connector.rs` reads the files that
//! they name, `verifier.rs` looks at the server's certificate, and `reason.rs` says what went wrong.

mod certificate;
mod connector;
mod mode;
mod options;
mod reason;
mod verifier;

pub(crate) use connector::connector;
pub(crate) use mode::SslMode;
pub(crate) use options::TlsOptions;
pub(crate) use reason::reason;
