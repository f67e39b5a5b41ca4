//! The arguments that all commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The configuration; by default aludel.toml here or in a folder above
    #[arg(short, long, global = true, help_heading = "Global options", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Change to this folder first
    #[arg(
        short = 'C',
        long = "directory",
        global = true,
        help_heading = "Global options",
        value_name = "DIR"
    )]
    pub(crate) directory: Option<PathBuf>,
    /// The database; wins over DATABASE_URL and over the configuration
    #[arg(long, global = true, help_heading = "Global options", value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// The use of colours
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(crate) color: ColorWhen,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}
