//! The third room: metadata to source, for a database that has no models yet.

mod definition;
mod sequence;
mod storage;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use aludel_dialect::{Dialect, IdentityColumns, name_columns};
use aludel_schema::{
    Action, Column, Constraint, ConstraintKind, Deferrable, EnumType, ForeignKey, Index, IndexKey,
    KeyPart, Metadata, Nulls, Parameters, QualifiedName, Table, index_name_columns, object_name,
    path_part,
};

use crate::case;
use crate::case::pascal_case;
use crate::notation::NOTATION;

use sequence::{identity_item, is_serial, sequence_item, usual_sequence};

pub use definition::{ObjectFile, object_files};

/// The maximal width of an attribute on a single line, in characters.
const WIDTH: usize = 98;

/// Returns the source of models that declare `metadata`, in the layout of rustfmt.
pub fn rust_source(metadata: &Metadata, dialect: Dialect) -> String {
    let writer = Writer::new(metadata, dialect);
    let mut out = String::from("use aludel::{Enum, Table};\n");
    out.push_str(&writer.database());
    for enum_type in metadata.enums.values() {
        out.push_str(&writer.enum_type(enum_type));
    }
    for table in metadata.tables.values() {
        out.push_str(&writer.table(table));
    }
    if metadata.enums.is_empty() {
        out = out.replacen("{Enum, Table}", "Table", 1);
    }
    out
}

struct Writer<'a> {
    metadata: &'a Metadata,
    dialect: Dialect,
    structs: BTreeMap<&'a QualifiedName, String>,
    enums: BTreeMap<&'a QualifiedName, String>,
}

impl<'a> Writer<'a> {
    fn new(metadata: &'a Metadata, dialect: Dialect) -> Self {
        let mut taken = BTreeSet::from([
            "Enum".to_owned(),
            "Table".to_owned(),
            "Option".to_owned(),
            "String".to_owned(),
            "Vec".to_owned(),
        ]);
        let enums = metadata
            .enums
            .keys()
            .map(|n| (n, free(&pascal_case(&n.name), n, &mut taken)))
            .collect();
        let structs = metadata
            .tables
            .keys()
            .map(|n| (n, free(&pascal_case(&case::singular(&n.name)), n, &mut taken)))
            .collect();
        Self { metadata, dialect, structs, enums }
    }

    /// Returns the `database!` call with extensions, schemas, and sequences that no column owns.
    fn database(&self) -> String {
        let mut items = Vec::new();
        for extension in self.metadata.extensions.values() {
            let schema =
                extension.schema.as_ref().map(|s| format!(", schema = {s:?}")).unwrap_or_default();
            items.push(format!("extension({:?}{schema})", extension.name));
        }
        for schema in &self.metadata.schemas {
            items.push(format!("schema({schema:?})"));
        }
        for sequence in self.metadata.sequences.values().filter(|s| s.owned_by.is_none()) {
            items.push(sequence_item(sequence, &sequence.name.to_string()));
        }
        if items.is_empty() {
            return String::new();
        }
        format!("\naludel::database! {{\n    {},\n}}\n", items.join(",\n    "))
    }

    fn enum_type(&self, enum_type: &EnumType) -> String {
        let name = &self.enums[&enum_type.name];
        let mut attributes = Vec::new();
        if case::snake_case(name) != enum_type.name.name {
            attributes.push(format!("name = {:?}", enum_type.name.name));
        }
        if let Some(schema) = &enum_type.name.schema {
            attributes.push(format!("schema = {schema:?}"));
        }
        let (rule, variants) = variants(&enum_type.labels);
        if rule != "snake_case" {
            attributes.push(format!("rename_all = {rule:?}"));
        }
        if let Some(comment) = &enum_type.comment {
            attributes.push(format!("comment = {comment:?}"));
        }
        let mut out = String::from("\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]\n");
        if !attributes.is_empty() {
            out.push_str(&attribute_line("enum_type", &attributes, ""));
        }
        let _ = writeln!(out, "pub enum {name} {{");
        for (variant, label) in variants.iter().zip(&enum_type.labels) {
            if case::labels(rule, variant).as_ref() != Some(label) {
                let _ = writeln!(out, "    #[label({label:?})]");
            }
            let _ = writeln!(out, "    {variant},");
        }
        out.push_str("}\n");
        out
    }

