//! The attributes in `#[column(…)]`.

use aludel_dialect::{Dialect, IdentityColumns, sequence_defaults};
use aludel_schema::{
    Column, EnumType, Generated, Identity, QualifiedName, SequenceOptions, SqlText,
};

use super::expression::{expression, single};
use super::{NOTATION, storage};
use crate::error::{ModelError, Position};
use crate::notation::context::{ColumnType, Context};
use crate::source::attribute::{Attribute, check_once, check_words, for_dialect, is_skipped};
use crate::source::item::Field;

const WORDS: [&str; 35] = [
    "name",
    "type",
    "primary_key",
    "unique",
    "index",
    "references",
    "on_delete",
    "on_update",
    "set_columns",
    "deferrable",
    "initially_deferred",
    "match_full",
    "not_valid",
    "constraint",
    "check",
    "default",
    "no_default",
    "generated",
    "virtual",
    "identity",
    "serial",
    "autoincrement",
    "collate",
    "comment",
    "renamed_from",
    "using",
    "skip",
    "nullable",
    "not_null",
    "not_enforced",
    "inherited",
    "storage",
    "compression",
    "statistics",
    "options",
];

/// The attributes of which a column may have several.
const SEVERAL: [&str; 4] = ["unique", "index", "check", "references"];

/// The attributes that are SQL and part of the column itself.
const SQL_WORDS: [&str; 4] = ["default", "generated", "type", "using"];

/// A column, and the parts of the table that its attributes declare.
pub(crate) struct DraftColumn<'a> {
    pub(crate) at: Position,
    /// The attributes that are SQL, with their words.
    pub(crate) attributes_at: Box<[(&'static str, Position)]>,
    pub(crate) column: Column,
    pub(crate) primary_key: bool,
    /// True if `nullable` says that the column may be NULL even in a primary key.
    pub(crate) null_in_key: bool,
    pub(crate) serial: Option<Position>,
    pub(crate) identity: Option<Position>,
    /// The enum type whose labels are the permitted values, if the database has no enum types.
    pub(crate) labels: Option<EnumType>,
    /// The enum type that the Rust type of the field is, or that the elements of its array are.
    pub(crate) of_enum: Option<QualifiedName>,
    /// The attributes `unique`, `index`, `check` and `references`, in order.
    pub(crate) extras: Vec<&'a Attribute>,
    /// The attributes that qualify `references`.
    pub(crate) reference: Vec<&'a Attribute>,
}

/// Reads a field; returns `None` if it is not a column in this dialect.
pub(crate) fn draft<'a>(
    cx: &Context<'_>,
    file: usize,
    field: &'a Field,
    comments: bool,
) -> Result<Option<DraftColumn<'a>>, ModelError> {
    check_words(&field.attributes, &WORDS, "#[column(…)]", false)?;
    check_once(&field.attributes, &SEVERAL)?;
    let attributes = for_dialect(&field.attributes, cx.dialect);
    let find = |name: &str| attributes.iter().rev().find(|a| a.is(name)).copied();
    if is_skipped(&attributes)? {
        return Ok(None);
    }
    let ColumnType { sql, nullable, labels, of_enum } = sql_type(cx, file, field, find("type"))?;
    single_text(find("type"), "type", cx.dialect)?;
    let name = find("name").map_or(Ok(field.name.as_str()), Attribute::name)?;
    let mut column = Column::new(name, "");
    column.sql_type = cx.dialect.sql_type(&sql);
    column.nullable = find("nullable").map_or(Ok(nullable), Attribute::flag)?;
    let not_null = find("not_null").filter(|attribute| attribute.flag() != Ok(false));
    if let Some(attribute) = not_null {
        column.nullable = false;
        column.not_null = storage::not_null(attribute, cx.dialect)?;
    }
    column.storage = storage::of_column(cx.dialect, find)?;
    column.inherited = find("inherited").map_or(Ok(false), Attribute::flag)?;
    column.collation = find("collate").map(|a| a.text().map(str::to_owned)).transpose()?;
    column.renamed_from = find("renamed_from").map(|a| a.name().map(str::to_owned)).transpose()?;
    column.using = single_text(find("using"), "conversion", cx.dialect)?;
    column.comment = match find("comment") {
        Some(a) if a.value.is_none() && a.list.is_none() => field.doc.clone(),
        Some(a) => a.comment()?,
        None => field.doc.clone().filter(|_| comments),
    };
    let mut draft = DraftColumn {
        at: field.at,
        attributes_at: SQL_WORDS.iter().filter_map(|word| Some((*word, find(word)?.at))).collect(),
        column,
        primary_key: find("primary_key").map_or(Ok(false), Attribute::flag)?,
        null_in_key: find("nullable").map_or(Ok(false), Attribute::flag)?,
        serial: find("serial").map(|a| a.at),
        identity: None,
        labels,
        of_enum,
        extras: Vec::new(),
        reference: Vec::new(),
    };
    draft.values(cx.dialect, find)?;
    for attribute in attributes {
        match attribute.name.as_deref() {
            Some("unique" | "index" | "check" | "references") => draft.extras.push(attribute),
            Some(
                "on_delete" | "on_update" | "set_columns" | "deferrable" | "initially_deferred"
                | "match_full" | "not_valid" | "not_enforced" | "constraint",
            ) => draft.reference.push(attribute),
            _ => {}
        }
    }
    if let (Some(stray), false) =
        (draft.reference.first(), draft.extras.iter().any(|a| a.is("references")))
    {
        let name = stray.name.as_deref().unwrap_or_default();
        return Err(ModelError::new(stray.at, format!("`{name}` without `references`")));
    }
    Ok(Some(draft))
}

