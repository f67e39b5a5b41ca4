//! The indexes of a table.

use aludel_dialect::Dialect;
use aludel_operations::{Alter, Object, Operation};
use aludel_schema::{Hints, Index, IndexSettings, QualifiedName, Table};

use crate::pair::Pair;

/// The indexes of a table, paired between both sides.
#[derive(Debug, Default)]
pub(crate) struct Matched<'a> {
    /// The indexes with equal definitions. Names, comments and settings may differ.
    pub(crate) kept: Vec<Pair<&'a Index>>,
    /// The indexes to drop.
    pub(crate) gone: Vec<&'a Index>,
    new: Vec<&'a Index>,
}

/// Pairs indexes by name, then by the former names of `hints`, and the remaining ones by definition. An
/// index whose name has another definition in the target may be one that passes its name on, if the
/// dialect can rename it.
pub(crate) fn matched<'a>(dialect: Dialect, hints: &Hints, tables: Pair<&'a Table>) -> Matched<'a> {
    let stays = |database: &Index, target: &Index| {
        database.same_definition(target)
            && !dialect.shapes_index(&database.settings.with, &target.settings.with)
    };
    let passes_on = dialect.capabilities().rename_index;
    let mut matched = Matched::default();
    let mut left: Vec<&Index> = tables.database.indexes.iter().collect();
    let mut unmatched = Vec::new();
    for target in &tables.target.indexes {
        let same_name = left.iter().position(|index| index.name == target.name);
        match same_name.filter(|at| !passes_on || stays(left[*at], target)) {
            Some(at) if stays(left[at], target) => {
                matched.kept.push(Pair::new(left.remove(at), target));
            }
            Some(at) => {
                matched.gone.push(left.remove(at));
                matched.new.push(target);
            }
            None => unmatched.push(target),
        }
    }
    let table = &tables.target.name;
    unmatched.retain(|target| {
        let hint = hints.objects.get(&target.id(table));
        let fits = |database: &Index| {
            stays(database, target) && hint.is_some_and(|hint| database.name == hint.from)
        };
        let found = left.iter().position(|database| fits(database));
        if let Some(at) = found {
            matched.kept.push(Pair::new(left.remove(at), target));
        }
        found.is_none()
    });
    for target in unmatched {
        match left.iter().position(|database| stays(database, target)) {
            Some(at) => matched.kept.push(Pair::new(left.remove(at), target)),
            None => matched.new.push(target),
        }
    }
    matched.gone.extend(left);
    matched
}

impl Matched<'_> {
    /// Returns the operations for the indexes. An unchanged index for which `rests` is true is
    /// dropped and made again, because an object that it rests on changes.
    pub(crate) fn operations(
        &self,
        table: &QualifiedName,
        rests: impl Fn(&Index) -> bool,
    ) -> Vec<Operation> {
        let mut operations: Vec<Operation> =
            self.gone.iter().map(|index| drop(table, index)).collect();
        for pair in &self.kept {
            if rests(pair.target) {
                operations.push(drop(table, pair.database));
                operations.extend(create(table, pair.target));
                continue;
            }
            if pair.differs(|index| &index.name) {
                let to = pair.target.name.clone();
                operations.push(Operation::Rename { from: pair.database.id(table), to });
            }
            if pair.differs(|index| &index.comment) {
                operations.push(comment(table, pair.target));
            }
            let settings = pair.map(|index| &index.settings);
            operations.extend(settings_change(table, &pair.target.name, settings));
        }
        operations.extend(self.new.iter().flat_map(|index| create(table, index)));
        operations
    }
}

/// Returns CREATE INDEX, followed by the comment and the statistics targets if there are any.
pub(crate) fn create(table: &QualifiedName, index: &Index) -> Vec<Operation> {
    let mut operations = vec![Operation::Create(object(table, index))];
    if index.comment.is_some() {
        operations.push(comment(table, index));
    }
    let made = IndexSettings { statistics: Default::default(), ..index.settings.clone() };
    let settings = Pair::new(&made, &index.settings);
    operations.extend(settings_change(table, &index.name, settings));
    operations
}

/// Returns the change of the settings of an index, which may be that of a constraint.
pub(crate) fn settings_change(
    table: &QualifiedName,
    index: &str,
    settings: Pair<&IndexSettings>,
) -> Option<Operation> {
    let change = || Alter::IndexSettings {
        table: table.clone(),
        index: index.to_owned(),
        from: Box::new(settings.database.clone()),
        to: Box::new(settings.target.clone()),
    };
    settings.differs(|settings| settings).then(|| Operation::Alter(change()))
}

pub(crate) fn drop(table: &QualifiedName, index: &Index) -> Operation {
    Operation::Drop(object(table, index))
}

fn object(table: &QualifiedName, index: &Index) -> Object {
    Object::Index { table: table.clone(), index: Box::new(index.clone()) }
}

fn comment(table: &QualifiedName, index: &Index) -> Operation {
    Operation::Comment { on: index.id(table), comment: index.comment.clone() }
}
