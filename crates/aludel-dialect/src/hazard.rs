//! Hazards: ways in which a step can fail, lose data or take long.

use std::fmt;

use aludel_schema::{Column, Grant, Kind, ObjectId, QualifiedName};

use crate::lock::Blocked;

/// A risk or a cost of a step that a reviewer of the plan has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the operands of the sentence in `Display`")]
pub enum Hazard {
    /// A table is dropped together with its rows.
    DropsRows { table: QualifiedName },
    /// Columns are dropped together with their values.
    DropsValues { columns: Vec<ObjectId> },
    /// A composite type loses attributes, and the columns of the type their values of them.
    DropsAttributes { of: ObjectId, attributes: Vec<String> },
    /// A sequence is dropped together with the number where it stands.
    DropsCounter { sequence: QualifiedName },
    /// A schema, an extension, or an object of a kind that is data is dropped.
    DropsObject { object: ObjectId },
    /// A change of type rounds or truncates values without an error.
    LosesPrecision { column: ObjectId, loss: String },
    /// SQLite: values that can't have the new type of their column stay as they are.
    KeepsValues { column: ObjectId, which: &'static str },
    /// NULL is replaced by a value, because the column forbids it.
    ReplacesNulls { column: ObjectId, by: String },
    /// A change of type refuses some values.
    FailsOnValues { column: ObjectId, what: String },
    /// The rows may break a constraint or a unique index that is made.
    FailsOnRule { object: ObjectId, rows: String },
    /// A dropped column is added again without its former values.
    LostValues { column: ObjectId },
    /// Attributes are added in another place than they are declared, because a new one is always the
    /// last.
    MovesAttributes { of: ObjectId, attributes: Vec<String> },
    /// New columns stand at the end of a row, not in the declared place, and a function may list the columns by
    /// place.
    MovesColumns { of: QualifiedName, columns: Vec<String>, function: ObjectId },
    /// A table inherits again, and what it had from the other table alone is its own as well.
    KeepsAsOwn { table: QualifiedName, from: QualifiedName },
    /// A column that was computed is a plain one again, with the values that it computed.
    KeepsComputed { column: ObjectId },
    /// A dropped sequence is made again without the number where it stood.
    LostCounter { sequence: QualifiedName },
    /// SQLite: a table is without its counter, or gets it back with the number of its last row.
    ForgetsCounter { table: QualifiedName },
    /// Existing rows have no value for a new column.
    FailsOnRows { column: ObjectId },
    /// NULL is forbidden in a column that may contain it.
    FailsOnNulls { column: ObjectId },
    /// A type loses labels that rows may still have.
    FailsOnLabels { object: ObjectId, labels: Vec<String> },
    /// A publication that no object file declares no longer lists a table, because the table goes.
    LeavesPublication { table: QualifiedName, publication: ObjectId },
    /// A table comes again, and a publication that no object file declares does not list it any more.
    NotPublished { table: QualifiedName, publication: ObjectId },
    /// Roles lose privileges that no declaration gives them.
    LosesAccess { object: ObjectId, what: String },
    /// A privilege is granted by a role that is not the owner, if the role that runs the step can act as
    /// that one.
    GrantsAs { object: ObjectId, grant: Grant, grantor: String },
    /// An object is dropped and made again, because an object that it rests on changes.
    Remakes { object: ObjectId, because: ObjectId },
    /// The NOT NULL constraint of a column keeps its name, while a new database has it under another one.
    KeepsName { constraint: ObjectId, usual: String },
    /// A materialized view is made without rows, because one that it reads has never been filled.
    StaysEmpty { view: ObjectId, because: ObjectId },
    /// Stored values, an index or a check hold results of a function that gets other code.
    KeepsResults { holder: ObjectId, function: ObjectId },
    /// SQLite: a new table takes over the rows and the name of the old one.
    Rebuilds { table: QualifiedName },
    /// Every row of a table is written again.
    Rewrites { table: QualifiedName },
    /// Some rows of a table are updated.
    Updates { table: QualifiedName },
    /// A trigger or a rule sees the rows that are updated.
    Fires { object: ObjectId },
    /// Every row of a table is read, to check it or to build an index.
    Scans { table: QualifiedName },
    /// Other sessions wait while the rows of a table are read or written.
    Blocks { table: QualifiedName, blocked: Blocked },
}

/// The class of a hazard. Gates and lints decide by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HazardClass {
    /// Rows or values are lost permanently.
    Destructive,
    /// Values change in an unintended way.
    Lossy,
    /// The statement fails if the rows do not fit.
    MayFail,
    /// Every row is written.
    Rewriting,
    /// Every row is read.
    Scanning,
    /// Other sessions have to wait.
    Blocking,
    /// No data is lost, but the step does more than its operation says.
    Note,
}

