//! Agreement of two sides: nothing of one has to change for it to be like the other.
//!
//! This is cheaper than a comparison, which says what differs. It may deny sides that differ in nothing that
//! a plan can change, and never confirms sides that differ.

use std::collections::BTreeMap;

use crate::column::Column;
use crate::definition::Definition;
use crate::index::Index;
use crate::metadata::{Extension, Metadata};
use crate::table::Table;

impl Metadata {
    /// Returns true if both sides have the same objects. Facts about the server and former names do not
    /// count.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let Self {
            default_schema: _,
            missing_schema: _,
            schemas,
            extensions,
            enums,
            sequences,
            tables,
            definitions,
            belongings,
            comments,
            access: _,
            roles: _,
            role: _,
            has_maintain: _,
            left_alone: _,
            names_not_null: _,
            shares_identities: _,
            sets_expressions: _,
            has_unlogged_sequences: _,
            casts: _,
            hints: _,
        } = self;
        *schemas == other.schemas
            && all_agree(extensions, &other.extensions, extensions_agree)
            && *enums == other.enums
            && *sequences == other.sequences
            && *belongings == other.belongings
            && *comments == other.comments
            && all_agree(definitions, &other.definitions, Definition::agrees_with)
            && all_agree(tables, &other.tables, Table::agrees_with)
    }
}

impl Table {
    /// Returns true if both tables are the same. The order of columns, constraints and indexes does not
    /// count, and neither do former names.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let Self {
            name,
            columns,
            constraints,
            indexes,
            comment,
            renamed_from: _,
            options,
            roles,
            unsaid,
        } = self;
        *name == other.name
            && parts_agree(columns, &other.columns, columns_agree)
            && parts_agree(constraints, &other.constraints, |own, there| own == there)
            && parts_agree(indexes, &other.indexes, indexes_agree)
            && *comment == other.comment
            && *options == other.options
            && *roles == other.roles
            && *unsaid == other.unsaid
    }
}

impl Definition {
    /// Returns true if both definitions are the same. The statements of object files do not count.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let Self {
            id,
            body,
            clauses,
            shape,
            depends_on: _,
            comment,
            column_comments,
            source: _,
            attributes: _,
            is_verbatim: _,
            rests_on_path: _,
            belongings,
        } = self;
        // The order of the attributes of a type counts.
        *id == other.id
            && *body == other.body
            && *clauses == other.clauses
            && *shape == other.shape
            && *comment == other.comment
            && *column_comments == other.column_comments
            && *belongings == other.belongings
    }
}

/// Returns true if no version is asked for that the extension may not have.
fn extensions_agree(own: &Extension, other: &Extension) -> bool {
    own.version.is_none() && other.version.is_none() && own.schema == other.schema
}

/// Returns true if both columns are the same. An expression for a change of the type does not count.
fn columns_agree(own: &Column, other: &Column) -> bool {
    let Column {
        name,
        sql_type,
        nullable,
        default,
        generated,
        identity,
        collation,
        comment,
        renamed_from: _,
        not_null,
        storage,
        inherited,
        using: _,
        remarks: _,
    } = own;
    *name == other.name
        && *sql_type == other.sql_type
        && *nullable == other.nullable
        && *default == other.default
        && *generated == other.generated
        && *identity == other.identity
        && *collation == other.collation
        && *comment == other.comment
        && *not_null == other.not_null
        && *storage == other.storage
        && *inherited == other.inherited
}

/// Returns true if both indexes are the same.
fn indexes_agree(own: &Index, other: &Index) -> bool {
    let Index {
        name,
        keys: _,
        unique: _,
        method: _,
        include: _,
        nulls_not_distinct: _,
        predicate: _,
        settings,
        comment,
        canonical: _,
    } = own;
    *name == other.name
        && own.same_definition(other)
        && *settings == other.settings
        && *comment == other.comment
}

fn all_agree<K: Ord, V>(
    own: &BTreeMap<K, V>,
    other: &BTreeMap<K, V>,
    agree: impl Fn(&V, &V) -> bool,
) -> bool {
    own.len() == other.len()
        && own.iter().zip(other).all(|((key, value), (other_key, other_value))| {
            key == other_key && agree(value, other_value)
        })
}

/// Returns true if each part has one that agrees with it. Most have the same place on both sides.
fn parts_agree<T>(own: &[T], other: &[T], agree: impl Fn(&T, &T) -> bool) -> bool {
    own.len() == other.len()
        && own.iter().enumerate().all(|(at, part)| {
            agree(part, &other[at]) || other.iter().any(|there| agree(part, there))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::QualifiedName;

    fn table(columns: &[&str]) -> Table {
        let columns = columns.iter().map(|name| Column::new(*name, "integer")).collect();
        Table { columns, ..Table::new(QualifiedName::unqualified("t")) }
    }

    #[test]
    fn the_order_of_columns_does_not_count() {
        assert!(table(&["a", "b"]).agrees_with(&table(&["b", "a"])));
        assert!(!table(&["a", "b"]).agrees_with(&table(&["a", "c"])));
        assert!(!table(&["a"]).agrees_with(&table(&["a", "b"])));
    }

    #[test]
    fn a_former_name_does_not_count_and_a_type_does() {
        let mut other = table(&["a"]);
        other.columns[0].renamed_from = Some("b".to_owned());
        assert!(table(&["a"]).agrees_with(&other));
        other.columns[0].sql_type = "text".into();
        assert!(!table(&["a"]).agrees_with(&other));
    }

    #[test]
    fn sides_agree_if_all_their_tables_do() {
        let side = |columns: &[&str]| {
            let mut side = Metadata::default();
            side.add_table(table(columns));
            side
        };
        assert!(side(&["a"]).agrees_with(&side(&["a"])));
        assert!(!side(&["a"]).agrees_with(&side(&["b"])));
        assert!(!side(&["a"]).agrees_with(&Metadata::default()));
    }
}
