//! The rows of a table that changes, and the constraints and unique indexes that they may break.

use aludel_dialect::{Dialect, Hazard, mentions};
use aludel_schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Index, IndexKey, KeyPart, ObjectId,
    QualifiedName, Table, Validity,
};

use crate::hazards::computed;

/// A table with rows, before and after a change.
pub(crate) struct Rows<'t> {
    pub(crate) dialect: Dialect,
    pub(crate) before: &'t Table,
    pub(crate) target: &'t Table,
}

impl Rows<'_> {
    pub(crate) fn constraint(&self, constraint: &Constraint) -> Option<Hazard> {
        let was_there = self.before.constraints.iter().any(|old| is_as_strict(old, constraint))
            || self.before.indexes.iter().any(|old| is_within(old, &constraint.kind));
        let columns = self.columns(constraint);
        let has_new_values = columns.iter().any(|column| self.has_new_values(column));
        if (was_there || self.widens_a_list(constraint)) && !has_new_values {
            return None;
        }
        if self.permits_first_value(constraint) {
            return None;
        }
        let mut nulls = columns.iter().map(|column| self.is_all_null(column));
        let accepts_null = match &constraint.kind {
            // A row with NULL in one of the columns is none that is compared.
            ConstraintKind::Unique { nulls_not_distinct: false, .. } => nulls.any(|null| null),
            ConstraintKind::ForeignKey(key) if key.validity == Validity::Valid => {
                if key.match_full { nulls.all(|null| null) } else { nulls.any(|null| null) }
            }
            ConstraintKind::Check { expression, .. } if asks_for_null(&expression.written) => false,
            ConstraintKind::Check { .. } | ConstraintKind::Exclusion { .. } => {
                !columns.is_empty() && nulls.all(|null| null)
            }
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => false,
        };
        if accepts_null {
            return None;
        }
        let is_key = matches!(
            constraint.kind,
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. }
        );
        if is_key && columns.iter().any(|column| self.is_counted(column)) {
            return None;
        }
        self.broken(constraint)
    }

    /// Returns true for a check `column IN (…)` that permits all that a check of before permits.
    fn widens_a_list(&self, constraint: &Constraint) -> bool {
        let Some((column, permitted)) = self.listed(constraint) else { return false };
        let mut before = self.before.constraints.iter().filter_map(|own| self.listed(own));
        before.any(|(of, old)| of == column && old.iter().all(|value| permitted.contains(value)))
    }

    /// Returns true for a check `column IN (…)` that permits the one value that a new column has in all rows:
    /// its default, or the first value that a check of it lists.
    fn permits_first_value(&self, constraint: &Constraint) -> bool {
        let Some((name, permitted)) = self.listed(constraint) else { return false };
        let Some(column) = self.target.column(&name).filter(|_| self.is_new(&name)) else {
            return false;
        };
        let mut listed = self.target.constraints.iter().filter_map(|own| self.listed(own));
        let listed =
            || listed.find_map(|(of, values)| values.into_iter().next().filter(|_| of == name));
        let value = column.default.as_ref().map(|default| default.written.clone()).or_else(listed);
        value.is_some_and(|value| permitted.contains(&value))
    }

    /// Returns the column and the values of a check `column IN (…)`.
    fn listed(&self, constraint: &Constraint) -> Option<(String, Vec<String>)> {
        match &constraint.kind {
            ConstraintKind::Check { expression, validity: Validity::Valid, .. } => {
                self.dialect.listed(&expression.written)
            }
            ConstraintKind::Check { .. }
            | ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_)
            | ConstraintKind::Exclusion { .. } => None,
        }
    }

    /// Returns the hazard of rows that break a constraint; `None` if the server does not look at
    /// them.
    pub(crate) fn broken(&self, constraint: &Constraint) -> Option<Hazard> {
        let table = &self.target.name;
        let rows = match &constraint.kind {
            ConstraintKind::Check {
                validity: Validity::NotValid | Validity::NotEnforced, ..
            } => return None,
            ConstraintKind::ForeignKey(key) if key.validity != Validity::Valid => return None,
            ConstraintKind::PrimaryKey { columns, without_overlaps: true, .. }
            | ConstraintKind::Unique { columns, without_overlaps: true, .. } => {
                overlapping(table, columns)
            }
            ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                format!("two rows of {table} have the same {}", columns.join(", "))
            }
            ConstraintKind::ForeignKey(key) => {
                format!("a row of {table} refers to no row of {}", key.references)
            }
            ConstraintKind::Check { .. } => {
                format!("a row of {table} breaks {}", constraint.label())
            }
            ConstraintKind::Exclusion { .. } => {
                format!("two rows of {table} exclude each other by {}", constraint.label())
            }
        };
        Some(Hazard::FailsOnRule { object: constraint.id(table), rows })
    }

    pub(crate) fn index(&self, index: &Index) -> Option<Hazard> {
        let old = self.before.index(&index.name);
        let has_new_values = index.columns().any(|column| self.has_new_values(column));
        let key = key_of(&Index { predicate: None, ..index.clone() });
        let mut keys = self.before.constraints.iter().map(|own| &own.kind);
        let was_there = old.is_some_and(|old| old.same_definition(index))
            || key.is_some_and(|key| keys.any(|old| is_key_within(old, &key)));
        let nulls = index.columns().any(|column| self.is_all_null(column));
        let harmless = nulls && !index.nulls_not_distinct;
        if !index.unique || (was_there && !has_new_values) || harmless {
            return None;
        }
        Some(self.same_key(index))
    }

    fn same_key(&self, index: &Index) -> Hazard {
        let table = &self.target.name;
        let rows = format!("two rows of {table} have the same key in {}", index.name);
        Hazard::FailsOnRule { object: index.id(table), rows }
    }

    /// Returns true if the values of a column are known to lose something.
    pub(crate) fn loses(&self, column: &str, known: &[Hazard]) -> bool {
        let id = ObjectId::column(&self.target.name, column);
        let is_loss = |hazard: &Hazard| matches!(hazard, Hazard::LosesPrecision { column, .. } if *column == id);
        known.iter().any(is_loss)
    }

    /// Returns the rules that forbid equal values in a column.
    pub(crate) fn keys_of(&self, column: &str) -> Vec<Hazard> {
        let covers = |own: &Constraint| self.columns(own).iter().any(|name| name == column);
        let forbids = |own: &&Constraint| match own.kind {
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::Exclusion { .. } => covers(own),
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check { .. } => false,
        };
        let constraints = self.target.constraints.iter().filter(forbids);
        let constraints = constraints.filter_map(|own| self.broken(own));
        let indexes = self.target.indexes.iter();
        let indexes = indexes.filter(|index| index.unique && self.reads(index, column));
        constraints.chain(indexes.map(|index| self.same_key(index))).collect()
    }

    /// Returns the rules that forbid equal values in a column, and the checks of it: what values may break that lose
    /// something.
    pub(crate) fn rules_of(&self, column: &str) -> Vec<Hazard> {
        [self.keys_of(column), self.checks_of(column)].concat()
    }

    fn checks_of(&self, column: &str) -> Vec<Hazard> {
        let is_about_it = |own: &&Constraint| {
            matches!(own.kind, ConstraintKind::Check { .. })
                && self.columns(own).iter().any(|name| name == column)
        };
        let checks = self.target.constraints.iter().filter(is_about_it);
        checks.filter_map(|own| self.broken(own)).collect()
    }

    /// Returns the foreign keys of a column.
    pub(crate) fn references_of(&self, column: &str) -> Vec<Hazard> {
        let own = self.target.foreign_keys();
        let own = own.filter(|(_, key)| key.columns.iter().any(|name| name == column));
        own.filter_map(|(own, _)| self.broken(own)).collect()
    }

    /// Returns true if a key of an index is a column, or is computed from it.
    pub(crate) fn reads(&self, index: &Index, column: &str) -> bool {
        index.keys.iter().any(|key| match &key.part {
            KeyPart::Column(name) => *name == column,
            KeyPart::Expression(text) => mentions(&text.written, column, self.dialect),
        })
    }

    /// Returns the columns that a constraint looks at.
    pub(crate) fn columns(&self, constraint: &Constraint) -> Vec<String> {
        let all = self.target.columns.iter().map(|column| column.name.as_str());
        let named = |text: &str| {
            let read = all.clone().filter(|name| mentions(text, name, self.dialect));
            read.map(str::to_owned).collect()
        };
        match &constraint.kind {
            ConstraintKind::Check { expression: text, .. }
            | ConstraintKind::Exclusion { definition: text } => named(&text.written),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => constraint.columns().to_vec(),
        }
    }

    /// Returns true if the rows have no former value in a column.
    fn is_new(&self, column: &str) -> bool {
        self.before.column(column).is_none()
    }

    /// Returns true if the rows have other values in a column than before: it is new, or is computed anew.
    fn has_new_values(&self, column: &str) -> bool {
        self.is_new(column) || self.has_other_values(column)
    }

    /// Returns true if a column that was there is computed anew.
    pub(crate) fn has_other_values(&self, column: &str) -> bool {
        let sides = self.before.column(column).zip(self.target.column(column));
        sides.is_some_and(|(before, after)| computed::has_other_values(before, after, self.dialect))
    }

    /// Returns true for a new column that is NULL in all rows.
    fn is_all_null(&self, column: &str) -> bool {
        self.is_new(column) && self.target.column(column).is_some_and(Column::is_null_at_first)
    }

    /// Returns true for a new column that counts the rows.
    fn is_counted(&self, column: &str) -> bool {
        let counts = |column: &Column| {
            let default = column.default.as_ref();
            column.identity.is_some()
                || default.is_some_and(|d| d.written.contains("nextval"))
                || self.dialect.numbers_rows(self.target, column)
        };
        self.is_new(column) && self.target.column(column).is_some_and(counts)
    }
}

