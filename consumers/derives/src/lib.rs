//! Models that derive what other libraries need, beside Aludel's derives. This crate is compiled to
//! see that none of them is in the way of another, and the examples of `docs/in-code.md` with it.
#![doc = include_str!("../../../docs/in-code.md")]

use aludel::{Enum, Table};

/// A model for sqlx and serde.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, sqlx::FromRow, Table)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    #[column(primary_key, identity)]
    pub id: i64,
    #[serde(default)]
    #[column(check = "title <> ''")]
    pub title: String,
    #[sqlx(rename = "state")]
    #[column(name = "state", default = "'draft'")]
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<chrono::DateTime<chrono::Utc>>,
}

/// An enum type for sqlx and serde.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::Type, Enum)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "status", rename_all = "snake_case")]
pub enum Status {
    Draft,
    InReview,
}

/// A model that is an entity of SeaORM.
pub mod cake {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, aludel::Table)]
    #[sea_orm(table_name = "cakes")]
    #[table(name = "cakes")]
    pub struct Model {
        #[sea_orm(primary_key)]
        #[column(primary_key, identity)]
        pub id: i32,
        #[sea_orm(unique)]
        #[column(unique)]
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A model that diesel reads and writes.
pub mod post {
    use diesel::prelude::*;

    diesel::table! {
        posts (id) {
            id -> Int4,
            title -> Text,
            body -> Nullable<Text>,
        }
    }

    #[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable, aludel::Table)]
    #[diesel(table_name = posts)]
    #[diesel(check_for_backend(diesel::pg::Pg))]
    #[table(name = "posts")]
    pub struct Post {
        #[column(primary_key)]
        pub id: i32,
        pub title: String,
        #[diesel(column_name = body)]
        pub body: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_sees_its_own_names() {
        assert_eq!(Note::TABLE, "notes");
        assert_eq!(Note::COLUMNS, ["id", "title", "state", "written"]);
        let note = Note { id: 1, title: "x".into(), status: Status::InReview, written: None };
        let json = serde_json::to_string(&note).unwrap();
        assert_eq!(json, r#"{"id":1,"title":"x","status":"in_review"}"#);
        assert_eq!(Status::from_label("in_review"), Some(Status::InReview));
        assert_eq!(cake::Model::COLUMNS, ["id", "name"]);
        assert_eq!(sea_orm::EntityName::table_name(&cake::Entity), "cakes");
        assert_eq!(post::Post::TABLE, "posts");
    }
}
