//! Parsing of Rust source into items. Only declarations of types are read. Bodies of functions and
//! everything else in a file are skipped, so they may be half-written.

use crate::error::{ModelError, Position};
use crate::source::attribute;
use crate::source::item::{EnumItem, Field, FileItems, StructItem, TypeAlias, TypeRef, Variant};
use crate::source::marks::{Marks, marks};
use crate::source::token::{Cursor, Kind, Lexer, Token};
use crate::source::type_ref::type_ref;

/// The maximal nesting of types and of modules.
const DEEPEST: usize = 64;

/// Parses a source file.
///
/// # Errors
///
/// Fails if a bracket, string or comment is not closed, if a token begins no item, or if a model is
/// malformed. The error has the position.
pub fn file_items(text: &str) -> Result<FileItems, ModelError> {
    let mut items = FileItems::default();
    each_part(text, |part| take_items(part, &mut items, DEEPEST))?;
    Ok(items)
}

/// Applies `work` to a source in parts of a few items each, because the tokens of a whole source take
/// many times its memory.
fn each_part(
    text: &str,
    mut work: impl FnMut(Cursor<'_>) -> Result<(), ModelError>,
) -> Result<(), ModelError> {
    let mut lexer = Lexer::new(text)?;
    let mut tokens = Vec::new();
    while lexer.take(&mut tokens)? {
        if let [part @ .., end, next] = tokens.as_slice()
            && lexer.is_outside()
            && ends_item(end, next)
        {
            let next = *next;
            work(Cursor::new(&tokens[..=part.len()]))?;
            tokens.clear();
            tokens.push(next);
        }
    }
    work(Cursor::new(&tokens))
}

/// Returns true if an item surely ends between two tokens. There is no open bracket behind them.
fn ends_item(end: &Token<'_>, next: &Token<'_>) -> bool {
    if matches!(next.text, ")" | "]" | "}") {
        return false;
    }
    let begins = || match next.kind {
        Kind::Doc => true,
        Kind::Word => BEGINNINGS.contains(&next.text),
        _ => next.text == "#",
    };
    end.kind == Kind::Symbol && (end.text == ";" || (end.text == "}" && begins()))
}

fn take_items(
    mut cursor: Cursor<'_>,
    items: &mut FileItems,
    depth: usize,
) -> Result<(), ModelError> {
    if depth == 0 {
        return Err(ModelError::new(cursor.position(), "nested too deep to be read"));
    }
    while !cursor.is_empty() {
        let marks = marks(&mut cursor);
        skip_visibility(&mut cursor);
        if cursor.eat(";") {
            continue;
        }
        let Some(token) = cursor.peek() else { break };
        let named = cursor.peek_second().is_some_and(is_word);
        match (token.kind, token.text) {
            (Kind::Word, "struct") if named => take_struct(&mut cursor, &marks, items)?,
            (Kind::Word, "enum") if named => take_enum(&mut cursor, &marks, items)?,
            (Kind::Word, "type") if named => take_alias(&mut cursor, items)?,
            (Kind::Word, "mod") if named => {
                cursor.next();
                cursor.next();
                if let Some(inner) = cursor.inside("{") {
                    take_items(inner, items, depth - 1)?;
                }
            }
            (Kind::Word, "use") => {
                cursor.next();
                cursor.eat(":");
                cursor.eat(":");
                take_use(&mut cursor, &[], items, DEEPEST);
                skip_past_semicolon(&mut cursor)?;
            }
            _ => skip_item(&mut cursor, items)?,
        }
    }
    Ok(())
}

fn is_word(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Word | Kind::RawWord)
}

/// Words that begin an item which declares no relevant type.
const OTHER_ITEMS: [&str; 12] = [
    "fn", "impl", "trait", "unsafe", "async", "extern", "default", "auto", "safe", "union",
    "macro", "gen",
];

