//! PostgreSQL through tokio-postgres, with TLS by rustls.

mod connect;
mod notices;
mod options;
mod refused;
mod session;
mod target;
mod tls;

pub(crate) use session::open;
pub(crate) use target::PostgresTarget;
