//! The attribute `index(…)`, on a table or on a column.

use aludel_dialect::{Dialect, without_comments};
use aludel_schema::{Index, IndexKey, IndexSettings, KeyPart, Nulls, Parameters, SqlText};

use super::NOTATION;
use super::expression::expression;
use crate::error::{ModelError, Position};
use crate::source::attribute::{Attribute, check_words, for_dialect};

/// An index as its attribute declares it. Its name may still have to be chosen.
pub(crate) struct DraftIndex {
    pub(crate) at: Position,
    pub(crate) name: Option<String>,
    /// The former name.
    pub(crate) renamed_from: Option<String>,
    pub(crate) index: Index,
}

const WORDS: [&str; 13] = [
    "name",
    "renamed_from",
    "unique",
    "using",
    "opclass",
    "where",
    "include",
    "nulls_not_distinct",
    "with",
    "comment",
    "tablespace",
    "key",
    "skip",
];

/// Reads `index` or `index(…)`; returns `None` if the index is not for this dialect. An index
/// without keys of its own is on `column`.
pub(crate) fn draft(
    attribute: &Attribute,
    dialect: Dialect,
    column: Option<&str>,
) -> Result<Option<DraftIndex>, ModelError> {
    let elements = for_dialect(attribute.items(), dialect);
    if elements.iter().any(|a| a.is("skip")) {
        return Ok(None);
    }
    check_dialect_words(attribute)?;
    let mut draft = DraftIndex { at: attribute.at, name: None, renamed_from: None, index: empty() };
    let mut opclass = None;
    for element in elements {
        match (element.name.as_deref(), &element.value, &element.list) {
            (None, Some(expression), _) => draft.index.keys.push(expression_key(expression)),
            (Some("key"), _, Some(list)) => {
                draft.index.keys.push(key(element.at, list)?);
                draft.statistics(list)?;
            }
            (Some(name), None, None) if !is_flag(name) => {
                draft.index.keys.push(IndexKey::new(KeyPart::Column(name.to_owned())));
            }
            (Some("opclass"), ..) => opclass = Some(element.text()?.to_owned()),
            _ => draft.take(element)?,
        }
    }
    if let (true, Some(column)) = (draft.index.keys.is_empty(), column) {
        draft.index.keys.push(IndexKey::new(KeyPart::Column(column.to_owned())));
    }
    if draft.index.keys.is_empty() {
        return Err(ModelError::new(attribute.at, "an index needs a column or an expression")
            .help("write index(column, …) or index(\"lower(column)\", …)"));
    }
    for key in &mut draft.index.keys {
        if key.opclass.is_none() {
            key.opclass.clone_from(&opclass);
        }
    }
    draft.index.keys.shrink_to_fit();
    draft.check(dialect)?;
    Ok(Some(draft))
}

fn is_flag(name: &str) -> bool {
    matches!(name, "unique" | "nulls_not_distinct" | "skip")
}

/// Checks the words of the index. Those with a value or a list are options; bare words are columns.
fn check_dialect_words(attribute: &Attribute) -> Result<(), ModelError> {
    for element in attribute.items() {
        let scoped = matches!(element.name.as_deref(), Some("postgres" | "sqlite"));
        if scoped && element.list.is_some() {
            check_dialect_words(element)?;
        } else if element.name.is_some() && (element.value.is_some() || element.list.is_some()) {
            check_words(std::slice::from_ref(element), &WORDS, "index(…)", true)?;
        }
    }
    Ok(())
}

fn empty() -> Index {
    Index {
        name: String::new(),
        keys: Vec::new(),
        unique: false,
        method: "btree".to_owned(),
        include: Vec::new(),
        nulls_not_distinct: false,
        predicate: None,
        settings: IndexSettings::default(),
        comment: None,
        canonical: None,
    }
}

fn expression_key(expression: &str) -> IndexKey {
    IndexKey::new(KeyPart::Expression(SqlText::new(without_comments(expression, NOTATION))))
}

/// Parses `key(column, desc, nulls = "last", opclass = "…", collate = "…", options(…))`.
fn key(at: Position, list: &[Attribute]) -> Result<IndexKey, ModelError> {
    let [first, rest @ ..] = list else {
        return Err(ModelError::new(at, "key(…) begins with a column or an expression"));
    };
    let mut key = match (&first.name, &first.value) {
        (Some(column), None) => IndexKey::new(KeyPart::Column(column.clone())),
        (None, Some(expression)) => expression_key(expression),
        (Some(word), Some(column)) if word == "column" => {
            IndexKey::new(KeyPart::Column(column.clone()))
        }
        _ => return Err(ModelError::new(first.at, "key(…) begins with a column or an expression")),
    };
    for element in rest {
        match element.name.as_deref() {
            Some("desc") => key.descending = element.flag()?,
            Some("asc") => key.descending = !element.flag()?,
            Some("nulls") => {
                key.nulls = Some(match element.text()? {
                    "first" => Nulls::First,
                    "last" => Nulls::Last,
                    other => {
                        return Err(ModelError::new(
                            element.at,
                            format!("nulls = \"{other}\": there are first and last"),
                        ));
                    }
                });
            }
            Some("opclass") => key.opclass = Some(element.text()?.to_owned()),
            Some("collate") => key.collation = Some(element.text()?.to_owned()),
            Some("options") => key.opclass_options = parameters(element)?,
            // It belongs to the index.
            Some("statistics") => {}
            _ => {
                return Err(ModelError::new(element.at, "unknown word in key(…)")
                    .help("there are desc, nulls, opclass, collate, options, statistics"));
            }
        }
    }
    // The default position of NULLs is stored as none, so that stating it makes no difference.
    if key.nulls == Some(if key.descending { Nulls::First } else { Nulls::Last }) {
        key.nulls = None;
    }
    Ok(key)
}

