//! Analysis of SQL expressions by their tokens alone.

use crate::dialect::Dialect;
use crate::lexer::{significant, tokens};
use crate::renaming::{folded, may_be_column};
use crate::token::{Token, TokenKind};

/// Returns true if `column` is one of the identifiers in `expression`.
pub fn mentions(expression: &str, column: &str, dialect: Dialect) -> bool {
    significant(expression, dialect).iter().any(|token| token.is_name(column, dialect))
}

/// Returns the columns of `columns` that `expression` reads, in the order of `columns`.
pub fn name_columns<'a>(
    expression: &str,
    columns: impl Iterator<Item = &'a str>,
    dialect: Dialect,
) -> Vec<&'a str> {
    let tokens = significant(expression, dialect);
    let read = (0..tokens.len()).filter(|at| may_be_column(&tokens, *at));
    let read: Vec<&Token<'_>> = read.filter_map(|at| tokens.get(at)).collect();
    columns.filter(|column| read.iter().any(|token| token.is_name(column, dialect))).collect()
}

/// Returns the tokens of an expression with one space between them, keywords and plain identifiers
/// in lower case, without redundant quotes and without parentheses around the whole.
///
/// Expressions with equal normal forms have the same meaning. The converse does not hold.
pub fn normal_form(expression: &str, dialect: Dialect) -> String {
    normal_form_over(expression, &|_| false, dialect)
}

/// Returns the normal form of an expression over some objects. Whether their names are in quotes, and in
/// which case, makes no difference where the server makes none. Without an object of the name, SQLite takes
/// what is in double quotes for a string.
pub fn normal_form_over(
    expression: &str,
    is_object: &dyn Fn(&str) -> bool,
    dialect: Dialect,
) -> String {
    let tokens = significant(expression, dialect);
    let mut tokens = tokens.as_slice();
    while let Some(inner) = strip_parentheses(tokens) {
        tokens = inner;
    }
    let word = |token: &Token<'_>| match token.kind {
        TokenKind::Word => token.text.to_ascii_lowercase(),
        TokenKind::Quoted => {
            let name = token.identifier().unwrap_or_default();
            let folded = folded(&name, dialect);
            dialect.quote(if is_object(&folded) { &folded } else { &name })
        }
        TokenKind::String
        | TokenKind::Number
        | TokenKind::Symbol
        | TokenKind::Comment
        | TokenKind::Space
        | TokenKind::Data => token.text.to_owned(),
    };
    let words: Vec<String> = tokens.iter().map(word).collect();
    words.join(" ")
}

/// Removes the parentheses that enclose the whole of `expression`.
pub fn without_parentheses(expression: &str, dialect: Dialect) -> &str {
    let tokens = significant(expression, dialect);
    let mut inner = tokens.as_slice();
    while let Some(stripped) = strip_parentheses(inner) {
        inner = stripped;
    }
    match (inner.first(), inner.last()) {
        (Some(first), Some(last)) if inner.len() < tokens.len() => {
            &expression[first.start..last.end()]
        }
        _ => expression.trim(),
    }
}

/// Returns the expression without the white space and the comments before and after it. A comment at
/// the end would take what follows the expression in a statement with it.
pub fn without_comments(expression: &str, dialect: Dialect) -> &str {
    let tokens = significant(expression, dialect);
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => &expression[first.start..last.end()],
        _ => "",
    }
}

/// Returns the expression in parentheses. The closing one stands on a line of its own where a comment at the end
/// would take it along.
pub(crate) fn in_parentheses(expression: &str, dialect: Dialect) -> String {
    let last = tokens(expression, dialect).last();
    let is_open =
        last.is_some_and(|own| own.kind == TokenKind::Comment && own.text.starts_with("--"));
    format!("({expression}{})", if is_open { "\n" } else { "" })
}

/// Returns the reason why a text can't be an expression of its own: it would take what follows it in a
/// statement with it, or end the statement. `None` does not say that the database accepts it.
pub fn unfinished(expression: &str, dialect: Dialect) -> Option<&'static str> {
    let tokens = significant(expression, dialect);
    let mut open: Vec<&str> = Vec::new();
    for token in &tokens {
        let closes = |bracket: &str| open.last().is_some_and(|last| *last == bracket);
        match (token.kind, token.text) {
            (TokenKind::Symbol, "(" | "[") => open.push(token.text),
            (TokenKind::Symbol, ")") if !closes("(") => return Some("a `)` has no `(`"),
            (TokenKind::Symbol, "]") if !closes("[") => return Some("a `]` has no `[`"),
            (TokenKind::Symbol, ")" | "]") => {
                open.pop();
            }
            (TokenKind::Symbol, ";") => return Some("a `;` ends it"),
            (TokenKind::String, text) if text.starts_with('\'') && !is_closed(text) => {
                return Some("a quote is open");
            }
            _ => {}
        }
    }
    match (tokens.is_empty(), open.pop()) {
        (true, _) => Some("it is empty"),
        (false, Some("(")) => Some("a `(` is not closed"),
        (false, Some(_)) => Some("a `[` is not closed"),
        (false, None) => None,
    }
}

