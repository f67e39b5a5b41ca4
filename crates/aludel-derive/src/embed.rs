//! `embed!`: revision files in the program, checked while it is compiled.

use std::fs;
use std::path::{Path, PathBuf};

use aludel_dialect::{Dialect, split};
use aludel_revision::{
    FileProblem, GraphError, Loaded, Revision, RevisionMap, Section, header_line, load,
};
use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

/// The input of the macro: `"folder"` or `"folder", heads = many`.
struct Input {
    folder: String,
    span: Span,
    may_have_many_heads: bool,
}

const USAGE: &str = "write `embed!(\"migrations/versions\")`, or `embed!(\"migrations/versions\", \
                     heads = many)` for revisions with several heads";

pub(crate) fn embed(input: TokenStream) -> TokenStream {
    let input = match Input::read(input) {
        Ok(input) => input,
        Err(span) => return errors(span, &[USAGE.to_owned()]),
    };
    // Cargo sets the variable for every crate that it compiles.
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    match files(&root, &input) {
        Ok(paths) => expansion(&root, &paths),
        Err(problems) => errors(input.span, &problems),
    }
}

impl Input {
    /// Reads the input. Fails with the place where it is not as it has to be.
    fn read(input: TokenStream) -> Result<Self, Span> {
        let tokens: Vec<TokenTree> = input.into_iter().collect();
        let Some(TokenTree::Literal(literal)) = tokens.first() else {
            return Err(tokens.first().map_or_else(Span::call_site, TokenTree::span));
        };
        let span = literal.span();
        let folder = text(literal).ok_or(span)?;
        let rest: Vec<String> = tokens[1..].iter().map(ToString::to_string).collect();
        let may_have_many_heads = match rest.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] | [","] => false,
            [",", "heads", "=", "many"] | [",", "heads", "=", "many", ","] => true,
            _ => return Err(tokens[1].span()),
        };
        Ok(Self { folder, span, may_have_many_heads })
    }
}

/// Returns the value of a string literal without escapes, which a path does not need.
fn text(literal: &Literal) -> Option<String> {
    let text = literal.to_string();
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('\\')).then(|| inner.to_owned())
}

/// Returns the files of the folder, if they are revisions that form a graph.
fn files(root: &Path, input: &Input) -> Result<Vec<PathBuf>, Vec<String>> {
    let folder = root.join(&input.folder);
    if !folder.is_dir() {
        let package = "the folder of this crate's Cargo.toml";
        return Err(vec![format!("there is no folder {} in {package}", input.folder)]);
    }
    let Loaded { revisions, problems } =
        load(&folder).map_err(|error| vec![format!("can't read {}: {error}", input.folder)])?;
    let mut words: Vec<String> = problems.iter().map(|one| of_file(root, one)).collect();
    words.extend(revisions.iter().flat_map(|revision| of_sections(root, revision)));
    let mut paths: Vec<PathBuf> = revisions.iter().map(|one| one.path.clone()).collect();
    paths.sort();
    match RevisionMap::new(revisions) {
        Err(problems) if words.is_empty() => {
            words.extend(problems.iter().map(|problem| of_graph(root, problem)));
        }
        Err(_) => {}
        Ok(map) => {
            if !input.may_have_many_heads {
                words.extend(of_heads(root, input, &map));
            }
        }
    }
    if words.is_empty() { Ok(paths) } else { Err(words) }
}

/// Returns what to say of several heads, with the place of the last one.
fn of_heads(root: &Path, input: &Input, map: &RevisionMap) -> Option<String> {
    let heads = map.heads();
    let [_, .., last] = heads.as_slice() else { return None };
    let ids: Vec<&str> = heads.iter().map(|head| head.id.as_str()).collect();
    let folder = &input.folder;
    let message = format!(
        "{folder} has {} heads: {}; merge them by `aludel merge heads`, or write `embed!(\"{folder}\", \
         heads = many)`",
        ids.len(),
        ids.join(", "),
    );
    Some(of_key(root, &last.path, "revision", message))
}

/// Returns the problems of a revision's sections.
fn of_sections(root: &Path, revision: &Revision) -> Vec<String> {
    let sections = match revision.sections() {
        Ok(sections) => sections,
        Err(problem) => return vec![of_file(root, &problem)],
    };
    sections.iter().filter_map(|section| of_section(root, revision, section)).collect()
}

fn of_section(root: &Path, revision: &Revision, section: &Section<'_>) -> Option<String> {
    let at = |line: usize, message: String| {
        Some(of_file(root, &FileProblem { path: revision.path.clone(), line, message }))
    };
    let dialects: Vec<Dialect> = match &section.dialect {
        Some(name) => match Dialect::from_name(name) {
            Some(dialect) => vec![dialect],
            None => {
                let known = Dialect::ALL.map(|dialect| format!("`{}`", dialect.name()));
                let message = format!("`{name}` is no dialect; there are {}", known.join(" and "));
                return at(section.line.saturating_sub(1), message);
            }
        },
        // The section serves a dialect that is not known here.
        None => Dialect::ALL.to_vec(),
    };
    let mut problem = None;
    for dialect in dialects {
        match split(section.body, dialect) {
            Ok(_) => return None,
            Err(error) => problem = problem.or(Some((error.line, error.message))),
        }
    }
    let (line, message) = problem?;
    at(section.line + line - 1, message)
}

/// Returns a problem with its place, as compilers write it.
fn of_file(root: &Path, problem: &FileProblem) -> String {
    let FileProblem { path, line, message } = problem;
    let text = fs::read_to_string(path).unwrap_or_default();
    let line_text = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let column = line_text.len() - line_text.trim_start().len() + 1;
    format!("{}:{line}:{column}: {message}", shown(root, path))
}

