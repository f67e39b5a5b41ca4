//! The ways to a server: by TLS, without it, or one after the other.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::config::{LoadBalanceHosts, SslMode as DriverMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{ConnectCause, ConnectError};
use crate::notice::Notices;
use crate::simple_query::innermost;

use super::endpoint::Endpoint;
use super::notices::collect;
use super::target::PostgresTarget;
use super::tls::{SslMode, TlsOptions, connector, reason};

/// A connected client, and what its cancel requests connect by.
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) tls: Option<MakeRustlsConnect>,
    pub(crate) notices: Notices,
    pub(crate) endpoint: Endpoint,
}

/// A way to a server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Tls,
    /// TLS, or plain if the server has none.
    TlsIfThere,
}

impl Way {
    fn words(self) -> &'static str {
        match self {
            Self::Plain => "without TLS",
            Self::Tls | Self::TlsIfThere => "by TLS",
        }
    }
}

/// Connects to the first server that gives a session. `home` is the user's home directory, in which
/// libpq looks for certificates.
pub(crate) async fn connect(
    target: &PostgresTarget,
    home: Option<&std::path::Path>,
) -> Result<Connected, ConnectError> {
    let options = target.tls.with_files_of(home);
    let failed = |failure: Failure| ConnectError {
        target: target.to_string(),
        reason: failure.reason,
        code: failure.code,
        cause: failure.cause,
    };
    // Files that can't be read are an error, even if the connection might do without them.
    let needs_tls = target.endpoints.iter().any(|endpoint| ways(endpoint, &options) != PLAIN);
    let files = |reason| failed(Failure { reason, code: None, cause: ConnectCause::Tls });
    let tls = if needs_tls { Some(connector(&options).map_err(files)?) } else { None };
    let attempts = Attempts { target, tls, options };
    let mut reasons = Vec::new();
    let mut last = None;
    for endpoint in in_turn(target) {
        let failure = match attempts.server(&endpoint).await {
            Ok(connected) => return Ok(connected),
            Err(failure) => failure,
        };
        reasons.push(match target.endpoints.len() {
            1 => failure.reason.clone(),
            _ => format!("{endpoint}: {}", failure.reason),
        });
        let ends = !failure.leaves_others();
        last = Some(failure);
        if ends {
            break;
        }
    }
    let reason = reasons.join("; ");
    Err(failed(match last {
        Some(failure) => Failure { reason, ..failure },
        None => Failure { reason, code: None, cause: ConnectCause::Unreachable },
    }))
}

/// Returns the endpoints in the order in which they are tried.
fn in_turn(target: &PostgresTarget) -> Vec<Endpoint> {
    let mut endpoints = target.endpoints.clone();
    if target.config.get_load_balance_hosts() == LoadBalanceHosts::Random {
        // The keys of a new hasher are random.
        endpoints.sort_by_cached_key(|_| RandomState::new().build_hasher().finish());
    }
    endpoints
}

/// The ways of a connection that has no TLS.
const PLAIN: (Way, Option<Way>) = (Way::Plain, None);

/// Returns the way that is tried first, and the one after it.
fn ways(endpoint: &Endpoint, options: &TlsOptions) -> (Way, Option<Way>) {
    if endpoint.is_socket() {
        // A socket leaves the machine as little as the program does; libpq ignores the mode too.
        return PLAIN;
    }
    match options.mode() {
        SslMode::Disable => PLAIN,
        SslMode::Allow => (Way::Plain, Some(Way::Tls)),
        SslMode::Prefer => (Way::TlsIfThere, Some(Way::Plain)),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Way::Tls, None),
    }
}

/// The settings that all attempts to connect to the servers of a target share.
struct Attempts<'a> {
    target: &'a PostgresTarget,
    tls: Option<MakeRustlsConnect>,
    options: TlsOptions,
}

impl Attempts<'_> {
    /// Connects to a server by the ways that the mode of TLS allows.
    async fn server(&self, endpoint: &Endpoint) -> Result<Connected, Failure> {
        let (first, second) = ways(endpoint, &self.options);
        let failure = match self.by(endpoint, first).await {
            Ok(connected) => return Ok(connected),
            Err(failure) => failure,
        };
        let Some(second) = second.filter(|_| failure.may_go_the_other_way()) else {
            return Err(failure);
        };
        self.by(endpoint, second).await.map_err(|other| {
            // A server without TLS gives both ways the same answer.
            if failure.reason == other.reason {
                return other;
            }
            let reasons = [(first, &failure.reason), (second, &other.reason)];
            let reasons = reasons.map(|(way, reason)| format!("{}: {reason}", way.words()));
            // A refusal of the second way is that of a server that wants the first one.
            let is_tls = failure.cause == ConnectCause::Tls && other.cause == ConnectCause::Refused;
            let cause = if is_tls { ConnectCause::Tls } else { other.cause };
            Failure { reason: reasons.join("; "), code: other.code, cause }
        })
    }

    /// Goes one way, and gives up after the time that the target has for each address. The driver's own
    /// limit ends with the TCP connection, and a server that accepts it may be silent all the same.
    async fn by(&self, endpoint: &Endpoint, way: Way) -> Result<Connected, Failure> {
        let addresses = addresses(endpoint).await?;
        let connecting = go(endpoint.config(&self.target.config), way, self.tls.as_ref());
        let connected = match self.target.limit {
            Some(limit) => {
                let limit = limit.saturating_mul(addresses);
                timeout(limit, connecting).await.map_err(|_| Failure::silent(limit))?
            }
            None => connecting.await,
        };
        let (client, tls, notices) =
            connected.map_err(|error| Failure::of(&error, &self.options))?;
        Ok(Connected { client, tls, notices, endpoint: endpoint.clone() })
    }
}

