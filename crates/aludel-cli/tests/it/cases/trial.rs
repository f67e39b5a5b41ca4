//! One case in one database, step by step as `cases/README.md` has it.

use std::collections::BTreeSet;

use aludel_testkit::{
    Case, CaseDialect, CaseDowngrade, CaseOutcome, Outcome, Place, State, TestProject,
};

use super::revision::Revision;
use crate::PROGRAM;

/// The verdict on a case: its failures, none of them if it holds.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) failures: Vec<Failure>,
    /// The revision file of the edit, if there is one.
    pub(super) revision: Option<String>,
}

/// A step of a case that went otherwise than expected.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) step: &'static str,
    pub(super) expected: String,
    pub(super) found: String,
}

/// The end of a case before its last step; the failures say why, if any.
struct Ended;

type Step<T = ()> = Result<T, Ended>;

const MODELS: &str = "models/models.rs";
const OBJECTS: &str = "objects/objects.sql";

pub(super) struct Trial<'c> {
    case: &'c Case,
    dialect: CaseDialect,
    project: TestProject,
    /// The database of the case.
    place: Place,
    /// An empty one, where the case needs it.
    empty: Place,
    verdict: Verdict,
}

impl<'c> Trial<'c> {
    /// Runs a case in a database of its own, and returns what is not as it has to be.
    pub(super) fn run(case: &'c Case, dialect: CaseDialect) -> Verdict {
        let folder = aludel_testkit::Folder::new("case");
        let place = Place::new(dialect, &folder.path().join("case.db"));
        let empty = match case.schema {
            Some(_) => Place::new(dialect, &folder.path().join("empty.db")),
            None => Place::Sqlite(folder.path().join("unused.db")),
        };
        let project = TestProject::new(PROGRAM, &place.url());
        let mut trial = Self { case, dialect, project, place, empty, verdict: Verdict::default() };
        // Every way to an early end has left its failure, or is one that the case permits.
        let _ = trial.steps();
        trial.verdict
    }

    fn steps(&mut self) -> Step {
        if let Some(pre) = &self.case.pre {
            self.sql("pre.sql", pre)?;
        }
        match &self.case.schema {
            None => self.first_models()?,
            Some(schema) => {
                self.sql("schema.sql", schema)?;
                let reflected = self.reflect()?;
                if self.case.edit.is_empty() {
                    return self.round_trip(&reflected);
                }
                self.adopt()?;
            }
        }
        for (step, sql) in [("objects.sql", &self.case.objects), ("rows.sql", &self.case.rows)] {
            if let Some(sql) = sql {
                self.sql(step, sql)?;
            }
        }
        let before = self.state()?;
        self.edit()?;
        let revision = self.revision_of_the_edit(&before)?;
        self.upgrade(&revision, &before)?;
        self.there_and_back(&revision, &before)
    }

    fn first_models(&mut self) -> Step {
        let Some(models) = &self.case.before else { return Ok(()) };
        self.project.models(models);
        if let Some(objects) = &self.case.objects_before {
            self.project.write(OBJECTS, objects);
        }
        let may_be_refused = self.case.allows(CaseOutcome::RefusedFirst);
        let before = if may_be_refused { Some(self.state()?) } else { None };
        let written = self.autogenerate("first revision", &[]);
        if let Some(before) = before.filter(|_| written.code == 1) {
            return self.refused(&written, &before);
        }
        self.succeeds("first revision", &written)?;
        self.command("first upgrade", "upgrade head")?;
        self.clean("check after the first upgrade", "check")
    }

    fn reflect(&mut self) -> Step<String> {
        let reflected = self.project.run("reflect -o models/models.rs");
        self.succeeds("reflect", &reflected)?;
        self.clean("check after reflect", "check")?;
        Ok(reflected.stderr)
    }

    fn adopt(&mut self) -> Step {
        let written = self.autogenerate("first revision", &["--database-url", &self.empty.url()]);
        self.succeeds("first revision", &written)?;
        self.command("stamp", "stamp head")
    }

