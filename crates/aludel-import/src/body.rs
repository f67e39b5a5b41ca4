//! The body of a section from the SQL of another tool.
//!
//! The SQL is kept byte for byte, with two exceptions. The runner begins and ends transactions
//! itself, so that a BEGIN and its COMMIT become comments. A statement that the other tool runs
//! outside of a transaction gets the directive for that.

use std::path::Path;

use aludel_dialect::{Dialect, SqlStatement, split};
use aludel_revision::FileProblem;

/// The directive for a statement outside of a transaction.
const ALONE: &str = "-- aludel: no-transaction";

/// SQL of a tool, with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) path: &'a Path,
    pub(crate) sql: &'a str,
    /// The line of the file on which the SQL begins, counted from 1.
    pub(crate) line: usize,
    /// True if the tool runs the SQL in a transaction.
    pub(crate) in_transaction: bool,
}

/// The body that was made of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) sql: String,
    /// True if the piece began and ended transactions by itself.
    pub(crate) had_transactions: bool,
}

/// A change of the text.
struct Edit {
    at: usize,
    /// The number of bytes that are replaced.
    length: usize,
    text: String,
}

/// The place of a statement among the transactions of its file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Before the first BEGIN.
    Before,
    /// Between BEGIN and COMMIT.
    Inside,
    /// Behind a COMMIT, with no statement since.
    Behind,
    /// Behind a COMMIT and another statement.
    Outside,
}

/// Makes the body of a section.
pub(crate) fn body(piece: Piece<'_>, dialect: Dialect) -> Result<Body, FileProblem> {
    let problem = |line: usize, message: String| FileProblem {
        path: piece.path.to_owned(),
        line: piece.line + line - 1,
        message,
    };
    if let Some(at) = piece.sql.lines().position(|line| line.trim().starts_with("-- aludel:")) {
        let message = "a comment `-- aludel:` means something in a revision; change it first";
        return Err(problem(at + 1, message.to_owned()));
    }
    let statements =
        split(piece.sql, dialect).map_err(|error| problem(error.line, error.message))?;
    let control = |statement: &SqlStatement<'_>| dialect.transaction_control(statement.sql);
    let had_transactions = statements.iter().any(|statement| control(statement).is_some());
    let mut edits = Vec::new();
    let mut standing = Standing::Before;
    for statement in &statements {
        let refused = |words: &str| Err(problem(statement.line, words.to_owned()));
        let begins = control(statement).map(|word| (is_begin(&word), is_commit(&word)));
        standing = match (begins, standing) {
            (None, Standing::Inside) => Standing::Inside,
            (None, other) => {
                if had_transactions || !piece.in_transaction {
                    edits.push(alone(piece.sql, statement.sql));
                }
                if other == Standing::Before { other } else { Standing::Outside }
            }
            (Some((true, _)), Standing::Inside) => {
                return refused("BEGIN inside of a transaction; mend the file first");
            }
            (Some((true, _)), Standing::Behind) => {
                return refused(
                    "a second transaction right behind another one: a revision would make one of \
                     them; divide the file first",
                );
            }
            (Some((true, _)), Standing::Before | Standing::Outside) => {
                edits.push(comment(piece.sql, statement.sql));
                Standing::Inside
            }
            (Some((false, true)), Standing::Inside) => {
                edits.push(comment(piece.sql, statement.sql));
                Standing::Behind
            }
            (Some((false, true)), _) => return refused("COMMIT without a BEGIN in this file"),
            (Some((false, false)), _) => {
                return refused("a revision can't roll back or prepare a transaction");
            }
        };
    }
    if standing == Standing::Inside && had_transactions {
        let line = statements.last().map_or(1, |statement| statement.line);
        return Err(problem(line, "the transaction that begins here has no COMMIT".to_owned()));
    }
    Ok(Body { sql: edited(piece.sql, &edits), had_transactions })
}

fn is_begin(word: &str) -> bool {
    matches!(word, "BEGIN" | "START TRANSACTION")
}

fn is_commit(word: &str) -> bool {
    matches!(word, "COMMIT" | "END")
}

