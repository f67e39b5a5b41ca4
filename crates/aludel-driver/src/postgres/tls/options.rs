//! The parameters of a URL that concern TLS.

use std::path::{Path, PathBuf};

use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

use super::mode::SslMode;
use crate::postgres::options::one_of;

/// The parameters of a URL that concern TLS.
#[derive(Clone)]
pub(crate) struct TlsOptions {
    mode: Option<SslMode>,
    /// The certificates that vouch for the server's.
    pub(crate) roots: Option<Roots>,
    /// The file of revocation lists.
    pub(crate) revoked: Option<PathBuf>,
    /// The file of the client's certificate.
    pub(crate) certificate: Option<PathBuf>,
    /// The file of the client's private key.
    pub(crate) key: Option<PathBuf>,
    /// The password of the private key.
    pub(crate) key_password: Option<String>,
    /// True if the handshake is the first thing that is sent.
    pub(crate) is_direct: bool,
    /// True if the handshake names the host.
    pub(crate) sends_host: bool,
    /// True if a client certificate of the home directory is used.
    sends_certificate: bool,
    /// The versions of TLS that are spoken.
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
}

/// Certificates that vouch for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those of the operating system.
    System,
    /// Those in a file.
    File(PathBuf),
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            mode: None,
            roots: None,
            revoked: None,
            certificate: None,
            key: None,
            key_password: None,
            is_direct: false,
            sends_host: true,
            sends_certificate: true,
            versions: vec![&TLS13, &TLS12],
        }
    }
}

impl TlsOptions {
    /// Returns the mode. The roots of the system vouch for a name, not for a database, and so the
    /// name is always checked by them.
    pub(crate) fn mode(&self) -> SslMode {
        let default = if self.roots == Some(Roots::System) {
            SslMode::VerifyFull
        } else {
            SslMode::default()
        };
        self.mode.unwrap_or(default)
    }