/// Skips an item that declares no relevant type. Other tokens are an error: skipping them could
/// skip a model, and the table of a skipped model would be dropped.
fn skip_item(cursor: &mut Cursor<'_>, items: &mut FileItems) -> Result<(), ModelError> {
    let second = cursor.peek_second().map_or("", |token| token.text);
    if second == "!" || second == ":" {
        return skip_macro(cursor, items);
    }
    let is_value = cursor.is_word("const") || cursor.is_word("static");
    if is_value && !matches!(second, "fn" | "unsafe" | "extern" | "async") {
        return skip_past_semicolon(cursor);
    }
    if is_value || OTHER_ITEMS.iter().any(|word| cursor.is_word(word)) {
        skip_to_end_of_header(cursor)?;
        cursor.skip_tree();
        return Ok(());
    }
    let found = cursor.peek().map_or("", |token| token.text);
    Err(ModelError::new(cursor.position(), format!("expected an item, found `{found}`")))
}

/// Skips `path::name! name {…}`, and reads the list of `database!`.
fn skip_macro(cursor: &mut Cursor<'_>, items: &mut FileItems) -> Result<(), ModelError> {
    let mut name = "";
    while let Some(word) = cursor.word() {
        name = word.text;
        cursor.eat(":");
        cursor.eat(":");
    }
    let at = cursor.position();
    cursor.eat("!");
    cursor.word();
    let Some(mut body) = ["{", "(", "["].into_iter().find_map(|open| cursor.inside(open)) else {
        return Err(ModelError::new(at, format!("expected an item, found `{name}`")));
    };
    if name == "database" {
        items.database.extend(attribute::list(&mut body)?);
    }
    Ok(())
}

/// Words that begin an item and can't occur in a value or in the head of a function.
const BEGINNINGS: [&str; 5] = ["struct", "enum", "pub", "mod", "trait"];

fn skip_past_semicolon(cursor: &mut Cursor<'_>) -> Result<(), ModelError> {
    while !cursor.eat(";") {
        check_unfinished(cursor)?;
        cursor.skip_tree();
    }
    Ok(())
}

/// Skips to the braces or to the semicolon that ends a function, an impl or a similar item.
fn skip_to_end_of_header(cursor: &mut Cursor<'_>) -> Result<(), ModelError> {
    let mut angles = 0_usize;
    // The item's own word may be in `BEGINNINGS`.
    cursor.next();
    cursor.eat_word("trait");
    loop {
        check_unfinished(cursor)?;
        match cursor.peek().map_or("", |token| token.text) {
            "{" | ";" if angles == 0 => return Ok(()),
            "<" => angles += 1,
            ">" => angles = angles.saturating_sub(1),
            "-" | "=" if cursor.peek_second().is_some_and(|next| next.text == ">") => {
                cursor.next();
            }
            _ => {}
        }
        cursor.skip_tree();
    }
}

/// Fails if an item is unfinished, because it would swallow the next item or the rest of the file.
fn check_unfinished(cursor: &Cursor<'_>) -> Result<(), ModelError> {
    let begins = BEGINNINGS.iter().any(|word| cursor.is_word(word));
    if begins || cursor.is_empty() {
        let message = "expected `;` or `{` at the end of the item before this";
        return Err(ModelError::new(cursor.position(), message));
    }
    Ok(())
}

fn skip_visibility(cursor: &mut Cursor<'_>) {
    if cursor.eat_word("pub") {
        cursor.inside("(");
    }
}

/// Skips `struct Name<…>` and returns the name.
fn declared<'t>(cursor: &mut Cursor<'t>) -> Option<&'t Token<'t>> {
    cursor.next();
    let name = cursor.word()?;
    if cursor.eat("<") {
        cursor.skip_to(">");
        cursor.eat(">");
    }
    Some(name)
}

fn take_struct(
    cursor: &mut Cursor<'_>,
    marks: &Marks<'_>,
    items: &mut FileItems,
) -> Result<(), ModelError> {
    let Some(name) = declared(cursor) else { return Ok(()) };
    if marks.derives("Table") {
        items.tables.push(table(name, marks, cursor)?);
    } else if let Some(mut fields) = cursor.inside("(") {
        self::marks(&mut fields);
        skip_visibility(&mut fields);
        let inner = type_ref(&mut fields, DEEPEST);
        fields.eat(",");
        if let (Some(inner), true) = (inner, fields.is_empty()) {
            items.aliases.push(TypeAlias { name: name.text.to_owned(), target: inner });
        }
        skip_past_semicolon(cursor)?;
    } else {
        skip_body(cursor)?;
    }
    Ok(())
}

