//! Range types, and what a server makes with them: the multirange type and the constructors of both.

use aludel_schema::{Definition, Kind, ObjectId, QualifiedName};

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::token::Token;

/// Returns the name of the multirange type that comes with a range type; `None` for anything else.
pub fn multirange(range: &Definition, dialect: Dialect) -> Option<QualifiedName> {
    if range.id.kind != Kind::RangeType {
        return None;
    }
    let tokens = significant(range.body.spelling(), dialect);
    let option = tokens.iter().position(|token| token.is_word("multirange_type_name"));
    let Some(option) = option else {
        let own = &range.id.name;
        let name = match own.name.split_once("range") {
            Some((before, after)) => format!("{before}multirange{after}"),
            None => format!("{}_multirange", own.name),
        };
        return Some(own.sibling(name));
    };
    let value = tokens.iter().skip(option + 2);
    let value = value.take_while(|token| !(token.is_symbol(",") || token.is_symbol(")")));
    let mut path: Vec<String> = value.filter_map(Token::identifier).collect();
    let name = path.pop()?;
    Some(QualifiedName::new(path.pop(), name))
}

/// Returns the functions that a server makes with a range type, by which texts make its values and those of
/// its multirange type.
pub fn constructors(range: &Definition, dialect: Dialect) -> Vec<ObjectId> {
    let both = subtype(range, dialect).zip(multirange(range, dialect));
    let Some((subtype, multirange)) = both else { return Vec::new() };
    let own = dialect.quote_name(&range.id.name);
    let function = |name: &QualifiedName, signature: String| ObjectId {
        signature: Some(signature),
        ..ObjectId::new(Kind::Function, name.clone())
    };
    vec![
        function(&range.id.name, format!("{subtype}, {subtype}")),
        function(&range.id.name, format!("{subtype}, {subtype}, text")),
        function(&multirange, String::new()),
        function(&multirange, own.clone()),
        function(&multirange, format!("{own}[]")),
    ]
}

/// Returns the type of the bounds of a range type.
pub(crate) fn subtype(range: &Definition, dialect: Dialect) -> Option<String> {
    let text = range.body.spelling();
    let tokens = significant(text, dialect);
    let at = tokens.iter().position(|token| token.is_word("subtype"))?;
    let first = tokens.get(at + 2)?;
    let mut depth = 0_usize;
    let end = tokens.iter().skip(at + 2).find(|token| match token.text {
        "," | ")" if depth == 0 => true,
        "(" => {
            depth += 1;
            false
        }
        ")" => {
            depth -= 1;
            false
        }
        _ => false,
    })?;
    Some(text.get(first.start..end.start)?.trim().to_owned())
}
