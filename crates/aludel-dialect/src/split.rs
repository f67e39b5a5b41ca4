//! Splits a section of a revision file into statements, each with its line and its directives.

use crate::dialect::Dialect;
use crate::directive::Directive;
use crate::lexer::{Token, TokenKind, tokens};

/// A statement of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlStatement {
    /// The unchanged text of the statement, without the semicolon.
    pub sql: String,
    /// The line on which it begins, counted from 1 within the section.
    pub line: usize,
    /// The directives in the `-- aludel:` comments before it.
    pub directives: Vec<Directive>,
}

impl SqlStatement {
    /// Returns true if the statement has this directive.
    pub fn has(&self, directive: Directive) -> bool {
        self.directives.contains(&directive)
    }
}

/// A statement of an object file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectStatement {
    /// The unchanged text of the statement, without the semicolon.
    pub sql: String,
    /// The line on which it begins, counted from 1.
    pub line: usize,
    /// The dialect of the statement; `None` if it is for all dialects.
    pub dialect: Option<Dialect>,
}

/// An error in a text that can't be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitError {
    /// The line, counted from 1.
    pub line: usize,
    /// The description of the error.
    pub message: String,
}

/// Splits `source` at the semicolons that end statements.
///
/// # Errors
///
/// Fails if a directive is unknown or has no statement after it.
pub fn split(source: &str, dialect: Dialect) -> Result<Vec<SqlStatement>, SplitError> {
    let mut splitter = Splitter::new(source, dialect);
    for token in tokens(source, dialect) {
        splitter.take(token)?;
    }
    splitter.finish()
}

/// Splits an object file. A comment `-- aludel: dialect NAME` applies to the whole file if it is on
/// the first line, and else to the next statement. Each statement is split by the rules of its
/// dialect, or by those of PostgreSQL if it has none.
///
/// # Errors
///
/// Fails if a directive or a dialect is unknown, or if a directive has no statement after it.
pub fn object_statements(source: &str) -> Result<Vec<ObjectStatement>, SplitError> {
    let default = Dialect::Postgres;
    let mut all = tokens(source, default);
    let mut splitter = Splitter::new(source, default);
    let (mut of_file, mut of_statement): (Option<Dialect>, Option<Dialect>) = (None, None);
    let mut out = Vec::new();
    let mut is_first = true;
    while let Some(token) = all.next() {
        let is_open = splitter.start.is_some();
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
        out.extend(ended.into_iter().map(|s| ObjectStatement {
            sql: s.sql,
            line: s.line,
            dialect,
        }));
        if is_open && splitter.start.is_none() {
            of_statement = None;
        }
        let rules = of_statement.or(of_file).unwrap_or(default);
        all.set_dialect(rules);
        splitter.dialect = rules;
    }
    let dialect = of_statement.or(of_file);
    let rest = splitter.finish()?.into_iter();
    out.extend(rest.map(|s| ObjectStatement { sql: s.sql, line: s.line, dialect }));
    Ok(out)
}

/// Returns the name after `-- aludel: dialect`.
fn dialect_directive<'a>(token: Token<'a>) -> Option<&'a str> {
    let text = token.text.strip_prefix("--").filter(|_| token.kind == TokenKind::Comment)?;
    Some(text.trim().strip_prefix("aludel:")?.trim().strip_prefix("dialect ")?.trim())
}

fn named_dialect(name: &str, line: usize) -> Result<Dialect, SplitError> {
    let unknown = || SplitError {
        line,
        message: format!("`{name}` is no dialect; there are `postgres` and `sqlite`"),
    };
    Dialect::from_name(name).ok_or_else(unknown)
}

struct Splitter<'a> {
    source: &'a str,
    dialect: Dialect,
    statements: Vec<SqlStatement>,
    directives: Vec<Directive>,
    /// The offset in bytes and the line of the start of the current statement.
    start: Option<(usize, usize)>,
    end: usize,
    line: usize,
    parentheses: usize,
    /// The number of open `BEGIN` and `CASE` blocks in the body of a routine or trigger.
    blocks: usize,
    words: Vec<String>,
}

impl<'a> Splitter<'a> {
    fn new(source: &'a str, dialect: Dialect) -> Self {
        Self {
            source,
            dialect,
            statements: Vec::new(),
            directives: Vec::new(),
            start: None,
            end: 0,
            line: 1,
            parentheses: 0,
            blocks: 0,
            words: Vec::new(),
        }
    }

