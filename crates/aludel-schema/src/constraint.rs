use crate::{QualifiedName, SqlText};

/// A table constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Its name; `None` only on SQLite, where a constraint may have none.
    pub name: Option<String>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// When it is checked.
    pub deferrable: Deferrable,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey {
        /// The key.
        columns: Vec<String>,
        /// Further columns in its index.
        include: Vec<String>,
    },
    /// `UNIQUE`.
    Unique {
        /// The key.
        columns: Vec<String>,
        /// Further columns in its index.
        include: Vec<String>,
        /// Whether two NULLs are the same.
        nulls_not_distinct: bool,
    },
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
    /// `CHECK`.
    Check {
        /// The condition.
        expression: SqlText,
        /// Rows from before are not known to satisfy it.
        not_valid: bool,
        /// Not inherited by child tables.
        no_inherit: bool,
    },
    /// `EXCLUDE`; the text is all that follows that word.
    Exclusion {
        /// `USING gist (room WITH =, during WITH &&)`.
        definition: SqlText,
    },
}

/// A foreign key's two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The referencing columns.
    pub columns: Vec<String>,
    /// The referenced table.
    pub references: QualifiedName,
    /// The referenced columns, in the order of `columns`.
    pub referenced_columns: Vec<String>,
    /// What happens when the referenced row goes.
    pub on_delete: Action,
    /// What happens when its key changes.
    pub on_update: Action,
    /// Columns to set on delete, where only some are (`ON DELETE SET NULL (a)`).
    pub set_columns: Vec<String>,
    /// `MATCH FULL`.
    pub match_full: bool,
    /// Rows from before are not known to satisfy it.
    pub not_valid: bool,
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
    /// The action by its SQL name, in any case.
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

    /// Its SQL name.
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

/// When a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deferrable {
    /// At once, always.
    #[default]
    No,
    /// At once unless the transaction says otherwise.
    InitiallyImmediate,
    /// At commit unless the transaction says otherwise.
    InitiallyDeferred,
}

impl Constraint {
    /// A constraint that is checked at once.
    pub fn new(name: Option<String>, kind: ConstraintKind) -> Self {
        Self { name, kind, deferrable: Deferrable::No }
    }

    /// The columns that the constraint names itself; for a check, none.
    pub fn columns(&self) -> &[String] {
        match &self.kind {
            ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                columns
            }
            ConstraintKind::ForeignKey(key) => &key.columns,
            ConstraintKind::Check { .. } | ConstraintKind::Exclusion { .. } => &[],
        }
    }

    /// The foreign key, if it is one.
    pub fn foreign_key(&self) -> Option<&ForeignKey> {
        match &self.kind {
            ConstraintKind::ForeignKey(key) => Some(key),
            _ => None,
        }
    }

    /// What it is, in words.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            ConstraintKind::PrimaryKey { .. } => "primary key",
            ConstraintKind::Unique { .. } => "unique constraint",
            ConstraintKind::ForeignKey(_) => "foreign key",
            ConstraintKind::Check { .. } => "check constraint",
            ConstraintKind::Exclusion { .. } => "exclusion constraint",
        }
    }

    /// Whether the two demand the same, whatever their names.
    pub fn same_demand(&self, other: &Self) -> bool {
        self.kind == other.kind && self.deferrable == other.deferrable
    }

    /// Its name, or a description of one without a name.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("unnamed {}", self.noun()))
    }
}
