//! What a scratch has under the names that go, so that code can't find them in the database.

use aludel_dialect::Words;

use super::gone::{Gone, Has};
use super::scratch::Scratch;
use super::statement::ScratchStatement;

impl Scratch {
    /// Makes the names that go known if the code of a definition may have them. Code that states their schema is
    /// led to the scratch then, where nothing has them.
    pub(super) fn add_gone(&mut self, gone: &Gone) {
        let mut code = Words::default();
        self.with_code().for_each(|(_, source)| code.add(source, self.dialect));
        self.gone = gone.named_in(&code.code);
        self.gone.names.iter().for_each(|gone| self.names.add(gone.name.clone()));
    }

    /// Returns the statements that put something of which code can't make use where the server looks for the
    /// names that go.
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
