use std::fmt;
use std::path::Path;

use crate::error::UrlError;
use crate::libpq::LibpqEnvironment;
use crate::postgres::PostgresTarget;
use crate::sqlite::SqliteTarget;

/// The URL of a database. Its `Display` output never contains a password.
#[derive(Clone, Debug)]
pub struct DatabaseUrl(pub(crate) Target);

#[derive(Clone)]
pub(crate) enum Target {
    Postgres(PostgresTarget),
    Sqlite(SqliteTarget),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", DatabaseUrl(self.clone()))
    }
}

impl DatabaseUrl {
    /// Parses a URL; the path of a SQLite file is relative to `directory`.
    ///
    /// The schemes `postgres`, `postgresql` and SQLAlchemy's `postgresql+driver` are equivalent.
    /// `sqlite:x`, `sqlite://x` and `sqlite:///x` mean the file `x`, and `sqlite:////x` means `/x`.
    /// Behind it, `?mode=ro` permits to read only, `?mode=rw` to write a file that is there, and
    /// `?mode=rwc`, the default, also to create it.
    ///
    /// # Errors
    ///
    /// Fails if the URL has no scheme or an unknown one, if the rest of a PostgreSQL URL is
    /// malformed, or if there is no such option.
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
        let (scheme, rest) = text.trim().split_once(':').ok_or_else(|| {
            UrlError::in_url("it has no scheme; write postgresql://… or sqlite:…")
        })?;
        let scheme = scheme.split_once('+').map_or(scheme, |(base, _)| base).to_ascii_lowercase();
        match scheme.as_str() {
            "postgres" | "postgresql" => {
                let target = PostgresTarget::parse(rest, surroundings)?;
                Ok(Self(Target::Postgres(target)))
            }
            "sqlite" => {
                let target = SqliteTarget::parse(rest, directory).map_err(UrlError::in_url)?;
                Ok(Self(Target::Sqlite(target)))
            }
            other => Err(UrlError::in_url(format!(
                "`{other}` is no database that Aludel knows; there are postgresql and sqlite"
            ))),
        }
    }

    /// Returns true for a PostgreSQL URL, and false for a SQLite URL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.0, Target::Postgres(_))
    }

    /// Returns the URL of another database on the same server. A SQLite URL stays what it is.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut url = self.clone();
        if let Target::Postgres(target) = &mut url.0 {
            target.set_database(name);
        }
        url
    }

    /// Returns the name of a PostgreSQL database; `None` if neither the URL nor what fills it in states one,
    /// and a connection takes the database that is called as the user is.
    pub fn database(&self) -> Option<&str> {
        match &self.0 {
            Target::Postgres(target) => target.database(),
            Target::Sqlite(_) => None,
        }
    }

    /// Returns true if the database is on this machine: a file, a socket, or a loopback address.
    pub fn is_local(&self) -> bool {
        match &self.0 {
            Target::Postgres(target) => target.is_local(),
            Target::Sqlite(_) => true,
        }
    }

    /// Returns true if the URL permits to create and to drop the database; `mode=ro` and `mode=rw` do
    /// not for a SQLite file.
    pub fn may_create(&self) -> bool {
        match &self.0 {
            Target::Sqlite(target) => target.may_create(),
            Target::Postgres(_) => true,
        }
    }

    /// Returns the SQLite file; `None` for PostgreSQL and for an in-memory database.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match &self.0 {
            Target::Sqlite(target) => target.file(),
            Target::Postgres(_) => None,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Postgres(target) => target.fmt(f),
            Target::Sqlite(target) => target.fmt(f),
        }
    }
}

