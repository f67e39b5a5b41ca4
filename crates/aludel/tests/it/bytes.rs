//! Law 6: any bytes give a result or an error, never a panic, and soon.

use std::collections::BTreeMap;
use std::path::Path;

use aludel::{Config, DatabaseUrl, Dialect};
use aludel_dialect::{
    normal_form, parse_create_index, parse_create_table, split, without_parentheses,
};
use aludel_models::{Models, Source};
use aludel_revision::{Revision, RevisionMap, Symbol};
use proptest::prelude::*;

use crate::random::seeds;

/// Everything that reads text, on one text.
fn read_everything(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if let Ok(models) = Models::parse(&[Source { path: "x.rs".into(), text: text.clone() }]) {
        for dialect in Dialect::ALL {
            let _ = models.metadata(dialect, &BTreeMap::new());
        }
    }
    if let Ok(revision) = Revision::parse(Path::new("x.sql"), bytes.to_vec()) {
        let _ = revision.sections();
        let _ = RevisionMap::new(vec![revision]);
    }
    let _ = Config::parse(&text);
    let _ = Symbol::parse(&text);
    let _ = DatabaseUrl::parse(&text, Path::new("."));
    let _ = parse_create_table(&text);
    let _ = parse_create_index(&text);
    for dialect in Dialect::ALL {
        let _ = split(&text, dialect);
        let _ = normal_form(&text, dialect);
        let _ = without_parentheses(&text, dialect);
        let _ = dialect.sql_type(&text);
        let tokens: String =
            aludel_dialect::tokens(&text, dialect).map(|token| token.text).collect();
        assert_eq!(tokens, text, "the lexer loses nothing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_everything(&bytes);
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
