//! Constraints of tables and of columns.

use aludel_dialect::{Dialect, without_comments};
use aludel_schema::{
    Action, ConstraintKind, Deferrable, ForeignKey, IndexSettings, QualifiedName, SqlText,
    Validity, outside_quotes, path,
};

use crate::error::{ModelError, Position};
use crate::notation::NOTATION;
use crate::notation::expression::expression;
use crate::notation::index::{names, parameters};
use crate::source::attribute::{Attribute, for_dialect};

/// A constraint whose name may still have to be chosen.
pub(crate) struct DraftConstraint {
    pub(crate) at: Position,
    pub(crate) name: Option<String>,
    /// The former name.
    pub(crate) renamed_from: Option<String>,
    pub(crate) kind: ConstraintKind,
    pub(crate) deferrable: Deferrable,
    pub(crate) comment: Option<String>,
    /// The settings of the index of a key, and the comment on it.
    pub(crate) index: IndexSettings,
    pub(crate) index_comment: Option<String>,
    /// The column whose attribute declares the constraint, if there is one.
    pub(crate) of_column: Option<String>,
}

/// Reads the list of a constraint; `column` is the column whose attribute it is. Returns `None` if
/// the constraint is not for this dialect.
pub(crate) fn draft(
    attribute: &Attribute,
    dialect: Dialect,
    column: Option<&str>,
) -> Result<Option<DraftConstraint>, ModelError> {
    let mut parts = Parts::default();
    if let Some(value) = &attribute.value {
        parts.strings.push(value.clone());
    }
    for element in for_dialect(attribute.items(), dialect) {
        parts.take(element)?;
    }
    if parts.skip {
        return Ok(None);
    }
    if let (true, Some(column)) = (parts.columns.is_empty(), column) {
        parts.columns.push(column.to_owned());
    }
    let mut draft = DraftConstraint::new(attribute.at, ConstraintKind::unique(Vec::new()));
    draft.name.clone_from(&parts.name);
    draft.renamed_from.clone_from(&parts.renamed_from);
    draft.deferrable = parts.deferrable;
    draft.comment.clone_from(&parts.comment);
    draft.index.clone_from(&parts.index);
    draft.index_comment.clone_from(&parts.index_comment);
    draft.of_column = column.map(str::to_owned);
    draft.kind = parts.kind(attribute, dialect)?;
    Ok(Some(draft))
}

impl DraftConstraint {
    /// Creates a constraint that has nothing but its rule.
    pub(crate) fn new(at: Position, kind: ConstraintKind) -> Self {
        Self {
            at,
            name: None,
            renamed_from: None,
            kind,
            deferrable: Deferrable::No,
            comment: None,
            index: IndexSettings::default(),
            index_comment: None,
            of_column: None,
        }
    }
}

fn is_switch(element: &Attribute) -> bool {
    let switches = [
        "deferrable",
        "initially_deferred",
        "nulls_not_distinct",
        "match_full",
        "not_valid",
        "not_enforced",
        "no_inherit",
        "without_overlaps",
        "temporal",
        "skip",
    ];
    switches.iter().any(|switch| element.is(switch))
}

#[derive(Default)]
struct Parts {
    /// The bare words and the strings, in the order of the source.
    columns: Vec<String>,
    /// The strings alone.
    strings: Vec<String>,
    name: Option<String>,
    renamed_from: Option<String>,
    include: Vec<String>,
    references: Option<String>,
    on_delete: Action,
    on_update: Action,
    set_columns: Vec<String>,
    deferrable: Deferrable,
    nulls_not_distinct: bool,
    match_full: bool,
    validity: Validity,
    no_inherit: bool,
    without_overlaps: bool,
    temporal: bool,
    comment: Option<String>,
    index: IndexSettings,
    index_comment: Option<String>,
    skip: bool,
}

