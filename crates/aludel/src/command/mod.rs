//! Every command of the program as a function. They return what they found or did; words, colours
//! and exit codes are the program's.

mod check;
mod current;
mod history;
mod init;
mod reflect;
mod revision;
mod run;
mod stamp;

pub use check::{Comparison, check, rendered};
pub use current::{Current, current};
pub use history::{Line, heads, history, show};
pub use init::init;
pub use reflect::{Reflected, reflect};
pub use revision::{NewFile, RevisionOptions, revision};
pub use run::{Ran, downgrade, upgrade};
pub use stamp::stamp;
