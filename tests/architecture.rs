//! The rules of the house, held by reading the source: who may name whom, where outside crates live, who prints.
//!
//! A new dependency or arrow is a deliberate act: it edits one of the two tables.

use std::path::Path;
use std::path::PathBuf;

/// Which modules a module may name after `crate::`, its own aside, in reading order. `commands` joins them all and
/// has no row.
const MAY_USE: &[(&str, &[&str])] = &[
    ("calendar", &[]),
    ("tokens", &[]),
    ("article", &["calendar"]),
    ("annotation", &["article", "calendar", "schema"]),
    ("schema", &["annotation", "calendar", "tokens"]),
    ("ingest", &["article", "calendar", "schema"]),
    ("extract", &["annotation", "article", "calendar", "schema", "tokens"]),
    ("index", &["annotation", "article", "calendar", "schema", "tokens"]),
    ("query", &["annotation", "article", "calendar", "index", "schema", "tokens"]),
    ("cluster", &["annotation", "article", "calendar", "index", "query", "schema", "tokens"]),
    ("backend", &["annotation", "article", "cluster", "index", "query", "schema"]),
    ("present", &["annotation", "article", "query", "schema"]),
    ("serve", &["annotation", "article", "backend", "cluster", "index", "present", "query", "schema"]),
    ("cli", &[]),
];

/// The one arrow that points down the table: annotations are grouped by the schema's roles, and the schema's rules
/// speak of kinds and statuses.
const KNOT: (&str, &str) = ("annotation", "schema");

