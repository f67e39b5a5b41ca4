//! Options of TOAST tables that nothing has.
//!
//! The server gives a table another one for long values only if its columns can have such, and forgets the options
//! of a TOAST table that is not there, without a word.

use aludel_dialect::{Dialect, significant};
use aludel_schema::{Column, Definition, Kind, Metadata, ObjectId, Table};

use crate::depends::World;
use crate::impossible::Impossible;
use crate::ordering::table_options::of_toast;
use crate::pair::Pair;

/// The bytes of a row that needs no TOAST table for certain. The limit is at 2032 of them, with those of the head
/// (`TOAST_TUPLE_THRESHOLD` of PostgreSQL).
const SHORT: usize = 1980;

/// The bytes between two values, at most.
const GAP: usize = 7;

/// The word for an option of the TOAST table of a partition or a materialized view.
const OPTION: &str = "toast option";

/// Reports new options of TOAST tables that are not there and do not come.
pub(crate) fn impossible(world: &World<'_>) -> Vec<Impossible> {
    let Pair { database, target } = world.pair;
    let tables = target.tables.values().filter(|table| {
        let (before, options) = (database.tables.get(&table.name), of_toast(&table.options.with));
        let stays = before.is_some_and(|before| {
            let old = of_toast(&before.options.with);
            !is_written_again(Pair::new(before, table))
                && (options.iter().all(|own| old.contains(own))
                    || !are_short(world, database, &before.columns))
        });
        !options.is_empty() && !stays && are_short(world, target, &table.columns)
    });
    let definitions = target.definitions.values().filter(|own| {
        !own.is_verbatim
            && own.clauses.iter().all(|clause| clause.word != OPTION)
            && says_options(own, world.dialect)
    });
    let tables = tables.map(|table| ObjectId::table(&table.name));
    let found = tables.chain(definitions.map(|own| own.id.clone()));
    let found = found.map(|object| Impossible {
        object,
        reason: "none of its rows can be long enough for a TOAST table, and PostgreSQL forgets the options of \
                 one that is not there; take the options with `toast.` away"
            .to_owned(),
    });
    found.collect()
}

/// Returns true if the server likely writes all rows of a table again, and leaves out a TOAST table that they no
/// longer need.
fn is_written_again(table: Pair<&Table>) -> bool {
    table.database.columns.iter().any(|own| {
        let after = table.target.column(&own.name);
        after.is_some_and(|after| after.sql_type != own.sql_type)
    })
}

/// Returns true if the statements of a partition or a materialized view say options of its TOAST table. What the
/// server has kept of them are clauses by now.
fn says_options(own: &Definition, dialect: Dialect) -> bool {
    if !matches!(own.id.kind, Kind::Partition | Kind::MaterializedView) {
        return false;
    }
    own.source.iter().chain(&own.attributes).any(|statement| {
        let tokens = significant(statement, dialect);
        // The query of a view may have such a name as well.
        let head = tokens.split(|token| token.is_word("AS")).next().unwrap_or_default();
        head.windows(4).any(|four| {
            four[0].is_word("TOAST") && four[1].is_symbol(".") && four[3].is_symbol("=")
        })
    })
}

/// Returns true if all values of columns together are short for certain.
fn are_short(world: &World<'_>, side: &Metadata, columns: &[Column]) -> bool {
    let lengths = columns.iter().map(|column| Some(length(world, side, column)? + GAP));
    let length: Option<usize> = lengths.sum();
    !columns.is_empty() && length.is_some_and(|length| length <= SHORT)
}

/// Returns the length of the longest value of a column, if that is known.
fn length(world: &World<'_>, side: &Metadata, column: &Column) -> Option<usize> {
    let base = world.base_type(column, side);
    let sql_type = base.as_ref().unwrap_or(&column.sql_type).spelling();
    let of = world.type_named(sql_type);
    let is_label = of.is_some_and(|id| id.kind == Kind::Enum) && !sql_type.ends_with("[]");
    if is_label { Some(4) } else { world.dialect.longest_value(sql_type) }
}
