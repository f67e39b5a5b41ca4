//! The published crates: packaged, unpacked in an empty folder, built from there, and used.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages of the workspace that are not published.
const UNPUBLISHED: [&str; 4] = ["aludel-testkit", "own-aludel", "ragchat", "xtask"];

/// Packages the crates, installs the program from the packages, and runs it in a project that
/// depends on the packaged library.
pub(crate) fn package(root: &Path) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["package", "--workspace", "--no-verify", "--allow-dirty"]);
    cargo.args(UNPUBLISHED.iter().flat_map(|name| ["--exclude", name]));
    run(&mut cargo)?;
    let built = super::target();
    let place = built.join("unpacked");
    if place.exists() {
        fs::remove_dir_all(&place).map_err(said(&place))?;
    }
    fs::create_dir_all(&place).map_err(said(&place))?;
    let crates = unpack(&built.join("package"), &place)?;
    configure(&place, &crates)?;
    let target = built.join("packaged");
    let program = place.join("installed/bin/aludel");
    let cli = folder_of(&place, &crates, "aludel-cli")?;
    let mut install = Command::new("cargo");
    install.current_dir(&place).env("CARGO_TARGET_DIR", &target);
    install.args(["install", "--debug", "--root", "installed", "--path"]).arg(cli);
    run(&mut install)?;
    use_it(&place, &program, &target)
}

/// Unpacks the archives and returns the names of the folders.
fn unpack(from: &Path, to: &Path) -> Result<Vec<String>, String> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(from).map_err(said(from))? {
        let path = entry.map_err(said(from))?.path();
        if path.extension().is_none_or(|extension| extension != "crate") {
            continue;
        }
        // An archive gives all files one old time, by which cargo would not see that they differ from those
        // of the last run.
        run(Command::new("tar").arg("-xzmf").arg(&path).arg("-C").arg(to))?;
        let stem = path.file_stem().unwrap_or_default();
        folders.push(stem.to_string_lossy().into_owned());
    }
    folders.sort();
    Ok(folders)
}

/// Makes cargo take the unpacked crates in place of the published ones.
fn configure(place: &Path, crates: &[String]) -> Result<(), String> {
    let mut config = String::from("[patch.crates-io]\n");
    for folder in crates {
        let (name, _) = folder.rsplit_once('-').ok_or("a package without a version")?;
        let _ = writeln!(config, "{name} = {{ path = {:?} }}", place.join(folder));
    }
    write(&place.join(".cargo/config.toml"), &config)
}

fn folder_of(place: &Path, crates: &[String], name: &str) -> Result<PathBuf, String> {
    let is_it = |folder: &&String| folder.rsplit_once('-').is_some_and(|(found, _)| found == name);
    let folder = crates.iter().find(is_it).ok_or_else(|| format!("{name} was not packaged"))?;
    Ok(place.join(folder))
}

/// Makes a project as the README says, and brings its database to head.
fn use_it(place: &Path, program: &Path, target: &Path) -> Result<(), String> {
    let project = place.join("project");
    write(
        &project.join("Cargo.toml"),
        "[package]\nname = \"project\"\nedition = \"2024\"\n\n[dependencies]\n\
         aludel = { version = \"0.1\", default-features = false }\n\n[workspace]\n",
    )?;
    write(&project.join("src/lib.rs"), "pub mod models;\n")?;
    let aludel = |arguments: &[&str]| {
        let mut command = Command::new(program);
        run(command.current_dir(&project).env_remove("DATABASE_URL").args(arguments))
    };
    aludel(&["init"])?;
    let mut check = Command::new("cargo");
    run(check.current_dir(&project).env("CARGO_TARGET_DIR", target).arg("check"))?;
    aludel(&["revision", "--autogenerate", "-m", "first"])?;
    aludel(&["upgrade", "head"])?;
    aludel(&["check"])
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?} can't run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed")) }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).and_then(|()| fs::write(path, text)).map_err(said(path))
}

fn said(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}
