//! Objects by identity: their kind, their name, and the table that they belong to.

use std::fmt;

use crate::name::QualifiedName;

/// A kind of object that a database can hold.
///
/// The list covers every kind that a catalogue of PostgreSQL or SQLite can name, including kinds
/// that no model can declare yet: these are reported by kind and name, never ignored. Each
/// dialect's table of kinds says which of them it manages, and how. [`Kind::Type`] is a type of an
/// unknown sort, as in a statement such as `DROP TYPE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`noun` describes each kind in words")]
pub enum Kind {
    Schema,
    Extension,
    Type,
    Enum,
    Domain,
    CompositeType,
    RangeType,
    BaseType,
    Collation,
    Sequence,
    Table,
    Column,
    Constraint,
    Index,
    Partition,
    View,
    MaterializedView,
    ForeignTable,
    VirtualTable,
    Function,
    Procedure,
    Aggregate,
    Operator,
    OperatorClass,
    OperatorFamily,
    Cast,
    Trigger,
    Rule,
    Policy,
    Statistics,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    EventTrigger,
    Publication,
    DefaultPrivileges,
    Subscription,
    ForeignDataWrapper,
    ForeignServer,
    UserMapping,
    Language,
    AccessMethod,
    Conversion,
    Transform,
    Role,
}

impl Kind {
    /// All kinds of objects that a database holds. Roles belong to the server.
    pub const ALL: [Self; 45] = [
        Self::Schema,
        Self::Extension,
        Self::Type,
        Self::Enum,
        Self::Domain,
        Self::CompositeType,
        Self::RangeType,
        Self::BaseType,
        Self::Collation,
        Self::Sequence,
        Self::Table,
        Self::Column,
        Self::Constraint,
        Self::Index,
        Self::Partition,
        Self::View,
        Self::MaterializedView,
        Self::ForeignTable,
        Self::VirtualTable,
        Self::Function,
        Self::Procedure,
        Self::Aggregate,
        Self::Operator,
        Self::OperatorClass,
        Self::OperatorFamily,
        Self::Cast,
        Self::Trigger,
        Self::Rule,
        Self::Policy,
        Self::Statistics,
        Self::TextSearchConfiguration,
        Self::TextSearchDictionary,
        Self::TextSearchParser,
        Self::TextSearchTemplate,
        Self::EventTrigger,
        Self::Publication,
        Self::DefaultPrivileges,
        Self::Subscription,
        Self::ForeignDataWrapper,
        Self::ForeignServer,
        Self::UserMapping,
        Self::Language,
        Self::AccessMethod,
        Self::Conversion,
        Self::Transform,
    ];

    /// Returns the kind in words, as used in messages, JSON and patterns.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Domain => "domain",
            Self::CompositeType => "composite type",
            Self::RangeType => "range type",
            Self::BaseType => "base type",
            Self::Collation => "collation",
            Self::Sequence => "sequence",
            Self::Table => "table",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::Index => "index",
            Self::Partition => "partition",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::ForeignTable => "foreign table",
            Self::VirtualTable => "virtual table",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Aggregate => "aggregate",
            Self::Operator => "operator",
            Self::OperatorClass => "operator class",
            Self::OperatorFamily => "operator family",
            Self::Cast => "cast",
            Self::Trigger => "trigger",
            Self::Rule => "rule",
            Self::Policy => "policy",
            Self::Statistics => "statistics",
            Self::TextSearchConfiguration => "text search configuration",
            Self::TextSearchDictionary => "text search dictionary",
            Self::TextSearchParser => "text search parser",
            Self::TextSearchTemplate => "text search template",
            Self::EventTrigger => "event trigger",
            Self::Publication => "publication",
            Self::DefaultPrivileges => "default privileges",
            Self::Subscription => "subscription",
            Self::ForeignDataWrapper => "foreign-data wrapper",
            Self::ForeignServer => "foreign server",
            Self::UserMapping => "user mapping",
            Self::Language => "language",
            Self::AccessMethod => "access method",
            Self::Conversion => "conversion",
            Self::Transform => "transform",
            Self::Role => "role",
        }
    }

    /// Returns the noun with its article: `an index`.
    pub fn with_article(self) -> String {
        let noun = self.noun();
        let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {noun}")
    }

    /// Returns true for a relation other than a table of the models. A query reads its rows, whose type has its name.
    pub fn is_other_relation(self) -> bool {
        matches!(self, Self::View | Self::MaterializedView | Self::ForeignTable | Self::Partition)
    }

    /// Returns true if a word for a kind of object means this kind as well. `type` is every kind of type, as in
    /// the server's own messages.
    pub fn is_meant_by(self, word: Self) -> bool {
        let is_type = matches!(
            self,
            Self::Enum | Self::Domain | Self::CompositeType | Self::RangeType | Self::BaseType
        );
        self == word || (word == Self::Type && is_type)
    }

    /// Returns the kind that [`noun`](Self::noun) names.
    pub fn from_noun(noun: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.noun() == noun)
    }

    /// Returns true if an expression calls objects of this kind by a name that several can have.
    pub fn is_called(self) -> bool {
        matches!(self, Self::Function | Self::Procedure | Self::Aggregate | Self::Operator)
    }

    /// Returns true if an object of this kind is in no schema, and not a part of an object that is.
    pub fn has_no_schema(self) -> bool {
        matches!(
            self,
            Self::Extension
                | Self::Cast
                | Self::EventTrigger
                | Self::Publication
                | Self::DefaultPrivileges
                | Self::Subscription
                | Self::ForeignDataWrapper
                | Self::ForeignServer
                | Self::UserMapping
                | Self::Language
                | Self::AccessMethod
                | Self::Transform
                | Self::Role
        )
    }

    /// Returns the namespaces of a schema in which the name of an object of this kind has to be
    /// unique; empty for kinds that share their names with no other kind.
    ///
    /// PostgreSQL keeps relations and types in two catalogues. A relation with columns has a row
    /// type of its own name, so a table and an enum can't have the same name, but an index and an
    /// enum can.
    pub fn namespaces(self) -> &'static [Namespace] {
        match self {
            Self::Type | Self::Enum | Self::Domain | Self::RangeType | Self::BaseType => {
                &[Namespace::Types]
            }
            Self::CompositeType
            | Self::Table
            | Self::Partition
            | Self::View
            | Self::MaterializedView
            | Self::ForeignTable => &[Namespace::Relations, Namespace::Types],
            Self::Sequence | Self::Index | Self::VirtualTable => &[Namespace::Relations],
            Self::Schema
            | Self::Extension
            | Self::Collation
            | Self::Column
            | Self::Constraint
            | Self::Function
            | Self::Procedure
            | Self::Aggregate
            | Self::Operator
            | Self::OperatorClass
            | Self::OperatorFamily
            | Self::Cast
            | Self::Trigger
            | Self::Rule
            | Self::Policy
            | Self::Statistics
            | Self::TextSearchConfiguration
            | Self::TextSearchDictionary
            | Self::TextSearchParser
            | Self::TextSearchTemplate
            | Self::EventTrigger
            | Self::Publication
            | Self::DefaultPrivileges
            | Self::Subscription
            | Self::ForeignDataWrapper
            | Self::ForeignServer
            | Self::UserMapping
            | Self::Language
            | Self::AccessMethod
            | Self::Conversion
            | Self::Transform
            | Self::Role => &[],
        }
    }
}

