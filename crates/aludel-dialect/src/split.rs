//! Splits a section of a revision file into statements, each with its line and its directives.

use crate::client::refusal;
use crate::copy::{ClientCopy, without_end};
use crate::dialect::Dialect;
use crate::directive::{Directive, check_step_name};
use crate::lexer::{significant, tokens};
use crate::token::{Token, TokenKind};
use crate::unended::missing_end;

/// A statement of a section, or a step in Rust in the place of one. A section may have millions of
/// them, so that a statement borrows its text and keeps what few of them have in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlStatement<'a> {
    /// The unchanged text of the statement, without the semicolon. That of a step is its comment.
    pub sql: &'a str,
    /// The line on which it begins, counted from 1 within the section.
    pub line: usize,
    extras: Option<Box<Extras<'a>>>,
}

/// The parts that only few statements have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Extras<'a> {
    directives: Vec<Directive>,
    data: Option<&'a str>,
    step: Option<&'a str>,
}

impl<'a> SqlStatement<'a> {
    /// Returns the directives in the `-- aludel:` comments before the statement.
    pub fn directives(&self) -> &[Directive] {
        self.extras.as_ref().map_or(&[], |extras| &extras.directives)
    }

    /// Returns true if the statement has this directive.
    pub fn has(&self, directive: Directive) -> bool {
        self.directives().contains(&directive)
    }

    /// Returns the name of the step in Rust that stands here; `None` for a statement.
    pub fn step(&self) -> Option<&'a str> {
        self.extras.as_ref().and_then(|extras| extras.step)
    }

    /// Returns the data of `COPY … FROM STDIN`, without the line `\.` that ends it. Any other
    /// statement has none.
    pub fn data(&self) -> Option<&'a str> {
        self.extras.as_ref().and_then(|extras| extras.data)
    }
}

/// An error in a text that can't be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters. It is 1 if the error is about the whole line.
    pub column: usize,
    /// The description of the error.
    pub message: String,
}

impl SplitError {
    pub(crate) fn of_line(line: usize, message: impl Into<String>) -> Self {
        Self { line, column: 1, message: message.into() }
    }
}

/// Returns the column of an offset in a text, counted from 1 in characters.
pub(crate) fn column(source: &str, start: usize) -> usize {
    let before = source[..start].rsplit('\n').next().unwrap_or_default();
    before.chars().count() + 1
}

/// Splits `source` at the semicolons that end statements. A comment `-- aludel: run NAME` between two
/// statements counts as one.
///
/// ```
/// use aludel_dialect::{Dialect, split};
///
/// let source = "COPY t FROM STDIN;\n1\n2\n\\.\nSELECT 1;";
/// let statements = split(source, Dialect::Postgres).unwrap();
/// assert_eq!(statements[0].sql, "COPY t FROM STDIN");
/// assert_eq!(statements[0].data(), Some("1\n2\n"));
/// assert_eq!(statements[1].line, 5);
/// ```
///
/// # Errors
///
/// Fails if a directive is unknown or has no statement after it, if a step does not stand between
/// statements on a line of its own, if a string, a quoted name, a comment, a body or the data of a COPY
/// has no end, if the data would go to the client, and at a command of psql or of the sqlite3 shell.
pub fn split(source: &str, dialect: Dialect) -> Result<Vec<SqlStatement<'_>>, SplitError> {
    let mut splitter = Splitter::new(source, dialect);
    for token in tokens(source, dialect) {
        // These marks say something of the section, and nothing of the next statement.
        let is_mark = |text: &str| text.starts_with("irreversible") || text.starts_with("missing");
        if token.directive().is_some_and(is_mark) {
            splitter.line += token.text.matches('\n').count();
        } else {
            splitter.take(token)?;
        }
    }
    splitter.finish()
}

/// A splitter, which is given the tokens of a text one after the other.
pub(crate) struct Splitter<'a> {
    source: &'a str,
    pub(crate) dialect: Dialect,
    pub(crate) statements: Vec<SqlStatement<'a>>,
    directives: Vec<Directive>,
    /// The offset in bytes and the line of the start of the current statement.
    pub(crate) start: Option<(usize, usize)>,
    end: usize,
    pub(crate) line: usize,
    parentheses: usize,
    /// The number of open `BEGIN` and `CASE` blocks in the body of a routine or trigger.
    blocks: usize,
    words: Vec<&'a str>,
    /// The line of the COPY statement that has ended and waits for its data.
    awaits_data: Option<usize>,
}

