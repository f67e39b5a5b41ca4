//! The only module that prints: results to standard output, everything else to standard error.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use aludel::Direction;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde_json::json;

use crate::args::{ColorWhen, Global};
use crate::settings;

/// The options of the output.
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) verbose: bool,
    quiet: bool,
    /// The reason why a result could not be printed.
    lost: Mutex<Option<std::io::Error>>,
}

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const ID: Style = AnsiColor::Yellow.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default();

/// Returns the text in a style.
pub(crate) fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Returns a unified diff of two texts.
pub(crate) fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    let text = diff.unified_diff().header(old_name, new_name).to_string();
    let line = |line: &str| match line.as_bytes().first() {
        Some(b'+') => styled(GOOD, line),
        Some(b'-') => styled(BAD, line),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        match global.color {
            // A terminal that knows no colours has none, whatever else is set.
            ColorWhen::Auto if settings::terminal_is_dumb() => ColorChoice::Never.write_global(),
            ColorWhen::Auto => {}
            ColorWhen::Always => ColorChoice::Always.write_global(),
            ColorWhen::Never => ColorChoice::Never.write_global(),
        }
        let lost = Mutex::default();
        Self { json: global.json, verbose: global.verbose, quiet: global.quiet, lost }
    }

    /// Creates the output of a program that could not read its arguments.
    pub(crate) fn without_arguments() -> Self {
        Self { json: true, verbose: false, quiet: false, lost: Mutex::default() }
    }

    /// Returns true if a bar may show progress: in a terminal, unless `--quiet` is set.
    pub(crate) fn shows_bars(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Prints a line of the result.
    pub(crate) fn result(&self, line: impl std::fmt::Display) {
        self.text(&format!("{line}\n"));
    }

    /// Prints a piece of the result. A closed standard output is not an error, because `head` and its
    /// like close it; one that can't be written to is told at the end.
    pub(crate) fn text(&self, text: &str) {
        let mut stream = AutoStream::auto(std::io::stdout().lock());
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// Returns the reason why a result could not be printed; `None` if all were.
    pub(crate) fn lost(&self) -> Option<std::io::Error> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Prints the result as JSON.
    pub(crate) fn json(&self, value: &serde_json::Value) {
        self.result(format_args!("{value:#}"));
    }

    /// Prints a script that runs nothing here, in JSON with the direction of its revisions.
    pub(crate) fn script(&self, direction: Option<Direction>, sql: &str) {
        match (self.json, direction) {
            (false, _) => self.text(sql),
            (true, Some(direction)) => {
                self.json(&json!({ "direction": direction.as_str(), "sql": sql }));
            }
            (true, None) => self.json(&json!({ "sql": sql })),
        }
    }

    /// Prints a line of progress, unless `--quiet` is set.
    pub(crate) fn progress(&self, line: impl std::fmt::Display) {
        if !self.quiet {
            self.error_line(&line.to_string());
        }
    }

    /// Prints the report of a failure.
    pub(crate) fn failure(&self, report: &str) {
        self.error_line(report.trim_end());
    }

    pub(crate) fn error_line(&self, line: &str) {
        let mut stream = AutoStream::auto(std::io::stderr().lock());
        let _ = writeln!(stream, "{line}");
    }
}
