//! The head of a statement: the kind and the identity of the object that it is about.

use aludel_schema::{Kind, ObjectId, QualifiedName};

use crate::dialect::Dialect;
use crate::signature;
use crate::token::{Token, TokenKind};

/// A reader of the significant tokens of a statement.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'t, 'a> {
    pub(crate) tokens: &'t [Token<'a>],
    pub(crate) at: usize,
}

/// The words that may come before the kind in CREATE.
const ADJECTIVES: [&str; 13] = [
    "OR",
    "REPLACE",
    "GLOBAL",
    "LOCAL",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "UNIQUE",
    "MATERIALIZED",
    "CONSTRAINT",
    "RECURSIVE",
    "TRUSTED",
    "PROCEDURAL",
];

/// The kinds by their keywords. A keyword that begins with another one comes first.
const KEYWORDS: [(&[&str], Kind); 34] = [
    (&["TEXT", "SEARCH", "CONFIGURATION"], Kind::TextSearchConfiguration),
    (&["TEXT", "SEARCH", "DICTIONARY"], Kind::TextSearchDictionary),
    (&["TEXT", "SEARCH", "PARSER"], Kind::TextSearchParser),
    (&["TEXT", "SEARCH", "TEMPLATE"], Kind::TextSearchTemplate),
    (&["FOREIGN", "DATA", "WRAPPER"], Kind::ForeignDataWrapper),
    (&["FOREIGN", "TABLE"], Kind::ForeignTable),
    (&["VIRTUAL", "TABLE"], Kind::VirtualTable),
    (&["EVENT", "TRIGGER"], Kind::EventTrigger),
    (&["ACCESS", "METHOD"], Kind::AccessMethod),
    (&["OPERATOR", "CLASS"], Kind::OperatorClass),
    (&["OPERATOR", "FAMILY"], Kind::OperatorFamily),
    (&["USER", "MAPPING"], Kind::UserMapping),
    (&["DEFAULT", "CONVERSION"], Kind::Conversion),
    (&["CONVERSION"], Kind::Conversion),
    (&["OPERATOR"], Kind::Operator),
    (&["CAST"], Kind::Cast),
    (&["TRANSFORM"], Kind::Transform),
    (&["LANGUAGE"], Kind::Language),
    (&["SERVER"], Kind::ForeignServer),
    (&["TABLE"], Kind::Table),
    (&["TYPE"], Kind::Type),
    (&["DOMAIN"], Kind::Domain),
    (&["VIEW"], Kind::View),
    (&["FUNCTION"], Kind::Function),
    (&["PROCEDURE"], Kind::Procedure),
    (&["AGGREGATE"], Kind::Aggregate),
    (&["SEQUENCE"], Kind::Sequence),
    (&["SCHEMA"], Kind::Schema),
    (&["INDEX"], Kind::Index),
    (&["TRIGGER"], Kind::Trigger),
    (&["POLICY"], Kind::Policy),
    (&["RULE"], Kind::Rule),
    (&["COLLATION"], Kind::Collation),
    (&["STATISTICS"], Kind::Statistics),
];

/// More kinds by their keywords.
const MORE_KEYWORDS: [(&[&str], Kind); 3] = [
    (&["EXTENSION"], Kind::Extension),
    (&["PUBLICATION"], Kind::Publication),
    (&["SUBSCRIPTION"], Kind::Subscription),
];

impl<'t, 'a> Reader<'t, 'a> {
    pub(crate) fn token(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(crate) fn is(&self, word: &str) -> bool {
        self.token().is_some_and(|token| token.is_word(word))
    }

    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.token().is_some_and(|token| token.is_symbol(symbol))
    }