impl HazardClass {
    /// Returns the class in one word, as used in JSON and comments.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Destructive => "destructive",
            Self::Lossy => "lossy",
            Self::MayFail => "may-fail",
            Self::Rewriting => "rewriting",
            Self::Scanning => "scanning",
            Self::Blocking => "blocking",
            Self::Note => "note",
        }
    }
}

impl Hazard {
    /// Returns a short, stable name for configuration and for other programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DropsRows { .. } => "drops-rows",
            Self::DropsValues { .. } | Self::DropsAttributes { .. } => "drops-values",
            Self::DropsCounter { .. } => "drops-counter",
            Self::DropsObject { .. } => "drops-object",
            Self::LosesPrecision { .. } => "loses-precision",
            Self::KeepsValues { .. } => "keeps-values",
            Self::ReplacesNulls { .. } => "replaces-nulls",
            Self::FailsOnValues { .. } => "fails-on-values",
            Self::FailsOnRule { .. } => "fails-on-rule",
            Self::LostValues { .. } => "lost-values",
            Self::MovesAttributes { .. } => "moves-attributes",
            Self::MovesColumns { .. } => "moves-columns",
            Self::KeepsAsOwn { .. } => "keeps-as-own",
            Self::KeepsComputed { .. } => "keeps-computed",
            Self::LostCounter { .. } => "lost-counter",
            Self::ForgetsCounter { .. } => "forgets-counter",
            Self::FailsOnRows { .. } => "fails-on-rows",
            Self::FailsOnNulls { .. } => "fails-on-nulls",
            Self::FailsOnLabels { .. } => "fails-on-labels",
            Self::LeavesPublication { .. } => "leaves-publication",
            Self::NotPublished { .. } => "not-published",
            Self::LosesAccess { .. } => "loses-access",
            Self::GrantsAs { .. } => "grants-as",
            Self::Remakes { .. } => "remakes",
            Self::KeepsName { .. } => "keeps-name",
            Self::StaysEmpty { .. } => "stays-empty",
            Self::KeepsResults { .. } => "keeps-results",
            Self::Rebuilds { .. } => "rebuilds",
            Self::Rewrites { .. } => "rewrites",
            Self::Updates { .. } => "updates",
            Self::Fires { .. } => "fires",
            Self::Scans { .. } => "scans",
            Self::Blocks { .. } => "blocks",
        }
    }

    /// Returns the class of the hazard.
    pub fn class(&self) -> HazardClass {
        match self {
            Self::DropsRows { .. }
            | Self::DropsValues { .. }
            | Self::DropsAttributes { .. }
            | Self::DropsCounter { .. }
            | Self::DropsObject { .. } => HazardClass::Destructive,
            Self::LosesPrecision { .. }
            | Self::KeepsValues { .. }
            | Self::ReplacesNulls { .. }
            | Self::MovesAttributes { .. }
            | Self::KeepsAsOwn { .. }
            | Self::KeepsComputed { .. }
            | Self::LostCounter { .. }
            | Self::ForgetsCounter { .. }
            | Self::Fires { .. }
            | Self::NotPublished { .. } => HazardClass::Lossy,
            Self::FailsOnValues { .. }
            | Self::MovesColumns { .. }
            | Self::FailsOnRule { .. }
            | Self::FailsOnRows { .. }
            | Self::FailsOnNulls { .. }
            | Self::FailsOnLabels { .. } => HazardClass::MayFail,
            Self::Rewrites { .. } | Self::Updates { .. } => HazardClass::Rewriting,
            Self::Scans { .. } => HazardClass::Scanning,
            Self::Blocks { .. } => HazardClass::Blocking,
            Self::LeavesPublication { .. }
            | Self::LosesAccess { .. }
            | Self::GrantsAs { .. }
            | Self::LostValues { .. }
            | Self::Remakes { .. }
            | Self::KeepsName { .. }
            | Self::StaysEmpty { .. }
            | Self::KeepsResults { .. }
            | Self::Rebuilds { .. } => HazardClass::Note,
        }
    }

    /// Returns the comment for a revision file; `None` for hazards that only take time.
    pub fn note(&self) -> Option<String> {
        match self.class() {
            class @ (HazardClass::Destructive | HazardClass::Lossy) => {
                Some(format!("{}: {self}", class.as_str()))
            }
            HazardClass::MayFail | HazardClass::Note => Some(self.to_string()),
            HazardClass::Rewriting | HazardClass::Scanning | HazardClass::Blocking => None,
        }
    }

    /// Returns the table whose rows are read or written by the step that has the hazard.
    pub(crate) fn works_through(&self) -> Option<&QualifiedName> {
        match self {
            Self::Rewrites { table } | Self::Updates { table } | Self::Scans { table } => {
                Some(table)
            }
            Self::DropsRows { .. }
            | Self::DropsValues { .. }
            | Self::DropsAttributes { .. }
            | Self::DropsCounter { .. }
            | Self::MovesAttributes { .. }
            | Self::MovesColumns { .. }
            | Self::KeepsAsOwn { .. }
            | Self::KeepsComputed { .. }
            | Self::LostCounter { .. }
            | Self::ForgetsCounter { .. }
            | Self::DropsObject { .. }
            | Self::LosesPrecision { .. }
            | Self::KeepsValues { .. }
            | Self::ReplacesNulls { .. }
            | Self::Fires { .. }
            | Self::FailsOnValues { .. }
            | Self::FailsOnRule { .. }
            | Self::LostValues { .. }
            | Self::FailsOnRows { .. }
            | Self::FailsOnNulls { .. }
            | Self::FailsOnLabels { .. }
            | Self::LeavesPublication { .. }
            | Self::NotPublished { .. }
            | Self::LosesAccess { .. }
            | Self::GrantsAs { .. }
            | Self::Remakes { .. }
            | Self::KeepsName { .. }
            | Self::StaysEmpty { .. }
            | Self::KeepsResults { .. }
            | Self::Rebuilds { .. }
            | Self::Blocks { .. } => None,
        }
    }
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropsRows { table } => write!(f, "drops table {table} and its rows"),
            Self::DropsValues { columns } => f.write_str(&drops_values(columns)),
            Self::DropsAttributes { of, attributes } => {
                write!(f, "drops {} of {of} and the values", named(attributes))
            }
            Self::DropsCounter { sequence } => {
                write!(f, "drops sequence {sequence} and the number where it stands")
            }
            Self::DropsObject { object } => write!(f, "drops {object}"),
            Self::LosesPrecision { column, loss } => {
                write!(f, "the values of {} {loss}", column.name.name)
            }
            Self::KeepsValues { column, which } => f.write_str(&keeps_values(column, which)),
            Self::ReplacesNulls { column, by } => {
                write!(f, "NULL in {} becomes {by}, and stays so", column.name.name)
            }
            Self::FailsOnValues { column, what } => {
                write!(f, "fails if a value of {} {what}", column.name.name)
            }
            Self::FailsOnRule { rows, .. } => write!(f, "fails if {rows}"),
            Self::LostValues { column } => {
                write!(f, "the values of {} are gone: rows get an empty one", column.name.name)
            }
            Self::MovesAttributes { of, attributes } => {
                f.write_str(&moves_attributes(of, attributes))
            }
            Self::MovesColumns { of, columns, function } => {
                f.write_str(&moves_columns(of, columns, function))
            }
            Self::KeepsAsOwn { table, from } => f.write_str(&keeps_as_own(table, from)),
            Self::KeepsComputed { column } => f.write_str(&keeps_computed(column)),
            Self::LostCounter { sequence } => f.write_str(&lost_counter(sequence)),
            Self::ForgetsCounter { table } => f.write_str(&forgets_counter(table)),
            Self::FailsOnRows { column } => f.write_str(&fails_on_rows(column)),
            Self::FailsOnNulls { column } => f.write_str(&fails_on_nulls(column)),
            Self::FailsOnLabels { object, labels } => {
                write!(f, "fails if a row still has {} in {}", labels.join(" or "), object.name)
            }
            Self::LeavesPublication { table, publication: by } => {
                write!(f, "{by} no longer lists {table}")
            }
            Self::NotPublished { table, publication: by } => f.write_str(&not_published(table, by)),
            Self::LosesAccess { object, what } => f.write_str(&loses_access(object, what)),
            Self::GrantsAs { object, grant, grantor: by } => {
                f.write_str(&grants_as(object, grant, by))
            }
            Self::Remakes { object, because } => f.write_str(&remakes(object, because)),
            Self::KeepsName { constraint, usual } => f.write_str(&keeps_name(constraint, usual)),
            Self::StaysEmpty { view, because } => f.write_str(&stays_empty(view, because)),
            Self::KeepsResults { holder, function: of } => f.write_str(&keeps_results(holder, of)),
            Self::Rebuilds { table } => f.write_str(&rebuilds(table)),
            Self::Rewrites { table } => write!(f, "writes every row of {table} again"),
            Self::Fires { object } => f.write_str(&fires(object)),
            Self::Updates { table } => write!(f, "updates rows of {table}"),
            Self::Scans { table } => write!(f, "reads every row of {table}"),
            Self::Blocks { table, blocked } => {
                write!(f, "{blocked} of {table} wait until that is done")
            }
        }
    }
}

