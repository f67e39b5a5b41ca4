//! Definitions: objects of the kinds that are data.

use std::collections::BTreeMap;
use std::fmt;

use crate::name::QualifiedName;
use crate::object::{Kind, ObjectId};
use crate::sql_text::SqlText;

/// An object of a kind that is data, such as a view or a domain.
///
/// A comparison reads the identity of such an object, the server's spelling of its definition, and
/// its dependencies. The statements that create, replace, alter and drop it come from the entry of
/// its kind in the dialect's table of kinds.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The identity of the object.
    pub id: ObjectId,
    /// The part that no ALTER can change: the query of a view, the base type of a domain.
    pub body: SqlText,
    /// The parts that can be changed one by one, such as the default and the constraints of a
    /// domain or the options of a view.
    pub clauses: Vec<Clause>,
    /// The columns of a view with their types. A replacement in place has to keep them and may only
    /// append to them.
    pub shape: Vec<ShapeColumn>,
    /// The objects that must exist before this one.
    pub depends_on: Vec<ObjectId>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// The comments on its columns, by column name.
    pub column_comments: BTreeMap<String, String>,
    /// The CREATE statement of the object file; `None` if the definition comes from a database.
    pub source: Option<String>,
    /// The ALTER statements of the object files that set attributes of the object.
    pub attributes: Vec<String>,
    /// True if no server has spelled the definition, so that its statements are those of the object
    /// file.
    pub is_verbatim: bool,
    /// True if its code finds what it names only with more schemas in the search path than usual.
    pub rests_on_path: bool,
    /// The properties that a server keeps beside the definition and that a drop loses.
    pub belongings: Belongings,
}

/// A column of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeColumn {
    /// The name of the column.
    pub name: String,
    /// The type of the column, with its collation unless the type has the same, as the server spells
    /// it.
    pub sql_type: String,
}

/// A part of a definition that can be changed on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The word that the table of kinds has for the part: `default`, `not null`, `constraint`,
    /// `option`.
    pub word: String,
    /// The name, if there can be several parts of that word.
    pub name: Option<String>,
    /// The SQL of the part; empty if the word is the whole of it.
    pub text: SqlText,
}

impl Clause {
    /// Returns true if both clauses are the same part of an object, even with different texts.
    pub fn is_same_part(&self, other: &Self) -> bool {
        self.word == other.word && self.name == other.name
    }
}

/// The properties of an object, beside its definition, that must be restored when it is dropped and
/// made again: its owner, its privileges, and that it may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongings {
    /// The privileges other than those of the owner.
    pub grants: Vec<Grant>,
    /// True if the privileges that all roles have on a new object of the kind were revoked.
    pub revoked_from_public: bool,
    /// The owner, if it is not the role of the connection.
    pub owner: Option<String>,
    /// True if the object has a secret, such as the password of a user mapping, which nobody may
    /// read and which therefore can't be restored.
    pub has_secret: bool,
    /// True if the object may have options that the role of the connection may not read, as the user
    /// mapping of another role.
    pub is_unread: bool,
    /// True for a materialized view that holds the rows of its query, so that it may be read, and false
    /// for one that does not; `None` where its statement decides, and for all other kinds.
    pub is_populated: Option<bool>,
    /// The functions that the server has made for a range type and its multirange type, by which texts
    /// make their values. They are usually called like the types.
    pub constructors: Vec<ObjectId>,
}

/// A privilege of a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The name of the privilege, such as `SELECT`.
    pub privilege: String,
    /// The column, if the privilege applies to a single one.
    pub column: Option<String>,
    /// The role; `None` stands for all roles (`PUBLIC`).
    pub role: Option<String>,
    /// True if the role may grant the privilege to others (`WITH GRANT OPTION`).
    pub grantable: bool,
    /// The role that granted the privilege, if it is not the owner of the object.
    pub grantor: Option<String>,
}

impl Grant {
    /// Returns true if PostgreSQL keeps the privilege as such when its role becomes the owner of the
    /// object. Any other one melts into those that each owner has.
    pub fn outlasts_ownership(&self) -> bool {
        self.column.is_some() || self.grantable
    }

    /// Returns true if both give the same privilege to the same role, whoever grants it.
    pub fn is_same_right(&self, other: &Self) -> bool {
        (&self.privilege, &self.column, &self.role)
            == (&other.privilege, &other.column, &other.role)
    }

    /// Returns true if `other` lets the grantor grant this.
    fn rests_on(&self, other: &Self) -> bool {
        let covers = other.column.is_none() || other.column == self.column;
        covers
            && other.grantable
            && other.privilege == self.privilege
            && other.role.is_some()
            && other.role == self.grantor
    }
}

impl fmt::Display for Grant {
    /// Writes the privilege and its role, such as `SELECT (a) of reader`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.privilege)?;
        if let Some(column) = &self.column {
            write!(f, " ({column})")?;
        }
        write!(f, " of {}", self.role.as_deref().unwrap_or("PUBLIC"))
    }
}

impl Belongings {
    /// Returns the privileges in an order in which they can be granted: those of the owner, and then
    /// those that roles grant by what they have got so far.
    pub fn layers(&self) -> Vec<Vec<&Grant>> {
        let mut layers = Vec::new();
        let (mut layer, mut rest): (Vec<&Grant>, Vec<&Grant>) =
            self.grants.iter().partition(|grant| grant.grantor.is_none());
        while !layer.is_empty() {
            let may_follow = |grant: &&Grant| layer.iter().any(|last| grant.rests_on(last));
            let (next, later) = rest.into_iter().partition(may_follow);
            layers.push(std::mem::replace(&mut layer, next));
            rest = later;
        }
        layers
    }

    /// Makes those privileges the owner's own grants that no other role can grant: the grantor is the
    /// owner, or has no right to grant them any more.
    pub fn settle_grantors(&mut self, owner: Option<&str>) {
        for grant in &mut self.grants {
            grant.grantor.take_if(|grantor| owner == Some(grantor.as_str()));
        }
        let granted: Vec<Grant> = self.layers().into_iter().flatten().cloned().collect();
        for grant in self.grants.iter_mut().filter(|grant| !granted.contains(grant)) {
            grant.grantor = None;
        }
        self.grants.sort();
        self.grants.dedup();
    }
}

impl Definition {
    /// Returns the table to which the object belongs, or of whose columns it is made, as a statistics object is.
    pub fn table(&self) -> Option<&QualifiedName> {
        let is_made_of = self.id.kind == Kind::Statistics;
        let read = self.depends_on.iter().filter(|_| is_made_of).find_map(ObjectId::table_name);
        self.id.table.as_ref().or(read)
    }

    /// Creates a definition that has nothing but a body.
    pub fn new(id: ObjectId, body: impl Into<String>) -> Self {
        Self {
            id,
            body: SqlText::new(body),
            clauses: Vec::new(),
            shape: Vec::new(),
            depends_on: Vec::new(),
            comment: None,
            column_comments: BTreeMap::new(),
            source: None,
            attributes: Vec::new(),
            is_verbatim: false,
            rests_on_path: false,
            belongings: Belongings::default(),
        }
    }

    /// Returns true if bodies and clauses are equal. Comments and belongings are not compared.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.body == other.body
            && self.clauses.len() == other.clauses.len()
            && self.clauses.iter().all(|clause| other.clauses.contains(clause))
    }
}
