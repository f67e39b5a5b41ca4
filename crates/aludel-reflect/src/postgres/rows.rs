//! The rows of the catalogues that describe tables, as the queries of this folder give them.

use aludel_driver::{Row, RowError};
use aludel_schema::{Action, ColumnStorage, Deferrable, Kind, Parameters, QualifiedName, Validity};

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
    pub(super) parents: Vec<i64>,
    pub(super) of_type: Option<QualifiedName>,
    pub(super) tablespace: Option<String>,
    pub(super) access_method: Option<String>,
    pub(super) row_security: bool,
    pub(super) force_row_security: bool,
    /// `d` for the primary key, `f` for all columns, `n` for nothing, `i` for an index.
    pub(super) replica_identity: char,
}

impl Relation {
    /// `schema` and `type_schema` are the schemas of the relation and of its type as names state
    /// them.
    pub(super) fn read(
        row: &Row,
        schema: Option<String>,
        type_schema: Option<String>,
    ) -> Result<Self, RowError> {
        let own = array::options(row, "reloptions")?;
        let toast = array::options(row, "toast_options")?;
        let own = own.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let toast = toast.iter().map(|(name, value)| (format!("toast.{name}"), value.to_owned()));
        Ok(Self {
            name: QualifiedName::new(schema, row.text("relname")?),
            is_sequence: row.text("relkind")? == "S",
            unlogged: row.text("relpersistence")? == "u",
            options: own.chain(toast).collect(),
            partition_key: row.optional("partition_key")?.map(str::to_owned),
            comment: row.optional("comment")?.map(str::to_owned),
            parents: array::numbers(row, "parents")?,
            of_type: row.optional("typname")?.map(|name| QualifiedName::new(type_schema, name)),
            tablespace: row.optional("spcname")?.map(str::to_owned),
            access_method: row.optional("amname")?.map(str::to_owned),
            row_security: row.flag("relrowsecurity")?,
            force_row_security: row.flag("relforcerowsecurity")?,
            replica_identity: row.text("relreplident")?.chars().next().unwrap_or('d'),
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
    /// True if the column is only there because another table has it.
    pub(super) inherited: bool,
    pub(super) storage: Option<Box<ColumnStorage>>,
}

impl ColumnRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let letter = |column| row.text(column).map(|text| text.chars().next());
        let text = |column| row.optional(column).map(|text| text.map(Into::into));
        let (inherited, storage) = rare(row)?;
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
            inherited,
            storage,
        })
    }
}

/// Reads the properties of a column that few columns have: whether it is inherited, and its storage.
fn rare(row: &Row) -> Result<(bool, Option<Box<ColumnStorage>>), RowError> {
    let parts = array::texts(row, "rare")?;
    let [inherited, mode, compression, statistics, options @ ..] = parts.as_slice() else {
        return Ok((false, None));
    };
    let mode = match mode.as_str() {
        "" => None,
        "p" => Some("plain"),
        "e" => Some("external"),
        "x" => Some("extended"),
        "m" => Some("main"),
        _ => return Err(array::error("rare", "names no storage mode")),
    };
    let compression = match compression.as_str() {
        "" => None,
        "p" => Some("pglz"),
        "l" => Some("lz4"),
        _ => return Err(array::error("rare", "names no compression method")),
    };
    let statistics: i64 =
        statistics.parse().map_err(|_| array::error("rare", "expected a statistics target"))?;
    let storage = ColumnStorage {
        mode: mode.map(str::to_owned),
        compression: compression.map(str::to_owned),
        statistics: Some(statistics).filter(|target| *target >= 0),
        options: array::pairs("rare", options)?,
    };
    let storage = Some(storage).filter(|storage| *storage != ColumnStorage::default());
    Ok((!inherited.is_empty(), storage.map(Box::new)))
}

