//! The text of a `.env` file, and the variables in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aludel::UnknownUrl;

/// A `.env` file, as dotenvy reads it: the first of several assignments counts, `${NAME}` is expanded, and
/// a byte order mark is ignored.
pub(crate) struct EnvFile {
    pub(crate) path: PathBuf,
    variables: BTreeMap<String, String>,
    /// The variables whose values name one that has no value, and the problem of each.
    undefined: BTreeMap<String, UnknownUrl>,
}

impl EnvFile {
    /// Returns the first `.env` file of these folders.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read, or if a line of it is not understood.
    pub(crate) fn first<'f>(
        folders: impl Iterator<Item = &'f Path>,
    ) -> Result<Option<Self>, UnknownUrl> {
        for folder in folders {
            let path = folder.join(".env");
            match fs::read(&path) {
                Ok(bytes) => {
                    let text = text(path.clone(), bytes)?;
                    return Self::parse(path, &text).map(Some);
                }
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

    fn parse(path: PathBuf, text: &str) -> Result<Self, UnknownUrl> {
        let Expanded { text, undefined, .. } =
            expanded(&path, text.trim_start_matches('\u{feff}'))?;
        let mut variables = BTreeMap::new();
        for pair in dotenvy::from_read_iter(text.as_bytes()) {
            let (key, value) = pair.map_err(|error| bad_line(&path, &text, &error))?;
            variables.entry(key).or_insert(value);
        }
        Ok(Self { path, variables, undefined })
    }

    /// Returns the value of a variable, which may be empty.
    ///
    /// # Errors
    ///
    /// Fails if the value names a variable that is not defined: a part of it would be missing.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&str>, UnknownUrl> {
        match self.undefined.get(name) {
            Some(problem) => Err(problem.clone()),
            None => Ok(self.variables.get(name).map(String::as_str)),
        }
    }

    /// Returns the names of all variables.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
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

/// The text of a file that dotenvy can expand.
#[derive(Default)]
struct Expanded {
    text: String,
    /// The variable of the line that is read.
    variable: String,
    undefined: BTreeMap<String, UnknownUrl>,
}

/// Returns the text with `${NAME}` or a plain value for each `${NAME:-value}` and `${NAME-value}`, which
/// dotenvy does not know. Any other `${…}` is an error, because dotenvy takes it for nothing.
fn expanded(path: &Path, text: &str) -> Result<Expanded, UnknownUrl> {
    let mut done = Expanded::default();
    for line in text.split_inclusive('\n') {
        let key = line.split_once('=').map(|(key, _)| key.trim_start_matches("export ").trim());
        if let Some(key) = key.filter(|key| key.chars().all(is_of_name)) {
            key.clone_into(&mut done.variable);
        }
        let mut rest = line;
        while let Some(at) = expansion(&done.text, rest) {
            let (before, begun) = rest.split_at(at);
            let (value, behind) = match begun.strip_prefix("${") {
                Some(inner) => in_braces(path, &mut done, line, inner)?,
                None => plain(path, &mut done, begun),
            };
            done.text.push_str(before);
            done.text.push_str(&value);
            rest = behind;
        }
        done.text.push_str(rest);
    }
    Ok(done)
}

/// Returns what dotenvy expands for `${…}`, and what stands behind it.
fn in_braces<'t>(
    path: &Path,
    done: &mut Expanded,
    line: &str,
    inner: &'t str,
) -> Result<(String, &'t str), UnknownUrl> {
    let failed = || not_understood(path, &done.text, line);
    let (inner, behind) = inner.split_once('}').ok_or_else(failed)?;
    let end = inner.find(|c: char| !is_of_name(c)).unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    let default = match operator {
        "" => None,
        operator => Some(operator.strip_prefix(":-").or(operator.strip_prefix('-'))),
    };
    if name.is_empty() || default == Some(None) {
        return Err(failed());
    }
    let value = match default {
        Some(Some(value)) if !is_set(name, &done.text) => value.to_owned(),
        Some(_) => format!("${{{name}}}"),
        None => {
            note_undefined(path, done, name, &format!("`${{{name}}}`, which is not defined"));
            format!("${{{name}}}")
        }
    };
    Ok((value, behind))
}

/// Returns a `$NAME` as it stands, and what stands behind it. The name may be a part of a password, and is
/// not shown.
fn plain<'t>(path: &Path, done: &mut Expanded, begun: &'t str) -> (String, &'t str) {
    let name = &begun[1..];
    let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
    note_undefined(path, done, &name[..end], "a `$` before what is no defined variable");
    let (expansion, behind) = begun.split_at(end + 1);
    (expansion.to_owned(), behind)
}

