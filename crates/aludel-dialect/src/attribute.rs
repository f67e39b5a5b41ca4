//! Attributes of composite types: their names in CREATE TYPE, and where texts select them.

use aludel_schema::Definition;

use crate::dialect::Dialect;
use crate::lexer::{significant, tokens};
use crate::renaming::Rename;
use crate::token::{Token, TokenKind};

/// Returns the names of the attributes of a composite type, as far as its clauses or its statement tell
/// them.
pub fn attributes(composite: &Definition, dialect: Dialect) -> Vec<String> {
    let is_attribute = |word: &str| {
        let facts = dialect.kind_facts(composite.id.kind).and_then(|facts| facts.clause(word));
        facts.is_some_and(|facts| facts.has_values)
    };
    let clauses = composite.clauses.iter().filter(|clause| is_attribute(&clause.word));
    let known: Vec<String> = clauses.filter_map(|clause| clause.name.clone()).collect();
    match &composite.source {
        Some(sql) if known.is_empty() => declared(sql, dialect),
        Some(_) | None => known,
    }
}

/// Returns the first names between the commas of `CREATE TYPE name AS (…)`.
fn declared(sql: &str, dialect: Dialect) -> Vec<String> {
    let all = significant(sql, dialect);
    let list = all.iter().skip_while(|token| !token.is_symbol("("));
    let mut names = Vec::new();
    let (mut depth, mut begins) = (0_usize, true);
    for token in list {
        match token.text {
            "(" if token.kind == TokenKind::Symbol => depth += 1,
            ")" if token.kind == TokenKind::Symbol => depth = depth.saturating_sub(1),
            "," if depth == 1 => begins = true,
            _ if begins => {
                names.extend(token.identifier());
                begins = false;
            }
            _ => {}
        }
    }
    names
}

/// Gives an attribute another name in a text, where it is selected from a value that has it: `(c).a`,
/// `c[1].a` or `(c).b.a`. `has_it` is called with the last name of what it is selected from: that of a
/// column, an attribute, a function or a type.
pub fn rename_attribute(
    text: &str,
    rename: Rename<'_>,
    has_it: impl Fn(&str) -> bool,
    dialect: Dialect,
) -> String {
    let all: Vec<Token<'_>> = tokens(text, dialect).collect();
    let words: Vec<usize> = (0..all.len()).filter(|at| all[*at].is_significant()).collect();
    let mut out = String::with_capacity(text.len());
    let mut place = 0;
    for (at, token) in all.iter().enumerate() {
        let is_it = words.get(place) == Some(&at)
            && token.is_name(rename.from, dialect)
            && selected_from(&all, &words[..place]).is_some_and(|name| has_it(&name));
        match is_it {
            true => out.push_str(&dialect.quote(rename.to)),
            false => out.push_str(token.text),
        }
        place += usize::from(words.get(place) == Some(&at));
    }
    out
}

/// Returns the last name of the value before a dot that selects from it; `None` if what comes before is
/// no such dot, or one that qualifies a name. `words` are the places of the tokens up to that dot.
fn selected_from(all: &[Token<'_>], words: &[usize]) -> Option<String> {
    let (dot, before) = words.split_last()?;
    all[*dot].is_symbol(".").then_some(())?;
    let last = &all[*before.last()?];
    if last.is_symbol(")") {
        let (inside, _) = enclosed(all, before)?;
        return last_name(all, inside);
    }
    if last.is_symbol("]") {
        return last_name(all, before);
    }
    // `(c).b.a` selects from what `(c).b` selects.
    let is_selected = selected_from(all, &before[..before.len() - 1]).is_some();
    last.identifier().filter(|_| is_selected)
}

/// Returns the last name of an expression: that of the function it calls, or the one before subscripts.
fn last_name(all: &[Token<'_>], words: &[usize]) -> Option<String> {
    let last = &all[*words.last()?];
    if last.is_symbol("]") {
        let (_, before) = enclosed(all, words)?;
        return last_name(all, before);
    }
    if last.is_symbol(")") {
        let (inside, before) = enclosed(all, words)?;
        let called = before.last().and_then(|at| all[*at].identifier());
        return called.or_else(|| last_name(all, inside));
    }
    last.identifier()
}

/// Returns what is inside of the parentheses or brackets that close at the end, and what is before them.
fn enclosed<'w>(all: &[Token<'_>], words: &'w [usize]) -> Option<(&'w [usize], &'w [usize])> {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().rev() {
        let token = &all[*word];
        if token.is_symbol(")") || token.is_symbol("]") {
            depth += 1;
        } else if token.is_symbol("(") || token.is_symbol("[") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some((&words[at + 1..words.len() - 1], &words[..at]));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{attributes, rename_attribute};
    use crate::definition::parse_definition;
    use crate::dialect::Dialect::Postgres as PG;
    use crate::renaming::Rename;

    #[test]
    fn the_attributes_of_a_statement() {
        for (sql, names) in [
            ("CREATE TYPE p AS (a int, \"B c\" numeric(3, 1), d text COLLATE \"C\")", "a|B c|d"),
            ("create type app.p as (A int[])", "a"),
            ("CREATE TYPE p AS ()", ""),
        ] {
            let own = parse_definition(sql, PG).unwrap();
            assert_eq!(attributes(&own, PG).join("|"), names, "{sql}");
        }
    }

    #[test]
    fn an_attribute_is_renamed_where_it_is_selected() {
        for (text, renamed) in [
            ("(pair).a > 0 AND a > 0", "(pair).\"C\" > 0 AND a > 0"),
            ("(t.pair).a + t.a", "(t.pair).\"C\" + t.a"),
            ("pairs[1].a", "pairs[1].a"),
            ("pair[1].a + (pair)[f(1)].a", "pair[1].\"C\" + (pair)[f(1)].\"C\""),
            ("(twin).pair.a + (twin).a", "(twin).pair.\"C\" + (twin).a"),
            ("('(1,x)'::pair).a", "('(1,x)'::pair).\"C\""),
            ("(pair(a.a)).a", "(pair(a.a)).\"C\""),
            ("(f(pair)).a", "(f(pair)).a"),
            ("'(pair).a'", "'(pair).a'"),
            (").a", ").a"),
        ] {
            let rename = Rename { from: "a", to: "C" };
            assert_eq!(rename_attribute(text, rename, |name| name == "pair", PG), renamed);
        }
    }
}
