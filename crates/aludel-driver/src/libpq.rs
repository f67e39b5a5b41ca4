//! The surroundings of a URL, as libpq reads them: environment variables, the service file and the password
//! file (PostgreSQL's documentation, sections "Environment Variables", "The Connection Service File"
//! and "The Password File").

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::UrlError;

/// The surroundings of a connection, as libpq looks at them. The default has nothing, so that only
/// a URL counts.
#[derive(Clone, Default)]
pub struct LibpqEnvironment {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    user: Option<String>,
}

/// The output omits the variables, which may contain a password.
impl std::fmt::Debug for LibpqEnvironment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LibpqEnvironment").field("home", &self.home).finish_non_exhaustive()
    }
}

/// A parameter of a connection, and who states it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Stated {
    /// The name of the parameter in a URL.
    pub(crate) name: String,
    pub(crate) value: String,
    /// The variable or service that states it; `None` for the URL.
    pub(crate) origin: Option<String>,
}

/// The variables of libpq, and the parameters that they state.
const VARIABLES: &[(&str, &str)] = &[
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
    ("PGCLIENTENCODING", "client_encoding"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGSSLMODE", "sslmode"),
    ("PGREQUIRESSL", "requiressl"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLSNI", "sslsni"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
];

/// The variables of libpq that are settings of a session, and their names on the server.
const SETTINGS: &[(&str, &str)] =
    &[("PGDATESTYLE", "datestyle"), ("PGTZ", "timezone"), ("PGGEQO", "geqo")];

/// The variables of libpq that say where parameters are stated.
const PLACES: [&str; 3] = ["PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR"];

impl LibpqEnvironment {
    /// Creates the surroundings from environment variables, the user's home directory, and the name
    /// of the user of the operating system.
    pub fn new(
        variables: impl IntoIterator<Item = (String, String)>,
        home: Option<PathBuf>,
        user: Option<String>,
    ) -> Self {
        Self { variables: variables.into_iter().collect(), home, user }
    }

    /// Returns true for a variable that has a meaning for a connection.
    pub fn reads(variable: &str) -> bool {
        let mut names = VARIABLES.iter().chain(SETTINGS).map(|(name, _)| *name).chain(PLACES);
        names.any(|name| name == variable)
    }

    /// Returns the names of the variables that say which database is meant.
    pub fn naming(&self) -> Vec<&'static str> {
        let names = ["PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"];
        names.into_iter().filter(|name| self.variable(name).is_some()).collect()
    }

    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the parameters that a service states, and after them those of the variables. The
    /// first statement of a parameter counts. `service` and `servicefile` are those of the URL.
    ///
    /// # Errors
    ///
    /// Fails if there is no such service, or if its file can't be read or parsed.
    pub(crate) fn stated(
        &self,
        service: Option<&str>,
        servicefile: Option<&str>,
    ) -> Result<Vec<Stated>, UrlError> {
        let mut stated = match service.or_else(|| self.variable("PGSERVICE")) {
            Some(service) => self.service(service, servicefile)?,
            None => Vec::new(),
        };
        stated.extend(VARIABLES.iter().filter_map(|(variable, name)| {
            Some(Stated {
                name: (*name).to_owned(),
                value: self.variable(variable)?.to_owned(),
                origin: Some((*variable).to_owned()),
            })
        }));
        Ok(stated)
    }

    /// Returns the settings that variables give a session, as `options` of a connection. As in libpq, they
    /// go before those that `options` has, and `default` is that of the server.
    pub(crate) fn settings(&self) -> Vec<String> {
        let settings = SETTINGS.iter().filter_map(|(variable, name)| {
            let value = self.variable(variable).filter(|v| !v.eq_ignore_ascii_case("default"))?;
            let escaped = value.replace('\\', r"\\").replace(' ', r"\ ");
            Some(format!("-c {name}={escaped}"))
        });
        settings.collect()
    }

    /// Returns the parameters of a service: those of the user's file, or else of the system's.
    fn service(&self, service: &str, file: Option<&str>) -> Result<Vec<Stated>, UrlError> {
        let in_home = |name: &str| self.home.as_ref().map(|home| home.join(name));
        let own = file.or_else(|| self.variable("PGSERVICEFILE")).map(PathBuf::from);
        let system =
            self.variable("PGSYSCONFDIR").map(|folder| Path::new(folder).join("pg_service.conf"));
        let files = [own.or_else(|| in_home(".pg_service.conf")), system];
        for path in files.into_iter().flatten() {
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(unreadable(&path, &error)),
            };
            if let Some(stated) = section(&text, service, &path)? {
                return Ok(stated);
            }
        }
        Err(UrlError::of(
            format!("the service `{service}`"),
            "there is no section of this name in a service file (PGSERVICEFILE, ~/.pg_service.conf, PGSYSCONFDIR)",
        ))
    }

    /// Returns the password of the password file for a connection. `passfile` is that of the URL. As
    /// in libpq, a missing file has no password, and one that others can read is not used.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read, or if others can read it.
    pub(crate) fn password(
        &self,
        passfile: Option<&str>,
        wanted: &Wanted<'_>,
    ) -> Result<Option<String>, UrlError> {
        let path = passfile.map(PathBuf::from);
        let path = path.or_else(|| self.home.as_ref().map(|home| home.join(".pgpass")));
        let Some(path) = path else { return Ok(None) };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        if is_readable_by_others(&path) {
            return Err(UrlError::of(
                format!("the password file {}", path.display()),
                "others can read it too: `chmod 600` it",
            ));
        }
        Ok(text.lines().find_map(|line| password_in(line, wanted)))
    }
}

