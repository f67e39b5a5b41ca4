//! Types in the declarations of fields.

use crate::source::item::TypeRef;
use crate::source::token::{Cursor, Kind};

/// Parses a type that has a path, or an array of one. Stops at the first token that does not belong
/// to it.
pub(crate) fn type_ref(cursor: &mut Cursor<'_>, depth: usize) -> Option<TypeRef> {
    if depth == 0 {
        return None;
    }
    let at = cursor.position();
    if cursor.eat("&") {
        if cursor.peek().is_some_and(|token| token.text.starts_with('\'')) {
            cursor.next();
        }
        cursor.eat_word("mut");
        return type_ref(cursor, depth - 1);
    }
    if let Some(mut inner) = cursor.inside("(") {
        return type_ref(&mut inner, depth - 1).filter(|_| inner.is_empty());
    }
    if let Some(mut inner) = cursor.inside("[") {
        let element = type_ref(&mut inner, depth - 1)?;
        let known = inner.is_empty() || inner.is_symbol(";");
        return known.then(|| TypeRef {
            at: element.at,
            path: vec!["[]".to_owned()],
            arguments: vec![element],
        });
    }
    cursor.eat(":");
    cursor.eat(":");
    let mut path = Vec::with_capacity(1);
    let mut arguments = Vec::new();
    loop {
        let word = cursor.word()?;
        if word.kind == Kind::Word && matches!(word.text, "dyn" | "impl" | "fn" | "for" | "unsafe")
        {
            return None;
        }
        path.push(word.text.to_owned());
        arguments.clear();
        if cursor.eat("<") {
            arguments = type_arguments(cursor, depth - 1)?;
        }
        if !(cursor.eat(":") && cursor.eat(":")) {
            return Some(TypeRef { at, path, arguments });
        }
    }
}

/// Parses generic arguments after the `<`, up to and including the `>`. Only types are kept.
fn type_arguments(cursor: &mut Cursor<'_>, depth: usize) -> Option<Vec<TypeRef>> {
    let mut arguments = Vec::with_capacity(1);
    loop {
        if cursor.eat(">") {
            return Some(arguments);
        }
        if cursor.is_empty() {
            return None;
        }
        let mut ahead = *cursor;
        if let Some(found) = type_ref(&mut ahead, depth)
            && (ahead.is_symbol(",") || ahead.is_symbol(">"))
        {
            arguments.push(found);
            *cursor = ahead;
        } else {
            skip_argument(cursor);
        }
        cursor.eat(",");
    }
}

/// Skips to the `,` or `>` that ends a generic argument.
fn skip_argument(cursor: &mut Cursor<'_>) {
    let mut angles = 0_usize;
    while let Some(token) = cursor.peek() {
        match token.text {
            "," | ">" if angles == 0 => return,
            "<" => angles += 1,
            ">" => angles -= 1,
            "-" | "=" if cursor.peek_second().is_some_and(|next| next.text == ">") => {
                cursor.next();
            }
            _ => {}
        }
        cursor.skip_tree();
    }
}

#[cfg(test)]
mod tests {
    use crate::source::parse::file_items;

    /// Returns the types of the fields, as the parser sees them.
    fn types(fields: &str) -> Vec<String> {
        let text = format!("#[derive(Table)] struct A {{ {fields} }}");
        let items = file_items(&text).unwrap();
        items.tables[0].fields.iter().map(|field| field.rust_type.to_string()).collect()
    }

    #[test]
    fn types_are_read_as_the_compiler_does() {
        for (written, read) in [
            ("a: Option<Vec<std::string::String>>,", &["Option<Vec<std::string::String>>"][..]),
            ("a: ::uuid::Uuid, b: [u8; 4]", &["uuid::Uuid", "[]<u8>"]),
            ("a: &'static mut str, b: &[u8]", &["str", "[]<u8>"]),
            ("a: (String), b: (i32, i32)", &["String", "?"]),
            ("a: fn(u8) -> Vec<u8>, b: i32", &["?", "i32"]),
            ("a: Box<dyn Fn(u8) -> u8>, b: i32", &["Box", "i32"]),
            ("a: Cow<'static, str>, pub(crate) b: r#type", &["Cow<str>", "type"]),
            ("a: A<{ 1 }, B<C, D>, -1>", &["A<B<C, D>>"]),
            ("a: <T as X>::Y, b: i32", &["?", "i32"]),
        ] {
            assert_eq!(types(written), read, "{written}");
        }
    }
}
