//! The ways to a server: by TLS, without it, or one after the other.

use tokio_postgres::config::{Host, SslMode as DriverMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::ConnectError;
use crate::notice::Notices;
use crate::simple_query::innermost;

use super::notices::collect;
use super::tls::{SslMode, TlsOptions, connector, is_tls_failure, reason};

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
    config: &Config,
    options: &TlsOptions,
    home: Option<&std::path::Path>,
    target: &str,
) -> Result<Connected, ConnectError> {
    let options = options.with_files_of(home);
    let failed = |reason: String, code: Option<String>, is_tls: bool| ConnectError {
        target: target.to_owned(),
        reason,
        code,
        is_tls,
    };
    let (first, second) = ways(config, &options);
    // Files that can't be read are an error, even if the connection might do without them.
    let is_plain = first == Way::Plain && second.is_none();
    let connector = || connector(&options).map_err(|reason| failed(reason, None, true));
    let tls = if is_plain { None } else { Some(connector()?) };
    let error = match attempt(config, first, tls.as_ref()).await {
        Ok(connected) => return Ok(connected),
        Err(error) => error,
    };
    let words =
        |error: &tokio_postgres::Error| reason(error, &options).unwrap_or_else(|| innermost(error));
    let code = |error: &tokio_postgres::Error| error.code().map(|code| code.code().to_owned());
    let Some(second) = second.filter(|_| may_go_the_other_way(&error)) else {
        return Err(failed(words(&error), code(&error), is_tls_failure(&error)));
    };
    attempt(config, second, tls.as_ref()).await.map_err(|other| {
        let both = [(first, words(&error)), (second, words(&other))];
        let both = both.map(|(way, reason)| format!("{}: {reason}", way.words())).join("; ");
        failed(both, code(&other), is_tls_failure(&error) || is_tls_failure(&other))
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

async fn attempt(
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

/// Returns true if the other way may work: TLS failed, or `pg_hba.conf` has no entry for this way.
/// A wrong password does not count, so that it is never sent again without TLS.
fn may_go_the_other_way(error: &tokio_postgres::Error) -> bool {
    is_tls_failure(error) || error.code().is_some_and(|code| code.code() == "28000")
}
