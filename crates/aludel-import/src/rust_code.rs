//! Tokens of Rust code, and the SQL in the functions of a SeaORM migration.
//!
//! The code is not executed. A function is read if it does nothing but execute literal SQL; the
//! first token of anything else is where reading stops.

use std::path::Path;

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};
use rustc_literal_escaper::unescape_str;

/// A token without white space and comments.
#[derive(Clone, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) text: &'t str,
    /// The value of a string literal.
    pub(crate) string: Option<String>,
    /// The line, counted from 1.
    pub(crate) line: usize,
}

/// A place in the code that is no literal SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoSql {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

/// Returns the tokens of a source.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut offset, mut line) = (0, 1);
    for token in tokenize(source, FrontmatterAllowed::No) {
        let text = &source[offset..offset + token.len as usize];
        offset += text.len();
        let string = match token.kind {
            TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { .. } => {
                line += text.matches('\n').count();
                continue;
            }
            TokenKind::Literal { kind: LiteralKind::Str { terminated: true }, .. } => escaped(text),
            TokenKind::Literal { kind: LiteralKind::RawStr { n_hashes: Some(_) }, .. } => raw(text),
            _ => None,
        };
        found.push(Token { text, string, line });
        line += text.matches('\n').count();
    }
    found
}

/// Returns the value of `"…"`.
fn escaped(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut value = String::new();
    let mut is_valid = true;
    unescape_str(inner, |_, part| match part {
        Ok(c) => value.push(c),
        Err(error) => is_valid &= !error.is_fatal(),
    });
    is_valid.then_some(value)
}

/// Returns the value of `r#"…"#`.
fn raw(text: &str) -> Option<String> {
    let inner = text.strip_prefix('r')?.trim_matches('#');
    Some(inner.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// Returns the tokens in the braces of `fn name`.
pub(crate) fn function<'a, 't>(all: &'a [Token<'t>], name: &str) -> Option<&'a [Token<'t>]> {
    let at = all.windows(2).position(|pair| pair[0].text == "fn" && pair[1].text == name)?;
    let open = at + all[at..].iter().position(|token| token.text == "{")?;
    let mut depth = 0_usize;
    for (offset, token) in all[open..].iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return all.get(open + 1..open + offset);
        }
    }
    None
}

