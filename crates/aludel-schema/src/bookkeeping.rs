//! The tables in which migration tools keep their books.

use crate::object::{Kind, ObjectId};

/// The names of the tables, in lower case. A name that an application might give to a table of its
/// own, such as `migrations`, is not among them.
const TABLES: &[&str] = &[
    // Alembic
    "alembic_version",
    // sqlx
    "_sqlx_migrations",
    // diesel
    "__diesel_schema_migrations",
    // SeaORM
    "seaql_migrations",
    // refinery
    "refinery_schema_history",
    // butane, cot
    "butane_migrations",
    "cot__migrations",
    // Flyway, also before version 5
    "flyway_schema_history",
    "schema_version",
    // Liquibase
    "databasechangelog",
    "databasechangeloglock",
    // goose
    "goose_db_version",
    // golang-migrate, dbmate, Rails, Ecto
    "schema_migrations",
    "ar_internal_metadata",
    // sql-migrate, go-pg, bun
    "gorp_migrations",
    "gopg_migrations",
    "bun_migrations",
    "bun_migration_locks",
    // Atlas
    "atlas_schema_revisions",
    // Django, South
    "django_migrations",
    "south_migrationhistory",
    // Tortoise, yoyo, Peewee
    "aerich",
    "_yoyo_log",
    "_yoyo_migration",
    "_yoyo_version",
    "yoyo_lock",
    "migratehistory",
    // Prisma
    "_prisma_migrations",
    // Drizzle
    "__drizzle_migrations",
    // Knex
    "knex_migrations",
    "knex_migrations_lock",
    // Sequelize, TypeORM, MikroORM, Kysely, node-pg-migrate
    "sequelizemeta",
    "typeorm_metadata",
    "mikro_orm_migrations",
    "kysely_migration",
    "kysely_migration_lock",
    "pgmigrations",
    // Entity Framework, FluentMigrator, DbUp
    "__efmigrationshistory",
    "versioninfo",
    "schemaversions",
    // Doctrine, Phinx
    "doctrine_migration_versions",
    "phinxlog",
    // Play
    "play_evolutions",
    "play_evolutions_lock",
    // Ragtime, Sequel
    "ragtime_migrations",
    "schema_info",
];

/// Returns true if the object is a table in which a known migration tool keeps its books, or
/// belongs to one.
pub fn is_bookkeeping(id: &ObjectId) -> bool {
    let table = match (id.kind, &id.table) {
        (Kind::Table, None) => &id.name,
        (_, Some(table)) => table,
        (_, None) => return false,
    };
    let name = table.name.to_ascii_lowercase();
    TABLES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::QualifiedName;

    #[test]
    fn tools_are_known_by_their_tables() {
        for (name, expected) in [
            ("alembic_version", true),
            ("audit.schema_migrations", true),
            ("DATABASECHANGELOG", true),
            ("__EFMigrationsHistory", true),
            ("migrations", false),
            ("alembic_versions", false),
        ] {
            let table = QualifiedName::parse(name);
            assert_eq!(is_bookkeeping(&ObjectId::table(&table)), expected, "{name}");
            let index = ObjectId::within(Kind::Index, &table, "x");
            assert_eq!(is_bookkeeping(&index), expected, "an index of {name}");
        }
        let view = ObjectId::new(Kind::View, QualifiedName::unqualified("alembic_version"));
        assert!(!is_bookkeeping(&view));
    }
}
