//! The server and the database that a PostgreSQL URL names.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslNegotiation};

use crate::libpq::{LibpqEnvironment, Stated, Wanted};

use super::options::{is_option, option};
use super::refused::is_harmless;
use super::tls::TlsOptions;

/// The address of a server, with all that a connection to it needs.
#[derive(Clone)]
pub(crate) struct PostgresTarget {
    pub(crate) config: Box<Config>,
    pub(crate) tls: Box<TlsOptions>,
    /// The time within which an address has to give a session; `None` for no limit.
    pub(crate) limit: Option<Duration>,
}

impl PostgresTarget {
    /// Parses a URL behind its scheme.
    pub(crate) fn parse(rest: &str, surroundings: &LibpqEnvironment) -> Result<Self, String> {
        let authority = rest.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        if authority.matches('@').count() > 1 {
            // The driver would take the text after the first `@` as the host, and show it in messages.
            return Err("user or password has an `@` in it; write that one as %40".to_owned());
        }
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut base = base.to_owned();
        let mut parameters = Parameters {
            tls: TlsOptions::default(),
            kept: Vec::new(),
            names: named_in(&base)?,
            passfile: None,
            // What looks like an option may be the rest of a password with a `?` in it.
            hides_names: query.contains('@'),
        };
        let pairs: Vec<Pair<'_>> =
            query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
        for pair in &pairs {
            parameters.take(pair.name, &pair.value, pair.encoded)?;
        }
        let of = |name: &str| pairs.iter().find(|pair| pair.name == name).map(|pair| &*pair.value);
        for Stated { name, value, source } in
            surroundings.stated(of("service"), of("servicefile"))?
        {
            if name == "port" && lacks_port(&base) {
                option(&name, &value).map_err(|message| format!("{source}: {message}"))?;
                base = with_port(&base, &value);
                parameters.names.insert(name);
            } else if !parameters.names.contains(&name) {
                let encoded = format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC));
                let taken = parameters.take(&name, &value, &encoded);
                taken.map_err(|message| format!("{source}: {message}"))?;
            }
        }
        let Parameters { tls, kept, passfile, names, .. } = parameters;
        tls.check()?;
        let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
        let mut config: Config = parsed(&format!("postgresql:{base}{query}"))?;
        if tls.is_direct {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        fill_in(&mut config);
        let limit = match names.contains("connect_timeout") {
            true => config.get_connect_timeout().copied(),
            false => {
                config.connect_timeout(CONNECT_TIMEOUT);
                Some(SESSION_TIMEOUT)
            }
        };
        if let Some(user) = surroundings.user().filter(|_| config.get_user().is_none()) {
            config.user(user);
        }
        if config.get_password().is_none()
            && let Some(password) = file_password(&config, passfile.as_deref(), surroundings)?
        {
            config.password(password);
        }
        Ok(Self { config: Box::new(config), tls: Box::new(tls), limit })
    }

    pub(crate) fn set_database(&mut self, name: &str) {
        self.config.dbname(name);
    }

    pub(crate) fn database(&self) -> Option<&str> {
        self.config.get_dbname().or(self.config.get_user())
    }

    pub(crate) fn is_local(&self) -> bool {
        self.config.get_hosts().iter().all(|host| match host {
            Host::Tcp(host) => {
                host == "localhost"
                    || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
    }
}

impl fmt::Display for PostgresTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        f.write_str("postgresql://")?;
        if let Some(user) = config.get_user() {
            let secret = if config.get_password().is_some() { ":***" } else { "" };
            write!(f, "{user}{secret}@")?;
        }
        let ports = config.get_ports();
        for (at, host) in config.get_hosts().iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match host {
                Host::Tcp(host) => write!(f, "{comma}{host}")?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}[{}]", path.display())?,
            }
            if let Some(port) = ports.get(at).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", config.get_dbname().unwrap_or_default())
    }
}

/// The parameters of a URL and of its surroundings, while they are collected.
struct Parameters {
    tls: TlsOptions,
    /// Those that the driver takes, encoded as in a URL.
    kept: Vec<String>,
    /// The names of all parameters so far.
    names: BTreeSet<String>,
    passfile: Option<String>,
    /// True if no message may show the name of an unknown parameter.
    hides_names: bool,
}