/// Skips a `where` clause, and the braces or the semicolon after it.
fn skip_body(cursor: &mut Cursor<'_>) -> Result<(), ModelError> {
    while !cursor.is_symbol("{") && !cursor.is_symbol(";") {
        check_unfinished(cursor)?;
        cursor.skip_tree();
    }
    cursor.skip_tree();
    Ok(())
}

/// Parses a struct with `#[derive(Table)]`.
fn table(
    name: &Token<'_>,
    marks: &Marks<'_>,
    cursor: &mut Cursor<'_>,
) -> Result<StructItem, ModelError> {
    if cursor.is_word("where") {
        while !cursor.is_empty() && !cursor.is_symbol("{") {
            cursor.skip_tree();
        }
    }
    let Some(mut body) = cursor.inside("{") else {
        return Err(ModelError::new(name.at, format!("table {} has no named fields", name.text)));
    };
    let mut fields = Vec::with_capacity(16);
    while !body.is_empty() {
        fields.push(field(&mut body)?);
    }
    fields.shrink_to_fit();
    Ok(StructItem {
        name: name.text.to_owned(),
        at: name.at,
        attributes: marks.lists("table")?,
        doc: marks.doc(),
        fields,
    })
}

fn field(cursor: &mut Cursor<'_>) -> Result<Field, ModelError> {
    let marks = marks(cursor);
    skip_visibility(cursor);
    let at = cursor.position();
    let name = cursor.word().ok_or_else(|| ModelError::new(at, "expected the name of a field"))?;
    if !cursor.eat(":") {
        return Err(ModelError::new(
            cursor.position(),
            format!("expected `:` and a type behind the field {}", name.text),
        ));
    }
    let place = cursor.position();
    if cursor.is_empty() || cursor.is_symbol(",") {
        return Err(ModelError::new(
            place,
            format!("expected the type of the field {}", name.text),
        ));
    }
    let start = *cursor;
    let rust_type = type_ref(cursor, DEEPEST);
    if let Some(at) = unclosed(start).filter(|_| rust_type.is_none()) {
        let message = format!("a `<` in the type of the field {} is not closed", name.text);
        return Err(ModelError::new(at, message).help("write the missing `>` before the comma"));
    }
    if rust_type.is_some() && cursor.is_symbol(">") {
        let message = format!("a `>` in the type of the field {} closes nothing", name.text);
        return Err(ModelError::new(cursor.position(), message).help("take it out"));
    }
    if rust_type.is_some() && begins_field(cursor) {
        let message = format!("expected `,` behind the field {}", name.text);
        return Err(ModelError::new(place, message).help("a comma ends a field"));
    }
    let rust_type = rust_type.filter(|_| cursor.is_empty() || cursor.is_symbol(","));
    // A type without a path (a tuple, a function) gets a name that resolves to nothing.
    let unknown = || TypeRef { at: place, path: vec!["?".to_owned()], arguments: Vec::new() };
    cursor.skip_to(",");
    cursor.eat(",");
    Ok(Field {
        name: name.text.to_owned(),
        at: name.at,
        rust_type: rust_type.unwrap_or_else(unknown),
        attributes: marks.lists("column")?,
        doc: marks.doc(),
    })
}

/// Returns true if another field begins here.
fn begins_field(cursor: &Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    cursor.is_symbol("#")
        || cursor.is_word("pub")
        || (ahead.word().is_some() && ahead.eat(":") && !ahead.is_symbol(":"))
}

/// Returns the position of the outermost `<` of a type that is open where the next field begins.
fn unclosed(mut cursor: Cursor<'_>) -> Option<Position> {
    let mut open = Vec::new();
    while let Some(token) = cursor.peek() {
        match token.text {
            _ if begins_field(&cursor) => break,
            "," if open.is_empty() => break,
            "<" => open.push(token.at),
            ">" => drop(open.pop()),
            "-" if cursor.peek_second().is_some_and(|next| next.text == ">") => {
                cursor.next();
            }
            _ => {}
        }
        cursor.skip_tree();
    }
    open.first().copied()
}

