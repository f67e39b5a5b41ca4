//! Statements about owners and privileges: GRANT, REVOKE and ALTER … OWNER TO.

use aludel_schema::{Grant, GrantChange, GrantVerb, Kind, QualifiedName};

use crate::dialect::Dialect;
use crate::head::Reader;
use crate::lexer::significant;
use crate::signature;
use crate::token::Token;

/// A statement about owners and privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessStatement {
    /// The objects that it is about.
    pub on: Vec<AccessTarget>,
    /// The change to each of these objects.
    pub change: AccessChange,
}

/// The change that a statement makes to the access to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessChange {
    /// The owner.
    Owner(String),
    /// Privileges that are given or taken.
    Grants(Vec<GrantChange>),
}

/// The objects that a statement names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessTarget {
    /// One object.
    One(Accessed),
    /// All objects of some kinds in a schema.
    AllIn {
        /// The kinds.
        kinds: &'static [Kind],
        /// The schema.
        schema: String,
    },
}

impl AccessChange {
    /// Iterates over the roles that the change names.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        let (owner, changes) = match self {
            Self::Owner(role) => (Some(role.as_str()), [].as_slice()),
            Self::Grants(changes) => (None, changes.as_slice()),
        };
        owner.into_iter().chain(changes.iter().filter_map(|own| own.grant.role.as_deref()))
    }
}

/// An object as a statement names it. The statement may leave its exact kind open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accessed {
    /// The kinds that the object may be of.
    pub kinds: &'static [Kind],
    /// The name.
    pub name: QualifiedName,
    /// The types of its arguments, if the statement has them.
    pub signature: Option<String>,
}

const RELATIONS: &[Kind] = &[
    Kind::Table,
    Kind::Partition,
    Kind::View,
    Kind::MaterializedView,
    Kind::ForeignTable,
    Kind::Sequence,
];
const TABLES: &[Kind] =
    &[Kind::Table, Kind::Partition, Kind::View, Kind::MaterializedView, Kind::ForeignTable];
const TYPES: &[Kind] =
    &[Kind::Enum, Kind::CompositeType, Kind::RangeType, Kind::BaseType, Kind::Domain];
const FUNCTIONS: &[Kind] = &[Kind::Function, Kind::Aggregate];
const ROUTINES: &[Kind] = &[Kind::Function, Kind::Procedure, Kind::Aggregate];

/// The keywords of GRANT for single objects. A keyword that begins with another one comes first.
const KEYWORDS: [(&[&str], &[Kind]); 11] = [
    (&["FOREIGN", "DATA", "WRAPPER"], &[Kind::ForeignDataWrapper]),
    (&["FOREIGN", "SERVER"], &[Kind::ForeignServer]),
    (&["TABLE"], RELATIONS),
    (&["SEQUENCE"], &[Kind::Sequence]),
    (&["SCHEMA"], &[Kind::Schema]),
    (&["FUNCTION"], FUNCTIONS),
    (&["PROCEDURE"], &[Kind::Procedure]),
    (&["ROUTINE"], ROUTINES),
    (&["DOMAIN"], &[Kind::Domain]),
    (&["TYPE"], TYPES),
    (&["VIEW"], TABLES),
];

/// The keywords of GRANT for all objects of a schema.
const ALL: [(&str, &[Kind]); 5] = [
    ("TABLES", TABLES),
    ("SEQUENCES", &[Kind::Sequence]),
    ("FUNCTIONS", FUNCTIONS),
    ("PROCEDURES", &[Kind::Procedure]),
    ("ROUTINES", ROUTINES),
];