    /// Puts the edited models in the place of the first ones.
    fn edit(&mut self) -> Step {
        if let Some(models) = &self.case.after {
            self.project.models(models);
        }
        if let Some(objects) =
            self.case.objects_after.as_ref().or(self.case.objects_before.as_ref())
        {
            self.project.write(OBJECTS, objects);
        }
        if self.case.edit.is_empty() {
            return Ok(());
        }
        let mut models = self.project.read(MODELS);
        for (old, new) in &self.case.edit {
            if !models.contains(old) {
                return self.ends("edit", format!("the reflected models have `{old}`"), models);
            }
            models = models.replace(old, new);
        }
        self.project.models(&models);
        Ok(())
    }

    /// Writes the revision of the edit. A refusal ends the case.
    fn revision_of_the_edit(&mut self, before: &State) -> Step<Revision> {
        const STEP: &str = "revision of the edit";
        if self.case.allows(CaseOutcome::Nothing) {
            self.clean("check after the edit", "check")?;
            return Err(Ended);
        }
        let files: BTreeSet<String> = self.project.revisions().into_iter().collect();
        let asked = self.case.rename.iter().flat_map(|rename| ["--rename", rename.as_str()]);
        let written = self.autogenerate(STEP, &asked.collect::<Vec<_>>());
        let new = self.project.revisions().into_iter().find(|file| !files.contains(file));
        if written.code == 1 && self.case.allows(CaseOutcome::Refused) {
            if let Some(file) = new {
                self.fails(STEP, "a refusal writes no file".to_owned(), file);
            }
            return self.refused(&written, before);
        }
        self.succeeds(STEP, &written)?;
        if self
            .case
            .outcome
            .iter()
            .all(|outcome| matches!(outcome, CaseOutcome::Refused | CaseOutcome::RefusedFirst))
        {
            return self.ends(STEP, "a refusal".to_owned(), said(&written));
        }
        match new {
            Some(file) => {
                let text = self.project.read(&format!("versions/{file}"));
                self.verdict.revision = Some(text.clone());
                Ok(Revision::new(text, said(&written)))
            }
            None => self.ends(STEP, "a revision is written".to_owned(), said(&written)),
        }
    }

    /// Applies the revision of the edit. A failure that its comments foresee ends the case.
    fn upgrade(&mut self, revision: &Revision, before: &State) -> Step {
        const STEP: &str = "upgrade of the edit";
        let upgraded = self.project.run("upgrade head");
        if upgraded.code != 0 && self.case.allows(CaseOutcome::FailsIf) {
            if !revision.upgrade_says("fails if") {
                let expected = "success, or a comment with `fails if`".to_owned();
                return self.ends(STEP, expected, said(&upgraded));
            }
            self.has_names(STEP, &format!("{}{}", revision.text, revision.said));
            self.is_as(STEP, "the database is as it was", before)?;
            return Err(Ended);
        }
        if upgraded.code != 0 {
            return self.ends(STEP, "exit code 0".to_owned(), said(&upgraded));
        }
        if !self.case.allows(CaseOutcome::Works) {
            let expected = "the server refuses these rows".to_owned();
            return self.ends(STEP, expected, said(&upgraded));
        }
        self.clean("check after the edit", "check")?;
        self.marks(revision);
        self.has_names(STEP, &format!("{}{}{}", revision.text, revision.said, upgraded.stderr));
        let case = self.case;
        self.questions("questions after the upgrade", case.questions(self.dialect));
        if !revision.upgrade_loses() {
            self.questions("questions if nothing is marked", &case.ask_unmarked);
        }
        Ok(())
    }