impl Parameters {
    fn take(&mut self, name: &str, value: &str, encoded: &str) -> Result<(), String> {
        self.names.insert(name.to_owned());
        match name {
            "service" | "servicefile" => {}
            "passfile" => self.passfile = Some(value.to_owned()),
            _ => {
                if !self.tls.take(name, value)? && !is_harmless(name, value)? {
                    if !is_option(name) {
                        return Err(self.unknown(name));
                    }
                    self.kept.push(option(name, value)?.unwrap_or_else(|| encoded.to_owned()));
                }
            }
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        match is_plain && !self.hides_names {
            true => format!(
                "a connection has no option `{name}`; docs/configuration.md lists those that it has"
            ),
            false => "it has an option that a connection does not have; a `?` or `@` in user or \
                      password is written as %3F or %40"
                .to_owned(),
        }
    }
}

/// Returns the end of the host in a URL that has one host; `None` if it has none or several.
fn host_end(base: &str) -> Option<usize> {
    let start = base.len() - base.trim_start_matches('/').len();
    let end = base[start..].find('/').map_or(base.len(), |at| start + at);
    let host = base[start..end].rsplit('@').next().unwrap_or_default();
    (!host.is_empty() && !host.contains(',')).then_some(end)
}

/// Returns true if a URL has a host, and no port after it.
fn lacks_port(base: &str) -> bool {
    host_end(base).is_some_and(|end| {
        let host = base[..end].rsplit(['@', '/']).next().unwrap_or_default();
        // The address of a host in brackets has colons of its own.
        !host.rsplit(']').next().unwrap_or_default().contains(':')
    })
}

fn with_port(base: &str, port: &str) -> String {
    let (host, rest) = base.split_at(host_end(base).unwrap_or(base.len()));
    format!("{host}:{port}{rest}")
}

/// A parameter in the query of a URL.
struct Pair<'a> {
    name: &'a str,
    value: Cow<'a, str>,
    encoded: &'a str,
}

fn pair(encoded: &str) -> Pair<'_> {
    let (name, value) = encoded.split_once('=').unwrap_or((encoded, ""));
    Pair { name, value: percent_decode_str(value).decode_utf8_lossy(), encoded }
}

fn parsed(url: &str) -> Result<Config, String> {
    url.parse().map_err(|error: tokio_postgres::Error| reason(&error))
}

/// Returns the names of the parameters that a URL states before its query.
fn named_in(base: &str) -> Result<BTreeSet<String>, String> {
    let config = parsed(&format!("postgresql:{base}"))?;
    let stated = [
        ("user", config.get_user().is_some()),
        ("password", config.get_password().is_some()),
        ("dbname", config.get_dbname().is_some()),
        ("host", !config.get_hosts().is_empty()),
        ("hostaddr", !config.get_hosts().is_empty()),
        ("port", !config.get_ports().is_empty()),
    ];
    Ok(stated.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned()).collect())
}

/// Returns the password of the password file. A socket is looked up as `localhost`.
fn file_password(
    config: &Config,
    passfile: Option<&str>,
    surroundings: &LibpqEnvironment,
) -> Result<Option<String>, String> {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.as_str(),
        #[cfg(unix)]
        Some(Host::Unix(_)) => "localhost",
        None => "localhost",
    };
    let user = config.get_user().unwrap_or_default();
    let wanted = Wanted {
        host,
        port: config.get_ports().first().copied().unwrap_or(5432),
        database: config.get_dbname().unwrap_or(user),
        user,
    };
    surroundings.password(passfile, &wanted)
}

/// The driver's default, which is that of the system: two hours. A run would wait as long for a
/// server that is gone.
const KEEPALIVES_IDLE_DEFAULT: Duration = Duration::from_secs(2 * 60 * 60);
const KEEPALIVES_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVES_RETRIES: u32 = 6;

/// The time for a TCP connection, and for a session by it, where nobody states one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const SESSION_TIMEOUT: Duration = Duration::from_secs(30);

/// Gives a configuration what it does not state.
fn fill_in(config: &mut Config) {
    if config.get_application_name().is_none() {
        config.application_name("aludel");
    }
    if config.get_hosts().is_empty() {
        // A certificate is compared with the host, which is the address where there is no name.
        let addresses: Vec<String> =
            config.get_hostaddrs().iter().map(ToString::to_string).collect();
        for address in &addresses {
            config.host(address);
        }
        if addresses.is_empty() {
            config.host("localhost");
        }
    }
    if config.get_keepalives_idle() == KEEPALIVES_IDLE_DEFAULT {
        config.keepalives_idle(KEEPALIVES_IDLE);
        config.keepalives_interval(KEEPALIVES_INTERVAL);
        config.keepalives_retries(KEEPALIVES_RETRIES);
    }
}

/// Returns the driver's message for a configuration error, without the value.
fn reason(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    const ENCODE: &str =
        "a `:`, `/`, `?`, `#` or `@` in user or password is written as %3A, %2F, %3F, %23 or %40";
    match error.source() {
        // A part of a password may stand where the port should.
        Some(source) if source.to_string().contains("`port`") => {
            format!("its port is no number from 1 to 65535; {ENCODE}")
        }
        Some(source) => format!("{error}: {source}; {ENCODE}"),
        None => format!("{error}; {ENCODE}"),
    }
}