/// Outside crates and the only modules that may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["schema"]),
    ("anstyle", &["present"]),
    ("anyhow", &["commands"]),
    ("axum", &["serve"]),
    ("base64", &["cluster", "serve"]),
    ("blake3", &["cluster", "commands", "index", "ingest", "schema", "serve"]),
    ("brotli_decompressor", &["ingest"]),
    ("chardetng", &["ingest"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("crossbeam_channel", &["commands", "serve"]),
    ("csv", &["ingest"]),
    ("ctrlc", &["commands"]),
    ("dom_query", &["ingest"]),
    ("dom_smoothie", &["ingest"]),
    ("encoding_rs", &["ingest"]),
    ("flate2", &["ingest", "serve"]),
    ("form_urlencoded", &["serve"]),
    ("frostem", &["index"]),
    ("hyper", &["serve"]),
    ("hyper_util", &["serve"]),
    ("ignore", &["ingest"]),
    ("indicatif", &["present"]),
    ("jiff", &["calendar", "cluster", "extract", "ingest", "present", "query"]),
    ("lru", &["index"]),
    ("mail_parser", &["ingest"]),
    ("memchr", &["ingest", "query", "schema"]),
    ("mimalloc", &["main"]),
    ("notify", &["commands"]),
    ("postcard", &["index"]),
    ("prometheus_client", &["serve"]),
    ("pulldown_cmark", &["ingest"]),
    ("quick_xml", &["ingest", "present"]),
    ("rmcp", &["serve"]),
    ("rustc_hash", &["cluster", "extract", "index", "ingest", "query", "schema", "serve", "tokens"]),
    ("rustix", &["index", "ingest"]),
    ("serde", &["annotation", "article", "calendar", "index", "ingest", "schema"]),
    ("serde_json", &["cluster", "commands", "index", "ingest", "present", "serve"]),
    ("strsim", &["query", "schema"]),
    ("tantivy", &["index", "query"]),
    ("tantivy_fst", &["index", "query"]),
    ("tar", &["ingest"]),
    ("tempfile", &["commands"]),
    ("thiserror", &["calendar", "index", "query", "schema", "serve"]),
    ("tokio", &["serve"]),
    ("toml", &["ingest", "schema"]),
    ("unicode_normalization", &["tokens"]),
    ("ureq", &["cluster"]),
    ("walkdir", &["ingest"]),
    ("whichlang", &["ingest"]),
    ("zip", &["ingest"]),
    ("zstd", &["index", "ingest"]),
];

/// The only modules that write to the terminal.
const PRINTS: &[&str] = &["present", "commands"];

/// What printing looks like.
const PRINTING: &[&str] = &["println!", "print!", "eprintln!", "eprint!", "dbg!", "io::stdout", "io::stderr"];

/// What a pure function of article and schema has no use for.
const IMPURE: &[&str] =
    &["std::fs", "std::env", "std::io", "std::net", "std::process", "std::thread", "std::time", "tantivy"];

/// Lines that a file may have.
const LONGEST_FILE: usize = 600;

struct SourceFile {
    /// From the root of the project: `src/query/plan.rs`.
    name: String,
    /// `query`; `lib` and `main` for the two roots.
    module: String,
    text: String,
}

impl SourceFile {
    /// Lines that are no comments, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.text.lines().enumerate().map(|(i, line)| (i + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn source() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(root.join("src"))
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    paths.sort();
    assert!(paths.len() > 20, "the source was not found below {}", root.display());
    let file = |path: PathBuf| {
        let below = path.strip_prefix(root).unwrap();
        let module = below.components().nth(1).unwrap().as_os_str().to_string_lossy();
        SourceFile {
            name: below.to_string_lossy().replace('\\', "/"),
            module: module.trim_end_matches(".rs").to_string(),
            text: std::fs::read_to_string(&path).unwrap(),
        }
    };
    paths.into_iter().map(file).collect()
}

fn row<'t>(table: &[(&str, &'t [&'t str])], name: &str) -> Option<&'t [&'t str]> {
    table.iter().find(|(n, _)| *n == name).map(|(_, row)| *row)
}

#[track_caller]
fn expect_none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n\n{}\n", faults.join("\n"));
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What follows each occurrence of a piece of text that no name and no path goes on into.
fn after<'a>(line: &'a str, piece: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(piece)
        .filter(|(at, _)| !line[..*at].ends_with(|c| is_name(c) || c == ':'))
        .map(move |(at, _)| &line[at + piece.len()..])
}

/// Tells whether a line names an outside crate.
fn names_crate(line: &str, name: &str) -> bool {
    let imports = line.trim_start().starts_with("use ");
    let is_path =
        |rest: &str| rest.starts_with("::") || imports && (rest.starts_with(';') || rest.starts_with(" as "));
    after(line, name).any(is_path)
}

#[test]
fn paths_are_told_from_names_that_look_like_them() {
    for line in ["use tantivy::Index;", "    tantivy::query::Query", "f(&tantivy::X)", "use tantivy;"] {
        assert!(names_crate(line, "tantivy"), "{line}");
    }
    for line in [
        "use crate::tantivy::X;",
        "my_tantivy::X",
        "tantivy_fst::X",
        "let tantivy = 1;",
        "\"text/tantivy; x\"",
    ] {
        assert!(!names_crate(line, "tantivy"), "{line}");
    }
    assert_eq!(after("x(crate::query::A, crate::index)", "crate::").count(), 2);
}

#[test]
fn modules_name_only_what_their_row_allows() {
    let mut faults = Vec::new();
    for file in source().iter().filter(|f| !["commands", "lib", "main"].contains(&f.module.as_str())) {
        let Some(allowed) = row(MAY_USE, &file.module) else {
            faults.push(format!(
                "{}: the module {} has no row in MAY_USE: add one that says what it may name",
                file.name, file.module
            ));
            continue;
        };
        for (number, line) in file.code() {
            for rest in after(line, "crate::") {
                let named: String = rest.chars().take_while(|c| is_name(*c)).collect();
                if named.is_empty() {
                    faults.push(format!("{}:{number}: write one path for each `use`", file.name));
                } else if named != file.module && !allowed.contains(&named.as_str()) {
                    faults.push(format!(
                        "{}:{number}: {} may not name {named}: move the code to where both can be named, or draw the arrow in MAY_USE",
                        file.name, file.module
                    ));
                }
            }
            if line.contains("super::super::") {
                faults.push(format!(
                    "{}:{number}: write `crate::` in the place of `super::super::`",
                    file.name
                ));
            }
        }
    }
    expect_none(faults);
}

#[test]
fn arrows_point_one_way() {
    for (place, (module, row)) in MAY_USE.iter().enumerate() {
        for named in *row {
            let earlier = MAY_USE[..place].iter().any(|(m, _)| m == named);
            assert!(
                earlier || (*module, *named) == KNOT,
                "MAY_USE: {module} names {named}, which is no earlier row: move what both need to an earlier module"
            );
        }
    }
}

#[test]
fn outside_crates_stay_in_their_homes() {
    let mut faults = Vec::new();
    for file in source() {
        for (number, line) in file.code() {
            for (name, homes) in HOMES {
                if !homes.contains(&file.module.as_str()) && names_crate(line, name) {
                    faults.push(format!(
                        "{}:{number}: {name} lives in {}: ask that module for it, or give {name} another home in HOMES",
                        file.name,
                        homes.join(" and ")
                    ));
                }
            }
        }
    }
    expect_none(faults);
}

#[test]
fn every_dependency_has_a_home_that_names_it() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let declared: Vec<String> =
        manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect();
    let mut faults = Vec::new();
    for name in declared.iter().filter(|name| row(HOMES, name).is_none()) {
        faults.push(format!("Cargo.toml: {name} has no row in HOMES: say which module may name it"));
    }
    let files = source();
    for (name, homes) in HOMES {
        if !declared.iter().any(|d| d == name) {
            faults.push(format!("HOMES: {name} is no dependency: take its row out"));
        }
        for home in *homes {
            let mut of_home = files.iter().filter(|f| f.module == *home);
            if !of_home.any(|f| f.code().any(|(_, line)| names_crate(line, name))) {
                faults.push(format!("HOMES: {home} does not name {name}: take it out of the row"));
            }
        }
    }
    expect_none(faults);
}

