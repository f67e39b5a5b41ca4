//! The identifiers that a user may write in place of a revision.
//!
//! ```text
//! symbol   = [ name "@" ] ( anchor [ distance ] | distance )
//! anchor   = "head" | "heads" | "base" | "current" | name
//! distance = ( "+" | "-" ) digits
//! name     = letters, digits, "_" and "."
//! ```

use std::fmt;

/// A parsed identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The branch, which stands before the `@`.
    pub branch: Option<String>,
    /// The starting point; `None` for the current position of the database.
    pub anchor: Option<Anchor>,
    /// The number of revisions to go from the starting point; negative for downwards.
    pub distance: i64,
}

/// The starting point of an identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The only head.
    Head,
    /// All heads.
    Heads,
    /// The place before every revision.
    Base,
    /// The current position of the database.
    Current,
    /// An id, the beginning of one, or a branch label.
    Name(String),
}

/// An identifier that does not follow the grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no revision identifier: {reason}")]
pub struct SymbolError {
    /// The text that is not an identifier.
    pub text: String,
    /// The reason why it is not.
    pub reason: &'static str,
}

impl Symbol {
    /// Returns true if the identifier means the same for every database.
    pub fn is_absolute(&self) -> bool {
        !matches!(self.anchor, None | Some(Anchor::Current))
    }

    /// Parses an identifier.
    ///
    /// # Errors
    ///
    /// Fails if the text does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, SymbolError> {
        let fail = |reason| SymbolError { text: text.to_owned(), reason };
        if text.is_empty() {
            return Err(fail("it is empty"));
        }
        let (branch, rest) = match text.split_once('@') {
            Some(("", _)) => return Err(fail("there is nothing before the `@`")),
            Some((branch, rest)) => (Some(branch), rest),
            None => (None, text),
        };
        let sign = rest.find(['+', '-']).unwrap_or(rest.len());
        let (anchor, distance) = rest.split_at(sign);
        if anchor.is_empty() && distance.is_empty() {
            return Err(fail("there is nothing behind the `@`"));
        }
        for name in branch.iter().chain((!anchor.is_empty()).then_some(&anchor)) {
            if !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') {
                return Err(fail("a name has letters, digits, `_` and `.`"));
            }
        }
        let distance = match distance {
            "" => 0,
            number if number[1..].bytes().all(|b| b.is_ascii_digit()) => {
                number.parse::<i64>().map_err(|_| fail("the distance is no number of ours"))?
            }
            _ => return Err(fail("behind the sign there has to be a number")),
        };
        Ok(Self { branch: branch.map(str::to_owned), anchor: anchor_of(anchor), distance })
    }
}

fn anchor_of(text: &str) -> Option<Anchor> {
    Some(match text {
        "" => return None,
        "head" => Anchor::Head,
        "heads" => Anchor::Heads,
        "base" => Anchor::Base,
        "current" => Anchor::Current,
        name => Anchor::Name(name.to_owned()),
    })
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(branch) = &self.branch {
            write!(f, "{branch}@")?;
        }
        match &self.anchor {
            None => {}
            Some(Anchor::Head) => f.write_str("head")?,
            Some(Anchor::Heads) => f.write_str("heads")?,
            Some(Anchor::Base) => f.write_str("base")?,
            Some(Anchor::Current) => f.write_str("current")?,
            Some(Anchor::Name(name)) => f.write_str(name)?,
        }
        if self.distance == 0 && self.anchor.is_some() {
            Ok(())
        } else {
            write!(f, "{:+}", self.distance)
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Parses an identifier that follows the grammar.
    pub(crate) fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).unwrap()
    }

    #[test]
    fn every_form_reads_back() {
        for text in [
            "head",
            "heads",
            "base",
            "current",
            "ae10",
            "+2",
            "-1",
            "ae10+2",
            "head-2",
            "net@head",
            "net@+2",
            "net@base+1",
            "862037093962",
            "862037093962-1",
            "v1.2",
        ] {
            assert_eq!(Symbol::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@head",
            "a b",
            "a:b",
            "+",
            "ae+x",
            "+-1",
            "a@b@c",
            "'",
            "+99999999999999999999",
        ] {
            assert!(Symbol::parse(text).is_err(), "{text}");
        }
    }
}
