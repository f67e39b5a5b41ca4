//! Objects that hide the names which go: code finds them in the scratch first, and can't use them.

use aludel_dialect::Words;

use super::gone::{Gone, Has};
use super::scratch::Scratch;
use super::statement::ScratchStatement;

impl Scratch {
    /// Adds the names that go, as far as the code of a definition may have them. Code that states their schema then
    /// leads to the scratch.
    pub(super) fn add_gone(&mut self, gone: &Gone) {
        let mut code = Words::default();
        self.with_code().for_each(|(_, source)| code.add(source, self.dialect));
        self.gone = gone.named_in(&code.code);
        self.gone.names.iter().for_each(|gone| self.names.add(gone.name.clone()));
    }

    /// Returns statements that make a type without attributes for each relation that goes, and a shell type for each
    /// type. The server finds them first, and refuses code that uses them.
    pub(super) fn shadows(&self) -> impl Iterator<Item = ScratchStatement> {
        self.gone.names.iter().filter(|gone| !gone.is_elsewhere).map(|gone| {
            let there = self.dialect.quote_name(&self.names.in_scratch(&gone.name));
            let form = match gone.has {
                Has::Relation => " AS ()",
                Has::Type => "",
            };
            ScratchStatement::new(format!("CREATE TYPE {there}{form}"), None)
        })
    }
}
