//! CREATE statements in the forms that a scratch needs.

use std::borrow::Cow;

use aludel_dialect::{Dialect, commented, significant, without_rows};
use aludel_schema::{Kind, QualifiedName};

/// Returns the CREATE statement of a materialized view as that of a table without rows.
pub(super) fn as_table(sql: &str, dialect: Dialect) -> String {
    let sql = without_rows(sql, dialect);
    let words = significant(&sql, dialect);
    match (words.get(1), words.get(2)) {
        (Some(first), Some(second)) if first.is_word("MATERIALIZED") => {
            let (before, after) = (sql.get(..first.start), sql.get(second.end()..));
            format!("{}TABLE{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => sql,
    }
}

/// Returns a CREATE statement as CREATE OR REPLACE.
pub(super) fn or_replace(sql: &str, dialect: Dialect) -> String {
    let words = significant(sql, dialect);
    match (words.first(), words.get(1)) {
        (Some(create), Some(second)) if !second.is_word("OR") => {
            format!("CREATE OR REPLACE{}", sql.get(create.end()..).unwrap_or_default())
        }
        _ => sql.to_owned(),
    }
}

/// Returns a statement about an object with the schema of the object before its name, which comes first in
/// it. A name without a schema stays as it is.
pub(super) fn with_schema<'s>(
    sql: &'s str,
    name: &QualifiedName,
    dialect: Dialect,
) -> Cow<'s, str> {
    let Some(schema) = &name.schema else { return Cow::Borrowed(sql) };
    let words = significant(sql, dialect);
    let is_name = |word: &String| *word == name.name;
    let first = words.iter().position(|word| word.identifier().as_ref().is_some_and(is_name));
    let is_said = |at: usize| {
        let mut around = at.checked_sub(1).into_iter().chain([at + 1]);
        around.any(|at| words.get(at).is_some_and(|word| word.is_symbol(".")))
    };
    match first.filter(|at| !is_said(*at)).and_then(|at| words.get(at)) {
        Some(word) => {
            let (before, after) = sql.split_at(word.start);
            Cow::Owned(format!("{before}{}.{after}", dialect.quote(schema)))
        }
        None => Cow::Borrowed(sql),
    }
}

/// Returns a comment on an index as one on the index of that name in a schema; `None` for any other statement.
pub(super) fn on_index_in(sql: &str, schema: Option<&str>, dialect: Dialect) -> Option<String> {
    let own = commented(sql, dialect).filter(|own| own.object.kind == Kind::Index)?;
    let name = QualifiedName::new(schema.map(str::to_owned), own.object.name.name);
    let text = own.comment.map_or("NULL".to_owned(), |text| dialect.literal(&text));
    Some(format!("COMMENT ON INDEX {} IS {text}", dialect.quote_name(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_of_what_a_statement_is_about() {
        let name = QualifiedName::parse("public.now");
        for (sql, expected) in [
            ("CREATE FUNCTION now() RETURNS text", "CREATE FUNCTION public.now() RETURNS text"),
            ("CREATE FUNCTION public . now()", "CREATE FUNCTION public . now()"),
            (
                "COMMENT ON FUNCTION \"now\"() IS 'now'",
                "COMMENT ON FUNCTION public.\"now\"() IS 'now'",
            ),
        ] {
            assert_eq!(with_schema(sql, &name, Dialect::Postgres), expected);
        }
    }
}
