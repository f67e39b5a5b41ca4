//! The constraints of a table.

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{
    Constraint, ConstraintKind, Hints, IndexSettings, Kind, Metadata, ObjectId, QualifiedName,
    Table, Validity,
};

use crate::pair::Pair;
use crate::tables::index::settings_change;

/// The constraints of a table, paired between both sides.
#[derive(Debug, Default)]
pub(crate) struct Matched<'a> {
    /// The constraints that are equal on both sides. Comments and settings of indexes may differ.
    pub(crate) kept: Vec<Pair<&'a Constraint>>,
    /// The constraints that differ only in their name, in comments, and in settings of indexes.
    pub(crate) renamed: Vec<Pair<&'a Constraint>>,
    /// The constraints that ALTER turns into those of the target.
    pub(crate) altered: Vec<Pair<&'a Constraint>>,
    /// The constraints to drop.
    pub(crate) gone: Vec<&'a Constraint>,
    /// The constraints to add.
    pub(crate) new: Vec<&'a Constraint>,
}

/// Pairs constraints by name, then by the former names of `hints`, and the remaining ones by rule. A
/// constraint whose name has another rule in the target may be one that passes its name on.
pub(crate) fn matched<'a>(dialect: Dialect, hints: &Hints, tables: Pair<&'a Table>) -> Matched<'a> {
    let has_names = dialect.capabilities().constraint_names;
    let mut matched = Matched::default();
    let mut left: Vec<&Constraint> = tables.database.constraints.iter().collect();
    let mut unmatched = Vec::new();
    for target in &tables.target.constraints {
        let same_name = left.iter().position(|c| c.name.is_some() && c.name == target.name);
        match same_name.map(|at| (at, Pair::new(left[at], target))) {
            Some((at, pair)) if pair.database.same_demand(target) => {
                matched.kept.push(pair);
                left.remove(at);
            }
            Some((at, pair)) if can_alter(pair) => {
                matched.altered.push(pair);
                left.remove(at);
            }
            Some(_) | None => unmatched.push(target),
        }
    }
    let table = &tables.target.name;
    unmatched.retain(|target| {
        let hint = hints.objects.get(&target.id(table));
        let fits = |database: &Constraint| {
            let can_be = database.same_demand(target) || can_alter(Pair::new(database, target));
            can_be && hint.is_some_and(|hint| database.name.as_ref() == Some(&hint.from))
        };
        let found = left.iter().position(|database| fits(database));
        if let Some(at) = found {
            matched.renamed.push(Pair::new(left.remove(at), target));
        }
        found.is_none()
    });
    for target in unmatched {
        match left.iter().position(|database| database.same_demand(target)) {
            Some(at) => {
                let database = left.remove(at);
                let is_named = !has_names || (database.name.is_some() && target.name.is_some());
                let is_other = is_named && database.name != target.name;
                let pairs = if is_other { &mut matched.renamed } else { &mut matched.kept };
                pairs.push(Pair::new(database, target));
            }
            None => matched.new.push(target),
        }
    }
    matched.gone.extend(left);
    matched
}

/// Gives the constraints of the target whose names no model states those of the database, if a constraint
/// may have any name or none there, and only a new table gives it another one.
pub fn keep_names(dialect: Dialect, renamed: &Metadata, target: &mut Metadata) {
    if dialect.capabilities().constraint_names {
        return;
    }
    for table in target.tables.values_mut() {
        let Some(before) = renamed.tables.get(&table.name) else { continue };
        let mut left: Vec<&Constraint> = before.constraints.iter().collect();
        let mut others: Vec<&mut Constraint> = Vec::new();
        for own in &mut table.constraints {
            let same = |other: &&Constraint| other.name == own.name && other.same_demand(own);
            match left.iter().position(same) {
                Some(at) => _ = left.remove(at),
                None => others.push(own),
            }
        }
        others.retain(|own| !target.hints.stated.contains(&own.id(&table.name)));
        for own in others {
            if let Some(at) = left.iter().position(|other| other.same_demand(own)) {
                own.name.clone_from(&left.remove(at).name);
            }
        }
    }
}

/// Leaves NOT NULL unsaid in the keys of the target where the database does, if the key still forbids NULL there.
pub fn keep_unsaid(dialect: Dialect, renamed: &Metadata, target: &mut Metadata) {
    for table in target.tables.values_mut() {
        let Some(before) = renamed.tables.get(&table.name) else { continue };
        let key = table.primary_key().to_vec();
        if dialect.key_may_be_null(table, &key) {
            continue;
        }
        for own in table.columns.iter_mut().filter(|own| !own.nullable && key.contains(&own.name)) {
            let before = before.column(&own.name).and_then(|before| before.not_null.as_ref());
            if let Some(before) = before.filter(|before| before.unsaid) {
                own.not_null = Some(before.clone());
            }
        }
    }
}

