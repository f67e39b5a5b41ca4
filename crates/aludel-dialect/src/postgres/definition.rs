//! Kinds that are data. All statements come from the table of kinds, and a kind without an entry
//! has none.

use aludel_operations::ColumnFill;
use aludel_schema::{Clause, Definition, Kind, ObjectId, QualifiedName};

use super::access;
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::kind::{ClauseFacts, ClausePlace, KindFacts};
use crate::lock::LockMode;
use crate::no_data::{says_no_data, without_rows};
use crate::statement::partitioned;
use crate::step::Rendered;

/// Renders CREATE, and restores what an object that is made again had: its rows if it is a materialized
/// view, its owner, and its privileges.
pub(super) fn create(definition: &Definition) -> Option<Rendered> {
    let facts = PG.kind_facts(definition.id.kind)?;
    let mut statements = facts.statements("CREATE", definition, PG);
    let belongings = &definition.belongings;
    if let (Some(is_populated), Some(first)) = (belongings.is_populated, statements.first_mut()) {
        match is_populated {
            true if says_no_data(first, PG) => {
                statements.push(format!("REFRESH {}", facts.addressed(&definition.id, PG)));
            }
            true => {}
            false => *first = without_rows(first, PG),
        }
    }
    if let Some(owner) = &belongings.owner {
        let name = facts.addressed(&definition.id, PG);
        statements.push(format!("ALTER {name} OWNER TO {}", PG.quote(owner)));
    }
    let name = granted(facts, &definition.id);
    if belongings.revoked_from_public {
        statements.push(format!("REVOKE ALL ON {name} FROM PUBLIC"));
    }
    statements.extend(access::grants(&name, belongings, &belongings.grants));
    let granted = access::hazards(&definition.id, &belongings.grants);
    let rendered = with_parent(Rendered::statements(statements).hazards(granted), definition);
    let rendered = with_tables(rendered, facts, definition);
    Some(locked(rendered, facts.create_lock, &definition.id, Part::Table))
}

/// Adds the lock on the table that a partition is one of.
fn with_parent(rendered: Rendered, definition: &Definition) -> Rendered {
    match partitioned_table(definition) {
        Some(parent) => rendered.lock(parent, LockMode::AccessExclusive),
        None => rendered,
    }
}

/// Adds the locks on the tables that an object is about that belongs to none, such as a statistics
/// object.
fn with_tables(rendered: Rendered, facts: &KindFacts, definition: &Definition) -> Rendered {
    let mode = facts.create_lock.filter(|_| definition.id.table.is_none());
    mode.into_iter().fold(rendered, |rendered, mode| {
        read_tables(definition).fold(rendered, |rendered, table| rendered.lock(table, mode))
    })
}

/// Returns the table that a partition is one of.
fn partitioned_table(definition: &Definition) -> Option<ObjectId> {
    let is_partition = definition.id.kind == Kind::Partition;
    let name = is_partition.then(|| partitioned(&definition.body.written, PG)).flatten()?;
    Some(ObjectId::table(&name))
}

/// Returns the tables that an object rests on.
fn read_tables(definition: &Definition) -> impl Iterator<Item = ObjectId> {
    definition.depends_on.iter().filter_map(|id| match id.kind {
        Kind::Table => Some(id.clone()),
        Kind::Column => id.table.as_ref().map(ObjectId::table),
        _ => None,
    })
}

/// Renders DROP.
pub(super) fn drop(definition: &Definition) -> Option<Rendered> {
    let facts = PG.kind_facts(definition.id.kind)?;
    if facts.is_altered_only {
        let nothing = Definition { clauses: Vec::new(), ..definition.clone() };
        return Some(Rendered::statements(clause_changes(facts, definition, &nothing)));
    }
    let sql = format!("DROP {}", facts.addressed(&definition.id, PG));
    let mut rendered = with_parent(Rendered::statement(sql), definition);
    if facts.drop_locks_tables {
        rendered = with_tables(rendered, facts, definition);
    }
    if partitioned_table(definition).is_some() {
        rendered = rendered.hazard(Hazard::DropsRows { table: definition.id.name.clone() });
    }
    Some(locked(rendered, facts.lock, &definition.id, Part::Whole))
}