/// Notes that the variable of the line has no whole value, if it names one that has none.
fn note_undefined(path: &Path, done: &mut Expanded, name: &str, what: &str) {
    let problem = match done.undefined.get(name) {
        Some(_) if std::env::var_os(name).is_some() => return,
        Some(problem) => problem.clone(),
        None if is_defined(name, &done.text) => return,
        None => {
            let line = done.text.matches('\n').count() + 1;
            UnknownUrl {
                message: format!("{}:{line}: `{}=…` has {what}", path.display(), done.variable),
                file: Some(path.to_owned()),
                line: Some(line),
                help: "define the variable above this line or in the environment, or write \
                       `${NAME:-value}`; between single quotes a `$` is a plain character"
                    .to_owned(),
            }
        }
    };
    // A later assignment of the same variable does not count.
    if !is_assigned(&done.variable, &done.text) {
        done.undefined.entry(done.variable.clone()).or_insert(problem);
    }
}

/// Returns the place of the next `$` that is expanded: not in a comment, behind a backslash, or between
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
            ('$', None | Some('"')) if at >= begun.len() && before != '\\' => {
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
    let of_file = assignments(name, before).any(|value| !value.is_empty());
    of_file || std::env::var(name).is_ok_and(|value| !value.is_empty())
}

/// Returns true if a variable is there, in the environment or in the text before.
fn is_defined(name: &str, before: &str) -> bool {
    std::env::var_os(name).is_some() || is_assigned(name, before)
}

/// Returns true if the whole lines of a text assign a variable.
fn is_assigned(name: &str, text: &str) -> bool {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    assignments(name, whole).next().is_some()
}

fn assignments(name: &str, text: &str) -> impl Iterator<Item = String> {
    let lines = dotenvy::from_read_iter(text.as_bytes()).filter_map(Result::ok);
    lines.filter(move |(key, _)| key == name).map(|(_, value)| value)
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
        let value = |text: &str| {
            let file = EnvFile::parse(PathBuf::from(".env"), text)?;
            Ok::<_, UnknownUrl>(file.value(VARIABLE)?.map(str::to_owned))
        };
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

    /// A part of a URL that becomes nothing selects another server without a word.
    #[test]
    fn a_variable_that_is_not_defined_is_named() {
        let file = |text: &str| EnvFile::parse(PathBuf::from(".env"), text).unwrap();
        for (text, line, what) in [
            ("A=1\nDATABASE_URL=postgres://u@${NO_SUCH}/d", 2, "`${NO_SUCH}`"),
            ("DATABASE_URL=\"postgres://u@${NO_SUCH}/d\"", 1, "`${NO_SUCH}`"),
            ("A=x${NO_SUCH}\n\nDATABASE_URL=postgres://u@${A}/d", 1, "`A=…` has `${NO_SUCH}`"),
            ("DATABASE_URL=postgres://u:pa$secret@h/d", 1, "a `$`"),
            ("DATABASE_URL=postgres://u:pa$@h/d", 1, "a `$`"),
        ] {
            let unknown = file(text).value(VARIABLE).unwrap_err();
            assert_eq!(unknown.line, Some(line), "{text}");
            assert!(unknown.message.contains(what), "{}", unknown.message);
            assert!(!unknown.message.contains("secret"), "{}", unknown.message);
        }
        for (text, expected) in [
            ("OTHER=${NO_SUCH}\nDATABASE_URL=sqlite:x.db", "sqlite:x.db"),
            ("DATABASE_URL=sqlite:x.db\nDATABASE_URL=sqlite:${NO_SUCH}.db", "sqlite:x.db"),
            ("DATABASE_URL='sqlite:a$b.db'", "sqlite:a$b.db"),
            ("DATABASE_URL=sqlite:a\\$b.db", "sqlite:a$b.db"),
            ("A=x\nDATABASE_URL=sqlite:$A.db", "sqlite:x.db"),
        ] {
            assert_eq!(file(text).value(VARIABLE).unwrap(), Some(expected), "{text}");
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
