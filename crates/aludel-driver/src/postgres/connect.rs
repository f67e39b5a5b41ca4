//! The ways to a server: by TLS, without it, or one after the other.

use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode as DriverMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{ConnectCause, ConnectError};
use crate::notice::Notices;
use crate::simple_query::innermost;

use super::notices::collect;
use super::target::PostgresTarget;
use super::tls::{SslMode, TlsOptions, connector, reason};

/// A connected client, and what its cancel requests connect by.
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) tls: Option<MakeRustlsConnect>,
    pub(crate) notices: Notices,
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

/// Connects to a server. `home` is the user's home directory, in which libpq looks for
/// certificates.
pub(crate) async fn connect(
    target: &PostgresTarget,
    home: Option<&std::path::Path>,
) -> Result<Connected, ConnectError> {
    let config = &target.config;
    let options = target.tls.with_files_of(home);
    let failed = |failure: Failure| ConnectError {
        target: target.to_string(),
        reason: failure.reason,
        code: failure.code,
        cause: failure.cause,
    };
    let (first, second) = ways(config, &options);
    // Files that can't be read are an error, even if the connection might do without them.
    let is_plain = first == Way::Plain && second.is_none();
    let connector = || {
        let files = |reason| Failure { reason, code: None, cause: ConnectCause::Tls };
        connector(&options).map_err(|reason| failed(files(reason)))
    };
    let tls = if is_plain { None } else { Some(connector()?) };
    let failure = match attempt(target, first, tls.as_ref(), &options).await {
        Ok(connected) => return Ok(connected),
        Err(failure) => failure,
    };
    let Some(second) = second.filter(|_| failure.may_go_the_other_way()) else {
        return Err(failed(failure));
    };
    attempt(target, second, tls.as_ref(), &options).await.map_err(|other| {
        let reasons = [(first, &failure.reason), (second, &other.reason)];
        let reasons = reasons.map(|(way, reason)| format!("{}: {reason}", way.words())).join("; ");
        // A refusal of the second way is that of a server that wants the first one.
        let is_tls = failure.cause == ConnectCause::Tls && other.cause == ConnectCause::Refused;
        let cause = if is_tls { ConnectCause::Tls } else { other.cause };
        failed(Failure { reason: reasons, code: other.code, cause })
    })
}

/// Returns the way that is tried first, and the one after it.
fn ways(config: &Config, options: &TlsOptions) -> (Way, Option<Way>) {
    if config.get_hosts().iter().all(is_socket) {
        // A socket leaves the machine as little as the program does; libpq ignores the mode too.
        return (Way::Plain, None);
    }
    match options.mode() {
        SslMode::Disable => (Way::Plain, None),
        SslMode::Allow => (Way::Plain, Some(Way::Tls)),
        SslMode::Prefer => (Way::TlsIfThere, Some(Way::Plain)),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Way::Tls, None),
    }
}

fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Goes one way, and gives up after the time that the target has for each address. The driver's own
/// limit ends with the TCP connection, and a server that accepts it may be silent all the same.
async fn attempt(
    target: &PostgresTarget,
    way: Way,
    tls: Option<&MakeRustlsConnect>,
    options: &TlsOptions,
) -> Result<Connected, Failure> {
    let connecting = go(&target.config, way, tls);
    let connected = match target.limit {
        Some(limit) => {
            let limit = limit.saturating_mul(addresses(&target.config).await);
            timeout(limit, connecting).await.map_err(|_| Failure::silent(limit))?
        }
        None => connecting.await,
    };
    connected.map_err(|error| Failure::of(&error, options))
}

/// Returns the number of addresses that the driver tries one after the other.
async fn addresses(config: &Config) -> u32 {
    let mut count = 0;
    for host in config.get_hosts() {
        count += match host {
            Host::Tcp(host) if config.get_hostaddrs().is_empty() => {
                lookup_host((host.as_str(), 0)).await.map_or(1, Iterator::count)
            }
            Host::Tcp(_) => 1,
            #[cfg(unix)]
            Host::Unix(_) => 1,
        };
    }
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

async fn go(
    config: &Config,
    way: Way,
    tls: Option<&MakeRustlsConnect>,
) -> Result<Connected, tokio_postgres::Error> {
    let mut config = config.clone();
    config.ssl_mode(match way {
        Way::Plain => DriverMode::Disable,
        Way::Tls => DriverMode::Require,
        Way::TlsIfThere => DriverMode::Prefer,
    });
    if let Some(tls) = tls.filter(|_| way != Way::Plain) {
        let (client, connection) = config.connect(tls.clone()).await?;
        let notices = collect(connection);
        return Ok(Connected { client, tls: Some(tls.clone()), notices });
    }
    let (client, connection) = config.connect(NoTls).await?;
    let notices = collect(connection);
    Ok(Connected { client, tls: None, notices })
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

    /// Returns true if the other way may work: TLS failed, or `pg_hba.conf` has no entry for this
    /// way. A wrong password does not count, so that it is never sent again without TLS.
    fn may_go_the_other_way(&self) -> bool {
        self.cause == ConnectCause::Tls || self.code.as_deref() == Some("28000")
    }
}
