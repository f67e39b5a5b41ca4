//! The objects of PostgreSQL.

use aludel_schema::Kind;

use super::shapes::{
    condition, named, number, number_column, number_type, other_type, text_type, words,
};
use super::world::{COMMENT, Slot, World};

/// The kinds, and how many slots each has.
pub(super) const SLOTS: &[(Kind, usize)] = &[
    (Kind::Enum, 1),
    (Kind::Domain, 3),
    (Kind::CompositeType, 2),
    (Kind::RangeType, 1),
    (Kind::Collation, 1),
    (Kind::TextSearchDictionary, 1),
    (Kind::TextSearchConfiguration, 2),
    (Kind::Table, 4),
    (Kind::Partition, 3),
    (Kind::View, 4),
    (Kind::MaterializedView, 2),
    (Kind::Index, 2),
    (Kind::Function, 14),
    (Kind::Procedure, 2),
    (Kind::Aggregate, 1),
    (Kind::Operator, 2),
    (Kind::OperatorFamily, 1),
    (Kind::OperatorClass, 2),
    (Kind::Cast, 1),
    (Kind::Trigger, 4),
    (Kind::Rule, 2),
    (Kind::Policy, 2),
    (Kind::Statistics, 2),
    (Kind::EventTrigger, 1),
    (Kind::Publication, 2),
    (Kind::DefaultPrivileges, 2),
    (Kind::ForeignDataWrapper, 1),
    (Kind::ForeignServer, 1),
    (Kind::UserMapping, 1),
    (Kind::ForeignTable, 2),
];

/// The operator on numbers.
pub(super) const EQUALS: &str = "===";

/// Returns the CREATE statement of the object in a slot, and what belongs to it; `None` for a kind
/// that is no object of a file, an empty list for one that lacks what it can't be without.
pub(super) fn sql(world: &World, slot: Slot) -> Option<Vec<String>> {
    let name = world.name(slot).to_string();
    let created = match slot.kind {
        Kind::Domain => domain(world, slot, &name),
        Kind::CompositeType => composite(world, slot, &name),
        Kind::RangeType => range(world, slot, &name),
        Kind::Collation => {
            let locale = ["C", "POSIX"][world.choice(slot, 3, 2)];
            vec![format!("CREATE COLLATION {name} (LOCALE = '{locale}')")]
        }
        Kind::TextSearchDictionary => {
            let stop = ["", ", STOPWORDS = english", ", ACCEPT = false"][world.choice(slot, 3, 3)];
            vec![format!("CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = simple{stop})")]
        }
        Kind::TextSearchConfiguration => configuration(world, slot, &name),
        Kind::View => view(world, slot, &name),
        Kind::MaterializedView => materialized(world, slot, &name),
        Kind::Index => index(world, slot, &name),
        Kind::Function => super::functions::function(world, slot, &name),
        Kind::Procedure => super::functions::procedure(world, slot, &name),
        Kind::Aggregate => super::functions::aggregate(world, slot, &name),
        Kind::Operator => super::functions::operator(world, slot),
        Kind::OperatorFamily => super::functions::operator_family(world, slot, &name),
        Kind::OperatorClass => super::functions::operator_class(world, slot, &name),
        Kind::Cast => super::functions::cast(world, slot),
        Kind::Trigger => super::attached::trigger(world, slot, &name),
        Kind::Rule => super::attached::rule(world, slot, &name),
        Kind::Policy => super::attached::policy(world, slot, &name),
        Kind::Statistics => super::attached::statistics(world, slot, &name),
        Kind::EventTrigger => super::shared::event_trigger(world, slot, &name),
        Kind::Publication => super::shared::publication(world, slot, &name),
        Kind::DefaultPrivileges => super::shared::default_privileges(world, slot),
        Kind::ForeignDataWrapper => super::shared::wrapper(world, slot, &name),
        Kind::ForeignServer => super::shared::server(world, slot, &name),
        Kind::UserMapping => super::shared::mapping(world, slot),
        Kind::ForeignTable => super::shared::foreign_table(world, slot, &name),
        Kind::Partition => super::shared::partition(world, slot, &name),
        _ => return None,
    };
    Some(created)
}