/// Returns the expression of a table with its columns named without the table, which is the only one
/// that they can belong to: `orders.total > 0` becomes `total > 0`.
pub fn without_table(expression: &str, table: &str, dialect: Dialect) -> String {
    let all: Vec<Token<'_>> = tokens(expression, dialect).collect();
    let is_dot =
        |at: Option<usize>| at.and_then(|at| all.get(at)).is_some_and(|token| token.is_symbol("."));
    let is_called = |at: usize| {
        let mut rest = all.iter().skip(at + 1).filter(|token| token.kind != TokenKind::Space);
        rest.next().is_some_and(|next| next.is_symbol("("))
    };
    let is_qualifier = |at: usize| {
        all[at].is_name(table, dialect)
            && !is_dot(at.checked_sub(1))
            && is_dot(Some(at + 1))
            && all.get(at + 2).is_some_and(|column| column.identifier().is_some())
            && !is_called(at + 2)
            && !is_dot(Some(at + 3))
    };
    let is_left_out = |at: usize| is_qualifier(at) || at.checked_sub(1).is_some_and(is_qualifier);
    let kept = all.iter().enumerate().filter(|(at, _)| !is_left_out(*at));
    kept.map(|(_, token)| token.text).collect()
}

/// Returns an expression of a table with `table` for its whole row, which may be written `table.*`
/// too. Where a column has the name and the type of the table, this reads the column.
pub fn row_as_column(expression: &str, table: &str, dialect: Dialect) -> String {
    let all: Vec<Token<'_>> = tokens(expression, dialect).collect();
    let is_star = |at: usize| {
        let three = at.checked_sub(2).and_then(|first| all.get(first..=at));
        three.is_some_and(|three| {
            three[0].is_name(table, dialect) && three[1].is_symbol(".") && three[2].is_symbol("*")
        })
    };
    let kept = (0..all.len()).filter(|at| !is_star(*at) && !is_star(*at + 1));
    let kept: Vec<&Token<'_>> = kept.map(|at| &all[at]).collect();
    // The server takes a field of a whole row for the column.
    let is_field = |at: usize| {
        kept.get(at..at + 4).is_some_and(|four| {
            four[0].is_symbol("(")
                && four[1].is_name(table, dialect)
                && four[2].is_symbol(")")
                && four[3].is_symbol(".")
        })
    };
    let is_left_out = |at: usize| (0..4).any(|back| at.checked_sub(back).is_some_and(is_field));
    (0..kept.len()).filter(|at| !is_left_out(*at)).map(|at| kept[at].text).collect()
}

/// Returns an expression over a column that stands for the whole row of a table, as the server spells
/// it over the row itself: `items.*`.
pub fn column_as_row(expression: &str, table: &str, dialect: Dialect) -> String {
    let all: Vec<Token<'_>> = tokens(expression, dialect).collect();
    let is = |at: Option<usize>, symbols: &[&str]| {
        let token = at.and_then(|at| all.get(at));
        token.is_some_and(|token| symbols.iter().any(|symbol| token.is_symbol(symbol)))
    };
    let is_row = |at: usize| {
        all[at].is_name(table, dialect)
            && !is(at.checked_sub(1), &[".", "::", ":"])
            && !is(Some(at + 1), &[".", "("])
    };
    let row = |at: usize| format!("{}{}", all[at].text, if is_row(at) { ".*" } else { "" });
    (0..all.len()).map(row).collect()
}

/// Returns true if a plain string has its closing quote.
fn is_closed(string: &str) -> bool {
    string.len() > 1 && string.ends_with('\'')
}

/// Returns true if the expression is NULL, whatever type it is cast to.
pub fn is_null(expression: &str, dialect: Dialect) -> bool {
    is_null_of(&significant(expression, dialect))
}