fn take_enum(
    cursor: &mut Cursor<'_>,
    marks: &Marks<'_>,
    items: &mut FileItems,
) -> Result<(), ModelError> {
    let Some(name) = declared(cursor) else { return Ok(()) };
    if !marks.derives("Enum") {
        items.plain_enums.push(name.text.to_owned());
        return skip_body(cursor);
    }
    let Some(mut body) = cursor.inside("{") else {
        return Err(ModelError::new(name.at, format!("enum {} has no variants", name.text)));
    };
    let mut variants = Vec::new();
    while !body.is_empty() {
        variants.push(variant(&mut body, name.text)?);
    }
    items.enums.push(EnumItem {
        name: name.text.to_owned(),
        at: name.at,
        attributes: marks.lists("enum_type")?,
        doc: marks.doc(),
        variants,
    });
    Ok(())
}

fn variant(cursor: &mut Cursor<'_>, of: &str) -> Result<Variant, ModelError> {
    let marks = marks(cursor);
    let at = cursor.position();
    let name =
        cursor.word().ok_or_else(|| ModelError::new(at, "expected the name of a variant"))?;
    if cursor.is_symbol("(") || cursor.is_symbol("{") {
        let message = format!("variant {} of enum {of} has fields", name.text);
        return Err(ModelError::new(at, message).help("an enum type of a database has labels only"));
    }
    let (mut label, mut renamed_from) = (None, None);
    for element in marks.lists("label")? {
        let place = match element.name.as_deref() {
            None => &mut label,
            Some("renamed_from") => &mut renamed_from,
            Some(other) => {
                let message = format!("unknown attribute `{other}` of a label");
                return Err(ModelError::new(element.at, message)
                    .help("write #[label(\"…\")] or #[label(renamed_from = \"…\")]"));
            }
        };
        if place.replace(element.text()?.to_owned()).is_some() {
            return Err(ModelError::new(element.at, "a second label"));
        }
    }
    if !(cursor.is_empty() || cursor.is_symbol(",") || cursor.is_symbol("=")) {
        return Err(ModelError::new(cursor.position(), "expected `,` behind a variant"));
    }
    // A discriminant may have comparisons and shifts, so angle brackets do not nest here.
    while !cursor.is_empty() && !cursor.eat(",") {
        cursor.skip_tree();
    }
    Ok(Variant { name: name.text.to_owned(), at, label, renamed_from })
}

fn take_alias(cursor: &mut Cursor<'_>, items: &mut FileItems) -> Result<(), ModelError> {
    let name = declared(cursor);
    cursor.skip_to("=");
    if let Some(name) = name
        && cursor.eat("=")
        && let Some(target) = type_ref(cursor, DEEPEST)
        && cursor.is_symbol(";")
    {
        items.aliases.push(TypeAlias { name: name.text.to_owned(), target });
    }
    skip_past_semicolon(cursor)
}

