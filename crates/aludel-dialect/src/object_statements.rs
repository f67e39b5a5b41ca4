//! Splits an object file into statements, each with its place and its dialect.

use crate::dialect::Dialect;
use crate::lexer::tokens;
use crate::split::{SplitError, Splitter, SqlStatement, column};
use crate::token::{Token, TokenKind};

/// A statement of an object file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectStatement {
    /// The unchanged text of the statement, without the semicolon.
    pub sql: String,
    /// The line on which it begins, counted from 1.
    pub line: usize,
    /// The column in which it begins, counted from 1 in characters.
    pub column: usize,
    /// The dialect of the statement; `None` if it is for all dialects.
    pub dialect: Option<Dialect>,
}

impl ObjectStatement {
    /// Copies a statement, which is a part of `source`.
    fn of(statement: &SqlStatement<'_>, source: &str, dialect: Option<Dialect>) -> Self {
        let start = statement.sql.as_ptr().addr() - source.as_ptr().addr();
        Self {
            sql: statement.sql.to_owned(),
            line: statement.line,
            column: column(source, start),
            dialect,
        }
    }
}

/// Splits an object file. A comment `-- aludel: dialect NAME` applies to the whole file if it is on
/// the first line, and else to the next statement. Each statement is split by the rules of its
/// dialect, or by those of PostgreSQL if it has none.
///
/// # Errors
///
/// Fails if a directive or a dialect is unknown, if a directive has no statement after it, or at a
/// step in Rust.
pub fn object_statements(source: &str) -> Result<Vec<ObjectStatement>, SplitError> {
    let default = Dialect::Postgres;
    let mut all = tokens(source, default);
    let mut splitter = Splitter::new(source, default);
    let (mut of_file, mut of_statement): (Option<Dialect>, Option<Dialect>) = (None, None);
    let mut out = Vec::new();
    let mut is_first = true;
    while let Some(token) = all.next() {
        let is_open = splitter.start.is_some();
        if token.step().is_some() {
            let message =
                "a step in Rust belongs into a revision, not into an object file".to_owned();
            return Err(splitter.refused(token.start, message));
        }
        match dialect_directive(token).filter(|_| !is_open) {
            Some(name) => {
                let named = named_dialect(name, splitter.line)?;
                let place = if is_first { &mut of_file } else { &mut of_statement };
                *place = Some(named);
                splitter.line += token.text.matches('\n').count();
            }
            None => splitter.take(token)?,
        }
        is_first &= token.kind == TokenKind::Space;
        let ended = std::mem::take(&mut splitter.statements);
        let dialect = of_statement.or(of_file);
        out.extend(ended.into_iter().map(|s| ObjectStatement::of(&s, source, dialect)));
        if is_open && splitter.start.is_none() {
            of_statement = None;
        }
        let rules = of_statement.or(of_file).unwrap_or(default);
        all.set_dialect(rules);
        splitter.dialect = rules;
    }
    let dialect = of_statement.or(of_file);
    let rest = splitter.finish()?.into_iter();
    out.extend(rest.map(|s| ObjectStatement::of(&s, source, dialect)));
    Ok(out)
}

/// Returns the name after `-- aludel: dialect`.
fn dialect_directive<'a>(token: Token<'a>) -> Option<&'a str> {
    Some(token.directive()?.strip_prefix("dialect ")?.trim())
}

fn named_dialect(name: &str, line: usize) -> Result<Dialect, SplitError> {
    let unknown = || {
        let message = format!("`{name}` is no dialect; there are `postgres` and `sqlite`");
        SplitError::of_line(line, message)
    };
    Dialect::from_name(name).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_an_object_file_know_their_dialect() {
        let source = "-- aludel: dialect sqlite\nCREATE VIEW [a b] AS SELECT ';';\nSELECT 2";
        let found = object_statements(source).unwrap();
        let seen: Vec<_> = found.iter().map(|s| (s.line, s.dialect)).collect();
        assert_eq!(seen, [(2, Some(Dialect::Sqlite)), (3, Some(Dialect::Sqlite))]);
        let source = "SELECT $$;$$;\n-- aludel: dialect sqlite\nSELECT [;];\nSELECT $x$;$x$";
        let found = object_statements(source).unwrap();
        let seen: Vec<_> = found.iter().map(|s| (s.sql.as_str(), s.dialect)).collect();
        let lite = Some(Dialect::Sqlite);
        assert_eq!(seen, [("SELECT $$;$$", None), ("SELECT [;]", lite), ("SELECT $x$;$x$", None)]);
        assert_eq!(object_statements("\n-- aludel: dialect db2\n").unwrap_err().line, 2);
        assert_eq!(object_statements("SELECT 1;\n-- aludel: run x\n").unwrap_err().line, 2);
        for open in ["'b", "$x$b", "\"b", "/* b"] {
            let error = object_statements(&format!("SELECT 1;\nSELECT 'ä', {open}")).unwrap_err();
            assert_eq!((error.line, error.column), (2, 13), "{open}");
        }
        let found = object_statements("SELECT 'ä'; SELECT 2;\n  SELECT 3").unwrap();
        let places: Vec<_> = found.iter().map(|own| (own.line, own.column)).collect();
        assert_eq!(places, [(1, 1), (1, 13), (2, 3)]);
    }
}
