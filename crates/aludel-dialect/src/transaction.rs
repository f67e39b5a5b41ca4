//! Statements that do not go together with the transaction of the runner.

use aludel_schema::QualifiedName;

use crate::dialect::Dialect;
use crate::effect::Effect;
use crate::lexer::{leading_words, significant, tokens};
use crate::postgres::alone as postgres;
use crate::postgres::effect as postgres_effect;
use crate::split::SqlStatement;
use crate::sqlite::alone as sqlite;
use crate::sqlite::effect as sqlite_effect;
use crate::sqlite::last_change;
use crate::token::Token;

impl Dialect {
    /// Returns true if the database does not run the statement inside a transaction.
    pub fn must_run_alone(self, statement: &SqlStatement<'_>) -> bool {
        match self {
            Self::Postgres => postgres::must_run_alone(statement.sql),
            Self::Sqlite => sqlite::must_run_alone(statement.sql),
        }
    }

    /// Returns the effect of a statement that runs outside a transaction.
    ///
    /// ```
    /// use aludel_dialect::{Dialect, Effect};
    ///
    /// let effect = |sql| Dialect::Postgres.effect(sql);
    /// assert_eq!(effect("VACUUM t"), Effect::Repeatable);
    /// assert_eq!(effect("CALL pay_out()"), Effect::Unseen);
    /// assert!(matches!(
    ///     effect("CREATE INDEX CONCURRENTLY i ON t (a)"),
    ///     Effect::IndexBuilt { index, .. } if index == "i"
    /// ));
    /// ```
    pub fn effect(self, sql: &str) -> Effect {
        match self {
            Self::Postgres => postgres_effect::effect(sql),
            Self::Sqlite => sqlite_effect::effect(sql),
        }
    }

    /// Returns true if the statement does the same in a transaction of its own as outside of one.
    ///
    /// The answer is false where that is not certain: a procedure may commit, and a function of an
    /// extension may refuse to run in a transaction block.
    pub fn is_atomic(self, sql: &str) -> bool {
        let words = leading_words(sql, self, usize::MAX);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let plain = matches!(
            words.as_slice(),
            ["INSERT" | "UPDATE" | "DELETE" | "MERGE" | "REPLACE" | "COPY", ..]
                | [
                    "CREATE" | "DROP" | "ALTER",
                    "TABLE" | "VIEW" | "TYPE" | "INDEX" | "TRIGGER" | "FUNCTION",
                    ..
                ]
        );
        plain && !words.contains(&"CONCURRENTLY")
    }

    /// Returns true if the statement may commit in its middle, so that a failure undoes only a part.
    pub fn may_commit(self, sql: &str) -> bool {
        let words = leading_words(sql, self, 1);
        words.first().is_some_and(|word| word == "CALL" || word == "DO")
    }

