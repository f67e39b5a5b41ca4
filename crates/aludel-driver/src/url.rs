use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::libpq::{LibpqEnvironment, Stated, Wanted};
use crate::refused::is_harmless;
use crate::tls::TlsOptions;

/// The URL of a database. Its `Display` output never contains a password.
#[derive(Clone, Debug)]
pub struct DatabaseUrl(pub(crate) Target);

#[derive(Clone)]
pub(crate) enum Target {
    Postgres { config: Box<tokio_postgres::Config>, tls: Box<TlsOptions> },
    Sqlite(Option<PathBuf>),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", DatabaseUrl(self.clone()))
    }
}

/// A URL that can't be parsed. The error does not repeat the URL, which may contain a password.
#[derive(Debug, thiserror::Error)]
#[error("can't read the database URL: {0}")]
pub struct UrlError(String);

impl DatabaseUrl {
    /// Parses a URL; the path of a SQLite file is relative to `directory`.
    ///
    /// The schemes `postgres`, `postgresql` and SQLAlchemy's `postgresql+driver` are equivalent.
    /// `sqlite:x`, `sqlite://x` and `sqlite:///x` mean the file `x`, and `sqlite:////x` means `/x`.
    ///
    /// # Errors
    ///
    /// Fails if the URL has no scheme or an unknown one, or if the rest of a PostgreSQL URL is
    /// malformed.
    pub fn parse(text: &str, directory: &Path) -> Result<Self, UrlError> {
        Self::parse_in(text, directory, &LibpqEnvironment::default())
    }

    /// Parses a URL, and takes what a PostgreSQL URL does not state from libpq's variables and
    /// files.
    ///
    /// # Errors
    ///
    /// Fails for the same reasons as [`parse`](Self::parse), and if a variable, a service or the
    /// password file can't be used.
    pub fn parse_in(
        text: &str,
        directory: &Path,
        surroundings: &LibpqEnvironment,
    ) -> Result<Self, UrlError> {
        let (scheme, rest) = text
            .trim()
            .split_once(':')
            .ok_or_else(|| UrlError("it has no scheme; write postgresql://… or sqlite:…".into()))?;
        let scheme = scheme.split_once('+').map_or(scheme, |(base, _)| base).to_ascii_lowercase();
        match scheme.as_str() {
            "postgres" | "postgresql" => postgres(rest, surroundings),
            "sqlite" => Ok(Self(Target::Sqlite(sqlite_path(rest, directory)))),
            other => Err(UrlError(format!(
                "`{other}` is no database that Aludel knows; there are postgresql and sqlite"
            ))),
        }
    }

    /// Returns true for a PostgreSQL URL, and false for a SQLite URL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.0, Target::Postgres { .. })
    }

    /// Returns the URL of another database on the same server. A SQLite URL stays what it is.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut url = self.clone();
        if let Target::Postgres { config, .. } = &mut url.0 {
            config.dbname(name);
        }
        url
    }

    /// Returns the name of a PostgreSQL database, which is that of the user if the URL has none.
    pub fn database(&self) -> Option<&str> {
        match &self.0 {
            Target::Postgres { config, .. } => config.get_dbname().or(config.get_user()),
            Target::Sqlite(_) => None,
        }
    }

    /// Returns true if the database is on this machine: a file, a socket, or a loopback address.
    pub fn is_local(&self) -> bool {
        let Target::Postgres { config, .. } = &self.0 else { return true };
        config.get_hosts().iter().all(|host| match host {
            tokio_postgres::config::Host::Tcp(host) => {
                host == "localhost"
                    || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
            }
            #[cfg(unix)]
            tokio_postgres::config::Host::Unix(_) => true,
        })
    }

    /// Returns the SQLite file; `None` for PostgreSQL and for an in-memory database.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match &self.0 {
            Target::Sqlite(path) => path.as_deref(),
            Target::Postgres { .. } => None,
        }
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
}

impl Parameters {
    fn take(&mut self, name: &str, value: &str, encoded: &str) -> Result<(), String> {
        self.names.insert(name.to_owned());
        match name {
            "service" | "servicefile" => {}
            "passfile" => self.passfile = Some(value.to_owned()),
            "target_session_attrs" if matches!(value, "primary" | "standby" | "prefer-standby") => {
                let instead = if value == "primary" { "read-write" } else { "read-only" };
                return Err(format!(
                    "`target_session_attrs={value}` is not known here; write `{instead}`, which asks for \
                     what the session may do"
                ));
            }
            _ => {
                if !self.tls.take(name, value)? && !is_harmless(name, value)? {
                    self.kept.push(encoded.to_owned());
                }
            }
        }
        Ok(())
    }
}

