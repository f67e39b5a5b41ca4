//! The checksum of a section's text.

use aludel_dialect::{Dialect, significant};
use sha2::{Digest, Sha256};

/// Returns the checksum of a section's text. Line ends, white space and comments do not affect it.
/// The number before the colon is the version of the algorithm.
pub fn checksum(text: &str, dialect: Dialect) -> String {
    let mut hash = Sha256::new();
    for token in significant(text, dialect) {
        hash.update(token.text.replace("\r\n", "\n").as_bytes());
        hash.update([0]);
    }
    let digits: String =
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("1:{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_sees_counts() {
        let sum = |text| checksum(text, Dialect::Postgres);
        assert_eq!(sum("SELECT  1;\r\n-- note\r\n"), sum("SELECT 1 ; "));
        assert_ne!(sum("SELECT 'a'"), sum("SELECT 'A'"));
        assert_ne!(sum("SELECT ab"), sum("SELECT a b"));
    }
}
