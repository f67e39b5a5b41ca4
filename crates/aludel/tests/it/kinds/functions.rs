//! Functions of PostgreSQL, and what consists of them.

use aludel_schema::Kind;

use super::postgres::{EQUALS, argument, commented, relation};
use super::shapes::named;
use super::world::{Slot, World};

/// Each number is a function of its own sort:
///
/// 0 and 1 compute, 1 by way of 0. 2 takes and 3 returns a type. 4 is for the aggregate, 5 and 13
/// are for the operators, 6 for the cast. 7 reads a relation in the words of the standard, 8 in
/// code, 9 returns its rows. 10 and 11 are for triggers, and 12 is for event triggers.
pub(super) fn function(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let (arguments, types, rest) = match slot.number {
        0 | 1 => computing(world, slot),
        2 => taking(world, slot),
        3 => returning(world, slot),
        4 => {
            let more = world.choice(slot, 3, 3);
            let body =
                format!("RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2 + {more}'");
            ("integer, integer".to_owned(), "integer, integer".to_owned(), body)
        }
        5 => {
            let pair = pair(world);
            let both = format!("{pair}, {pair}");
            let body = ["$1 = $2", "$2 = $1"][world.choice(slot, 3, 2)];
            let rest = format!("RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT {body}'");
            (both.clone(), both, rest)
        }
        6 => {
            let of = named(world, Kind::CompositeType, 0).unwrap_or_else(|| "integer".to_owned());
            let rest =
                format!("RETURNS {of} LANGUAGE sql IMMUTABLE AS 'SELECT NULL::{}'", in_code(&of));
            ("integer".to_owned(), "integer".to_owned(), rest)
        }
        7..=9 => reading(world, slot),
        10 | 11 => {
            let body = ["RETURN NEW;", "RETURN NULL;", "NEW.id := 1; RETURN NEW;"];
            let body = body[world.choice(slot, 3, 3)];
            let rest = format!("RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {body} END'");
            (String::new(), String::new(), rest)
        }
        12 => {
            let body = ["", "NULL;"][world.choice(slot, 3, 2)];
            let rest = format!("RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN {body} END'");
            (String::new(), String::new(), rest)
        }
        _ => {
            let body = ["$1 = $2", "$2 = $1"][world.choice(slot, 3, 2)];
            let rest = format!("RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT {body}'");
            ("integer, integer".to_owned(), "integer, integer".to_owned(), rest)
        }
    };
    let sql = vec![format!("CREATE FUNCTION {name}({arguments}) {rest}")];
    commented(world, slot, sql, &format!("{name}({types})"))
}

type Parts = (String, String, String);

fn computing(world: &World, slot: Slot) -> Parts {
    let parameter = ["a", "b"][world.choice(slot, 3, 4) / 3];
    let default = ["", "", " DEFAULT 1", " DEFAULT 2"][world.choice(slot, 4, 4)];
    let result = ["integer", "integer", "bigint"][world.choice(slot, 5, 3)];
    let below = named(world, Kind::Function, 0).filter(|_| slot.number == 1);
    // An index and a materialized view are made without a search path.
    let value = below.map_or("$1".to_owned(), |name| format!("public.{name}($1)::integer"));
    let value = format!("{value} + {}", world.choice(slot, 6, 4));
    let body = match world.choice(slot, 7, 4) {
        0 => format!("LANGUAGE sql IMMUTABLE AS 'SELECT ({value})::{result}'"),
        1 => format!("LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN {value}; END'"),
        2 => format!("LANGUAGE sql IMMUTABLE STRICT AS 'SELECT ({value})::{result}'"),
        _ => format!("LANGUAGE sql IMMUTABLE RETURN ({value})::{result}"),
    };
    (
        format!("{parameter} integer{default}"),
        "integer".to_owned(),
        format!("RETURNS {result} {body}"),
    )
}

fn taking(world: &World, slot: Slot) -> Parts {
    let argument = argument(world);
    let body = match world.choice(slot, 4, 2) {
        0 => "AS 'SELECT length($1::text)'".to_owned(),
        _ => "RETURN length(a::text)".to_owned(),
    };
    let rest = format!("RETURNS integer LANGUAGE sql IMMUTABLE {body}");
    (format!("a {argument}"), argument, rest)
}

fn returning(world: &World, slot: Slot) -> Parts {
    let special = match world.choice(slot, 3, 5) {
        1 => named(world, Kind::CompositeType, 1),
        2 => named(world, Kind::Domain, 2),
        3 => named(world, Kind::Enum, 0),
        4 => named(world, Kind::RangeType, 0),
        _ => None,
    };
    let result = special.unwrap_or_else(|| "text".to_owned());
    let rest =
        format!("RETURNS {result} LANGUAGE sql IMMUTABLE AS 'SELECT NULL::{}'", in_code(&result));
    ("integer".to_owned(), "integer".to_owned(), rest)
}

/// Returns the name of a type in code that also runs without a search path.
fn in_code(name: &str) -> String {
    let is_own = name != "text" && name != "integer" && !name.contains('.');
    if is_own { format!("public.{name}") } else { name.to_owned() }
}

/// Returns the type of the arguments of function 5.
fn pair(world: &World) -> String {
    let special = match world.choice(Slot { kind: Kind::Function, number: 5 }, 4, 3) {
        0 => named(world, Kind::CompositeType, 0),
        1 => named(world, Kind::RangeType, 0),
        _ => None,
    };
    special.unwrap_or_else(|| "text".to_owned())
}

