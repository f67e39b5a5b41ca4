//! `aludel diagram`.

use crate::sqlite_project;

const MODELS: &str = "use aludel::Table;
#[derive(Table)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = \"varchar(80)\", unique)]
    pub email: String,
}
#[derive(Table)]
pub struct Profile {
    #[column(primary_key, references = \"users.id\")]
    pub user_id: i64,
}
#[derive(Table)]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = \"users.id\")]
    pub author_id: Option<i64>,
}
#[derive(Table)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}
";

#[test]
fn tables_are_drawn_with_their_references() {
    let project = sqlite_project();
    project.models(MODELS);
    let expected = "erDiagram
    \"posts\" {
        INTEGER id PK
        INTEGER author_id FK \"optional\"
    }
    \"profiles\" {
        INTEGER user_id PK, FK
    }
    \"tags\" {
        INTEGER id PK
    }
    \"users\" {
        INTEGER id PK
        TEXT email UK
    }
    \"users\" |o--o{ \"posts\" : \"author_id\"
    \"users\" ||--o| \"profiles\" : \"user_id\"
";
    assert_eq!(project.run("diagram").ok(), expected);
    project.migrate("all");
    assert_eq!(
        project.run("diagram --from database").ok().lines().count(),
        expected.lines().count()
    );
    let near = project.run("diagram posts").ok();
    assert!(
        near.contains("\"users\" {") && !near.contains("profiles") && !near.contains("tags"),
        "{near}"
    );
    let dot = project.run("diagram users --format dot").ok();
    assert!(
        dot.contains("\"posts\" -> \"users\" [label=\"author_id\"];") && dot.ends_with("}\n"),
        "{dot}"
    );
    project
        .run("diagram nowhere")
        .exits(1)
        .says("there is no table `nowhere`")
        .says("tables: posts, profiles")
        .stdout
        .clear();
}