/// Renders CREATE OR REPLACE for a new body, or else ALTER for each clause that differs. `used_by`
/// are the tables whose rows a new constraint of a type is checked against, and `typed` those that
/// follow the attributes of the type. Rows of a partition get the values of `fills` first.
pub(super) fn alter(
    [from, to]: [&Definition; 2],
    used_by: &[QualifiedName],
    typed: &[QualifiedName],
    fills: &[ColumnFill],
) -> Option<Rendered> {
    let facts = PG.kind_facts(to.id.kind)?;
    // A trigger in the place of another one is made as a new one is.
    let (statements, mode) = if from.body == to.body {
        (clause_changes(facts, from, to), facts.lock)
    } else {
        (replace(facts, from, to), facts.create_lock.or(facts.lock))
    };
    let cascade = if typed.is_empty() { "" } else { " CASCADE" };
    let statements = statements.into_iter().map(|sql| format!("{sql}{cascade}"));
    let statements = fills.iter().map(|own| fill(&to.id, own)).chain(statements).collect();
    let mut rendered = locked(Rendered::statements(statements), mode, &to.id, Part::Whole);
    rendered = fills.iter().fold(rendered, |rendered, own| {
        let column = ObjectId::column(&to.id.name, own.column.as_str());
        let updates = Hazard::Updates { table: to.id.name.clone() };
        rendered.hazard(Hazard::LostValues { column }).hazard(updates)
    });
    rendered = typed.iter().fold(rendered, |rendered, table| {
        rendered.lock(ObjectId::table(table), LockMode::AccessExclusive)
    });
    if let Some(parent) = partitioned_table(to) {
        rendered = bound_changes(rendered, [from, to], parent, fills);
    }
    if published(from) != published(to) {
        rendered = [from, to].into_iter().fold(rendered, |all, own| with_tables(all, facts, own));
    }
    let before = facts.under_new_names(from, to);
    let checks = |clause: &&Clause| {
        matches!(clause.word.as_str(), "constraint" | "not null" | "not null name")
            && !before.clauses.contains(clause)
    };
    if !to.clauses.iter().any(|clause| checks(&clause)) {
        return Some(rendered);
    }
    Some(used_by.iter().fold(rendered, |rendered, table| {
        rendered
            .lock(ObjectId::table(table), LockMode::Share)
            .hazard(Hazard::Scans { table: table.clone() })
    }))
}

/// Gives the rows of a partition a value in a column that is empty.
fn fill(partition: &ObjectId, fill: &ColumnFill) -> String {
    let (table, column) = (PG.quote_name(&partition.name), PG.quote(&fill.column));
    format!("UPDATE {table} SET {column} = {} WHERE {column} IS NULL", fill.value)
}

/// Returns true for the constraint that a column has no NULL.
fn forbids_null(clause: &Clause, column: &str) -> bool {
    match clause.word.as_str() {
        "not null" => clause.name.as_deref() == Some(column),
        "constraint" => clause.text.written == format!("NOT NULL {}", PG.quote(column)),
        _ => false,
    }
}

/// Returns what a publication publishes.
fn published(definition: &Definition) -> Option<&Clause> {
    definition.clauses.iter().find(|clause| clause.word == "objects")
}

/// Adds the locks and hazards of a partition that leaves its table or comes to it. Its rows are read
/// to hold them against the bound.
fn bound_changes(
    rendered: Rendered,
    [from, to]: [&Definition; 2],
    parent: ObjectId,
    fills: &[ColumnFill],
) -> Rendered {
    let bound = |definition: &Definition| {
        definition.clauses.iter().find(|clause| clause.word == "bound").cloned()
    };
    let (before, after, table) = (bound(from), bound(to), to.id.name.clone());
    let named = PG.kind_facts(to.id.kind).map(|facts| facts.under_new_names(from, to));
    let checks = to.clauses.iter().filter(|clause| {
        matches!(clause.word.as_str(), "constraint" | "not null")
            && !named.as_ref().unwrap_or(from).clauses.contains(clause)
            && !fills.iter().any(|own| forbids_null(clause, &own.column))
    });
    let rendered = checks.fold(rendered, |rendered, clause| {
        let part = clause.name.as_deref().unwrap_or_default();
        let rows = match clause.word.as_str() {
            "not null" => format!("a row of {table} has NULL in {part}"),
            _ => format!("a row of {table} breaks {part}"),
        };
        rendered
            .hazard(Hazard::Scans { table: table.clone() })
            .hazard(Hazard::FailsOnRule { object: to.id.clone(), rows })
    });
    if before == after {
        return rendered;
    }
    let rendered = match before {
        Some(_) => rendered.lock(parent.clone(), LockMode::AccessExclusive),
        None => rendered,
    };
    let Some(after) = after else { return rendered };
    let rows = match after.text.written.as_str() {
        "DEFAULT" => format!("a row of {table} belongs to another partition"),
        bound => format!("a row of {table} does not fit {bound}"),
    };
    rendered
        .lock(parent, LockMode::ShareUpdateExclusive)
        .hazard(Hazard::Scans { table })
        .hazard(Hazard::FailsOnRule { object: to.id.clone(), rows })
}

