//! Checks that read nothing but new columns with a constant in all rows. Whether the rows pass is known before an
//! upgrade, though only the database can say it.

use aludel_dialect::{Dialect, Hazard, Step, Token, TokenKind, mentions, significant};
use aludel_schema::{Column, ConstraintKind, Kind, ObjectId, SqlText, Table};

use crate::depends::World;

/// A check that rows may break by the values that new columns have at first.
#[derive(Clone, Debug)]
pub struct FirstValues {
    /// The constraint.
    pub constraint: ObjectId,
    /// The condition.
    pub check: String,
    /// The columns that it reads. Each has a constant default, or is NULL.
    pub columns: Vec<Column>,
}

/// Returns the checks among the rules that rows may break by which all rows pass or none.
pub(crate) fn find(steps: &[Step], world: &World<'_>) -> Vec<FirstValues> {
    let hazards = steps.iter().flat_map(|step| &step.hazards);
    let rules = hazards.filter_map(|hazard| match hazard {
        Hazard::FailsOnRule { object, .. } if object.kind == Kind::Constraint => Some(object),
        _ => None,
    });
    rules.filter_map(|object| first_values(object, world)).collect()
}

fn first_values(object: &ObjectId, world: &World<'_>) -> Option<FirstValues> {
    let name = object.table.as_ref()?;
    let (before, table) =
        (world.pair.database.tables.get(name)?, world.pair.target.tables.get(name)?);
    let constraint = table.constraints.iter().find(|own| own.id(name) == *object)?;
    let ConstraintKind::Check { expression, .. } = &constraint.kind else { return None };
    let check = expression.spelling();
    let columns = read(table, check, world.dialect);
    let is_known = |column: &Column| {
        let default = column.default.as_ref();
        before.column(&column.name).is_none()
            && column.generated.is_none()
            && default.map_or(column.is_null_at_first(), |text| is_constant(text, world.dialect))
    };
    let is_certain =
        constraint.name.is_some() && !columns.is_empty() && columns.iter().all(is_known);
    let (constraint, check) = (object.clone(), check.to_owned());
    is_certain.then_some(FirstValues { constraint, check, columns })
}

fn read(table: &Table, check: &str, dialect: Dialect) -> Vec<Column> {
    let columns = table.columns.iter();
    columns.filter(|column| mentions(check, &column.name, dialect)).cloned().collect()
}

/// Returns true for a literal, perhaps with a type, that has the same value at all times.
fn is_constant(default: &SqlText, dialect: Dialect) -> bool {
    let tokens = significant(default.spelling(), dialect);
    let unsigned = match tokens.as_slice() {
        [sign, rest @ ..] if sign.is_symbol("-") || sign.is_symbol("+") => rest,
        all => all,
    };
    let is_plain = |token: &Token<'_>| match token.kind {
        TokenKind::Number => true,
        TokenKind::Word => ["true", "false", "null"].iter().any(|word| token.is_word(word)),
        TokenKind::String => {
            let text = token.text.to_lowercase();
            !["now", "today", "tomorrow", "yesterday"].iter().any(|word| text.contains(word))
        }
        TokenKind::Quoted
        | TokenKind::Symbol
        | TokenKind::Comment
        | TokenKind::Space
        | TokenKind::Data => false,
    };
    let is_of_type = |token: &Token<'_>| match token.kind {
        TokenKind::Symbol => ["::", "(", ")", "[", "]", ",", "."].contains(&token.text),
        TokenKind::Word | TokenKind::Quoted | TokenKind::Number => true,
        TokenKind::String | TokenKind::Comment | TokenKind::Space | TokenKind::Data => false,
    };
    match unsigned {
        [value] => is_plain(value),
        [value, cast, sql_type @ ..] => {
            is_plain(value) && cast.is_symbol("::") && sql_type.iter().all(is_of_type)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_have_the_same_value_at_all_times() {
        let is_constant = |text: &str| is_constant(&SqlText::new(text), Dialect::Postgres);
        for text in ["1", "-1.5", "'x'", "true", "'x'::character varying(3)", "'{}'::text[]"] {
            assert!(is_constant(text), "{text}");
        }
        for text in ["now()", "'now'::timestamptz", "1 + 1", "'a'::text || b()", "CURRENT_DATE", ""]
        {
            assert!(!is_constant(text), "{text}");
        }
    }
}