fn is_null_of(tokens: &[Token<'_>]) -> bool {
    if let Some(inner) = strip_parentheses(tokens) {
        return is_null_of(inner);
    }
    if let [cast, rest @ ..] = tokens
        && cast.is_word("cast")
        && let Some(inner) = strip_parentheses(rest)
    {
        let value = inner.iter().position(|token| token.is_word("as"));
        return value.is_some_and(|end| is_null_of(&inner[..end]));
    }
    let Some(end) = primary(tokens).filter(|end| casts(&tokens[*end..])) else { return false };
    match &tokens[..end] {
        [one] => one.is_word("null"),
        several if end < tokens.len() => is_null_of(several),
        _ => false,
    }
}

/// Renders an expression for DEFAULT, whose grammar has no operators such as AT TIME ZONE, IS NULL
/// and AND, and takes COLLATE for a property of the column. A value, a call and a cast of those stay
/// as they are, and everything else gets parentheses.
pub fn as_default(expression: &str, dialect: Dialect) -> String {
    let tokens = significant(expression, dialect);
    let is_simple = primary(&tokens).is_some_and(|end| casts(&tokens[end..]));
    if is_simple { expression.to_owned() } else { format!("({expression})") }
}

/// Returns the number of tokens at the beginning that are one operand: a literal, a word, a call, an
/// array, or an expression in parentheses.
fn primary(tokens: &[Token<'_>]) -> Option<usize> {
    let [first, rest @ ..] = tokens else { return None };
    match first.kind {
        TokenKind::String | TokenKind::Number => Some(1),
        TokenKind::Symbol if first.text == "(" => group(tokens),
        TokenKind::Symbol if first.text == "-" || first.text == "+" => {
            rest.first().filter(|next| next.kind == TokenKind::Number).map(|_| 2)
        }
        TokenKind::Word if first.is_word("not") || first.is_word("case") => None,
        TokenKind::Word | TokenKind::Quoted => {
            let mut end = 1;
            while let [dot, name, ..] = &tokens[end..]
                && dot.is_symbol(".")
                && name.identifier().is_some()
            {
                end += 2;
            }
            let opens = |token: &Token<'_>| token.is_symbol("(") || token.is_symbol("[");
            let arguments = tokens.get(end).filter(|token| opens(token));
            Some(end + arguments.map_or(Some(0), |_| group(&tokens[end..]))?)
        }
        TokenKind::Symbol | TokenKind::Comment | TokenKind::Space | TokenKind::Data => None,
    }
}

/// Returns the number of tokens from an opening parenthesis or bracket to the closing one.
fn group(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Symbol {
            match token.text {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Returns true if the tokens are nothing but casts: `::name`, one after the other.
fn casts(mut tokens: &[Token<'_>]) -> bool {
    const WORDS: [&str; 13] = [
        "precision",
        "varying",
        "with",
        "without",
        "time",
        "zone",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "to",
    ];
    while let [cast, rest @ ..] = tokens {
        let Some(mut end) = primary(rest).filter(|_| cast.is_symbol("::")) else { return false };
        if rest[0].identifier().is_none() {
            return false;
        }
        while let Some(next) = rest.get(end) {
            if next.is_symbol("(") || next.is_symbol("[") {
                let Some(length) = group(&rest[end..]) else { return false };
                end += length;
            } else if WORDS.iter().any(|word| next.is_word(word)) {
                end += 1;
            } else {
                break;
            }
        }
        tokens = &rest[end..];
    }
    true
}

/// Renders an expression as an index key: in parentheses, except for a function call, which needs
/// none.
pub(crate) fn as_index_key(expression: &str, dialect: Dialect) -> String {
    let tokens = significant(expression, dialect);
    let is_call = match tokens.as_slice() {
        [name, arguments @ ..]
            if name.kind == TokenKind::Word
                && dialect.quote(&name.text.to_ascii_lowercase())
                    == name.text.to_ascii_lowercase() =>
        {
            strip_parentheses(arguments).is_some()
        }
        _ => false,
    };
    if is_call { expression.to_owned() } else { format!("({expression})") }
}

/// Returns the tokens inside, if one pair of parentheses encloses all tokens.
pub(crate) fn strip_parentheses<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let (first, rest) = tokens.split_first()?;
    let (last, inner) = rest.split_last()?;
    if !first.is_symbol("(") || !last.is_symbol(")") {
        return None;
    }
    let mut depth = 0_usize;
    for token in inner {
        match token.text {
            "(" if token.kind == TokenKind::Symbol => depth += 1,
            ")" if token.kind == TokenKind::Symbol => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_stays_in_its_place() {
        for (text, reason) in [
            ("now()", None),
            ("'a (b'", None),
            ("(ARRAY[1, 2])[1]", None),
            ("nonsense(", Some("a `(` is not closed")),
            ("1); DROP TABLE t; --", Some("a `)` has no `(`")),
            ("1; SELECT 2", Some("a `;` ends it")),
            ("'open", Some("a quote is open")),
            ("", Some("it is empty")),
        ] {
            for dialect in [Dialect::Postgres, Dialect::Sqlite] {
                assert_eq!(unfinished(text, dialect), reason, "{text}");
            }
        }
        // A bracket of SQLite is a quote.
        assert_eq!(unfinished("a[1", Dialect::Postgres), Some("a `[` is not closed"));
    }

    #[test]
    fn columns_are_named_without_their_table() {
        for (text, without) in [
            ("t.a > 0", "a > 0"),
            ("\"t\".\"A\" > t . b", "\"A\" > t . b"),
            ("lower(t.a)", "lower(a)"),
            ("t.f(t.a)", "t.f(a)"),
            ("(t).a + s.t.a + t.*", "(t).a + s.t.a + t.*"),
            ("'t.a'", "'t.a'"),
        ] {
            assert_eq!(without_table(text, "t", Dialect::Postgres), without, "{text}");
        }
    }

    #[test]
    fn normal_forms_ignore_spelling() {
        for (a, b) in [
            ("(A > 0)", "a>0"),
            ("((lower( \"name\" )))", "LOWER(name)"),
            ("(a) = (b)", "(a) = (b)"),
        ] {
            assert_eq!(normal_form(a, Dialect::Sqlite), normal_form(b, Dialect::Sqlite), "{a} {b}");
        }
        assert_ne!(normal_form("'A'", Dialect::Sqlite), normal_form("'a'", Dialect::Sqlite));
        assert_ne!(normal_form("\"A\"", Dialect::Sqlite), normal_form("a", Dialect::Sqlite));
    }

    #[test]
    fn defaults_get_the_parentheses_that_the_grammar_needs() {
        for plain in [
            "0",
            "-1.5",
            "'it''s'",
            "now()",
            "current_timestamp",
            "pg_catalog.now()",
            "'{}'::text[]",
            "'1'::numeric(5,2)",
            "now()::timestamp(0) with time zone",
            "'a'::\"char\"::text",
            "ARRAY['a', 'b']::character varying[]",
            "('x' || 'y')",
            "CAST(1 AS double precision)",
            "nextval('a.b_seq'::regclass)",
            "NULL::interval day to second",
        ] {
            assert_eq!(as_default(plain, Dialect::Postgres), plain);
        }
        for other in [
            "now() AT TIME ZONE 'utc'",
            "'x'::text COLLATE \"C\"",
            "'x' COLLATE \"C\"",
            "current_user IS NOT NULL",
            "true AND false",
            "'a' LIKE 'b'",
            "1 = ANY (ARRAY[1])",
            "1 BETWEEN 0 AND 2",
            "NOT (true)",
            "1 + 1",
            "(1) + (2)",
            "CASE WHEN true THEN 1 END",
            "interval '1 day'",
            "a.b.c() || ''",
        ] {
            assert_eq!(as_default(other, Dialect::Postgres), format!("({other})"));
        }
    }

    #[test]
    fn null_stays_null_under_casts() {
        for null in [
            "NULL",
            "null::text",
            "(NULL)",
            "(NULL::text)::varchar(3)",
            "CAST(NULL AS timestamp with time zone)",
            "NULL::character varying(10)[]",
        ] {
            assert!(is_null(null, Dialect::Postgres), "{null}");
        }
        for other in ["'null'", "coalesce(NULL, 1)", "NULL IS NULL", "", "nullif(1, 1)", "\"null\""]
        {
            assert!(!is_null(other, Dialect::Postgres), "{other}");
        }
    }

    #[test]
    fn comments_around_an_expression_are_left_out() {
        for (written, expected) in [
            (" a > 0 -- positive", "a > 0"),
            ("/* why */ a /* b */ > 0 /* c */", "a /* b */ > 0"),
            ("a -- one\n > 0", "a -- one\n > 0"),
            ("a <> '--'", "a <> '--'"),
            (" -- nothing", ""),
        ] {
            assert_eq!(without_comments(written, Dialect::Postgres), expected);
        }
    }

    #[test]
    fn a_string_does_not_mention_a_column() {
        assert!(mentions("lower(Title) = 'x'", "title", Dialect::Postgres));
        assert!(!mentions("'title' = x", "title", Dialect::Postgres));
    }
}
