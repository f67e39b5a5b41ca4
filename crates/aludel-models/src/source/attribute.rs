//! The grammar inside `#[table(…)]`, `#[column(…)]` and `#[enum_type(…)]`.
//!
//! ```text
//! list      = [ attribute { "," attribute } [ "," ] ]
//! attribute = string | word [ "=" value | "(" list ")" ]
//! value     = string | number | "true" | "false"
//! ```

use aludel_dialect::Dialect;
use strsim::levenshtein;

use crate::error::{ModelError, Position};
use crate::source::token::{Cursor, Kind};

/// One element of a list.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The position of its first token.
    pub at: Position,
    /// The word; `None` for a string on its own.
    pub name: Option<String>,
    /// The value, as text.
    pub value: Option<String>,
    /// The list in parentheses.
    pub list: Option<Vec<Attribute>>,
}

/// The maximal nesting of lists.
const DEEPEST: usize = 16;

/// Reads a list up to the end of the cursor.
pub(crate) fn list(cursor: &mut Cursor<'_>) -> Result<Vec<Attribute>, ModelError> {
    elements(cursor, DEEPEST)
}

fn elements(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Attribute>, ModelError> {
    if depth == 0 {
        return Err(ModelError::new(cursor.position(), "nested too deep to be read"));
    }
    let mut out = Vec::new();
    while !cursor.is_empty() {
        out.push(element(cursor, depth)?);
        if !cursor.is_empty() && !cursor.eat(",") {
            return Err(ModelError::new(cursor.position(), "expected `,`"));
        }
    }
    Ok(out)
}

fn element(cursor: &mut Cursor<'_>, depth: usize) -> Result<Attribute, ModelError> {
    let at = cursor.position();
    let word = cursor.peek().filter(|token| !matches!(token.text, "true" | "false"));
    let Some(name) = word.and_then(|_| cursor.word()) else {
        return Ok(Attribute { at, name: None, value: Some(literal(cursor)?), list: None });
    };
    let name = Some(name.text.to_owned());
    let (mut value, mut list) = (None, None);
    if let Some(mut inside) = cursor.inside("(") {
        list = Some(elements(&mut inside, depth - 1)?);
    } else if cursor.eat("=") {
        value = Some(literal(cursor)?);
    }
    Ok(Attribute { at, name, value, list })
}

fn literal(cursor: &mut Cursor<'_>) -> Result<String, ModelError> {
    let at = cursor.position();
    let expected = || ModelError::new(at, "expected a string, a number, `true` or `false`");
    let minus = if cursor.eat("-") { "-" } else { "" };
    let token = cursor.next().ok_or_else(expected)?;
    match token.kind {
        Kind::Text if minus.is_empty() => string(token.text)
            .ok_or_else(|| ModelError::new(at, "a string with an escape that Rust does not know")),
        Kind::Number => {
            number(token.text).map(|digits| format!("{minus}{digits}")).ok_or_else(expected)
        }
        Kind::Word if minus.is_empty() && matches!(token.text, "true" | "false") => {
            Ok(token.text.to_owned())
        }
        _ => Err(expected()),
    }
}

/// Returns the value of a string literal; `None` if the literal is malformed.
pub(crate) fn string(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        return raw.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    let mut value = Some(String::with_capacity(inner.len()));
    rustc_literal_escaper::unescape_str(inner, |_, unescaped| match (unescaped, &mut value) {
        (Ok(c), Some(value)) => value.push(c),
        (Err(error), _) if error.is_fatal() => value = None,
        _ => {}
    });
    value
}

/// Returns the digits of a number, in base ten, without `_` and suffix.
fn number(literal: &str) -> Option<String> {
    let digits: String = literal.chars().filter(|c| *c != '_').collect();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            let end = rest.find(['i', 'u']).unwrap_or(rest.len());
            return u128::from_str_radix(&rest[..end], radix).ok().map(|number| number.to_string());
        }
    }
    let end = digits.find(['i', 'u', 'f']).unwrap_or(digits.len());
    Some(digits[..end].to_owned())
}

impl Attribute {
    /// Returns true if the element has this word.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }

    /// Returns the list; empty if there is none.
    pub(crate) fn items(&self) -> &[Self] {
        self.list.as_deref().unwrap_or_default()
    }

