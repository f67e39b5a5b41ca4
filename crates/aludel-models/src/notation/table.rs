//! Conversion of a struct to a table: columns, then constraints, then indexes. Constraints and
//! indexes without a name get the name that PostgreSQL would choose.

use std::collections::BTreeMap;

use aludel_dialect::{Dialect, IdentityColumns, expression_label, name_columns};
use aludel_schema::{
    Constraint, ConstraintKind, ConstraintLabel, Hint, Hints, IndexKey, KeyPart, NamePool,
    ObjectId, QualifiedName, SqlText, Table, index_name_columns,
};

use super::storage;
use crate::case;
use crate::error::{ModelError, Position};
use crate::notation::column::{self, DraftColumn};
use crate::notation::constraint::{self, DraftConstraint};
use crate::notation::context::Context;
use crate::notation::index::{self, DraftIndex};
use crate::notation::sequence::{self, NamedSequence};
use crate::source::attribute::{Attribute, check_once, check_words, for_dialect, is_skipped};
use crate::source::item::StructItem;

const WORDS: [&str; 27] = [
    "name",
    "schema",
    "comment",
    "comments",
    "renamed_from",
    "primary_key",
    "unique",
    "foreign_key",
    "check",
    "index",
    "exclude",
    "unlogged",
    "with",
    "partition_by",
    "sequence",
    "strict",
    "without_rowid",
    "skip",
    "row_security",
    "force_row_security",
    "replica_identity",
    "clustered_on",
    "tablespace",
    "access_method",
    "inherits",
    "of_type",
    "toast",
];

/// The attributes of which a table may have several.
const SEVERAL: [&str; 9] =
    ["unique", "foreign_key", "check", "index", "exclude", "sequence", "with", "toast", "inherits"];

/// A table, its sequences, and the positions of its parts in the source.
pub(crate) struct Built {
    pub(crate) table: Table,
    /// The position of the struct.
    pub(crate) at: Position,
    /// The sequences, with their positions.
    pub(crate) sequences: Vec<(NamedSequence, Position)>,
    /// The positions of the constraints, in the table's order.
    pub(crate) constraints_at: Vec<Position>,
    pub(crate) indexes_at: Vec<Position>,
    pub(crate) columns_at: Vec<Position>,
    /// The attributes of each column that are SQL, with their words.
    pub(crate) attributes_at: Vec<Box<[(&'static str, Position)]>>,
    /// The former names of its constraints and indexes, and the enum types of its columns.
    pub(crate) hints: Hints,
}

/// The declarations of a struct, before its constraints and indexes have names.
pub(crate) struct Draft<'a> {
    attributes: Vec<&'a Attribute>,
    columns: Vec<DraftColumn<'a>>,
}

/// Reads a struct by itself; returns `None` if it is not a table in this dialect.
pub(crate) fn draft<'a>(
    cx: &Context<'_>,
    file: usize,
    item: &'a StructItem,
) -> Result<Option<Draft<'a>>, Vec<ModelError>> {
    check_words(&item.attributes, &WORDS, "#[table(…)]", false).map_err(one)?;
    check_once(&item.attributes, &SEVERAL).map_err(one)?;
    let attributes = for_dialect(&item.attributes, cx.dialect);
    if is_skipped(&attributes).map_err(one)? {
        return Ok(None);
    }
    let last = attributes.iter().rev().find(|attribute| attribute.is("comments"));
    let comments = last.map_or(Ok(false), |attribute| attribute.flag()).map_err(one)?;
    let mut problems = Vec::new();
    let mut columns = Vec::with_capacity(item.fields.len());
    for field in &item.fields {
        match column::draft(cx, file, field, comments) {
            Ok(draft) => columns.extend(draft),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(Some(Draft { attributes, columns })) } else { Err(problems) }
}