/// Returns true if a condition may be false for NULL.
fn asks_for_null(condition: &str) -> bool {
    let condition = condition.to_ascii_lowercase();
    ["null", "coalesce", "distinct"].iter().any(|word| condition.contains(word))
}

/// Returns true if rows that are within one constraint are within another one as well.
fn is_as_strict(old: &Constraint, new: &Constraint) -> bool {
    match (&old.kind, &new.kind) {
        (ConstraintKind::ForeignKey(old), ConstraintKind::ForeignKey(new)) => {
            let is_met = old.validity == Validity::Valid && (old.match_full || !new.match_full);
            let ends = |key: &ForeignKey| {
                (
                    key.columns.clone(),
                    key.references.clone(),
                    key.referenced_columns.clone(),
                    key.period,
                )
            };
            old == new || (is_met && ends(old) == ends(new))
        }
        (old, new) => old == new || is_key_within(old, new),
    }
}

/// Returns the rows that break a key whose last column is a period, which may not be empty (PostgreSQL 18).
fn overlapping(table: &QualifiedName, columns: &[String]) -> String {
    match columns {
        [same @ .., period] => format!(
            "two rows of {table} with the same {} overlap in {period}, or {period} is empty in one",
            same.join(", ")
        ),
        [] => format!("rows of {table} overlap"),
    }
}

