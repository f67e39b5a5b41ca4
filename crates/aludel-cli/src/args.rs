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
    },
    /// Write a new revision file
    #[command(after_help = "Examples:\n  aludel revision --autogenerate -m \"add status\"\n  \
        aludel revision -m \"fill status\"                  an empty one, to write by hand")]
    Revision(RevisionArgs),
    /// Apply revisions
    #[command(
        after_help = "Examples:\n  aludel upgrade head\n  aludel upgrade +1\n  aludel upgrade ae10"
    )]
    Upgrade {
        /// head, heads, an id or the beginning of one, +N, ID+N
        revision: String,
    },
    /// Undo revisions
    #[command(
        after_help = "Examples:\n  aludel downgrade -1\n  aludel downgrade ae10      undo what is on top of it\n  \
        aludel downgrade base      undo everything"
    )]
    Downgrade {
        /// base, an id or the beginning of one, -N, ID-N
        #[arg(allow_hyphen_values = true)]
        revision: String,
    },
    /// Show where the database is
    Current {
        /// Exit 3 unless every head is applied
        #[arg(long)]
        check_heads: bool,
    },
    /// List the revisions, the newest first
    History {
        /// Only these: FROM:TO, FROM: or :TO
        #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
        rev_range: Option<String>,
        /// Mark where the database is
        #[arg(short, long)]
        indicate_current: bool,
    },
    /// List the revisions that nothing stands on
    Heads,
    /// Show one revision and its SQL
    Show {
        /// head, an id or the beginning of one, current
        #[arg(allow_hyphen_values = true)]
        revision: String,
    },
    /// Write the version table without running anything
    #[command(
        after_help = "Examples:\n  aludel stamp head            the schema is there already\n  \
        aludel stamp --purge head    forget what the version table says"
    )]
    Stamp {
        /// head, base, an id or the beginning of one
        #[arg(required = true, allow_hyphen_values = true)]
        revisions: Vec<String>,
        /// Forget the rows that are there, even those that no file knows
        #[arg(long)]
        purge: bool,
    },
    /// Compare the models with the database; exit 3 if they differ
    Check,
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
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
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
}