fn postgres(rest: &str, surroundings: &LibpqEnvironment) -> Result<DatabaseUrl, UrlError> {
    let authority = rest.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    if authority.matches('@').count() > 1 {
        // The driver would take the text after the first `@` as the host, and show it in messages.
        return Err(UrlError("user or password has an `@` in it; write that one as %40".into()));
    }
    let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut base = base.to_owned();
    let mut parameters = Parameters {
        tls: TlsOptions::default(),
        kept: Vec::new(),
        names: named_in(&base)?,
        passfile: None,
    };
    let pairs: Vec<Pair<'_>> = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    for pair in &pairs {
        parameters.take(pair.name, &pair.value, pair.encoded).map_err(UrlError)?;
    }
    let of = |name: &str| pairs.iter().find(|pair| pair.name == name).map(|pair| &*pair.value);
    for Stated { name, value, source } in
        surroundings.stated(of("service"), of("servicefile")).map_err(UrlError)?
    {
        if name == "port" && lacks_port(&base) {
            base = with_port(&base, &value);
            parameters.names.insert(name);
        } else if !parameters.names.contains(&name) {
            let encoded = format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC));
            let taken = parameters.take(&name, &value, &encoded);
            taken.map_err(|message| UrlError(format!("{source}: {message}")))?;
        }
    }
    let Parameters { tls, kept, passfile, .. } = parameters;
    tls.check().map_err(UrlError)?;
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    let mut config: tokio_postgres::Config = parsed(&format!("postgresql:{base}{query}"))?;
    if tls.is_direct {
        config.ssl_negotiation(tokio_postgres::config::SslNegotiation::Direct);
    }
    fill_in(&mut config);
    if let Some(user) = surroundings.user().filter(|_| config.get_user().is_none()) {
        config.user(user);
    }
    if config.get_password().is_none()
        && let Some(password) = file_password(&config, passfile.as_deref(), surroundings)?
    {
        config.password(password);
    }
    Ok(DatabaseUrl(Target::Postgres { config: Box::new(config), tls: Box::new(tls) }))
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

fn parsed(url: &str) -> Result<tokio_postgres::Config, UrlError> {
    url.parse().map_err(|error: tokio_postgres::Error| UrlError(reason(&error)))
}

/// Returns the names of the parameters that a URL states before its query.
fn named_in(base: &str) -> Result<BTreeSet<String>, UrlError> {
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
    config: &tokio_postgres::Config,
    passfile: Option<&str>,
    surroundings: &LibpqEnvironment,
) -> Result<Option<String>, UrlError> {
    let host = match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(host)) => host.as_str(),
        #[cfg(unix)]
        Some(tokio_postgres::config::Host::Unix(_)) => "localhost",
        None => "localhost",
    };
    let user = config.get_user().unwrap_or_default();
    let wanted = Wanted {
        host,
        port: config.get_ports().first().copied().unwrap_or(5432),
        database: config.get_dbname().unwrap_or(user),
        user,
    };
    surroundings.password(passfile, &wanted).map_err(UrlError)
}

/// The driver's default, which is that of the system: two hours. A run would wait as long for a
/// server that is gone.
const KEEPALIVES_IDLE_DEFAULT: Duration = Duration::from_secs(2 * 60 * 60);
const KEEPALIVES_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVES_RETRIES: u32 = 6;

/// Gives a configuration what it does not state.
fn fill_in(config: &mut tokio_postgres::Config) {
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
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
}