/// Marks the names that a struct gives to its table, indexes, keys and sequences as taken, so that no
/// name that is derived for another table of the schema is one of them.
pub(crate) fn reserve_given(
    item: &StructItem,
    dialect: Dialect,
    taken: &mut BTreeMap<Option<String>, NamePool>,
) {
    let own = for_dialect(&item.attributes, dialect);
    let (Ok(name), Ok(false)) = (table_name(item, dialect), is_skipped(&own)) else { return };
    let taken = taken.entry(name.schema).or_default();
    taken.reserve(&name.name);
    let fields = item.fields.iter().filter(|field| !field.attributes.is_empty());
    let of_fields = fields.map(|field| for_dialect(&field.attributes, dialect));
    let there = of_fields.filter(|attributes| is_skipped(attributes) == Ok(false));
    for attribute in there.chain([own]).flatten() {
        let word = match attribute.name.as_deref() {
            Some("primary_key" | "unique" | "exclude" | "index" | "sequence") => "name",
            Some("identity") => "sequence",
            _ => continue,
        };
        let items = for_dialect(attribute.items(), dialect);
        let given =
            items.iter().rev().find(|item| item.is(word)).and_then(|own| own.value.as_ref());
        match given {
            Some(given) if word == "sequence" => taken.reserve(&QualifiedName::parse(given).name),
            Some(given) => taken.reserve(given),
            None => continue,
        };
    }
}

/// Builds the table. `taken` holds the names that are unique in a schema: those of tables, indexes
/// and sequences.
pub(crate) fn build(
    cx: &Context<'_>,
    item: &StructItem,
    draft: &Draft<'_>,
    taken: &mut NamePool,
) -> Result<Built, Vec<ModelError>> {
    let Draft { attributes, columns } = draft;
    let mut builder = Builder::new(cx, item, taken).map_err(one)?;
    for attribute in attributes {
        builder.option(attribute).map_err(one)?;
    }
    builder.columns(columns).map_err(one)?;
    builder.strict_types().map_err(one)?;
    builder.constraints(attributes, columns).map_err(one)?;
    builder.indexes(attributes, columns)?;
    let Builder { cx, taken, mut built, .. } = builder;
    let table = &mut built.table;
    built.sequences = sequence::of_table(cx, table, attributes, columns, taken).map_err(one)?;
    Ok(built)
}

fn one(problem: ModelError) -> Vec<ModelError> {
    vec![problem]
}

struct Builder<'a> {
    cx: &'a Context<'a>,
    item: &'a StructItem,
    /// The names that are taken in the schema.
    taken: &'a mut NamePool,
    /// The names of this table's constraints.
    own: NamePool,
    built: Built,
}

impl<'a> Builder<'a> {
    fn new(
        cx: &'a Context<'a>,
        item: &'a StructItem,
        taken: &'a mut NamePool,
    ) -> Result<Self, ModelError> {
        let name = table_name(item, cx.dialect)?;
        if name.schema.is_some() && !cx.dialect.capabilities().schemas {
            return Err(ModelError::new(item.at, format!("{} has no schemas", cx.dialect))
                .help("say the name there: #[table(sqlite(schema = \"\", name = \"…\"))], or #[table(sqlite(skip))]"));
        }
        let built = Built {
            table: Table::new(name),
            at: item.at,
            sequences: Vec::new(),
            constraints_at: Vec::new(),
            indexes_at: Vec::new(),
            columns_at: Vec::new(),
            attributes_at: Vec::new(),
            hints: Hints::default(),
        };
        Ok(Self { cx, item, taken, own: NamePool::default(), built })
    }

    fn option(&mut self, attribute: &Attribute) -> Result<(), ModelError> {
        let table = &mut self.built.table;
        let name = attribute.name.as_deref().unwrap_or_default();
        let can = self.cx.dialect.capabilities();
        storage::of_table(table, attribute, self.cx.dialect)?;
        match name {
            "comment" if attribute.value.is_none() && attribute.list.is_none() => {
                table.comment.clone_from(&self.item.doc);
            }
            "comment" => table.comment = attribute.comment()?,
            "comments" if attribute.flag()? => table.comment.clone_from(&self.item.doc),
            "renamed_from" => table.renamed_from = Some(attribute.name()?.to_owned()),
            "strict" => {
                table.options.strict = attribute.flag()? && can.table_typing;
            }
            "without_rowid" => {
                table.options.without_rowid = attribute.flag()? && can.table_typing;
            }
            _ => {}
        }
        Ok(())
    }

