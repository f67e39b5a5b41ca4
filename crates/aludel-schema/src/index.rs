//! Indexes that do not belong to a constraint, and the settings that all indexes have.

use std::collections::BTreeMap;

use crate::object::ObjectId;
use crate::parameters::Parameters;
use crate::sql_text::SqlText;

/// An index that does not belong to a constraint.
#[derive(Clone, Debug)]
pub struct Index {
    /// The name. The index is in the schema of its table.
    pub name: String,
    /// The keys, in order.
    pub keys: Vec<IndexKey>,
    /// True if the index forbids duplicates.
    pub unique: bool,
    /// The access method: `btree`, `gin`, `hnsw`.
    pub method: String,
    /// The columns that the index stores without being keys (`INCLUDE`).
    pub include: Vec<String>,
    /// True if two NULLs count as duplicates (`NULLS NOT DISTINCT`).
    pub nulls_not_distinct: bool,
    /// The condition for the rows of a partial index.
    pub predicate: Option<Box<SqlText>>,
    /// The properties that ALTER INDEX changes.
    pub settings: IndexSettings,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The same index in the server's spelling, if that is known to differ.
    pub canonical: Option<Box<Index>>,
}

impl Index {
    /// Returns the index in the spelling that comparisons use.
    pub fn spelling(&self) -> &Index {
        self.canonical.as_deref().unwrap_or(self)
    }

    /// Returns true if both indexes have the same definition. Names, comments and settings are not
    /// compared.
    pub fn same_definition(&self, other: &Self) -> bool {
        let (a, b) = (self.spelling(), other.spelling());
        a.keys == b.keys
            && a.unique == b.unique
            && a.method == b.method
            && a.include == b.include
            && a.nulls_not_distinct == b.nulls_not_distinct
            && a.predicate == b.predicate
    }

    /// Iterates over the expressions of the index: those of its keys, and its predicate.
    pub fn expressions(&self) -> impl Iterator<Item = &SqlText> {
        self.keys
            .iter()
            .filter_map(|key| match &key.part {
                KeyPart::Expression(text) => Some(text),
                KeyPart::Column(_) => None,
            })
            .chain(self.predicate.as_deref())
    }

    /// Says which functions and operators the server calls for the expressions.
    pub fn say_calls(&mut self, calls: &[ObjectId]) {
        let keys = self.keys.iter_mut().filter_map(|key| match &mut key.part {
            KeyPart::Expression(text) => Some(text),
            KeyPart::Column(_) => None,
        });
        keys.chain(self.predicate.as_deref_mut())
            .for_each(|text| text.calls = Some(calls.to_vec()));
    }

    /// Iterates over the columns that the index names, as keys or as included columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys
            .iter()
            .filter_map(|key| match &key.part {
                KeyPart::Column(name) => Some(name.as_str()),
                KeyPart::Expression(_) => None,
            })
            .chain(self.include.iter().map(String::as_str))
    }
}

/// The properties of an index that ALTER INDEX changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexSettings {
    /// The storage parameters.
    pub with: Parameters,
    /// The tablespace, if it is not that of the database.
    pub tablespace: Option<String>,
    /// The statistics targets of expressions, by the number of the key, which begins with 1.
    pub statistics: BTreeMap<u16, i64>,
}

/// A key of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// The column or expression.
    pub part: KeyPart,
    /// The operator class, if it is not the default of the type.
    pub opclass: Option<String>,
    /// The parameters of the operator class.
    pub opclass_options: Parameters,
    /// The collation, if it differs from that of the column.
    pub collation: Option<String>,
    /// True if the order is descending.
    pub descending: bool,
    /// The position of NULLs, if it is not the default for the direction.
    pub nulls: Option<Nulls>,
}

impl IndexKey {
    /// Creates a key in ascending order.
    pub fn new(part: KeyPart) -> Self {
        Self {
            part,
            opclass: None,
            opclass_options: Parameters::default(),
            collation: None,
            descending: false,
            nulls: None,
        }
    }
}

/// The operand of an index key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// A column, by name.
    Column(String),
    /// An expression.
    Expression(SqlText),
}

/// The position of NULLs in the order of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}