/// Returns the driver's message for a configuration error, without the value.
fn reason(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match error.source() {
        // An unknown option may be the rest of a password.
        Some(source) if source.to_string().contains("unknown option") => {
            "it has an option that PostgreSQL's URLs do not have".to_owned()
        }
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn sqlite_path(rest: &str, directory: &Path) -> Option<PathBuf> {
    let path = rest.split('?').next().unwrap_or_default();
    let path = match path.strip_prefix("//") {
        Some(after) => after.strip_prefix('/').unwrap_or(after),
        None => path,
    };
    let path = percent_decode_str(path).decode_utf8_lossy();
    match path.as_ref() {
        "" | ":memory:" => None,
        path => Some(directory.join(path)),
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Sqlite(None) => f.write_str("sqlite::memory:"),
            Target::Sqlite(Some(path)) => write!(f, "sqlite:{}", path.display()),
            Target::Postgres { config, .. } => {
                f.write_str("postgresql://")?;
                if let Some(user) = config.get_user() {
                    let secret = if config.get_password().is_some() { ":***" } else { "" };
                    write!(f, "{user}{secret}@")?;
                }
                let ports = config.get_ports();
                for (at, host) in config.get_hosts().iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    match host {
                        tokio_postgres::config::Host::Tcp(host) => write!(f, "{comma}{host}")?,
                        #[cfg(unix)]
                        tokio_postgres::config::Host::Unix(path) => {
                            write!(f, "{comma}[{}]", path.display())?;
                        }
                    }
                    if let Some(port) = ports.get(at).or(ports.first()) {
                        write!(f, ":{port}")?;
                    }
                }
                write!(f, "/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        DatabaseUrl::parse(url, Path::new("/d")).unwrap().to_string()
    }

    #[test]
    fn every_spelling_of_one_database() {
        for scheme in ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2"] {
            assert_eq!(
                shown(&format!("{scheme}://u:secret@h:5433/db")),
                "postgresql://u:***@h:5433/db"
            );
        }
        for url in
            ["sqlite:x.db", "sqlite://x.db", "sqlite:///x.db", "sqlite+aiosqlite:///x.db?mode=rwc"]
        {
            assert_eq!(shown(url), "sqlite:/d/x.db");
        }
        assert_eq!(shown("sqlite:////abs/x.db"), "sqlite:/abs/x.db");
        assert_eq!(shown("sqlite:/abs/x.db"), "sqlite:/abs/x.db");
        assert_eq!(shown("sqlite::memory:"), "sqlite::memory:");
        assert_eq!(shown("postgresql:///db?host=/run/pg&port=7"), "postgresql://[/run/pg]:7/db");
    }

    #[test]
    fn no_error_repeats_a_password() {
        for url in [
            "postgresql://u:hunter2@h:port/db",
            "mysql://u:hunter2@h/db",
            "hunter2",
            "postgresql://u:hunter2@h/db?nonsense=1",
            "postgresql://u:p@hunter2@h/db",
            "postgresql://u@h/db?sslpassword=hunter2&sslmode=maybe",
        ] {
            let error = DatabaseUrl::parse(url, Path::new(".")).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn parameters_of_libpq_that_are_not_supported_are_named() {
        for (query, words) in [
            ("sslcrldir=/etc/crl", "`sslcrldir` is not supported: name one file"),
            ("gssencmode=require", "`gssencmode` is not supported: TLS is the only encryption"),
            ("service=main", "there is no service `main`"),
            ("sslmode=allow&sslnegotiation=direct", "`sslmode=allow` does not go with"),
            ("channel_binding=maybe", "channel_binding"),
        ] {
            let url = format!("postgresql://u@h/db?{query}");
            let error = DatabaseUrl::parse(&url, Path::new(".")).unwrap_err().to_string();
            assert!(error.contains(words), "{query}: {error}");
        }
        let query = "gssencmode=disable&sslcompression=0&client_encoding=utf8&channel_binding=require&sslsni=0";
        assert_eq!(shown(&format!("postgresql://u@h/db?{query}")), "postgresql://u@h:5432/db");
    }

    #[test]
    fn an_address_without_a_name_is_the_host() {
        assert_eq!(shown("postgresql:///db?hostaddr=127.0.0.1"), "postgresql://127.0.0.1/db");
    }

    #[test]
    fn what_a_url_does_not_state_comes_from_the_surroundings() {
        let surroundings = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            LibpqEnvironment::new(pairs, None, Some("me".to_owned()))
        };
        let shown = |url: &str, pairs: &[(&str, &str)]| {
            DatabaseUrl::parse_in(url, Path::new("/d"), &surroundings(pairs))
                .map(|url| url.to_string())
        };
        let all = [
            ("PGHOST", "h"),
            ("PGPORT", "7"),
            ("PGUSER", "u u"),
            ("PGPASSWORD", "p@:/ %"),
            ("PGDATABASE", "d"),
        ];
        for (url, pairs, expected) in [
            ("postgresql://", &all[..], "postgresql://u u:***@h:7/d"),
            ("postgresql://me2@db/app", &all[..], "postgresql://me2:***@db:7/app"),
            ("postgresql:///?host=/run/pg", &all[..], "postgresql://u u:***@[/run/pg]:7/d"),
            ("postgresql://db/app", &[], "postgresql://me@db:5432/app"),
        ] {
            assert_eq!(shown(url, pairs).unwrap(), expected, "{url}");
        }
        for (name, value, words) in [
            ("PGCLIENTENCODING", "LATIN1", "PGCLIENTENCODING: "),
            ("PGSSLMODE", "sometimes", "PGSSLMODE: "),
            ("PGTARGETSESSIONATTRS", "primary", "write `read-write`"),
            ("PGSERVICE", "nowhere", "there is no service `nowhere`"),
        ] {
            let error = shown("postgresql://db/app", &[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(words), "{name}: {error}");
        }
    }
}
