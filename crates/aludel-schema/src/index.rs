use crate::{Parameters, SqlText};

/// An index that belongs to no constraint.
#[derive(Clone, Debug)]
pub struct Index {
    /// Its name, in the schema of its table.
    pub name: String,
    /// What it is ordered by.
    pub keys: Vec<IndexKey>,
    /// Whether it forbids duplicates.
    pub unique: bool,
    /// The access method: `btree`, `gin`, `hnsw`.
    pub method: String,
    /// Columns that it only carries.
    pub include: Vec<String>,
    /// Whether two NULLs are the same.
    pub nulls_not_distinct: bool,
    /// Which rows it holds.
    pub predicate: Option<SqlText>,
    /// Storage parameters.
    pub with: Parameters,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The same index as the server spells it, where that is known to differ.
    pub canonical: Option<Box<Index>>,
}

impl Index {
    /// The index to compare by.
    pub fn spelling(&self) -> &Index {
        self.canonical.as_deref().unwrap_or(self)
    }

    /// Whether both index the same rows the same way, whatever their names and comments.
    pub fn same_definition(&self, other: &Self) -> bool {
        let (a, b) = (self.spelling(), other.spelling());
        a.keys == b.keys
            && a.unique == b.unique
            && a.method == b.method
            && a.include == b.include
            && a.nulls_not_distinct == b.nulls_not_distinct
            && a.predicate == b.predicate
            && a.with == b.with
    }

    /// Every piece of SQL in it that may read columns.
    pub fn expressions(&self) -> impl Iterator<Item = &SqlText> {
        self.keys
            .iter()
            .filter_map(|key| match &key.part {
                KeyPart::Expression(text) => Some(text),
                KeyPart::Column(_) => None,
            })
            .chain(&self.predicate)
    }

    /// The columns that it names itself, as keys or as included columns.
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

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKey {
    /// A column or an expression.
    pub part: KeyPart,
    /// An operator class other than the type's default.
    pub opclass: Option<String>,
    /// Parameters of the operator class.
    pub opclass_options: Parameters,
    /// A collation other than the column's.
    pub collation: Option<String>,
    /// Largest first.
    pub descending: bool,
    /// Where NULLs go, if not where the direction puts them.
    pub nulls: Option<Nulls>,
}

impl IndexKey {
    /// A key in ascending order.
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

/// What an index key reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// A column, by name.
    Column(String),
    /// An expression.
    Expression(SqlText),
}

/// Where NULLs sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}
