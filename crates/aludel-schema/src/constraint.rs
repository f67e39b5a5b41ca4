//! Constraints.

use crate::index::IndexSettings;
use crate::name::QualifiedName;
use crate::remarks::Remarks;
use crate::sql_text::SqlText;

/// A constraint of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// The name; `None` only on SQLite, which allows unnamed constraints.
    pub name: Option<String>,
    /// The rule that the constraint enforces.
    pub kind: ConstraintKind,
    /// The time at which the constraint is checked.
    pub deferrable: Deferrable,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The settings of the index of a primary key or unique constraint.
    pub index: IndexSettings,
    /// The comment on that index, or on the index of an exclusion constraint.
    pub index_comment: Option<String>,
    /// SQLite: the comments in the text of the table.
    pub remarks: Remarks,
}

/// The rule that a constraint enforces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey {
        /// The columns of the key, in order.
        columns: Vec<String>,
        /// The further columns that its index stores (`INCLUDE`).
        include: Vec<String>,
        /// True if the last column is a range, and ranges of equal keys may not overlap
        /// (`WITHOUT OVERLAPS`).
        without_overlaps: bool,
    },
    /// `UNIQUE`.
    Unique {
        /// The columns of the key, in order.
        columns: Vec<String>,
        /// The further columns that its index stores (`INCLUDE`).
        include: Vec<String>,
        /// True if two NULLs count as duplicates (`NULLS NOT DISTINCT`).
        nulls_not_distinct: bool,
        /// True if the last column is a range, and ranges of equal keys may not overlap
        /// (`WITHOUT OVERLAPS`).
        without_overlaps: bool,
    },
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
    /// `CHECK`.
    Check {
        /// The condition.
        expression: SqlText,
        /// The rows for which the condition is known to hold.
        validity: Validity,
        /// True if child tables do not inherit the constraint (`NO INHERIT`).
        no_inherit: bool,
    },
    /// `EXCLUDE`.
    Exclusion {
        /// The text after that word, such as `USING gist (room WITH =, during WITH &&)`.
        definition: SqlText,
    },
}

/// The two ends of a foreign key and its actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub references: QualifiedName,
    /// The referenced columns, in the order of `columns`.
    pub referenced_columns: Vec<String>,
    /// The action when the referenced row is deleted.
    pub on_delete: Action,
    /// The action when the referenced key is updated.
    pub on_update: Action,
    /// The columns to set on delete, if not all of them are (`ON DELETE SET NULL (a)`).
    pub set_columns: Vec<String>,
    /// True for `MATCH FULL`.
    pub match_full: bool,
    /// True if the last column on each side is a range (`PERIOD`): the referenced rows cover the
    /// range of the referencing row.
    pub period: bool,
    /// The rows for which the reference is known to hold.
    pub validity: Validity,
}

/// The rows for which a check or a foreign key is known to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// All rows.
    #[default]
    Valid,
    /// Rows that were written after the constraint was added (`NOT VALID`).
    NotValid,
    /// None: the constraint is not enforced at all (`NOT ENFORCED`).
    NotEnforced,
}

/// A referential action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// `NO ACTION`.
    #[default]
    NoAction,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT`.
    SetDefault,
}

impl Action {
    /// Parses the SQL name of an action, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Some(match words.as_slice() {
            ["no", "action"] => Self::NoAction,
            ["restrict"] => Self::Restrict,
            ["cascade"] => Self::Cascade,
            ["set", "null"] => Self::SetNull,
            ["set", "default"] => Self::SetDefault,
            _ => return None,
        })
    }

    /// Returns the SQL name of the action.
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// The time at which a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deferrable {
    /// At the end of each statement.
    #[default]
    No,
    /// At the end of each statement, unless the transaction defers it (`SET CONSTRAINTS`).
    InitiallyImmediate,
    /// At commit, unless the transaction makes it immediate (`SET CONSTRAINTS`).
    InitiallyDeferred,
}

impl ConstraintKind {
    /// Returns the columns of a key or the referencing columns of a foreign key; empty for a check
    /// or an exclusion constraint.
    pub fn columns(&self) -> &[String] {
        match self {
            Self::PrimaryKey { columns, .. } | Self::Unique { columns, .. } => columns,
            Self::ForeignKey(key) => &key.columns,
            Self::Check { .. } | Self::Exclusion { .. } => &[],
        }
    }

    /// Returns a primary key that has nothing but columns.
    pub fn primary_key(columns: Vec<String>) -> Self {
        Self::PrimaryKey { columns, include: Vec::new(), without_overlaps: false }
    }

    /// Returns a unique constraint that has nothing but columns.
    pub fn unique(columns: Vec<String>) -> Self {
        let (include, nulls_not_distinct, without_overlaps) = (Vec::new(), false, false);
        Self::Unique { columns, include, nulls_not_distinct, without_overlaps }
    }

    /// Returns a check that has nothing but a condition.
    pub fn check(expression: SqlText) -> Self {
        Self::Check { expression, validity: Validity::Valid, no_inherit: false }
    }
}

impl ForeignKey {
    /// Creates a foreign key without actions.
    pub fn new(
        columns: Vec<String>,
        references: QualifiedName,
        referenced_columns: Vec<String>,
    ) -> Self {
        Self {
            columns,
            references,
            referenced_columns,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            set_columns: Vec::new(),
            match_full: false,
            period: false,
            validity: Validity::Valid,
        }
    }
}

impl Constraint {
    /// Creates a constraint that is not deferrable.
    pub fn new(name: Option<String>, kind: ConstraintKind) -> Self {
        Self {
            name,
            kind,
            deferrable: Deferrable::No,
            comment: None,
            index: IndexSettings::default(),
            index_comment: None,
            remarks: Remarks::default(),
        }
    }

    /// Returns the columns of a key or the referencing columns of a foreign key; empty for a check
    /// or an exclusion constraint.
    pub fn columns(&self) -> &[String] {
        self.kind.columns()
    }

    /// Returns the foreign key, if the constraint is one.
    pub fn foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }

    /// Returns the kind of the constraint in words.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            ConstraintKind::PrimaryKey { .. } => "primary key",
            ConstraintKind::Unique { .. } => "unique constraint",
            ConstraintKind::ForeignKey(_) => "foreign key",
            ConstraintKind::Check { .. } => "check constraint",
            ConstraintKind::Exclusion { .. } => "exclusion constraint",
        }
    }

    /// Returns the rows for which the constraint is known to hold.
    pub fn validity(&self) -> Validity {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => key.validity,
            ConstraintKind::Check { validity, .. } => *validity,
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. } => Validity::Valid,
        }
    }

    /// Returns the constraint with another validity, if it is a check or a foreign key.
    #[must_use]
    pub fn with_validity(mut self, new: Validity) -> Self {
        match &mut self.kind {
            ConstraintKind::ForeignKey(key) => key.validity = new,
            ConstraintKind::Check { validity, .. } => *validity = new,
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. } => {}
        }
        self
    }

    /// Returns true if both constraints enforce the same rule at the same time. Names, comments and
    /// the settings of indexes are not compared.
    pub fn same_demand(&self, other: &Self) -> bool {
        self.kind == other.kind && self.deferrable == other.deferrable
    }

    /// Returns the name, or a description of an unnamed constraint.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("unnamed {}", self.noun()))
    }
}
