//! Applied revisions whose files have changed.

/// An applied revision whose file has changed since.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The id of the revision.
    pub revision: String,
    /// The file when it was applied; `None` if the journal does not have the whole of it.
    pub applied: Option<String>,
    /// The present file, as [`Revision::kept`] returns it.
    ///
    /// [`Revision::kept`]: aludel_revision::Revision::kept
    pub file: String,
    /// The checksum of the present upgrade section.
    pub(crate) checksum: String,
}
