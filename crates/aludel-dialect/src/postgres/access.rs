//! Owners and privileges.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Belongings, Grant, Kind, ObjectId};

use super::names::{addressed, is_relation};
use crate::dialect::Dialect::Postgres as PG;
use crate::hazard::Hazard;
use crate::lock::LockMode;
use crate::step::Rendered;

/// Renders ALTER … OWNER TO, REVOKE and GRANT; returns `None` for a kind that has no such thing.
///
/// The owner changes first, because privileges follow the owner. REVOKE on a table takes those on
/// its columns along, so that GRANT comes last and gives them back.
pub(super) fn alter(on: &ObjectId, from: &Belongings, to: &Belongings) -> Option<Rendered> {
    let mut statements = Vec::new();
    let mut owner_changes = false;
    if let Some(owner) = to.owner.as_ref().filter(|_| from.owner != to.owner) {
        statements.push(format!("ALTER {} OWNER TO {}", addressed(on.kind, on)?, PG.quote(owner)));
        owner_changes = true;
    }
    let (revoked, given) = (revoked(from, to), given(from, to));
    if !revoked.is_empty()
        || !given.is_empty()
        || from.revoked_from_public != to.revoked_from_public
    {
        let name = granted(on)?;
        if to.revoked_from_public && !from.revoked_from_public {
            statements.push(format!("REVOKE ALL ON {name} FROM PUBLIC"));
        } else if from.revoked_from_public && !to.revoked_from_public {
            let all = crate::access::privileges(on.kind, false).first().copied()?;
            statements.push(format!("GRANT {all} ON {name} TO PUBLIC"));
        }
        // What a role has granted goes before its own right to grant.
        for layer in from.layers().into_iter().rev() {
            let gone = revoked.iter().filter(|grant| layer.iter().any(|own| is_same(own, grant)));
            statements.extend(spoken(gone, |said, role| match role.option {
                true => format!("REVOKE GRANT OPTION FOR {said} ON {name} FROM {}", role.name),
                false => format!("REVOKE {said} ON {name} FROM {}", role.name),
            }));
        }
        statements.extend(grants(&name, to, &given));
    }
    let rendered = Rendered::statements(statements).hazards(hazards(on, &given));
    Some(match owner_changes && is_relation(on.kind) {
        true => rendered.lock(on.clone(), LockMode::AccessExclusive),
        false => rendered,
    })
}

/// Returns the GRANT statements for those privileges of an object that `given` has.
pub(super) fn grants(name: &str, all: &Belongings, given: &[Grant]) -> Vec<String> {
    let layers = all.layers().into_iter();
    let statements = layers.flat_map(|layer| {
        spoken(layer.into_iter().filter(|grant| given.contains(grant)), |said, role| {
            let option = if role.option { " WITH GRANT OPTION" } else { "" };
            format!("GRANT {said} ON {name} TO {}{option}", role.name)
        })
    });
    statements.collect()
}

/// Returns the hazards of privileges that other roles than the owner grant.
pub(super) fn hazards(on: &ObjectId, given: &[Grant]) -> Vec<Hazard> {
    let granted = given.iter().filter_map(|grant| {
        let (object, grant, grantor) = (on.clone(), grant.clone(), grant.grantor.clone()?);
        Some(Hazard::GrantsAs { object, grant, grantor })
    });
    granted.collect()
}

/// Returns the statement that executes another one as the role `grantor`, or as it is if the role that
/// runs it can't act as that one. A privilege is granted and revoked by the current role (PostgreSQL,
/// "GRANT"), and the role of before is not always that of the session.
fn executed_as(grantor: &str, statement: &str) -> String {
    let mut tag = "$grant$".to_owned();
    while statement.contains(&tag) || grantor.contains(&tag) {
        tag.insert(1, '_');
    }
    format!(
        "DO {tag}\n\
         DECLARE before text := current_setting('role');\n\
         BEGIN\n    \
             SET LOCAL ROLE {};\n    \
             {statement};\n    \
             PERFORM set_config('role', before, true);\n\
         EXCEPTION WHEN insufficient_privilege THEN\n    \
             {statement};\n\
         END {tag}",
        PG.quote(grantor)
    )
}

