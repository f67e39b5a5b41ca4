//! The default schema in the names of the models.
//!
//! If the default schema is `public`, then `public.users` and `users` are one table, and names do not
//! state it. An object with the name of one of the server's own is found with its schema only, so that its
//! name states the schema, whether or not the models say it.

use aludel_compare::Plan;
use aludel_dialect::Dialect;
use aludel_driver::{Connection, DriverError};
use aludel_operations::Operation;
use aludel_reflect::{Shadows, shadowing};
use aludel_schema::{
    Column, ConstraintKind, EnumType, Kind, Metadata, ObjectId, QualifiedName, SqlText, Table,
};

/// Brings the names of the models into the form that those of the database have.
pub(crate) async fn settle_names(
    connection: &Connection<'_>,
    dialect: Dialect,
    metadata: &mut Metadata,
    database: &Metadata,
    default_schema: &str,
) -> Result<(), DriverError> {
    let mut wanted = Shadows::default();
    let enums = metadata.enums.values().map(EnumType::id);
    for mut id in enums.chain(metadata.definitions.keys().cloned()) {
        strip(&mut id.name, default_schema);
        // What the database has under the short name is found by it.
        if id.name.schema.is_none() && !database.contains(&id) {
            wanted.add(&id);
        }
    }
    let shadows = shadowing(connection, &wanted).await?;
    Names { dialect, default_schema, shadows }.settle(metadata);
    Ok(())
}

/// Returns the schema that the search path names first and that is not there, if a plan makes something
/// without a schema.
pub(crate) fn misses_schema(database: &Metadata, plan: &Plan) -> Option<String> {
    let mut made = plan.operations().filter_map(|operation| match operation {
        Operation::Create(object) => Some(object.id()),
        Operation::Drop(_)
        | Operation::Rename { .. }
        | Operation::Alter(_)
        | Operation::Restore(_)
        | Operation::Comment { .. } => None,
    });
    let is_without =
        |id: ObjectId| id.table.is_none() && id.name.schema.is_none() && !id.kind.has_no_schema();
    database.missing_schema.clone().filter(|_| made.any(is_without))
}

fn strip(name: &mut QualifiedName, default_schema: &str) {
    name.schema.take_if(|schema| schema == default_schema);
}

/// The rule for names.
struct Names<'s> {
    dialect: Dialect,
    default_schema: &'s str,
    /// The objects of the server itself with the names of others.
    shadows: Shadows,
}

