//! `aludel database`

use std::io::IsTerminal as _;
use std::path::Path;

use aludel::{DatabaseUrl, Direction, Project, command};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{BOLD, Output, styled};
use crate::progress::{self, Reporter};
use crate::run_args::RunArgs;
use crate::settings::{Sources, Surroundings};

/// Create, drop or reset the database itself
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aludel database create\n  aludel database drop --yes\n  \
    aludel database reset        drop it, create it and apply everything")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Create the database, unless it is there
    #[command(after_help = "Examples:\n  aludel database create\n  \
        aludel database create --database-url postgresql://localhost/test")]
    Create,
    /// Drop the database and everything in it
    #[command(after_help = "Examples:\n  aludel database drop            asks in a terminal\n  \
        aludel database drop --yes\n  \
        aludel database drop --force    ends the sessions of others, and is not only for this machine")]
    Drop(Consent),
    /// Drop the database, create it and apply every revision
    #[command(after_help = "Examples:\n  aludel database reset           asks in a terminal\n  \
        aludel database reset --yes")]
    Reset(Consent),
}

/// The consent to lose everything in a database.
#[derive(Debug, clap::Args)]
struct Consent {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Also if the server is another machine or something says production, and although others are
    /// connected, whose sessions it ends
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(
    args: &Args,
    project: &Project,
    sources: &Sources,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<u8, Failure> {
    match &args.action {
        Action::Create => tell_in_json(output, &create(project, output).await?),
        Action::Drop(consent) => {
            tell_in_json(output, &drop(consent, project, sources, output).await?);
        }
        Action::Reset(consent) => {
            drop(consent, project, sources, output).await?;
            build(project, output, interrupt, Some("reset")).await?;
        }
    }
    Ok(0)
}

/// Creates the database and applies every revision.
pub(super) async fn setup(
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    build(project, output, interrupt, None).await
}

/// Creates the database, applies every revision, and answers with one object. `outcome` is what
/// became of the database; `None` for what its creation says.
async fn build(
    project: &Project,
    output: &Output,
    interrupt: &Interrupt,
    outcome: Option<&str>,
) -> Result<(), Failure> {
    let created = create(project, output).await?;
    let mut reporter = Reporter::new(output, interrupt.clone());
    let options = RunArgs::default().options(project, command::target("heads")?, Vec::new());
    let ran = command::upgrade(project, options, &mut reporter).await?;
    let ended = reporter.end();
    if !output.json {
        progress::print_ran(Direction::Upgrade, &ran, project, &ended);
        return Ok(());
    }
    let mut answer = answer(&created.database, outcome.unwrap_or(created.outcome));
    let run = progress::ran_json(Direction::Upgrade, &ran, &ended);
    if let (Some(answer), Some(run)) = (answer.as_object_mut(), run.as_object()) {
        answer.extend(run.clone());
    }
    output.json(&answer);
    Ok(())
}

/// The outcome for a database.
struct Done {
    database: String,
    outcome: &'static str,
}

async fn create(project: &Project, output: &Output) -> Result<Done, Failure> {
    let database = project.migration_url()?.to_string();
    let is_new = command::create_database(project).await?;
    let outcome = if is_new { "created" } else { "is there already" };
    Ok(told(output, Done { database, outcome }))
}

async fn drop(
    consent: &Consent,
    project: &Project,
    sources: &Sources,
    output: &Output,
) -> Result<Done, Failure> {
    let url = project.migration_url()?;
    let database = url.to_string();
    if !consent.force {
        if !url.is_local() {
            return Err(Failure::NotLocal { database });
        }
        if let Some(why) = protection(&url, &sources.surroundings) {
            return Err(Failure::Protected { database, why });
        }
    }
    let question = format!("Drop {database} and everything in it?");
    if !consent.yes && !confirmed(&question) {
        return Err(Failure::NoConsent { what: format!("drop {database}") });
    }
    let was_there = command::drop_database(project, consent.force).await?;
    let outcome = if was_there { "dropped" } else { "is not there" };
    Ok(told(output, Done { database, outcome }))
}

/// The words that name what is not for development.
const EARNEST: [&str; 5] = ["production", "prod", "prd", "live", "staging"];

/// The databases of a server that belong to itself.
const OF_THE_SERVER: [&str; 3] = ["postgres", "template0", "template1"];

/// Returns true if one of the words of a name says that it is not for development. Words end at
/// punctuation, at digits, and where a capital letter begins another one.
fn is_earnest(name: &str) -> bool {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let next_is_small = characters.peek().is_some_and(|next| next.is_lowercase());
        // `DB` of `prodDB` and of `DBProd` is one word.
        let begins = character.is_uppercase()
            && (before.is_lowercase() || before.is_uppercase() && next_is_small);
        if begins || !character.is_alphabetic() {
            words.push(String::new());
        }
        if character.is_alphabetic() {
            words
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|word| word.extend(character.to_lowercase()));
        }
        before = character;
    }
    // `PRODdb` has its words only without regard to case.
    let whole = name.to_lowercase();
    let plain = whole.split(|c: char| !c.is_alphabetic());
    words.iter().map(String::as_str).chain(plain).any(|word| EARNEST.contains(&word))
}