    /// Returns true if the statement may be repeated until it affects no row.
    pub fn may_be_batch(self, sql: &str) -> bool {
        let words = leading_words(sql, self, 1);
        let batches = ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "WITH", "SELECT", "CALL"];
        words.first().is_some_and(|word| batches.contains(&word.as_str()))
    }

    /// Returns true if the statement may take a lock that keeps readers or writers of a table out.
    /// Statements that only read or change rows take none, unless they call a function that does.
    pub fn may_block_others(self, sql: &str) -> bool {
        let words = leading_words(sql, self, 1);
        match words.first().map_or("", String::as_str) {
            "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "SELECT" | "WITH" | "VALUES" => {
                calls_a_function(sql, self)
            }
            "COPY" | "SET" | "RESET" | "SHOW" | "ANALYZE" | "EXPLAIN" | "SAVEPOINT" | "RELEASE"
            | "ROLLBACK" | "NOTIFY" | "PREPARE" => false,
            _ => true,
        }
    }

    /// Returns true if the statement may execute code that somebody else has written: it is no
    /// definition, or it calls a function.
    pub fn may_run_code(self, sql: &str) -> bool {
        let words = leading_words(sql, self, 1);
        !matches!(
            words.first().map_or("", String::as_str),
            "CREATE"
                | "ALTER"
                | "DROP"
                | "COMMENT"
                | "GRANT"
                | "REVOKE"
                | "VACUUM"
                | "SET"
                | "RESET"
        )
    }

    /// Returns true if the statement may change the session beyond its transaction: settings, the
    /// role, temporary tables. A function that does so is not seen.
    pub fn may_change_session(self, sql: &str) -> bool {
        let first = leading_words(sql, self, 1).pop().unwrap_or_default();
        match self {
            Self::Postgres => {
                matches!(first.as_str(), "SET" | "RESET" | "DISCARD" | "CALL" | "DO" | "LOAD")
                    || tokens(sql, self).any(|token| token.text.eq_ignore_ascii_case("SET_CONFIG"))
            }
            Self::Sqlite => matches!(first.as_str(), "PRAGMA" | "ATTACH" | "DETACH"),
        }
    }

    /// Returns the first of the statements of a transaction that asks for the last change of the
    /// connection (`last_insert_rowid()`) although none before it has made one, with the name of the
    /// function. What the runner writes between two transactions would be its answer.
    pub fn asks_for_a_change_of_others<'s>(
        self,
        statements: &'s [SqlStatement<'s>],
    ) -> Option<(&'s SqlStatement<'s>, &'static str)> {
        match self {
            // `lastval()` stays as it is, because the runner uses no sequence.
            Self::Postgres => None,
            Self::Sqlite => last_change::unset(statements),
        }
    }

    /// Returns the encoding that the statement makes the server expect from the client, if that is
    /// another one than UTF-8, in which all statements are sent.
    pub fn other_encoding(self, sql: &str) -> Option<String> {
        let words = leading_words(sql, self, 3);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let is_about = matches!(
            words.as_slice(),
            ["SET", "NAMES" | "CLIENT_ENCODING", ..]
                | ["SET", "SESSION" | "LOCAL", "CLIENT_ENCODING"]
        );
        let last = significant(sql, self).pop().filter(|_| is_about)?;
        let name = last.text.trim_matches('\'');
        let plain = name.replace(['-', '_'], "").to_uppercase();
        let is_ours = ["UTF8", "UNICODE", "DEFAULT"].contains(&plain.as_str());
        (!is_ours).then(|| name.to_owned())
    }

    /// Returns the setting whose value the statement changes for its transaction only
    /// (`SET LOCAL`), in lower case.
    pub fn local_setting(self, sql: &str) -> Option<String> {
        let words = leading_words(sql, self, 5);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["SET", "LOCAL", class, ".", name] => Some(format!("{class}.{name}").to_lowercase()),
            ["SET", "LOCAL", name, ..] => Some(name.to_lowercase()),
            _ => None,
        }
    }

    /// Returns the transaction command, such as `COMMIT`, if the statement would end the runner's
    /// transaction or begin one of its own.
    pub fn transaction_control(self, sql: &str) -> Option<String> {
        let words = leading_words(sql, self, 3);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO"] => None,
            ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT", ..] => Some(words[0].to_owned()),
            ["START" | "PREPARE", "TRANSACTION", ..] => Some(format!("{} TRANSACTION", words[0])),
            _ => None,
        }
    }
}