/// Returns the privileges that ALL stands for, on an object of a kind as a whole; none for a kind
/// that has no privileges.
pub fn privileges(kind: Kind, has_maintain: bool) -> &'static [&'static str] {
    const TABLE: [&str; 8] =
        ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"];
    match kind {
        Kind::Table
        | Kind::Partition
        | Kind::View
        | Kind::MaterializedView
        | Kind::ForeignTable => {
            if has_maintain {
                &TABLE
            } else {
                TABLE.split_at(7).0
            }
        }
        Kind::Sequence => &["USAGE", "SELECT", "UPDATE"],
        Kind::Schema => &["USAGE", "CREATE"],
        Kind::Function | Kind::Procedure | Kind::Aggregate => &["EXECUTE"],
        Kind::Type
        | Kind::Enum
        | Kind::Domain
        | Kind::CompositeType
        | Kind::RangeType
        | Kind::BaseType
        | Kind::ForeignDataWrapper
        | Kind::ForeignServer => &["USAGE"],
        Kind::Column => &["SELECT", "INSERT", "UPDATE", "REFERENCES"],
        Kind::Extension
        | Kind::Collation
        | Kind::Constraint
        | Kind::Index
        | Kind::VirtualTable
        | Kind::Operator
        | Kind::OperatorClass
        | Kind::OperatorFamily
        | Kind::Cast
        | Kind::Trigger
        | Kind::Rule
        | Kind::Policy
        | Kind::Statistics
        | Kind::TextSearchConfiguration
        | Kind::TextSearchDictionary
        | Kind::TextSearchParser
        | Kind::TextSearchTemplate
        | Kind::EventTrigger
        | Kind::Publication
        | Kind::DefaultPrivileges
        | Kind::Subscription
        | Kind::UserMapping
        | Kind::Language
        | Kind::AccessMethod
        | Kind::Conversion
        | Kind::Transform
        | Kind::Role => &[],
    }
}

/// Parses a statement about owners and privileges; returns `None` for any other statement.
///
/// # Errors
///
/// Fails with a message for a statement that is about something else than an object of a database,
/// or that depends on who runs it.
pub fn access(sql: &str, dialect: Dialect) -> Option<Result<AccessStatement, String>> {
    let tokens = significant(sql, dialect);
    let first = tokens.first()?;
    let mut reader = Reader { tokens: &tokens, at: 1 };
    if first.is_word("GRANT") {
        return Some(reader.grants(GrantVerb::Grant));
    }
    if first.is_word("REVOKE") {
        let is_option = reader.words(&["GRANT", "OPTION", "FOR"]);
        let verb = if is_option { GrantVerb::RevokeOption } else { GrantVerb::Revoke };
        return Some(reader.grants(verb));
    }
    first.is_word("ALTER").then_some(())?;
    reader.owner()
}

