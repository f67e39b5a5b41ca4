//! The data of COPY in a section, whose lines are rows whatever they look like.

/// The line that ends the data.
const END: &str = "\\.";

/// A reader of lines that tells data from SQL. It knows COPY as tools write it: the statement begins
/// on a line of its own, and `FROM STDIN …;` ends the line before the data.
#[derive(Default)]
pub(crate) struct CopyData {
    /// The lines of a COPY that has no end yet.
    statement: Option<String>,
    is_open: bool,
}

impl CopyData {
    /// Takes the next line, with `rest` as the text behind it, and returns true if the line is data or
    /// the end of data. Data without an end are none, so that what comes behind them stays in sight.
    pub(crate) fn takes(&mut self, line: &str, rest: &str) -> bool {
        if self.is_open {
            self.is_open = line.trim_end() != END;
            return true;
        }
        if self.statement.is_none() && first_word(line).eq_ignore_ascii_case("copy") {
            self.statement = Some(String::new());
        }
        let Some(statement) = &mut self.statement else { return false };
        statement.push_str(line);
        statement.push(' ');
        let is_ended = line.contains(';');
        if is_ended {
            self.is_open =
                asks_for_data(statement) && rest.lines().any(|line| line.trim_end() == END);
            self.statement = None;
        }
        false
    }
}

fn first_word(line: &str) -> &str {
    line.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default()
}

/// Returns true if `FROM STDIN` is in a statement that ends its last line.
fn asks_for_data(statement: &str) -> bool {
    let before_comment = statement.split("--").next().unwrap_or_default().trim_end();
    let words: Vec<&str> = before_comment
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '('))
        .filter(|word| !word.is_empty())
        .collect();
    let is_from = |pair: &[&str]| match pair {
        [from, stdin] => from.eq_ignore_ascii_case("from") && stdin.eq_ignore_ascii_case("stdin"),
        _ => false,
    };
    before_comment.ends_with(';') && words.windows(2).any(is_from)
}