    fn take(&mut self, token: Token<'a>) -> Result<(), SplitError> {
        match token.kind {
            TokenKind::Comment if self.start.is_none() => self.comment(token.text)?,
            TokenKind::Comment | TokenKind::Space => {}
            _ if token.is_symbol(";") && self.parentheses == 0 && self.blocks == 0 => self.close(),
            _ => self.extend(token),
        }
        self.line += token.text.matches('\n').count();
        Ok(())
    }

    fn extend(&mut self, token: Token<'a>) {
        self.start.get_or_insert((token.start, self.line));
        self.end = token.end();
        match token.text {
            "(" => self.parentheses += 1,
            ")" => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        if token.kind == TokenKind::Word {
            self.word(token.text.to_ascii_uppercase());
        }
    }

    /// Tracks the blocks of a body, whose semicolons do not end the statement.
    fn word(&mut self, word: String) {
        let opens = match self.dialect {
            Dialect::Postgres => {
                word == "ATOMIC" && self.words.last().is_some_and(|w| w == "BEGIN")
            }
            Dialect::Sqlite => false,
        };
        let opens = opens || (word == "BEGIN" && self.is_create_trigger());
        match word.as_str() {
            _ if self.blocks == 0 && opens => self.blocks = 1,
            "CASE" if self.blocks > 0 => self.blocks += 1,
            "END" if self.blocks > 0 => self.blocks -= 1,
            _ => {}
        }
        // The first words identify the sort of the statement. Of the later ones, only the last is
        // needed.
        self.words.truncate(4);
        self.words.push(word);
    }

    /// Returns true in a trigger of SQLite, whose body begins with BEGIN. An object file may have
    /// one for which it does not state the dialect.
    fn is_create_trigger(&self) -> bool {
        // A trigger of PostgreSQL may call a function of that name.
        let calls = self.words.last().is_some_and(|w| w == "FUNCTION" || w == "PROCEDURE");
        self.words.first().is_some_and(|word| word == "CREATE")
            && self.words.iter().take(3).any(|word| word == "TRIGGER")
            && !calls
    }

    fn comment(&mut self, text: &str) -> Result<(), SplitError> {
        let Some(text) = text.strip_prefix("--").and_then(|t| t.trim().strip_prefix("aludel:"))
        else {
            return Ok(());
        };
        let directive = Directive::parse(text.trim());
        let problem = |message| SplitError { line: self.line, message };
        self.directives.push(directive.map_err(problem)?);
        Ok(())
    }

    fn close(&mut self) {
        if let Some((start, line)) = self.start.take() {
            let sql = self.source[start..self.end].to_owned();
            let directives = std::mem::take(&mut self.directives);
            self.statements.push(SqlStatement { sql, line, directives });
        }
        self.words.clear();
    }

    fn finish(mut self) -> Result<Vec<SqlStatement>, SplitError> {
        self.close();
        if !self.directives.is_empty() {
            let message = "a directive with no statement after it".to_owned();
            return Err(SplitError { line: self.line, message });
        }
        Ok(self.statements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(source: &str, dialect: Dialect) -> Vec<String> {
        split(source, dialect).unwrap().into_iter().map(|statement| statement.sql).collect()
    }

    #[test]
    fn semicolons_in_quotes_comments_and_bodies_do_not_split() {
        let source = "SELECT ';' ; -- ;\n CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\nDO $$ BEGIN; END $$;";
        assert_eq!(statements(source, Dialect::Postgres).len(), 3);
        let source = "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; SELECT 1; END; SELECT 2";
        assert_eq!(statements(source, Dialect::Sqlite).len(), 2);
        let source = "CREATE RULE r AS ON INSERT TO t DO INSTEAD (SELECT 1; SELECT 2); SELECT 3";
        assert_eq!(statements(source, Dialect::Postgres).len(), 2);
    }

    #[test]
    fn directives_belong_to_the_next_statement() {
        let source =
            "\n-- aludel: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a);\nSELECT 1;";
        let found = split(source, Dialect::Postgres).unwrap();
        assert_eq!(found[0].directives, [Directive::NoTransaction]);
        assert_eq!((found[0].line, found[1].line), (3, 4));
        assert!(found[1].directives.is_empty());
    }

    #[test]
    fn an_unknown_directive_is_an_error_with_its_line() {
        let error = split("SELECT 1;\n-- aludel: no-tx\nSELECT 2", Dialect::Postgres).unwrap_err();
        assert_eq!(error.line, 2);
    }

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
    }

    #[test]
    fn only_comments_are_no_statement() {
        assert!(statements("-- nothing\n/* here */ ; ;", Dialect::Postgres).is_empty());
    }
}
