//! The names that PostgreSQL gives to unnamed constraints and indexes.
//!
//! The rules are those of `makeObjectName`, `ChooseRelationName` and `ChooseIndexColumnNames` in
//! PostgreSQL's source. A name is `table_column_label` and has at most 63 bytes; the longer part is
//! cut first, and a number is appended to the label if the name is taken.

use std::collections::BTreeSet;

/// The length of the longest identifier that PostgreSQL keeps, in bytes.
pub const MAX_IDENTIFIER: usize = 63;

/// The last word of a generated name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintLabel {
    /// `pkey`
    PrimaryKey,
    /// `key`
    Unique,
    /// `fkey`
    ForeignKey,
    /// `check`
    Check,
    /// `excl`
    Exclusion,
    /// `idx`
    Index,
    /// `seq`
    Sequence,
}

impl ConstraintLabel {
    fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryKey => "pkey",
            Self::Unique => "key",
            Self::ForeignKey => "fkey",
            Self::Check => "check",
            Self::Exclusion => "excl",
            Self::Index => "idx",
            Self::Sequence => "seq",
        }
    }
}

/// Returns `table_columns_label`, cut to [`MAX_IDENTIFIER`] bytes as `makeObjectName` of PostgreSQL
/// cuts it.
pub fn object_name(table: &str, columns: &str, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(!columns.is_empty());
    let room = MAX_IDENTIFIER.saturating_sub(overhead);
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room && first + second > 0 {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let (table, columns) = (cut(table, first), cut(columns, second));
    if columns.is_empty() {
        format!("{table}_{label}")
    } else {
        format!("{table}_{columns}_{label}")
    }
}

/// Returns the longest prefix of at most `bytes` bytes that ends at a character boundary.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Returns the middle part of an index's name: the column names, with a placeholder for each
/// expression and numbers to make them distinct.
pub fn index_name_columns(parts: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let mut name = cut(part, MAX_IDENTIFIER).to_owned();
        let mut number = 0;
        while names.contains(&name) {
            number += 1;
            let suffix = number.to_string();
            name = format!("{}{suffix}", cut(part, MAX_IDENTIFIER - suffix.len()));
        }
        names.push(name);
    }
    names.join("_")
}

/// A set of names that are in use, which chooses free ones.
#[derive(Clone, Debug, Default)]
pub struct NamePool {
    taken: BTreeSet<String>,
}

impl NamePool {
    /// Marks a name as taken. Returns false if it was taken before.
    pub fn reserve(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// Takes and returns the first free name of `table_columns_label`, `table_columns_label1`, …
    pub fn choose(&mut self, table: &str, columns: &str, label: ConstraintLabel) -> String {
        let mut number = 0;
        loop {
            let suffix = if number == 0 { String::new() } else { number.to_string() };
            let name = object_name(table, columns, &format!("{}{suffix}", label.as_str()));
            if self.taken.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_joined() {
        assert_eq!(object_name("documents", "owner_id", "fkey"), "documents_owner_id_fkey");
        assert_eq!(object_name("documents", "", "pkey"), "documents_pkey");
    }

    #[test]
    fn long_names_are_cut_where_they_are_longest() {
        let name = object_name(&"t".repeat(60), &"c".repeat(10), "fkey");
        assert_eq!(name, format!("{}_{}_fkey", "t".repeat(47), "c".repeat(10)));
        assert_eq!(name.len(), MAX_IDENTIFIER);
    }

    #[test]
    fn a_character_is_never_cut_in_half() {
        let name = object_name(&"é".repeat(40), "x", "key");
        assert!(name.len() <= MAX_IDENTIFIER);
        assert!(name.ends_with("_x_key"));
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut pool = NamePool::default();
        assert_eq!(pool.choose("t", "", ConstraintLabel::Check), "t_check");
        assert_eq!(pool.choose("t", "", ConstraintLabel::Check), "t_check1");
        assert_eq!(index_name_columns(&["lower".into(), "lower".into()]), "lower_lower1");
    }
}