/// The role of a statement, and whether it is about the right to grant.
struct Role {
    name: String,
    option: bool,
}

/// Returns a statement for each role and grantor, with all of its privileges.
fn spoken<'g>(
    grants: impl Iterator<Item = &'g Grant>,
    statement: impl Fn(String, Role) -> String,
) -> Vec<String> {
    let mut by_role: BTreeMap<_, BTreeMap<(&String, bool), Vec<String>>> = BTreeMap::new();
    for grant in grants {
        let roles = (grant.grantor.as_ref(), grant.role.as_ref(), grant.grantable);
        let of_role = by_role.entry(roles).or_default();
        let part = (&grant.privilege, grant.column.is_some());
        let columns = of_role.entry(part).or_default();
        columns.extend(grant.column.as_ref().map(|column| PG.quote(column)));
    }
    let statements = by_role.into_iter().map(|((grantor, role, option), privileges)| {
        let said =
            privileges.into_iter().map(|((privilege, _), columns)| match columns.is_empty() {
                true => privilege.clone(),
                false => format!("{privilege} ({})", columns.join(", ")),
            });
        let name = role.map_or("PUBLIC".to_owned(), |role| PG.quote(role));
        let statement = statement(said.collect::<Vec<_>>().join(", "), Role { name, option });
        match grantor {
            Some(grantor) => executed_as(grantor, &statement),
            None => statement,
        }
    });
    statements.collect()
}

/// Returns the privileges to revoke. A privilege of which only the grant option goes is marked as
/// grantable.
///
/// A new owner keeps every privilege on the whole object, and of what it had before, the options and
/// the privileges on columns are left.
fn revoked(from: &Belongings, to: &Belongings) -> Vec<Grant> {
    let gone = from.grants.iter().filter(|grant| !to.grants.contains(grant));
    let gone = gone.filter_map(|grant| {
        let is_owners = grant.column.is_none() && grant.role.is_some() && grant.role == to.owner;
        let stays = is_owners || to.grants.iter().any(|other| is_same(grant, other));
        match (stays, grant.grantable) {
            (true, false) => None,
            (stays, _) => Some(Grant { grantable: stays, ..grant.clone() }),
        }
    });
    sorted(gone.collect())
}

/// Returns the privileges to grant: those that are new, and those on columns that go with a
/// privilege on the whole.
fn given(from: &Belongings, to: &Belongings) -> Vec<Grant> {
    let revoked = revoked(from, to);
    let goes_along = |grant: &Grant| {
        grant.column.is_some()
            && revoked.iter().any(|gone| {
                gone.column.is_none()
                    && (&gone.privilege, &gone.role) == (&grant.privilege, &grant.role)
                    && gone.grantor == grant.grantor
            })
    };
    let given = to.grants.iter().filter(|grant| {
        let had = from.grants.iter().any(|other| {
            is_same(grant, other) && (other.grantable || other.grantable == grant.grantable)
        });
        !had || goes_along(grant)
    });
    sorted(given.cloned().collect())
}

fn is_same(a: &Grant, b: &Grant) -> bool {
    a.is_same_right(b) && a.grantor == b.grantor
}

/// A privilege on the whole object and one on a column are statements of their own.
fn sorted(grants: Vec<Grant>) -> Vec<Grant> {
    grants.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Returns what a privilege is granted on; `None` for a kind that has no privileges.
fn granted(id: &ObjectId) -> Option<String> {
    let keyword = match id.kind {
        Kind::Table => "TABLE",
        Kind::Sequence => "SEQUENCE",
        Kind::Schema => "SCHEMA",
        Kind::Enum => "TYPE",
        kind => {
            let facts = PG.kind_facts(kind).filter(|facts| !facts.granted_as.is_empty())?;
            return Some(format!("{} {}", facts.granted_as, facts.form(facts.address, id, PG)));
        }
    };
    Some(format!("{keyword} {}", PG.quote_name(&id.name)))
}