    fn marks(&mut self, revision: &Revision) {
        const STEP: &str = "marks of the upgrade";
        for word in &self.case.marks {
            if !revision.upgrade_says(word) {
                self.fails(STEP, format!("a comment with `{word}`"), "none".to_owned());
            }
        }
        for word in &self.case.no_marks {
            if revision.upgrade_says(word) {
                self.fails(STEP, format!("no comment with `{word}`"), "one".to_owned());
            }
        }
        for text in &self.case.never {
            if revision.text.contains(text) {
                self.fails(STEP, format!("no `{text}`"), "it".to_owned());
            }
        }
    }

    /// Goes one revision down and up again, and compares.
    fn there_and_back(&mut self, revision: &Revision, before: &State) -> Step {
        const DOWN: &str = "downgrade";
        const AGAIN: &str = "second upgrade";
        let after = self.state()?;
        let may_differ = self.case.downgrade == CaseDowngrade::Marked && revision.downgrade_warns();
        let downgraded = self.project.run("downgrade -1");
        if downgraded.code != 0 {
            if !may_differ {
                return self.ends(DOWN, "exit code 0".to_owned(), said(&downgraded));
            }
            return self.is_as(DOWN, "a downgrade that fails changes nothing", &after);
        }
        let back = self.state()?;
        let differences = before.without_order().schema_differences(&back.without_order());
        if !may_differ && !differences.is_empty() {
            self.fails(DOWN, "the schema as before the edit".to_owned(), differences.join("\n"));
        }
        let differences = before.row_differences(&back);
        if !revision.upgrade_loses() && !revision.downgrade_loses() && !differences.is_empty() {
            self.fails(DOWN, "the rows as before the edit".to_owned(), differences.join("\n"));
        }
        let case = self.case;
        self.questions("questions after the downgrade", &case.after_downgrade);

        let upgraded = self.project.run("upgrade head");
        if upgraded.code != 0 {
            return self.ends(AGAIN, "exit code 0".to_owned(), said(&upgraded));
        }
        self.clean("check after the second upgrade", "check")?;
        let again = self.state()?;
        let mut differences = after.without_order().schema_differences(&again.without_order());
        if !revision.downgrade_says("destructive") {
            differences.extend(after.row_differences(&again));
        }
        if !differences.is_empty() {
            let expected = "schema and rows as after the first one".to_owned();
            self.fails(AGAIN, expected, differences.join("\n"));
        }
        Ok(())
    }

    /// Builds the reflected schema again in an empty database. `reflected` is what `reflect` said.
    fn round_trip(&mut self, reflected: &str) -> Step {
        const STEP: &str = "round trip";
        let original = self.state()?;
        let url = self.empty.url();
        let nothing = self.state_of_empty()?;
        let written = self.autogenerate(STEP, &["--database-url", &url]);
        self.succeeds(STEP, &written)?;
        self.command(
            "upgrade of the empty database",
            &format!("upgrade head --database-url {url}"),
        )?;
        let copy = self.state_of_empty()?;
        let differences = original.schema_differences(&copy);
        let left_out = self.left_out(reflected);
        let unexpected: Vec<String> = differences
            .into_iter()
            .filter(|text| !left_out.iter().any(|w| text.contains(w)))
            .collect();
        if !unexpected.is_empty() {
            let found = format!("{}\n{}", unexpected.join("\n"), reflected);
            self.fails(STEP, "the same schema, or what differs is named".to_owned(), found);
        }
        if left_out.is_empty() {
            let file = self.project.revisions().pop().unwrap_or_default();
            let text = self.project.read(&format!("versions/{file}"));
            self.verdict.revision = Some(text.clone());
            self.has_names(STEP, &format!("{text}{}{}", said(&written), reflected));
        }
        self.clean("check of the copy", &format!("check --database-url {url}"))?;
        std::mem::swap(&mut self.place, &mut self.empty);
        let case = self.case;
        self.questions("questions about the copy", case.questions(self.dialect));
        self.command("downgrade to base", &format!("downgrade base --yes --database-url {url}"))?;
        self.is_as("downgrade to base", "nothing is left", &nothing)
    }

