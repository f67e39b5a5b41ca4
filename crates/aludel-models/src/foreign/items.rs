//! Structs and enums with all of their attributes, wherever they stand in a file.

use crate::error::{ModelError, Position};
use crate::source::item::TypeRef;
use crate::source::marks::{Marks, marks};
use crate::source::token::{Cursor, Token};
use crate::source::type_ref::type_ref;

/// The maximal nesting of types and modules.
const DEEPEST: usize = 32;

/// A struct or an enum.
pub(crate) struct Item<'t> {
    pub(crate) name: &'t Token<'t>,
    pub(crate) marks: Marks<'t>,
    /// The name of the module that it stands in; `None` for that of the file.
    pub(crate) module: Option<&'t str>,
    pub(crate) members: Members<'t>,
}

/// The members of an item.
pub(crate) enum Members<'t> {
    Fields(Vec<Member<'t>>),
    Variants(Vec<Member<'t>>),
    /// The type of `struct X(Y);`.
    Wraps(TypeRef),
    Nothing,
}

/// A field or a variant.
pub(crate) struct Member<'t> {
    pub(crate) name: &'t Token<'t>,
    pub(crate) marks: Marks<'t>,
    /// The type of a field; `None` for a variant and for a type without a path.
    pub(crate) rust_type: Option<TypeRef>,
    pub(crate) at: Position,
}

/// Returns all structs and enums of a file.
pub(crate) fn items<'t>(cursor: &mut Cursor<'t>) -> Result<Vec<Item<'t>>, ModelError> {
    let mut found = Vec::new();
    collect(cursor, None, DEEPEST, &mut found)?;
    Ok(found)
}

fn collect<'t>(
    cursor: &mut Cursor<'t>,
    module: Option<&'t str>,
    depth: usize,
    found: &mut Vec<Item<'t>>,
) -> Result<(), ModelError> {
    while !cursor.is_empty() && depth > 0 {
        let marks = marks(cursor);
        if cursor.eat_word("pub") {
            cursor.inside("(");
        }
        if cursor.eat_word("mod") {
            let name = cursor.word().map(|name| name.text);
            if let Some(mut inner) = cursor.inside("{") {
                collect(&mut inner, name, depth - 1, found)?;
            }
        } else if cursor.eat_word("struct") {
            let Some(name) = cursor.word() else { continue };
            let members = of_struct(cursor)?;
            found.push(Item { name, marks, module, members });
        } else if cursor.eat_word("enum") {
            let Some(name) = cursor.word() else { continue };
            cursor.skip_to("{");
            let variants = cursor.inside("{").map(|mut body| variants(&mut body)).transpose()?;
            let members = Members::Variants(variants.unwrap_or_default());
            found.push(Item { name, marks, module, members });
        } else {
            cursor.skip_tree();
        }
    }
    Ok(())
}

fn of_struct<'t>(cursor: &mut Cursor<'t>) -> Result<Members<'t>, ModelError> {
    if let Some(mut body) = cursor.inside("(") {
        marks(&mut body);
        if body.eat_word("pub") {
            body.inside("(");
        }
        let wrapped = type_ref(&mut body, DEEPEST);
        cursor.eat(";");
        return Ok(wrapped.map_or(Members::Nothing, Members::Wraps));
    }
    if cursor.eat(";") {
        return Ok(Members::Nothing);
    }
    while !cursor.is_empty() && !cursor.is_symbol("{") && !cursor.is_symbol(";") {
        cursor.skip_tree();
    }
    let Some(mut body) = cursor.inside("{") else {
        cursor.eat(";");
        return Ok(Members::Nothing);
    };
    let mut fields = Vec::new();
    while !body.is_empty() {
        let marks = marks(&mut body);
        if body.eat_word("pub") {
            body.inside("(");
        }
        let at = body.position();
        let name =
            body.word().ok_or_else(|| ModelError::new(at, "expected the name of a field"))?;
        body.eat(":");
        let at = body.position();
        let rust_type = type_ref(&mut body, DEEPEST);
        body.skip_to(",");
        body.eat(",");
        fields.push(Member { name, marks, rust_type, at });
    }
    Ok(Members::Fields(fields))
}

fn variants<'t>(body: &mut Cursor<'t>) -> Result<Vec<Member<'t>>, ModelError> {
    let mut found = Vec::new();
    while !body.is_empty() {
        let marks = marks(body);
        let at = body.position();
        let name = body.word().ok_or_else(|| ModelError::new(at, "expected a variant"))?;
        body.skip_to(",");
        body.eat(",");
        found.push(Member { name, marks, rust_type: None, at });
    }
    Ok(found)
}
