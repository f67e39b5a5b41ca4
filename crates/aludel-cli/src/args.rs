//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Schema migrations for Rust: models, autogenerate, a revision graph.
#[derive(Debug, Parser)]
#[command(
    name = "aludel",
    version,
    about = "Schema migrations for Rust: models, autogenerate, a revision graph",
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        aludel init                                       start in this folder\n  \
        aludel revision --autogenerate -m \"add status\"    write what differs from the models\n  \
        aludel upgrade head                               apply everything\n  \
        aludel downgrade -1                               undo the last revision\n  \
        aludel check                                      exit 3 if models and database differ"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Parser)]
pub(crate) struct Global {
    /// The configuration; by default aludel.toml here or in a folder above
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Change to this folder first
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// The database; wins over DATABASE_URL and over the configuration
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make aludel.toml and the folder of revisions
    Init {
        /// Where
        #[arg(default_value = ".")]
        folder: PathBuf,
        /// What aludel.toml begins as; `aludel list-templates` lists them
        #[arg(short, long, value_name = "NAME", default_value = "sqlite")]
        template: String,
    },
    /// List what `init --template` takes
    ListTemplates,
    /// Write a new revision file
    #[command(after_help = "Examples:\n  aludel revision --autogenerate -m \"add status\"\n  \
        aludel revision -m \"fill status\"                  an empty one, to write by hand")]
    Revision(RevisionArgs),
    /// Apply revisions
    #[command(
        after_help = "Examples:\n  aludel upgrade head\n  aludel upgrade +1\n  aludel upgrade ae10\n  \
        aludel upgrade heads       every branch"
    )]
    Upgrade(UpgradeArgs),
    /// Undo revisions
    #[command(
        after_help = "Examples:\n  aludel downgrade -1\n  aludel downgrade ae10      undo what is on top of it\n  \
        aludel downgrade billing@base    undo one branch\n  aludel downgrade base      undo everything"
    )]
    Downgrade(DowngradeArgs),
    /// Show where the database is
    Current {
        /// Exit 3 unless every head is applied
        #[arg(long)]
        check_heads: bool,
    },
    /// Show where the database is and what an upgrade would run
    Status,
    /// List the revisions, the newest first
    #[command(
        after_help = "Examples:\n  aludel history --graph\n  aludel history -r ae10:head\n  \
        aludel history -r-3:current      the last three that are applied"
    )]
    History(HistoryArgs),
    /// List the revisions that nothing stands on
    Heads {
        /// Leave out those that another branch depends on
        #[arg(long)]
        resolve_dependencies: bool,
    },
    /// List the revisions from which several branches go
    Branches,
    /// Show one revision and its SQL
    Show {
        /// head, an id or the beginning of one, current
        #[arg(allow_negative_numbers = true)]
        revision: String,
    },
    /// Write the version table without running anything
    #[command(
        after_help = "Examples:\n  aludel stamp head            the schema is there already\n  \
        aludel stamp --purge head    forget what the version table says"
    )]
    Stamp(StampArgs),
    /// Make the version table and the journal, if they are not there
    EnsureVersion,
    /// Compare the models with the database; exit 3 if they differ
    Check {
        /// Only whether there is one head; no database is asked
        #[arg(long)]
        heads: bool,
    },
    /// Print the SQL that autogenerate would write
    Diff {
        /// The way back
        #[arg(long)]
        downgrade: bool,
    },
    /// Write models for the tables that the database holds
    Reflect {
        /// The file to write; by default standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Join branches by a revision that changes nothing itself
    #[command(
        after_help = "Examples:\n  aludel merge heads\n  aludel merge ae10 b2f4 -m \"merge billing\""
    )]
    Merge(MergeArgs),
    /// Put a branch that is not applied yet onto another head
    #[command(
        after_help = "Examples:\n  aludel rebase ae10                 onto the only other head\n  \
        aludel rebase ae10 --onto b2f4"
    )]
    Rebase(RebaseArgs),
    /// Write one revision that replaces a range of them
    #[command(after_help = "Examples:\n  aludel squash ae10:b2f4 -m \"the first year\"")]
    Squash(SquashArgs),
    /// Open a revision in $VISUAL or $EDITOR
    Edit {
        /// head, an id or the beginning of one, current
        #[arg(allow_negative_numbers = true)]
        revision: String,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Parser)]