/// Returns the text of an attribute that is a single type or expression.
fn single_text(
    attribute: Option<&Attribute>,
    what: &str,
    dialect: Dialect,
) -> Result<Option<String>, ModelError> {
    let text = attribute.map(|own| single(own.text()?, what, own.at, dialect));
    Ok(text.transpose()?.map(str::to_owned))
}

impl DraftColumn<'_> {
    /// Reads the source of values that are not given: default, generated, identity or serial.
    fn values<'b>(
        &mut self,
        dialect: Dialect,
        find: impl Fn(&str) -> Option<&'b Attribute>,
    ) -> Result<(), ModelError> {
        if let Some(generated) = find("generated") {
            let expression = SqlText::new(expression(generated.text()?, generated.at, dialect)?);
            let stored = !find("virtual").map_or(Ok(false), Attribute::flag)?;
            self.column.generated = Some(Box::new(Generated { expression, stored }));
        } else if let Some(attribute) = find("virtual") {
            return Err(ModelError::new(attribute.at, "`virtual` without `generated`"));
        }
        if let (Some(default), None) = (find("default"), find("no_default")) {
            let text = expression(default.text()?, default.at, dialect)?;
            let text = dialect.portable_default(text);
            self.column.default = Some(Box::new(SqlText::new(text)));
        }
        if let Some(attribute) = find("identity") {
            self.identity = Some(attribute.at);
            self.column.nullable = false;
            if dialect.capabilities().identity == IdentityColumns::Sequence {
                let mut identity = identity(attribute)?;
                let data_type = self.column.sql_type.spelling();
                identity.options = without_defaults(identity.options, data_type);
                self.column.identity = Some(Box::new(identity));
            }
        }
        let numbers = dialect.capabilities().identity == IdentityColumns::AutoIncrement;
        let autoincrement = find("autoincrement").filter(|_| numbers);
        if let Some(attribute) = autoincrement.filter(|attribute| attribute.flag() != Ok(false)) {
            attribute.flag()?;
            self.identity = Some(attribute.at);
            let (sequence, options) = (None, SequenceOptions::default());
            self.column.identity = Some(Box::new(Identity { always: true, sequence, options }));
        }
        let sources = [
            self.column.generated.is_some(),
            self.column.default.is_some(),
            self.identity.is_some(),
            self.serial.is_some(),
        ];
        if sources.iter().filter(|source| **source).count() > 1 {
            let message = format!(
                "column {} has more than one of default, generated, identity and serial",
                self.column.name
            );
            return Err(ModelError::new(self.at, message));
        }
        Ok(())
    }
}

