//! Columns.

use crate::name::QualifiedName;
use crate::naming::object_name;
use crate::parameters::Parameters;
use crate::remarks::Remarks;
use crate::sequence::SequenceOptions;
use crate::sql_text::SqlText;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The SQL type, with modifiers: `character varying(80)`, `vector(384)`.
    pub sql_type: SqlText,
    /// True if the column accepts NULL.
    pub nullable: bool,
    /// The default that the server applies.
    pub default: Option<Box<SqlText>>,
    /// The expression, if the column is generated.
    pub generated: Option<Box<Generated>>,
    /// The identity, if there is one: `GENERATED … AS IDENTITY`; on SQLite, an alias of the rowid.
    pub identity: Option<Box<Identity>>,
    /// The collation, if it differs from that of the type.
    pub collation: Option<String>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The former name of the column, if the models declare a rename.
    pub renamed_from: Option<String>,
    /// The properties of its NOT NULL constraint, if they are not the usual ones.
    pub not_null: Option<Box<NotNull>>,
    /// The storage and the statistics of the values, if they are not the usual ones.
    pub storage: Option<Box<ColumnStorage>>,
    /// True if the table has the column from a table that it inherits from, or from the type that
    /// it is of.
    pub inherited: bool,
    /// The expression that converts the values when the type changes, if the models have one.
    pub using: Option<String>,
    /// SQLite: the comments in the text of the table.
    pub remarks: Remarks,
}

impl Column {
    /// Returns the name of the sequence behind an identity column.
    pub fn identity_sequence(&self, table: &QualifiedName) -> Option<QualifiedName> {
        self.identity.as_ref().map(|identity| match &identity.sequence {
            Some(name) => QualifiedName::parse(name),
            None => table.sibling(object_name(&table.name, &self.name, "seq")),
        })
    }

    /// Creates a nullable column that has nothing but a name and a type.
    pub fn new(name: impl Into<String>, sql_type: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sql_type: SqlText::new(sql_type),
            nullable: true,
            default: None,
            generated: None,
            identity: None,
            collation: None,
            comment: None,
            renamed_from: None,
            not_null: None,
            storage: None,
            inherited: false,
            using: None,
            remarks: Remarks::default(),
        }
    }

    /// Returns the storage and the statistics of the values.
    pub fn effective_storage(&self) -> ColumnStorage {
        self.storage.as_deref().cloned().unwrap_or_default()
    }

    /// Returns the name of the NOT NULL constraint that the column has or would have in a table.
    pub fn not_null_name(&self, table: &QualifiedName) -> String {
        let own = self.not_null.as_ref().and_then(|not_null| not_null.name.clone());
        own.unwrap_or_else(|| object_name(&table.name, &self.name, "not_null"))
    }

    /// Returns true if the rows that are there have NULL in the column when it is added.
    pub fn is_null_at_first(&self) -> bool {
        self.nullable
            && self.default.is_none()
            && self.generated.is_none()
            && self.identity.is_none()
    }

    /// Returns true if the column forbids NULL, but rows may contain it all the same.
    pub fn may_still_be_null(&self) -> bool {
        !self.nullable && self.not_null.as_ref().is_some_and(|not_null| not_null.not_valid)
    }
}

/// The properties of the NOT NULL constraint of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotNull {
    /// The name, if it is not `<table>_<column>_not_null`.
    pub name: Option<String>,
    /// True if existing rows have not been checked (`NOT VALID`).
    pub not_valid: bool,
    /// True if child tables do not inherit the constraint (`NO INHERIT`).
    pub no_inherit: bool,
    /// The comment in the database.
    pub comment: Option<String>,
    /// SQLite: true if no NOT NULL is written, because the primary key forbids NULL by itself. It makes no
    /// difference.
    pub unsaid: bool,
}

impl NotNull {
    /// Returns true if it forbids less than a plain NOT NULL does.
    pub fn is_limited(&self) -> bool {
        self.not_valid || self.no_inherit
    }
}

/// The storage of the values of a column, and the statistics about them. `None` stands for the
/// server's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnStorage {
    /// The storage mode: `plain`, `external`, `extended` or `main`.
    pub mode: Option<String>,
    /// The compression method, such as `lz4`.
    pub compression: Option<String>,
    /// The statistics target.
    pub statistics: Option<i64>,
    /// The options `n_distinct` and `n_distinct_inherited`.
    pub options: Parameters,
}

/// The expression of a generated column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The expression that yields the value.
    pub expression: SqlText,
    /// True if the value is stored (`STORED`), false if it is computed on read (`VIRTUAL`).
    pub stored: bool,
}

/// The properties of an identity column and its sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// True for `ALWAYS`, false for `BY DEFAULT`. On SQLite, true means `AUTOINCREMENT`.
    pub always: bool,
    /// The name of the sequence, if it is not `<table>_<column>_seq`.
    pub sequence: Option<String>,
    /// The options of the sequence that differ from the defaults.
    pub options: SequenceOptions,
}