/// Returns the place of a part of a text in it.
fn place(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Returns the change that turns a statement into a comment. An empty statement stays.
fn comment(text: &str, statement: &str) -> Edit {
    let at = place(text, statement);
    Edit { at, length: statement.len(), text: format!("/* {statement} */") }
}

/// Returns the change that puts the directive before a statement.
fn alone(text: &str, statement: &str) -> Edit {
    let at = place(text, statement);
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = if text[..at].ends_with("\r\n") { "\r\n" } else { "\n" };
    match text[line..at].trim() {
        "" => Edit { at: line, length: 0, text: format!("{ALONE}{end}") },
        _ => Edit { at, length: 0, text: format!("\n{ALONE}\n") },
    }
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        out.push_str(&text[done..edit.at]);
        out.push_str(&edit.text);
        done = edit.at + edit.length;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(sql: &str, in_transaction: bool) -> Result<Body, FileProblem> {
        let path = Path::new("x.sql");
        body(Piece { path, sql, line: 1, in_transaction }, Dialect::Postgres)
    }

    #[test]
    fn sql_is_kept_byte_for_byte() {
        let sql =
            "\n-- a note\r\nCREATE TABLE \"A\" (x int) ;;\r\n\tINSERT INTO \"A\" VALUES (1)\n";
        let same = Body { sql: sql.to_owned(), had_transactions: false };
        assert_eq!(made(sql, true), Ok(same));
    }

    #[test]
    fn statements_outside_of_a_transaction_get_a_directive() {
        for (sql, expected) in [
            ("SELECT 1;", "-- aludel: no-transaction\nSELECT 1;"),
            (
                "-- no-transaction\n  SELECT 1; SELECT 2;",
                "-- no-transaction\n-- aludel: no-transaction\n  SELECT 1; \n-- aludel: no-transaction\nSELECT 2;",
            ),
        ] {
            assert_eq!(made(sql, false).unwrap().sql, expected);
        }
    }

    #[test]
    fn the_transactions_of_a_file_are_those_of_the_runner() {
        for (sql, expected) in [
            ("BEGIN;\nSELECT 1;\nCOMMIT;\n", "/* BEGIN */;\nSELECT 1;\n/* COMMIT */;\n"),
            ("START TRANSACTION; SELECT 1; END;", "/* START TRANSACTION */; SELECT 1; /* END */;"),
            (
                "SELECT 1;\nBEGIN;\nSELECT 2;\nCOMMIT;\nSELECT 3;",
                "-- aludel: no-transaction\nSELECT 1;\n/* BEGIN */;\nSELECT 2;\n/* COMMIT */;\n-- aludel: no-transaction\nSELECT 3;",
            ),
        ] {
            for in_transaction in [true, false] {
                let body = made(sql, in_transaction).unwrap();
                assert!(body.had_transactions);
                assert_eq!(body.sql, expected);
                assert!(split(&body.sql, Dialect::Postgres).is_ok());
            }
        }
        let body = made("BEGIN; SELECT 1; COMMIT;", true).unwrap().sql;
        let statements = split(&body, Dialect::Postgres).unwrap();
        assert_eq!(statements.iter().map(|s| s.sql).collect::<Vec<_>>(), ["SELECT 1"]);
    }

    #[test]
    fn what_has_no_meaning_in_a_revision_is_refused_with_its_line() {
        for (sql, line, words) in [
            ("SELECT 1;\nCOMMIT;", 2, "without a BEGIN"),
            ("BEGIN;\nSELECT 1;", 2, "has no COMMIT"),
            ("BEGIN;\nBEGIN;\nCOMMIT;", 2, "inside of a transaction"),
            ("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 1;\nCOMMIT;", 4, "a second transaction"),
            ("BEGIN;\nROLLBACK;", 2, "can't roll back"),
            ("SELECT 1;\n-- aludel: upgrade\n", 2, "means something"),
            ("SELECT 1;\n\\i other.sql\n", 2, "command of psql"),
        ] {
            let problem = made(sql, true).unwrap_err();
            assert_eq!(problem.line, line, "{problem}");
            assert!(problem.message.contains(words), "{problem}");
        }
    }
}
