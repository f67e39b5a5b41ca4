//! Writing the version table without running anything, and accepting changed files.

use aludel_revision::{RevisionMap, StampTarget, Symbol};

use crate::error::RunError;
use crate::journal::{Entry, Kind, LineText};
use crate::observer::Observer;
use crate::refused;
use crate::runner::Runner;

/// The name under which the journal has a stamp that leaves no row.
const BASE: &str = "base";

impl Runner<'_> {
    /// Writes the version table without running any revision, and returns its new rows. With
    /// `purge`, the existing rows are replaced, even those without a file.
    ///
    /// # Errors
    ///
    /// Fails if a target can't be resolved, if the version table has unknown rows and `purge` is
    /// false, or if the lock or the database fails.
    pub async fn stamp(
        &self,
        targets: &[Symbol],
        purge: bool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let result = self.stamp_all(targets, purge, observer).await;
        refused::explained(self.connection, result).await
    }

    async fn stamp_all(
        &self,
        targets: &[Symbol],
        purge: bool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        // All targets are resolved before anything is written.
        let found = self.rows(observer).await?;
        if found.is_none() {
            self.tell_elsewhere(observer).await?;
        }
        let current = if purge { Vec::new() } else { found.unwrap_or_default() };
        let (map, here) = self.map.seen_from(&current)?;
        self.check_known(&map, &here)?;
        let mut resolved: Vec<StampTarget> = Vec::new();
        for target in targets {
            resolved.extend(map.stamp_targets(target, &here)?);
        }
        let this = self.prepared().await?;
        let lock = this.lock(observer).await?;
        let result = this.write_stamp(&map, &resolved, purge, observer).await;
        this.unlock(lock, result, observer).await
    }

    async fn write_stamp(
        &self,
        map: &RevisionMap,
        targets: &[StampTarget],
        purge: bool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        self.create_tables(observer).await?;
        let before = self.rows(observer).await?.unwrap_or_default();
        let kept = if purge { Vec::new() } else { map.seen_from(&before)?.1 };
        let after = map.rows_stamped(&kept, targets);
        let lines = self.stamp_lines(&after, observer).await?;
        self.set_rows(&before, &after, &lines).await?;
        Ok(after)
    }

    /// Returns the lines of the journal about a stamp: one for each row that it writes, or one for
    /// the base, and one for each other revision that was begun, which counts no more.
    async fn stamp_lines(
        &self,
        rows: &[String],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let begun = self.all_begun(observer).await?;
        let mut revisions: Vec<&str> = match rows {
            [] => vec![BASE],
            rows => rows.iter().map(String::as_str).collect(),
        };
        let forgotten = begun.iter().map(|begun| begun.revision.as_str());
        revisions.extend(forgotten.filter(|id| !rows.iter().any(|row| row == id)));
        let line = |revision| {
            self.journal.insert(&Entry {
                revision,
                kind: Kind::Stamp,
                statement: None,
                checksum: String::new(),
                started: None,
                error: None,
                text: LineText::None,
            })
        };
        Ok(revisions.into_iter().map(line).collect())
    }

    /// Accepts the changed files of applied revisions, either of all or of those that `targets`
    /// name, and returns their ids.
    ///
    /// # Errors
    ///
    /// Fails if a target can't be resolved, if the lock or the database fails, or if a section
    /// can't be parsed.
    pub async fn rebless(
        &self,
        targets: &[Symbol],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let result = self.write_blessings(targets, observer).await;
        refused::explained(self.connection, result).await
    }

    async fn write_blessings(
        &self,
        targets: &[Symbol],
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let rows = self.rows(observer).await?.unwrap_or_default();
        let (map, here) = self.map.seen_from(&rows)?;
        let mut wanted = Vec::new();
        for target in targets {
            wanted.extend(map.resolve(target, &here)?);
        }
        let this = self.prepared().await?;
        let lock = this.lock(observer).await?;
        let wanted = (!targets.is_empty()).then_some(wanted);
        let result = this.bless(wanted.as_deref(), observer).await;
        this.unlock(lock, result, observer).await
    }

    /// Accepts the changed files of those revisions; `None` stands for all.
    async fn bless(
        &self,
        wanted: Option<&[String]>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, RunError> {
        let mut edited = self.read(self.edited(), observer).await?;
        edited.retain(|edited| wanted.is_none_or(|wanted| wanted.contains(&edited.revision)));
        for edited in &edited {
            let line = self.journal.insert(&Entry {
                revision: &edited.revision,
                kind: Kind::Rebless,
                statement: None,
                checksum: edited.checksum.clone(),
                started: None,
                error: None,
                text: LineText::File(&edited.file),
            });
            let rows = self.connection.run(&line).await?;
            self.journal.check_written(&edited.revision, rows)?;
        }
        Ok(edited.into_iter().map(|edited| edited.revision).collect())
    }
}