/// The connection for which a password is wanted.
pub(crate) struct Wanted<'a> {
    /// The host as it is stated, or the folder of a socket.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) database: &'a str,
    pub(crate) user: &'a str,
}

/// The folders that a libpq may have for its sockets. Their server is `localhost` in a password file.
const SOCKETS: [&str; 3] = ["/tmp", "/var/run/postgresql", "/run/postgresql"];

/// Returns the password of a line `host:port:database:user:password` if it is for the connection.
/// `*` stands for any value, and a backslash makes the next character a plain one.
fn password_in(line: &str, wanted: &Wanted<'_>) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let fields = fields(line);
    let [host, port, database, user, password] = fields.as_slice() else { return None };
    let is = |field: &str, value: &str| field == "*" || field == value;
    let port_is = is(port, &wanted.port.to_string());
    let default_socket = SOCKETS.contains(&wanted.host) && host == "localhost";
    let host_is = is(host, wanted.host) || default_socket;
    let all = host_is && port_is && is(database, wanted.database);
    (all && is(user, wanted.user)).then(|| password.clone())
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let is_last = fields.len() == 5;
        match c {
            ':' if !is_last => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(chars.next())),
            c => fields.last_mut().into_iter().for_each(|field| field.push(c)),
        }
    }
    fields
}

/// Returns the parameters of a section of a service file; `None` if there is no such section. The first
/// statement of a parameter counts.
fn section(text: &str, service: &str, path: &Path) -> Result<Option<Vec<Stated>>, UrlError> {
    let mut found: Option<Vec<Stated>> = None;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if found.is_some() {
                break;
            }
            found = (name == service).then(Vec::new);
            continue;
        }
        let Some(stated) = &mut found else { continue };
        let origin = format!("the service `{service}` ({}:{})", path.display(), at + 1);
        let Some((name, value)) = line.split_once('=') else {
            return Err(UrlError::of(origin, "the line is no `name=value`"));
        };
        let name = name.trim().to_owned();
        if name == "service" || name == "servicefile" {
            let problem = format!("a service can't name another one (`{name}=…`)");
            return Err(UrlError::of(origin, problem));
        }
        let is_known = stated.iter().any(|known| known.name == name);
        if !is_known {
            stated.push(Stated { name, value: value.trim().to_owned(), origin: Some(origin) });
        }
    }
    Ok(found)
}

fn unreadable(path: &Path, error: &std::io::Error) -> UrlError {
    UrlError::of(path.display().to_string(), error.to_string())
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_password_file_is_matched_field_by_field() {
        let wanted = Wanted { host: "db", port: 5432, database: "app", user: "u:1" };
        for (line, expected) in [
            ("db:5432:app:u\\:1:secret", Some("secret")),
            ("*:*:*:*:a:b\\:c\\\\", Some("a:b:c\\")),
            ("db:5433:app:u\\:1:secret", None),
            ("# db:5432:app:u\\:1:secret", None),
            ("db:5432:app", None),
        ] {
            assert_eq!(password_in(line, &wanted).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_service_is_a_section_of_a_file() {
        let text = "# all\n[a]\nhost=one\n\n[b]\nhost = two\nport=5433\n[c]\nhost=three\n";
        let pairs = |service| {
            let found = section(text, service, Path::new("f")).unwrap()?;
            Some(found.into_iter().map(|s| format!("{}={}", s.name, s.value)).collect::<Vec<_>>())
        };
        assert_eq!(pairs("b").unwrap(), ["host=two", "port=5433"]);
        assert_eq!(pairs("d"), None);
        assert!(section("[a]\nnonsense", "a", Path::new("f")).is_err());
    }
}