/// A row of `pg_constraint` for a NOT NULL constraint.
#[derive(Debug)]
pub(super) struct NotNullRow {
    /// The number of the column.
    pub(super) number: i64,
    pub(super) name: Box<str>,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
    /// True unless the table has the constraint from another one alone.
    pub(super) is_own: bool,
    /// True if the table has it from another one, under another name than there.
    pub(super) is_apart: bool,
    pub(super) comment: Option<Box<str>>,
}

impl NotNullRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        Ok(Self {
            number: row.number("number")?,
            name: row.text("conname")?.into(),
            not_valid: row.flag("not_valid")?,
            no_inherit: row.flag("connoinherit")?,
            is_own: row.flag("is_own")?,
            is_apart: row.optional("is_apart")? == Some("t"),
            comment: row.optional("comment")?.map(Into::into),
        })
    }
}

/// A row of `pg_constraint`.
#[derive(Debug)]
pub(super) struct ConstraintRow {
    pub(super) oid: i64,
    pub(super) name: String,
    pub(super) kind: char,
    pub(super) deferrable: Deferrable,
    pub(super) validity: Validity,
    /// True for `WITHOUT OVERLAPS` and `PERIOD`.
    pub(super) period: bool,
    /// The index of the constraint, or for a foreign key the index of the referenced key.
    pub(super) index: i64,
    pub(super) references: i64,
    pub(super) on_update: Action,
    pub(super) on_delete: Action,
    pub(super) match_full: bool,
    pub(super) columns: Vec<i64>,
    pub(super) referenced_columns: Vec<i64>,
    /// The schema, the name and the columns of a partition that a foreign key refers to.
    pub(super) partition: Vec<String>,
    pub(super) no_inherit: bool,
    pub(super) definition: Option<String>,
    pub(super) comment: Option<String>,
}

impl ConstraintRow {
    pub(super) fn read(row: &Row) -> Result<Self, RowError> {
        let deferrable = match (row.flag("condeferrable")?, row.flag("condeferred")?) {
            (false, _) => Deferrable::No,
            (true, false) => Deferrable::InitiallyImmediate,
            (true, true) => Deferrable::InitiallyDeferred,
        };
        let validity = match row.text("validity")? {
            "valid" => Validity::Valid,
            "not valid" => Validity::NotValid,
            _ => Validity::NotEnforced,
        };
        Ok(Self {
            oid: row.number("oid")?,
            name: row.text("conname")?.to_owned(),
            kind: row.text("contype")?.chars().next().unwrap_or(' '),
            deferrable,
            validity,
            period: row.flag("period")?,
            index: row.number("conindid")?,
            references: row.number("confrelid")?,
            on_update: action(row, "confupdtype")?,
            on_delete: action(row, "confdeltype")?,
            match_full: row.text("confmatchtype")? == "f",
            columns: array::numbers(row, "conkey")?,
            referenced_columns: array::numbers(row, "confkey")?,
            partition: array::texts(row, "partition")?,
            no_inherit: row.flag("connoinherit")?,
            definition: row.optional("definition")?.map(str::to_owned),
            comment: row.optional("comment")?.map(str::to_owned),
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
    pub(super) tablespace: Option<String>,
    /// The statistics target of each key, -1 for the default; empty if no key is an expression.
    pub(super) statistics: Vec<i64>,
    pub(super) is_replica_identity: bool,
    pub(super) is_clustered: bool,
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
            tablespace: row.optional("spcname")?.map(str::to_owned),
            statistics: array::numbers(row, "statistics")?,
            is_replica_identity: row.flag("indisreplident")?,
            is_clustered: row.flag("indisclustered")?,
            comment: row.optional("comment")?.map(str::to_owned),
            nulls_not_distinct: row.flag("nulls_not_distinct")?,
        })
    }
}

/// Reads the kind of an object by its noun.
pub(super) fn kind(noun: &str, column: &str) -> Result<Kind, RowError> {
    Kind::from_noun(noun).ok_or_else(|| array::error(column, "names no kind of object"))
}
