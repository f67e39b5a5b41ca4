//! Statements about default privileges: ALTER DEFAULT PRIVILEGES.

use std::collections::BTreeSet;

use aludel_schema::{
    Clause, Definition, Grant, GrantChange, GrantVerb, Kind, ObjectId, QualifiedName, SqlText,
};

use crate::access::{Privilege, privileges as privileges_on};
use crate::dialect::Dialect;
use crate::head::Reader;
use crate::lexer::significant;

/// A change of the privileges that roles will have on new objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultPrivileges {
    /// The identity of the default privileges: the sort of objects, and who makes them, in which schema.
    pub id: ObjectId,
    /// The role that makes the objects.
    pub maker: String,
    /// The schema, if it is said.
    pub schema: Option<String>,
    /// The privileges that are given or taken.
    pub changes: Vec<GrantChange>,
}

/// The sorts of objects, by their words; the kind is one that has the same privileges.
const SORTS: [(&str, Kind); 6] = [
    ("TABLES", Kind::Table),
    ("SEQUENCES", Kind::Sequence),
    ("FUNCTIONS", Kind::Function),
    ("ROUTINES", Kind::Function),
    ("TYPES", Kind::Type),
    ("SCHEMAS", Kind::Schema),
];

/// Parses an ALTER DEFAULT PRIVILEGES statement; returns `None` for any other statement.
///
/// # Errors
///
/// Fails with a message for a statement that depends on who runs it, or that can't be read.
pub fn default_privileges(
    sql: &str,
    dialect: Dialect,
) -> Option<Result<Vec<DefaultPrivileges>, String>> {
    let tokens = significant(sql, dialect);
    let mut reader = Reader { tokens: &tokens, at: 0 };
    reader.words(&["ALTER", "DEFAULT", "PRIVILEGES"]).then(|| reader.default_privileges(dialect))
}

/// Adds a change to the default privileges that are declared so far.
pub fn change_default_privileges(definition: &mut Definition, change: &GrantChange) {
    let GrantChange { verb, grant } = change;
    let sort = definition.id.name.name.clone();
    let whole = definition.id.signature.as_deref().is_some_and(|s| !s.contains(" IN SCHEMA "));
    let is_public = ["FUNCTIONS", "TYPES"].contains(&sort.as_str()) && whole;
    if grant.role.is_none() && is_public {
        // All roles have these unless they are revoked.
        definition.clauses.retain(|clause| clause.word != "revoked");
        if *verb == GrantVerb::Revoke {
            let (word, text) = ("revoked".to_owned(), SqlText::new(""));
            definition.clauses.push(Clause { word, name: None, text });
        }
        return;
    }
    let words: &[&str] = match (&grant.role, verb) {
        (None, _) => &["public"],
        (Some(_), GrantVerb::Grant) if grant.grantable => &["grant option"],
        (Some(_), GrantVerb::Grant) => &["grant"],
        (Some(_), GrantVerb::Revoke) => &["grant", "grant option"],
        (Some(_), GrantVerb::RevokeOption) => &["grant option"],
    };
    let changed = all_of(&sort, &grant.privilege);
    for word in words {
        let clause =
            Clause { word: (*word).to_owned(), name: grant.role.clone(), text: SqlText::new("") };
        let place = definition.clauses.iter().position(|other| other.is_same_part(&clause));
        let before = place.map(|at| definition.clauses.remove(at).text.written);
        let before = before.iter().flat_map(|text| text.split(", "));
        let mut now: BTreeSet<String> =
            before.flat_map(|privilege| all_of(&sort, privilege)).collect();
        match verb {
            GrantVerb::Grant => now.extend(changed.iter().cloned()),
            GrantVerb::Revoke | GrantVerb::RevokeOption => {
                now.retain(|privilege| !changed.contains(privilege));
            }
        }
        if !now.is_empty() {
            let text = SqlText::new(said(&sort, now));
            definition.clauses.push(Clause { text, ..clause });
        }
    }
    definition.clauses.sort_by(|a, b| (&a.word, &a.name).cmp(&(&b.word, &b.name)));
}

/// The privileges that a new object has by default privileges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenByDefault {
    /// The privileges of roles, which the owner of the object grants.
    pub grants: Vec<Grant>,
    /// True if the object lacks what all roles have on a new object of the kind otherwise.
    pub revoked_from_public: bool,
}

