//! The grammar inside `#[table(…)]`, `#[column(…)]` and `#[enum_type(…)]`.
//!
//! ```text
//! list      = [ attribute { "," attribute } [ "," ] ]
//! attribute = string | word [ "=" value | "(" list ")" ]
//! value     = string | number | "true" | "false"
//! ```

use aludel_dialect::Dialect;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, Token, token};

use crate::{ModelError, Position};

/// One element of a list.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Where it begins.
    pub at: Position,
    /// Its word; `None` for a string on its own.
    pub name: Option<String>,
    /// Its value, as text.
    pub value: Option<String>,
    /// Its list.
    pub list: Option<Vec<Attribute>>,
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let at = input.span().into();
        if input.peek(Lit) {
            let value = Some(literal(input)?);
            return Ok(Self { at, name: None, value, list: None });
        }
        let name = Some(Ident::parse_any(input)?.unraw().to_string());
        let (mut value, mut list) = (None, None);
        if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            list = Some(
                Punctuated::<Self, Token![,]>::parse_terminated(&content)?.into_iter().collect(),
            );
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            value = Some(literal(input)?);
        }
        Ok(Self { at, name, value, list })
    }
}

fn literal(input: ParseStream<'_>) -> syn::Result<String> {
    let minus = if input.peek(Token![-]) {
        input.parse::<Token![-]>()?;
        "-"
    } else {
        ""
    };
    Ok(match input.parse::<Lit>()? {
        Lit::Str(text) => text.value(),
        Lit::Int(number) => format!("{minus}{}", number.base10_digits()),
        Lit::Float(number) => format!("{minus}{}", number.base10_digits()),
        Lit::Bool(truth) => truth.value.to_string(),
        other => {
            return Err(syn::Error::new(
                other.span(),
                "expected a string, a number, `true` or `false`",
            ));
        }
    })
}

impl Attribute {
    /// Whether it is this word.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }

    /// Its list; empty if it has none.
    pub(crate) fn items(&self) -> &[Self] {
        self.list.as_deref().unwrap_or_default()
    }

    /// Its value, or the one string in its list.
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

    /// Whether it is switched on: alone, or with the value `true`.
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

/// The elements that count for a dialect: those outside `postgres(…)` and `sqlite(…)`, then those
/// inside the dialect's own, which so come last and win.
pub(crate) fn for_dialect(list: &[Attribute], dialect: Dialect) -> Vec<&Attribute> {
    let scope =
        |a: &Attribute| a.name.as_deref().filter(|_| a.list.is_some()).and_then(Dialect::from_name);
    let general = list.iter().filter(|a| scope(a).is_none());
    let own = list.iter().filter(|a| scope(a) == Some(dialect)).flat_map(Attribute::items);
    general.chain(own).collect()
}

/// Refuses words that are not in `known`; looks into the dialects' lists too.
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

fn suggestion(name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .min_by_key(|word| distance(name, word))
        .filter(|word| distance(name, word) <= 3);
    match near {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("there are {}", known.join(", ")),
    }
}

/// The number of single-character edits between two words.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let cost = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
