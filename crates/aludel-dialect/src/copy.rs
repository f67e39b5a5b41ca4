//! COPY statements of PostgreSQL whose rows pass through the client.

use crate::token::Token;

/// The line that ends the data of COPY.
const END: &str = "\\.";

/// A COPY statement whose rows pass through the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientCopy {
    /// True for `FROM STDIN`, false for `TO STDOUT`.
    pub(crate) is_from: bool,
    /// True if the rows are not text.
    pub(crate) is_binary: bool,
}

impl ClientCopy {
    /// Reads the tokens of a statement; returns `None` for any other one, and for a COPY from or
    /// to a file.
    pub(crate) fn of(tokens: &[Token<'_>]) -> Option<Self> {
        tokens.first().filter(|first| first.is_word("COPY"))?;
        let mut depth = 0_usize;
        let mut is_from = None;
        let mut is_binary = false;
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1);
            // The server takes either word for both directions.
            let is_client = next.is_some_and(|t| t.is_word("STDIN") || t.is_word("STDOUT"));
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ if depth == 0 && is_client && is_from.is_none() => {
                    let is_direction = token.is_word("FROM") || token.is_word("TO");
                    is_from = is_direction.then(|| token.is_word("FROM"));
                }
                _ => {}
            }
            is_binary |= depth == 0 && token.is_word("BINARY");
            is_binary |= token.is_word("FORMAT") && next.is_some_and(is_word_binary);
        }
        is_from.map(|is_from| Self { is_from, is_binary })
    }
}

fn is_word_binary(token: &Token<'_>) -> bool {
    token.text.trim_matches(['\'', '"']).eq_ignore_ascii_case("binary")
}

/// Returns the length of the data at the start of `rest`, with the line that ends it.
pub(crate) fn data_length(rest: &str) -> usize {
    let is_line = |at: &usize| {
        let after = rest[at + END.len()..].trim_start_matches('\r');
        (*at == 0 || rest[..*at].ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
    };
    let end = rest.match_indices(END).map(|(at, _)| at).find(is_line);
    end.map_or(rest.len(), |at| at + END.len())
}

/// Returns the length of data without the line that ends it; `None` if there is no such line.
pub(crate) fn without_end(data: &str) -> Option<usize> {
    let rows = data.strip_suffix(END)?;
    (rows.is_empty() || rows.ends_with('\n')).then_some(rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::lexer::significant;

    #[test]
    fn rows_pass_through_the_client_by_stdin_and_stdout_only() {
        for (sql, expected) in [
            ("COPY public.t (a, \"from\") FROM stdin", Some((true, false))),
            ("copy t from STDIN with (format csv, header)", Some((true, false))),
            ("COPY t FROM STDIN WHERE a IN (1, 2)", Some((true, false))),
            ("COPY t FROM STDIN WITH (FORMAT 'binary')", Some((true, true))),
            ("COPY BINARY t FROM STDIN", Some((true, true))),
            ("COPY t FROM STDIN BINARY", Some((true, true))),
            ("COPY (SELECT a FROM stdin) TO STDOUT", Some((false, false))),
            ("COPY t TO stdout (FORMAT binary)", Some((false, true))),
            ("COPY t FROM '/x'", None),
            ("COPY t FROM PROGRAM 'cat'", None),
            ("COPY stdin TO '/x'", None),
            ("SELECT a FROM stdin", None),
        ] {
            let found = ClientCopy::of(&significant(sql, Dialect::Postgres))
                .map(|copy| (copy.is_from, copy.is_binary));
            assert_eq!(found, expected, "{sql}");
        }
    }
}