fn take_use(cursor: &mut Cursor<'_>, prefix: &[String], items: &mut FileItems, depth: usize) {
    let mut path = prefix.to_vec();
    while let Some(word) = cursor.word() {
        path.push(word.text.to_owned());
        if cursor.eat_word("as") {
            if let Some(name) = cursor.word() {
                items.uses.insert(name.text.to_owned(), path);
            }
            return;
        }
        if !(cursor.eat(":") && cursor.eat(":")) {
            items.uses.insert(word.text.to_owned(), path);
            return;
        }
    }
    if let Some(mut group) = cursor.inside("{").filter(|_| depth > 0) {
        while !group.is_empty() {
            take_use(&mut group, &path, items, depth - 1);
            group.skip_to(",");
            group.eat(",");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_else_is_stepped_over() {
        let text = r##"
            #![allow(unused)]
            use a::{b as c, d::*, e::{self, f}};
            const X: S = S { a: 1 };
            static Y: [S; 1] = [S { a: 2 }];
            const fn f() -> u8 { struct Inner; 1 }
            fn g<const N: usize>() -> *const u8 { 1 as *const u8 }
            fn it<'a>(x: &'a u8) -> impl Iterator<Item = u8> + use<'a> { x }
            #[derive(Table)] struct Between { a: i32 }
            unsafe impl<const N: usize> Send for Buf<N> {}
            pub trait Shape: Sized where Self: Copy { fn area(&self) -> f64; }
            extern crate alloc;
            impl<const N: usize> T<{ N }> for [u8; N] where u8: Copy { fn x() { "}" ; } }
            macro_rules! m { ($a:ident) => { struct $a; }; }
            m!(Z);
            pub(crate) struct Id<T>(#[serde] pub T);
            struct Pair(i32, i32);
            struct Unit;
            struct Plain<T> where T: Copy { a: T }
            union U { a: u8 }
            pub type Name<T = u8> = Option<T>;
            mod inner {
                /// One.
                ///
                /// Two
                /// lines.
                #[cfg_attr(feature = "db", derive(Debug, aludel::Table), table(name = "x"))]
                pub struct Row { pub r#type: i32, }
            }
            extern "C" { fn g(); }
            fn broken( -> { let 1 = ; }
            enum Other { A(u8), B { c: u8 } }
            aludel::database! { extension("vector"), }
            #[derive(Enum)] #[enum_type(name = "kind")] enum Kind { A = 1 << 2, #[label("b b")] B }
        "##
        .replace("broken( ->", "broken() ->");
        let items = file_items(&text).unwrap();
        assert_eq!(items.tables.len(), 2);
        let row = &items.tables[1];
        assert_eq!((row.name.as_str(), row.fields[0].name.as_str()), ("Row", "type"));
        assert_eq!(row.doc.as_deref(), Some("One.\n\nTwo lines."));
        assert_eq!(row.attributes[0].value.as_deref(), Some("x"));
        assert_eq!(items.plain_enums, ["Other"]);
        assert_eq!(items.enums[0].variants[1].label.as_deref(), Some("b b"));
        assert_eq!(items.database.len(), 1);
        let aliases: Vec<String> =
            items.aliases.iter().map(|a| format!("{} = {}", a.name, a.target)).collect();
        assert_eq!(aliases, ["Id = T", "Name = Option<T>"]);
        assert_eq!(items.uses["c"], ["a", "b"]);
        assert_eq!(items.uses["f"], ["a", "e", "f"]);
    }

    #[test]
    fn what_is_wrong_with_a_model_is_said_with_its_place() {
        for (text, line, column, words) in [
            (
                "const A: u8 = 1\n#[derive(Table)] struct B { a: u8 }",
                2,
                18,
                "at the end of the item before",
            ),
            ("fn f()\npub struct B { a: u8 }", 2, 1, "at the end of the item before"),
            ("use a::b\nstruct B { a: u8 }", 2, 1, "at the end of the item before"),
            ("struct A { }\nnonsense here", 2, 1, "expected an item, found `nonsense`"),
            ("struct A { }\n= 1;", 2, 1, "expected an item, found `=`"),
            ("#[derive(Table)]\nstruct A(i32);", 2, 8, "no named fields"),
            ("#[derive(Table)]\nstruct A { a }", 2, 14, "expected `:`"),
            ("#[derive(Table)]\nstruct A { a: , }", 2, 15, "expected the type"),
            ("#[derive(Table)]\nstruct A { 1: i32 }", 2, 12, "expected the name"),
            ("#[derive(Table)]\nstruct A { a: i32\n b: i32 }", 2, 15, "`,` behind the field a"),
            ("#[derive(Table)]\nstruct A { a: i32 pub b: u8 }", 2, 15, "`,` behind the field a"),
            ("#[derive(Table)]\nstruct A { a: B<C> #[x] b: u8 }", 2, 15, "`,` behind the field"),
            ("#[derive(Table)]\n#[table]\nstruct A { a: i32 }", 2, 3, "write #[table(…)]"),
            ("#[derive(Enum)]\nenum A { B(u8) }", 2, 10, "has fields"),
            ("#[derive(Table)]\nstruct A { #[column(a = )] a: i32 }", 2, 25, "expected a string"),
        ] {
            let problem = file_items(text).unwrap_err();
            assert!(problem.message.contains(words), "{problem}");
            assert_eq!((problem.at.line, problem.at.column), (line, column), "{problem}");
        }
    }
}
