//! Attributes and doc comments before items, fields and variants.

use crate::error::ModelError;
use crate::source::attribute::{self, Attribute};
use crate::source::token::{Cursor, Kind, Token};

/// The maximal nesting of `cfg_attr`.
const DEEPEST: usize = 64;

/// The attributes and doc comments before an item, a field or a variant.
#[derive(Default)]
pub(crate) struct Marks<'t> {
    doc: Vec<String>,
    attributes: Vec<Mark<'t>>,
}

/// An attribute: `name`, `name(…)` or `name = …`.
struct Mark<'t> {
    name: &'t Token<'t>,
    list: Option<Cursor<'t>>,
}

pub(crate) fn marks<'t>(cursor: &mut Cursor<'t>) -> Marks<'t> {
    let mut marks = Marks::default();
    loop {
        if let Some(token) = cursor.peek().filter(|token| token.kind == Kind::Doc) {
            marks.doc.push(comment(token.text));
            cursor.next();
        } else if cursor.is_symbol("#") {
            cursor.next();
            cursor.eat("!");
            if let Some(mut inner) = cursor.inside("[") {
                marks.take(&mut inner, DEEPEST);
            }
        } else {
            return marks;
        }
    }
}

/// Returns the text of a doc comment, without its markers.
fn comment(text: &str) -> String {
    let text = match text.strip_prefix("/**") {
        Some(block) => block.strip_suffix("*/").unwrap_or(block),
        None => text.strip_prefix("///").unwrap_or(text),
    };
    text.trim().to_owned()
}

impl<'t> Marks<'t> {
    /// Takes one attribute. Attributes inside of `cfg_attr` are taken as if they stood alone.
    fn take(&mut self, cursor: &mut Cursor<'t>, depth: usize) {
        let Some(mut name) = cursor.word() else { return };
        let mut single = true;
        while cursor.eat(":") {
            single = false;
            if let Some(next) = cursor.word() {
                name = next;
            }
        }
        if name.text == "doc" && single && cursor.eat("=") {
            let text = cursor.next().and_then(|token| attribute::string(token.text));
            self.doc.extend(text.map(|text| text.trim().to_owned()));
            return;
        }
        let list = cursor.inside("(");
        match list {
            Some(mut inner) if name.text == "cfg_attr" && single && depth > 0 => {
                inner.skip_to(",");
                while inner.eat(",") {
                    self.take(&mut inner, depth - 1);
                    inner.skip_to(",");
                }
            }
            _ if single => self.attributes.push(Mark { name, list }),
            _ => {}
        }
    }

    pub(crate) fn derives(&self, name: &str) -> bool {
        self.attributes.iter().filter(|mark| mark.name.text == "derive").any(|mark| {
            let mut list = mark.list;
            while let Some(inner) = &mut list
                && !inner.is_empty()
            {
                let mut last = "";
                while let Some(word) = inner.word() {
                    last = word.text;
                    inner.eat(":");
                    inner.eat(":");
                }
                if last == name {
                    return true;
                }
                inner.skip_to(",");
                inner.eat(",");
            }
            false
        })
    }

    /// Returns the elements of all `#[name(…)]` attributes.
    pub(crate) fn lists(&self, name: &str) -> Result<Vec<Attribute>, ModelError> {
        let mut out = Vec::new();
        for mark in self.attributes.iter().filter(|mark| mark.name.text == name) {
            let Some(mut list) = mark.list else {
                return Err(ModelError::new(mark.name.at, format!("write #[{name}(…)]")));
            };
            out.append(&mut attribute::list(&mut list)?);
        }
        out.shrink_to_fit();
        Ok(out)
    }

    /// Returns the doc comment, with its lines joined as in Markdown.
    pub(crate) fn doc(&self) -> Option<String> {
        match self.doc.as_slice() {
            [] => None,
            [one] if !one.contains('\n') => Some(one.clone()).filter(|text| !text.is_empty()),
            lines => {
                let text = lines
                    .join("\n")
                    .trim()
                    .replace("\n\n", "\u{0}")
                    .replace('\n', " ")
                    .replace('\u{0}', "\n\n");
                Some(text).filter(|text| !text.is_empty())
            }
        }
    }
}