    /// Takes a parameter of a URL, and returns false if it is not one about TLS. An empty value is
    /// the default, as in libpq.
    pub(crate) fn take(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let path = || (!value.is_empty()).then(|| PathBuf::from(value));
        match name {
            "sslmode" | "ssl" => {
                let mode = SslMode::parse(value);
                let wrong =
                    || format!("`{name}={value}` is not supported; {}", one_of(&SslMode::NAMES));
                self.mode = Some(mode.ok_or_else(wrong)?);
            }
            "sslrootcert" if value == "system" => self.roots = Some(Roots::System),
            "sslrootcert" => self.roots = path().map(Roots::File),
            "sslcrl" => self.revoked = path(),
            "sslcert" => self.certificate = path(),
            "sslkey" => self.key = path(),
            "sslpassword" => self.key_password = Some(value.to_owned()),
            "sslnegotiation" => self.is_direct = choice(name, value, ["postgres", "direct"])?,
            "sslsni" => self.sends_host = choice(name, value, ["0", "1"])?,
            "sslcertmode" => self.sends_certificate = choice(name, value, ["disable", "allow"])?,
            "ssl_min_protocol_version" => self.set_lowest(value)?,
            "ssl_max_protocol_version" => self.set_highest(value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_lowest(&mut self, version: &str) -> Result<(), String> {
        match version {
            "" | "TLSv1" | "TLSv1.1" | "TLSv1.2" => {}
            "TLSv1.3" => self.versions.retain(|spoken| **spoken == TLS13),
            _ => {
                let known = one_of(&["TLSv1.2", "TLSv1.3"]);
                return Err(format!(
                    "`ssl_min_protocol_version={version}` is not supported; {known}"
                ));
            }
        }
        Ok(())
    }

    fn set_highest(&mut self, version: &str) -> Result<(), String> {
        match version {
            "" | "TLSv1.3" => {}
            "TLSv1.2" => self.versions.retain(|spoken| **spoken == TLS12),
            _ => {
                return Err(format!(
                    "`ssl_max_protocol_version={version}` is not supported; write `TLSv1.2` or `TLSv1.3`"
                ));
            }
        }
        Ok(())
    }

    /// Looks for parameters that contradict each other.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mode = self.mode();
        let name = mode.name();
        if self.roots == Some(Roots::System) && mode != SslMode::VerifyFull {
            return Err(format!(
                "`sslmode={name}` does not go with `sslrootcert=system`, whose roots vouch for everybody; write `sslmode=verify-full`"
            ));
        }
        if self.is_direct && mode < SslMode::Require {
            return Err(format!(
                "`sslmode={name}` does not go with `sslnegotiation=direct`, which has no other way; write `sslmode=require` or a stronger one"
            ));
        }
        if self.versions.is_empty() {
            return Err("`ssl_min_protocol_version` is above `ssl_max_protocol_version`".into());
        }
        Ok(())
    }

    /// Returns the parameters with the files of `~/.postgresql` in place of those that the URL does
    /// not name. As in libpq, all of them but the key may be missing.
    pub(crate) fn with_files_of(&self, home: Option<&Path>) -> Self {
        let mut options = self.clone();
        if let Some(folder) = home.map(|home| home.join(".postgresql")) {
            let present = |name: &str| Some(folder.join(name)).filter(|path| path.exists());
            options.roots = options.roots.or_else(|| present("root.crt").map(Roots::File));
            options.revoked = options.revoked.or_else(|| present("root.crl"));
            options.certificate = options.certificate.or_else(|| present("postgresql.crt"));
            options.key = options.key.or_else(|| Some(folder.join("postgresql.key")));
        }
        if !self.sends_certificate {
            options.certificate = None;
        }
        options
    }
}

/// Returns true for the second of two values, and an error for any other one.
fn choice(name: &str, value: &str, [no, yes]: [&str; 2]) -> Result<bool, String> {
    if value == no || value == yes {
        return Ok(value == yes);
    }
    Err(format!("`{name}={value}` is not supported; write `{no}` or `{yes}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Result<TlsOptions, String> {
        let mut options = TlsOptions::default();
        for (name, value) in pairs {
            assert!(options.take(name, value)?, "{name}");
        }
        options.check()?;
        Ok(options)
    }

    #[test]
    fn the_mode_follows_from_the_roots_unless_it_is_stated() {
        for (pairs, mode) in [
            (&[][..], "prefer"),
            (&[("sslrootcert", "ca.crt")], "prefer"),
            (&[("sslrootcert", "system")], "verify-full"),
            (&[("sslmode", "verify-ca"), ("sslrootcert", "ca.crt")], "verify-ca"),
            (&[("ssl", "true")], "require"),
        ] {
            assert_eq!(options(pairs).unwrap().mode().name(), mode, "{pairs:?}");
        }
    }

    #[test]
    fn what_can_not_be_kept_is_refused_by_its_name() {
        for (pairs, words) in [
            (&[("sslmode", "maybe")][..], "`sslmode=maybe` is not supported; write `disable`"),
            (&[("sslmode", "require"), ("sslrootcert", "system")], "write `sslmode=verify-full`"),
            (&[("sslnegotiation", "direct")], "write `sslmode=require` or a stronger one"),
            (&[("sslnegotiation", "early")], "`sslnegotiation=early` is not supported"),
            (&[("sslcertmode", "require")], "`sslcertmode=require` is not supported"),
            (
                &[("ssl_min_protocol_version", "SSLv3")],
                "`ssl_min_protocol_version=SSLv3` is not supported",
            ),
            (&[("ssl_max_protocol_version", "TLSv1.1")], "`ssl_max_protocol_version=TLSv1.1`"),
            (
                &[("ssl_min_protocol_version", "TLSv1.3"), ("ssl_max_protocol_version", "TLSv1.2")],
                "is above",
            ),
        ] {
            let problem = options(pairs).err().unwrap();
            assert!(problem.contains(words), "{pairs:?}: {problem}");
        }
    }

    #[test]
    fn files_of_the_home_directory_stand_in_for_those_that_are_not_named() {
        let home = std::env::temp_dir().join(format!("aludel-home-{}", std::process::id()));
        let folder = home.join(".postgresql");
        std::fs::create_dir_all(&folder).unwrap();
        let none = TlsOptions::default().with_files_of(Some(&home));
        assert_eq!((none.roots, none.certificate, none.revoked), (None, None, None));
        for name in ["root.crt", "root.crl", "postgresql.crt"] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let found = TlsOptions::default().with_files_of(Some(&home));
        assert_eq!(found.roots, Some(Roots::File(folder.join("root.crt"))));
        assert_eq!(found.revoked, Some(folder.join("root.crl")));
        assert_eq!(found.certificate, Some(folder.join("postgresql.crt")));
        assert_eq!(found.key, Some(folder.join("postgresql.key")));
        let named = options(&[("sslrootcert", "a"), ("sslcert", "b"), ("sslkey", "c")]).unwrap();
        let named = named.with_files_of(Some(&home));
        assert_eq!(named.roots, Some(Roots::File("a".into())));
        assert_eq!((named.certificate, named.key), (Some("b".into()), Some("c".into())));
        let without = options(&[("sslcertmode", "disable")]).unwrap().with_files_of(Some(&home));
        assert_eq!(without.certificate, None);
        std::fs::remove_dir_all(&home).unwrap();
    }
}
