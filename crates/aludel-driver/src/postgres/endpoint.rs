//! The servers that a connection tries one after the other.

use std::fmt;
use std::net::IpAddr;

use tokio_postgres::Config;

/// The port that counts where nobody states one.
const PORT: u16 = 5432;

/// The host that counts where nobody states one.
const HOST: &str = "localhost";

/// A server that a connection tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// A name, an address, or the folder of a socket. A certificate is compared with it.
    pub(crate) host: String,
    /// The address of the host, which is then not looked up.
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: u16,
    /// The password for this server, if it is not the one for all.
    pub(crate) password: Option<String>,
}

/// A count of one parameter that does not go with that of another one.
pub(crate) struct Mismatch {
    /// The parameter with the wrong count.
    pub(crate) name: &'static str,
    pub(crate) problem: String,
}

impl Endpoint {
    pub(crate) fn is_socket(&self) -> bool {
        cfg!(unix) && self.address.is_none() && self.host.starts_with('/')
    }

    /// Returns true if the server is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        let address = self.address.or_else(|| self.host.parse().ok());
        match address {
            Some(address) => address.is_loopback(),
            None => self.is_socket() || self.host == "localhost",
        }
    }

    /// Returns a configuration for this server alone.
    pub(crate) fn config(&self, all: &Config) -> Config {
        let mut config = all.clone();
        config.host(&self.host).port(self.port);
        if let Some(address) = self.address {
            config.hostaddr(address);
        }
        if let Some(password) = &self.password {
            config.password(password);
        }
        config
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_socket() || self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// Returns the endpoints that three parameters name, each with commas between its values. As in libpq,
/// an empty value is one that is not stated, an address needs no host, and one port is that of all.
///
/// # Errors
///
/// Fails if there are not as many hosts as addresses, or not as many ports as hosts.
pub(crate) fn endpoints(host: &str, address: &str, port: &str) -> Result<Vec<Endpoint>, Mismatch> {
    let list = |text: &str| match text {
        "" => Vec::new(),
        text => text.split(',').map(|part| part.trim().to_owned()).collect(),
    };
    let (hosts, addresses, ports) = (list(host), list(address), list(port));
    let count = hosts.len().max(addresses.len()).max(1);
    if hosts.len().min(addresses.len()) > 0 && hosts.len() != addresses.len() {
        return Err(mismatch("hostaddr", addresses.len(), "hosts", hosts.len()));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(mismatch("port", ports.len(), "hosts", count));
    }
    let at = |list: &[String], at: usize| list.get(at).filter(|part| !part.is_empty()).cloned();
    let endpoint = |index: usize| {
        let address = at(&addresses, index);
        let port = if ports.len() == 1 { at(&ports, 0) } else { at(&ports, index) };
        Endpoint {
            host: at(&hosts, index).or(address.clone()).unwrap_or_else(|| HOST.to_owned()),
            address: address.and_then(|address| address.parse().ok()),
            port: port.and_then(|port| port.parse().ok()).unwrap_or(PORT),
            password: None,
        }
    };
    Ok((0..count).map(endpoint).collect())
}

fn mismatch(name: &'static str, count: usize, what: &str, others: usize) -> Mismatch {
    let problem = format!(
        "`{name}` has {count} of them for {others} {what}; write one for each host{}",
        if name == "port" { ", or one for all" } else { "" }
    );
    Mismatch { name, problem }
}
