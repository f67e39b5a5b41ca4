//! The page about the notation, read by the notation's own reader.

mod misuse;

use std::collections::BTreeMap;

use aludel_dialect::Dialect;
use aludel_models::{Models, Source};

const PAGE: &str = include_str!("../../../../docs/models.md");

/// The Rust blocks of the page.
fn blocks() -> Vec<Source> {
    let blocks =
        PAGE.split("```rust\n").skip(1).map(|block| block.split("```").next().unwrap_or_default());
    blocks
        .enumerate()
        .map(|(at, text)| Source { path: format!("block{at}.rs").into(), text: text.to_owned() })
        .collect()
}

#[test]
fn every_example_of_the_page_is_read_for_both_dialects() {
    let models = Models::parse(&blocks(), Vec::new()).unwrap();
    assert_eq!(models.table_count(), 6);
    // SQLite has no tables that inherit.
    for (dialect, tables) in [(Dialect::Postgres, 6), (Dialect::Sqlite, 5)] {
        let resolved = models
            .clone()
            .metadata(dialect, &BTreeMap::new())
            .unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(resolved.metadata.tables.len(), tables, "{dialect}");
    }
}

#[test]
fn every_attribute_of_the_reader_is_on_the_page() {
    let sources = [
        include_str!("../../src/notation/column.rs"),
        include_str!("../../src/notation/table.rs"),
        include_str!("../../src/notation/index.rs"),
    ];
    for source in sources {
        let list = source.split("const WORDS").nth(1).unwrap().split("];").next().unwrap();
        for word in list.split('"').skip(1).step_by(2) {
            assert!(
                PAGE.contains(&format!("`{word}"))
                    || PAGE.contains(&format!("{word} ="))
                    || PAGE.contains(&format!("{word}("))
                    || PAGE.contains(&format!("`{word}`")),
                "`{word}` is not on the page"
            );
        }
    }
}

#[test]
fn columns_of_a_key_keep_their_order_whether_words_or_strings() {
    let text = "#[derive(Table)]
#[table(name = \"t\", primary_key(\"a b\", c), unique(\"x y\", c, \"a b\"))]
#[table(foreign_key(\"x y\", c, references = \"t(a b, c)\"))]
struct T { #[column(name = \"a b\")] a: i32, c: i32, #[column(name = \"x y\")] x: i32 }";
    let source = Source { path: "t.rs".into(), text: text.to_owned() };
    let models = Models::parse(&[source], Vec::new()).unwrap();
    let resolved = models.metadata(Dialect::Postgres, &BTreeMap::new()).unwrap();
    let table = resolved.metadata.tables.values().next().unwrap();
    let columns: Vec<&[String]> =
        table.constraints.iter().map(aludel_schema::Constraint::columns).collect();
    let expected: [&[&str]; 3] = [&["a b", "c"], &["x y", "c", "a b"], &["x y", "c"]];
    assert_eq!(columns, expected);
}
