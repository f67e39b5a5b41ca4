//! The scope of a project: which objects of a database it compares.

use std::collections::BTreeSet;
use std::fmt;

use crate::bookkeeping;
use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};

/// The objects that a project compares. All others are somebody else's, and are never created,
/// altered or dropped.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The schemas that are compared.
    pub schemas: Schemas,
    /// The objects that are left alone, whatever their schema is.
    pub ignore: Vec<Pattern>,
    /// The properties that are compared for all objects, not only where an object file says them.
    pub manage: Manage,
}

/// The schemas that a project compares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Schemas {
    /// The schemas that models and object files name, and the default schema.
    #[default]
    Named,
    /// All schemas.
    All,
    /// These schemas, and no other.
    Listed(BTreeSet<String>),
}

/// The properties that a server keeps beside an object and that are compared for all objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manage {
    /// True if the grants of all objects are compared.
    pub grants: bool,
    /// True if the owners of all objects are compared.
    pub owners: bool,
}

/// A pattern of names, optionally of one kind, in which `*` stands for any text and `?` for any
/// character.
///
/// ```
/// use aludel_schema::{Kind, ObjectId, Pattern, QualifiedName};
///
/// let users = QualifiedName::parse("auth.users");
/// let table = ObjectId::table(&users);
/// let trigger = ObjectId::within(Kind::Trigger, &users, "users_audit");
/// let audits = Pattern::parse("trigger:*_audit").unwrap();
/// assert!(audits.matches(&trigger, "public") && !audits.matches(&table, "public"));
/// assert!(Pattern::parse("auth.*").unwrap().matches(&table, "public"));
/// assert!(Pattern::parse("tabel:users").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    kind: Option<Kind>,
    glob: String,
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadPattern {
    /// The text has no name.
    Empty,
    /// The word before the colon is no kind.
    UnknownKind {
        /// The word.
        noun: String,
    },
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a pattern needs a name"),
            Self::UnknownKind { noun } => {
                let nouns: Vec<&str> = Kind::ALL.iter().map(|kind| kind.noun()).collect();
                write!(f, "`{noun}` is no kind of object; there are {}", nouns.join(", "))
            }
        }
    }
}

impl std::error::Error for BadPattern {}

impl Scope {
    /// Returns the scope in which everything is compared but the bookkeeping of other tools.
    pub fn all() -> Self {
        Self { schemas: Schemas::All, ..Self::default() }
    }

    /// Returns true if the object is somebody else's by its name: a pattern matches it or its
    /// table.
    pub fn ignores(&self, id: &ObjectId, default_schema: &str) -> bool {
        let table = id.table.as_ref().map(ObjectId::table);
        let matches = |id: &ObjectId| self.ignore.iter().any(|p| p.matches(id, default_schema));
        matches(id) || table.is_some_and(|table| matches(&table))
    }

    /// Returns true if a model may refer to a table that no model declares, because the table is
    /// somebody else's. `named` are the schemas that models name.
    pub fn is_elsewhere(&self, table: &QualifiedName, named: &BTreeSet<String>) -> bool {
        let id = ObjectId::table(table);
        // Models are read without a database, and do not know its default schema.
        self.ignores(&id, "public")
            || bookkeeping::is_bookkeeping(&id)
            || match (&self.schemas, table.schema.as_deref()) {
                (Schemas::Named, Some(schema)) => schema != "public" && !named.contains(schema),
                (Schemas::Listed(listed), Some(schema)) => !listed.contains(schema),
                (Schemas::All, _) | (_, None) => false,
            }
    }
}

impl Pattern {
    /// Parses a pattern: `name`, `schema.name` or either behind a kind, as in `trigger:*_audit`.
    ///
    /// # Errors
    ///
    /// Fails if the kind is unknown, or if there is no name.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let (kind, glob) = match text.split_once(':') {
            Some((noun, glob)) => {
                let noun = noun.trim();
                let unknown = || BadPattern::UnknownKind { noun: noun.to_owned() };
                (Some(Kind::from_noun(noun).ok_or_else(unknown)?), glob)
            }
            None => (None, text),
        };
        match glob.trim() {
            "" => Err(BadPattern::Empty),
            // Arguments are written as the server lists them.
            glob => {
                let arguments: Vec<&str> = glob.split(',').map(str::trim).collect();
                Ok(Self { kind, glob: arguments.join(", ") })
            }
        }
    }

    /// Returns true if the pattern means the object. `default_schema` is the schema of names
    /// without a schema.
    ///
    /// A pattern without a kind means no column, because columns of many tables have the same name.
    pub fn matches(&self, id: &ObjectId, default_schema: &str) -> bool {
        self.means(id.kind)
            && self.names(id, default_schema).iter().any(|name| is_like(name, &self.glob))
    }

    fn means(&self, kind: Kind) -> bool {
        match self.kind {
            None => kind != Kind::Column,
            Some(own) => kind.is_meant_by(own),
        }
    }

    /// Returns the names of an object that the pattern is compared with.
    fn names(&self, id: &ObjectId, default_schema: &str) -> Vec<String> {
        let own = &id.name.name;
        let mut names = vec![own.clone()];
        names.extend(id.signature.as_ref().map(|arguments| format!("{own}({arguments})")));
        if !self.glob.contains('.') {
            return names;
        }
        let schema = id.name.schema.as_deref().unwrap_or(default_schema);
        // Without a kind, `auth.*` means what is in the schema `auth`, and nothing of a table
        // `auth`.
        let table = id.table.as_ref().filter(|_| self.kind.is_some());
        let owned: Vec<String> = names
            .iter()
            .flat_map(|name| {
                let of_table = table.map(|table| format!("{}.{name}", table.name));
                let of_both = table.map(|table| format!("{schema}.{}.{name}", table.name));
                [Some(format!("{schema}.{name}")), of_table, of_both]
            })
            .flatten()
            .collect();
        names.extend(owned);
        names
    }
}

