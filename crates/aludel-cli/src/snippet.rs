//! Excerpts of source files, with a marked place.

use std::fs;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// Returns `title`, then the line of `shown` with the place marked. `line` and `column` are counted
/// from 1; without a column the whole line is marked. If the file can't be read, the title is
/// followed by the place alone.
pub(crate) fn snippet(
    title: &str,
    root: &Path,
    shown: &Path,
    line: usize,
    column: Option<usize>,
) -> String {
    match fs::read_to_string(root.join(shown)) {
        Ok(text) => in_text(title, &text, shown, line, column),
        Err(_) => {
            format!("error: {title}\n  --> {}:{line}:{}", shown.display(), column.unwrap_or(1))
        }
    }
}

/// Returns the excerpt of a text that is already in memory.
pub(crate) fn in_text(
    title: &str,
    text: &str,
    shown: &Path,
    line: usize,
    column: Option<usize>,
) -> String {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let content = text[start..].lines().next().unwrap_or_default();
    let (from, to) = match column {
        Some(column) => {
            let from = content
                .char_indices()
                .nth(column.saturating_sub(1))
                .map_or(content.len(), |(at, _)| at);
            (from, from + word_length(&content[from..]))
        }
        None => (content.len() - content.trim_start().len(), content.trim_end().len()),
    };
    let path = shown.display().to_string();
    let annotation = AnnotationKind::Primary.span(start + from..start + to.max(from));
    let element = Snippet::source(text).path(path).annotation(annotation);
    let report = [Level::ERROR.primary_title(title).element(element)];
    let renderer = match terminal_size::terminal_size_of(std::io::stderr()) {
        Some((terminal_size::Width(columns), _)) => Renderer::styled().term_width(columns.into()),
        None => Renderer::styled(),
    };
    renderer.render(&report)
}

/// Returns the length of the word that begins here, or of one character.
fn word_length(rest: &str) -> usize {
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) }
}
