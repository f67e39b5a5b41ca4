//! Owners and privileges.

use std::collections::{BTreeMap, BTreeSet};

use aludel_schema::{Belongings, Grant, Kind, ObjectId};

use super::names::{addressed, is_relation};
use crate::dialect::Dialect::Postgres as PG;
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
        statements.extend(spoken(&revoked, |said, role| match role.option {
            true => format!("REVOKE GRANT OPTION FOR {said} ON {name} FROM {}", role.name),
            false => format!("REVOKE {said} ON {name} FROM {}", role.name),
        }));
        statements.extend(spoken(&given, |said, role| {
            let option = if role.option { " WITH GRANT OPTION" } else { "" };
            format!("GRANT {said} ON {name} TO {}{option}", role.name)
        }));
    }
    let rendered = Rendered::statements(statements);
    Some(match owner_changes && is_relation(on.kind) {
        true => rendered.lock(on.clone(), LockMode::AccessExclusive),
        false => rendered,
    })
}

/// The role of a statement, and whether it is about the right to grant.
struct Role {
    name: String,
    option: bool,
}

/// Returns a statement for each role, with all of its privileges.
fn spoken(grants: &[Grant], statement: impl Fn(String, Role) -> String) -> Vec<String> {
    let mut by_role: BTreeMap<_, BTreeMap<(&String, bool), Vec<String>>> = BTreeMap::new();
    for grant in grants {
        let of_role = by_role.entry((grant.role.as_ref(), grant.grantable)).or_default();
        let part = (&grant.privilege, grant.column.is_some());
        let columns = of_role.entry(part).or_default();
        columns.extend(grant.column.as_ref().map(|column| PG.quote(column)));
    }
    let statements = by_role.into_iter().map(|((role, option), privileges)| {
        let said =
            privileges.into_iter().map(|((privilege, _), columns)| match columns.is_empty() {
                true => privilege.clone(),
                false => format!("{privilege} ({})", columns.join(", ")),
            });
        let name = role.map_or("PUBLIC".to_owned(), |role| PG.quote(role));
        statement(said.collect::<Vec<_>>().join(", "), Role { name, option })
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
    (&a.privilege, &a.column, &a.role) == (&b.privilege, &b.column, &b.role)
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
