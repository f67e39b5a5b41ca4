//! Every command of the program as a function. The functions return what they found or did.
//! Wording, colours and exit codes are left to the program.

mod at_stake;
mod check;
mod conflicts;
mod current;
mod database;
mod diagram;
mod doctor;
mod gaps;
mod history;
mod import;
mod init;
mod init_package;
mod log;
mod merge;
mod offline;
mod rebase;
mod reflect;
mod reflect_source;
mod revision;
mod run;
mod squash;
mod stamp;
mod status;

pub use at_stake::{AtStake, rows_at_stake};
pub use check::{Comparison, check, rendered};
pub use conflicts::{Conflict, Orders, conflicts, orders};
pub use current::{Current, current};
pub use database::{create_database, drop_database};
pub use diagram::{DiagramOptions, diagram, tables};
pub use doctor::{
    Examination, ExaminedDialect, ExaminedModels, ExaminedRevisions, ExaminedUpgrade, doctor,
};
pub use gaps::{Gap, gaps};
pub use history::{BranchPoint, History, Indicate, ListedRevision, branches, heads, history, show};
pub use import::{Books, ImportOptions, Imported, ImportedFile, import};
pub use init::{InitOptions, Made, StatedUrl, TEMPLATES, Template, init};
pub use init_package::ForeignModels;
pub use log::{log, text_in_journal};
pub use merge::{MergeOptions, merge};
pub use offline::{offline, offline_stamp};
pub use rebase::{Rebased, rebase};
pub use reflect::{ReflectOptions, Reflected, Written, reflect, write_models, write_reflected};
pub use reflect_source::{ReflectedSource, reflect_source};
pub use revision::{Confirm, DialectPlan, NewFile, RevisionOptions, RevisionOutcome, revision};
pub use run::{Ran, RunOptions, downgrade, remembered, target, upgrade};
pub use squash::{SquashOptions, Squashed, squash};
pub use stamp::{ensure_version, rebless, stamp};
pub use status::{Status, status};