/// The words that may stand before a parenthesis and call no function of a user.
const NO_CALLS: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "AVG",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COALESCE",
    "CONFLICT",
    "COUNT",
    "CURRENT_TIMESTAMP",
    "DISTINCT",
    "ELSE",
    "EXCEPT",
    "EXISTS",
    "EXTRACT",
    "FILTER",
    "FROM",
    "GENERATE_SERIES",
    "GREATEST",
    "IN",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LATERAL",
    "LEAST",
    "LENGTH",
    "LIKE",
    "LIMIT",
    "LOWER",
    "MATERIALIZED",
    "MAX",
    "MD5",
    "MIN",
    "NOT",
    "NOW",
    "NULLIF",
    "ON",
    "OR",
    "OVER",
    "PG_SLEEP",
    "RANDOM",
    "REPLACE",
    "RETURNING",
    "ROUND",
    "ROW",
    "ROW_NUMBER",
    "SELECT",
    "SET",
    "SOME",
    "SUBSTR",
    "SUBSTRING",
    "SUM",
    "THEN",
    "TRIM",
    "UNION",
    "UPPER",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// Returns true if a statement may call a function of a user. A table with a list of columns, as in
/// `INSERT INTO t (a)`, is none.
fn calls_a_function(sql: &str, dialect: Dialect) -> bool {
    let tokens = significant(sql, dialect);
    (0..tokens.len()).any(|at| {
        let [name, open, ..] = &tokens[at..] else { return false };
        if !open.is_symbol("(") || name.identifier().is_none() {
            return false;
        }
        let is_known = NO_CALLS.iter().any(|word| name.is_word(word));
        let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
        let is_table = |token: &Token<'_>| token.is_word("INTO") || token.is_word("WITH");
        let follows = match before(1) {
            // The table may have a schema.
            Some(dot) if dot.is_symbol(".") => before(3),
            other => other,
        };
        !is_known && !follows.is_some_and(is_table)
    })
}

/// Returns the table whose rows a statement changes: the one behind the last UPDATE, DELETE FROM,
/// INSERT INTO or MERGE INTO. Returns `None` if there is none.
pub fn batch_target(sql: &str, dialect: Dialect) -> Option<QualifiedName> {
    let tokens = significant(sql, dialect);
    let starts = (0..tokens.len()).rev().find_map(|at| {
        let word = |offset: usize, word| tokens.get(at + offset).is_some_and(|t| t.is_word(word));
        if word(0, "DELETE") && word(1, "FROM") {
            return Some(at + 2);
        }
        if (word(0, "INSERT") || word(0, "MERGE")) && word(1, "INTO") {
            return Some(at + 2);
        }
        // `DO UPDATE` and `FOR UPDATE` name no table.
        let follows = at.checked_sub(1).and_then(|before| tokens.get(before));
        let is_clause =
            follows.is_some_and(|t| ["DO", "FOR", "ON", "KEY"].iter().any(|w| t.is_word(w)));
        (word(0, "UPDATE") && !is_clause).then_some(at + 1)
    })?;
    let only = usize::from(tokens.get(starts).is_some_and(|token| token.is_word("ONLY")));
    let mut names = tokens.iter().skip(starts + only);
    let first = names.next()?.identifier()?;
    match names.next() {
        Some(dot) if dot.is_symbol(".") => {
            Some(QualifiedName::new(Some(first), names.next()?.identifier()?))
        }
        Some(_) | None => Some(QualifiedName::unqualified(first)),
    }
}

