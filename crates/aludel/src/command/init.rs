use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

const CONFIG: &str = include_str!("init.toml");

/// Makes `aludel.toml` and the folder of revisions in `folder`; gives what was made. What is there
/// already is left alone.
pub fn init(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let config = folder.join("aludel.toml");
    if config.exists() {
        return Err(Error::Exists { path: config });
    }
    let versions = folder.join("migrations/versions");
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { action: "can't write", path, source }
    };
    fs::create_dir_all(&versions).map_err(io(&versions))?;
    fs::write(&config, CONFIG).map_err(io(&config))?;
    Ok(vec![config, versions])
}
