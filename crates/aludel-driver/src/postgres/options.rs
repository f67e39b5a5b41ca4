//! The options of a connection that the driver takes, and the values that each of them may have.

use std::net::IpAddr;

/// What the value of an option may be.
enum Values {
    /// Any text. It may be secret, and is never shown.
    Any,
    OneOf(&'static [&'static str]),
    /// A number of this unit.
    Number(&'static str),
    Addresses,
    Ports,
}

const OPTIONS: &[(&str, Values)] = &[
    ("user", Values::Any),
    ("password", Values::Any),
    ("dbname", Values::Any),
    ("host", Values::Any),
    ("options", Values::Any),
    ("application_name", Values::Any),
    ("hostaddr", Values::Addresses),
    ("port", Values::Ports),
    ("connect_timeout", Values::Number("seconds")),
    ("tcp_user_timeout", Values::Number("milliseconds")),
    ("keepalives", Values::OneOf(&["0", "1"])),
    ("keepalives_idle", Values::Number("seconds")),
    ("keepalives_interval", Values::Number("seconds")),
    ("keepalives_count", Values::Number("probes")),
    ("target_session_attrs", Values::OneOf(&["any", "read-write", "read-only"])),
    ("channel_binding", Values::OneOf(&["disable", "prefer", "require"])),
    ("load_balance_hosts", Values::OneOf(&["disable", "random"])),
];

/// Returns true if the driver takes an option of this name.
pub(crate) fn is_option(name: &str) -> bool {
    OPTIONS.iter().any(|(known, _)| *known == name)
}

/// Checks the value of an option, and returns the option as the driver takes it if that is not as libpq
/// does.
///
/// # Errors
///
/// Fails if the option can't have this value. The message has the value, unless it may be secret.
pub(crate) fn option(name: &str, value: &str) -> Result<Option<String>, String> {
    let known = OPTIONS.iter().find(|(known, _)| *known == name);
    let values = known.map_or(&Values::Any, |(_, values)| values);
    let wrong = |allowed: String| Err(format!("`{name}={value}` is not supported; {allowed}"));
    match values {
        Values::Any => Ok(None),
        Values::OneOf(known) if known.contains(&value) => Ok(None),
        Values::OneOf(known) => wrong(format!("{}{}", one_of(known), advice(name, value))),
        Values::Number(_) if value.parse::<i64>().is_ok() => Ok(in_the_drivers_way(name, value)),
        Values::Number(unit) => wrong(format!("write a number of {unit}")),
        Values::Addresses => match value.split(',').all(|part| part.parse::<IpAddr>().is_ok()) {
            true => Ok(None),
            false => wrong("write an IP address, and a name into `host`".to_owned()),
        },
        Values::Ports => match value
            .split(',')
            .all(|part| part.is_empty() || part.parse::<u16>().is_ok_and(|port| port > 0))
        {
            true => Ok(None),
            false => wrong("write a number from 1 to 65535".to_owned()),
        },
    }
}

/// Returns the words for the values that are allowed.
pub(crate) fn one_of(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("write {last}"),
        Some((last, others)) => format!("write {} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Returns what to write in place of the values of libpq that look at more than the session.
fn advice(name: &str, value: &str) -> &'static str {
    match (name, value) {
        ("target_session_attrs", "primary") => {
            ": `read-write` asks for what the session may do, which only a primary can"
        }
        ("target_session_attrs", "standby") => {
            ": `read-only` asks for what the session may do, as on a standby"
        }
        ("target_session_attrs", "prefer-standby") => {
            ": `any` takes the first host that answers, so name the standby first"
        }
        _ => "",
    }
}

/// Returns an option whose name or unit is another one in the driver.
fn in_the_drivers_way(name: &str, value: &str) -> Option<String> {
    match name {
        "keepalives_count" => Some(format!("keepalives_retries={value}")),
        "tcp_user_timeout" => {
            let seconds = value.parse::<u32>().unwrap_or_default().div_ceil(1000);
            Some(format!("tcp_user_timeout={seconds}"))
        }
        _ => None,
    }
}