    /// Returns the value, or the only string in the list.
    pub(crate) fn text(&self) -> Result<&str, ModelError> {
        let only = match self.items() {
            [one] if one.name.is_none() => one.value.as_deref(),
            _ => None,
        };
        self.value.as_deref().or(only).ok_or_else(|| {
            let name = self.name.as_deref().unwrap_or_default();
            ModelError::new(self.at, format!("`{name}` needs a value"))
                .help(format!("write {name} = \"…\""))
        })
    }

    /// Returns the value as the name of an object, which can't be empty.
    pub(crate) fn name(&self) -> Result<&str, ModelError> {
        let text = self.text()?;
        if text.is_empty() {
            let name = self.name.as_deref().unwrap_or_default();
            return Err(ModelError::new(self.at, format!("`{name}` is empty")));
        }
        Ok(text)
    }

    /// Returns the value as a comment. The server takes an empty one for none.
    pub(crate) fn comment(&self) -> Result<Option<String>, ModelError> {
        Ok(Some(self.text()?.to_owned()).filter(|text| !text.is_empty()))
    }

    /// Returns true if the element is switched on: it is a bare word, or has the value `true`.
    pub(crate) fn flag(&self) -> Result<bool, ModelError> {
        match (self.value.as_deref(), &self.list) {
            (None, None) | (Some("true"), None) => Ok(true),
            (Some("false"), None) => Ok(false),
            _ => Err(ModelError::new(
                self.at,
                format!(
                    "`{}` takes no value but true or false",
                    self.name.as_deref().unwrap_or_default()
                ),
            )),
        }
    }
}

/// Returns the elements that apply to a dialect: those outside of `postgres(…)` and `sqlite(…)`,
/// then those in the dialect's own list, which come last and therefore take precedence.
pub(crate) fn for_dialect(list: &[Attribute], dialect: Dialect) -> Vec<&Attribute> {
    let scope =
        |a: &Attribute| a.name.as_deref().filter(|_| a.list.is_some()).and_then(Dialect::from_name);
    let general = list.iter().filter(|a| scope(a).is_none());
    let own = list.iter().filter(|a| scope(a) == Some(dialect)).flat_map(Attribute::items);
    general.chain(own).collect()
}

/// Returns true if the attributes of a struct or field say that it is not there in the dialect.
pub(crate) fn is_skipped(attributes: &[&Attribute]) -> Result<bool, ModelError> {
    let last = attributes.iter().rev().find(|attribute| attribute.is("skip"));
    last.map_or(Ok(false), |attribute| attribute.flag())
}

/// Refuses words that are not in `known`, also in the lists of dialects.
pub(crate) fn check_words(
    list: &[Attribute],
    known: &[&str],
    of: &str,
    strings: bool,
) -> Result<(), ModelError> {
    for attribute in list {
        match attribute.name.as_deref() {
            Some("postgres" | "sqlite") if attribute.list.is_some() => {
                check_words(attribute.items(), known, of, strings)?;
            }
            Some(name) if known.contains(&name) => {}
            Some(name) => {
                let message = format!("unknown attribute `{name}` of {of}");
                return Err(ModelError::new(attribute.at, message).help(suggestion(name, known)));
            }
            None if strings => {}
            None => {
                return Err(ModelError::new(
                    attribute.at,
                    format!("{of} takes no string on its own"),
                ));
            }
        }
    }
    Ok(())
}

/// Refuses words that stand twice, except those of `several`. A word in the list of a dialect takes
/// the place of the one outside.
pub(crate) fn check_once(list: &[Attribute], several: &[&str]) -> Result<(), ModelError> {
    let mut seen: Vec<(Option<Dialect>, &str)> = Vec::new();
    let general = list.iter().map(|attribute| (None, attribute));
    let own = Dialect::ALL.into_iter().flat_map(|dialect| {
        let lists = list.iter().filter(move |a| a.is(dialect.name()) && a.list.is_some());
        lists.flat_map(Attribute::items).map(move |attribute| (Some(dialect), attribute))
    });
    for (scope, attribute) in general.chain(own) {
        let is_scope = attribute.list.is_some()
            && attribute.name.as_deref().and_then(Dialect::from_name).is_some();
        let Some(word) = attribute.name.as_deref().filter(|word| !several.contains(word)) else {
            continue;
        };
        if !is_scope && seen.contains(&(scope, word)) {
            return Err(ModelError::new(attribute.at, format!("`{word}` stands twice")));
        }
        seen.push((scope, word));
    }
    Ok(())
}

fn suggestion(name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .min_by_key(|word| levenshtein(name, word))
        .filter(|word| levenshtein(name, word) <= 3);
    match near {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("there are {}", known.join(", ")),
    }
}