impl Parts {
    fn take(&mut self, element: &Attribute) -> Result<(), ModelError> {
        // A bare word is a column, unless it is one of the switches.
        if element.value.is_none() && element.list.is_none() && !is_switch(element) {
            self.columns.extend(element.name.clone());
            return Ok(());
        }
        match (element.name.as_deref(), &element.value) {
            // A column whose name is not a Rust identifier, or reads as a switch, is a string.
            (None, Some(text)) => {
                self.columns.push(text.clone());
                self.strings.push(text.clone());
            }
            (Some("name"), _) => self.name = Some(element.name()?.to_owned()),
            (Some("renamed_from"), _) => self.renamed_from = Some(element.name()?.to_owned()),
            (Some("include"), _) => self.include = names(element)?,
            (Some("references"), _) => self.references = Some(element.text()?.to_owned()),
            (Some("on_delete"), _) => self.on_delete = action(element)?,
            (Some("on_update"), _) => self.on_update = action(element)?,
            (Some("set_columns"), _) => self.set_columns = names(element)?,
            (Some("deferrable"), _) if element.flag()? => {
                if self.deferrable == Deferrable::No {
                    self.deferrable = Deferrable::InitiallyImmediate;
                }
            }
            (Some("initially_deferred"), _) if element.flag()? => {
                self.deferrable = Deferrable::InitiallyDeferred;
            }
            (Some("nulls_not_distinct"), _) => self.nulls_not_distinct = element.flag()?,
            (Some("match_full"), _) => self.match_full = element.flag()?,
            (Some("not_valid"), _) if element.flag()? => {
                if self.validity == Validity::Valid {
                    self.validity = Validity::NotValid;
                }
            }
            (Some("not_enforced"), _) if element.flag()? => self.validity = Validity::NotEnforced,
            (Some("deferrable" | "initially_deferred" | "not_valid" | "not_enforced"), _) => {}
            (Some("no_inherit"), _) => self.no_inherit = element.flag()?,
            (Some("without_overlaps"), _) => self.without_overlaps = element.flag()?,
            (Some("temporal"), _) => self.temporal = element.flag()?,
            (Some("comment"), _) => self.comment = element.comment()?,
            (Some("with"), _) => self.index.with = parameters(element)?,
            (Some("tablespace"), _) => self.index.tablespace = Some(element.text()?.to_owned()),
            (Some("index_comment"), _) => self.index_comment = element.comment()?,
            (Some("skip"), _) => self.skip = element.flag()?,
            (Some(other), _) => {
                return Err(ModelError::new(
                    element.at,
                    format!("unknown attribute `{other}` of a constraint"),
                ));
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn kind(self, attribute: &Attribute, dialect: Dialect) -> Result<ConstraintKind, ModelError> {
        let at = attribute.at;
        let what = attribute.name.as_deref().unwrap_or_default();
        self.check(at, dialect, what)?;
        Ok(match what {
            "primary_key" => ConstraintKind::PrimaryKey {
                columns: some(self.columns, at, what)?,
                include: self.include,
                without_overlaps: self.without_overlaps,
            },
            "unique" => ConstraintKind::Unique {
                columns: some(self.columns, at, what)?,
                include: self.include,
                nulls_not_distinct: self.nulls_not_distinct,
                without_overlaps: self.without_overlaps,
            },
            "check" => ConstraintKind::Check {
                expression: SqlText::new(one(&self.strings, at, "check(\"condition\")")?),
                validity: self.validity,
                no_inherit: self.no_inherit,
            },
            "exclude" => ConstraintKind::Exclusion {
                definition: SqlText::new(one(&self.strings, at, "exclude(\"USING gist (…)\")")?),
            },
            _ => {
                let target = self.references.as_deref().ok_or_else(|| {
                    ModelError::new(at, "a foreign key needs references = \"table.column\"")
                })?;
                let (references, referenced_columns) = reference(target, at)?;
                ConstraintKind::ForeignKey(ForeignKey {
                    columns: some(self.columns, at, what)?,
                    references,
                    referenced_columns,
                    on_delete: self.on_delete,
                    on_update: self.on_update,
                    set_columns: self.set_columns,
                    match_full: self.match_full,
                    period: self.temporal,
                    validity: self.validity,
                })
            }
        })
    }

    fn check(&self, at: Position, dialect: Dialect, what: &str) -> Result<(), ModelError> {
        let can = dialect.capabilities();
        let keys = can.full_foreign_keys;
        let uses = [
            (what == "exclude", can.exclusion_constraints, "exclusion constraints"),
            (!self.include.is_empty(), can.index_methods, "INCLUDE"),
            (self.nulls_not_distinct, can.index_methods, "NULLS NOT DISTINCT"),
            (self.match_full, keys, "MATCH FULL"),
            (self.validity == Validity::NotValid, keys, "NOT VALID"),
            (self.validity == Validity::NotEnforced, keys, "NOT ENFORCED"),
            (self.without_overlaps, can.index_methods, "WITHOUT OVERLAPS"),
            (self.temporal, keys, "PERIOD"),
            (self.index != IndexSettings::default(), can.index_methods, "settings of an index"),
            (self.no_inherit, keys, "NO INHERIT"),
            (!self.set_columns.is_empty(), keys, "SET NULL for some columns"),
        ];
        match uses.iter().find(|(used, has, _)| *used && !has) {
            None => Ok(()),
            Some((_, _, what)) => Err(ModelError::new(at, format!("{dialect} has no {what}"))
                .help("say that it is not for it: sqlite(skip), or put the part in postgres(…)")),
        }
    }
}

fn action(element: &Attribute) -> Result<Action, ModelError> {
    let text = element.text()?;
    Action::parse(&text.replace('_', " ")).ok_or_else(|| {
        ModelError::new(element.at, format!("`{text}` is no action of a foreign key"))
            .help("there are cascade, restrict, set null, set default, no action")
    })
}

fn some(columns: Vec<String>, at: Position, what: &str) -> Result<Vec<String>, ModelError> {
    if columns.is_empty() {
        return Err(ModelError::new(at, format!("{what}(…) needs a column")));
    }
    let mut names = columns.iter().enumerate();
    if let Some((_, twice)) = names.find(|(at, name)| columns[..*at].contains(name)) {
        return Err(ModelError::new(at, format!("column {twice} stands twice in {what}(…)")));
    }
    Ok(columns)
}

fn one(strings: &[String], at: Position, form: &str) -> Result<String, ModelError> {
    match strings {
        [one] if !without_comments(one, NOTATION).is_empty() => {
            Ok(expression(one, at, NOTATION)?.to_owned())
        }
        _ => Err(ModelError::new(at, format!("write {form}"))),
    }
}

/// Parses `table`, `table.column`, `schema.table.column`, `table(a, b)` or `schema.table(a, b)`. A name with
/// one of these signs in it stands in double quotes. Without columns the reference means the primary key of
/// the table, which is filled in when all tables are known.
fn reference(text: &str, at: Position) -> Result<(QualifiedName, Vec<String>), ModelError> {
    let fail = || {
        ModelError::new(at, format!("`{text}` is no reference"))
            .help("write \"table.column\", or \"table(a, b)\" for several columns")
    };
    let (dotted, list) = match outside_quotes(text, &['(']) {
        Some(open) => (&text[..open], Some(&text[open + 1..])),
        None => (text, None),
    };
    let mut parts = path(dotted).ok_or_else(fail)?;
    let columns = match list {
        Some(list) => {
            listed(list.trim_end().strip_suffix(')').ok_or_else(fail)?).ok_or_else(fail)?
        }
        None if parts.len() > 1 => parts.pop().into_iter().collect(),
        None => Vec::new(),
    };
    let table = parts.pop().ok_or_else(fail)?;
    let schema = parts.pop();
    match parts.is_empty() {
        true => Ok((QualifiedName::new(schema, table), columns)),
        false => Err(fail()),
    }
}

/// Parses a list of names; `None` if one of them is none.
fn listed(list: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = list;
    loop {
        let end = outside_quotes(rest, &[',']).unwrap_or(rest.len());
        let [name] = <[String; 1]>::try_from(path(&rest[..end])?).ok()?;
        found.push(name);
        match rest.get(end + 1..) {
            Some(more) => rest = more,
            None => return Some(found),
        }
    }
}
