//! Output of revisions as text and as JSON, for every command that lists them.

use aludel::command::{Conflict, Gap, ListedRevision};
use aludel::{Elsewhere, Gone, Project, Unfinished};
use serde_json::{Value, json};

use crate::output::{BAD, BOLD, GOOD, HELP, ID, Output, styled};

pub(crate) fn unknown_mark() -> String {
    styled(BAD, " (unknown: no revision file has this id)")
}

/// Tells of revisions whose files are gone, and how to get their text.
pub(crate) fn print_gone(gone: &[Gone], output: &Output) {
    print_gone_and(gone, true, output);
}

/// The same where the journal may not have been asked.
pub(crate) fn print_gone_and(gone: &[Gone], is_asked: bool, output: &Output) {
    for Gone { id, is_remembered } in gone {
        let what = match (is_asked, is_remembered) {
            (_, true) => format!("the journal has its text: `aludel log --revision {id} --text`"),
            (true, false) => "the journal of this database has no text of it".to_owned(),
            (false, false) => "the journal of the database may have its text".to_owned(),
        };
        let warning = styled(BAD, "warning:");
        output.progress(format_args!("{warning} revision {id} has no file here; {what}"));
    }
}

/// Returns what a section that has to be written is, and where.
pub(crate) fn gap_words(gap: &Gap) -> String {
    let Gap { revision, direction, dialect, reason, path, line } = gap;
    let dialect = dialect.as_ref().map(|name| format!(" for {name}")).unwrap_or_default();
    format!("{revision} has no {direction}{dialect}: {reason} ({}:{line})", path.display())
}

pub(crate) fn gone_json(gone: &[Gone]) -> Value {
    let one = |gone: &Gone| json!({ "revision": gone.id, "remembered": gone.is_remembered });
    gone.iter().map(one).collect()
}

/// Returns the note about version tables that the connection does not reach.
pub(crate) fn elsewhere_note(elsewhere: &Elsewhere) -> String {
    let Elsewhere { table, schemas, search_path } = elsewhere;
    let first = schemas.first().map(String::as_str).unwrap_or_default();
    let place = match schemas.as_slice() {
        [schema] => format!("one in the schema {schema}"),
        several => format!("one in each of the schemas {}", several.join(", ")),
    };
    let path = if search_path.is_empty() { "is empty" } else { search_path };
    format!(
        "{} there is no {table} that the search path reaches ({path}), but {place}; if the project means \
         that of {first}, set {} in aludel.toml",
        styled(HELP, "note:"),
        styled(HELP, format_args!("version_table = \"{first}.{table}\""))
    )
}

pub(crate) fn elsewhere_json(elsewhere: Option<&Elsewhere>) -> Value {
    elsewhere.map_or(
        Value::Null,
        |elsewhere| json!({ "schemas": elsewhere.schemas, "search_path": elsewhere.search_path }),
    )
}

/// Returns what the next run does with a revision that was begun.
pub(crate) fn unfinished(begun: &Unfinished) -> String {
    let Unfinished { revision, direction, done, is_open } = begun;
    match is_open {
        true => format!(
            "{revision}: the outcome of statement {} is not recorded; the next {direction} looks for it",
            done + 1
        ),
        false if *done == 0 => format!("{revision}: the next {direction} goes on with statement 1"),
        false => format!("{revision}: the next {direction} goes on behind statement {done}"),
    }
}

pub(crate) fn begun_json(begun: &[Unfinished]) -> Value {
    let one = |begun: &Unfinished| {
        json!({
            "revision": begun.revision,
            "direction": begun.direction.as_str(),
            "done": begun.done,
            "outcome_unknown": begun.is_open,
        })
    };
    begun.iter().map(one).collect()
}

/// Returns ` (head)`, or ` (effective head)` for a head that another branch depends on.
pub(crate) fn head_mark(line: &ListedRevision) -> String {
    match (line.is_head, line.is_implied) {
        (true, true) => styled(GOOD, " (effective head)"),
        (true, false) => styled(GOOD, " (head)"),
        _ => String::new(),
    }
}

