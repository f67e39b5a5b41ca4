//! PostgreSQL through tokio-postgres, with TLS by rustls.

mod connect;
mod endpoint;
mod notices;
mod options;
mod parameters;
mod refused;
mod session;
mod target;
mod tls;
mod url_parts;

pub(crate) use session::open;
pub(crate) use target::PostgresTarget;
