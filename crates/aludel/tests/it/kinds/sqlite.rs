//! The objects of SQLite.

use aludel_schema::Kind;

use super::shapes::{condition, number, number_column, words};
use super::world::{Slot, World};

/// The kinds, and how many slots each has.
pub(super) const SLOTS: &[(Kind, usize)] =
    &[(Kind::Table, 3), (Kind::View, 3), (Kind::Trigger, 3), (Kind::VirtualTable, 2)];

/// Returns the CREATE statement of the object in a slot; `None` for a kind that is no object of a
/// file, an empty list for one that lacks what it can't be without.
pub(super) fn sql(world: &World, slot: Slot) -> Option<Vec<String>> {
    let name = world.name(slot).to_string();
    match slot.kind {
        Kind::View => Some(view(world, slot, &name)),
        Kind::Trigger => Some(trigger(world, slot, &name)),
        Kind::VirtualTable => Some(virtual_table(world, slot, &name)),
        _ => None,
    }
}

fn relation(world: &World, chosen: usize, views: usize) -> Option<(String, &'static str)> {
    let of = |kind, count| (0..count).map(move |number| Slot { kind, number });
    let slots: Vec<Slot> = of(Kind::Table, 3).chain(of(Kind::View, views)).collect();
    let slot = slots[chosen % slots.len()];
    let n = if slot.kind == Kind::Table { number_column(world, slot) } else { "n" };
    world.slots.contains_key(&slot).then(|| (world.name(slot).to_string(), n))
}

fn view(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let Some((source, n)) = relation(world, world.choice(slot, 3, 120), slot.number) else {
        return vec![format!("CREATE VIEW {name} AS SELECT 1 AS id, 2 AS n, 'a' AS s")];
    };
    let value = number(world, n, world.choice(slot, 4, 3));
    let text = words(world, world.choice(slot, 5, 2));
    let condition = condition(world, n, world.choice(slot, 6, 4));
    let condition = condition.map(|text| format!(" WHERE {text}")).unwrap_or_default();
    let columns = ["", " (id, n, s)"][world.choice(slot, 7, 2)];
    vec![format!(
        "CREATE VIEW {name}{columns} AS SELECT id, {value} AS n, {text} AS s FROM {source}{condition}"
    )]
}

fn trigger(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let number = world.choice(slot, 3, 3);
    let action = relation(world, world.choice(slot, 4, 3), 0)
        .map_or("SELECT 1".to_owned(), |(table, n)| {
            format!("UPDATE {table} SET {n} = 1 WHERE id = NEW.id")
        });
    let on = |kind| world.has(kind, number).then_some(Slot { kind, number });
    let head = match (slot.number, on(Kind::Table), on(Kind::View)) {
        (2, _, Some(view)) => format!("INSTEAD OF INSERT ON {}", world.name(view)),
        (_, Some(table), _) => {
            let when = ["", " WHEN NEW.id > 3"][world.choice(slot, 5, 2)];
            let n = number_column(world, table);
            let table = world.name(table);
            match world.choice(slot, 6, 2) {
                0 => format!("AFTER INSERT ON {table}{when}"),
                _ => format!("AFTER UPDATE OF {n} ON {table}{when}"),
            }
        }
        _ => return Vec::new(),
    };
    vec![format!("CREATE TRIGGER {name} {head} BEGIN {action}; END")]
}

fn virtual_table(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let module = ["fts5(body)", "fts5(title, body)", "rtree(id, low, high)"];
    vec![format!("CREATE VIRTUAL TABLE {name} USING {}", module[world.choice(slot, 3, 3)])]
}