    fn table(&self, table: &Table) -> String {
        let name = &self.structs[&table.name];
        let mut out = String::from("\n#[derive(Clone, Debug, Table)]\n");
        for attributes in self.table_attributes(table, name) {
            out.push_str(&attribute_line("table", &attributes, ""));
        }
        let _ = writeln!(out, "pub struct {name} {{");
        let mut fields = BTreeSet::new();
        for column in &table.columns {
            let field = free_field(&column.name, &mut fields);
            let (rust_type, attributes) = self.column(table, column, &field);
            if !attributes.is_empty() {
                out.push_str(&attribute_line("column", &attributes, "    "));
            }
            let raw = if case::is_keyword(&field) { "r#" } else { "" };
            let _ = writeln!(out, "    pub {raw}{field}: {rust_type},");
        }
        out.push_str("}\n");
        out
    }

    fn table_attributes(&self, table: &Table, name: &str) -> Vec<Vec<String>> {
        let mut lines = Vec::new();
        let mut first = Vec::new();
        if case::plural(&case::snake_case(name)) != table.name.name {
            first.push(format!("name = {:?}", table.name.name));
        }
        if let Some(schema) = &table.name.schema {
            first.push(format!("schema = {schema:?}"));
        }
        if let Some(comment) = &table.comment {
            first.push(format!("comment = {comment:?}"));
        }
        for (set, word) in [
            (table.options.unlogged, "unlogged"),
            (table.options.strict, "strict"),
            (table.options.without_rowid, "without_rowid"),
        ] {
            if set {
                first.push(word.to_owned());
            }
        }
        if let Some(key) = &table.options.partition_by {
            first.push(format!("partition_by = {:?}", key.written));
        }
        first.extend(storage::of_table(table));
        if !first.is_empty() {
            lines.push(first);
        }
        lines.extend(
            table.constraints.iter().filter_map(|c| self.constraint(table, c)).map(|c| vec![c]),
        );
        lines.extend(table.indexes.iter().map(|i| vec![self.index(table, i)]));
        lines.extend(
            self.metadata
                .sequences
                .values()
                .filter(|s| s.owned_by.as_ref().is_some_and(|owner| owner.table == table.name))
                .filter(|s| !table.columns.iter().any(|c| is_serial(table, c, s, self.dialect)))
                .map(|s| vec![sequence_item(s, &s.name.name)]),
        );
        lines
    }

    fn column(&self, table: &Table, column: &Column, field: &str) -> (String, Vec<String>) {
        let mut attributes = Vec::new();
        if field != column.name {
            attributes.push(format!("name = {:?}", column.name));
        }
        let (rust_type, said) = self.rust_type(column);
        attributes.extend(said);
        let key =
            table.constraints.iter().find(|c| matches!(c.kind, ConstraintKind::PrimaryKey { .. }));
        if key.is_some_and(|key| {
            key.columns() == [column.name.clone()] && self.is_plain_key(table, key)
        }) {
            attributes.push("primary_key".to_owned());
        }
        if column.nullable && table.primary_key().contains(&column.name) {
            attributes.push(format!("{}(nullable)", self.dialect.name()));
        }
        let numbers = self.dialect.capabilities().identity;
        let sequence = self.metadata.sequences.get(&usual_sequence(table, column));
        let serial = sequence.is_some_and(|own| is_serial(table, column, own, self.dialect));
        match (&column.generated, &column.identity, &column.default) {
            (Some(generated), ..) => {
                attributes.push(format!("generated = {:?}", generated.expression.written));
                attributes.extend((!generated.stored).then(|| "virtual".to_owned()));
            }
            (_, Some(_), _) if numbers == IdentityColumns::AutoIncrement => {
                attributes.push("autoincrement".to_owned());
            }
            (_, Some(identity), _) => attributes.push(identity_item(identity)),
            _ if serial => attributes.push("serial".to_owned()),
            (.., Some(default)) => attributes.push(format!("default = {:?}", default.written)),
            _ => {}
        }
        if let Some(collation) = &column.collation {
            attributes.push(format!("collate = {collation:?}"));
        }
        attributes.extend(storage::of_column(column));
        if let Some(comment) = &column.comment {
            attributes.push(format!("comment = {comment:?}"));
        }
        let may_be_null = column.nullable || column.may_still_be_null();
        let rust_type = if may_be_null { format!("Option<{rust_type}>") } else { rust_type };
        (rust_type, attributes)
    }