#[test]
fn only_present_and_commands_write_to_the_terminal() {
    let mut faults = Vec::new();
    for file in source().iter().filter(|f| !PRINTS.contains(&f.module.as_str())) {
        for (number, line) in file.code() {
            for piece in PRINTING.iter().filter(|p| line.contains(**p)) {
                faults.push(format!(
                    "{}:{number}: {piece}: return a value and let {} print it",
                    file.name,
                    PRINTS.join(" or ")
                ));
            }
        }
    }
    expect_none(faults);
}

#[test]
fn extraction_touches_no_file_no_clock_and_no_engine() {
    let mut faults = Vec::new();
    for file in source().iter().filter(|f| f.module == "extract") {
        for (number, line) in file.code() {
            for piece in IMPURE.iter().filter(|p| after(line, p).next().is_some()) {
                faults.push(format!(
                    "{}:{number}: extract may not name {piece}: pass what it needs in the article or the schema",
                    file.name
                ));
            }
        }
    }
    expect_none(faults);
}

#[test]
fn files_say_what_they_are_and_are_short() {
    let mut faults = Vec::new();
    for file in source() {
        if !file.text.starts_with("//! ") {
            faults.push(format!("{}:1: begin with `//!` and a sentence on what the file is for", file.name));
        }
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!(
                "{}:{lines}: more than {LONGEST_FILE} lines: split it by ideas, or move tables to schema/",
                file.name
            ));
        }
    }
    expect_none(faults);
}

#[test]
fn every_test_file_is_a_module_of_the_test_binary() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = std::fs::read_to_string(tests.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(&tests).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(module) = name.strip_suffix(".rs").filter(|m| *m != "main") else { continue };
        assert!(
            main.contains(&format!("mod {module};")),
            "tests/{name} is not compiled: add `mod {module};` to tests/main.rs"
        );
    }
}