/// Renders CREATE OR REPLACE, which contains the clauses too, except those that ALTER sets.
fn replace(facts: &KindFacts, from: &Definition, to: &Definition) -> Vec<String> {
    let mut statements = facts.statements("CREATE OR REPLACE", to, PG);
    let gone = from.clauses.iter().filter(|old| !to.clauses.iter().any(|c| c.is_same_part(old)));
    let separate = gone.filter_map(|clause| {
        let clause_facts = facts.clause(&clause.word)?;
        let is_separate = clause_facts.place == ClausePlace::Separate;
        is_separate.then(|| facts.altered(to, clause, clause_facts.unset, PG))
    });
    statements.extend(separate);
    statements
}

/// The part of an object that is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The object or the table that it belongs to.
    Whole,
    /// Only the table, because the object is new.
    Table,
}

/// Adds a lock on the object, or on the table that it belongs to.
fn locked(rendered: Rendered, mode: Option<LockMode>, id: &ObjectId, part: Part) -> Rendered {
    match (mode, &id.table, part) {
        (Some(mode), Some(table), _) => rendered.lock(ObjectId::table(table), mode),
        (Some(mode), None, Part::Whole) => rendered.lock(id.clone(), mode),
        (Some(_), None, Part::Table) | (None, ..) => rendered,
    }
}

/// Returns the ALTER statements that turn the clauses of one definition into those of another.
/// Removals come first.
fn clause_changes(facts: &KindFacts, from: &Definition, to: &Definition) -> Vec<String> {
    let renames = facts.part_renames(from, to, PG);
    let from = &facts.under_new_names(from, to);
    let said = |clause: &Clause, pick: fn(&ClauseFacts) -> &'static str| {
        let action = pick(facts.clause(&clause.word)?);
        (!action.is_empty()).then(|| facts.altered(to, clause, action, PG))
    };
    let replaced_at_once = |clause: &Clause| {
        let once = facts.clause(&clause.word).is_some_and(|facts| facts.once);
        !once && to.clauses.iter().any(|other| other.is_same_part(clause))
    };
    let changed = |clause: &Clause| from.clauses.iter().any(|old| old.is_same_part(clause));
    let lost = |clause: &Clause| {
        let mut others = from.clauses.iter().filter(|other| facts.is_about(clause, other));
        others.any(|other| !to.clauses.contains(other) && !replaced_at_once(other))
    };
    // A column of a foreign table comes before the constraints over it, which go before it.
    let gone = from.clauses.iter().rev();
    let gone = gone.filter(|c| !to.clauses.contains(c) && !replaced_at_once(c));
    // The server forgets what is said about a clause together with that, but not that an index is to tell the rows.
    let outlasts = |own: &Clause| facts.clause(&own.word).is_some_and(|facts| facts.is_exclusive);
    let stays = |own: &Clause| to.clauses.iter().any(|other| other.is_same_part(own));
    let gone = gone.filter(|clause| !lost(clause) || outlasts(clause) && !stays(clause));
    let new = to.clauses.iter().filter(|c| !from.clauses.contains(c) || lost(c));
    renames
        .into_iter()
        .chain(gone.filter_map(|clause| said(clause, |facts| facts.unset)))
        .chain(new.filter_map(|clause| match changed(clause) {
            true => {
                said(clause, |facts| if facts.change.is_empty() { facts.set } else { facts.change })
            }
            false => said(clause, |facts| facts.set),
        }))
        .collect()
}

/// Returns what a privilege is granted on.
fn granted(facts: &KindFacts, id: &ObjectId) -> String {
    format!("{} {}", facts.granted_as, facts.form(facts.address, id, PG))
}
