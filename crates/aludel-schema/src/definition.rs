use std::collections::BTreeMap;

use crate::{ObjectId, SqlText};

/// An object of a kind that is data: a view, a domain.
///
/// To a comparison such an object is its identity, what the server makes of its definition, and
/// what it rests on. How its kind is created, replaced, altered and dropped is an entry in the
/// dialect's table of kinds.
#[derive(Clone, Debug)]
pub struct Definition {
    /// What it is.
    pub id: ObjectId,
    /// The part that makes it what it is and that no ALTER changes: the query of a view, the base
    /// type of a domain.
    pub body: SqlText,
    /// The parts that can be changed one by one, by the word that names them: the default and the
    /// constraints of a domain, the options of a view.
    pub clauses: Vec<Clause>,
    /// What a replacement in place has to keep and may only append to: the columns of a view with
    /// their types.
    pub shape: Vec<ShapeColumn>,
    /// What has to be there before it.
    pub depends_on: Vec<ObjectId>,
    /// The comment in the database.
    pub comment: Option<String>,
    /// Comments on its columns.
    pub column_comments: BTreeMap<String, String>,
    /// The CREATE statement as an object file has it; `None` for what comes from a database.
    pub source: Option<String>,
    /// What a server keeps beside the definition, and what goes with the object when it is dropped.
    pub belongings: Belongings,
}

/// A column of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeColumn {
    /// Its name.
    pub name: String,
    /// Its type, as the server spells it.
    pub sql_type: String,
}

/// A part of a definition that has a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What it is, as the table of kinds calls it: `default`, `not null`, `constraint`, `option`.
    pub word: String,
    /// Its name, where there can be several of that word.
    pub name: Option<String>,
    /// What it says; empty where the word says it all.
    pub text: SqlText,
}

impl Clause {
    /// Whether both are the same part of an object, whatever they say.
    pub fn is_same_part(&self, other: &Self) -> bool {
        self.word == other.word && self.name == other.name
    }
}

/// What has to be given back to an object that is dropped and made again, beside its definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongings {
    /// Privileges, other than those that the owner has anyway.
    pub grants: Vec<Grant>,
    /// The owner, where it is another role than the one that is connected.
    pub owner: Option<String>,
    /// What hangs on it and can't be made again, such as a trigger on a view.
    pub lost: Vec<ObjectId>,
}

/// One privilege of one role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The privilege: `SELECT`.
    pub privilege: String,
    /// The column, where it is for one only.
    pub column: Option<String>,
    /// The role; `None` is everybody (`PUBLIC`).
    pub role: Option<String>,
    /// Whether the role may pass it on.
    pub grantable: bool,
}

impl Definition {
    /// A definition with nothing but a body.
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
            belongings: Belongings::default(),
        }
    }

    /// Whether both say the same; comments and belongings are not part of what is said.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.body == other.body
            && self.clauses.len() == other.clauses.len()
            && self.clauses.iter().all(|clause| other.clauses.contains(clause))
    }
}
