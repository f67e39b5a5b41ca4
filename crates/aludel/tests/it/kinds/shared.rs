//! What no schema holds and what comes from another server, and publications.

use aludel_schema::Kind;

use super::postgres::commented;
use super::shapes::{named, number_column, number_type, text_type};
use super::world::{Slot, World};

/// Objects that a project does not drop when it no longer declares them, because they may be of
/// another project, and the objects that they can't be without. An edit keeps them.
pub(super) const KEPT: &[(Kind, usize)] = &[
    (Kind::EventTrigger, 0),
    (Kind::Function, 12),
    (Kind::Publication, 0),
    (Kind::Publication, 1),
    (Kind::DefaultPrivileges, 0),
    (Kind::DefaultPrivileges, 1),
    (Kind::ForeignDataWrapper, 0),
    (Kind::ForeignServer, 0),
    (Kind::UserMapping, 0),
];

/// The events are those that no plan over these kinds brings about.
pub(super) fn event_trigger(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let Some(function) = named(world, Kind::Function, 12) else { return Vec::new() };
    let event = ["ddl_command_start", "ddl_command_end", "sql_drop"][world.choice(slot, 3, 3)];
    let mut sql = vec![format!(
        "CREATE EVENT TRIGGER {name} ON {event} WHEN TAG IN ('DROP EXTENSION') EXECUTE FUNCTION {function}()"
    )];
    if world.choice(slot, 4, 3) == 2 {
        sql.push(format!("ALTER EVENT TRIGGER {name} DISABLE"));
    }
    commented(world, slot, sql, name)
}

/// The roles are those that every server has. What pg_monitor would make is made by nobody.
pub(super) fn default_privileges(world: &World, slot: Slot) -> Vec<String> {
    let of = ["FOR ROLE pg_monitor IN SCHEMA public", "FOR ROLE pg_monitor"][slot.number % 2];
    let sort = ["TABLES", "FUNCTIONS"][slot.number % 2];
    let lists = [["SELECT", "SELECT, INSERT", "ALL"], ["EXECUTE", "ALL", "EXECUTE"]];
    let list = lists[slot.number % 2][world.choice(slot, 3, 3)];
    let option = ["", " WITH GRANT OPTION"][world.choice(slot, 4, 2)];
    let alter = format!("ALTER DEFAULT PRIVILEGES {of}");
    let mut sql = vec![format!("{alter} GRANT {list} ON {sort} TO pg_read_all_data{option}")];
    match world.choice(slot, 5, 3) {
        1 => sql.push(format!("{alter} GRANT {list} ON {sort} TO pg_read_all_stats")),
        2 => sql.push(format!("{alter} REVOKE ALL ON {sort} FROM PUBLIC")),
        _ => {}
    }
    sql
}

pub(super) fn publication(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let slots = (0..4).map(|number| Slot { kind: Kind::Table, number });
    let tables: Vec<Slot> = slots.filter(|table| world.slots.contains_key(table)).collect();
    let chosen = world.choice(slot, 3, 12);
    let table = |at: usize| {
        let table = tables[at % tables.len()];
        let columns = match world.choice(slot, 4, 4) {
            1 => format!(" (id, {})", number_column(world, table)),
            _ => String::new(),
        };
        let filter = ["", " WHERE (id > 3)"][world.choice(slot, 5, 6) / 5];
        if table.number == 3 {
            // The partitions publish their rows by themselves, and all of them.
            return world.name(table).to_string();
        }
        format!("{}{columns}{filter}", world.name(table))
    };
    let what = match chosen {
        0 => " FOR ALL TABLES".to_owned(),
        1 => String::new(),
        2 => " FOR TABLES IN SCHEMA public".to_owned(),
        _ if tables.is_empty() => String::new(),
        3..=5 if tables.len() > 1 => format!(" FOR TABLE {}, {}", table(chosen), table(chosen + 1)),
        _ => format!(" FOR TABLE {}", table(chosen)),
    };
    let publish = ["", "", " WITH (publish = 'insert')", " WITH (publish = 'insert, truncate')"];
    let publish = publish[world.choice(slot, 6, 4)];
    commented(world, slot, vec![format!("CREATE PUBLICATION {name}{what}{publish}")], name)
}

