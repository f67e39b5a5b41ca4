//! Law 6: any bytes give a result or an error, never a panic, and soon.

use std::collections::BTreeMap;
use std::path::Path;

use aludel::{Config, DatabaseUrl, Dialect};
use aludel_dialect::{
    changed_objects, normal_form, object_statements, parse_create_index, parse_create_table,
    parse_definition, split, without_parentheses,
};
use aludel_models::{Models, Source};
use aludel_revision::{Direction, Range, Revision, RevisionMap, Symbol};
use proptest::prelude::*;

use crate::random::seeds;

/// Everything that reads text, on one text.
fn read_everything(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Ok(models) = Models::parse(
        &[Source { path: "x.rs".into(), text: text.clone() }],
        vec![Source { path: "x.sql".into(), text: text.clone() }],
    ) {
        for dialect in Dialect::ALL {
            let _ = models.clone().metadata(dialect, &BTreeMap::new());
        }
    }
    if let Ok(revision) = Revision::parse(Path::new("x.sql"), bytes.to_vec()) {
        let _ = revision.sections();
        let _ = RevisionMap::new(vec![revision]);
    }
    let _ = Config::parse(&text);
    let _ = Symbol::parse(&text);
    let _ = Range::parse(&text);
    identifier(&text);
    let _ = DatabaseUrl::parse(&text, Path::new("."));
    let _ = parse_create_table(&text);
    let _ = parse_create_index(&text);
    let _ = object_statements(&text);
    for dialect in Dialect::ALL {
        let _ = split(&text, dialect);
        let _ = changed_objects(&text, dialect);
        let _ = parse_definition(&text, dialect);
        let _ = normal_form(&text, dialect);
        let _ = without_parentheses(&text, dialect);
        let _ = dialect.sql_type(&text);
        let tokens: String =
            aludel_dialect::tokens(&text, dialect).map(|token| token.text).collect();
        assert_eq!(tokens, text, "the lexer loses nothing");
    }
}

/// Whatever somebody types in place of a revision.
fn identifier(text: &str) {
    let file = |id: &str, down: &str, label: &str| {
        let text = format!("-- m\n-- revision: {id}\n-- down_revision: {down}\n{label}");
        Revision::parse(Path::new(id), text.into_bytes()).unwrap()
    };
    let files = vec![
        file("a1", "none", "-- branch_labels: net\n"),
        file("b1", "a1", ""),
        file("c1", "a1", "-- replaces: x1, y1\n"),
        file("m1", "b1, y1", ""),
    ];
    let map = RevisionMap::new(files).unwrap();
    for rows in [vec![], vec!["b1".to_owned(), "y1".to_owned()], vec!["zz".to_owned()]] {
        let Ok((map, rows)) = map.seen_from(&rows) else { continue };
        let Ok(symbol) = Symbol::parse(text) else { continue };
        let _ = map.resolve(&symbol, &rows);
        if let Ok(targets) = map.stamp_targets(&symbol, &rows) {
            map.rows_stamped(&rows, &targets);
        }
        for direction in [Direction::Upgrade, Direction::Downgrade] {
            if let Ok(goal) = map.goal(direction, &symbol, &rows) {
                let _ = map.transitions(&rows, &goal);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_everything(&bytes);
    }

    #[test]
    fn random_identifiers_are_survived(text in "(net|a1|b1|c1|m1|x1|y1|head|heads|base|current|[a-z0-9]{0,3})?@?(net|a1|b|m1|x1|head|heads|base|current)?([-+]{0,2}[0-9]{0,20})?:?[-+@a-c1]{0,4}") {
        identifier(&text);
        let _ = Range::parse(&text);
    }

    #[test]
    fn random_headers_are_survived(lines in proptest::collection::vec("(-- (revision|down_revision|depends_on|branch_labels|replaces|created|message|aludel)?: ?[a-c,@. ]{0,6}(none|upgrade|downgrade sqlite|irreversible: x)?)|(-- ?)|[;a-z ']{0,8}", 0..10)) {
        let text = lines.join("\n");
        if let Ok(revision) = Revision::parse(Path::new("x.sql"), text.into_bytes()) {
            let _ = revision.sections();
            let _ = aludel_revision::with_down_revisions(revision.text().unwrap(), &["z9".to_owned()]);
            let _ = RevisionMap::new(vec![revision.clone(), revision]);
        }
    }

    #[test]
    fn random_text_is_survived(text in "\\PC{0,120}") {
        read_everything(text.as_bytes());
    }

    #[test]
    fn damaged_sources_are_survived(seed in seeds(), cut in any::<proptest::sample::Index>(), put in "[\\x00-\\x7f]{0,6}", take in 0..12_usize) {
        let at = cut.index(seed.len() + 1);
        let end = (at + take).min(seed.len());
        let damaged = format!("{}{put}{}", &seed[..at], &seed[end..]);
        read_everything(damaged.as_bytes());
    }
}