    /// Returns the Rust type, and a `type = …` if the Rust type does not imply the SQL type.
    fn rust_type(&self, column: &Column) -> (String, Option<String>) {
        let sql = column.sql_type.spelling();
        let element = sql.trim_end_matches("[]");
        let by_enum = self.enums.iter().find(|(name, _)| self.dialect.quote_name(name) == element);
        let (rust, exact) = match by_enum {
            Some((_, name)) => (name.clone(), true),
            None => match known_rust_type(element, self.dialect) {
                Some(known) => (known.rust.to_owned(), known.is_exact),
                None => ("String".to_owned(), false),
            },
        };
        let is_array = sql.ends_with("[]");
        let rust = if is_array { format!("Vec<{rust}>") } else { rust };
        let said = match self.dialect {
            _ if exact => None,
            NOTATION => Some(format!("type = {sql:?}")),
            other => Some(format!("{}(type = {sql:?})", other.name())),
        };
        (rust, said)
    }

    /// Returns true if `primary_key` at the column expresses all of the primary key.
    fn is_plain_key(&self, table: &Table, key: &Constraint) -> bool {
        let ConstraintKind::PrimaryKey { columns, .. } = &key.kind else { return false };
        let plain = Constraint::new(key.name.clone(), ConstraintKind::primary_key(columns.clone()));
        columns.len() == 1
            && *key == plain
            && key
                .name
                .as_ref()
                .is_none_or(|name| *name == object_name(&table.name.name, "", "pkey"))
    }

    fn constraint(&self, table: &Table, constraint: &Constraint) -> Option<String> {
        if self.is_plain_key(table, constraint) {
            return None;
        }
        let short = &table.name.name;
        let mut parts: Vec<String> = constraint.columns().iter().map(|name| word(name)).collect();
        let (what, usual) = match &constraint.kind {
            ConstraintKind::PrimaryKey { include, without_overlaps, .. } => {
                parts.extend(include_item(include));
                parts.extend(without_overlaps.then(|| "without_overlaps".to_owned()));
                ("primary_key", object_name(short, "", "pkey"))
            }
            ConstraintKind::Unique { columns, include, nulls_not_distinct, without_overlaps } => {
                parts.extend(include_item(include));
                parts.extend(without_overlaps.then(|| "without_overlaps".to_owned()));
                parts.extend(nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
                ("unique", object_name(short, &columns.join("_"), "key"))
            }
            ConstraintKind::ForeignKey(key) => {
                parts.push(format!("references = {:?}", reference(key)));
                for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
                    if action != Action::NoAction {
                        parts.push(format!("{word} = {:?}", action.as_sql().to_lowercase()));
                    }
                }
                if !key.set_columns.is_empty() {
                    parts.push(format!("set_columns({})", words(&key.set_columns)));
                }
                parts.extend(key.match_full.then(|| "match_full".to_owned()));
                parts.extend(key.period.then(|| "temporal".to_owned()));
                ("foreign_key", object_name(short, &key.columns.join("_"), "fkey"))
            }
            ConstraintKind::Check { expression, no_inherit, .. } => {
                parts.push(format!("{:?}", expression.written));
                parts.extend(no_inherit.then(|| "no_inherit".to_owned()));
                let names = table.columns.iter().map(|column| column.name.as_str());
                let read = name_columns(&expression.written, names, self.dialect);
                let column = if let [one] = read.as_slice() { one } else { "" };
                ("check", object_name(short, column, "check"))
            }
            ConstraintKind::Exclusion { definition } => {
                parts.push(format!("{:?}", definition.written));
                ("exclude", object_name(short, "", "excl"))
            }
        };
        if let Some(name) = constraint.name.as_ref().filter(|name| **name != usual) {
            parts.push(format!("name = {name:?}"));
        }
        match constraint.deferrable {
            Deferrable::No => {}
            Deferrable::InitiallyImmediate => parts.push("deferrable".to_owned()),
            Deferrable::InitiallyDeferred => parts.push("initially_deferred".to_owned()),
        }
        parts.extend(storage::of_constraint(constraint));
        Some(format!("{what}({})", parts.join(", ")))
    }

