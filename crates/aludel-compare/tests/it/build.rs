//! Small words that build metadata.

use aludel_schema::{
    Action, Clause, Column, Constraint, ConstraintKind, Deferrable, Definition, EnumType,
    Extension, ForeignKey, Generated, Grant, Hint, Identity, Index, IndexKey, IndexSettings,
    KeyPart, Kind, Metadata, ObjectId, OwnerColumn, Parameters, QualifiedName, Sequence,
    SequenceOptions, ShapeColumn, SqlText, Table, Validity,
};

/// Builds metadata out of its objects.
macro_rules! metadata {
    ($($object:expr),* $(,)?) => {{
        #[allow(unused_mut, reason = "metadata may be empty")]
        let mut metadata = aludel_schema::Metadata::default();
        $($crate::build::Member::join($object, &mut metadata);)*
        metadata
    }};
}

/// An object that metadata can have.
pub(crate) trait Member {
    fn join(self, metadata: &mut Metadata);
}

impl Member for Table {
    fn join(self, metadata: &mut Metadata) {
        metadata.add_table(self);
    }
}

impl Member for Definition {
    fn join(self, metadata: &mut Metadata) {
        metadata.add_definition(self);
    }
}

impl Member for EnumType {
    fn join(self, metadata: &mut Metadata) {
        metadata.enums.insert(self.name.clone(), self);
    }
}

impl Member for Sequence {
    fn join(self, metadata: &mut Metadata) {
        metadata.sequences.insert(self.name.clone(), self);
    }
}

impl Member for Extension {
    fn join(self, metadata: &mut Metadata) {
        metadata.extensions.insert(self.name.clone(), self);
    }
}

/// The former name of an object.
pub(crate) struct Former(ObjectId, Hint);

impl Member for Former {
    fn join(self, metadata: &mut Metadata) {
        metadata.hints.objects.insert(self.0, self.1);
    }
}

/// A hint in the models, on an object such as `enum mood`.
pub(crate) fn hint(text: &str, from: &str) -> Former {
    Former(object(text), Hint::lasting(from))
}

/// A rename that is asked for once.
pub(crate) fn once(text: &str, from: &str) -> Former {
    Former(object(text), Hint { once: true, ..Hint::lasting(from) })
}

