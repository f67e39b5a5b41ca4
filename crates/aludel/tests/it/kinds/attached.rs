//! What belongs to a table of PostgreSQL.

use aludel_schema::Kind;

use super::postgres::commented;
use super::shapes::{condition, named, number, number_column};
use super::world::{Slot, World};

/// Returns the table that an object belongs to, and its column of numbers.
fn table(world: &World, slot: Slot) -> Option<(String, &'static str)> {
    let table = Slot { kind: Kind::Table, number: world.choice(slot, 3, 3) };
    named(world, Kind::Table, table.number).map(|name| (name, number_column(world, table)))
}

fn own(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

pub(super) fn trigger(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let name = own(name);
    let number = 10 + world.choice(slot, 4, 2);
    let Some(function) = named(world, Kind::Function, number) else { return Vec::new() };
    if slot.number == 3 {
        let Some(view) = named(world, Kind::View, world.choice(slot, 3, 3)) else {
            return Vec::new();
        };
        let sql = format!(
            "CREATE TRIGGER {name} INSTEAD OF INSERT ON {view} FOR EACH ROW EXECUTE FUNCTION {function}()"
        );
        return commented(world, slot, vec![sql], &format!("{name} ON {view}"));
    }
    let Some((table, n)) = table(world, slot) else { return Vec::new() };
    let column = format!("NEW.{n}");
    let when = condition(world, &column, world.choice(slot, 6, 7));
    let when = when.map(|text| format!(" WHEN ({text})")).unwrap_or_default();
    let run = format!("EXECUTE FUNCTION {function}()");
    let created = match world.choice(slot, 5, 6) {
        0 => format!("CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW{when} {run}"),
        1 => format!(
            "CREATE TRIGGER {name} AFTER UPDATE OF {n}, s ON {table} FOR EACH ROW{when} {run}"
        ),
        2 => format!(
            "CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE FOR EACH ROW{when} {run}"
        ),
        3 => format!(
            "CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT {run}"
        ),
        4 => format!("CREATE TRIGGER {name} AFTER TRUNCATE ON {table} {run}"),
        _ => format!(
            "CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW{when} {run}"
        ),
    };
    let mut sql = vec![created];
    let state = ["", "", "DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA"][world.choice(slot, 7, 5)];
    if !state.is_empty() {
        sql.push(format!("ALTER TABLE {table} {state} TRIGGER {name}"));
    }
    commented(world, slot, sql, &format!("{name} ON {table}"))
}

pub(super) fn rule(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let name = own(name);
    let Some((table, n)) = table(world, slot) else { return Vec::new() };
    let old = format!("old.{n}");
    let when = condition(world, &old, world.choice(slot, 4, 7));
    let when = when.map(|text| format!(" WHERE {text}")).unwrap_or_default();
    let other = named(world, Kind::Table, 0).filter(|_| world.choice(slot, 5, 2) == 1);
    let action = other.map_or("INSTEAD NOTHING".to_owned(), |other| {
        format!("ALSO UPDATE {other} SET s = NULL WHERE id = old.id")
    });
    let event = if action.starts_with("ALSO") { "DELETE" } else { "UPDATE" };
    let mut sql = vec![format!("CREATE RULE {name} AS ON {event} TO {table}{when} DO {action}")];
    if world.choice(slot, 6, 4) == 3 {
        sql.push(format!("ALTER TABLE {table} DISABLE RULE {name}"));
    }
    commented(world, slot, sql, &format!("{name} ON {table}"))
}

pub(super) fn policy(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let name = own(name);
    let Some((table, n)) = table(world, slot) else { return Vec::new() };
    let using = condition(world, n, 2 + world.choice(slot, 4, 5)).unwrap_or("true".to_owned());
    let view = named(world, Kind::View, 0).filter(|_| world.choice(slot, 5, 4) == 3);
    let using =
        view.map_or(using.clone(), |view| format!("EXISTS (SELECT FROM {view} WHERE n = 3)"));
    let check = match world.choice(slot, 6, 3) {
        1 => format!(" WITH CHECK ({} < 90)", number(world, n, 1)),
        _ => String::new(),
    };
    let to = ["", " TO pg_monitor"][world.choice(slot, 7, 2)];
    let sql = vec![format!("CREATE POLICY {name} ON {table}{to} USING ({using}){check}")];
    commented(world, slot, sql, &format!("{name} ON {table}"))
}

pub(super) fn statistics(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let Some((table, n)) = table(world, slot) else { return Vec::new() };
    let what = match world.choice(slot, 4, 4) {
        0 => format!("{n}, s"),
        1 => "id, s".to_owned(),
        chosen => format!("id, ({})", number(world, n, chosen - 1)),
    };
    let kinds = ["", " (ndistinct)"][world.choice(slot, 5, 2)];
    let mut sql = vec![format!("CREATE STATISTICS {name}{kinds} ON {what} FROM {table}")];
    if world.choice(slot, 6, 3) == 2 {
        sql.push(format!("ALTER STATISTICS {name} SET STATISTICS 50"));
    }
    commented(world, slot, sql, name)
}
