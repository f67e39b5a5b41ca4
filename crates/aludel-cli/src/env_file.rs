//! The text of a `.env` file, and the variables in it.

use std::fs;
use std::path::{Path, PathBuf};

use aludel::UnknownUrl;

/// Returns the first `.env` file of these folders, and its text.
pub(crate) fn env_file<'f>(
    folders: impl Iterator<Item = &'f Path>,
) -> Result<Option<(PathBuf, String)>, UnknownUrl> {
    for folder in folders {
        let path = folder.join(".env");
        match fs::read(&path) {
            Ok(bytes) => return Ok(Some((path.clone(), text(path, bytes)?))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(UnknownUrl {
                    message: format!("can't read {}: {error}", path.display()),
                    file: Some(path),
                    line: None,
                    help: "make it readable, or pass --database-url".to_owned(),
                });
            }
        }
    }
    Ok(None)
}

/// Returns the text of the file.
fn text(path: PathBuf, bytes: Vec<u8>) -> Result<String, UnknownUrl> {
    let is_wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let encoding = if is_wide { "it is in UTF-16" } else { "it is not in UTF-8" };
    String::from_utf8(bytes).map_err(|_| UnknownUrl {
        message: format!("can't read {}: {encoding}", path.display()),
        file: Some(path),
        line: None,
        help: "save it in UTF-8, or pass --database-url".to_owned(),
    })
}

/// Returns the value of a variable in the text of a `.env` file, as dotenvy reads it, which may be empty:
/// the first of several assignments counts, `${NAME}` is expanded, and a byte order mark is ignored.
pub(crate) fn variable(path: &Path, text: &str, name: &str) -> Result<Option<String>, UnknownUrl> {
    let text = with_defaults(path, text.trim_start_matches('\u{feff}'))?;
    let mut found = None;
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        let (key, value) = pair.map_err(|error| bad_line(path, &text, &error))?;
        if key == name && found.is_none() {
            found = Some(value);
        }
    }
    Ok(found)
}

/// Returns the text with `${NAME}` or a plain value for each `${NAME:-value}` and `${NAME-value}`, which
/// dotenvy does not know. Any other `${…}` is an error, because dotenvy takes it for nothing.
fn with_defaults(path: &Path, text: &str) -> Result<String, UnknownUrl> {
    let mut done = String::new();
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(at) = expansion(&done, rest) {
            let (before, begun) = rest.split_at(at);
            let failed = || not_understood(path, &done, line);
            let (inner, behind) = begun[2..].split_once('}').ok_or_else(failed)?;
            let end = inner.find(|c: char| !is_of_name(c)).unwrap_or(inner.len());
            let (name, operator) = inner.split_at(end);
            let default = match operator {
                "" => None,
                operator => Some(operator.strip_prefix(":-").or(operator.strip_prefix('-'))),
            };
            let value = match default {
                Some(None) => return Err(failed()),
                Some(Some(value)) if !is_set(name, &done) => value.to_owned(),
                Some(Some(_)) | None => format!("${{{name}}}"),
            };
            if name.is_empty() {
                return Err(failed());
            }
            done.push_str(before);
            done.push_str(&value);
            rest = behind;
        }
        done.push_str(rest);
    }
    Ok(done)
}

/// Returns the place of the next `${` that is expanded: not in a comment, behind a backslash, or between
/// single quotes. `done` has what stands before, as far as the line goes.
fn expansion(done: &str, rest: &str) -> Option<usize> {
    let begun = done.rsplit('\n').next().unwrap_or_default();
    let line = format!("{begun}{rest}");
    let mut quote = None;
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        match (character, quote) {
            ('#', None) if before.is_whitespace() => return None,
            ('\'' | '"', None) if before != '\\' => quote = Some(character),
            (_, Some(open)) if character == open && before != '\\' => quote = None,
            ('$', None | Some('"'))
                if at >= begun.len() && before != '\\' && line[at..].starts_with("${") =>
            {
                return Some(at - begun.len());
            }
            _ => {}
        }
        before = character;
    }
    None
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Returns true if a variable has a value, in the environment or in the text before.
fn is_set(name: &str, before: &str) -> bool {
    let lines = dotenvy::from_read_iter(before.as_bytes()).filter_map(Result::ok);
    let of_file = lines.filter(|(key, _)| key == name).any(|(_, value)| !value.is_empty());
    of_file || std::env::var(name).is_ok_and(|value| !value.is_empty())
}

/// Returns the failure for an expansion that is not understood, in the line behind `before`.
fn not_understood(path: &Path, before: &str, line: &str) -> UnknownUrl {
    let number = before.matches('\n').count() + 1;
    let name = line.split('=').next().unwrap_or_default().trim_start_matches("export ").trim();
    let name =
        if name.chars().all(is_of_name) { format!(" of `{name}=…`") } else { String::new() };
    UnknownUrl {
        message: format!(
            "can't read {}:{number}: a `${{…}}`{name} is not understood",
            path.display()
        ),
        file: Some(path.to_owned()),
        line: Some(number),
        help: "write `${NAME}` or `${NAME:-value}`; between single quotes nothing is expanded"
            .to_owned(),
    }
}