/// Returns the number of addresses that the driver tries one after the other.
async fn addresses(endpoint: &Endpoint) -> Result<u32, Failure> {
    if endpoint.address.is_some() || endpoint.is_socket() {
        return Ok(1);
    }
    match lookup_host((endpoint.host.as_str(), endpoint.port)).await {
        Ok(found) => Ok(u32::try_from(found.count()).unwrap_or(u32::MAX).max(1)),
        Err(error) => Err(Failure {
            reason: format!("no address is found for the host `{}`: {error}", endpoint.host),
            code: None,
            cause: ConnectCause::NameNotFound,
        }),
    }
}

async fn go(
    mut config: Config,
    way: Way,
    tls: Option<&MakeRustlsConnect>,
) -> Result<(Client, Option<MakeRustlsConnect>, Notices), tokio_postgres::Error> {
    config.ssl_mode(match way {
        Way::Plain => DriverMode::Disable,
        Way::Tls => DriverMode::Require,
        Way::TlsIfThere => DriverMode::Prefer,
    });
    if let Some(tls) = tls.filter(|_| way != Way::Plain) {
        let (client, connection) = config.connect(tls.clone()).await?;
        let notices = collect(connection);
        return Ok((client, Some(tls.clone()), notices));
    }
    let (client, connection) = config.connect(NoTls).await?;
    let notices = collect(connection);
    Ok((client, None, notices))
}

/// The failure of an attempt.
struct Failure {
    reason: String,
    code: Option<String>,
    cause: ConnectCause,
}

impl Failure {
    fn of(error: &tokio_postgres::Error, options: &TlsOptions) -> Self {
        let code = error.code().map(|code| code.code().to_owned());
        if let Some(reason) = reason(error, options) {
            return Self { reason, code, cause: ConnectCause::Tls };
        }
        let words = innermost(error);
        // The driver has no other sign for these than its words.
        let (reason, cause) = match words.as_str() {
            "database does not allow writes" => (
                "the server allows no writes, and `target_session_attrs=read-write` asks for them".to_owned(),
                ConnectCause::OtherSession,
            ),
            "database is not read only" => (
                "the server allows writes, and `target_session_attrs=read-only` asks for one that does not"
                    .to_owned(),
                ConnectCause::OtherSession,
            ),
            "server did not use channel binding" => (
                "there is no channel binding: the session is without TLS or without SCRAM, and \
                 `channel_binding=require` asks for both"
                    .to_owned(),
                ConnectCause::NotBound,
            ),
            "password missing" => (words, ConnectCause::NoPassword),
            _ if code.is_some() => (words, ConnectCause::Refused),
            _ if error.to_string().starts_with("error connecting to server") => {
                (words, ConnectCause::Unreachable)
            }
            _ => (words, ConnectCause::NoAnswer),
        };
        Self { reason, code, cause }
    }

    fn silent(limit: Duration) -> Self {
        let reason = format!("no answer within {} s (`connect_timeout`)", limit.as_secs());
        Self { reason, code: None, cause: ConnectCause::NoAnswer }
    }

    /// Returns true if another server may give a session. As in libpq, a server that refuses the session ends
    /// the attempts, so that a wrong password is not sent to all of them.
    fn leaves_others(&self) -> bool {
        match self.cause {
            ConnectCause::Unreachable
            | ConnectCause::NameNotFound
            | ConnectCause::NoAnswer
            | ConnectCause::OtherSession => true,
            // The server starts, stops or recovers.
            ConnectCause::Refused => self.code.as_deref() == Some("57P03"),
            ConnectCause::Tls
            | ConnectCause::NotBound
            | ConnectCause::NoPassword
            | ConnectCause::File
            | ConnectCause::NoFolder
            | ConnectCause::Locked
            | ConnectCause::NotHere => false,
        }
    }

    /// Returns true if the other way may work: TLS failed, or `pg_hba.conf` has no entry for this
    /// way. A wrong password does not count, so that it is never sent again without TLS.
    fn may_go_the_other_way(&self) -> bool {
        self.cause == ConnectCause::Tls || self.code.as_deref() == Some("28000")
    }
}