/// Returns the type of a column. Its labels are those of an enum type that is stored as text.
fn sql_type(
    cx: &Context<'_>,
    file: usize,
    field: &Field,
    said: Option<&Attribute>,
) -> Result<ColumnType, ModelError> {
    if let Some(attribute) = said {
        let text = attribute.text()?.trim();
        let sql = match cx.dialect.portable_type(text) {
            _ if is_scoped(field, attribute) => text.to_owned(),
            Some(portable) => portable.into_owned(),
            None => return Err(missing_type(attribute.at, text, cx.dialect)),
        };
        let nullable = field.rust_type.name() == "Option";
        return Ok(ColumnType { sql, nullable, labels: None, of_enum: None });
    }
    let mut found = cx.column_type(&field.rust_type, file)?;
    match found.labels {
        Some(_) if !cx.dialect.capabilities().enums => "text".clone_into(&mut found.sql),
        _ => found.labels = None,
    }
    let portable = cx.dialect.portable_type(&found.sql);
    let missing = || missing_type(field.rust_type.at, &found.sql, cx.dialect);
    let sql = portable.ok_or_else(missing)?.into_owned();
    Ok(ColumnType { sql, ..found })
}

/// Returns true if the attribute is in a dialect's own list, and so needs no translation.
fn is_scoped(field: &Field, attribute: &Attribute) -> bool {
    !field.attributes.iter().any(|a| a.at == attribute.at && a.name == attribute.name)
}

fn missing_type(at: Position, sql_type: &str, dialect: Dialect) -> ModelError {
    ModelError::new(at, format!("{dialect} has no type like {sql_type}")).help(format!(
        "say what it is there: #[column({0}(type = \"BLOB\"))], or that it is not there: #[column({0}(skip))]",
        dialect.name()
    ))
}

/// Parses `identity`, `identity = "always"` or `identity(always, start = 1, …)`.
fn identity(attribute: &Attribute) -> Result<Identity, ModelError> {
    let mut identity =
        Identity { always: false, sequence: None, options: SequenceOptions::default() };
    match attribute.value.as_deref() {
        None => {}
        Some("always") => identity.always = true,
        Some("by default" | "by_default") => {}
        Some(other) => {
            return Err(ModelError::new(
                attribute.at,
                format!("identity = \"{other}\": there are always and by default"),
            ));
        }
    }
    for element in attribute.items() {
        match element.name.as_deref() {
            Some("always") => identity.always = true,
            Some("by_default") => identity.always = false,
            Some("sequence") => identity.sequence = Some(element.text()?.to_owned()),
            _ => sequence_option(&mut identity.options, element)?,
        }
    }
    Ok(identity)
}

/// Removes the options that are the server's defaults.
pub(crate) fn without_defaults(mut options: SequenceOptions, data_type: &str) -> SequenceOptions {
    let defaults = sequence_defaults(data_type, options.increment.unwrap_or(1));
    let ascending = options.increment.unwrap_or(1) >= 0;
    options.min = options.min.filter(|min| Some(*min) != defaults.min);
    options.max = options.max.filter(|max| Some(*max) != defaults.max);
    let first = if ascending { options.min.or(defaults.min) } else { options.max.or(defaults.max) };
    options.start = options.start.filter(|start| Some(*start) != first);
    options.increment = options.increment.filter(|increment| *increment != 1);
    options.cache = options.cache.filter(|cache| *cache != 1);
    options
}

/// Reads one option of a sequence.
pub(crate) fn sequence_option(
    options: &mut SequenceOptions,
    element: &Attribute,
) -> Result<(), ModelError> {
    let number = || {
        element.text()?.parse::<i64>().map_err(|_| ModelError::new(element.at, "expected a number"))
    };
    match element.name.as_deref() {
        Some("start") => options.start = Some(number()?),
        Some("increment") => options.increment = Some(number()?),
        Some("min") => options.min = Some(number()?),
        Some("max") => options.max = Some(number()?),
        Some("cache") => options.cache = Some(number()?),
        Some("cycle") => options.cycle = element.flag()?,
        Some("unlogged") => options.unlogged = Some(element.flag()?),
        Some("logged") => options.unlogged = Some(!element.flag()?),
        Some("as") => {
            let name = NOTATION.sql_type(element.text()?).spelling().to_owned();
            options.data_type = Some(name).filter(|name| name != "bigint");
        }
        _ => {
            return Err(ModelError::new(element.at, "unknown option of a sequence")
                .help("there are start, increment, min, max, cache, cycle, unlogged, logged, as"));
        }
    }
    Ok(())
}
