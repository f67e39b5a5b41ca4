//! The server and the database that a PostgreSQL URL names.

use std::fmt;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslNegotiation;

use crate::error::UrlError;
use crate::libpq::{LibpqEnvironment, Wanted};

use super::endpoint::{Endpoint, Mismatch, endpoints};
use super::options::{check, set};
use super::parameters::Parameters;
use super::refused::is_harmless;
use super::tls::TlsOptions;

/// The servers of a database, with all that a connection to it needs.
#[derive(Clone)]
pub(crate) struct PostgresTarget {
    /// The settings that all endpoints share.
    pub(crate) config: Box<Config>,
    /// The servers that are tried, in this order; never empty.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) tls: Box<TlsOptions>,
    /// The time within which an address has to give a session; `None` for no limit.
    pub(crate) limit: Option<Duration>,
}

impl PostgresTarget {
    /// Parses a URL behind its scheme.
    pub(crate) fn parse(rest: &str, surroundings: &LibpqEnvironment) -> Result<Self, UrlError> {
        let parameters = Parameters::collect(rest, surroundings)?;
        let mut tls = TlsOptions::default();
        let mut config = Config::new();
        fill_in(&mut config);
        for stated in parameters.iter() {
            let (name, value) = (stated.name.as_str(), stated.value.as_str());
            let taken = take(&mut config, &mut tls, name, value);
            if !taken.map_err(|problem| parameters.wrong(name, problem))? {
                return Err(parameters.unknown(name));
            }
        }
        tls.check().map_err(|problem| parameters.contradict(problem))?;
        if tls.is_direct {
            config.ssl_negotiation(SslNegotiation::Direct);
        }
        describe_session(&mut config, &parameters, surroundings);
        let limit = match parameters.get("connect_timeout") {
            Some(_) => config.get_connect_timeout().copied(),
            None => {
                config.connect_timeout(CONNECT_TIMEOUT);
                Some(SESSION_TIMEOUT)
            }
        };
        let of = |name: &str| parameters.get(name).unwrap_or_default();
        let mut endpoints = endpoints(of("host"), of("hostaddr"), of("port"))
            .map_err(|Mismatch { name, problem }| parameters.wrong(name, problem))?;
        match parameters.get("password") {
            Some(password) => {
                config.password(password);
            }
            None => {
                for endpoint in &mut endpoints {
                    let passfile = parameters.get("passfile");
                    endpoint.password =
                        surroundings.password(passfile, &wanted(&config, endpoint))?;
                }
            }
        }
        Ok(Self { config: Box::new(config), endpoints, tls: Box::new(tls), limit })
    }

    pub(crate) fn set_database(&mut self, name: &str) {
        self.config.dbname(name);
    }

    pub(crate) fn database(&self) -> Option<&str> {
        self.config.get_dbname()
    }

    pub(crate) fn is_local(&self) -> bool {
        self.endpoints.iter().all(Endpoint::is_local)
    }
}

impl fmt::Display for PostgresTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        f.write_str("postgresql://")?;
        if let Some(user) = config.get_user() {
            let has_password = config.get_password().is_some()
                || self.endpoints.iter().any(|endpoint| endpoint.password.is_some());
            write!(f, "{user}{}@", if has_password { ":***" } else { "" })?;
        }
        let endpoints: Vec<String> = self.endpoints.iter().map(ToString::to_string).collect();
        write!(f, "{}/{}", endpoints.join(","), config.get_dbname().unwrap_or_default())
    }
}

/// Gives a configuration the user, the database and the settings of a session.
fn describe_session(config: &mut Config, parameters: &Parameters, surroundings: &LibpqEnvironment) {
    if let Some(user) = parameters.get("user").or(surroundings.user()) {
        config.user(user);
    }
    if let Some(name) = parameters.get("dbname") {
        config.dbname(name);
    }
    let options: Vec<String> = parameters.get("options").map(str::to_owned).into_iter().collect();
    let options = [options, surroundings.settings()].concat();
    if !options.is_empty() {
        // Of two values of a setting the server takes the last one.
        config.options(options.join(" "));
    }
}

/// Takes a parameter, and returns false if a connection has none of this name.
fn take(
    config: &mut Config,
    tls: &mut TlsOptions,
    name: &str,
    value: &str,
) -> Result<bool, String> {
    match name {
        // These are read together, when all of them are known.
        "service" | "servicefile" | "passfile" | "user" | "password" | "dbname" | "host"
        | "options" => Ok(true),
        name => {
            if tls.take(name, value)? || is_harmless(name, value)? {
                return Ok(true);
            }
            check(name, value)?;
            Ok(set(config, name, value))
        }
    }
}

/// Returns the connection for which a password is looked up.
fn wanted<'a>(config: &'a Config, endpoint: &'a Endpoint) -> Wanted<'a> {
    let user = config.get_user().unwrap_or_default();
    Wanted {
        host: &endpoint.host,
        port: endpoint.port,
        database: config.get_dbname().unwrap_or(user),
        user,
    }
}

/// The system's default is two hours. A run would wait as long for a server that is gone.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVES_RETRIES: u32 = 6;

/// The time for a TCP connection, and for a session by it, where nobody states one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const SESSION_TIMEOUT: Duration = Duration::from_secs(30);

/// Gives a configuration what counts where nobody states it.
fn fill_in(config: &mut Config) {
    config.application_name("aludel");
    config.keepalives_idle(KEEPALIVES_IDLE);
    config.keepalives_interval(KEEPALIVES_INTERVAL);
    config.keepalives_retries(KEEPALIVES_RETRIES);
}