/// Returns `ae10 add status, b2 …`; `None` if there are no revisions.
pub(crate) fn named(lines: &[ListedRevision]) -> Option<String> {
    let name = |line: &ListedRevision| {
        format!("{} {}", styled(ID, &line.revision.id), line.revision.message)
    };
    let names: Vec<String> = lines.iter().map(name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Prints revisions, as JSON if that was requested.
pub(crate) fn print_revisions(lines: &[ListedRevision], project: &Project, output: &Output) {
    if output.json {
        output.json(&lines_json(lines, project));
        return;
    }
    if output.verbose {
        lines.iter().for_each(|line| print_verbose(line, project, output));
    } else {
        // A long history is written at once, not line by line.
        let text: String = lines.iter().map(|line| format!("{}\n", one_line(line))).collect();
        output.text(&text);
    }
}

/// Returns `<base> -> ae10 (label) (head) (current), message`.
pub(crate) fn one_line(line: &ListedRevision) -> String {
    let revision = &line.revision;
    let mut down = match revision.down_revisions.as_slice() {
        [] => "<base>".to_owned(),
        parents => parents.join(", "),
    };
    if !revision.depends_on.is_empty() {
        down.push_str(&format!(" ({})", revision.depends_on.join(", ")));
    }
    format!("{down} -> {}", without_parents(line))
}

/// Returns `ae10 (label) (head) (current), message`.
pub(crate) fn without_parents(line: &ListedRevision) -> String {
    let revision = &line.revision;
    let mut text = styled(ID, &revision.id);
    if !revision.branch_labels.is_empty() {
        text.push_str(&format!(" ({})", revision.branch_labels.join(", ")));
    }
    let current = if line.is_current == Some(true) { " (current)" } else { "" };
    text.push_str(&format!("{}{}", styled(GOOD, current), marks(line)));
    if !revision.replaces.is_empty() {
        text.push_str(&format!(" (replaces {})", revision.replaces.len()));
    }
    format!("{text}, {}", revision.message)
}

/// Returns ` (head) (branchpoint) (mergepoint)`, as far as they apply.
pub(crate) fn marks(line: &ListedRevision) -> String {
    let mut text = head_mark(line);
    for (yes, word) in [
        (line.children.len() > 1, "branchpoint"),
        (line.revision.down_revisions.len() > 1, "mergepoint"),
    ] {
        if yes {
            text.push_str(&styled(GOOD, format_args!(" ({word})")));
        }
    }
    text
}

pub(crate) fn print_verbose(line: &ListedRevision, project: &Project, output: &Output) {
    let revision = &line.revision;
    let current = if line.is_current == Some(true) { " (current)" } else { "" };
    let head = format!("{}{}", head_mark(line), styled(GOOD, current));
    output.result(format_args!("{} {}{}", styled(BOLD, "Rev:"), styled(ID, &revision.id), head));
    match revision.down_revisions.as_slice() {
        [] => output.result("Parent: <base>"),
        [one] => output.result(format_args!("Parent: {one}")),
        several => output.result(format_args!("Merges: {}", several.join(", "))),
    }
    for (title, values) in [
        ("Also depends on", &revision.depends_on),
        ("Replaces", &revision.replaces),
        ("Branch names", &revision.branch_labels),
        ("Branches into", &line.children),
    ] {
        if !values.is_empty() && (title != "Branches into" || values.len() > 1) {
            output.result(format_args!("{title}: {}", values.join(", ")));
        }
    }
    output.result(format_args!("Path: {}", project.shown(&revision.path).display()));
    if let Some(created) = &revision.created {
        output.result(format_args!("Created: {created}"));
    }
    output.result(format_args!("\n    {}\n", revision.message));
}

pub(crate) fn lines_json(lines: &[ListedRevision], project: &Project) -> Value {
    lines.iter().map(|line| line_json(line, project)).collect()
}

pub(crate) fn line_json(line: &ListedRevision, project: &Project) -> Value {
    let revision = &line.revision;
    // A revision whose file is gone has the name of its text in the journal.
    let has_file = !revision.path.starts_with("journal");
    json!({
        "revision": revision.id,
        "down_revisions": revision.down_revisions,
        "branch_labels": revision.branch_labels,
        "depends_on": revision.depends_on,
        "replaces": revision.replaces,
        "message": revision.message,
        "created": revision.created,
        "path": has_file.then(|| project.shown(&revision.path)),
        "head": line.is_head,
        "effective_head": line.is_implied,
        "current": line.is_current,
        "applied": line.is_applied,
    })
}

pub(crate) fn conflicts_json(conflicts: &[Conflict]) -> Value {
    conflicts.iter().map(|conflict| json!({ "what": conflict.object.to_string(), "kind": conflict.object.kind.noun(), "by": conflict.by })).collect()
}

/// Prints the objects that several branches change, and the revisions that change them.
pub(crate) fn print_conflicts(conflicts: &[Conflict], output: &Output) {
    for conflict in conflicts {
        let by = conflict.by.values().map(|revisions| styled(ID, revisions.join(", ")));
        output.progress(format_args!(
            "{} {} is changed on several branches: by {}",
            styled(BAD, "warning:"),
            conflict.object,
            by.collect::<Vec<_>>().join(" and by ")
        ));
    }
}
