//! Objects of the database that give way to those of a scratch.

use aludel_operations::{Alter, Move, Object, Operation};
use aludel_schema::{Kind, ObjectId, QualifiedName};

use super::scratch::Scratch;

impl Scratch {
    /// Lets the functions and operators of the database give way that the target does not have, so that
    /// no call means one of them.
    pub(super) fn without_gone(&mut self, is_named: impl Fn(&QualifiedName) -> bool) {
        for (at, id) in std::mem::take(&mut self.gone).into_iter().enumerate() {
            let statements = match id.kind {
                Kind::Operator => self.giving_way(&id),
                _ if is_named(&id.name) => {
                    let to = format!("aludel_gone_{at}");
                    self.statements_of(&[Operation::Rename { from: id.clone(), to }])
                }
                _ => Vec::new(),
            };
            statements.into_iter().for_each(|sql| self.before(id.clone(), sql));
        }
    }

    /// Returns the statements by which an object of the database makes its name free. It gets
    /// another name, because others may rest on it. What can't be renamed has none resting on it,
    /// and is dropped.
    pub(super) fn giving_way(&self, id: &ObjectId) -> Vec<String> {
        let Some(live) = self.in_the_way.get(id) else { return Vec::new() };
        let Some(facts) = self.dialect.kind_facts(id.kind) else { return Vec::new() };
        if id.kind == Kind::Operator {
            let types = id.signature.as_deref().unwrap_or_default();
            if self.names.has_named(types, self.dialect) {
                // The one of the scratch is about other types.
                return Vec::new();
            }
            let schema = "aludel_live".to_owned();
            let create = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
            let to = QualifiedName::new(Some(schema.clone()), id.name.name.as_str());
            let moves = Move { from: id.clone(), to, schema, along: Vec::new() };
            let moved = self.statements_of(&[Operation::Alter(Alter::Move(moves))]);
            return std::iter::once(create).chain(moved).collect();
        }
        let operation = match facts.renames {
            true => {
                let number = self.in_the_way.range(..id).count();
                let to = format!("aludel_live_{number}");
                Operation::Rename { from: id.clone(), to }
            }
            false => Operation::Drop(Object::Definition(Box::new(live.clone()))),
        };
        let statements = self.statements_of(&[operation]).into_iter();
        let drop = format!("DROP {}", facts.keyword);
        // A cast between types of the scratch is another one.
        statements.map(|sql| sql.replacen(&drop, &format!("{drop} IF EXISTS"), 1)).collect()
    }
}