/// Returns true if ALTER can turn one constraint into the other. It can validate checks and foreign
/// keys, and change whether and when a foreign key is enforced.
fn can_alter(pair: Pair<&Constraint>) -> bool {
    let rule = |constraint: &Constraint| constraint.clone().with_validity(Validity::Valid).kind;
    let validity = pair.map(Constraint::validity);
    let validates =
        validity.database != Validity::NotEnforced && validity.target == Validity::Valid;
    let is_key = pair.target.foreign_key().is_some();
    !pair.differs(rule)
        && if is_key {
            validity.target != Validity::NotValid || validity.database == Validity::NotValid
        } else {
            validates && !pair.differs(|constraint| constraint.deferrable)
        }
}

impl Matched<'_> {
    /// Returns the operations for the constraints. An unchanged constraint for which `rests` is
    /// true is dropped and made again, because an object that it rests on changes.
    pub(crate) fn operations(
        &self,
        table: &QualifiedName,
        rests: impl Fn(&Constraint) -> bool,
    ) -> Vec<Operation> {
        let mut operations: Vec<Operation> =
            self.gone.iter().map(|constraint| drop(table, constraint)).collect();
        for pair in self.kept.iter().chain(&self.renamed).chain(&self.altered) {
            if rests(pair.target) {
                operations.push(drop(table, pair.database));
                operations.extend(create(table, pair.target));
            }
        }
        for pair in self.renamed.iter().filter(|pair| !rests(pair.target)) {
            let [from, to] = [pair.database, pair.target].map(Constraint::label);
            let from = ObjectId::within(Kind::Constraint, table, from);
            operations.push(Operation::Rename { from, to });
        }
        for pair in self.renamed.iter().chain(&self.altered).filter(|pair| !rests(pair.target)) {
            operations.extend(alter(table, *pair));
        }
        for pair in self.kept.iter().chain(&self.renamed).chain(&self.altered) {
            if !rests(pair.target) {
                operations.extend(changes(table, *pair));
            }
        }
        operations.extend(self.new.iter().flat_map(|constraint| create(table, constraint)));
        operations
    }
}

fn alter(table: &QualifiedName, pair: Pair<&Constraint>) -> Vec<Operation> {
    let validates =
        pair.database.validity() == Validity::NotValid && pair.target.validity() == Validity::Valid;
    let mut operations = Vec::new();
    let between = match validates {
        true => pair.target.clone().with_validity(Validity::NotValid),
        false => pair.target.clone(),
    };
    if !pair.database.same_demand(&between) {
        let (from, to) = (Box::new(pair.database.clone()), Box::new(between));
        let table = table.clone();
        operations.push(Operation::Alter(Alter::Enforcement { table, from, to }));
    }
    if validates {
        let (table, constraint) = (table.clone(), Box::new(pair.target.clone()));
        operations.push(Operation::Alter(Alter::Validate { table, constraint }));
    }
    operations
}

/// Returns the changes of what stands beside the rule: the comments, and the settings of the index.
pub(crate) fn changes(table: &QualifiedName, pair: Pair<&Constraint>) -> Vec<Operation> {
    let mut operations = Vec::new();
    if pair.differs(|constraint| &constraint.comment) {
        operations.push(comment(table, pair.target));
    }
    if pair.differs(|constraint| &constraint.index_comment) {
        operations.push(index_comment(table, pair.target));
    }
    let settings = pair.map(|constraint| &constraint.index);
    operations.extend(settings_change(table, &pair.target.label(), settings));
    operations
}

/// Returns ADD CONSTRAINT, followed by what it can't say.
pub(crate) fn create(table: &QualifiedName, constraint: &Constraint) -> Vec<Operation> {
    let mut operations = vec![add(table, constraint)];
    operations.extend(additions(table, constraint));
    operations
}

/// Returns what neither ADD CONSTRAINT nor CREATE TABLE can say: the comments, and the settings of
/// the index of an exclusion constraint.
pub(crate) fn additions(table: &QualifiedName, constraint: &Constraint) -> Vec<Operation> {
    let made = match constraint.kind {
        ConstraintKind::Exclusion { .. } => IndexSettings::default(),
        ConstraintKind::PrimaryKey { .. }
        | ConstraintKind::Unique { .. }
        | ConstraintKind::ForeignKey(_)
        | ConstraintKind::Check { .. } => constraint.index.clone(),
    };
    let plain =
        Constraint { comment: None, index_comment: None, index: made, ..constraint.clone() };
    changes(table, Pair::new(&plain, constraint))
}

fn comment(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::Comment { on: constraint.id(table), comment: constraint.comment.clone() }
}

fn index_comment(table: &QualifiedName, constraint: &Constraint) -> Operation {
    let on = ObjectId::within(Kind::Index, table, constraint.label());
    Operation::Comment { on, comment: constraint.index_comment.clone() }
}

pub(crate) fn add(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::Create(object(table, constraint))
}

pub(crate) fn drop(table: &QualifiedName, constraint: &Constraint) -> Operation {
    Operation::Drop(object(table, constraint))
}

fn object(table: &QualifiedName, constraint: &Constraint) -> Object {
    Object::Constraint { table: table.clone(), constraint: Box::new(constraint.clone()) }
}