/// The former name of a label.
pub(crate) struct FormerLabel(&'static str, &'static str, &'static str);

impl Member for FormerLabel {
    fn join(self, metadata: &mut Metadata) {
        let labels = metadata.hints.labels.entry(QualifiedName::parse(self.0)).or_default();
        labels.insert(self.1.to_owned(), Hint::lasting(self.2));
    }
}

pub(crate) fn label_hint(of: &'static str, label: &'static str, from: &'static str) -> FormerLabel {
    FormerLabel(of, label, from)
}

/// A schema (namespace).
pub(crate) struct Namespace(&'static str);

impl Member for Namespace {
    fn join(self, metadata: &mut Metadata) {
        metadata.schemas.insert(self.0.to_owned());
    }
}

pub(crate) fn namespace(name: &'static str) -> Namespace {
    Namespace(name)
}

pub(crate) fn extension(name: &str) -> Extension {
    Extension::new(name)
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

/// A table, `name` or `schema.name`.
pub(crate) fn table<const N: usize>(name: &str, columns: [Column; N]) -> Table {
    Table { columns: columns.into(), ..Table::new(QualifiedName::parse(name)) }
}

pub(crate) trait TableWords: Sized {
    fn with(self, constraint: Constraint) -> Self;
    fn index(self, index: Index) -> Self;
    fn comment(self, text: &str) -> Self;
    fn was(self, name: &str) -> Self;
    fn parameter(self, name: &str, value: &str) -> Self;
    fn unlogged(self) -> Self;
    fn partitioned_by(self, key: &str) -> Self;
}

impl TableWords for Table {
    fn with(mut self, constraint: Constraint) -> Self {
        self.constraints.push(constraint);
        self
    }

    fn index(mut self, index: Index) -> Self {
        self.indexes.push(index);
        self
    }

    fn comment(self, text: &str) -> Self {
        Self { comment: Some(text.to_owned()), ..self }
    }

    fn was(self, name: &str) -> Self {
        Self { renamed_from: Some(name.to_owned()), ..self }
    }

    fn parameter(mut self, name: &str, value: &str) -> Self {
        let pairs = self.options.with.iter().map(|(name, value)| (name.into(), value.into()));
        let pairs: Vec<(String, String)> = pairs.chain([(name.into(), value.into())]).collect();
        self.options.with = Parameters::from_iter(pairs);
        self
    }

    fn unlogged(mut self) -> Self {
        self.options.unlogged = true;
        self
    }

    fn partitioned_by(mut self, key: &str) -> Self {
        self.options.partition_by = Some(key.into());
        self
    }
}

/// A nullable column.
pub(crate) fn col(name: &str, sql_type: &str) -> Column {
    Column::new(name, sql_type)
}

pub(crate) trait ColumnWords: Sized {
    fn not_null(self) -> Self;
    fn default(self, sql: &str) -> Self;
    fn comment(self, text: &str) -> Self;
    fn was(self, name: &str) -> Self;
    fn collated(self, collation: &str) -> Self;
    fn identity(self) -> Self;
    fn stored(self, expression: &str) -> Self;
    fn computed(self, expression: &str) -> Self;
}

impl ColumnWords for Column {
    fn not_null(self) -> Self {
        Self { nullable: false, ..self }
    }

    fn default(self, sql: &str) -> Self {
        Self { default: Some(Box::new(SqlText::new(sql))), ..self }
    }

    fn comment(self, text: &str) -> Self {
        Self { comment: Some(text.to_owned()), ..self }
    }

    fn was(self, name: &str) -> Self {
        Self { renamed_from: Some(name.to_owned()), ..self }
    }

    fn collated(self, collation: &str) -> Self {
        Self { collation: Some(collation.to_owned()), ..self }
    }

    fn identity(self) -> Self {
        let identity = Identity { always: true, sequence: None, options: Default::default() };
        Self { identity: Some(Box::new(identity)), nullable: false, ..self }
    }

    fn stored(self, expression: &str) -> Self {
        let generated = Generated { expression: SqlText::new(expression), stored: true };
        Self { generated: Some(Box::new(generated)), ..self }
    }

    fn computed(self, expression: &str) -> Self {
        let generated = Generated { expression: SqlText::new(expression), stored: false };
        Self { generated: Some(Box::new(generated)), ..self }
    }
}

pub(crate) fn primary_key<const N: usize>(name: &str, columns: [&str; N]) -> Constraint {
    let kind = ConstraintKind::primary_key(texts(columns));
    Constraint::new(Some(name.to_owned()), kind)
}

pub(crate) fn unique<const N: usize>(name: &str, columns: [&str; N]) -> Constraint {
    Constraint::new(Some(name.to_owned()), ConstraintKind::unique(texts(columns)))
}

pub(crate) fn check(name: &str, expression: &str) -> Constraint {
    let kind = ConstraintKind::check(SqlText::new(expression));
    Constraint::new(Some(name.to_owned()), kind)
}

/// A foreign key on one column.
pub(crate) fn foreign_key(name: &str, column: &str, table: &str, referenced: &str) -> Constraint {
    let table = QualifiedName::parse(table);
    let key = ForeignKey::new(texts([column]), table, texts([referenced]));
    Constraint::new(Some(name.to_owned()), ConstraintKind::ForeignKey(key))
}

pub(crate) trait ConstraintWords: Sized {
    fn not_valid(self) -> Self;
    fn not_enforced(self) -> Self;
    fn comment(self, text: &str) -> Self;
    fn parameter(self, name: &str, value: &str) -> Self;
    fn deferred(self) -> Self;
    fn cascading(self) -> Self;
}

impl ConstraintWords for Constraint {
    fn not_valid(self) -> Self {
        self.with_validity(Validity::NotValid)
    }

    fn not_enforced(self) -> Self {
        self.with_validity(Validity::NotEnforced)
    }

    fn comment(self, text: &str) -> Self {
        Self { comment: Some(text.to_owned()), ..self }
    }

    fn parameter(mut self, name: &str, value: &str) -> Self {
        self.index.with = Parameters::from_iter([(name.to_owned(), value.to_owned())]);
        self
    }

    fn deferred(self) -> Self {
        Self { deferrable: Deferrable::InitiallyDeferred, ..self }
    }

    fn cascading(mut self) -> Self {
        match &mut self.kind {
            ConstraintKind::ForeignKey(key) => key.on_delete = Action::Cascade,
            kind => panic!("{kind:?} is no foreign key"),
        }
        self
    }
}

/// An index; a key with a parenthesis is an expression.
pub(crate) fn index<const N: usize>(name: &str, keys: [&str; N]) -> Index {
    let key = |text: &str| match text.contains('(') {
        true => IndexKey::new(KeyPart::Expression(SqlText::new(text))),
        false => IndexKey::new(KeyPart::Column(text.to_owned())),
    };
    Index {
        name: name.to_owned(),
        keys: keys.map(key).into(),
        unique: false,
        method: "btree".to_owned(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: None,
        settings: IndexSettings::default(),
        comment: None,
        canonical: None,
    }
}

pub(crate) trait IndexWords: Sized {
    fn unique(self) -> Self;
    fn only(self, predicate: &str) -> Self;
    fn method(self, method: &str) -> Self;
    fn including(self, column: &str) -> Self;
    fn comment(self, text: &str) -> Self;
}

impl IndexWords for Index {
    fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    fn only(self, predicate: &str) -> Self {
        Self { predicate: Some(Box::new(SqlText::new(predicate))), ..self }
    }

    fn method(self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self }
    }

    fn including(mut self, column: &str) -> Self {
        self.include.push(column.to_owned());
        self
    }

    fn comment(self, text: &str) -> Self {
        Self { comment: Some(text.to_owned()), ..self }
    }
}

pub(crate) fn enum_type<const N: usize>(name: &str, labels: [&str; N]) -> EnumType {
    EnumType { name: QualifiedName::parse(name), labels: texts(labels), comment: None }
}

pub(crate) fn sequence(name: &str) -> Sequence {
    let (name, options) = (QualifiedName::parse(name), SequenceOptions::default());
    Sequence { name, options, owned_by: None }
}

pub(crate) trait SequenceWords: Sized {
    fn owned_by(self, table: &str, column: &str) -> Self;
    fn increment(self, step: i64) -> Self;
}

impl SequenceWords for Sequence {
    fn owned_by(self, table: &str, column: &str) -> Self {
        let (table, column) = (QualifiedName::parse(table), column.to_owned());
        Self { owned_by: Some(OwnerColumn { table, column }), ..self }
    }

    fn increment(mut self, step: i64) -> Self {
        self.options.increment = Some(step);
        self
    }
}

pub(crate) fn view(name: &str, query: &str) -> Definition {
    Definition::new(ObjectId::new(Kind::View, QualifiedName::parse(name)), query)
}

pub(crate) fn base_type(name: &str, query: &str) -> Definition {
    Definition::new(ObjectId::new(Kind::BaseType, QualifiedName::parse(name)), query)
}

pub(crate) fn domain(name: &str, base: &str) -> Definition {
    Definition::new(ObjectId::new(Kind::Domain, QualifiedName::parse(name)), base)
}

pub(crate) trait DefinitionWords: Sized {
    /// Adds the objects that the definition rests on, such as `column users.email` or `view active`.
    fn reads<const N: usize>(self, objects: [&str; N]) -> Self;
    fn shape<const N: usize>(self, columns: [(&str, &str); N]) -> Self;
    fn comment(self, text: &str) -> Self;
    fn column_comment(self, column: &str, text: &str) -> Self;
    fn granted(self, privilege: &str, role: &str) -> Self;
    fn owned(self, role: &str) -> Self;
    fn clause(self, word: &str, name: Option<&str>, text: &str) -> Self;
    fn secret(self) -> Self;
}

impl DefinitionWords for Definition {
    fn reads<const N: usize>(mut self, objects: [&str; N]) -> Self {
        self.depends_on.extend(objects.map(object));
        self
    }

    fn shape<const N: usize>(mut self, columns: [(&str, &str); N]) -> Self {
        let column = |(name, sql_type): (&str, &str)| ShapeColumn {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
        };
        self.shape.extend(columns.map(column));
        self
    }

    fn comment(self, text: &str) -> Self {
        Self { comment: Some(text.to_owned()), ..self }
    }

    fn column_comment(mut self, column: &str, text: &str) -> Self {
        self.column_comments.insert(column.to_owned(), text.to_owned());
        self
    }

    fn granted(mut self, privilege: &str, role: &str) -> Self {
        let (privilege, role) = (privilege.to_owned(), Some(role.to_owned()));
        let grant = Grant { privilege, column: None, role, grantable: false, grantor: None };
        self.belongings.grants.push(grant);
        self
    }

    fn owned(mut self, role: &str) -> Self {
        self.belongings.owner = Some(role.to_owned());
        self
    }

    fn clause(mut self, word: &str, name: Option<&str>, text: &str) -> Self {
        let (word, name) = (word.to_owned(), name.map(str::to_owned));
        self.clauses.push(Clause { word, name, text: SqlText::new(text) });
        self
    }

    fn secret(mut self) -> Self {
        self.belongings.has_secret = true;
        self
    }
}

/// Reads an identity: `table users`, `column users.email`.
fn object(text: &str) -> ObjectId {
    let (noun, name) = text.rsplit_once(' ').unwrap();
    match (Kind::from_noun(noun).unwrap(), name.rsplit_once('.')) {
        (Kind::Column, Some((table, column))) => {
            ObjectId::column(&QualifiedName::parse(table), column)
        }
        (kind, _) => ObjectId::new(kind, QualifiedName::parse(name)),
    }
}
