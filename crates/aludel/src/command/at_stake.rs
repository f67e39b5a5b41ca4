use std::collections::{BTreeMap, BTreeSet};

use aludel_dialect::{Dialect, Token, significant, split};
use aludel_driver::OpenMode;
use aludel_reflect::{RowCount, filled_tables, row_counts};
use aludel_revision::{Direction, Revision, Symbol};
use aludel_schema::QualifiedName;

use crate::error::Error;
use crate::project::Project;

/// A table whose rows a downgrade may lose.
#[derive(Clone, Debug)]
pub struct AtStake {
    /// The table.
    pub table: QualifiedName,
    /// The number of its rows, if it is cheap to know.
    pub rows: Option<RowCount>,
}

/// Returns the tables whose rows are lost if a downgrade undoes a first revision, which has none below
/// it: the tables with rows that its sections drop or empty. A downgrade that goes less far has none.
///
/// `from_journal` is that of [`RunOptions`](super::RunOptions). A downgrade that is refused has none
/// either: one of a database with an unknown revision, or over a section that can't run.
///
/// # Errors
///
/// Fails if the revisions can't be read, if the target does not resolve, or if the database can't
/// be reached or refuses a query.
pub async fn rows_at_stake(
    project: &Project,
    target: &Symbol,
    from_journal: Vec<Revision>,
) -> Result<Vec<AtStake>, Error> {
    let map = project.revisions_and(from_journal)?;
    super::run::check_target(&map, target)?;
    let connection = project.in_role(project.connect_to_migrate(OpenMode::Read).await?);
    let version_table = project.version_table(project.dialect()?);
    let rows = version_table.heads(&connection).await?;
    let (map, here) = map.seen_from(&rows)?;
    if !map.known(&here).1.is_empty() {
        return Ok(Vec::new());
    }
    let goal = map.goal(Direction::Downgrade, target, &here)?;
    let transitions = map.transitions(&here, &goal)?;
    if transitions.iter().all(|transition| !transition.revision.down_revisions.is_empty()) {
        return Ok(Vec::new());
    }
    let dialect = version_table.dialect;
    let mut dropped = Dropped::default();
    for transition in &transitions {
        let section = transition.revision.section(Direction::Downgrade, dialect.name());
        let section = section.map_err(|problem| Error::Files(vec![project.shortened(problem)]))?;
        if section.irreversible.is_some() || section.missing.is_some() {
            return Ok(Vec::new());
        }
        dropped.read(section.body, dialect);
    }
    let own = QualifiedName::parse(&project.config.version_table);
    let ours = [own.sibling(format!("{}_log", own.name)), own];
    let mut filled = filled_tables(&connection, &ours).await?;
    filled.retain(|table| dropped.has(&table.name));
    let mut counts = row_counts(&connection, &filled).await?;
    let with_count = |table| AtStake { rows: counts.remove(&table), table };
    Ok(filled.into_iter().map(with_count).collect())
}

/// The tables that sections drop or empty.
#[derive(Default)]
struct Dropped {
    /// Their names in lower case: a name that differs in nothing else is rather one too many.
    names: BTreeSet<String>,
    /// The names that renamed tables had before, by their new ones.
    before: BTreeMap<String, String>,
    /// True if a section drops what it does not name: what is in a schema, what a role owns, or what a block, a
    /// procedure, a dynamic statement or a step in Rust chooses.
    any: bool,
}

impl Dropped {
    /// Reads the statements of a section. What a new view, function or trigger would do is not done.
    fn read(&mut self, sql: &str, dialect: Dialect) {
        self.any |= sql.contains("aludel: run");
        let Ok(statements) = split(sql, dialect) else {
            self.any = true;
            return;
        };
        for statement in statements {
            let tokens = significant(statement.sql, dialect);
            match tokens.first() {
                Some(first) if first.is_word("create") => {}
                Some(first) => {
                    self.any |= ["do", "call", "execute"].iter().any(|word| first.is_word(word));
                    self.statement(&tokens);
                }
                None => {}
            }
        }
    }