/// Returns the failure for a line that can't be parsed. Such a line is not skipped, because it may
/// be the one that selects the database. The text after its `=` may be a password, and is not
/// shown; nor is text before it that is not a name.
fn bad_line(path: &Path, text: &str, error: &dotenvy::Error) -> UnknownUrl {
    let part = match error {
        dotenvy::Error::LineParse(part, _) => part.as_str(),
        _ => "",
    };
    // A value in quotes may extend over several lines.
    let first = part.lines().next().unwrap_or_default();
    let found =
        text.lines().enumerate().find(|(_, line)| !first.is_empty() && line.contains(first));
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let name = found.and_then(|(_, line)| line.split_once('=')).map(|(name, _)| name);
    let name = name.map(|name| name.trim_start_matches("export ").trim()).filter(is_name);
    let line = found.map(|(at, _)| at + 1);
    let at = line.map_or_else(String::new, |line| format!(":{line}"));
    let what = name.map_or_else(|| "the line".to_owned(), |name| format!("`{name}=…`"));
    UnknownUrl {
        message: format!("can't read {}{at}: {what} is not understood", path.display()),
        file: Some(path.to_owned()),
        line,
        help: "a line is NAME=value; a value with spaces or quotes stands in quotes".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLE: &str = "DATABASE_URL";

    #[test]
    fn env_files_are_read_as_dotenvy_reads_them() {
        let value = |text: &str| variable(Path::new(".env"), text, VARIABLE);
        for (text, expected) in [
            (
                "# a\nexport DATABASE_URL=\"postgresql://u@h/d\" # the database\n",
                "postgresql://u@h/d",
            ),
            ("DATABASE_URL=sqlite:x.db # note", "sqlite:x.db"),
            ("\u{feff}DATABASE_URL='sqlite:a b.db'\r\n", "sqlite:a b.db"),
            ("DATABASE_URL=sqlite:1.db\nDATABASE_URL=sqlite:2.db", "sqlite:1.db"),
            ("NAME=x\nDATABASE_URL=sqlite:${NAME}.db", "sqlite:x.db"),
            ("DATABASE_URL=sqlite:${NO_SUCH:-x}.db", "sqlite:x.db"),
            ("DATABASE_URL=\"sqlite:${NO_SUCH-a b}/${NO_SUCH:-x}.db\" # ${?}", "sqlite:a b/x.db"),
            ("NAME=y\nDATABASE_URL=sqlite:${NAME:-x}.db", "sqlite:y.db"),
            ("NAME=\nDATABASE_URL=sqlite:${NAME:-x}${NAME}.db", "sqlite:x.db"),
            ("# ${NAME:?}\nA='${B:?}'\nDATABASE_URL='sqlite:${A:-x}.db'", "sqlite:${A:-x}.db"),
        ] {
            assert_eq!(value(text).unwrap().as_deref(), Some(expected), "{text}");
        }
        assert_eq!(value("DATABASE_URL=").unwrap().as_deref(), Some(""));
        assert_eq!(value("NAME=x").unwrap(), None);
        let error = value("DATABASE_URL=postgres://u:secret pass@h/d").unwrap_err();
        assert!(!format!("{error:?}").contains("secret"));
        for (text, line) in [
            ("A=1\nDATABASE_URL=sqlite:${NAME:?no}.db", 2),
            ("A=${NAME:+secret}\nDATABASE_URL=sqlite:x.db", 1),
            ("DATABASE_URL=sqlite:${}.db", 1),
            ("A=\"1\"\n\nDATABASE_URL=sqlite:${NAME", 3),
        ] {
            let unknown = value(text).unwrap_err();
            assert_eq!(unknown.line, Some(line), "{text}");
            assert!(unknown.message.contains("`${…}` of `"), "{}", unknown.message);
            assert!(!unknown.message.contains("secret"), "{}", unknown.message);
        }
        for (text, line, what) in [
            ("A=1\npostgres://u:secret@h/db?sslmode=require", Some(2), "the line"),
            ("export postgres://u:secret@h/db?a=1", Some(1), "the line"),
            ("PASSWORD secret=abc", Some(1), "the line"),
            ("A=1\nPASSWORD=\"secret\nDATABASE_URL=sqlite:x.db", Some(2), "`PASSWORD=…`"),
        ] {
            let unknown = value(text).unwrap_err();
            assert_eq!(unknown.line, line, "{text}");
            assert!(unknown.message.contains(&format!(": {what} is not")), "{}", unknown.message);
            assert!(!unknown.message.contains("secret"), "{}", unknown.message);
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_named() {
        for (bytes, words) in [
            (vec![0xff, 0xfe, b'A', 0], "UTF-16"),
            (vec![0xfe, 0xff, 0, b'A'], "UTF-16"),
            (vec![b'A', 0xe9], "not in UTF-8"),
        ] {
            let unknown = text(PathBuf::from(".env"), bytes).unwrap_err();
            assert!(unknown.message.contains(words), "{}", unknown.message);
        }
    }
}