/// Returns a problem of the graph with the line of the header that causes it.
fn of_graph(root: &Path, problem: &GraphError) -> String {
    let (path, key) = problem.header();
    let message = match problem {
        // The paths in this message are those of the machine.
        GraphError::Duplicate { id, paths } => {
            format!("revision {id} is present more than once, also in {}", shown(root, &paths[0]))
        }
        GraphError::Missing { missing, field, .. } => {
            format!("revision {missing}, which `{field}` names, is not present")
        }
        other => other.to_string(),
    };
    of_key(root, path, key, message)
}

/// Returns a problem with the line of the header that has a key.
fn of_key(root: &Path, path: &Path, key: &str, message: String) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = header_line(&text, key).unwrap_or(1);
    of_file(root, &FileProblem { path: path.to_owned(), line, message })
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// Returns the value of the macro. `include_str!` makes the compiler look at the files again when
/// they change.
fn expansion(root: &Path, paths: &[PathBuf]) -> TokenStream {
    let files = paths.iter().map(|path| {
        let (shown, whole) = (shown(root, path), path.display().to_string());
        quote! {
            ::aludel::EmbeddedFile { path: #shown, text: ::core::include_str!(#whole) }
        }
    });
    quote! { ::aludel::Embedded { files: &[#(#files),*] } }
}

fn errors(span: Span, messages: &[String]) -> TokenStream {
    // The macro stands where an expression does, which a block of errors is too.
    let errors = messages.iter().map(|message| {
        quote_spanned! { span => ::core::compile_error!(#message); }
    });
    quote! { { #(#errors)* ::aludel::Embedded { files: &[] } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "-- a\n-- revision: a1\n-- down_revision: none\n\n-- aludel: upgrade\n\
                        CREATE TABLE t (a int);\n-- aludel: downgrade\nDROP TABLE t;\n";

    /// Files, and the beginnings of what is said of them.
    type Case<'a> = (&'a [(&'a str, String)], &'a [&'a str]);

    /// Returns the problems of a folder with these files.
    fn problems(case: usize, texts: &[(&str, String)], input: &str) -> Vec<String> {
        let root = std::env::temp_dir().join(format!("aludel-embed-{case}-{}", std::process::id()));
        let folder = root.join("versions");
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in texts {
            fs::write(folder.join(name), text).unwrap();
        }
        let input = Input::read(input.parse().unwrap()).unwrap();
        let problems = files(&root, &input).err().unwrap_or_default();
        fs::remove_dir_all(&root).unwrap();
        problems
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_said_with_its_place() {
        let good = |from: &str, to: &str| GOOD.replace(from, to);
        let second = good("revision: a1", "revision: b2");
        let cases: &[Case<'_>] = &[
            (&[("a.sql", good("", ""))], &[]),
            (
                &[("a.sql", good("-- revision: a1", "-- revison: a1"))],
                &["versions/a.sql:1:1: the header has no"],
            ),
            (
                &[("a.sql", good("DROP TABLE t;", "DROP TABLE 't;"))],
                &["versions/a.sql:8:1: the string that begins here has no end"],
            ),
            (
                &[("a.sql", good("-- aludel: upgrade", "-- aludel: upgrade oracle"))],
                &["versions/a.sql:5:1: `oracle` is no dialect; there are `postgres` and `sqlite`"],
            ),
            (&[("a.sql", good("CREATE", "  -- aludel: bach\nCREATE"))], &["versions/a.sql:6:3: "]),
            (
                &[("a.sql", good("DROP", "-- aludel: run Fill\nDROP"))],
                &["versions/a.sql:8:1: `Fill` is no name of a step"],
            ),
            (
                &[("a.sql", good("", "")), ("b.sql", second.replace("none", "zz"))],
                &["versions/b.sql:3:1: revision zz, which `down_revision` names, is not present"],
            ),
            (
                &[("a.sql", good("", "")), ("b.sql", good("", ""))],
                &[
                    "versions/b.sql:2:1: revision a1 is present more than once, also in versions/a.sql",
                ],
            ),
            (
                &[("a.sql", good("none", "b2")), ("b.sql", second.replace("none", "a1"))],
                &["versions/a.sql:3:1: Cycle is detected in revisions (a1, b2)"],
            ),
            (
                &[("a.sql", good("", "")), ("b.sql", second.clone())],
                &[
                    "versions/b.sql:2:1: versions has 2 heads: a1, b2; merge them by `aludel merge heads`",
                ],
            ),
        ];
        for (at, (texts, expected)) in cases.iter().enumerate() {
            let found = problems(at, texts, "\"versions\"");
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(*expected) {
                assert!(found.starts_with(expected), "{found}");
            }
        }
        let two = [("a.sql", good("", "")), ("b.sql", second)];
        assert_eq!(problems(90, &two, "\"versions\", heads = many"), [""; 0]);
        let missing = problems(91, &[], "\"nowhere\"");
        assert_eq!(
            missing,
            ["there is no folder nowhere in the folder of this crate's Cargo.toml"]
        );
    }

    #[test]
    fn the_input_is_a_folder_and_what_is_known() {
        for (input, is_right) in [
            ("\"a/b\"", true),
            ("\"a\", heads = many", true),
            ("", false),
            ("a", false),
            ("\"a\", heads = 2", false),
        ] {
            assert_eq!(Input::read(input.parse().unwrap()).is_ok(), is_right, "{input}");
        }
    }
}
