use std::path::Path;
pub(crate) fn bench(_: &Path) -> Result<(), String> {
    Ok(())
}