fn fires(object: &ObjectId) -> String {
    format!("{object} runs for the rows that are filled, and may change more or refuse")
}

fn fails_on_rows(column: &ObjectId) -> String {
    let (table, name) = (table_of(column), &column.name.name);
    format!(
        "fails if {table} has rows: give {name} a default, or add it as nullable and fill it first"
    )
}

fn not_published(table: &QualifiedName, publication: &ObjectId) -> String {
    format!("{publication} listed {table} before and does not list it again")
}

fn loses_access(object: &ObjectId, what: &str) -> String {
    format!("revokes {what} on {object}, which no object file grants")
}

fn grants_as(object: &ObjectId, grant: &Grant, grantor: &str) -> String {
    format!(
        "grants {grant} on {object} as {grantor}; a role that can't act as {grantor} grants it as the owner"
    )
}

fn remakes(object: &ObjectId, because: &ObjectId) -> String {
    match object == because {
        true => format!("{object} is made again, because it changes"),
        false => format!("{object} is made again, because {because} changes under it"),
    }
}

fn keeps_as_own(table: &QualifiedName, from: &QualifiedName) -> String {
    format!("what {table} has from {from} stays its own as well")
}

fn keeps_name(constraint: &ObjectId, usual: &str) -> String {
    format!(
        "{constraint} keeps its name, because PostgreSQL can't rename it in all tables that share it; a new database calls it {usual}"
    )
}