/// Returns true if the text has the form of the glob.
fn is_like(text: &str, glob: &str) -> bool {
    let (text, glob): (Vec<char>, Vec<char>) = (text.chars().collect(), glob.chars().collect());
    // The place in the text and behind the star to which a mismatch goes back.
    let mut back: Option<(usize, usize)> = None;
    let (mut at, mut of) = (0, 0);
    while at < text.len() {
        match glob.get(of) {
            Some('*') => {
                of += 1;
                back = Some((at, of));
            }
            Some(wanted) if *wanted == '?' || *wanted == text[at] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((from, star)) = back else { return false };
                back = Some((from + 1, star));
                at = from + 1;
                of = star;
            }
        }
    }
    glob[of..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_any_character() {
        for (glob, like, unlike) in [
            ("users", &["users"][..], &["user", "users2", "Users", ""][..]),
            ("*", &["", "a", "a.b"], &[]),
            ("*_audit", &["_audit", "a_audit", "a_audit_audit"], &["a_audit_", "audit"]),
            ("a*b*c", &["abc", "aXbYc", "abcbc"], &["ab", "acb", "abcd"]),
            ("p?", &["p1", "pé"], &["p", "p12"]),
            ("auth.*", &["auth.", "auth.users"], &["auth", "xauth.users"]),
            ("**x?", &["xy", "aaxxy"], &["x", "y"]),
        ] {
            like.iter().for_each(|text| assert!(is_like(text, glob), "{text} is like {glob}"));
            unlike.iter().for_each(|text| assert!(!is_like(text, glob), "{text} is not {glob}"));
        }
    }

    #[test]
    fn a_pattern_means_objects_by_kind_and_name() {
        let within = |kind, table: &str, name: &str| {
            ObjectId::within(kind, &QualifiedName::parse(table), name)
        };
        let new = |kind, name: &str| ObjectId::new(kind, QualifiedName::parse(name));
        let function = |name: &str, arguments: &str| ObjectId {
            signature: Some(arguments.to_owned()),
            ..new(Kind::Function, name)
        };
        for (pattern, id, expected) in [
            ("users", new(Kind::Table, "users"), true),
            ("users", new(Kind::Table, "auth.users"), true),
            ("public.users", new(Kind::Table, "users"), true),
            ("public.users", new(Kind::Table, "auth.users"), false),
            ("auth.*", function("auth.uid", ""), true),
            ("auth.*", new(Kind::Table, "auth"), false),
            ("auth.*", within(Kind::Index, "auth", "auth_idx"), false),
            ("view:users", new(Kind::Table, "users"), false),
            ("materialized view:*", new(Kind::MaterializedView, "x"), true),
            ("type:mood", new(Kind::Enum, "mood"), true),
            ("function:touch", function("touch", "integer"), true),
            ("function:touch(integer)", function("touch", "integer"), true),
            ("function:app.touch(integer,text)", function("app.touch", "integer, text"), true),
            ("function:touch()", function("touch", ""), true),
            ("function:touch(text)", function("touch", "integer"), false),
            ("function:pgagent.*", function("pgagent.f", "integer, text"), true),
            ("trigger:*_audit", within(Kind::Trigger, "users", "users_audit"), true),
            ("*_idx", within(Kind::Index, "users", "users_idx"), true),
            ("index:users.*", within(Kind::Index, "users", "a"), true),
            ("index:auth.users.*", within(Kind::Index, "users", "a"), false),
            ("legacy", within(Kind::Column, "users", "legacy"), false),
            ("column:legacy", within(Kind::Column, "users", "legacy"), true),
            ("column:users.legacy", within(Kind::Column, "users", "legacy"), true),
            ("column:parts.legacy", within(Kind::Column, "users", "legacy"), false),
            (" trigger : a* ", within(Kind::Trigger, "users", "ab"), true),
        ] {
            let found = Pattern::parse(pattern).unwrap().matches(&id, "public");
            assert_eq!(found, expected, "{pattern} and {id}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for (text, words) in [
            ("", "needs a name"),
            ("trigger:", "needs a name"),
            ("tigger:x", "`tigger` is no kind"),
            (":x", "`` is no kind"),
        ] {
            let error = Pattern::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_pattern_of_a_table_means_what_is_in_it() {
        let scope = Scope { ignore: vec![Pattern::parse("users").unwrap()], ..Scope::default() };
        let users = QualifiedName::unqualified("users");
        assert!(scope.ignores(&ObjectId::column(&users, "id"), "public"));
        assert!(!scope.ignores(&ObjectId::column(&users.sibling("parts"), "users"), "public"));
    }

    #[test]
    fn a_model_may_refer_to_what_is_somebody_elses() {
        let named: BTreeSet<String> = BTreeSet::from(["app".to_owned()]);
        let listed = Schemas::Listed(BTreeSet::from(["public".to_owned(), "app".to_owned()]));
        for (schemas, table, expected) in [
            (Schemas::Named, "auth.users", true),
            (Schemas::Named, "app.users", false),
            (Schemas::Named, "public.users", false),
            (Schemas::Named, "users", false),
            (Schemas::Named, "alembic_version", true),
            (Schemas::All, "auth.users", false),
            (listed.clone(), "auth.users", true),
            (listed, "app.users", false),
        ] {
            let scope = Scope { schemas: schemas.clone(), ..Scope::default() };
            let found = scope.is_elsewhere(&QualifiedName::parse(table), &named);
            assert_eq!(found, expected, "{schemas:?} {table}");
        }
    }
}