/// Returns the SQL that the body of a function executes, one text for each call. Files of
/// `include_str!` are relative to `folder`.
pub(crate) fn executed(body: &[Token<'_>], folder: &Path) -> Result<Vec<String>, NoSql> {
    let mut reader = Reader { tokens: body, at: 0, folder, names: Vec::new() };
    let mut found = Vec::new();
    while reader.peek().is_some() {
        if let Some(sql) = reader.statement()? {
            found.push(sql);
        }
    }
    Ok(found)
}

struct Reader<'a, 't> {
    tokens: &'a [Token<'t>],
    at: usize,
    folder: &'a Path,
    /// The variables that hold SQL.
    names: Vec<(&'t str, String)>,
}

impl<'t> Reader<'_, 't> {
    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|token| token.text)
    }

    /// Steps over these tokens if they come next.
    fn eat(&mut self, texts: &[&str]) -> bool {
        let next = self.tokens.get(self.at..self.at + texts.len());
        let is_next =
            next.is_some_and(|next| next.iter().map(|t| t.text).eq(texts.iter().copied()));
        if is_next {
            self.at += texts.len();
        }
        is_next
    }

    fn stop<T>(&self) -> Result<T, NoSql> {
        let token = self.tokens.get(self.at).or_else(|| self.tokens.last());
        let (line, text) = token.map_or((1, ""), |token| (token.line, token.text));
        Err(NoSql { line, reason: format!("it is Rust that makes SQL when it runs: `{text}`") })
    }

    /// Reads a statement, and returns the SQL that it executes.
    fn statement(&mut self) -> Result<Option<String>, NoSql> {
        if self.eat(&["return"]) || self.peek() == Some("Ok") {
            return if self.eat(&["Ok", "(", "(", ")", ")"]) {
                self.eat(&[";"]);
                Ok(None)
            } else {
                self.stop()
            };
        }
        if self.eat(&["let"]) {
            let Some(name) = self.peek() else { return self.stop() };
            self.at += 1;
            if !self.eat(&["="]) {
                return self.stop();
            }
            if self.connection() {
                return if self.eat(&[";"]) { Ok(None) } else { self.stop() };
            }
            let sql = self.sql()?;
            self.names.push((name, sql));
            return if self.eat(&[";"]) { Ok(None) } else { self.stop() };
        }
        if !self.connection() {
            let is_word = self.peek().is_some_and(|text| text.starts_with(char::is_alphabetic));
            let calls = self.tokens.get(self.at + 1).is_some_and(|next| next.text == ".");
            if !(is_word && calls) {
                return self.stop();
            }
            self.at += 1;
        }
        if !self.eat(&[".", "execute_unprepared", "("]) {
            return self.stop();
        }
        let sql = self.sql()?;
        self.eat(&[","]);
        if !self.eat(&[")", ".", "await"]) {
            return self.stop();
        }
        let mapped = ["map", "(", "|", "_", "|", "(", ")", ")"];
        let is_done = self.eat(&["?", ";"])
            || (self.eat(&["."]) && self.eat(&mapped) && self.peek().is_none());
        if is_done { Ok(Some(sql)) } else { self.stop() }
    }

    /// Steps over `manager.get_connection()`, under any name of the manager.
    fn connection(&mut self) -> bool {
        let tail = [".", "get_connection", "(", ")"];
        let before = self.at;
        self.eat(&["&"]);
        self.at += 1;
        let is_connection = self.eat(&tail);
        if !is_connection {
            self.at = before;
        }
        is_connection
    }

    /// Reads a string, `include_str!`, or the name of a variable.
    fn sql(&mut self) -> Result<String, NoSql> {
        self.eat(&["&"]);
        let Some(token) = self.tokens.get(self.at) else { return self.stop() };
        if let Some(text) = &token.string {
            self.at += 1;
            return Ok(text.clone());
        }
        if let Some((_, text)) = self.names.iter().rev().find(|(name, _)| *name == token.text) {
            self.at += 1;
            return Ok(text.clone());
        }
        let start = self.at;
        if self.eat(&["include_str", "!", "("])
            && let Some(name) = self.tokens.get(self.at).and_then(|token| token.string.clone())
        {
            self.at += 1;
            self.eat(&[","]);
            let path = self.folder.join(name);
            let failed = |error| NoSql {
                line: token.line,
                reason: format!("{} can't be read: {error}", path.display()),
            };
            let text = std::fs::read_to_string(&path).map_err(failed)?;
            return if self.eat(&[")"]) { Ok(text) } else { self.stop() };
        }
        self.at = start;
        self.stop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(body: &str) -> Result<Vec<String>, NoSql> {
        let source = format!("impl M {{\n async fn up(&self, m: &M) -> R {{\n{body}\n}} }}");
        let all = tokens(&source);
        executed(function(&all, "up").unwrap(), Path::new("."))
    }

    #[test]
    fn literal_sql_is_read() {
        for body in [
            "m.get_connection().execute_unprepared(\"SELECT \\\"a\\\"\").await?; Ok(())",
            "let db = m.get_connection(); db.execute_unprepared(r#\"SELECT \"a\"\"#,).await?;\nOk(())",
            "let sql = r#\"SELECT \"a\"\"#; // why\n m.get_connection().execute_unprepared(sql).await?; return Ok(());",
            "m.get_connection().execute_unprepared(\"SELECT \\\n   \\\"a\\\"\").await.map(|_| ())",
        ] {
            assert_eq!(up(body).unwrap(), ["SELECT \"a\""], "{body}");
        }
        assert_eq!(up("Ok(())").unwrap(), [""; 0]);
    }

    #[test]
    fn anything_else_is_told_with_its_line() {
        for (body, line, word) in [
            ("m.create_table(Table::create()).await", 3, "create_table"),
            (
                "m.get_connection().execute_unprepared(\"SELECT 1\").await?;\nif x { }\nOk(())",
                4,
                "if",
            ),
            ("let sql = format!(\"{x}\");", 3, "format"),
            ("other().await", 3, "other"),
        ] {
            let error = up(body).unwrap_err();
            assert_eq!(error.line, line, "{error:?}");
            assert!(error.reason.contains(word) || error.reason.contains('`'), "{error:?}");
        }
    }
}
