//! A directory to write articles into, and the real binary run in it with a neutral environment.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;

/// A directory of one test; it goes when the test ends.
pub struct Scratch {
    dir: tempfile::TempDir,
}

impl Scratch {
    pub fn new() -> Scratch {
        Scratch { dir: tempfile::tempdir().unwrap() }
    }

    /// A directory with the files of `news` in it and an index of them.
    pub fn indexed() -> Scratch {
        let scratch = Scratch::new();
        write_news(&scratch);
        scratch.dateline(["index", "news"]).run().expect_code(0);
        scratch
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, with the directories above it.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, contents).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    /// The program, ready to run here with these arguments.
    pub fn dateline<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Dateline {
        Dateline::at(self.dir.path(), args)
    }

    /// Runs `search --json` and returns the ids of the hits, in order.
    pub fn ids<const N: usize>(&self, args: [&str; N]) -> Vec<String> {
        let answer = self.dateline([&["search", "--json"], &args[..]].concat()).run().json();
        answer["hits"].as_array().unwrap().iter().map(|h| string(&h["id"])).collect()
    }

    /// The same, in the order of the alphabet.
    pub fn ids_sorted<const N: usize>(&self, args: [&str; N]) -> Vec<String> {
        let mut ids = self.ids(args);
        ids.sort();
        ids
    }
}

/// Four invented articles: `t1` to `t3` in a file of records, and one in a text file.
///
/// `t1` Qatar mediates, November 2023; `t2` Azerbaijan accuses Armenia, October 2020; `t3` Turkey and the United
/// Nations brokered, undated; the text file: Russia brokered, September 2022. All four have the word "ceasefire".
pub fn write_news(scratch: &Scratch) {
    scratch.write("news/valley.txt", VALLEY);
    scratch.write("news/records.jsonl", [DOHA, HILLS, OLD_TRUCE].join("\n"));
}

const VALLEY: &str = "Truce takes hold in the valley
By Ann Ruel
Published: 14 September 2022

A Russian-brokered ceasefire between Armenia and Azerbaijan took hold on Wednesday, residents of the border \
villages said. The shelling stopped before dawn and the road to the market was open again.
";
const DOHA: &str = r#"{"id":"t1","title":"Doha talks resume","text":"Qatari mediators met Hamas leaders in Doha. The ceasefire proposal was discussed for three hours, officials said.","published":"2023-11-20","source":"The Lantern","url":"https://www.example.org/doha","author":["Ivo Part"]}"#;
const HILLS: &str = r#"{"id":"t2","title":"Blame in the hills","text":"Azerbaijan accused Armenia of breaking the ceasefire. The ministry said that the shelling began on 27 October.","published":"2020-10-28","source":"The Courier"}"#;
const OLD_TRUCE: &str = r#"{"id":"t3","title":"An old truce remembered","text":"The ceasefire was brokered by Turkey and the United Nations, and people in the town still speak of it. The bell is rung every October 27.","source":"The Courier"}"#;

/// A run that is being prepared.
pub struct Dateline {
    command: Command,
    input: Option<Vec<u8>>,
}

impl Dateline {
    /// The program in some directory.
    pub fn at<A: AsRef<OsStr>>(dir: &Path, args: impl IntoIterator<Item = A>) -> Dateline {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.current_dir(dir).args(args).env_clear();
        for name in ["PATH", "HOME", "TMPDIR", "SystemRoot", "TEMP"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Dateline { command, input: None }
    }

    pub fn env(mut self, name: &str, value: &str) -> Dateline {
        self.command.env(name, value);
        self
    }

    /// What the program reads from standard input.
    pub fn input(mut self, bytes: impl AsRef<[u8]>) -> Dateline {
        self.input = Some(bytes.as_ref().to_vec());
        self
    }

    /// Starts the program, to be killed or waited for.
    pub fn spawn(mut self) -> std::process::Child {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn run(mut self) -> Ran {
        self.command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let (Some(bytes), Some(mut pipe)) = (self.input, child.stdin.take()) {
            // A program that does not read all of it says why, which the test looks at.
            let _ = pipe.write_all(&bytes);
        }
        let output = child.wait_with_output().unwrap();
        Ran {
            said: format!("{:?}", self.command.get_args().collect::<Vec<_>>()),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// Runs it with nobody to read what it prints.
    pub fn run_unread(mut self) -> Ran {
        let quiet = self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = quiet.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        Ran {
            said: format!("{:?}", self.command.get_args().collect::<Vec<_>>()),
            stdout: String::new(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    said: String,
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Ran {
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Ran {
        let Ran { said, stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "dateline {said}\nstdout: {stdout}\nstderr: {stderr}");
        self
    }

    /// The one line of JSON that it must have printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        let mut lines = self.json_lines();
        assert_eq!(lines.len(), 1, "dateline {} printed\n{}", self.said, self.stdout);
        lines.remove(0)
    }

    /// The lines of JSON that it must have printed, each ended by a newline.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        assert!(
            self.stdout.is_empty() || self.stdout.ends_with('\n'),
            "the last line of {} has no end",
            self.said
        );
        let object = |line: &str| match serde_json::from_str(line) {
            Ok(value @ Value::Object(_)) => value,
            _ => panic!("dateline {}: no JSON object: {line}\nstderr: {}", self.said, self.stderr),
        };
        self.stdout.lines().map(object).collect()
    }

    pub fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }
}

/// Fails unless an object has all of these keys, written with spaces between them.
#[track_caller]
pub fn expect_keys(value: &Value, keys: &str) {
    let map = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let missing: Vec<&str> = keys.split(' ').filter(|k| !map.contains_key(*k)).collect();
    assert!(missing.is_empty(), "the contract's keys {missing:?} are not in {value}");
}

#[track_caller]
pub fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}")).to_string()
}
