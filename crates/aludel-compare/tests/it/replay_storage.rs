//! Storage, statistics and the roles of indexes in a database that is nothing but metadata.

use aludel_operations::Alter;
use aludel_schema::{
    Column, Constraint, ConstraintKind, Index, IndexSettings, Kind, ObjectId, QualifiedName,
    ReplicaIdentity, Validity,
};

use crate::replay::{Done, Server, must};

/// A column as CREATE TABLE and ADD COLUMN make it.
pub(crate) fn made_column(column: &Column) -> Column {
    let mut made = Column { comment: None, storage: None, ..column.clone() };
    if column.may_still_be_null() {
        made.nullable = true;
        made.not_null = None;
    }
    if let Some(not_null) = &mut made.not_null {
        not_null.comment = None;
    }
    made
}

/// A constraint as CREATE TABLE and ADD CONSTRAINT make it.
pub(crate) fn made_constraint(constraint: &Constraint) -> Constraint {
    let made = Constraint { comment: None, index_comment: None, ..constraint.clone() };
    match made.kind {
        ConstraintKind::Exclusion { .. } => Constraint { index: IndexSettings::default(), ..made },
        _ => made,
    }
}

/// An index as CREATE INDEX makes it.
pub(crate) fn made_index(index: &Index) -> Index {
    let settings = IndexSettings { statistics: Default::default(), ..index.settings.clone() };
    Index { comment: None, settings, ..index.clone() }
}

impl Server {
    pub(crate) fn alter_storage(&mut self, alter: &Alter) -> Done {
        match alter {
            Alter::IndexRoles { table, to, .. } => {
                if let ReplicaIdentity::Index(name) = &to.replica_identity {
                    self.has_index(table, name)?;
                }
                to.clustered_on.iter().try_for_each(|name| self.has_index(table, name))?;
                self.table(table)?.roles.clone_from(to);
            }
            Alter::IndexSettings { table, index, from, to } => {
                let own = self.settings(table, index)?;
                must(*own == **from, || format!("they are {own:?}"))?;
                own.clone_from(to);
            }
            Alter::Enforcement { table, from, to } => {
                let mut own = self.table(table)?.constraints.iter_mut();
                let own = own.find(|own| own.name == to.name).ok_or("no such constraint")?;
                must(own.kind == from.kind, || format!("it is {own:?}"))?;
                must(to.validity() != Validity::NotValid || from.kind == to.kind, || {
                    "ALTER CONSTRAINT has no NOT VALID".to_owned()
                })?;
                own.kind.clone_from(&to.kind);
                own.deferrable = to.deferrable;
            }
            other => return Err(format!("{other} is of no storage")),
        }
        Ok(())
    }

    fn has_index(&mut self, table: &QualifiedName, name: &str) -> Done {
        self.settings(table, name).map(|_| ())
    }

    fn settings(
        &mut self,
        table: &QualifiedName,
        name: &str,
    ) -> Result<&mut IndexSettings, String> {
        let table = self.table(table)?;
        let indexes = table.indexes.iter_mut();
        let indexes = indexes.map(|own| (own.name.clone(), &mut own.settings));
        let keys = table.constraints.iter_mut().filter(|own| own.has_index());
        let keys = keys.map(|own| (own.label(), &mut own.index));
        let mut all = indexes.chain(keys);
        let found = all.find(|(own, _)| own == name).map(|(_, settings)| settings);
        found.ok_or_else(|| format!("there is no index {name}"))
    }

    /// Takes the roles from an index that is gone.
    pub(crate) fn loses_roles(&mut self, table: &QualifiedName, index: &str) -> Done {
        let roles = &mut self.table(table)?.roles;
        if roles.replica_identity == ReplicaIdentity::Index(index.to_owned()) {
            roles.replica_identity = ReplicaIdentity::Nothing;
        }
        roles.clustered_on = roles.clustered_on.take().filter(|own| own != index);
        Ok(())
    }

    pub(crate) fn renames_role(&mut self, table: &QualifiedName, from: &str, to: &str) -> Done {
        let roles = &mut self.table(table)?.roles;
        if roles.replica_identity == ReplicaIdentity::Index(from.to_owned()) {
            roles.replica_identity = ReplicaIdentity::Index(to.to_owned());
        }
        if roles.clustered_on.as_deref() == Some(from) {
            roles.clustered_on = Some(to.to_owned());
        }
        Ok(())
    }

    /// Sets the comment on a constraint or an index.
    pub(crate) fn comment_in_table(
        &mut self,
        on: &ObjectId,
        table: &QualifiedName,
        comment: Option<String>,
    ) -> Done {
        let (name, table) = (&on.name.name, self.table(table)?);
        let own = table.constraints.iter_mut().find(|own| own.label() == *name);
        let index = table.indexes.iter_mut().find(|own| own.name == *name);
        let owner = table.name.clone();
        let mut columns = table.columns.iter_mut();
        let column = columns.find(|own| !own.nullable && own.not_null_name(&owner) == *name);
        match (on.kind, own, index, column) {
            (Kind::Constraint, Some(own), ..) => own.comment = comment,
            (Kind::Constraint, None, _, Some(column)) => {
                column.not_null.get_or_insert_default().comment = comment;
            }
            (Kind::Index, Some(own), ..) => own.index_comment = comment,
            (Kind::Index, None, Some(index), _) => index.comment = comment,
            _ => return Err(format!("there is no {on}")),
        }
        Ok(())
    }
}