    /// Skips those of the words that come next, in this order. Returns true if there was one.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let before = self.at;
        for word in words {
            self.at += usize::from(self.is(word));
        }
        self.at > before
    }

    /// Skips the words if all of them come next. Returns true if they do.
    pub(crate) fn eat_all(&mut self, words: &[&str]) -> bool {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let are_next =
            words.len() <= rest.len() && words.iter().zip(rest).all(|(word, t)| t.is_word(word));
        self.at += if are_next { words.len() } else { 0 };
        are_next
    }

    /// Skips everything up to and including a word outside of parentheses. Returns false, without
    /// skipping anything, if the word does not occur.
    pub(crate) fn skip_past(&mut self, word: &str) -> bool {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.text {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ if depth == 0 && token.is_word(word) => {
                    self.at = at + 1;
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// Skips the words before the kind in CREATE.
    pub(crate) fn skip_adjectives(&mut self) {
        while ADJECTIVES.iter().any(|word| self.is(word)) {
            self.at += 1;
        }
    }

    /// Reads the keyword of a kind, with the words before it.
    pub(crate) fn kind(&mut self) -> Option<Kind> {
        let first = self.at;
        self.skip_adjectives();
        let adjectives = self.tokens.get(first..self.at)?;
        let kind = self.keyword()?;
        let materialized = adjectives.iter().any(|token| token.is_word("MATERIALIZED"));
        Some(if kind == Kind::View && materialized { Kind::MaterializedView } else { kind })
    }

    /// Reads the keyword of a kind.
    pub(crate) fn keyword(&mut self) -> Option<Kind> {
        let mut all = KEYWORDS.iter().chain(&MORE_KEYWORDS);
        let (_, kind) = all.find(|(words, _)| self.eat_all(words))?;
        Some(*kind)
    }

    /// Skips the words with which the keyword of a kind begins, up to one that no kind has there.
    pub(crate) fn skip_half_a_keyword(&mut self) {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let shared =
            |words: &[&str]| words.iter().zip(rest).take_while(|(w, t)| t.is_word(w)).count();
        let all = KEYWORDS.iter().chain(&MORE_KEYWORDS);
        self.at += all.map(|(words, _)| shared(words)).max().unwrap_or_default();
    }

    /// Reads the parts of a name, which are joined by dots.
    pub(crate) fn parts(&mut self) -> Vec<String> {
        let mut parts = Vec::new();
        while let Some(part) = self.token().and_then(Token::identifier) {
            parts.push(part);
            self.at += 1;
            if !self.is_symbol(".") {
                break;
            }
            self.at += 1;
        }
        parts
    }

    pub(crate) fn name(&mut self) -> Option<QualifiedName> {
        qualified(&self.parts())
    }

    /// Skips the name of an object, which may be that of an operator.
    pub(crate) fn skip_name(&mut self) {
        self.parts();
        while self.token().is_some_and(|t| t.kind == TokenKind::Symbol && t.text != "(") {
            self.at += 1;
        }
    }

    /// Reads `table.column`, with an optional schema before it.
    pub(crate) fn column_name(&mut self) -> Option<ObjectId> {
        let parts = self.parts();
        let (column, table) = parts.split_last()?;
        Some(ObjectId::column(&qualified(table)?, column.as_str()))
    }

    /// Reads the identity of an object after the keyword of its kind. CREATE and all other
    /// statements differ in what comes between the name and the table; both are understood.
    pub(crate) fn identity(&mut self, kind: Kind) -> Option<ObjectId> {
        match kind {
            Kind::Cast => self.cast(),
            Kind::UserMapping => self.user_mapping(),
            Kind::Operator => self.operator(),
            Kind::Function | Kind::Procedure | Kind::Aggregate => {
                let name = self.name()?;
                let signature = self.parentheses().map(|inside| signature::parameters(inside));
                Some(ObjectId::overloaded(kind, name, signature.unwrap_or_default()))
            }
            Kind::OperatorClass | Kind::OperatorFamily => {
                let name = self.name()?;
                let mut rest = *self;
                rest.skip_past("USING").then_some(())?;
                Some(ObjectId::overloaded(kind, name, rest.parts().pop()?))
            }
            Kind::Trigger | Kind::Policy | Kind::Index => {
                let name = self.name()?;
                let mut rest = *self;
                if !rest.skip_past("ON") {
                    return Some(ObjectId::new(kind, name));
                }
                rest.eat(&["ONLY"]);
                Some(ObjectId::within(kind, &rest.name()?, name.name))
            }
            Kind::Rule => {
                let name = self.name()?;
                let mut rest = *self;
                let is_created = self.is("AS");
                rest.skip_past(if is_created { "TO" } else { "ON" }).then_some(())?;
                Some(ObjectId::within(kind, &rest.name()?, name.name))
            }
            Kind::Type => self.type_of_any_sort(),
            other => Some(ObjectId::new(other, self.name()?)),
        }
    }

    /// Reads the tokens in the parentheses that come next, and skips them.
    pub(crate) fn parentheses(&mut self) -> Option<&'t [Token<'a>]> {
        self.is_symbol("(").then_some(())?;
        let first = self.at + 1;
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at = at + 1;
                return self.tokens.get(first..at);
            }
        }
        None
    }

    /// Reads `FOR role SERVER server`. The role is spelt as the server spells it.
    fn user_mapping(&mut self) -> Option<ObjectId> {
        self.eat(&["FOR"]).then_some(())?;
        let role = self.token()?;
        let signature = match role.identifier() {
            Some(_) if role.is_word("PUBLIC") => "PUBLIC".to_owned(),
            Some(name) => Dialect::Postgres.quote(&name),
            None => return None,
        };
        self.at += 1;
        self.eat(&["SERVER"]).then_some(())?;
        Some(ObjectId::overloaded(Kind::UserMapping, self.name()?, signature))
    }

    /// Reads `(source AS target)`.
    fn cast(&mut self) -> Option<ObjectId> {
        let inside = self.parentheses()?;
        let split = inside.iter().position(|token| token.is_word("AS"))?;
        let (source, target) = (inside.get(..split)?, inside.get(split + 1..)?);
        let signature =
            format!("{} AS {}", signature::type_name(source), signature::type_name(target));
        let name = QualifiedName::unqualified("");
        Some(ObjectId::overloaded(Kind::Cast, name, signature))
    }

    /// Reads the name of an operator, and its operands from a list of types or of options.
    fn operator(&mut self) -> Option<ObjectId> {
        let mut schema = None;
        if let Some(word) = self.token().and_then(Token::identifier) {
            schema = Some(word);
            self.at += 1;
            self.is_symbol(".").then(|| self.at += 1)?;
        }
        let first = self.at;
        while self.token().is_some_and(|t| t.kind == TokenKind::Symbol && t.text != "(") {
            self.at += 1;
        }
        let name: String =
            self.tokens.get(first..self.at)?.iter().map(|token| token.text).collect();
        let signature = signature::operands(self.parentheses()?);
        let name = QualifiedName::new(schema, name);
        Some(ObjectId::overloaded(Kind::Operator, name, signature))
    }

    /// Reads the name of a type, and its sort from a CREATE statement.
    fn type_of_any_sort(&mut self) -> Option<ObjectId> {
        let name = self.name()?;
        let next = self.tokens.get(self.at + 1);
        let kind = match (self.is("AS"), next) {
            (true, Some(token)) if token.is_word("ENUM") => Kind::Enum,
            (true, Some(token)) if token.is_word("RANGE") => Kind::RangeType,
            (true, _) => Kind::CompositeType,
            (false, _) if self.is_symbol("(") => Kind::BaseType,
            (false, _) => Kind::Type,
        };
        Some(ObjectId::new(kind, name))
    }
}

/// Returns the last two parts of a name. A database name before them is ignored.
fn qualified(parts: &[String]) -> Option<QualifiedName> {
    let (name, before) = parts.split_last()?;
    Some(QualifiedName::new(before.last().cloned(), name.as_str()))
}