/// Adds a comment to the statements of an object, if its choices have one.
pub(super) fn commented(
    world: &World,
    slot: Slot,
    mut sql: Vec<String>,
    address: &str,
) -> Vec<String> {
    if world.choice(slot, COMMENT, 3) == 1 {
        let keyword = world.dialect.kind_facts(slot.kind).unwrap().keyword;
        sql.push(format!("COMMENT ON {keyword} {address} IS 'it''s commented'"));
    }
    sql
}

/// Returns the type of the argument of function 2.
pub(super) fn argument(world: &World) -> String {
    let slot = Slot { kind: Kind::Function, number: 2 };
    let special = match world.choice(slot, 3, 4) {
        1 => named(world, Kind::CompositeType, 0),
        2 => named(world, Kind::RangeType, 0),
        3 => named(world, Kind::Domain, 0),
        _ => None,
    };
    special.unwrap_or_else(|| "integer".to_owned())
}

fn domain(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let limit = world.choice(slot, 3, 3);
    let base = match slot.number {
        0 => ["integer", "bigint"][world.choice(slot, 4, 4) % 2].to_owned(),
        1 => {
            let collation = named(world, Kind::Collation, 0);
            let collation = collation.filter(|_| world.choice(slot, 4, 2) == 1);
            collation.map_or("text".to_owned(), |name| format!("text COLLATE {name}"))
        }
        _ => named(world, Kind::Domain, 0).unwrap_or_else(|| "integer".to_owned()),
    };
    let check = match (slot.number, world.choice(slot, 5, 4)) {
        (_, 0) => String::new(),
        (1, _) => format!(" CONSTRAINT short CHECK (length(VALUE) > {limit})"),
        (_, chosen) => {
            format!(" CONSTRAINT least CHECK ({} > -{})", number(world, "VALUE", chosen), limit + 1)
        }
    };
    let default = ["", " DEFAULT '7'", " DEFAULT '8'"][world.choice(slot, 6, 3)];
    let sql = vec![format!("CREATE DOMAIN {name} AS {base}{default}{check}")];
    commented(world, slot, sql, name)
}

fn composite(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let first = match slot.number {
        0 => number_type(world, world.choice(slot, 3, 5)),
        _ => named(world, Kind::CompositeType, 0).unwrap_or_else(|| "integer".to_owned()),
    };
    let second = text_type(world, world.choice(slot, 4, 3));
    let third = ["", ", z date", ", z integer"][world.choice(slot, 5, 3)];
    let sql = vec![format!("CREATE TYPE {name} AS (x {first}, y {second}{third})")];
    commented(world, slot, sql, name)
}

fn range(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let collation = named(world, Kind::Collation, 0);
    let collation = collation.map(|name| format!(", COLLATION = {name}")).unwrap_or_default();
    let subtype = match world.choice(slot, 3, 4) {
        0 => "SUBTYPE = integer".to_owned(),
        1 => "SUBTYPE = double precision, SUBTYPE_DIFF = float8mi".to_owned(),
        2 => format!("SUBTYPE = text{collation}"),
        _ => named(world, Kind::CompositeType, 0)
            .map_or("SUBTYPE = date".to_owned(), |name| format!("SUBTYPE = {name}")),
    };
    commented(world, slot, vec![format!("CREATE TYPE {name} AS RANGE ({subtype})")], name)
}

fn configuration(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let from = ["simple", "english"][world.choice(slot, 3, 2)];
    let mut sql = vec![format!("CREATE TEXT SEARCH CONFIGURATION {name} (COPY = {from})")];
    let dictionary = named(world, Kind::TextSearchDictionary, 0);
    if let Some(dictionary) = dictionary.filter(|_| world.choice(slot, 4, 2) == 1) {
        sql.push(format!(
            "ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR word WITH {dictionary}"
        ));
    }
    commented(world, slot, sql, name)
}

/// A relation, and what its columns are called.
pub(super) struct Relation {
    pub(super) sql: String,
    pub(super) n: &'static str,
    pub(super) has_k: bool,
}