/// Returns the unique constraint that forbids the same rows as a unique index; `None` for any other index.
fn key_of(index: &Index) -> Option<ConstraintKind> {
    let is_plain = |key: &IndexKey| key.opclass.is_none() && key.collation.is_none();
    let columns = index.key_columns().filter(|_| index.keys.iter().all(is_plain))?;
    Some(ConstraintKind::Unique {
        columns,
        include: Vec::new(),
        nulls_not_distinct: index.nulls_not_distinct,
        without_overlaps: false,
    })
}

/// Returns true if rows that differ by a unique index differ in a key, which has all of its columns.
fn is_within(old: &Index, new: &ConstraintKind) -> bool {
    key_of(old).is_some_and(|old| is_key_within(&old, new))
}

/// Returns true if rows that differ in one key differ in another one, which has all of its columns.
fn is_key_within(old: &ConstraintKind, new: &ConstraintKind) -> bool {
    let key = |kind: &ConstraintKind| match kind {
        ConstraintKind::PrimaryKey { columns, without_overlaps: false, .. } => {
            Some((columns.clone(), true))
        }
        ConstraintKind::Unique { columns, without_overlaps: false, nulls_not_distinct, .. } => {
            Some((columns.clone(), *nulls_not_distinct))
        }
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. }
        | ConstraintKind::Exclusion { .. } => None,
    };
    // NULL in a new primary key is said of its column.
    let has_to = matches!(new, ConstraintKind::Unique { nulls_not_distinct: true, .. });
    let (Some((old, counts_nulls)), Some((new, _))) = (key(old), key(new)) else {
        return false;
    };
    old.iter().all(|column| new.contains(column)) && (counts_nulls || !has_to)
}
