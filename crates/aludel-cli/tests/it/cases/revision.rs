//! The comments of a generated revision, read for their marks.

/// A revision file and what the command said that wrote it.
pub(super) struct Revision {
    pub(super) text: String,
    pub(super) said: String,
    upgrade: String,
    downgrade: String,
}

impl Revision {
    pub(super) fn new(text: String, said: String) -> Self {
        let (upgrade, downgrade) = (comments(&text, "upgrade"), comments(&text, "downgrade"));
        Self { text, said, upgrade, downgrade }
    }

    /// Returns true if a comment of the upgrade section has a word.
    pub(super) fn upgrade_says(&self, word: &str) -> bool {
        self.upgrade.contains(word)
    }

    /// Returns true if a comment of the downgrade section has a word.
    pub(super) fn downgrade_says(&self, word: &str) -> bool {
        self.downgrade.contains(word)
    }

    pub(super) fn upgrade_loses(&self) -> bool {
        self.upgrade_says("lossy") || self.upgrade_says("destructive")
    }

    pub(super) fn downgrade_loses(&self) -> bool {
        self.downgrade_says("lossy") || self.downgrade_says("irreversible")
    }

    /// Returns true if the downgrade says that it may fail or lead to another schema.
    pub(super) fn downgrade_warns(&self) -> bool {
        self.downgrade_loses() || self.downgrade_says("fails if")
    }
}

/// Returns the comments of the sections for one direction.
fn comments(text: &str, direction: &str) -> String {
    let mut inside = false;
    let mut comments = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix("-- aludel: ")
            && (section.starts_with("upgrade") || section.starts_with("downgrade"))
        {
            inside = section.starts_with(direction);
            continue;
        }
        if inside && line.starts_with("--") {
            comments.push_str(line);
            comments.push('\n');
        }
    }
    comments
}