    fn index(&self, table: &Table, index: &Index) -> String {
        let target = |at: usize| index.settings.statistics.get(&u16::try_from(at + 1).ok()?);
        let keys = index.keys.iter().enumerate();
        let mut parts: Vec<String> = keys.map(|(at, key)| index_key(key, target(at))).collect();
        let columns: Vec<String> = index.columns().map(str::to_owned).collect();
        let only_columns = index.keys.iter().all(|key| matches!(key.part, KeyPart::Column(_)));
        let usual = object_name(&table.name.name, &index_name_columns(&columns), "idx");
        if !only_columns || index.name != usual {
            parts.push(format!("name = {:?}", index.name));
        }
        parts.extend(index.unique.then(|| "unique".to_owned()));
        if index.method != "btree" {
            parts.push(format!("using = {:?}", index.method));
        }
        parts.extend(include_item(&index.include));
        parts.extend(index.nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
        parts.extend(storage::of_index(&index.settings));
        if let Some(predicate) = &index.predicate {
            parts.push(format!("where = {:?}", predicate.written));
        }
        if let Some(comment) = &index.comment {
            parts.push(format!("comment = {comment:?}"));
        }
        format!("index({})", parts.join(", "))
    }
}

fn index_key(key: &IndexKey, statistics: Option<&i64>) -> String {
    let mut parts = Vec::new();
    match &key.part {
        KeyPart::Column(name) if word(name).starts_with('"') => {
            parts.push(format!("column = {name:?}"));
        }
        KeyPart::Column(name) => parts.push(name.clone()),
        KeyPart::Expression(text) => parts.push(format!("{:?}", text.written)),
    }
    let bare = !parts[0].starts_with("column = ");
    parts.extend(key.descending.then(|| "desc".to_owned()));
    parts.extend(key.nulls.map(|nulls| match nulls {
        Nulls::First => "nulls = \"first\"".to_owned(),
        Nulls::Last => "nulls = \"last\"".to_owned(),
    }));
    parts.extend(key.collation.as_ref().map(|c| format!("collate = {c:?}")));
    parts.extend(key.opclass.as_ref().map(|o| format!("opclass = {o:?}")));
    if !key.opclass_options.is_empty() {
        parts.push(format!("options({})", parameters(&key.opclass_options)));
    }
    parts.extend(statistics.map(|target| format!("statistics = {target}")));
    if parts.len() == 1 && bare { parts.remove(0) } else { format!("key({})", parts.join(", ")) }
}

fn include_item(include: &[String]) -> Option<String> {
    (!include.is_empty()).then(|| format!("include({})", words(include)))
}

fn parameters(parameters: &Parameters) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
    pairs.join(", ")
}

/// Returns a name as a word of an attribute, or as a string if it can't be a word.
fn word(name: &str) -> String {
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && ![
            "skip",
            "unique",
            "deferrable",
            "initially_deferred",
            "nulls_not_distinct",
            "true",
            "false",
            "match_full",
            "not_valid",
            "not_enforced",
            "no_inherit",
            "without_overlaps",
            "temporal",
            "desc",
            "asc",
        ]
        .contains(&name)
        && name != "_"
        && !name.is_empty();
    if is_word { name.to_owned() } else { format!("{name:?}") }
}

fn words(names: &[String]) -> String {
    let words: Vec<String> = names.iter().map(|name| word(name)).collect();
    words.join(", ")
}