    fn columns(&mut self, drafts: &[DraftColumn<'_>]) -> Result<(), ModelError> {
        self.built.table.columns.reserve_exact(drafts.len());
        for draft in drafts {
            if self.built.table.column(&draft.column.name).is_some() {
                let message = format!(
                    "table {} has two columns {}",
                    self.built.table.name, draft.column.name
                );
                return Err(ModelError::new(draft.at, message));
            }
            self.built.table.columns.push(draft.column.clone());
            self.built.columns_at.push(draft.at);
            self.built.attributes_at.push(draft.attributes_at.clone());
        }
        if drafts.is_empty() && !self.cx.dialect.capabilities().tables_without_columns {
            return Err(ModelError::new(
                self.item.at,
                format!("table {} has no column", self.built.table.name),
            ));
        }
        Ok(())
    }

    /// Checks the column types of a STRICT table, where SQLite permits only six type names. A
    /// boolean becomes an integer.
    fn strict_types(&mut self) -> Result<(), ModelError> {
        if !self.built.table.options.strict {
            return Ok(());
        }
        for (column, at) in self.built.table.columns.iter_mut().zip(&self.built.columns_at) {
            match column.sql_type.spelling() {
                "INT" | "INTEGER" | "REAL" | "TEXT" | "BLOB" | "ANY" => {}
                "BOOLEAN" => column.sql_type = self.cx.dialect.sql_type("INTEGER"),
                other => {
                    let message = format!("a STRICT table of SQLite has no type {other}");
                    return Err(ModelError::new(*at, message)
                        .help("name one of INTEGER, REAL, TEXT, BLOB, ANY: #[column(sqlite(type = \"TEXT\"))]"));
                }
            }
        }
        Ok(())
    }

    fn constraints(
        &mut self,
        attributes: &[&Attribute],
        drafts: &[DraftColumn<'_>],
    ) -> Result<(), ModelError> {
        let mut found = self.primary_key(attributes, drafts)?;
        let mut rest: Vec<DraftConstraint> = Vec::new();
        for draft in drafts {
            for attribute in &draft.extras {
                rest.extend(self.column_constraint(draft, attribute)?);
            }
            rest.extend(self.label_check(draft));
            if let Some(of_enum) = &draft.of_enum {
                let id = ObjectId::column(&self.built.table.name, draft.column.name.as_str());
                self.built.hints.add_enum(id, of_enum, draft.labels.is_some());
            }
        }
        for attribute in attributes {
            if matches!(
                attribute.name.as_deref(),
                Some("unique" | "foreign_key" | "check" | "exclude")
            ) {
                rest.extend(constraint::draft(attribute, self.cx.dialect, None)?);
            }
        }
        rest.sort_by_key(|draft| rank(&draft.kind));
        found.extend(rest);
        for draft in found.iter().filter(|draft| draft.name.is_some()) {
            self.reserve(draft)?;
        }
        self.built.table.constraints.reserve_exact(found.len());
        for draft in found {
            self.add_constraint(draft)?;
        }
        Ok(())
    }

    fn primary_key(
        &mut self,
        attributes: &[&Attribute],
        drafts: &[DraftColumn<'_>],
    ) -> Result<Vec<DraftConstraint>, ModelError> {
        let mut keys = Vec::new();
        for attribute in attributes.iter().filter(|a| a.is("primary_key")) {
            let mut draft = constraint::draft(attribute, self.cx.dialect, None);
            // `primary_key(name = "…")` names the key that the columns declare.
            let columns = || drafts.iter().filter(|d| d.primary_key).map(|d| d.column.name.clone());
            if draft.is_err() && columns().next().is_some() {
                let first = columns().next();
                draft = constraint::draft(attribute, self.cx.dialect, first.as_deref());
                if let Ok(Some(draft)) = &mut draft
                    && let ConstraintKind::PrimaryKey { columns: own, .. } = &mut draft.kind
                {
                    *own = columns().collect();
                    draft.of_column = None;
                }
            }
            keys.extend(draft?);
        }
        let columns: Vec<String> =
            drafts.iter().filter(|d| d.primary_key).map(|d| d.column.name.clone()).collect();
        if keys.is_empty() && !columns.is_empty() {
            let kind = ConstraintKind::primary_key(columns);
            keys.push(DraftConstraint::new(self.item.at, kind));
        }
        if let Some(second) = keys.get(1) {
            return Err(ModelError::new(second.at, "a table has one primary key"));
        }
        let named = keys.iter().flat_map(|key| key.kind.columns());
        let named: Vec<&String> = named.collect();
        if let Some(draft) =
            drafts.iter().find(|d| d.primary_key && !named.contains(&&d.column.name))
        {
            let message = format!(
                "column {} has `primary_key`, and the primary key of the table does not name it",
                draft.column.name
            );
            return Err(ModelError::new(draft.at, message));
        }
        for key in &keys {
            if let ConstraintKind::PrimaryKey { columns, .. } = &key.kind {
                let may = self.cx.dialect.key_may_be_null(&self.built.table, columns);
                for (column, draft) in self.built.table.columns.iter_mut().zip(drafts) {
                    column.nullable &=
                        !columns.contains(&column.name) || (may && draft.null_in_key);
                }
            }
        }
        self.check_identity(drafts, keys.first())?;
        Ok(keys)
    }

    /// Checks identity columns: SQLite numbers only a column that is the whole primary key.
    fn check_identity(
        &self,
        drafts: &[DraftColumn<'_>],
        key: Option<&DraftConstraint>,
    ) -> Result<(), ModelError> {
        if self.cx.dialect.capabilities().identity == IdentityColumns::Sequence {
            return Ok(());
        }
        for draft in drafts {
            let Some(at) = draft.identity.or(draft.serial) else { continue };
            let whole_key = key.is_some_and(|key| {
                matches!(&key.kind, ConstraintKind::PrimaryKey { columns, .. } if columns.as_slice() == std::slice::from_ref(&draft.column.name))
            });
            if !whole_key || draft.column.sql_type.spelling() != "INTEGER" {
                let message = format!(
                    "SQLite numbers only an integer that is the whole primary key, not {}",
                    draft.column.name
                );
                return Err(ModelError::new(at, message).help(
                    "put it in postgres(identity), and make the key another one in sqlite(…)",
                ));
            }
        }
        Ok(())
    }

    fn column_constraint(
        &self,
        draft: &DraftColumn<'_>,
        attribute: &Attribute,
    ) -> Result<Option<DraftConstraint>, ModelError> {
        let dialect = self.cx.dialect;
        let column = Some(draft.column.name.as_str());
        match attribute.name.as_deref() {
            Some("unique") if attribute.list.is_none() && !attribute.flag()? => Ok(None),
            Some("unique") => {
                let bare = Attribute { value: None, ..attribute.clone() };
                constraint::draft(&bare, dialect, column)
            }
            Some("check") => constraint::draft(attribute, dialect, column),
            Some("references") => {
                let mut list =
                    vec![Attribute { name: Some("references".to_owned()), ..attribute.clone() }];
                list.extend(draft.reference.iter().map(|a| {
                    let mut part = (*a).clone();
                    if part.is("constraint") {
                        part.name = Some("name".to_owned());
                    }
                    part
                }));
                let name = Some("foreign_key".to_owned());
                let key = Attribute { at: attribute.at, name, value: None, list: Some(list) };
                constraint::draft(&key, dialect, column)
            }
            _ => Ok(None),
        }
    }

    /// Returns a check that limits a column to the labels of an enum, if there are no enum types.
    fn label_check(&self, draft: &DraftColumn<'_>) -> Option<DraftConstraint> {
        let labels = &draft.labels.as_ref()?.labels;
        let list: Vec<String> = labels.iter().map(|label| self.cx.dialect.literal(label)).collect();
        let expression =
            format!("{} IN ({})", self.cx.dialect.quote(&draft.column.name), list.join(", "));
        let expression = SqlText::new(expression);
        let check = DraftConstraint::new(draft.at, ConstraintKind::check(expression));
        Some(DraftConstraint { of_column: Some(draft.column.name.clone()), ..check })
    }

    fn reserve(&mut self, draft: &DraftConstraint) -> Result<(), ModelError> {
        let Some(name) = &draft.name else { return Ok(()) };
        if !self.own.reserve(name) {
            let message = format!("table {} has two constraints {name}", self.built.table.name);
            return Err(ModelError::new(draft.at, message));
        }
        if has_index(&draft.kind) {
            self.taken.reserve(name);
        }
        Ok(())
    }

    fn add_constraint(&mut self, draft: DraftConstraint) -> Result<(), ModelError> {
        let name = draft.name.clone().unwrap_or_else(|| self.constraint_name(&draft));
        let mut constraint = Constraint::new(Some(name), draft.kind);
        let id = constraint.id(&self.built.table.name);
        self.built.hints.stated.extend(draft.name.map(|_| id.clone()));
        constraint.deferrable = draft.deferrable;
        constraint.comment = draft.comment;
        if let Some(from) = draft.renamed_from {
            self.built.hints.objects.insert(id, Hint::lasting(from));
        }
        constraint.index = draft.index;
        constraint.index_comment = draft.index_comment;
        self.built.table.constraints.push(constraint);
        self.built.constraints_at.push(draft.at);
        Ok(())
    }

    fn constraint_name(&mut self, draft: &DraftConstraint) -> String {
        let table = self.built.table.name.name.clone();
        let (columns, label) = match &draft.kind {
            ConstraintKind::PrimaryKey { .. } => (String::new(), ConstraintLabel::PrimaryKey),
            ConstraintKind::Unique { columns, .. } => (columns.join("_"), ConstraintLabel::Unique),
            ConstraintKind::ForeignKey(key) => (key.columns.join("_"), ConstraintLabel::ForeignKey),
            ConstraintKind::Check { expression, .. } => {
                let names = self.built.table.columns.iter().map(|column| column.name.as_str());
                let read = name_columns(&expression.written, names, self.cx.dialect);
                let column = match (&draft.of_column, read.as_slice()) {
                    (_, [one]) => (*one).to_owned(),
                    (Some(column), []) => column.clone(),
                    _ => String::new(),
                };
                (column, ConstraintLabel::Check)
            }
            ConstraintKind::Exclusion { .. } => (String::new(), ConstraintLabel::Exclusion),
        };
        let pool = if has_index(&draft.kind) { &mut *self.taken } else { &mut self.own };
        pool.choose(&table, &columns, label)
    }

    fn indexes(
        &mut self,
        attributes: &[&Attribute],
        drafts: &[DraftColumn<'_>],
    ) -> Result<(), Vec<ModelError>> {
        let mut found: Vec<DraftIndex> = Vec::new();
        for draft in drafts {
            for attribute in draft.extras.iter().filter(|a| a.is("index")) {
                if attribute.list.is_none() && !attribute.flag().map_err(one)? {
                    continue;
                }
                let name = Some(draft.column.name.as_str());
                found.extend(index::draft(attribute, self.cx.dialect, name).map_err(one)?);
            }
        }
        for attribute in attributes.iter().filter(|a| a.is("index")) {
            found.extend(index::draft(attribute, self.cx.dialect, None).map_err(one)?);
        }
        let mut given = NamePool::default();
        for draft in &found {
            if let Some(name) = &draft.name
                && !given.reserve(name)
            {
                let message = format!("table {} has two indexes {name}", self.built.table.name);
                return Err(one(ModelError::new(draft.at, message)));
            }
        }
        self.built.table.indexes.reserve_exact(found.len());
        for draft in found {
            let mut index = draft.index;
            index.name = draft.name.unwrap_or_else(|| {
                let mut parts: Vec<String> = index.keys.iter().map(key_word).collect();
                parts.extend(index.include.iter().cloned());
                let columns = index_name_columns(&parts);
                self.taken.choose(&self.built.table.name.name, &columns, ConstraintLabel::Index)
            });
            if let Some(from) = draft.renamed_from {
                let id = index.id(&self.built.table.name);
                self.built.hints.objects.insert(id, Hint::lasting(from));
            }
            self.built.table.indexes.push(index);
            self.built.indexes_at.push(draft.at);
        }
        Ok(())
    }
}

/// Returns the table's name: that of the attributes, or the plural of the struct's name.
pub(crate) fn table_name(item: &StructItem, dialect: Dialect) -> Result<QualifiedName, ModelError> {
    let (mut name, mut schema) = (case::plural(&case::snake_case(&item.name)), None);
    for attribute in for_dialect(&item.attributes, dialect) {
        match attribute.name.as_deref() {
            Some("name") => attribute.name()?.clone_into(&mut name),
            Some("schema") => schema = Some(attribute.text()?.to_owned()),
            _ => {}
        }
    }
    Ok(QualifiedName::new(schema.filter(|schema| !schema.is_empty()), name))
}

fn rank(kind: &ConstraintKind) -> u8 {
    match kind {
        ConstraintKind::PrimaryKey { .. } => 0,
        ConstraintKind::Unique { .. } => 1,
        ConstraintKind::ForeignKey(_) => 2,
        ConstraintKind::Check { .. } => 3,
        ConstraintKind::Exclusion { .. } => 4,
    }
}

/// Returns true if a constraint has an index. Both share a name, which is unique in the schema.
fn has_index(kind: &ConstraintKind) -> bool {
    matches!(
        kind,
        ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. }
    )
}

/// Returns the part of an index's name that stands for a key.
fn key_word(key: &IndexKey) -> String {
    match &key.part {
        KeyPart::Column(name) => name.clone(),
        KeyPart::Expression(text) => expression_label(&text.written),
    }
}
