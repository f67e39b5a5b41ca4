//! Types and expressions that rest on other objects, or do without those that are not there.

use aludel::Dialect;
use aludel_schema::Kind;

use super::world::{NAME, Slot, World};

/// Returns the object in a slot by its name, if there is one.
pub(super) fn named(world: &World, kind: Kind, number: usize) -> Option<String> {
    world.has(kind, number).then(|| world.name(Slot { kind, number }).to_string())
}

/// Returns the name of the column of numbers, which takes another one in some tables.
pub(super) fn number_column(world: &World, table: Slot) -> &'static str {
    if world.choice(table, NAME, 8) >= 6 { "m" } else { "n" }
}

/// Returns a type of numbers.
pub(super) fn number_type(world: &World, chosen: usize) -> String {
    let plain = match world.dialect {
        Dialect::Postgres => ["integer", "bigint", "smallint"],
        Dialect::Sqlite => ["INTEGER", "BIGINT", "REAL"],
    };
    let domain = match chosen {
        3 => named(world, Kind::Domain, 0),
        4 => named(world, Kind::Domain, 2),
        _ => None,
    };
    domain.unwrap_or_else(|| plain[chosen % 3].to_owned())
}

/// Returns a type of words.
pub(super) fn text_type(world: &World, chosen: usize) -> String {
    let plain = match world.dialect {
        Dialect::Postgres => ["text", "varchar(20)"],
        Dialect::Sqlite => ["TEXT", "VARCHAR(20)"],
    };
    let domain = (chosen == 2).then(|| named(world, Kind::Domain, 1)).flatten();
    domain.unwrap_or_else(|| plain[chosen % 2].to_owned())
}

/// Returns a type that is neither numbers nor words; `None` for no column at all.
pub(super) fn other_type(world: &World, chosen: usize) -> Option<String> {
    if world.dialect == Dialect::Sqlite {
        return (chosen > 5).then(|| "BLOB".to_owned());
    }
    let array = |name: String| format!("{name}[]");
    match chosen {
        0..=2 => None,
        3 => named(world, Kind::Enum, 0),
        4 => named(world, Kind::CompositeType, 0),
        5 => named(world, Kind::CompositeType, 1),
        6 => named(world, Kind::RangeType, 0),
        7 => named(world, Kind::Domain, 0).map(array),
        8 => named(world, Kind::CompositeType, 0).map(array),
        _ => Some("jsonb".to_owned()),
    }
}

/// Returns a number that does not change with the time, made of another one.
pub(super) fn number(world: &World, n: &str, chosen: usize) -> String {
    if world.dialect == Dialect::Sqlite {
        return [format!("{n} * 2"), format!("abs({n})"), format!("{n} + 1")][chosen % 3].clone();
    }
    let function = match chosen {
        1 => named(world, Kind::Function, 0),
        2 => named(world, Kind::Function, 1),
        _ => None,
    };
    function.map_or(format!("{n}::integer * 2"), |name| format!("{name}({n}::integer)"))
}

/// Returns words that do not change with the time, made of column `s`.
pub(super) fn words(world: &World, chosen: usize) -> String {
    if world.dialect == Dialect::Sqlite {
        return ["upper(s)", "s || 'x'"][chosen % 2].to_owned();
    }
    let configuration = match chosen {
        1 => named(world, Kind::TextSearchConfiguration, 0),
        _ => None,
    };
    let searched = |name: String| format!("to_tsvector('{name}'::regconfig, s::text)");
    configuration.map_or("upper(s::text)".to_owned(), searched)
}

/// Returns a default for a column of numbers.
pub(super) fn default(world: &World, chosen: usize) -> Option<String> {
    let call = |number: usize, arguments: &str| {
        named(world, Kind::Function, number).map(|name| format!("{name}({arguments})"))
    };
    match chosen {
        0 => None,
        1 => call(0, "2").or(Some("2".to_owned())),
        2 => call(1, "2"),
        3 => call(3, "2").map(|call| format!("length({call}::text)")),
        _ => Some("1".to_owned()),
    }
}

/// Returns a condition on a number that does not change with the time; `None` for no condition.
pub(super) fn condition(world: &World, n: &str, chosen: usize) -> Option<String> {
    let postgres = world.dialect == Dialect::Postgres;
    match chosen {
        0 | 1 => None,
        2 | 3 => Some(format!("{} > -5", number(world, n, chosen - 1))),
        4 => named(world, Kind::Operator, 1)
            .map(|_| format!("{n}::integer {} 3", super::postgres::EQUALS)),
        5 if postgres => named(world, Kind::Function, 2)
            .map(|name| format!("{name}(NULL::{}) IS NULL", super::postgres::argument(world))),
        _ => Some(format!("{n} IN (1, 2) OR {n} > 7")),
    }
}
