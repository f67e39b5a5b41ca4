//! Directives: the `-- aludel:` comments before a statement of a revision, and `-- aludel: run NAME`,
//! which stands in the place of one.

use std::time::Duration;

use crate::token::{Token, TokenKind};

/// A `-- aludel:` comment before a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    /// The statement runs outside of a transaction.
    NoTransaction,
    /// The statement is repeated, each time in a transaction of its own, until it affects no row.
    Batch,
    /// The pause between two rounds of a batch.
    Pause(Duration),
    /// The lag of a replica beyond which a batch waits before its next round.
    ReplicaLag(Duration),
    /// The `lock_timeout` of the section.
    LockTimeout(Duration),
    /// The `statement_timeout` of the section.
    StatementTimeout(Duration),
}

impl Directive {
    /// Parses the text after `aludel:`.
    ///
    /// # Errors
    ///
    /// Fails with a message if the directive is unknown or its value is no duration.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text, None),
        };
        let timed = |make: fn(Duration) -> Self| {
            let value =
                value.ok_or_else(|| format!("`{name}` needs a value, such as `{name} = 5s`"))?;
            duration(value).map(make).ok_or_else(|| {
                format!("`{value}` is no duration; write `500ms`, `30s`, `5min` or `0`")
            })
        };
        match (name, value) {
            ("no-transaction", None) => Ok(Self::NoTransaction),
            ("batch", None) => Ok(Self::Batch),
            ("pause", _) => timed(Self::Pause),
            ("replica_lag", _) => timed(Self::ReplicaLag),
            ("lock_timeout", _) => timed(Self::LockTimeout),
            ("statement_timeout", _) => timed(Self::StatementTimeout),
            _ => Err(format!(
                "unknown directive `{text}`; there are `no-transaction`, `batch`, `pause = …`, \
                 `replica_lag = …`, `lock_timeout = …` and `statement_timeout = …`, and `run NAME` for \
                 a step in Rust"
            )),
        }
    }
}

impl<'a> Token<'a> {
    /// Returns the text after `-- aludel:`; `None` for any other token.
    pub(crate) fn directive(&self) -> Option<&'a str> {
        let text = self.text.strip_prefix("--").filter(|_| self.kind == TokenKind::Comment)?;
        Some(text.trim().strip_prefix("aludel:")?.trim())
    }

    /// Returns what stands behind `run` in the comment `-- aludel: run NAME`; `None` for any other
    /// token.
    pub fn step(&self) -> Option<&'a str> {
        let name = self.directive()?.strip_prefix("run")?;
        (name.is_empty() || name.starts_with(char::is_whitespace)).then(|| name.trim())
    }
}

/// Checks the name of a step in Rust.
///
/// # Errors
///
/// Fails with a message if it is not made of lower-case letters, digits and underscores.
pub(crate) fn check_step_name(name: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
    if name.is_empty() {
        return Err("`run` needs the name of a step, such as `run normalise_emails`".to_owned());
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_plain) {
        return Err(format!(
            "`{name}` is no name of a step, which has lower-case letters, digits and underscores"
        ));
    }
    Ok(())
}

/// Parses a duration as PostgreSQL's settings have it: a number with one of the units `ms`, `s`,
/// `min` and `h`. Zero needs no unit. Returns `None` for any other text.
///
/// ```
/// use std::time::Duration;
///
/// assert_eq!(aludel_dialect::duration("1.5s"), Some(Duration::from_millis(1500)));
/// assert_eq!(aludel_dialect::duration("0"), Some(Duration::ZERO));
/// assert_eq!(aludel_dialect::duration("5"), None);
/// ```
pub fn duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.parse().ok()?;
    let seconds = match unit.trim() {
        "ms" => number / 1000.0,
        "s" => number,
        "min" => number * 60.0,
        "h" => number * 3600.0,
        "" if number == 0.0 => 0.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_have_values_where_they_need_one() {
        let parse = Directive::parse;
        assert_eq!(parse("batch"), Ok(Directive::Batch));
        assert_eq!(parse("pause = 50ms"), Ok(Directive::Pause(Duration::from_millis(50))));
        assert_eq!(
            parse("statement_timeout=2min"),
            Ok(Directive::StatementTimeout(Duration::from_secs(120)))
        );
        for (text, words) in [
            ("pause", "needs a value"),
            ("pause = 5", "is no duration"),
            ("lock_timeout = -1s", "is no duration"),
            ("batch = 3", "unknown directive `batch = 3`"),
            ("no-tx", "unknown directive `no-tx`"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }
}
