//! The tour of the README: every command of it runs, and prints what the README shows.

use std::fs::{self, File};
use std::process::Stdio;

use aludel_testkit::{TestProject, server, workspace};

use crate::PROGRAM;

/// A block of code: the language behind the fence, and the text.
struct Block {
    language: String,
    text: String,
}

fn blocks(section: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut parts = section.split("```");
    parts.next();
    while let (Some(inside), Some(_)) = (parts.next(), parts.next()) {
        let (language, text) = inside.split_once('\n').unwrap();
        blocks.push(Block { language: language.to_owned(), text: text.to_owned() });
    }
    blocks
}

/// Names for the ids of revisions, in the order in which they occur first.
#[derive(Default)]
struct Ids(Vec<String>);

impl Ids {
    /// Returns the text with the names in place of the ids, and without dates and durations.
    fn normal(&mut self, text: &str) -> String {
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let mut normal = String::new();
        for piece in text.split_inclusive(|c| !is_word(c)) {
            let word = piece.trim_end_matches(|c| !is_word(c));
            let is_id = word.len() == 12
                && word.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
            if is_id {
                let known = self.0.iter().position(|id| id == word);
                let at = known.unwrap_or_else(|| {
                    self.0.push(word.to_owned());
                    self.0.len() - 1
                });
                normal.push_str(&format!("id{at}{}", &piece[word.len()..]));
            } else {
                normal.push_str(piece);
            }
        }
        let lines = normal.lines().map(|line| {
            let line = line.trim_end();
            if line.starts_with("-- created: ") {
                return "-- created: then".to_owned();
            }
            match line.split_once(" in ") {
                Some((before, time)) if time.ends_with(" s") => format!("{before} in a while"),
                _ => line.to_owned(),
            }
        });
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

struct Tour {
    project: TestProject,
    shown: Ids,
    real: Ids,
}

impl Tour {
    /// Runs the commands of a block and compares what they print.
    fn console(&mut self, text: &str) {
        for command in text.split("$ aludel ").skip(1) {
            let (arguments, shown) = command.split_once('\n').unwrap();
            let words: Vec<String> = words(arguments);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let printed = self.run(&words);
            assert_eq!(
                self.real.normal(&printed),
                self.shown.normal(shown),
                "aludel {arguments} printed:\n{printed}"
            );
        }
    }

    /// Runs the program, and returns what it prints on both streams, as a terminal shows it.
    fn run(&self, words: &[&str]) -> String {
        let path = self.project.path().join("printed");
        let file = File::create(&path).unwrap();
        let mut command = self.project.command(words);
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        command.status().unwrap();
        let printed = fs::read_to_string(&path).unwrap();
        fs::remove_file(path).unwrap();
        printed
    }

    /// Returns the path of the newest revision whose slug is this.
    fn revision(&self, slug: &str) -> String {
        let folder = self.project.path().join("migrations/versions");
        let mut names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let name = names.find_map(|name| {
            let name = name.into_string().unwrap();
            name.ends_with(&format!("_{slug}.sql")).then_some(name)
        });
        format!("migrations/versions/{}", name.unwrap())
    }

    fn edit(&self, file: &str, edits: &[(&str, &str)]) {
        let mut text = self.project.read(file);
        for (from, to) in edits {
            assert!(text.contains(from), "{from:?} in\n{text}");
            text = text.replace(from, to);
        }
        self.project.write(file, &text);
    }
}

/// Splits arguments as a shell does, with double quotes only.
fn words(arguments: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in arguments.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_tour_shows_what_the_program_prints() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let tour = readme.split("\n## ").find(|section| section.starts_with("A tour")).unwrap();
    let blocks = blocks(tour);
    let mut blocks = blocks.iter();
    let mut next = |language: &str, begins: &str| {
        let block = blocks.next().unwrap();
        assert_eq!(block.language, language, "{}", block.text);
        assert!(block.text.starts_with(begins), "{begins:?} in\n{}", block.text);
        block.text.clone()
    };
    let database = server().database();
    let project = TestProject::new(PROGRAM, &database.url());
    fs::remove_file(project.path().join("aludel.toml")).unwrap();
    let mut tour = Tour { project, shown: Ids::default(), real: Ids::default() };
    tour.project.write("Cargo.toml", "[package]\nname = \"app\"\n");
    tour.project.run("init --template postgres").ok();

    tour.project.write("src/models.rs", &next("rust", "use aludel::{Enum, Table};"));
    tour.console(&next("console", "$ aludel revision"));

    tour.edit(
        "src/models.rs",
        &[
            ("    Published,", "    InReview,\n    Published,"),
            ("default = \"'draft'\"", "default = \"'in_review'\""),
            (
                "#[derive(Table)]",
                "#[derive(Table)]\n#[table(index(\"lower(title)\", where = \"status = 'published'\"))]",
            ),
        ],
    );
    tour.console(&next("console", "$ aludel revision"));
    let review = tour.revision("review");
    let written = tour.project.read(&review);
    assert_eq!(tour.real.normal(&written), tour.shown.normal(&next("sql", "-- review")));

    tour.edit(&review, &[("(lower(title))", "(lower(titel))")]);
    tour.console(&next("console", "$ aludel upgrade head"));
    tour.edit(&review, &[("(lower(titel))", "(lower(title))")]);
    tour.project.run("upgrade head").ok();

    tour.project.write("objects/views.sql", &next("sql", "CREATE VIEW"));
    tour.edit("aludel.toml", &[("revisions =", "objects = [\"objects/**/*.sql\"]\nrevisions =")]);
    tour.console(&next("console", "$ aludel revision"));
    tour.project.run("upgrade head").ok();
    tour.project.run("check").ok();
    assert!(blocks.next().is_none(), "the test knows every block of the tour");
}
