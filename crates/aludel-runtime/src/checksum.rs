//! The checksum of a section's text.

use aludel_dialect::{Dialect, tokens};
use sha2::{Digest, Sha256};

/// Returns the checksum of a section's text. Line ends, white space and comments do not affect
/// it, except for a comment that names a step in Rust.
/// The number before the colon is the version of the algorithm.
pub fn checksum(text: &str, dialect: Dialect) -> String {
    let mut sum = Checksum::default();
    sum.add(text, dialect);
    sum.finish()
}

/// A checksum of a text that is given in pieces.
#[derive(Default)]
pub(crate) struct Checksum(Sha256);

impl Checksum {
    /// Adds a piece, which begins and ends between two tokens.
    pub(crate) fn add(&mut self, text: &str, dialect: Dialect) {
        for token in tokens(text, dialect) {
            if let Some(step) = token.step() {
                self.token(&["-- aludel: run ", step]);
            } else if token.is_significant() {
                self.token(&[token.text]);
            }
        }
    }

    /// Adds a token whose text is given in parts.
    pub(crate) fn token(&mut self, parts: &[&str]) {
        for part in parts {
            for (at, line) in part.split("\r\n").enumerate() {
                self.0.update(if at == 0 { "" } else { "\n" });
                self.0.update(line);
            }
        }
        self.0.update([0]);
    }

    pub(crate) fn finish(self) -> String {
        let digits: String =
            self.0.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("1:{digits}")
    }
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
        assert_eq!(sum("SELECT 'a\r\n\r\nb'"), sum("SELECT 'a\n\nb'"));
        assert_eq!(sum("--aludel: run  a\n"), sum("-- aludel: run a "));
        assert_ne!(sum("-- aludel: run a"), sum("-- aludel: run b"));
        assert_ne!(sum("-- aludel: run a"), sum(""));
        assert_eq!(sum("SELECT 1"), "1:7ad65f73cf6acfd85d1240a579325180");
    }

    #[test]
    fn the_data_of_copy_is_a_token() {
        let mut sum = Checksum::default();
        sum.add("COPY t FROM stdin", Dialect::Postgres);
        sum.token(&[";"]);
        sum.token(&["1\r\n2\n", "\\."]);
        let whole = "COPY t FROM stdin;\n1\n2\n\\.\n";
        assert_eq!(sum.finish(), checksum(whole, Dialect::Postgres));
    }

    #[test]
    fn the_data_of_copy_counts() {
        let sum = |text| checksum(text, Dialect::Postgres);
        assert_ne!(sum("COPY t FROM stdin;\n1\n\\.\n"), sum("COPY t FROM stdin;\n2\n\\.\n"));
        assert_ne!(sum("COPY t FROM stdin;\n -- 1\n\\.\n"), sum("COPY t FROM stdin;\n\\.\n"));
        assert_eq!(sum("COPY t FROM stdin;\r\n1\r\n\\.\r\n"), sum("COPY t FROM stdin;\n1\n\\.\n"));
        let key = |key: &str| format!("\\restrict {key}\nSELECT 1;\n\\unrestrict {key}\n");
        assert_eq!(checksum(&key("a"), Dialect::Postgres), checksum(&key("b"), Dialect::Postgres));
    }
}