pub(crate) struct UpgradeArgs {
    /// head, heads, an id or the beginning of one, LABEL@head, +N, ID+N
    #[arg(allow_negative_numbers = true)]
    pub(crate) revision: String,
    /// Refuse if the file of an applied revision has changed since
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print the SQL and run nothing; FROM:TO, for a database that stands at FROM
    #[arg(long)]
    pub(crate) sql: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct DowngradeArgs {
    /// base, an id or the beginning of one, LABEL@base, -N, ID-N
    #[arg(allow_negative_numbers = true)]
    pub(crate) revision: String,
    /// Refuse if the file of an applied revision has changed since
    #[arg(long)]
    pub(crate) strict: bool,
    /// Undo revisions that have no file as the journal remembers them, without asking
    #[arg(long)]
    pub(crate) from_journal: bool,
    /// Print the SQL and run nothing; FROM:TO, for a database that stands at FROM
    #[arg(long)]
    pub(crate) sql: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct StampArgs {
    /// head, heads, base, an id or the beginning of one, LABEL@base
    #[arg(required_unless_present = "rebless", allow_negative_numbers = true)]
    pub(crate) revisions: Vec<String>,
    /// Forget the rows that are there, even those that no file knows
    #[arg(long)]
    pub(crate) purge: bool,
    /// Print the SQL and run nothing; TO or FROM:TO
    #[arg(long, conflicts_with = "purge")]
    pub(crate) sql: bool,
    /// Accept that files of applied revisions have changed: all of them, or those named
    #[arg(long, conflicts_with_all = ["purge", "sql"])]
    pub(crate) rebless: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct HistoryArgs {
    /// Only these: FROM:TO, FROM: or :TO
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub(crate) rev_range: Option<String>,
    /// Mark where the database is
    #[arg(short, long)]
    pub(crate) indicate_current: bool,
    /// Draw the branches; a filled circle is applied
    #[arg(short, long)]
    pub(crate) graph: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct MergeArgs {
    /// The heads to join; `heads` means all
    #[arg(required = true)]
    pub(crate) revisions: Vec<String>,
    /// What it does, in a few words
    #[arg(short, long, default_value = "")]
    pub(crate) message: String,
    /// Its id
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,
    /// A name for the branch that begins here
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,
    /// Allow to merge what is no head
    #[arg(long)]
    pub(crate) splice: bool,
    /// Apply the branches in either order to empty databases and compare; on PostgreSQL next to the
    /// database of this URL, for SQLite in memory
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "sqlite::memory:")]
    pub(crate) scratch: Option<String>,
}

#[derive(Debug, Parser)]
pub(crate) struct RebaseArgs {
    /// The head of the branch to move
    pub(crate) revision: String,
    /// The revision to put it on; the only other head, if it does not say
    #[arg(long, value_name = "REV")]
    pub(crate) onto: Option<String>,
    /// Do not ask the database whether the branch is applied
    #[arg(long)]
    pub(crate) offline: bool,
}

#[derive(Debug, Parser)]
pub(crate) struct SquashArgs {
    /// FROM:TO, both included
    pub(crate) range: String,
    /// What they do, in a few words
    #[arg(short, long, default_value = "")]
    pub(crate) message: String,
    /// Its id
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,
}

#[derive(Debug, Parser)]
pub(crate) struct RevisionArgs {
    /// What it does, in a few words
    #[arg(short, long, default_value = "")]
    pub(crate) message: String,
    /// Fill it with what differs between the models and the database
    #[arg(long)]
    pub(crate) autogenerate: bool,
    /// Its id
    #[arg(long, value_name = "ID")]
    pub(crate) rev_id: Option<String>,
    /// What it goes on top of
    #[arg(long, value_name = "REV")]
    pub(crate) head: Option<String>,
    /// Allow to go on top of what is no head
    #[arg(long)]
    pub(crate) splice: bool,
    /// A name for the branch that begins here
    #[arg(long, value_name = "LABEL")]
    pub(crate) branch_label: Vec<String>,
    /// A revision of another branch that it needs
    #[arg(long, value_name = "REV")]
    pub(crate) depends_on: Vec<String>,
    /// The folder of its file, where `revisions` has several
    #[arg(long, value_name = "DIR")]
    pub(crate) version_path: Option<PathBuf>,
}
