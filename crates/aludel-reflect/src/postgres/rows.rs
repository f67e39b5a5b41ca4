//! The rows of the catalogues that describe tables, as the queries of this folder give them.

use aludel_driver::{Row, RowError};
use aludel_schema::{Action, Deferrable, Parameters, QualifiedName};

use crate::array;

/// A row of `pg_class` for a table or a sequence.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) name: QualifiedName,
    pub(super) is_sequence: bool,
    pub(super) unlogged: bool,
    pub(super) options: Parameters,
    pub(super) partition_key: Option<String>,
    pub(super) comment: Option<String>,
}

impl Relation {
    /// `schema` is the schema as names state it.
    pub(super) fn read(row: &Row, schema: Option<String>) -> Result<Self, RowError> {
        Ok(Self {
            name: QualifiedName::new(schema, row.text("relname")?),
            is_sequence: row.text("relkind")? == "S",
            unlogged: row.text("relpersistence")? == "u",
            options: array::options(row, "reloptions")?,
            partition_key: row.optional("partition_key")?.map(str::to_owned),
            comment: row.optional("comment")?.map(str::to_owned),
        })
    }
}

/// A row of `pg_attribute`, joined with the default, the comment and other properties.
#[derive(Debug)]
pub(super) struct ColumnRow {
    pub(super) number: i64,
    pub(super) name: Box<str>,
    /// The oid and the modifier of the type.
    pub(super) sql_type: (i64, i64),
    pub(super) not_null: bool,
    /// `a` for ALWAYS, `d` for BY DEFAULT; empty if the column has no identity.
    pub(super) identity: Option<char>,
    /// `s` for STORED, `v` for VIRTUAL; empty if the column is not generated.
    pub(super) generated: Option<char>,
    pub(super) collation: i64,
    pub(super) collation_name: Option<Box<str>>,
    pub(super) expression: Option<Box<str>>,
    pub(super) comment: Option<Box<str>>,
    /// True if the column has a storage, a compression or options of its own.
    pub(super) has_storage: bool,
}

impl ColumnRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let letter = |column| row.text(column).map(|text| text.chars().next());
        let text = |column| row.optional(column).map(|text| text.map(Into::into));
        Ok(Self {
            number: row.number("attnum")?,
            name: row.text("attname")?.into(),
            sql_type: (row.number("atttypid")?, row.number("atttypmod")?),
            not_null: row.flag("attnotnull")?,
            identity: letter("attidentity")?,
            generated: letter("attgenerated")?,
            collation: row.number("attcollation")?,
            collation_name: text("collation_name")?,
            expression: text("expression")?,
            comment: text("comment")?,
            has_storage: row.flag("has_storage")?,
        })
    }
}

/// A row of `pg_constraint`.
#[derive(Debug)]
pub(super) struct ConstraintRow {
    pub(super) name: String,
    pub(super) kind: char,
    pub(super) deferrable: Deferrable,
    pub(super) validated: bool,
    /// The index of the constraint, or for a foreign key the index of the referenced key.
    pub(super) index: i64,
    pub(super) references: i64,
    pub(super) on_update: Action,
    pub(super) on_delete: Action,
    pub(super) match_full: bool,
    pub(super) columns: Vec<i64>,
    pub(super) referenced_columns: Vec<i64>,
    pub(super) no_inherit: bool,
    pub(super) definition: Option<String>,
}

impl ConstraintRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let deferrable = match (row.flag("condeferrable")?, row.flag("condeferred")?) {
            (false, _) => Deferrable::No,
            (true, false) => Deferrable::InitiallyImmediate,
            (true, true) => Deferrable::InitiallyDeferred,
        };
        Ok(Self {
            name: row.text("conname")?.to_owned(),
            kind: row.text("contype")?.chars().next().unwrap_or(' '),
            deferrable,
            validated: row.flag("convalidated")?,
            index: row.number("conindid")?,
            references: row.number("confrelid")?,
            on_update: action(row, "confupdtype")?,
            on_delete: action(row, "confdeltype")?,
            match_full: row.text("confmatchtype")? == "f",
            columns: array::numbers(row, "conkey")?,
            referenced_columns: array::numbers(row, "confkey")?,
            no_inherit: row.flag("connoinherit")?,
            definition: row.optional("definition")?.map(str::to_owned),
        })
    }

    pub(super) fn definition(&self) -> Result<&str, RowError> {
        let definition = self.definition.as_deref();
        definition.ok_or_else(|| array::error("definition", "expected a value, found NULL"))
    }
}

/// Decodes an action of `pg_constraint`. A space means that the constraint is not a foreign key.
fn action(row: &Row, column: &str) -> Result<Action, RowError> {
    match row.text(column)? {
        "a" | " " | "" => Ok(Action::NoAction),
        "r" => Ok(Action::Restrict),
        "c" => Ok(Action::Cascade),
        "n" => Ok(Action::SetNull),
        "d" => Ok(Action::SetDefault),
        _ => Err(array::error(column, "expected an action of a foreign key")),
    }
}

/// A row of `pg_index`.
#[derive(Debug)]
pub(super) struct IndexRow {
    pub(super) oid: i64,
    pub(super) name: String,
    pub(super) method: String,
    pub(super) unique: bool,
    pub(super) is_valid: bool,
    pub(super) key_count: usize,
    /// The numbers of the columns. 0 stands for an expression.
    pub(super) columns: Vec<i64>,
    pub(super) opclasses: Vec<i64>,
    pub(super) options: Vec<i64>,
    pub(super) collations: Vec<i64>,
    pub(super) predicate: Option<String>,
    /// The definition of each key; empty if no key is an expression.
    pub(super) expressions: Vec<String>,
    pub(super) with: Parameters,
    pub(super) comment: Option<String>,
    pub(super) nulls_not_distinct: bool,
}

impl IndexRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let count = row.number("indnkeyatts")?;
        Ok(Self {
            oid: row.number("indexrelid")?,
            name: row.text("name")?.to_owned(),
            method: row.text("amname")?.to_owned(),
            unique: row.flag("indisunique")?,
            is_valid: row.flag("is_valid")?,
            key_count: usize::try_from(count)
                .map_err(|_| array::error("indnkeyatts", "expected a count"))?,
            columns: array::numbers(row, "indkey")?,
            opclasses: array::numbers(row, "indclass")?,
            options: array::numbers(row, "indoption")?,
            collations: array::numbers(row, "indcollation")?,
            predicate: row.optional("predicate")?.map(str::to_owned),
            expressions: array::texts(row, "expressions")?,
            with: array::options(row, "reloptions")?,
            comment: row.optional("comment")?.map(str::to_owned),
            nulls_not_distinct: row.flag("nulls_not_distinct")?,
        })
    }
}
