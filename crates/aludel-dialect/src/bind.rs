//! Values in a statement: each is written into the text as a literal.

use crate::dialect::Dialect;
use crate::lexer::tokens;
use crate::token::TokenKind;

/// A value for a placeholder of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// A truth value, which is 1 or 0 on SQLite.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fractional part.
    Float(f64),
    /// A text. On PostgreSQL its type follows from its place in the statement, as that of a literal
    /// in quotes does.
    Text(String),
    /// A string of bytes.
    Bytes(Vec<u8>),
}

impl Dialect {
    /// Returns a statement with `values` in the places of `$1`, `$2` and so on. A `$1` in a string, in
    /// a quoted name or in a comment is none.
    ///
    /// ```
    /// use aludel_dialect::{Dialect, Value};
    ///
    /// let sql = "UPDATE t SET a = $1 WHERE b = $2";
    /// let bound = Dialect::Sqlite.bind(sql, &["it's".into(), 7.into()]).unwrap();
    /// assert_eq!(bound, "UPDATE t SET a = 'it''s' WHERE b = 7");
    /// ```
    ///
    /// # Errors
    ///
    /// Fails with a message if a placeholder has no value or a value no placeholder, or if a text
    /// has a NUL character, which no database takes.
    pub fn bind(self, sql: &str, values: &[Value]) -> Result<String, String> {
        let mut bound = String::new();
        let mut used = vec![false; values.len()];
        let mut all = tokens(sql, self).peekable();
        while let Some(token) = all.next() {
            let number = token.text.strip_prefix('$').filter(|_| token.kind == TokenKind::Symbol);
            let Some(number) = number.filter(|number| !number.is_empty()) else {
                bound.push_str(token.text);
                continue;
            };
            // A fraction would become one of the value.
            let rest =
                all.next_if(|next| next.kind == TokenKind::Number && next.start == token.end());
            let number = format!("{number}{}", rest.map_or("", |rest| rest.text));
            let at = number.parse::<usize>().ok().and_then(|at| at.checked_sub(1));
            let Some((value, used)) = at.and_then(|at| Some((values.get(at)?, used.get_mut(at)?)))
            else {
                let count = values.len();
                return Err(format!("there is no value for `${number}`: {count} are given"));
            };
            *used = true;
            bound.push_str(&self.value(value)?);
        }
        match used.iter().position(|used| !used) {
            Some(at) => Err(format!("the statement has no `${}` for value {}", at + 1, at + 1)),
            None => Ok(bound),
        }
    }

    fn value(self, value: &Value) -> Result<String, String> {
        // A sign could make a comment with the one before it.
        let signed = |text: String| if text.starts_with('-') { format!("({text})") } else { text };
        match value {
            Value::Null => Ok("NULL".to_owned()),
            Value::Bool(value) => Ok(match self {
                Self::Postgres => value.to_string(),
                Self::Sqlite => u8::from(*value).to_string(),
            }),
            Value::Int(number) => Ok(signed(number.to_string())),
            Value::Float(number) if number.is_finite() => Ok(signed(format!("{number:?}"))),
            Value::Float(number) => match self {
                Self::Postgres => Ok(format!("'{number}'::float8")),
                Self::Sqlite => Err(format!("SQLite has no number {number}")),
            },
            Value::Text(text) if text.contains('\0') => {
                Err("a text has a NUL character, which no database takes".to_owned())
            }
            Value::Text(text) => Ok(self.literal(text)),
            Value::Bytes(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Ok(match self {
                    Self::Postgres => format!("pg_catalog.decode('{digits}', 'hex')"),
                    Self::Sqlite => format!("x'{digits}'"),
                })
            }
        }
    }
}

macro_rules! from {
    ($($given:ty => |$value:ident| $made:expr),* $(,)?) => {
        $(impl From<$given> for Value {
            fn from($value: $given) -> Self {
                $made
            }
        })*
    };
}

from! {
    bool => |value| Self::Bool(value),
    i16 => |value| Self::Int(value.into()),
    i32 => |value| Self::Int(value.into()),
    i64 => |value| Self::Int(value),
    u32 => |value| Self::Int(value.into()),
    f32 => |value| Self::Float(value.into()),
    f64 => |value| Self::Float(value),
    &str => |value| Self::Text(value.to_owned()),
    &String => |value| Self::Text(value.clone()),
    String => |value| Self::Text(value),
    &[u8] => |value| Self::Bytes(value.to_vec()),
    Vec<u8> => |value| Self::Bytes(value),
}

impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_literals_in_the_places_of_their_numbers() {
        let none = || Value::from(None::<i64>);
        for (sql, values, postgres, sqlite) in [
            ("SELECT $2, $1", vec![1.into(), "a".into()], "SELECT 'a', 1", "SELECT 'a', 1"),
            ("a -$1", vec![(-5).into()], "a -(-5)", "a -(-5)"),
            ("$1$2", vec![true.into(), none()], "trueNULL", "1NULL"),
            ("'$1' \"$1\" -- $1\n", vec![], "'$1' \"$1\" -- $1\n", "'$1' \"$1\" -- $1\n"),
            (
                "$1",
                vec!["'; DROP TABLE t; --".into()],
                "'''; DROP TABLE t; --'",
                "'''; DROP TABLE t; --'",
            ),
            ("$1", vec!["\\'".into()], "E'\\\\'''", "'\\'''"),
            ("$1", vec![1.0.into()], "1.0", "1.0"),
            ("$1", vec![vec![1_u8, 255].into()], "pg_catalog.decode('01ff', 'hex')", "x'01ff'"),
            ("a$1 $x$ $1 $x$", vec![], "a$1 $x$ $1 $x$", ""),
        ] {
            assert_eq!(Dialect::Postgres.bind(sql, &values).as_deref(), Ok(postgres), "{sql}");
            if !sqlite.is_empty() {
                assert_eq!(Dialect::Sqlite.bind(sql, &values).as_deref(), Ok(sqlite), "{sql}");
            }
        }
    }

    #[test]
    fn a_value_and_its_placeholder_belong_together() {
        for (sql, values, words) in [
            ("SELECT $1", vec![], "no value for `$1`: 0 are given"),
            ("SELECT $0", vec![1.into()], "no value for `$0`"),
            ("SELECT $1.5", vec![1.into()], "no value for `$1.5`"),
            ("SELECT $1", vec![1.into(), 2.into()], "no `$2` for value 2"),
            ("SELECT $1", vec!["a\0b".into()], "NUL"),
        ] {
            let error = Dialect::Postgres.bind(sql, &values).unwrap_err();
            assert!(error.contains(words), "{sql}: {error}");
        }
    }
}