    fn statement(&mut self, tokens: &[Token<'_>]) {
        for (at, token) in tokens.iter().enumerate() {
            let rest = tokens.get(at + 1..).unwrap_or_default();
            let is_next = |word: &str| rest.first().is_some_and(|next| next.is_word(word));
            if (token.is_word("drop") && is_next("table"))
                || (token.is_word("delete") && is_next("from"))
            {
                self.lose(names(&rest[1..]));
            } else if at == 0 && token.is_word("truncate") {
                self.lose(names(rest));
            } else if at == 0 && token.is_word("merge") && is_next("into") {
                let deletes =
                    rest.windows(2).any(|two| two[0].is_word("then") && two[1].is_word("delete"));
                self.lose(if deletes { names(&rest[1..]) } else { Vec::new() });
            } else if at == 0 && token.is_word("alter") && is_next("table") {
                self.rename(&rest[1..]);
            } else {
                // A schema that holds anything stays, unless what is in it goes too.
                let takes_along = || rest.iter().any(|own| own.is_word("cascade"));
                self.any |= token.is_word("drop")
                    && (is_next("owned") || (is_next("schema") && takes_along()));
            }
        }
    }

    /// Notes tables that lose their rows, under all names that they have had.
    fn lose(&mut self, tables: Vec<String>) {
        for table in tables {
            let mut name = Some(table.to_lowercase());
            while let Some(own) = name.filter(|own| !self.names.contains(own)) {
                name = self.before.get(&own).cloned();
                self.names.insert(own);
            }
        }
    }

    /// Notes a table that is renamed. A rebuild drops a table and gives its name to the new one, so
    /// that nothing is lost.
    fn rename(&mut self, tokens: &[Token<'_>]) {
        let to = tokens.windows(2).position(|two| two[0].is_word("rename") && two[1].is_word("to"));
        let to = to.and_then(|at| tokens.get(at + 2)).and_then(Token::identifier);
        let Some((from, to)) = names(tokens).into_iter().next().zip(to) else { return };
        let (from, to) = (from.to_lowercase(), to.to_lowercase());
        self.names.remove(&to);
        self.before.insert(to, from);
    }

    fn has(&self, table: &str) -> bool {
        self.any || self.names.contains(&table.to_lowercase())
    }
}

/// Returns the tables in a list, without their schemas.
fn names(tokens: &[Token<'_>]) -> Vec<String> {
    let clauses = ["if", "exists", "table", "only"];
    let is_clause = |token: &&Token<'_>| clauses.iter().any(|word| token.is_word(word));
    let mut rest = tokens.iter().skip_while(is_clause).peekable();
    let mut names = Vec::new();
    while let Some(name) = rest.next().and_then(Token::identifier) {
        match rest.next_if(|token| token.is_symbol(".") || token.is_symbol(",")) {
            // What was read is the schema.
            Some(dot) if dot.is_symbol(".") => {}
            Some(_) => names.push(name),
            None => {
                names.push(name);
                break;
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_tables_are_read_from_the_statements() {
        for (sql, expected) in [
            ("DROP TABLE a;", "a"),
            ("drop table if exists s.A, \"B\" cascade; DROP TABLE c", "a b c"),
            ("DROP VIEW v; ALTER TABLE a DROP COLUMN b; SELECT a FROM b", ""),
            ("DELETE FROM s.a WHERE b > 1; TRUNCATE TABLE ONLY c, d; truncate e", "a c d e"),
            ("DROP TABLE a; ALTER TABLE a_new RENAME TO a; DROP TABLE b", "b"),
            (
                "ALTER TABLE a RENAME TO b; ALTER TABLE IF EXISTS b RENAME TO c; DROP TABLE c",
                "a b c",
            ),
            ("WITH d AS (DELETE FROM a RETURNING 1) SELECT count(*) FROM d", "a"),
            ("MERGE INTO s.a USING b ON true WHEN MATCHED THEN DELETE", "a"),
            ("MERGE INTO a USING b ON true WHEN MATCHED THEN UPDATE SET c = 1", ""),
            ("CREATE FUNCTION f() RETURNS void BEGIN ATOMIC DELETE FROM a; END", ""),
            ("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON DELETE CASCADE", ""),
            ("CALL purge()", "*"),
            ("-- DROP TABLE a", ""),
            ("DROP SCHEMA s CASCADE", "*"),
            ("ALTER TABLE core.a SET SCHEMA public; DROP SCHEMA core", ""),
            ("DO $$ BEGIN DROP TABLE a; END $$", "*"),
            ("-- aludel: run move_rows", "*"),
            ("EXECUTE prepared", "*"),
        ] {
            let mut dropped = Dropped::default();
            dropped.read(sql, Dialect::Postgres);
            let names: Vec<&str> = dropped.names.iter().map(String::as_str).collect();
            let found = if dropped.any { "*".to_owned() } else { names.join(" ") };
            assert_eq!(found, expected, "{sql}");
        }
    }
}