/// Returns what default privileges give to a new object of a kind in a schema, whoever makes it.
pub fn given_by_default(
    privileges: &Definition,
    kind: Kind,
    schema: Option<&str>,
    dialect: Dialect,
) -> GivenByDefault {
    let mut given = GivenByDefault::default();
    let sort = privileges.id.name.name.as_str();
    let whom = privileges.id.signature.as_deref().unwrap_or_default();
    let of_schema = schema.map(|schema| format!(" IN SCHEMA {}", dialect.quote(schema)));
    let is_there =
        !whom.contains(" IN SCHEMA ") || of_schema.is_some_and(|own| whom.ends_with(&own));
    if privileges.id.kind != Kind::DefaultPrivileges || sort_of(kind) != Some(sort) || !is_there {
        return given;
    }
    given.revoked_from_public = privileges.clauses.iter().any(|clause| clause.word == "revoked");
    for clause in privileges.clauses.iter().filter(|clause| clause.word != "revoked") {
        let grantable = clause.word == "grant option";
        let all = clause.text.written.split(", ").flat_map(|privilege| all_of(sort, privilege));
        given.grants.extend(all.map(|privilege| Grant {
            privilege,
            column: None,
            role: clause.name.clone(),
            grantable,
            grantor: None,
        }));
    }
    given
}

/// Returns the sort of objects that a kind is of.
fn sort_of(kind: Kind) -> Option<&'static str> {
    let of = |kinds: &[Kind]| kinds.contains(&kind);
    if of(&[Kind::Table, Kind::Partition, Kind::View, Kind::MaterializedView, Kind::ForeignTable]) {
        return Some("TABLES");
    }
    if kind.is_called() {
        return Some("FUNCTIONS");
    }
    if of(&[Kind::Enum, Kind::Domain, Kind::CompositeType, Kind::RangeType, Kind::BaseType]) {
        return Some("TYPES");
    }
    match kind {
        Kind::Sequence => Some("SEQUENCES"),
        Kind::Schema => Some("SCHEMAS"),
        _ => None,
    }
}

/// Returns the privileges that a word stands for.
fn all_of(sort: &str, privilege: &str) -> BTreeSet<String> {
    let kind = SORTS.iter().find(|(word, _)| *word == sort).map(|(_, kind)| *kind);
    match kind.filter(|_| privilege == "ALL") {
        Some(kind) => privileges_on(kind, true).iter().map(|own| (*own).to_owned()).collect(),
        None => BTreeSet::from([privilege.to_owned()]),
    }
}

/// Returns a list of privileges, or `ALL` for all of them.
fn said(sort: &str, privileges: BTreeSet<String>) -> String {
    match privileges == all_of(sort, "ALL") {
        true => "ALL".to_owned(),
        false => privileges.into_iter().collect::<Vec<_>>().join(", "),
    }
}

/// Refuses privileges that objects of the sort do not have, and a schema of schemas.
fn are_possible(
    sort: &str,
    privileges: &[Privilege],
    schemas: &[Option<String>],
) -> Result<(), String> {
    let kind = SORTS.iter().find(|(word, _)| *word == sort).map(|(_, kind)| *kind);
    let known = kind.map_or(&[] as &[_], |kind| privileges_on(kind, true));
    let mut names = privileges.iter().map(|privilege| privilege.name.as_str());
    if let Some(unknown) = names.find(|name| *name != "ALL" && !known.contains(name)) {
        return Err(format!("there is no privilege {unknown} on {sort}"));
    }
    match sort == "SCHEMAS" && schemas.iter().any(Option::is_some) {
        true => Err("a schema is in no schema, so that `IN SCHEMA` has no meaning".to_owned()),
        false => Ok(()),
    }
}