/// A namespace of a schema that objects of several kinds share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namespace {
    /// Tables, indexes, sequences, views, and everything else with rows or columns.
    Relations,
    /// Types, including the row types of relations.
    Types,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

/// The identity of an object: its kind, its name, and its table if it belongs to one.
///
/// Ordering, room, ignore patterns, reports and errors all refer to objects by identity.
///
/// ```
/// use aludel_schema::{Kind, ObjectId, QualifiedName};
///
/// let users = QualifiedName::unqualified("users");
/// assert_eq!(ObjectId::table(&users).to_string(), "table users");
/// assert_eq!(ObjectId::column(&users, "email").to_string(), "column users.email");
/// let index = ObjectId::within(Kind::Index, &users, "users_email_idx");
/// assert_eq!(index.to_string(), "index users_email_idx of users");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// The kind of the object.
    pub kind: Kind,
    /// The object's own name. An object that belongs to a table has the schema of that table.
    pub name: QualifiedName,
    /// The table of a column, constraint, index, trigger, policy or rule.
    pub table: Option<QualifiedName>,
    /// The distinction between objects of the same name: the argument types of a routine or operator, as
    /// the server spells them, the index method of an operator class, or whose default privileges they
    /// are.
    pub signature: Option<String>,
}

impl ObjectId {
    /// Returns the identity of an object that belongs to no table.
    pub fn new(kind: Kind, name: QualifiedName) -> Self {
        Self { kind, name, table: None, signature: None }
    }

    /// Returns the identity of an object that belongs to a table.
    pub fn within(kind: Kind, table: &QualifiedName, name: impl Into<String>) -> Self {
        Self { kind, name: table.sibling(name), table: Some(table.clone()), signature: None }
    }

    /// Returns the identity of an object that shares its name with others, by its signature.
    pub fn overloaded(kind: Kind, name: QualifiedName, signature: impl Into<String>) -> Self {
        Self { kind, name, table: None, signature: Some(signature.into()) }
    }

    /// Returns the identity of a table.
    pub fn table(name: &QualifiedName) -> Self {
        Self::new(Kind::Table, name.clone())
    }

    /// Returns the identity of a column.
    pub fn column(table: &QualifiedName, name: impl Into<String>) -> Self {
        Self::within(Kind::Column, table, name)
    }

    /// Returns the table that the object is or belongs to.
    pub fn table_name(&self) -> Option<&QualifiedName> {
        match self.kind {
            Kind::Table => Some(&self.name),
            _ => self.table.as_ref(),
        }
    }

    /// Returns the name without the kind: `users`, `users.email`, `users_email_idx of users`,
    /// `lower_name(text)`.
    pub fn place(&self) -> String {
        match (&self.table, self.kind, &self.signature) {
            (Some(table), Kind::Column, _) => format!("{table}.{}", self.name.name),
            (Some(table), ..) => format!("{} of {table}", self.name.name),
            (None, Kind::UserMapping, Some(role)) => format!("of {role} for {}", self.name),
            (None, Kind::OperatorClass | Kind::OperatorFamily, Some(method)) => {
                format!("{} for {method}", self.name)
            }
            (None, Kind::DefaultPrivileges, Some(whom)) => {
                let whom = whom.replacen("FOR ROLE", "for role", 1);
                format!("on {} {}", self.name, whom.replacen("IN SCHEMA", "in schema", 1))
            }
            (None, _, Some(signature)) => format!("{}({signature})", self.name),
            (None, _, None) => self.name.to_string(),
        }
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_has_a_noun_of_its_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_noun(kind.noun()), Some(kind));
        }
        assert_eq!(Kind::from_noun("tabel"), None);
    }
}
