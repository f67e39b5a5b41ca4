//! The tables of random schemas, and what their columns, checks and indexes rest on.

use aludel::Dialect;
use aludel_schema::{
    Column, Constraint, ConstraintKind, EnumType, ForeignKey, Generated, Identity, Index, IndexKey,
    IndexSettings, KeyPart, Kind, Metadata, SequenceOptions, SqlText, Table,
};

use super::shapes;
use super::world::{COMMENT, HINT, Slot, World};

/// Adds the tables and enum types of a schema.
pub(super) fn add(world: &World, metadata: &mut Metadata, before: Option<&World>) {
    let slots: Vec<Slot> = world.slots.keys().copied().collect();
    for slot in slots.iter().filter(|slot| slot.kind == Kind::Enum) {
        let name = world.name(*slot);
        let more = ["glad", "sad"].iter().take(world.choice(*slot, 3, 3));
        let labels = ["calm"].iter().chain(more).map(|label| (*label).to_owned()).collect();
        metadata.schemas.extend(name.schema.clone());
        metadata.enums.insert(name.clone(), EnumType { name, labels, comment: None });
    }
    for slot in slots.iter().filter(|slot| slot.kind == Kind::Table) {
        let mut table = table(world, *slot);
        if let Some(before) = before.filter(|before| before.slots.contains_key(slot)) {
            renamed(world, before, *slot, &mut table);
        }
        metadata.schemas.extend(table.name.schema.clone());
        metadata.add_table(table);
    }
}

/// Hints at the names that the table and its column `n` have in `before`.
fn renamed(world: &World, before: &World, slot: Slot, table: &mut Table) {
    let (old, new) = (before.name(slot), world.name(slot));
    if old != new {
        table.renamed_from = Some(old.name);
    }
    let (old, new) = (shapes::number_column(before, slot), shapes::number_column(world, slot));
    if old != new && world.choice(slot, HINT, 2) == 0 {
        let column = table.columns.iter_mut().find(|column| column.name == new);
        column.unwrap().renamed_from = Some(old.to_owned());
    }
}

#[expect(clippy::needless_pass_by_value, reason = "types are made for this call")]
fn column(name: &str, sql_type: String, dialect: Dialect) -> Column {
    let mut column = Column::new(name, "");
    column.sql_type = dialect.sql_type(&sql_type);
    column
}

fn table(world: &World, slot: Slot) -> Table {
    let dialect = world.dialect;
    let postgres = dialect == Dialect::Postgres;
    let mut table = Table::new(world.name(slot));
    let mut id = column("id", if postgres { "bigint" } else { "INTEGER" }.to_owned(), dialect);
    id.nullable = false;
    id.identity = Some(Box::new(Identity {
        always: !postgres,
        sequence: None,
        options: SequenceOptions::default(),
    }));
    let n = shapes::number_column(world, slot);
    let mut number = column(n, shapes::number_type(world, world.choice(slot, 3, 6)), dialect);
    number.nullable = world.choice(slot, 4, 3) != 1;
    number.default =
        shapes::default(world, world.choice(slot, 4, 6)).map(|text| Box::new(SqlText::new(text)));
    let mut text = column("s", shapes::text_type(world, world.choice(slot, 5, 5)), dialect);
    if world.choice(slot, 5, 5) == 4 && world.has(Kind::Collation, 0) {
        let name = world.name(Slot { kind: Kind::Collation, number: 0 });
        text.collation = Some(name.to_string());
    }
    table.columns = vec![id, number, text];
    if let Some(other) = shapes::other_type(world, world.choice(slot, 6, 10)) {
        table.columns.push(column("k", other, dialect));
    }
    if world.choice(slot, 7, 3) == 1 {
        let sql_type = if postgres { "bigint" } else { "INTEGER" }.to_owned();
        let mut column = column("g", sql_type, dialect);
        let expression = shapes::number(world, n, world.choice(slot, 7, 12) / 3);
        column.generated =
            Some(Box::new(Generated { expression: SqlText::new(expression), stored: true }));
        table.columns.push(column);
    }
    if is_partitioned(slot) {
        table.options.partition_by = Some("RANGE (id)".into());
    }
    table.comment = (postgres && world.choice(slot, COMMENT, 2) == 1).then(|| "it's".to_owned());
    constraints(world, slot, n, &mut table);
    indexes(world, slot, n, &mut table);
    table
}

/// Returns true for the table that has partitions.
fn is_partitioned(slot: Slot) -> bool {
    slot.number == 3
}

fn constraints(world: &World, slot: Slot, n: &str, table: &mut Table) {
    let own = table.name.name.clone();
    let mut add = |label: &str, kind| {
        table.constraints.push(Constraint::new(Some(format!("{own}_{label}")), kind));
    };
    add("pkey", ConstraintKind::primary_key(vec!["id".to_owned()]));
    let chosen = world.choice(slot, 8, 14);
    if let Some(condition) = shapes::condition(world, n, chosen % 7) {
        add("check", ConstraintKind::check(SqlText::new(condition)));
    }
    let first = Slot { number: 0, ..slot };
    if chosen > 6 && slot.number > 0 && world.slots.contains_key(&first) {
        let (own, there) = (vec!["id".to_owned()], vec!["id".to_owned()]);
        let key = ForeignKey::new(own, world.name(first), there);
        add("fkey", ConstraintKind::ForeignKey(key));
    }
}

fn indexes(world: &World, slot: Slot, n: &str, table: &mut Table) {
    let chosen = world.choice(slot, 9, 24);
    let key = match chosen % 4 {
        0 => return,
        1 => KeyPart::Column(n.to_owned()),
        2 => KeyPart::Expression(SqlText::new(shapes::number(world, n, 1 + chosen / 8))),
        _ => KeyPart::Expression(SqlText::new(shapes::words(world, chosen / 8))),
    };
    table.indexes.push(Index {
        name: format!("{}_idx", table.name.name),
        keys: vec![IndexKey::new(key)],
        unique: false,
        method: "btree".to_owned(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: shapes::condition(world, n, chosen / 4).map(|text| Box::new(SqlText::new(text))),
        settings: IndexSettings::default(),
        comment: None,
        canonical: None,
    });
}

/// Returns a table in a form to read.
pub(super) fn shown(table: &Table) -> String {
    let column = |column: &Column| {
        let mut text = format!("{} {}", column.name, column.sql_type.written);
        let not_null = if column.nullable { "" } else { " NOT NULL" };
        text += not_null;
        let default = column.default.as_ref().map(|text| format!(" DEFAULT {}", text.written));
        let generated = column.generated.as_ref();
        let generated = generated.map(|g| format!(" GENERATED AS ({})", g.expression.written));
        text + &default.unwrap_or_default() + &generated.unwrap_or_default()
    };
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    let constraint = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::Check { expression, .. } => format!(", CHECK ({})", expression.written),
        ConstraintKind::ForeignKey(key) => format!(", REFERENCES {}", key.references),
        _ => String::new(),
    };
    let constraints: String = table.constraints.iter().map(constraint).collect();
    let index = |index: &Index| format!("\n  index {:?} {:?}", index.keys[0].part, index.predicate);
    let indexes: String = table.indexes.iter().map(index).collect();
    format!("table {} ({}{constraints}){indexes}", table.name, columns.join(", "))
}
