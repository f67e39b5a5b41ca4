//! Sessions of a database server, as a run meets them.

/// A session of the database server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The process id of the session's server process.
    pub pid: String,
    /// The user.
    pub user: Option<String>,
    /// The application and the address of the client.
    pub client: String,
    /// The time since when the session is in its present state, in the server's format.
    pub since: Option<String>,
    /// The running or last statement; `None` if the server does not show it to this role.
    pub query: Option<String>,
}