/// A privilege with its columns.
pub(crate) struct Privilege {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

impl<'a> Reader<'_, 'a> {
    /// Skips all of the words, or none of them.
    pub(crate) fn words(&mut self, words: &[&str]) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let all = words.len() <= rest.len() && words.iter().zip(rest).all(|(w, t)| t.is_word(w));
        self.at += if all { words.len() } else { 0 };
        all
    }

    fn owner(&mut self) -> Option<Result<AccessStatement, String>> {
        let kind = self.kind()?;
        self.eat(&["IF", "EXISTS", "ONLY"]);
        let id = self.identity(kind)?;
        self.skip_past("OWNER").then_some(())?;
        self.words(&["TO"]).then_some(())?;
        let kinds = match kind {
            Kind::Table => RELATIONS,
            Kind::Type => TYPES,
            other => of_one(other)?,
        };
        let one = Accessed { kinds, name: id.name, signature: id.signature };
        Some(self.role().map(|role| AccessStatement {
            on: vec![AccessTarget::One(one)],
            change: AccessChange::Owner(role.unwrap_or_default()),
        }))
    }

    fn grants(&mut self, verb: GrantVerb) -> Result<AccessStatement, String> {
        let privileges = self.privileges().ok_or(
            "the roles that a role is a member of belong to the server, and not to a database",
        )?;
        let on = self.objects()?;
        let to = if verb == GrantVerb::Grant { "TO" } else { "FROM" };
        if !self.words(&[to]) {
            return Err(format!("`{to}` and a role are missing"));
        }
        let mut roles = Vec::new();
        loop {
            self.words(&["GROUP"]);
            roles.push(self.role()?);
            if !self.comma() {
                break;
            }
        }
        let grantable = self.end_of_grant(&roles)?;
        let mut changes = Vec::new();
        for role in roles {
            for Privilege { name, columns } in &privileges {
                let columns = columns.iter().map(|column| Some(column.clone()));
                let whole = std::iter::once(None).filter(|_| columns.len() == 0);
                for column in columns.clone().chain(whole) {
                    let (privilege, role) = (name.clone(), role.clone());
                    let grant = Grant { privilege, column, role, grantable, grantor: None };
                    changes.push(GrantChange { verb, grant });
                }
            }
        }
        Ok(AccessStatement { on, change: AccessChange::Grants(changes) })
    }

    /// Reads what follows the roles, to the end. Returns true if they may grant the privileges.
    pub(crate) fn end_of_grant(&mut self, roles: &[Option<String>]) -> Result<bool, String> {
        let grantable = self.words(&["WITH", "GRANT", "OPTION"]);
        if grantable && roles.contains(&None) {
            return Err("grant options can only be granted to roles, and PUBLIC is none".to_owned());
        }
        let _ = self.words(&["CASCADE"]) || self.words(&["RESTRICT"]);
        match self.token() {
            Some(token) => Err(format!("`{}` can't follow the roles here", token.text)),
            None => Ok(grantable),
        }
    }

    pub(crate) fn comma(&mut self) -> bool {
        let is_comma = self.is_symbol(",");
        self.at += usize::from(is_comma);
        is_comma
    }

    /// Reads the privileges up to and including ON; returns `None` if there is no ON.
    pub(crate) fn privileges(&mut self) -> Option<Vec<Privilege>> {
        let mut found = Vec::new();
        loop {
            let mut words = Vec::new();
            while !self.is("ON") && !self.is_symbol(",") && !self.is_symbol("(") {
                words.push(self.token()?.text.to_ascii_uppercase());
                self.at += 1;
            }
            let name = words.join(" ").replace("ALL PRIVILEGES", "ALL");
            let mut columns = Vec::new();
            if self.is_symbol("(") {
                self.at += 1;
                while let Some(column) = self.token().and_then(Token::identifier) {
                    columns.push(column);
                    self.at += 1;
                    self.comma();
                }
                self.is_symbol(")").then(|| self.at += 1)?;
            }
            found.push(Privilege { name, columns });
            if !self.comma() {
                return self.words(&["ON"]).then_some(found);
            }
        }
    }

    fn objects(&mut self) -> Result<Vec<AccessTarget>, String> {
        if self.words(&["ALL"]) {
            return self.all_in();
        }
        let keyword = KEYWORDS.iter().find(|(words, _)| self.words(words));
        if keyword.is_none() && self.tokens.get(self.at + 1).is_some_and(|t| !separates(t)) {
            let word = self.token().map_or("", |token| token.text).to_ascii_uppercase();
            return Err(format!("privileges on a {word} are no part of a schema"));
        }
        let kinds = keyword.map_or(RELATIONS, |(_, kinds)| kinds);
        let mut on = Vec::new();
        loop {
            let name = self.name().ok_or("the name of an object is missing")?;
            let signature = self.parentheses().map(|inside| signature::parameters(inside));
            on.push(AccessTarget::One(Accessed { kinds, name, signature }));
            if !self.comma() {
                return Ok(on);
            }
        }
    }

    /// Reads `TABLES IN SCHEMA a, b`.
    fn all_in(&mut self) -> Result<Vec<AccessTarget>, String> {
        let kinds = ALL.iter().find(|(word, _)| self.words(&[word]));
        let (_, kinds) = kinds.ok_or("`ALL` names no kind of objects")?;
        if !self.words(&["IN", "SCHEMA"]) {
            return Err("`IN SCHEMA` is missing".to_owned());
        }
        let mut on = Vec::new();
        loop {
            let name = self.name().ok_or("the name of a schema is missing")?;
            on.push(AccessTarget::AllIn { kinds, schema: name.name });
            if !self.comma() {
                return Ok(on);
            }
        }
    }

    /// Reads the name of a role; `None` for PUBLIC.
    pub(crate) fn role(&mut self) -> Result<Option<String>, String> {
        let token = self.token().ok_or("the name of a role is missing")?;
        let open = ["CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"];
        if open.iter().any(|word| token.is_word(word)) {
            return Err(format!("`{}` is another role for each connection", token.text));
        }
        let is_public = token.is_word("PUBLIC");
        let name = token.identifier().ok_or("the name of a role is missing")?;
        self.at += 1;
        Ok(Some(name).filter(|_| !is_public))
    }
}

