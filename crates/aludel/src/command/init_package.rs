//! The contents of a folder before it becomes a project: packages, models, declarations for other libraries.

use std::fs;
use std::path::Path;

use aludel_models::{ForeignNotation, Models, Source};

use crate::error::Error;
use crate::sources::sources;

/// The places of models that a package usually has, each with its pattern.
const MODELS: [(&str, &str); 3] = [
    ("src/models.rs", "src/models.rs"),
    ("src/models", "src/models/**/*.rs"),
    ("src/entities", "src/entities/**/*.rs"),
];

/// Declarations for another library, of which models can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignModels {
    /// The library's notation.
    pub notation: ForeignNotation,
    /// The file or folder, relative to the project.
    pub path: String,
}

/// A package in a folder.
pub(super) struct Package {
    /// The folder below, empty or with a slash at its end.
    place: String,
    /// True if it has a Cargo.toml.
    pub(super) is_there: bool,
    /// The name, as its Cargo.toml states it.
    pub(super) name: Option<String>,
    /// True if its Cargo.toml is that of a workspace.
    is_workspace: bool,
    /// True if it depends on `aludel`.
    pub(super) has_dependency: bool,
}

impl Package {
    /// Returns true if the package is below the project.
    pub(super) fn is_member(&self) -> bool {
        !self.place.is_empty()
    }
}

/// The contents of a folder.
pub(super) struct Found {
    /// The packages: that of the folder itself, if it has one or could get one, then those below.
    pub(super) packages: Vec<Package>,
    /// The patterns of the models, or of the file for those that are to be made.
    pub(super) patterns: Vec<String>,
    /// The package that has or gets the models, if it is clear which one.
    pub(super) home: Option<usize>,
    /// True if there are models.
    pub(super) has_models: bool,
    /// Declarations for another library, if there are no models.
    pub(super) foreign: Option<ForeignModels>,
}

/// Looks into a folder, and into the packages up to two levels below.
pub(super) fn look(folder: &Path) -> Result<Found, Error> {
    let packages = packages(folder);
    let mut found = Found {
        patterns: Vec::new(),
        home: if let [package] = packages.as_slice()
            && !package.is_member()
        {
            Some(0)
        } else {
            None
        },
        has_models: false,
        foreign: None,
        packages,
    };
    for (at, package) in found.packages.iter().enumerate() {
        for (place, pattern) in MODELS {
            let (place, pattern) =
                (format!("{}{place}", package.place), format!("{}{pattern}", package.place));
            if !folder.join(&place).exists() {
                continue;
            }
            match notation(&sources(folder, std::slice::from_ref(&pattern))?) {
                None => {
                    found.home = if found.has_models { found.home } else { Some(at) };
                    found.has_models = true;
                    found.patterns.push(pattern);
                }
                Some(notation) if found.foreign.is_none() && !found.has_models => {
                    found.home = Some(at);
                    found.foreign = Some(foreign(folder, package, notation, place));
                }
                Some(_) => {}
            }
        }
    }
    if found.has_models {
        found.foreign = None;
    } else {
        let home = found.home.and_then(|at| found.packages.get(at));
        found.patterns = vec![free(folder, home.map_or("", |package| &package.place))];
    }
    Ok(found)
}

/// Returns a file for new models, which is not there yet.
fn free(folder: &Path, place: &str) -> String {
    let models = format!("{place}src/models.rs");
    let is_taken =
        folder.join(&models).exists() || folder.join(format!("{place}src/models")).exists();
    if is_taken { format!("{place}src/tables.rs") } else { models }
}

/// Returns the notation of another library, if files have nothing but its declarations. A file that
/// can't be parsed may have models.
fn notation(files: &[Source]) -> Option<ForeignNotation> {
    if Models::parse(files, Vec::new()).map_or(true, |models| models.table_count() > 0) {
        return None;
    }
    let has = |word: &str| files.iter().any(|file| file.text.contains(word));
    if has("DeriveEntityModel") {
        Some(ForeignNotation::SeaOrm)
    } else {
        has("diesel").then_some(ForeignNotation::Diesel)
    }
}

/// Returns where the declarations of a library are. Those of diesel are in a file of their own, beside the
/// structs that use them.
fn foreign(
    folder: &Path,
    package: &Package,
    notation: ForeignNotation,
    place: String,
) -> ForeignModels {
    let schema = format!("{}src/schema.rs", package.place);
    let path = match notation {
        ForeignNotation::Diesel if folder.join(&schema).exists() => schema,
        ForeignNotation::Diesel | ForeignNotation::SeaOrm => place,
    };
    ForeignModels { notation, path }
}

/// Returns the packages of a folder. A folder without any is the place of one that is to come.
fn packages(folder: &Path) -> Vec<Package> {
    let pattern = |below: &str| {
        format!("{}/{below}/Cargo.toml", glob::Pattern::escape(&folder.to_string_lossy()))
    };
    let below = ["*", "*/*"].iter().filter_map(|below| glob::glob(&pattern(below)).ok());
    // A folder that can't be read has no package that anybody could use.
    let below = below.flatten().filter_map(Result::ok).filter_map(|path| {
        let package = path.parent()?.strip_prefix(folder).ok()?;
        Some(format!("{}/", package.to_string_lossy()))
    });
    let below = below.filter(|name| !name.starts_with("target/"));
    let read = |place: String| {
        let text = fs::read_to_string(folder.join(&place).join("Cargo.toml"));
        let cargo: Option<toml::Table> = text.as_ref().ok().and_then(|text| text.parse().ok());
        let name = cargo.as_ref().and_then(|cargo| cargo.get("package")?.get("name")?.as_str());
        let dependencies = cargo.as_ref().and_then(|cargo| cargo.get("dependencies")?.as_table());
        Package {
            place,
            is_there: text.is_ok(),
            is_workspace: cargo.as_ref().is_some_and(|cargo| cargo.contains_key("workspace")),
            name: name.map(str::to_owned),
            has_dependency: dependencies.is_some_and(|all| all.contains_key("aludel")),
        }
    };
    let below: Vec<Package> = below.map(read).collect();
    let own = read(String::new());
    let is_one = match own.is_there {
        true => own.name.is_some() || !own.is_workspace,
        false => below.is_empty(),
    };
    is_one.then_some(own).into_iter().chain(below).collect()
}
