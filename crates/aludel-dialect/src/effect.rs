//! Effects of statements outside a transaction, as far as the catalogue can show them.

use aludel_schema::QualifiedName;

use crate::dialect::Dialect;
use crate::lexer::significant;
use crate::token::Token;

/// The trace of a statement outside a transaction in the catalogue. After a crash a runner looks
/// there to find out whether the statement was completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// An index is there and valid. A build that failed leaves an invalid one.
    IndexBuilt {
        /// The name of the index.
        index: String,
        /// The table of the index, in whose schema the index is.
        table: QualifiedName,
    },
    /// An index is there and valid, whose name the server has chosen.
    NamelessIndexBuilt {
        /// The table of the index.
        table: QualifiedName,
    },
    /// Indexes are gone.
    IndexesDropped(Vec<QualifiedName>),
    /// A partition is no longer attached to its table.
    PartitionDetached {
        /// The partitioned table.
        parent: QualifiedName,
        /// The partition.
        child: QualifiedName,
    },
    /// A database is there (`true`) or gone (`false`).
    Database(String, bool),
    /// A tablespace is there (`true`) or gone (`false`).
    Tablespace(String, bool),
    /// A subscription is there (`true`) or gone (`false`).
    Subscription(String, bool),
    /// Indexes are built anew. The statement may be repeated at any time; one that was killed leaves
    /// invalid indexes.
    Reindexed(Reindexed),
    /// Nothing that matters: the statement may be repeated at any time.
    Repeatable,
    /// Something that the catalogue does not show.
    Unseen,
}

/// The indexes that `REINDEX CONCURRENTLY` builds anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reindexed {
    /// One index, or those of its partitions.
    Index(QualifiedName),
    /// The indexes of a table, or those of its partitions.
    Table(QualifiedName),
    /// The indexes of a schema.
    Schema(String),
    /// All indexes of the database.
    Database,
}

/// A reader of the tokens of a statement.
pub(crate) struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(sql: &'a str, dialect: Dialect) -> Self {
        Self { tokens: significant(sql, dialect), at: 0 }
    }

    /// Skips these keywords if they are next, and returns true if so.
    pub(crate) fn take(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.get(self.at..self.at + words.len());
        let are_next = next
            .is_some_and(|next| next.iter().zip(words).all(|(token, word)| token.is_word(word)));
        if are_next {
            self.at += words.len();
        }
        are_next
    }

    /// Skips this symbol if it is next, and returns true if so.
    pub(crate) fn symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.tokens.get(self.at).is_some_and(|token| token.is_symbol(symbol));
        self.at += usize::from(is_next);
        is_next
    }

    /// Reads an identifier.
    pub(crate) fn identifier(&mut self) -> Option<String> {
        let identifier = self.tokens.get(self.at)?.identifier()?;
        self.at += 1;
        Some(identifier)
    }

    /// Reads a name that may have a schema.
    pub(crate) fn name(&mut self) -> Option<QualifiedName> {
        let first = self.identifier()?;
        if !self.symbol(".") {
            return Some(QualifiedName::unqualified(first));
        }
        Some(QualifiedName::new(Some(first), self.identifier()?))
    }

    /// Skips a list in parentheses if it is next.
    pub(crate) fn parenthesis(&mut self) {
        if !self.symbol("(") {
            return;
        }
        let mut depth = 1;
        while depth > 0 && self.at < self.tokens.len() {
            if self.symbol("(") {
                depth += 1;
            } else if self.symbol(")") {
                depth -= 1;
            } else {
                self.at += 1;
            }
        }
    }

    /// Returns true if one of the remaining tokens is this keyword.
    pub(crate) fn has_later(&self, word: &str) -> bool {
        self.tokens.iter().skip(self.at).any(|token| token.is_word(word))
    }
}