/// Returns true if a statement adds the same rows whenever it runs: an INSERT of values, which looks
/// neither at a table nor at what a function returns.
pub fn adds_the_same(sql: &str, dialect: Dialect) -> bool {
    let tokens = significant(sql, dialect);
    let has = |word: &str| tokens.iter().any(|token| token.is_word(word));
    let values = tokens.iter().position(|token| token.is_word("VALUES") || token.is_word("SELECT"));
    let Some(values) = values.filter(|_| tokens.first().is_some_and(|t| t.is_word("INSERT")))
    else {
        return false;
    };
    let calls = tokens[values..].windows(2).any(|pair| {
        pair[1].is_symbol("(") && pair[0].identifier().is_some() && !pair[0].is_word("VALUES")
    });
    !calls && !["FROM", "WHERE", "CONFLICT", "IGNORE", "REPLACE"].iter().any(|word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_are_atomic_can_have_a_transaction_of_their_own() {
        for (sql, expected) in [
            ("INSERT INTO t VALUES (1)", true),
            ("alter type mood add value 'x'", true),
            ("ALTER TABLE p ATTACH PARTITION q FOR VALUES IN (1)", true),
            ("ALTER TABLE p DETACH PARTITION q CONCURRENTLY", false),
            ("CREATE INDEX CONCURRENTLY i ON t (a)", false),
            ("CALL p()", false),
            ("DO $$ BEGIN COMMIT; END $$", false),
            ("SELECT f()", false),
            ("VACUUM t", false),
        ] {
            assert_eq!(Dialect::Postgres.is_atomic(sql), expected, "{sql}");
        }
        assert!(!Dialect::Sqlite.is_atomic("PRAGMA journal_mode = wal"));
    }

    #[test]
    fn an_insert_of_values_adds_the_same_each_time() {
        for (sql, expected) in [
            ("INSERT INTO t VALUES (1, true)", true),
            ("INSERT INTO t (a) SELECT 1", true),
            ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", false),
            ("INSERT INTO t SELECT a FROM u WHERE a NOT IN (SELECT a FROM t)", false),
            ("INSERT INTO t SELECT take_batch(100)", false),
            ("UPDATE t SET a = 1", false),
        ] {
            assert_eq!(adds_the_same(sql, Dialect::Postgres), expected, "{sql}");
        }
    }

    #[test]
    fn a_batch_changes_the_rows_of_one_table() {
        let target = |sql| batch_target(sql, Dialect::Postgres).map(|name| name.to_string());
        for (sql, expected) in [
            ("UPDATE t SET a = 1 WHERE id IN (SELECT id FROM u LIMIT 5 FOR UPDATE)", Some("t")),
            ("WITH d AS (SELECT 1) DELETE FROM ONLY app.t USING d", Some("app.t")),
            ("INSERT INTO t SELECT 1 ON CONFLICT (a) DO UPDATE SET a = 1", Some("t")),
            ("SELECT f()", None),
        ] {
            assert_eq!(target(sql).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn statements_that_only_change_rows_block_nobody() {
        for (sql, expected) in [
            ("UPDATE t SET a = coalesce(b, 1) WHERE id IN (SELECT id FROM t LIMIT 5)", false),
            ("INSERT INTO app.t (a, b) VALUES (1, 2) ON CONFLICT (a) DO NOTHING", false),
            ("WITH d AS (DELETE FROM t RETURNING a) INSERT INTO u (a) SELECT a FROM d", false),
            ("SELECT mig()", true),
            ("INSERT INTO r SELECT 1 FROM app.mig()", true),
            ("DO $$ BEGIN END $$", true),
            ("CALL p()", true),
            ("ALTER TABLE t ADD COLUMN a int", true),
            ("COPY t FROM STDIN", false),
        ] {
            assert_eq!(Dialect::Postgres.may_block_others(sql), expected, "{sql}");
        }
    }

    #[test]
    fn an_encoding_other_than_that_of_the_client_is_found() {
        for (sql, expected) in [
            ("SET client_encoding = 'LATIN1'", Some("LATIN1")),
            ("set local client_encoding to win1252 -- why", Some("win1252")),
            ("SET NAMES 'latin2'", Some("latin2")),
            ("SET client_encoding = 'UTF8'", None),
            ("SET SESSION client_encoding TO 'utf-8'", None),
            ("SET client_encoding TO DEFAULT", None),
            ("UPDATE t SET client_encoding = 'LATIN1'", None),
        ] {
            assert_eq!(Dialect::Postgres.other_encoding(sql).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn a_local_setting_is_known_by_its_name() {
        let name = |sql| Dialect::Postgres.local_setting(sql);
        assert_eq!(name("SET LOCAL Lock_Timeout = '1s'").as_deref(), Some("lock_timeout"));
        assert_eq!(name("set local app.tenant to 'x'").as_deref(), Some("app.tenant"));
        assert_eq!(name("SET lock_timeout = 1"), None);
    }
}