    /// Returns the words of differences that the case permits, because `reflect` names them.
    fn left_out(&self, said: &str) -> Vec<&'c str> {
        let named: String = said.lines().filter(|line| line.contains(LEFTOVER)).collect();
        let words = || self.case.names.iter().map(|name| name.split('|'));
        let all_named = words().all(|mut words| words.any(|word| named.contains(word)));
        if !self.case.allows(CaseOutcome::Named) || !all_named {
            return Vec::new();
        }
        words().flatten().collect()
    }

    fn refused<T>(&mut self, refusal: &Outcome, before: &State) -> Step<T> {
        const STEP: &str = "refusal";
        if !refusal.stderr.contains("error:") {
            self.fails(STEP, "a message with `error:`".to_owned(), said(refusal));
        }
        self.has_names(STEP, &said(refusal));
        self.is_as(STEP, "the database is as it was", before)?;
        Err(Ended)
    }

    fn has_names(&mut self, step: &'static str, text: &str) {
        for name in &self.case.names {
            if !name.split('|').any(|word| text.contains(word)) {
                self.fails(step, format!("`{name}` is named"), text.to_owned());
            }
        }
    }

    fn is_as(&mut self, step: &'static str, what: &str, expected: &State) -> Step {
        let found = self.state()?;
        let mut differences = expected.schema_differences(&found);
        differences.extend(expected.row_differences(&found));
        if !differences.is_empty() {
            self.fails(step, what.to_owned(), differences.join("\n"));
        }
        Ok(())
    }

    fn questions(&mut self, step: &'static str, questions: &[(String, String)]) {
        if questions.is_empty() {
            return;
        }
        let queries: Vec<&str> = questions.iter().map(|(query, _)| query.as_str()).collect();
        for ((query, expected), found) in questions.iter().zip(self.place.ask(&queries)) {
            if found != *expected {
                self.fails(step, format!("{query}\n{expected}"), found);
            }
        }
    }

    fn autogenerate(&self, message: &str, more: &[&str]) -> Outcome {
        let words = ["revision", "--autogenerate", "-m", message];
        let words: Vec<&str> = words.iter().chain(more).copied().collect();
        self.project.run_words(&words)
    }

    fn command(&mut self, step: &'static str, arguments: &str) -> Step {
        let outcome = self.project.run(arguments);
        self.succeeds(step, &outcome)
    }

    fn clean(&mut self, step: &'static str, arguments: &str) -> Step {
        let outcome = self.project.run(arguments);
        if outcome.code == 0 {
            return Ok(());
        }
        self.ends(step, "no difference".to_owned(), said(&outcome))
    }

    fn succeeds(&mut self, step: &'static str, outcome: &Outcome) -> Step {
        if outcome.code == 0 {
            return Ok(());
        }
        self.ends(step, "exit code 0".to_owned(), said(outcome))
    }

    fn sql(&mut self, step: &'static str, sql: &str) -> Step {
        match self.place.run(sql) {
            Ok(()) => Ok(()),
            Err(error) => self.ends(step, "the statements run".to_owned(), error),
        }
    }

    fn state(&mut self) -> Step<State> {
        let state = self.place.state();
        state.or_else(|error| self.ends("state", "the state can be read".to_owned(), error))
    }

    fn state_of_empty(&mut self) -> Step<State> {
        let state = self.empty.state();
        state.or_else(|error| self.ends("state", "the state can be read".to_owned(), error))
    }

    fn fails(&mut self, step: &'static str, expected: String, found: String) {
        self.verdict.failures.push(Failure { step, expected, found });
    }

    fn ends<T>(&mut self, step: &'static str, expected: String, found: String) -> Step<T> {
        self.fails(step, expected, found);
        Err(Ended)
    }
}

/// The beginning of a line of `reflect` about something that it leaves out.
const LEFTOVER: &str = "not in the models' notation: ";

fn said(outcome: &Outcome) -> String {
    format!("exit code {}\n{}{}", outcome.code, outcome.stdout, outcome.stderr)
}