impl Reader<'_, '_> {
    fn default_privileges(&mut self, dialect: Dialect) -> Result<Vec<DefaultPrivileges>, String> {
        if !(self.words(&["FOR", "ROLE"]) || self.words(&["FOR", "USER"])) {
            return Err("`FOR ROLE` is missing, so that it would depend on who runs it".to_owned());
        }
        let makers =
            self.list(|reader| reader.role()?.ok_or_else(|| "PUBLIC makes no objects".to_owned()))?;
        let schemas = match self.words(&["IN", "SCHEMA"]) {
            true => self.list(|reader| {
                reader
                    .name()
                    .map(|name| Some(name.name))
                    .ok_or("the name of a schema is missing".to_owned())
            })?,
            false => vec![None],
        };
        let verb = match (self.words(&["GRANT"]), self.words(&["REVOKE"])) {
            (true, _) => GrantVerb::Grant,
            (false, true) if self.words(&["GRANT", "OPTION", "FOR"]) => GrantVerb::RevokeOption,
            (false, true) => GrantVerb::Revoke,
            (false, false) => return Err("there are GRANT and REVOKE".to_owned()),
        };
        let privileges = self.privileges().ok_or("`ON` is missing")?;
        let sort = SORTS.iter().find(|(word, _)| self.words(&[word]));
        let sort =
            match sort.ok_or("privileges are on TABLES, SEQUENCES, FUNCTIONS, TYPES or SCHEMAS")? {
                ("ROUTINES", _) => "FUNCTIONS",
                (word, _) => word,
            };
        if !self.words(&[if verb == GrantVerb::Grant { "TO" } else { "FROM" }]) {
            return Err("the name of a role is missing".to_owned());
        }
        let roles = self.list(|reader| {
            reader.words(&["GROUP"]);
            reader.role()
        })?;
        let grantable = self.end_of_grant(&roles)?;
        are_possible(sort, &privileges, &schemas)?;
        let mut changes = Vec::new();
        for role in roles {
            changes.extend(privileges.iter().map(|privilege| {
                let (privilege, role) = (privilege.name.clone(), role.clone());
                let grant = Grant { privilege, column: None, role, grantable, grantor: None };
                GrantChange { verb, grant }
            }));
        }
        let mut found = Vec::new();
        for maker in &makers {
            for schema in &schemas {
                let of =
                    schema.iter().map(|schema| format!(" IN SCHEMA {}", dialect.quote(schema)));
                let whom = format!("FOR ROLE {}{}", dialect.quote(maker), of.collect::<String>());
                let name = QualifiedName::unqualified(sort);
                let id = ObjectId::overloaded(Kind::DefaultPrivileges, name, whom);
                let (schema, changes) = (schema.clone(), changes.clone());
                let maker = maker.clone();
                found.push(DefaultPrivileges { id, maker, schema, changes });
            }
        }
        Ok(found)
    }

    /// Reads a list with commas between.
    fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut found = vec![one(self)?];
        while self.comma() {
            found.push(one(self)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use aludel_schema::Definition;

    use super::{change_default_privileges, default_privileges};
    use crate::dialect::Dialect::Postgres;

    #[test]
    fn statements_add_up() {
        let of = "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA s";
        for (statements, expected) in [
            (
                vec!["GRANT SELECT ON TABLES TO a", "GRANT INSERT ON TABLES TO a"],
                "grant a: INSERT, SELECT",
            ),
            (
                vec!["GRANT ALL ON SEQUENCES TO a", "REVOKE USAGE ON SEQUENCES FROM a"],
                "grant a: SELECT, UPDATE",
            ),
            (vec!["GRANT usage, select, update ON SEQUENCES TO PUBLIC"], "public : ALL"),
            (vec!["GRANT EXECUTE ON ROUTINES TO a WITH GRANT OPTION"], "grant option a: ALL"),
        ] {
            let mut definition: Option<Definition> = None;
            for statement in statements {
                let parsed = default_privileges(&format!("{of} {statement}"), Postgres).unwrap();
                let [one] = <[_; 1]>::try_from(parsed.unwrap()).unwrap();
                let definition =
                    definition.get_or_insert_with(|| Definition::new(one.id.clone(), ""));
                one.changes.iter().for_each(|change| change_default_privileges(definition, change));
            }
            let clauses = definition.unwrap().clauses;
            let said = clauses.iter().map(|c| {
                format!("{} {}: {}", c.word, c.name.as_deref().unwrap_or_default(), c.text.written)
            });
            assert_eq!(said.collect::<Vec<_>>().join("; "), expected);
        }
        let whole = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a";
        assert!(default_privileges(whole, Postgres).unwrap().is_err());
        assert!(default_privileges("ALTER TABLE a OWNER TO b", Postgres).is_none());
    }
}
