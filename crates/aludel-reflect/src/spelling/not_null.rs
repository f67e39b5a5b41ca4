//! Names of the NOT NULL constraints of partitions and domains, as far as object files do not state them.

use aludel_schema::{Clause, Definition, Kind, object_name};

/// Names the constraints of a definition of the target; `database` is the same there, if there is one.
pub(super) fn name(target: &mut Definition, database: Option<&Definition>) {
    if target.id.kind == Kind::Domain {
        in_domain(target, database);
    } else if let Some(database) = database.filter(|_| target.id.kind == Kind::Partition) {
        in_partition(target, database);
    }
}

/// Gives a partition the names of the NOT NULL constraints that the database has, unless it states
/// one for the column. Such a name can't change while the table of the partition has the constraint too.
fn in_partition(target: &mut Definition, database: &Definition) {
    let is_name = |clause: &&Clause| clause.word == "not null name";
    for clause in database.clauses.iter().filter(is_name) {
        let column = clause.text.spelling();
        let mut said = target.clauses.iter().filter(is_name);
        if said.all(|own| own.text.spelling() != column) {
            target.clauses.push(clause.clone());
        }
    }
}

/// Gives a domain the usual name for its NOT NULL constraint unless it states one. The server may have
/// added a number to that, because another constraint of the schema has it.
fn in_domain(target: &mut Definition, database: Option<&Definition>) {
    let usual = object_name(&target.id.name.name, "", "not_null");
    let numbered = |name: &str| {
        let digits = name.strip_prefix(usual.as_str());
        digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_one = |clause: &Clause| matches!(clause.word.as_str(), "not null" | "not null name");
    let there = database.and_then(|own| own.clauses.iter().find(|clause| is_one(clause)));
    let there = there.filter(|own| own.name.as_deref().is_some_and(numbered)).cloned();
    let texts: Vec<String> = target.source.iter().chain(&target.attributes).cloned().collect();
    for clause in target.clauses.iter_mut().filter(|clause| is_one(clause)) {
        let Some(name) = clause.name.clone().filter(|name| numbered(name)) else { continue };
        if texts.iter().any(|text| text.contains(&name)) {
            continue;
        }
        match &there {
            Some(there) => clause.clone_from(there),
            None => {
                clause.word = "not null".to_owned();
                clause.name = Some(usual.clone());
            }
        }
    }
}