/// Returns one of the relations that come before view number `views` and materialized view number
/// `materialized`.
pub(super) fn relation(
    world: &World,
    chosen: usize,
    views: usize,
    materialized: usize,
) -> Option<Relation> {
    let of = |kind, count| (0..count).map(move |number| Slot { kind, number });
    let slots: Vec<Slot> = of(Kind::Table, 3)
        .chain(of(Kind::View, views))
        .chain(of(Kind::MaterializedView, materialized))
        .collect();
    let slot = slots[chosen % slots.len()];
    world.slots.contains_key(&slot).then(|| Relation {
        sql: world.name(slot).to_string(),
        n: if slot.kind == Kind::Table { number_column(world, slot) } else { "n" },
        has_k: slot.kind == Kind::Table && other_type(world, world.choice(slot, 6, 10)).is_some(),
    })
}

fn query(world: &World, slot: Slot, source: Option<Relation>) -> String {
    let Some(Relation { sql: source, n, has_k }) = source else {
        return "SELECT 1::bigint AS id, 2 AS n, 'a'::text AS s".to_owned();
    };
    let aggregate = named(world, Kind::Aggregate, 0);
    if let Some(name) = aggregate.filter(|_| world.choice(slot, 4, 6) == 5) {
        return format!(
            "SELECT 1::bigint AS id, {name}({n}::integer) AS n, max(s::text) AS s FROM {source}"
        );
    }
    let value = match world.choice(slot, 4, 6) {
        0 => n.to_owned(),
        1 => format!("{n}::bigint"),
        chosen => number(world, n, chosen - 1),
    };
    let text = match world.choice(slot, 5, 5) {
        0 | 1 => "s".to_owned(),
        2 => "s::varchar(9)".to_owned(),
        chosen => format!("{}::text", words(world, chosen - 2)),
    };
    let more = match world.choice(slot, 6, 6) {
        1 if has_k => ", k".to_owned(),
        2 => named(world, Kind::CompositeType, 0)
            .filter(|_| {
                named(world, Kind::Cast, 0).is_some() && named(world, Kind::Function, 6).is_some()
            })
            .map(|name| format!(", {n}::integer::{name} AS pair"))
            .unwrap_or_default(),
        3 => named(world, Kind::Function, 3)
            .map(|name| format!(", {name}(1) AS three"))
            .unwrap_or_default(),
        4 => named(world, Kind::Function, 7)
            .filter(|_| slot.number == 3)
            .map(|name| format!(", (SELECT count(*) FROM {name}()) AS seven"))
            .unwrap_or_default(),
        _ => String::new(),
    };
    let condition = condition(world, n, world.choice(slot, 7, 7));
    let condition = condition.map(|text| format!(" WHERE {text}")).unwrap_or_default();
    format!("SELECT id, {value} AS n, {text} AS s{more} FROM {source}{condition}")
}

fn view(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let source = relation(world, world.choice(slot, 3, 120), slot.number, 0);
    let query = query(world, slot, source);
    let option = ["", "", " WITH (security_barrier = true)"][world.choice(slot, 8, 3)];
    let mut sql = vec![format!("CREATE VIEW {name}{option} AS {query}")];
    if world.choice(slot, 9, 4) == 1 {
        sql.push(format!("COMMENT ON COLUMN {name}.n IS 'a number'"));
    }
    commented(world, slot, sql, name)
}

fn materialized(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let source = relation(world, world.choice(slot, 3, 120), 4, slot.number);
    let query = query(world, slot, source);
    commented(world, slot, vec![format!("CREATE MATERIALIZED VIEW {name} AS {query}")], name)
}

fn index(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let Some(view) = named(world, Kind::MaterializedView, slot.number) else { return Vec::new() };
    let key = match world.choice(slot, 3, 4) {
        0 => "id".to_owned(),
        1 => "n DESC".to_owned(),
        chosen => format!("({})", number(world, "n", chosen - 1)),
    };
    let unique = ["", "UNIQUE "][world.choice(slot, 4, 2)];
    let condition = condition(world, "n", world.choice(slot, 5, 7));
    let condition = condition.map(|text| format!(" WHERE {text}")).unwrap_or_default();
    let own = name.rsplit('.').next().unwrap();
    let sql = vec![format!("CREATE {unique}INDEX {own} ON {view} ({key}){condition}")];
    commented(world, slot, sql, name)
}