/// Returns the list of options, of which the first is always there.
fn options(world: &World, slot: Slot, first: &str, second: &str) -> String {
    let value = world.choice(slot, 3, 3);
    let more = match world.choice(slot, 4, 3) {
        0 => String::new(),
        chosen => format!(", {second} '{chosen}'"),
    };
    format!(" OPTIONS ({first} '{value}'{more})")
}

pub(super) fn wrapper(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let options = options(world, slot, "speed", "distance");
    commented(world, slot, vec![format!("CREATE FOREIGN DATA WRAPPER {name}{options}")], name)
}

pub(super) fn server(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let Some(wrapper) = named(world, Kind::ForeignDataWrapper, 0) else { return Vec::new() };
    let version = ["", " VERSION '1'", " VERSION '2'"][world.choice(slot, 5, 3)];
    let options = options(world, slot, "host", "port");
    let sql = format!("CREATE SERVER {name}{version} FOREIGN DATA WRAPPER {wrapper}{options}");
    commented(world, slot, vec![sql], name)
}

pub(super) fn mapping(world: &World, slot: Slot) -> Vec<String> {
    let server = named(world, Kind::ForeignServer, 0);
    let server = server.filter(|_| world.has(Kind::ForeignDataWrapper, 0));
    let Some(server) = server else { return Vec::new() };
    let options = options(world, slot, "\"user\"", "place");
    vec![format!("CREATE USER MAPPING FOR pg_monitor SERVER {server}{options}")]
}

pub(super) fn foreign_table(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let server = named(world, Kind::ForeignServer, 0);
    let server = server.filter(|_| world.has(Kind::ForeignDataWrapper, 0));
    let Some(server) = server else { return Vec::new() };
    let n = number_type(world, world.choice(slot, 5, 5));
    let not_null = ["", " NOT NULL", " DEFAULT 3"][world.choice(slot, 6, 3)];
    let s = text_type(world, world.choice(slot, 7, 3));
    let options = options(world, slot, "place", "size");
    let check = ["", ", CONSTRAINT least CHECK (n::integer > 3)"][world.choice(slot, 8, 2)];
    let mut sql = vec![format!(
        "CREATE FOREIGN TABLE {name} (id bigint, n {n}{not_null}, s {s}{check}) SERVER {server}{options}"
    )];
    if world.choice(slot, 9, 4) == 1 {
        sql.push(format!("COMMENT ON COLUMN {name}.n IS 'a number'"));
    }
    commented(world, slot, sql, name)
}

/// Partitions of table 3. The last one takes what the others do not.
pub(super) fn partition(world: &World, slot: Slot, name: &str) -> Vec<String> {
    let parent = Slot { kind: Kind::Table, number: 3 };
    if !world.slots.contains_key(&parent) {
        return Vec::new();
    }
    let first = slot.number * 100;
    let (from, to) = (first + world.choice(slot, 3, 3), first + 50 + world.choice(slot, 4, 3));
    let bound = match slot.number {
        2 => "DEFAULT".to_owned(),
        _ => format!("FOR VALUES FROM ({from}) TO ({to})"),
    };
    let (parent, n) = (world.name(parent), number_column(world, parent));
    let mut sql = vec![format!("CREATE TABLE {name} PARTITION OF {parent} {bound}")];
    if world.choice(slot, 5, 4) == 1 {
        sql.push(format!("ALTER TABLE {name} ADD CONSTRAINT few CHECK ({n}::integer < 1000)"));
    }
    if world.choice(slot, 6, 4) == 1 {
        sql.push(format!("ALTER TABLE {name} ALTER COLUMN s SET DEFAULT 'own'"));
    }
    if world.choice(slot, 7, 3) == 1 {
        sql.push(format!("COMMENT ON TABLE {name} IS 'it''s commented'"));
    }
    sql
}