#[cfg(test)]
#[cfg(all(feature = "postgres", feature = "sqlite"))]
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
    fn the_mode_of_a_sqlite_file_is_its_only_option() {
        for (query, expected) in [
            ("", ""),
            ("?", ""),
            ("?mode=rwc", ""),
            ("?mode=rw", "?mode=rw"),
            ("?mode=ro", "?mode=ro"),
            ("?mode=rw&mode=%72o", "?mode=ro"),
        ] {
            assert_eq!(shown(&format!("sqlite:x.db{query}")), format!("sqlite:/d/x.db{expected}"));
        }
        for (query, words) in [
            ("mode=memory", "`mode=memory` is not supported; write `ro`, `rw` or `rwc`"),
            ("mode", "`mode=` is not supported"),
            ("MODE=ro", "no option `MODE`; there is `mode`"),
            ("foo=bar", "a SQLite file has no option `foo`; there is `mode`"),
            ("mode=ro&immutable=1", "no option `immutable`"),
            ("cache=shared", "no option `cache`"),
        ] {
            for file in ["x.db", "//x.db", ":memory:"] {
                let url = format!("sqlite:{file}?{query}");
                let error = DatabaseUrl::parse(&url, Path::new(".")).unwrap_err().to_string();
                assert!(error.contains(words), "{url}: {error}");
            }
        }
    }

    #[test]
    fn no_error_repeats_a_password() {
        for url in [
            "postgresql://u:hunter2@h:port/db",
            "mysql://u:hunter2@h/db",
            "hunter2",
            "postgresql://u:hunter2@h/db?nonsense=1",
            "postgresql://u:p@hunter2@h/db",
            "postgresql://u:1?hunter2=3@h/db",
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
            ("service=main", "can't read the service `main`: there is no section"),
            ("sslmode=allow&sslnegotiation=direct", "`sslmode=allow` does not go with"),
            (
                "channel_binding=maybe",
                "`channel_binding=maybe` is not supported; write `disable`, `prefer` or `require`",
            ),
            (
                "target_session_attrs=prefer-standby",
                "write `any`, `read-write` or `read-only`: `any` takes",
            ),
            (
                "connect_timeout=5s",
                "`connect_timeout=5s` is not supported; write a number of seconds",
            ),
            ("sslmode=on", "`sslmode=on` is not supported; write `disable`, `allow`"),
            ("port=99999", "`port=99999` is not supported; write a number from 1 to 65535"),
            ("hostaddr=db", "write an IP address"),
            ("keepalives=yes", "`keepalives=yes` is not supported; write `0` or `1`"),
            ("aplication_name=x", "a connection has no option `aplication_name`"),
        ] {
            let url = format!("postgresql://u@h/db?{query}");
            let error = DatabaseUrl::parse(&url, Path::new(".")).unwrap_err().to_string();
            assert!(error.contains(words), "{query}: {error}");
        }
        let port = DatabaseUrl::parse("postgresql://u@h:five/db", Path::new(".")).unwrap_err();
        assert!(port.to_string().contains("its port is no number"), "{port}");
        let query = "gssencmode=disable&sslcompression=0&client_encoding=utf8&channel_binding=require&sslsni=0&tcp_user_timeout=1500&keepalives_count=3";
        assert_eq!(shown(&format!("postgresql://u@h/db?{query}")), "postgresql://u@h:5432/db");
    }

    #[test]
    fn an_address_without_a_name_is_the_host() {
        assert_eq!(shown("postgresql:///db?hostaddr=127.0.0.1"), "postgresql://127.0.0.1:5432/db");
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
            (
                "PGSSLMODE",
                "sometimes",
                "PGSSLMODE: `sslmode=sometimes` is not supported; write `disable`",
            ),
            (
                "PGTARGETSESSIONATTRS",
                "primary",
                "PGTARGETSESSIONATTRS: `target_session_attrs=primary`",
            ),
            ("PGPORT", "five", "PGPORT: `port=five` is not supported; write a number from 1"),
            ("PGCONNECT_TIMEOUT", "soon", "PGCONNECT_TIMEOUT: `connect_timeout=soon`"),
            ("PGSERVICE", "nowhere", "can't read the service `nowhere`: there is no section"),
        ] {
            let error = shown("postgresql://db/app", &[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(words), "{name}: {error}");
            assert!(!error.contains("the database URL"), "{name}: {error}");
        }
    }
}