/// Returns the attribute on one line if it fits, else with one element on each line.
fn attribute_line(name: &str, parts: &[String], indent: &str) -> String {
    let line = format!("{indent}#[{name}({})]\n", parts.join(", "));
    if line.chars().count() <= WIDTH || parts.len() < 2 {
        return line;
    }
    let separator = format!(",\n{indent}    ");
    format!("{indent}#[{name}(\n{indent}    {}\n{indent})]\n", parts.join(&separator))
}

/// A Rust type. It is exact if it implies the SQL type by itself.
struct RustType {
    rust: &'static str,
    is_exact: bool,
}

/// Returns the Rust type for a SQL type; `None` if no type is known for its name.
fn known_rust_type(sql: &str, dialect: Dialect) -> Option<RustType> {
    const TYPES: &[(&str, &str)] = &[
        ("boolean", "bool"),
        ("smallint", "i16"),
        ("integer", "i32"),
        ("bigint", "i64"),
        ("real", "f32"),
        ("double precision", "f64"),
        ("numeric", "rust_decimal::Decimal"),
        ("text", "String"),
        ("bytea", "Vec<u8>"),
        ("uuid", "uuid::Uuid"),
        ("timestamp with time zone", "chrono::DateTime<chrono::Utc>"),
        ("timestamp without time zone", "chrono::NaiveDateTime"),
        ("date", "chrono::NaiveDate"),
        ("time without time zone", "chrono::NaiveTime"),
        ("jsonb", "serde_json::Value"),
        ("json", "serde_json::Value"),
        ("inet", "std::net::IpAddr"),
        ("vector", "pgvector::Vector"),
        ("halfvec", "pgvector::HalfVector"),
        ("sparsevec", "pgvector::SparseVector"),
    ];
    let said = dialect.notation_type(sql)?;
    let base = said.split_once('(').map_or(said.as_ref(), |(base, _)| base).trim();
    let (name, rust) = TYPES.iter().find(|(name, _)| *name == said || *name == base)?;
    // `serde_json::Value` implies jsonb.
    let meant = if *name == "json" { "jsonb" } else { name };
    let is_exact = dialect.portable_type(meant).is_some_and(|meant| meant == sql);
    Some(RustType { rust, is_exact })
}

fn variants(labels: &[String]) -> (&'static str, Vec<String>) {
    let mut taken = BTreeSet::new();
    let variants: Vec<String> = labels
        .iter()
        .map(|label| {
            let mut name = pascal_case(label);
            let mut number = 1;
            while name == "Self" || !taken.insert(name.clone()) {
                number += 1;
                name = format!("{}{number}", pascal_case(label));
            }
            name
        })
        .collect();
    let rules = [
        "snake_case",
        "SCREAMING_SNAKE_CASE",
        "lowercase",
        "UPPERCASE",
        "PascalCase",
        "kebab-case",
    ];
    let fits = |rule: &str| {
        variants
            .iter()
            .zip(labels)
            .all(|(variant, label)| case::labels(rule, variant).as_ref() == Some(label))
    };
    (rules.into_iter().find(|rule| fits(rule)).unwrap_or("snake_case"), variants)
}

/// Returns a free type name: the name itself, one with its schema in front, or a numbered one.
fn free(name: &str, of: &QualifiedName, taken: &mut BTreeSet<String>) -> String {
    let with_schema = of.schema.as_ref().map(|schema| format!("{}{name}", pascal_case(schema)));
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned())
        .chain(with_schema)
        .chain(numbered)
        .find(|name| taken.insert(name.clone()))
        .unwrap_or_default()
}

/// Returns a free field name for a column: the column's own name where Rust permits that.
fn free_field(column: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name: String = column
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' })
        .collect();
    if ["self", "Self", "super", "crate", "_", ""].contains(&name.as_str())
        || name.starts_with(|c: char| c.is_ascii_digit())
    {
        name = format!("_{name}");
    }
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// Returns the columns that a foreign key refers to, as `references` has them.
fn reference(key: &ForeignKey) -> String {
    let columns: Vec<_> = key.referenced_columns.iter().map(|name| path_part(name)).collect();
    format!("{}({})", key.references.dotted(), columns.join(", "))
}
