//! Kinds that are data. All statements come from the table of kinds, and a kind without an entry
//! has none.

use aludel_schema::{Clause, Definition, Grant, ObjectId, QualifiedName};

use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::kind::{ClauseFacts, KindFacts, filled};
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders CREATE, and restores the owner and the privileges of an object that is made again.
pub(super) fn create(definition: &Definition) -> Option<Rendered> {
    let facts = PG.kind_facts(definition.id.kind)?;
    let mut statements = vec![facts.statement("CREATE", definition, PG)];
    let name = format!("{} {}", facts.keyword, PG.quote_name(&definition.id.name));
    if let Some(owner) = &definition.belongings.owner {
        statements.push(format!("ALTER {name} OWNER TO {}", PG.quote(owner)));
    }
    statements.extend(definition.belongings.grants.iter().map(|g| grant(facts, definition, g)));
    Some(Rendered::statements(statements))
}

/// Renders DROP.
pub(super) fn drop(definition: &Definition) -> Option<Rendered> {
    let facts = PG.kind_facts(definition.id.kind)?;
    let sql = format!("DROP {} {}", facts.keyword, PG.quote_name(&definition.id.name));
    Some(locked(Rendered::statement(sql), &definition.id))
}

/// Renders CREATE OR REPLACE for a new body, or else ALTER for each clause that differs. `used_by`
/// are the tables whose rows a new constraint of a type is checked against.
pub(super) fn alter(
    from: &Definition,
    to: &Definition,
    used_by: &[QualifiedName],
) -> Option<Rendered> {
    let facts = PG.kind_facts(to.id.kind)?;
    let mut statements = Vec::new();
    if from.body != to.body {
        // CREATE OR REPLACE contains the clauses too.
        statements.push(facts.statement("CREATE OR REPLACE", to, PG));
    } else {
        statements.extend(clause_changes(facts, from, to));
    }
    let rendered = locked(Rendered::statements(statements), &to.id);
    let checks = |clause: &&Clause| {
        matches!(clause.word.as_str(), "constraint" | "not null") && !from.clauses.contains(clause)
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

fn locked(rendered: Rendered, id: &ObjectId) -> Rendered {
    match PG.kind_facts(id.kind).and_then(|facts| facts.lock) {
        Some(mode) => rendered.lock(id.clone(), mode),
        None => rendered,
    }
}

/// Returns the ALTER statements that turn the clauses of one definition into those of another.
/// Removals come first.
fn clause_changes(facts: &KindFacts, from: &Definition, to: &Definition) -> Vec<String> {
    let alter =
        |text: String| format!("ALTER {} {} {text}", facts.keyword, PG.quote_name(&to.id.name));
    let said = |clause: &Clause, pick: fn(&ClauseFacts) -> &'static str| {
        facts.clause(&clause.word).map(|facts| alter(filled(pick(facts), clause, PG)))
    };
    let replaced_at_once = |clause: &Clause| {
        let once = facts.clause(&clause.word).is_some_and(|facts| facts.once);
        !once && to.clauses.iter().any(|other| other.is_same_part(clause))
    };
    let gone = from.clauses.iter().filter(|c| !to.clauses.contains(c) && !replaced_at_once(c));
    let new = to.clauses.iter().filter(|c| !from.clauses.contains(c));
    gone.filter_map(|clause| said(clause, |facts| facts.unset))
        .chain(new.filter_map(|clause| said(clause, |facts| facts.set)))
        .collect()
}

fn grant(facts: &KindFacts, definition: &Definition, grant: &Grant) -> String {
    let column = grant.column.as_ref().map(|c| format!(" ({})", PG.quote(c))).unwrap_or_default();
    let role = grant.role.as_ref().map_or("PUBLIC".to_owned(), |role| PG.quote(role));
    let option = if grant.grantable { " WITH GRANT OPTION" } else { "" };
    format!(
        "GRANT {}{column} ON {} {} TO {role}{option}",
        grant.privilege,
        facts.granted_as,
        PG.quote_name(&definition.id.name)
    )
}