/// Returns true if a token follows the name of an object.
fn separates(token: &Token<'_>) -> bool {
    [",", ".", "("].iter().any(|symbol| token.is_symbol(symbol))
        || token.is_word("TO")
        || token.is_word("FROM")
}

/// Returns the list of a single kind; `None` for a kind whose objects have no owner.
fn of_one(kind: Kind) -> Option<&'static [Kind]> {
    Kind::ALL.iter().position(|other| *other == kind).and_then(|at| Kind::ALL.get(at..=at))
}

#[cfg(test)]
mod tests {
    use super::{AccessChange, AccessTarget, access};
    use crate::dialect::Dialect;

    fn said(sql: &str) -> String {
        let statement = match access(sql, Dialect::Postgres) {
            None => return "nothing".to_owned(),
            Some(Err(message)) => return message,
            Some(Ok(statement)) => statement,
        };
        let on = statement.on.iter().map(|on| match on {
            AccessTarget::One(one) => {
                let signature = one.signature.as_ref().map(|s| format!("({s})"));
                format!("{} {}{}", one.kinds[0], one.name, signature.unwrap_or_default())
            }
            AccessTarget::AllIn { kinds, schema } => format!("every {} in {schema}", kinds[0]),
        });
        let what = match statement.change {
            AccessChange::Owner(role) => format!("owner {role}"),
            AccessChange::Grants(changes) => {
                let one = |change: &aludel_schema::GrantChange| {
                    let grant = &change.grant;
                    format!(
                        "{:?} {}{} {}{}",
                        change.verb,
                        grant.privilege,
                        grant.column.as_ref().map(|c| format!("({c})")).unwrap_or_default(),
                        grant.role.as_deref().unwrap_or("PUBLIC"),
                        if grant.grantable { " +" } else { "" }
                    )
                };
                changes.iter().map(one).collect::<Vec<_>>().join("; ")
            }
        };
        format!("{}: {what}", on.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn statements_say_who_may_do_what() {
        for (sql, expected) in [
            ("GRANT SELECT ON items TO reader", "table items: Grant SELECT reader"),
            (
                "grant select (a, \"B\"), all privileges on table app.items, x to reader, writer with grant option",
                "table app.items, table x: Grant SELECT(a) reader +; Grant SELECT(B) reader +; \
                 Grant ALL reader +; Grant SELECT(a) writer +; Grant SELECT(B) writer +; Grant ALL writer +",
            ),
            (
                "REVOKE ALL ON FUNCTION f(int, b text) FROM PUBLIC CASCADE",
                "function f(integer, text): Revoke ALL PUBLIC",
            ),
            (
                "REVOKE GRANT OPTION FOR USAGE ON SCHEMA app FROM reader",
                "schema app: RevokeOption USAGE reader",
            ),
            (
                "GRANT SELECT ON ALL TABLES IN SCHEMA app TO reader",
                "every table in app: Grant SELECT reader",
            ),
            ("GRANT USAGE ON FOREIGN SERVER s TO reader", "foreign server s: Grant USAGE reader"),
            ("ALTER TABLE items OWNER TO app", "table items: owner app"),
            ("ALTER FUNCTION f(int) OWNER TO app", "function f(integer): owner app"),
            ("ALTER MATERIALIZED VIEW m OWNER TO app", "materialized view m: owner app"),
            ("ALTER TABLE items ENABLE TRIGGER x", "nothing"),
            ("SELECT 1", "nothing"),
            (
                "GRANT reader TO app",
                "the roles that a role is a member of belong to the server, and not to a database",
            ),
            (
                "GRANT CONNECT ON DATABASE d TO app",
                "privileges on a DATABASE are no part of a schema",
            ),
            (
                "ALTER TABLE items OWNER TO CURRENT_USER",
                "`CURRENT_USER` is another role for each connection",
            ),
            ("GRANT SELECT ON items", "`TO` and a role are missing"),
            (
                "GRANT SELECT ON items TO reader, PUBLIC WITH GRANT OPTION",
                "grant options can only be granted to roles, and PUBLIC is none",
            ),
            (
                "GRANT SELECT ON items TO reader GRANTED BY app",
                "`GRANTED` can't follow the roles here",
            ),
        ] {
            assert_eq!(said(sql), expected, "{sql}");
        }
    }
}
