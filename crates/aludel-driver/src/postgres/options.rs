//! The options of a connection that the driver takes, and the values that each of them may have.

use std::net::IpAddr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, LoadBalanceHosts, TargetSessionAttrs};

/// The values that an option may have.
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

/// Checks the value of an option. Nothing is wrong with an option that there is not.
///
/// # Errors
///
/// Fails if the option can't have this value. The message has the value, unless it may be secret.
pub(crate) fn check(name: &str, value: &str) -> Result<(), String> {
    let known = OPTIONS.iter().find(|(known, _)| *known == name);
    let values = known.map_or(&Values::Any, |(_, values)| values);
    let wrong = |allowed: String| Err(format!("`{name}={value}` is not supported; {allowed}"));
    match values {
        Values::Any => Ok(()),
        Values::OneOf(known) if known.contains(&value) => Ok(()),
        Values::OneOf(known) => wrong(format!("{}{}", one_of(known), advice(name, value))),
        Values::Number(_) if value.parse::<i64>().is_ok() => Ok(()),
        Values::Number(unit) => wrong(format!("write a number of {unit}")),
        Values::Addresses => {
            match value.split(',').all(|part| part.is_empty() || part.parse::<IpAddr>().is_ok()) {
                true => Ok(()),
                false => wrong("write an IP address, and a name into `host`".to_owned()),
            }
        }
        Values::Ports => match value
            .split(',')
            .all(|part| part.is_empty() || part.parse::<u16>().is_ok_and(|port| port > 0))
        {
            true => Ok(()),
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

/// Gives a configuration an option whose value is checked, and returns false if there is no such option.
pub(crate) fn set(config: &mut Config, name: &str, value: &str) -> bool {
    let number = value.parse::<u64>().ok().filter(|number| *number > 0);
    let seconds = number.map(Duration::from_secs);
    match name {
        // The endpoints have them.
        "hostaddr" | "port" => {}
        "application_name" => _ = config.application_name(value),
        "connect_timeout" => _ = seconds.map(|time| config.connect_timeout(time)),
        "tcp_user_timeout" => {
            _ = number.map(|number| config.tcp_user_timeout(Duration::from_millis(number)));
        }
        "keepalives" => _ = config.keepalives(value != "0"),
        "keepalives_idle" => _ = seconds.map(|time| config.keepalives_idle(time)),
        "keepalives_interval" => _ = seconds.map(|time| config.keepalives_interval(time)),
        "keepalives_count" => {
            let count = number.and_then(|number| u32::try_from(number).ok());
            _ = count.map(|count| config.keepalives_retries(count));
        }
        "target_session_attrs" => {
            _ = config.target_session_attrs(match value {
                "read-write" => TargetSessionAttrs::ReadWrite,
                "read-only" => TargetSessionAttrs::ReadOnly,
                _ => TargetSessionAttrs::Any,
            });
        }
        "channel_binding" => {
            _ = config.channel_binding(match value {
                "disable" => ChannelBinding::Disable,
                "require" => ChannelBinding::Require,
                _ => ChannelBinding::Prefer,
            });
        }
        "load_balance_hosts" => {
            _ = config.load_balance_hosts(match value {
                "random" => LoadBalanceHosts::Random,
                _ => LoadBalanceHosts::Disable,
            });
        }
        _ => return false,
    }
    true
}
