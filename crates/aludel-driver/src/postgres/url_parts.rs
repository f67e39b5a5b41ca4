//! The parameters that the text of a PostgreSQL URL states.

use percent_encoding::percent_decode_str;

use crate::libpq::Stated;

const ENCODE: &str =
    "a `:`, `/`, `?`, `#` or `@` in user or password is written as %3A, %2F, %3F, %23 or %40";

/// Returns the parameters of a URL behind its scheme, in the order in which it states them. Of two
/// statements of one parameter the last one counts, so that `host=` replaces the host.
///
/// # Errors
///
/// Fails if the URL is malformed. The message has no text of the URL, because a part of a password may
/// stand anywhere in it.
pub(crate) fn stated_in(rest: &str) -> Result<Vec<Stated>, String> {
    let rest = rest
        .strip_prefix("//")
        .ok_or("there is no `//` behind its scheme; write postgresql://…")?;
    let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = base.split_once('/').unwrap_or((base, ""));
    if authority.matches('@').count() > 1 {
        return Err("user or password has an `@` in it; write that one as %40".to_owned());
    }
    if authority.contains(':') && !authority.contains('@') && database.contains('@') {
        return Err(format!(
            "an `@` behind its first `/` may belong to a password or to the name of the database; \
             {ENCODE}, and an `@` in that name as %40"
        ));
    }
    let (login, servers) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (hosts, ports) = servers_in(servers)?;
    let parts = [
        ("user", user),
        ("password", password),
        ("host", &hosts),
        ("port", &ports),
        ("dbname", database),
    ];
    let parts = parts.into_iter().filter(|(_, value)| !value.is_empty());
    let mut stated: Vec<Stated> =
        parts.map(|(name, value)| parameter(name, value)).collect::<Result<_, _>>()?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            format!("an option behind its `?` has no `=`; write `name=value`; {ENCODE}")
        })?;
        stated.push(parameter(name, value)?);
    }
    Ok(stated)
}

/// Returns the hosts and the ports of `host:port,host:port`, each with commas between them. As in
/// libpq, several hosts without ports state the default port of each of them.
fn servers_in(servers: &str) -> Result<(String, String), String> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for server in servers.split(',') {
        let (host, port) = match server.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest
                    .split_once(']')
                    .ok_or_else(|| format!("its address in brackets has no `]`; {ENCODE}"))?;
                let port = match port {
                    "" => "",
                    port => port
                        .strip_prefix(':')
                        .ok_or_else(|| format!("its address has text behind the `]`; {ENCODE}"))?,
                };
                (host, port)
            }
            None => server.split_once(':').unwrap_or((server, "")),
        };
        // A part of a password may stand where the port should.
        if !port.is_empty() && !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(format!("its port is no number from 1 to 65535; {ENCODE}"));
        }
        hosts.push(host);
        ports.push(port);
    }
    Ok((hosts.join(","), ports.join(",")))
}

fn parameter(name: &str, value: &str) -> Result<Stated, String> {
    let decoded = |text: &str| match percent_decode_str(text).decode_utf8() {
        Ok(text) if !text.contains('\0') => Ok(text.into_owned()),
        Ok(_) | Err(_) => Err("it has a %-escape that is no text in UTF-8".to_owned()),
    };
    let name = match name {
        // JDBC's spelling.
        "ssl" => "sslmode".to_owned(),
        name => decoded(name)?,
    };
    Ok(Stated { name, value: decoded(value)?, origin: None })
}