/// Reads the names and values of a list such as `with(m = 16)`.
pub(crate) fn parameters(attribute: &Attribute) -> Result<Parameters, ModelError> {
    attribute
        .items()
        .iter()
        .map(|element| match (&element.name, &element.value, &element.list) {
            (Some(name), Some(value), None) => Ok((name.clone(), value.clone())),
            _ => Err(ModelError::new(element.at, "a parameter is written name = value")),
        })
        .collect()
}

/// Reads a statistics target.
pub(crate) fn statistics(attribute: &Attribute) -> Result<i64, ModelError> {
    let target: Option<i64> = attribute.text()?.parse().ok();
    target.filter(|target| (0..=10_000).contains(target)).ok_or_else(|| {
        ModelError::new(attribute.at, "a statistics target is a number from 0 to 10000")
    })
}

/// Reads the column names in a list.
pub(crate) fn names(attribute: &Attribute) -> Result<Vec<String>, ModelError> {
    attribute
        .items()
        .iter()
        .map(|element| match (&element.name, &element.value, &element.list) {
            (Some(name), None, None) => Ok(name.clone()),
            (None, Some(name), None) => Ok(name.clone()),
            _ => Err(ModelError::new(element.at, "expected the name of a column")),
        })
        .collect()
}

impl DraftIndex {
    /// Reads the statistics target of the last key, which is an expression.
    fn statistics(&mut self, list: &[Attribute]) -> Result<(), ModelError> {
        let Some(attribute) = list.iter().find(|a| a.is("statistics")) else { return Ok(()) };
        let last = self.index.keys.last().map(|key| &key.part);
        if !matches!(last, Some(KeyPart::Expression(_))) {
            let message = "only an expression of an index has a statistics target";
            return Err(ModelError::new(attribute.at, message)
                .help("that of a column is said at the column: #[column(statistics = …)]"));
        }
        let at = u16::try_from(self.index.keys.len())
            .map_err(|_| ModelError::new(attribute.at, "the index has too many keys"))?;
        self.index.settings.statistics.insert(at, statistics(attribute)?);
        Ok(())
    }

    fn take(&mut self, element: &Attribute) -> Result<(), ModelError> {
        match element.name.as_deref() {
            Some("name") => self.name = Some(element.name()?.to_owned()),
            Some("renamed_from") => self.renamed_from = Some(element.name()?.to_owned()),
            Some("unique") => self.index.unique = element.flag()?,
            Some("using") => self.index.method = element.text()?.to_ascii_lowercase(),
            Some("where") => {
                let predicate = expression(element.text()?, element.at, NOTATION)?;
                self.index.predicate = Some(Box::new(SqlText::new(predicate)));
            }
            Some("include") => self.index.include = names(element)?,
            Some("nulls_not_distinct") => self.index.nulls_not_distinct = element.flag()?,
            Some("with") => self.index.settings.with = parameters(element)?,
            Some("tablespace") => {
                self.index.settings.tablespace = Some(element.text()?.to_owned());
            }
            Some("comment") => self.index.comment = element.comment()?,
            _ => return Err(ModelError::new(element.at, "unknown word in index(…)")),
        }
        Ok(())
    }

    /// Refuses options that the dialect does not have. The model has to limit them to the other
    /// one.
    fn check(&mut self, dialect: Dialect) -> Result<(), ModelError> {
        if dialect.capabilities().index_methods {
            return Ok(());
        }
        let index = &self.index;
        let keys = &index.keys;
        let missing = if index.method != "btree" {
            Some(format!("index method {}", index.method))
        } else if keys.iter().any(|key| key.opclass.is_some()) {
            Some("operator classes".to_owned())
        } else if !index.include.is_empty() {
            Some("INCLUDE".to_owned())
        } else if !index.settings.with.is_empty() {
            Some("storage parameters".to_owned())
        } else if index.settings != IndexSettings::default() {
            Some("tablespaces and statistics of indexes".to_owned())
        } else if index.nulls_not_distinct {
            Some("NULLS NOT DISTINCT".to_owned())
        } else if keys.iter().any(|key| key.nulls.is_some()) {
            Some("NULLS FIRST or LAST in an index".to_owned())
        } else {
            None
        };
        match missing {
            None => Ok(()),
            Some(what) => {
                Err(ModelError::new(self.at, format!("{dialect} has no {what}")).help(format!(
                    "say that the index is not for it: {}(skip), or put the part in postgres(…)",
                    dialect.name()
                )))
            }
        }
    }
}