fn rebuilds(table: &QualifiedName) -> String {
    format!("rebuild {table}: a new table, the rows, the old name; children keep their rows")
}

fn fails_on_nulls(column: &ObjectId) -> String {
    format!("fails if a row of {} has NULL in {}", table_of(column), column.name.name)
}

fn stays_empty(view: &ObjectId, because: &ObjectId) -> String {
    format!("{view} is made without rows, because {because} has none: REFRESH that one, then it")
}

fn keeps_results(holder: &ObjectId, function: &ObjectId) -> String {
    let what = match holder.kind {
        Kind::Index => "REINDEX it, or queries by it find nothing",
        Kind::Constraint => "rows that are there are not checked again",
        Kind::Table => "rows stay in the partitions that they are in",
        _ => "update the rows, so that it is computed again",
    };
    format!("{holder} keeps what {function} gave before: {what}")
}

fn drops_values(columns: &[ObjectId]) -> String {
    match columns {
        [one] => format!("drops {one} and its values"),
        several => {
            let names: Vec<String> = several.iter().map(ObjectId::place).collect();
            format!("drops columns {} with their values", names.join(", "))
        }
    }
}

fn moves_attributes(of: &ObjectId, attributes: &[String]) -> String {
    format!("adds {} of {of} behind the others, not in the declared place", named(attributes))
}

fn moves_columns(of: &QualifiedName, columns: &[String], function: &ObjectId) -> String {
    let verb = if columns.len() == 1 { "comes" } else { "come" };
    let columns = columns.join(", ");
    format!(
        "fails if {function} lists the columns of {of} by place, or exchanges their values: {columns} {verb} last, \
         not in the declared place"
    )
}

fn keeps_values(column: &ObjectId, which: &str) -> String {
    format!("values of {} {which} stay as they are, in a column of another type", column.name.name)
}

fn keeps_computed(column: &ObjectId) -> String {
    format!("{} keeps what it computed, not the values of before", column.name.name)
}

fn lost_counter(sequence: &QualifiedName) -> String {
    format!("sequence {sequence} has lost its place and may give numbers again")
}

fn forgets_counter(table: &QualifiedName) -> String {
    format!("the counter of {table} is lost: numbers of deleted rows may be given again")
}

fn named(attributes: &[String]) -> String {
    let noun = if attributes.len() == 1 { "attribute" } else { "attributes" };
    format!("{noun} {}", attributes.join(", "))
}

/// Returns what the values of a column lose when its type changes, as the end of a sentence about them.
/// `of_cast` says it of the cast between the two types. A conversion of the models is not undone on the way
/// back.
pub(crate) fn loss_of_values(
    from: &Column,
    to: &Column,
    of_cast: impl FnOnce() -> Option<String>,
) -> Option<String> {
    let kept = |text: &String| format!("stay as `{}` has made them", text.trim());
    match (&to.using, &from.using) {
        (Some(text), _) => Some(as_models_say(text)),
        (None, using) => {
            let losses: Vec<String> = using.iter().map(kept).chain(of_cast()).collect();
            (!losses.is_empty()).then(|| losses.join(" and "))
        }
    }
}

/// Returns what a conversion of the models does to the values of a column, as the end of a sentence about them.
pub(crate) fn as_models_say(conversion: &str) -> String {
    format!("become `{}`, as the models say", conversion.trim())
}

fn table_of(column: &ObjectId) -> String {
    column.table.as_ref().map_or_else(|| column.name.to_string(), ToString::to_string)
}