/// Returns the sign that a database is not for development, or may not be: in its name, or in a variable
/// that names the surroundings, such as `APP_ENV`.
fn protection(url: &DatabaseUrl, surroundings: &[Surroundings]) -> Option<String> {
    let file = url.sqlite_file().and_then(Path::file_stem);
    let name = match url.database() {
        Some(name) => name.to_owned(),
        None => file.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    if url.is_postgres() && OF_THE_SERVER.contains(&name.as_str()) {
        return Some(format!("{name} belongs to the server itself"));
    }
    if is_earnest(&name) {
        return Some("its name says so".to_owned());
    }
    surroundings.iter().find_map(|one| match one {
        Surroundings::Named { variable, value } => {
            is_earnest(value).then(|| format!("{variable} is {value}"))
        }
        Surroundings::Unknown(problem) => {
            Some(format!("the surroundings are not known: {}", problem.message))
        }
    })
}

/// Asks in a terminal. Without one, the answer is no.
fn confirmed(question: &str) -> bool {
    std::io::stdin().is_terminal()
        && inquire::Confirm::new(question).with_default(false).prompt().unwrap_or(false)
}

/// Tells in words what became of a database.
fn told(output: &Output, done: Done) -> Done {
    if !output.json {
        output.progress(format_args!("{} {}", styled(BOLD, &done.database), done.outcome));
    }
    done
}

fn tell_in_json(output: &Output, done: &Done) {
    if output.json {
        output.json(&answer(&done.database, done.outcome));
    }
}

fn answer(database: &str, outcome: &str) -> Value {
    json!({ "database": database, "outcome": outcome })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_development_is_known_by_its_name() {
        for (url, surroundings, expected) in [
            ("postgresql://localhost/app", None, None),
            ("postgresql://localhost/products", None, None),
            ("postgresql://localhost/app_test", Some("test"), None),
            ("sqlite:app.db", Some("development"), None),
            (
                "postgresql://localhost/postgres",
                None,
                Some("postgres belongs to the server itself"),
            ),
            ("postgresql://localhost/app_prod", None, Some("its name says so")),
            ("sqlite:data/Production.db", None, Some("its name says so")),
            ("postgresql://localhost/app", Some("production"), Some("APP_ENV is production")),
            ("sqlite:app.db", Some("eu-live"), Some("APP_ENV is eu-live")),
        ] {
            let parsed = DatabaseUrl::parse(url, Path::new("")).unwrap();
            let stated = surroundings.map(|value: &str| Surroundings::Named {
                variable: "APP_ENV".into(),
                value: value.into(),
            });
            let surroundings: Vec<Surroundings> = stated.into_iter().collect();
            assert_eq!(protection(&parsed, &surroundings).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_name_says_production_in_one_of_its_words() {
        for name in [
            "production2",
            "prod1",
            "prodDB",
            "ShopProd",
            "DBProd",
            "prd",
            "prd_x",
            "app-PRD",
            "liveDb",
            "1prod",
            "PROD",
            "Staging3",
            "shopPRD2",
        ] {
            assert!(is_earnest(name), "{name}");
        }
        for name in
            ["products", "productDb", "reproduction", "alive", "Deliver", "approd", "dev", ""]
        {
            assert!(!is_earnest(name), "{name}");
        }
    }
}