impl<'a> Splitter<'a> {
    pub(crate) fn new(source: &'a str, dialect: Dialect) -> Self {
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
            awaits_data: None,
        }
    }

    pub(crate) fn take(&mut self, token: Token<'a>) -> Result<(), SplitError> {
        // Whatever follows an open token would belong to it, so that only the last one can be open.
        let is_last = token.end() == self.source.len();
        if let Some(message) = is_last.then(|| missing_end(&token, self.dialect)).flatten() {
            return Err(self.refused(token.start, message));
        }
        match token.kind {
            TokenKind::Comment if self.start.is_none() => self.comment(token)?,
            TokenKind::Comment if token.step().is_some() => return Err(self.within()),
            TokenKind::Comment | TokenKind::Space => {}
            TokenKind::Data if self.start.is_none() => self.data(token)?,
            _ if token.is_symbol(";") && self.parentheses == 0 && self.blocks == 0 => {
                self.close()?;
            }
            _ => self.extend(token)?,
        }
        self.line += token.text.matches('\n').count();
        Ok(())
    }

    fn extend(&mut self, token: Token<'a>) -> Result<(), SplitError> {
        if let Some(line) = self.awaits_data {
            let message = "the data of COPY begins on the line after its semicolon";
            return Err(SplitError::of_line(line, message));
        }
        let is_between = self.start.is_none();
        if let Some(message) = refusal(self.source, token, self.dialect, is_between) {
            return Err(self.refused(token.start, message));
        }
        self.start.get_or_insert((token.start, self.line));
        self.end = token.end();
        match token.text {
            "(" => self.parentheses += 1,
            ")" => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        if token.kind == TokenKind::Word {
            self.word(token.text);
        }
        Ok(())
    }

    /// Tracks the blocks of a body, whose semicolons do not end the statement.
    fn word(&mut self, word: &'a str) {
        let is = |expected: &str| word.eq_ignore_ascii_case(expected);
        let opens = match self.dialect {
            Dialect::Postgres => is("ATOMIC") && self.last_is("BEGIN"),
            Dialect::Sqlite => false,
        };
        if self.blocks > 0 {
            self.blocks += usize::from(is("CASE"));
            self.blocks -= usize::from(is("END"));
        } else if opens || (is("BEGIN") && self.is_create_trigger()) {
            self.blocks = 1;
        }
        // The first words identify the sort of the statement. Of the later ones, only the last is
        // needed.
        self.words.truncate(4);
        self.words.push(word);
    }

    fn first_is(&self, word: &str) -> bool {
        self.words.first().is_some_and(|first| first.eq_ignore_ascii_case(word))
    }

    fn last_is(&self, word: &str) -> bool {
        self.words.last().is_some_and(|last| last.eq_ignore_ascii_case(word))
    }

    /// Returns true in a trigger of SQLite, whose body begins with BEGIN. An object file may have
    /// one for which it does not state the dialect.
    fn is_create_trigger(&self) -> bool {
        let is_trigger = self.words.iter().take(3).any(|word| word.eq_ignore_ascii_case("TRIGGER"));
        // A trigger of PostgreSQL may call a function of that name.
        self.first_is("CREATE")
            && is_trigger
            && !self.last_is("FUNCTION")
            && !self.last_is("PROCEDURE")
    }

    fn comment(&mut self, token: Token<'a>) -> Result<(), SplitError> {
        let Some(text) = token.directive() else { return Ok(()) };
        if let Some(name) = token.step() {
            return self.step(token, name);
        }
        let directive = Directive::parse(text);
        let problem = |message| self.refused(token.start, message);
        self.directives.push(directive.map_err(problem)?);
        Ok(())
    }

    /// Adds a step in Rust, to which the directives before it belong.
    fn step(&mut self, token: Token<'a>, name: &'a str) -> Result<(), SplitError> {
        let problem = |message: String| self.refused(token.start, message);
        check_step_name(name).map_err(problem)?;
        let line = self.source[..token.start].rsplit('\n').next().unwrap_or_default();
        if !line.trim().is_empty() {
            return Err(problem(format!("`run {name}` stands on a line of its own")));
        }
        if self.directives.contains(&Directive::NoTransaction) {
            return Err(problem(
                "a step always runs in a transaction: take `no-transaction` away; behind `-- aludel: \
                 batch` each round of it has one of its own"
                    .to_owned(),
            ));
        }
        let directives = std::mem::take(&mut self.directives);
        let extras = Some(Box::new(Extras { directives, data: None, step: Some(name) }));
        let sql = token.text.trim_end();
        self.statements.push(SqlStatement { sql, line: self.line, extras });
        Ok(())
    }

    /// Returns the error for a step within a statement.
    fn within(&self) -> SplitError {
        let begun = self.start.map_or(self.line, |(_, line)| line);
        let message = format!(
            "the statement that begins {} lines above has no end before this step: end it by `;`",
            self.line - begun
        );
        SplitError::of_line(self.line, message)
    }

    /// Returns an error about a token of the current line.
    pub(crate) fn refused(&self, start: usize, message: String) -> SplitError {
        SplitError { line: self.line, column: column(self.source, start), message }
    }

    fn close(&mut self) -> Result<(), SplitError> {
        if let Some((start, line)) = self.start.take() {
            let sql = &self.source[start..self.end];
            if self.first_is("COPY") {
                self.copy(sql, line)?;
            }
            let directives = std::mem::take(&mut self.directives);
            let extras = Extras { directives, data: None, step: None };
            let extras = (!extras.directives.is_empty()).then(|| Box::new(extras));
            self.statements.push(SqlStatement { sql, line, extras });
        }
        self.words.clear();
        Ok(())
    }

    /// Refuses a COPY that can't be run, and waits for the data of one that has some.
    fn copy(&mut self, sql: &str, line: usize) -> Result<(), SplitError> {
        let copy = match self.dialect {
            Dialect::Postgres => ClientCopy::of(&significant(sql, self.dialect)),
            Dialect::Sqlite => None,
        };
        let Some(copy) = copy else { return Ok(()) };
        let message = if !copy.is_from {
            "`COPY … TO STDOUT` sends rows to the program, which has no use for them; leave it out, write `COPY … TO 'file'` for a file on the server, or run it by psql"
        } else if copy.is_binary {
            "binary data of `COPY … FROM STDIN` can't stand in a text file; write it in the format text or csv"
        } else {
            self.awaits_data = Some(line);
            return Ok(());
        };
        Err(SplitError::of_line(line, message))
    }

    fn data(&mut self, token: Token<'a>) -> Result<(), SplitError> {
        let Some(line) = self.awaits_data.take() else { return Ok(()) };
        let length = without_end(token.text).ok_or_else(|| endless(line))?;
        if let Some(statement) = self.statements.last_mut() {
            statement.extras.get_or_insert_default().data = Some(&token.text[..length]);
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Vec<SqlStatement<'a>>, SplitError> {
        if let Some((start, line)) = self.start.filter(|_| self.blocks > 0) {
            let message = "the body of this statement has no end: `END;` is missing".to_owned();
            return Err(SplitError { line, column: column(self.source, start), message });
        }
        self.close()?;
        if let Some(line) = self.awaits_data {
            return Err(endless(line));
        }
        if !self.directives.is_empty() {
            let message = "a directive with no statement after it";
            return Err(SplitError::of_line(self.line, message));
        }
        Ok(self.statements)
    }
}

fn endless(line: usize) -> SplitError {
    SplitError::of_line(line, "no line `\\.` ends the data of this COPY")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(source: &str, dialect: Dialect) -> Vec<&str> {
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
        assert_eq!(found[0].directives(), [Directive::NoTransaction]);
        assert_eq!((found[0].line, found[1].line), (3, 4));
        assert!(found[1].directives().is_empty());
    }

    #[test]
    fn a_mark_of_the_section_is_no_directive() {
        let source = "-- aludel: irreversible: why\n-- aludel: batch\nDELETE FROM t";
        let found = split(source, Dialect::Postgres).unwrap();
        assert_eq!((found[0].line, found[0].directives()), (3, &[Directive::Batch][..]));
        for mark in ["-- aludel: irreversible", "-- aludel: missing: no server"] {
            assert!(split(mark, Dialect::Sqlite).unwrap().is_empty());
        }
    }

    #[test]
    fn a_step_stands_in_the_place_of_a_statement() {
        let source = "SELECT 1;\n  -- aludel: batch\n-- aludel: pause = 1s\n--aludel:  run  fill_in \nSELECT 2;\n\
                      -- aludel: run tidy_2";
        for dialect in Dialect::ALL {
            let found = split(source, dialect).unwrap();
            let seen: Vec<_> =
                found.iter().map(|s| (s.line, s.step(), s.directives().len())).collect();
            let expected =
                [(1, None, 0), (4, Some("fill_in"), 2), (5, None, 0), (6, Some("tidy_2"), 0)];
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_step_that_is_not_between_statements_is_an_error_with_its_line() {
        for (source, line, words) in [
            ("\n-- aludel: run", 2, "`run` needs the name of a step"),
            ("-- aludel: run Fill", 1, "`Fill` is no name of a step"),
            ("-- aludel: run 2nd", 1, "`2nd` is no name"),
            ("-- aludel: run a b", 1, "`a b` is no name"),
            ("-- aludel: run fill;", 1, "`fill;` is no name"),
            ("-- aludel: run = fill", 1, "`= fill` is no name"),
            ("-- aludel: runs fill", 1, "unknown directive `runs fill`"),
            ("SELECT 1; -- aludel: run fill", 1, "on a line of its own"),
            ("SELECT 1\n\n-- aludel: run fill\n;", 3, "begins 2 lines above has no end"),
            ("-- aludel: no-transaction\n-- aludel: run fill", 2, "take `no-transaction` away"),
            (
                "-- aludel: run fill\n-- aludel: batch\n",
                3,
                "a directive with no statement after it",
            ),
        ] {
            let error = split(source, Dialect::Postgres).unwrap_err();
            assert!(error.message.contains(words), "{source}: {}", error.message);
            assert_eq!(error.line, line, "{source}");
        }
        assert_eq!(split("SELECT '\n-- aludel: run x\n'", Dialect::Sqlite).unwrap().len(), 1);
    }

    #[test]
    fn a_statement_is_small() {
        assert!(size_of::<SqlStatement<'_>>() <= 32);
    }

    #[test]
    fn an_unknown_directive_is_an_error_with_its_line() {
        let error = split("SELECT 1;\n-- aludel: no-tx\nSELECT 2", Dialect::Postgres).unwrap_err();
        assert_eq!(error.line, 2);
    }

    #[test]
    fn only_comments_are_no_statement() {
        assert!(statements("-- nothing\n/* here */ ; ;", Dialect::Postgres).is_empty());
    }

    /// Returns the line, the text and the data of each statement.
    fn with_data(source: &str) -> Vec<(usize, &str, Option<&str>)> {
        let found = split(source, Dialect::Postgres).unwrap().into_iter();
        found.map(|s| (s.line, s.sql, s.data())).collect()
    }

    #[test]
    fn a_copy_has_the_lines_after_it() {
        let source = "COPY t (a, b) FROM stdin;\n1\t; ' $$ /*\n2\t\\N\n\\.\n\n\nSELECT 1;\nCOPY u FROM stdin;\n\\.\nSELECT 2";
        assert_eq!(
            with_data(source),
            [
                (1, "COPY t (a, b) FROM stdin", Some("1\t; ' $$ /*\n2\t\\N\n")),
                (7, "SELECT 1", None),
                (8, "COPY u FROM stdin", Some("")),
                (10, "SELECT 2", None),
            ]
        );
        let crlf = source.replace('\n', "\r\n");
        let lines: Vec<_> = with_data(&crlf).into_iter().map(|(line, ..)| line).collect();
        assert_eq!(lines, [1, 7, 8, 10]);
        assert_eq!(with_data(&crlf)[0].2, Some("1\t; ' $$ /*\r\n2\t\\N\r\n"));
        let csv = "COPY t FROM STDIN WITH (FORMAT csv); -- rows\n\"a\n;\",1\n\\.\n";
        assert_eq!(with_data(csv)[0].2, Some("\"a\n;\",1\n"));
    }

    #[test]
    fn what_only_a_client_understands_is_refused_with_its_line() {
        for (dialect, source, line, words) in [
            ("postgres", "\n\\connect app\nSELECT 1", 2, "`\\connect` is a command of psql"),
            ("postgres", "\\i other.sql", 1, "write the statements of that file here"),
            ("postgres", "SELECT 1;\n\\set x 1", 2, "there are no variables"),
            ("postgres", "\\copy t from 'x'", 1, "write `COPY … FROM STDIN;`"),
            (
                "postgres",
                "SELECT 1;\n\\.\n",
                2,
                "`\\.` is a command of psql, not SQL: it ends the data",
            ),
            ("postgres", "SELECT 'x' AS q\n\\gexec\n", 2, "write a `DO` block"),
            ("postgres", "SELECT 1 \\g\n", 1, "end the statement by `;`"),
            ("postgres", "SELECT 1\\; SELECT 2;\n", 1, "`\\;` is a command of psql"),
            ("postgres", "SELECT 1\n\\restrict x\n", 2, "`\\restrict` is a command of psql"),
            ("postgres", "\\echo it's\n", 1, "leave it out"),
            ("postgres", "SELECT 1;\nCOPY t TO STDOUT;", 2, "`COPY … TO STDOUT` sends rows"),
            ("postgres", "COPY (SELECT 1) TO STDOUT", 1, "run it by psql"),
            ("postgres", "COPY t FROM STDIN (FORMAT binary);\n", 1, "can't stand in a text file"),
            ("postgres", "SELECT 1;\nCOPY t FROM STDIN;\n1\n2\n", 2, "no line `\\.` ends the data"),
            ("postgres", "COPY t FROM STDIN;", 1, "no line `\\.` ends the data"),
            ("postgres", "COPY t FROM STDIN", 1, "no line `\\.` ends the data"),
            ("postgres", "COPY t FROM STDIN; 1\n\\.\n", 1, "begins on the line after"),
            (
                "postgres",
                "SELECT 1;\n\nINSERT INTO t VALUES ('1);\n\n",
                3,
                "the string that begins here has no end",
            ),
            ("postgres", "SELECT \"a;", 1, "the quoted name that begins here has no end"),
            ("postgres", "SELECT 1;\n/* a /* b */\nDROP TABLE t;", 2, "`*/` is missing"),
            ("postgres", "DO $do$ BEGIN END $$;", 1, "`$do$` is missing"),
            ("postgres", "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1;", 1, "`END;` is missing"),
            ("sqlite", "SELECT 1;\nSELECT [a;", 2, "`]` is missing"),
            ("sqlite", "SELECT 1; /* a", 1, "the comment that begins here has no end"),
            (
                "sqlite",
                "\nCREATE TRIGGER t AFTER INSERT ON u BEGIN SELECT 1;",
                2,
                "`END;` is missing",
            ),
            ("sqlite", "SELECT 1;\n.read other.sql\n", 2, "`.read` is a command of sqlite3"),
            ("sqlite", ".mode csv\n", 1, "leave it out"),
            ("sqlite", ".import x t\n", 1, "write INSERT statements"),
        ] {
            let dialect = Dialect::from_name(dialect).unwrap();
            let error = split(source, dialect).unwrap_err();
            assert_eq!(error.line, line, "{source}: {}", error.message);
            assert!(error.message.contains(words), "{source}: {}", error.message);
        }
    }

    #[test]
    fn backslashes_and_dots_inside_of_statements_are_sql() {
        for sql in [
            "SELECT '\\connect', E'\\\\', $$\n\\i x\n$$, \"\\.\"",
            "-- \\connect\n/* \\i */ SELECT 1",
            "\\restrict k\nSELECT 1;\n\\unrestrict k",
        ] {
            assert_eq!(split(sql, Dialect::Postgres).unwrap().len(), 1, "{sql}");
        }
        for sql in ["SELECT t\n.a FROM t", "SELECT .5", "SELECT '\\', [\\x]\n.y"] {
            assert_eq!(split(sql, Dialect::Sqlite).unwrap().len(), 1, "{sql}");
        }
        assert_eq!(split("COPY t FROM stdin", Dialect::Sqlite).unwrap().len(), 1);
    }
}