impl Names<'_> {
    fn settle(&self, metadata: &mut Metadata) {
        metadata.schemas.remove(self.default_schema);
        metadata.schemas.remove("public");
        let strip = |name: &mut QualifiedName| strip(name, self.default_schema);
        for mut enum_type in std::mem::take(&mut metadata.enums).into_values() {
            enum_type.name = self.id(enum_type.id()).name;
            metadata.enums.insert(enum_type.name.clone(), enum_type);
        }
        for mut sequence in std::mem::take(&mut metadata.sequences).into_values() {
            strip(&mut sequence.name);
            sequence.owned_by.iter_mut().for_each(|owner| strip(&mut owner.table));
            metadata.sequences.insert(sequence.name.clone(), sequence);
        }
        for mut definition in std::mem::take(&mut metadata.definitions).into_values() {
            definition.id = self.id(definition.id);
            metadata.add_definition(definition);
        }
        for (id, text) in std::mem::take(&mut metadata.comments) {
            metadata.comments.insert(self.id(id), text);
        }
        for (id, said) in std::mem::take(&mut metadata.access) {
            metadata.access.insert(self.id(id), said);
        }
        for (id, hint) in std::mem::take(&mut metadata.hints.objects) {
            metadata.hints.objects.insert(self.id(id), hint);
        }
        for (mut name, hints) in std::mem::take(&mut metadata.hints.labels) {
            strip(&mut name);
            self.qualify_type(&mut name);
            metadata.hints.labels.insert(name, hints);
        }
        let of_enum = std::mem::take(&mut metadata.hints.of_enum);
        let tables = std::mem::take(&mut metadata.tables).into_values();
        for mut table in tables {
            for column in &mut table.columns {
                let id = ObjectId::column(&table.name, column.name.as_str());
                self.column(column, of_enum.contains_key(&id));
            }
            metadata.add_table(self.table(table));
        }
    }

    fn id(&self, mut id: ObjectId) -> ObjectId {
        strip(&mut id.name, self.default_schema);
        id.table.iter_mut().for_each(|table| strip(table, self.default_schema));
        if let Some(signature) = &mut id.signature {
            *signature = self.types(signature);
        }
        if id.name.schema.is_none() && self.shadows.has(&id) {
            id.name.schema = Some(self.default_schema.to_owned());
        }
        id
    }

    fn qualify_type(&self, name: &mut QualifiedName) {
        if name.schema.is_none() && self.shadows.has_type(&name.name) {
            name.schema = Some(self.default_schema.to_owned());
        }
    }

    /// Returns a list of types without the default schema where it need not stand.
    fn types(&self, list: &str) -> String {
        let prefix = format!("{}.", self.default_schema);
        let mut out = String::with_capacity(list.len());
        let mut rest = list;
        while let Some(at) = rest.find(&prefix) {
            let (before, found) = rest.split_at(at);
            let behind = &found[prefix.len()..];
            // `app_public.t` is of another schema.
            let is_whole = !before.ends_with(|c: char| c.is_alphanumeric() || "_$\"".contains(c));
            out.push_str(before);
            if !is_whole || self.is_shadowed(behind) {
                out.push_str(&prefix);
            }
            rest = behind;
        }
        out + rest
    }

    /// Returns true if a text begins with the name of a type that the server has as well.
    fn is_shadowed(&self, text: &str) -> bool {
        let name = match text.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => text.split(|c: char| !c.is_alphanumeric() && c != '_').next(),
        };
        name.is_some_and(|name| self.shadows.has_type(name))
    }

    /// Settles the type of a column. `is_enum` says that its Rust type is an enum of the models, which is
    /// meant before a type of the server.
    fn column(&self, column: &mut Column, is_enum: bool) {
        let prefix = format!("{}.", self.default_schema);
        let written = &column.sql_type.written;
        let settled = match written.strip_prefix(&prefix) {
            Some(rest) if !self.is_shadowed(rest) => Some(rest.to_owned()),
            None if is_enum && self.is_shadowed(written) => Some(format!("{prefix}{written}")),
            Some(_) | None => None,
        };
        if let Some(settled) = settled {
            column.sql_type = SqlText::new(settled);
        }
        column.collation.iter_mut().for_each(|name| self.collation(name));
        if let Some(default) = &mut column.default {
            default.written = default.written.replace(&format!("nextval('{prefix}"), "nextval('");
        }
    }

    fn collation(&self, name: &mut String) {
        let id = ObjectId::new(Kind::Collation, QualifiedName::parse(name));
        if id.name.schema.is_some() {
            *name = self.dialect.written_collation(&self.id(id).name);
        }
    }

    fn table(&self, mut table: Table) -> Table {
        let keys = table.indexes.iter_mut().flat_map(|index| &mut index.keys);
        keys.filter_map(|key| key.collation.as_mut()).for_each(|name| self.collation(name));
        let strip = |name: &mut QualifiedName| strip(name, self.default_schema);
        strip(&mut table.name);
        table.options.inherits.iter_mut().for_each(strip);
        table.options.of_type.iter_mut().for_each(strip);
        table.options.of_type.iter_mut().for_each(|name| self.qualify_type(name));
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                strip(&mut key.references);
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_schema_in_lists_of_types() {
        let mut shadows = Shadows::default();
        shadows.add(&ObjectId::new(Kind::Domain, QualifiedName::unqualified("path")));
        let dialect = Dialect::Postgres;
        let names = Names { dialect, default_schema: "public", shadows };
        for (list, expected) in [
            ("public.a, public.b[]", "a, b[]"),
            ("app_public.t, public.t", "app_public.t, t"),
            ("public.path, path", "public.path, path"),
            ("VARIADIC public.a[]", "VARIADIC a[]"),
        ] {
            assert_eq!(names.types(list), expected);
        }
    }
}