fn reading(world: &World, slot: Slot) -> Parts {
    let source = relation(world, world.choice(slot, 3, 120), 3, 0);
    let (from, n) = source.map_or((String::new(), "1"), |r| (format!(" FROM {}", r.sql), r.n));
    let rest = match slot.number {
        7 => format!(
            "RETURNS SETOF integer LANGUAGE sql BEGIN ATOMIC SELECT {n}::integer{from}; END"
        ),
        8 => format!("RETURNS bigint LANGUAGE sql STABLE AS 'SELECT max({n}::bigint){from}'"),
        _ if from.is_empty() => "RETURNS SETOF text LANGUAGE sql AS 'SELECT NULL::text'".to_owned(),
        _ => {
            let rows = from.trim_start_matches(" FROM ");
            format!("RETURNS SETOF {rows} LANGUAGE sql STABLE AS 'SELECT * FROM {rows}'")
        }
    };
    (String::new(), String::new(), rest)
}

pub(super) fn procedure(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let table = world.choice(slot, 3, 3);
    let statement = named(world, Kind::Table, table)
        .map_or("SELECT 1".to_owned(), |table| format!("DELETE FROM {table} WHERE id = a"));
    let body = match world.choice(slot, 4, 3) {
        0 => format!("LANGUAGE sql AS '{statement}'"),
        1 => format!("LANGUAGE sql BEGIN ATOMIC {statement}; END"),
        _ => "LANGUAGE plpgsql AS 'BEGIN NULL; END'".to_owned(),
    };
    let sql = vec![format!("CREATE PROCEDURE {name}(a bigint) {body}")];
    commented(world, slot, sql, &format!("{name}(bigint)"))
}

pub(super) fn aggregate(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let function = named(world, Kind::Function, 4).filter(|_| world.choice(slot, 3, 3) > 0);
    let function = function.unwrap_or_else(|| "int4pl".to_owned());
    let start = world.choice(slot, 4, 3);
    let sql = format!(
        "CREATE AGGREGATE {name}(integer) (SFUNC = {function}, STYPE = integer, INITCOND = '{start}')"
    );
    commented(world, slot, vec![sql], &format!("{name}(integer)"))
}

pub(super) fn operator(world: &World, slot: Slot) -> Vec<String> {
    let (name, function, of) = match slot.number {
        0 => ("<=>", 5, pair(world)),
        _ => (EQUALS, 13, "integer".to_owned()),
    };
    let Some(function) = named(world, Kind::Function, function) else {
        // The conditions of others name this operator.
        let function = if slot.number == 0 { return Vec::new() } else { "int4eq" };
        return vec![format!(
            "CREATE OPERATOR {EQUALS} (LEFTARG = integer, RIGHTARG = integer, FUNCTION = {function})"
        )];
    };
    let sql = vec![format!(
        "CREATE OPERATOR {name} (LEFTARG = {of}, RIGHTARG = {of}, FUNCTION = {function})"
    )];
    commented(world, slot, sql, &format!("{name} ({of}, {of})"))
}

pub(super) fn operator_family(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let mut sql = vec![format!("CREATE OPERATOR FAMILY {name} USING btree")];
    if world.choice(slot, 3, 3) > 0 {
        let less = ["<", ">"][world.choice(slot, 4, 2)];
        sql.push(format!(
            "ALTER OPERATOR FAMILY {name} USING btree ADD OPERATOR 1 {less}(integer, integer), \
             FUNCTION 1 (integer, integer) btint4cmp(integer, integer)"
        ));
    }
    commented(world, slot, sql, &format!("{name} USING btree"))
}

/// Class 0 sorts words, by a family if there is one. Class 1 hashes numbers.
pub(super) fn operator_class(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let (method, sql) = match slot.number {
        0 => {
            let family = named(world, Kind::OperatorFamily, 0);
            let family = family.filter(|_| world.choice(slot, 3, 3) > 0);
            let family = family.map(|name| format!(" FAMILY {name}")).unwrap_or_default();
            let (less, compare) =
                [("<", "bttextcmp"), ("~<~", "bttext_pattern_cmp")][world.choice(slot, 4, 2)];
            let sql = format!(
                "CREATE OPERATOR CLASS {name} FOR TYPE text USING btree{family} AS \
                 OPERATOR 1 {less}, OPERATOR 3 =, FUNCTION 1 {compare}(text, text)"
            );
            ("btree", sql)
        }
        _ => {
            let equals = named(world, Kind::Operator, 1).map_or("=", |_| EQUALS);
            let sql = format!(
                "CREATE OPERATOR CLASS {name} FOR TYPE integer USING hash AS \
                 OPERATOR 1 {equals}, FUNCTION 1 hashint4(integer)"
            );
            ("hash", sql)
        }
    };
    commented(world, slot, vec![sql], &format!("{name} USING {method}"))
}

pub(super) fn cast(world: &World, slot: Slot) -> Vec<String> {
    let target = named(world, Kind::CompositeType, 0);
    let (Some(target), Some(function)) = (target, named(world, Kind::Function, 6)) else {
        return Vec::new();
    };
    let context = ["", " AS ASSIGNMENT"][world.choice(slot, 3, 2)];
    let sql = vec![format!(
        "CREATE CAST (integer AS {target}) WITH FUNCTION {function}(integer){context}"
    )];
    commented(world, slot, sql, &format!("(integer AS {target})"))
}
