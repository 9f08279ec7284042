//! What does indexing cost beside an engine that does nothing special?
//!
//! Indexes a directory with Dateline, and the same text with bare tantivy (title and body, `en_stem`, positions,
//! stored; same threads, same memory), in turn, each in a process of its own, and prints medians and their ratios.
//!
//! `cargo bench --bench against_tantivy -- DIR [RUNS] [THREADS]`; without a directory the sample corpus is indexed.

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use serde::Deserialize;
use serde::Serialize;
use tantivy::TantivyDocument;
use tantivy::schema::STORED;
use tantivy::schema::TEXT;
use tantivy::schema::TextFieldIndexing;
use tantivy::schema::TextOptions;

/// Memory for documents that are not on disk yet, in bytes, as Dateline's writer has it.
const MEMORY: usize = 160 << 20;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["measure", ref command @ ..] => measure(command),
        ["bare", dir, index, threads] => bare(Path::new(dir), Path::new(index), threads.parse()?),
        ref rest => compare(rest),
    }
}

/// What a process used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Used {
    /// Seconds from start to end.
    wall: f64,
    /// Seconds of CPU, all threads together.
    cpu: f64,
    /// Largest resident size, in bytes.
    peak: f64,
    /// Bytes of the index.
    #[serde(default)]
    size: f64,
}

/// Runs a command and prints what it used: the only child of this process, so that its figures are its own.
fn measure(command: &[&str]) -> Result<(), Failure> {
    let started = Instant::now();
    let output = Command::new(command[0]).args(&command[1..]).output()?;
    let wall = started.elapsed().as_secs_f64();
    // Exit 1 tells of files that could not be read.
    if output.status.code().is_none_or(|code| code > 1) {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 / 1e6;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    // Linux counts in KiB.
    let used = Used { wall, cpu, peak: usage.max_rss() as f64 * 1024.0, size: 0.0 };
    println!("{}", serde_json::to_string(&used)?);
    Ok(())
}

/// Indexes the files of a directory: the first line is the title, the rest the body.
fn bare(dir: &Path, index: &Path, threads: usize) -> Result<(), Failure> {
    let mut schema = tantivy::schema::Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer("en_stem")
        .set_index_option(tantivy::schema::IndexRecordOption::WithFreqsAndPositions);
    let words = TextOptions::default().set_indexing_options(words) | STORED;
    let (title, body) = (schema.add_text_field("title", words.clone()), schema.add_text_field("body", words));
    let path = schema.add_text_field("path", TEXT | STORED);
    std::fs::create_dir_all(index)?;
    let index = tantivy::Index::create_in_dir(index, schema.build())?;
    let mut writer: tantivy::IndexWriter<TantivyDocument> = index.writer_with_num_threads(threads, MEMORY)?;
    for entry in walkdir::WalkDir::new(dir).sort_by_file_name() {
        let entry = entry?;
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes = std::fs::read(entry.path())?;
        let text = String::from_utf8_lossy(&bytes);
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let mut document = TantivyDocument::default();
        document.add_text(title, first);
        document.add_text(body, rest);
        document.add_text(path, entry.path().to_string_lossy());
        writer.add_document(document)?;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(())
}

/// The two in turn, then their medians.
fn compare(arguments: &[&str]) -> Result<(), Failure> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let dir = arguments.first().map_or(sample, PathBuf::from);
    let runs: usize = arguments.get(1).map_or(Ok(5), |n| n.parse())?;
    let threads = arguments.get(2).copied().unwrap_or("2");
    let bytes = directory_size(&dir)?;
    println!("{} of {:.1} MB, {runs} runs each, {threads} threads", dir.display(), bytes / 1e6);
    let work = tempfile::tempdir()?;
    let this = std::env::current_exe()?;
    let (this, source) = (this.to_string_lossy(), dir.to_string_lossy());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let at = work.path().join(format!("ours-{run}"));
        let index = at.to_string_lossy();
        let program = env!("CARGO_BIN_EXE_dateline");
        ours.push(used(&[program, "index", "-q", "--threads", threads, "--index", &index, &source], &at)?);
        let at = work.path().join(format!("bare-{run}"));
        theirs.push(used(&[&this, "bare", &source, &at.to_string_lossy(), threads], &at)?);
    }
    let row = |name: &str, unit: &str, of: &dyn Fn(&Used) -> f64| {
        let (a, b) = (median(&ours, of), median(&theirs, of));
        println!("{name:<22}{a:>10.2}{b:>12.2}{:>9.2}   {unit}", a / b);
    };
    println!("{:<22}{:>10}{:>12}{:>9}", "", "dateline", "tantivy", "ratio");
    row("throughput", "MB/s", &|u| bytes / 1e6 / u.wall);
    row("wall clock", "s", &|u| u.wall);
    row("CPU", "s", &|u| u.cpu);
    row("peak memory", "MB", &|u| u.peak / 1e6);
    row("index", "MB", &|u| u.size / 1e6);
    Ok(())
}

/// Measures a command that makes an index, and weighs and removes the index.
fn used(command: &[&str], index: &Path) -> Result<Used, Failure> {
    let output = Command::new(std::env::current_exe()?).arg("measure").args(command).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut used: Used = serde_json::from_slice(&output.stdout)?;
    used.size = directory_size(index)?;
    std::fs::remove_dir_all(index)?;
    Ok(used)
}

fn directory_size(dir: &Path) -> Result<f64, Failure> {
    let mut size = 0;
    for entry in walkdir::WalkDir::new(dir) {
        let entry = entry?;
        if entry.file_type().is_file() {
            size += entry.metadata()?.len();
        }
    }
    Ok(size as f64)
}

fn median(all: &[Used], of: &dyn Fn(&Used) -> f64) -> f64 {
    let mut values: Vec<f64> = all.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
