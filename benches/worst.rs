//! What does the worst input cost? Indexes one bad file after the other, each in a process of its own.
//!
//! `cargo bench --bench worst` prints time and peak memory of each, the worst first; a debug build is quicker to make
//! (`--profile dev`) and shows the same order.

#![allow(clippy::print_stdout, missing_docs)]

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;

type Failure = Box<dyn std::error::Error>;

/// Bytes of the largest article that is read, and a little less.
const ARTICLE: usize = (10 << 20) - 1000;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["measure", file, index] => measure(file, index),
        _ => compare(),
    }
}

/// Indexes a file and prints the exit code, seconds and bytes: the only child of this process, so that they are its own.
fn measure(file: &str, index: &str) -> Result<(), Failure> {
    let started = Instant::now();
    let index = ["index", file, "--index", index, "--quiet"];
    let status = Command::new(env!("CARGO_BIN_EXE_dateline")).args(index).status()?;
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let code = status.code().map_or("a signal".into(), |code| code.to_string());
    println!("{:.2} {} {code}", started.elapsed().as_secs_f64(), used.max_rss() * 1024);
    Ok(())
}

fn compare() -> Result<(), Failure> {
    let scratch = tempfile::tempdir()?;
    let mut rows = Vec::new();
    for (name, bytes) in inputs()? {
        let file = scratch.path().join(name);
        match bytes {
            Input::Bytes(bytes) => std::fs::write(&file, bytes)?,
            Input::Sparse(bytes) => std::fs::File::create(&file)?.set_len(bytes)?,
        }
        rows.push((run(&file, &scratch.path().join("index"))?, name));
        std::fs::remove_file(&file)?;
        std::fs::remove_dir_all(scratch.path().join("index"))?;
    }
    rows.sort_by(|(a, _), (b, _)| b.0.total_cmp(&a.0));
    println!("{:>8} {:>8}  {:4}  input", "seconds", "MB", "code");
    for ((seconds, bytes, code), name) in rows {
        println!("{seconds:8.2} {:8.0}  {code:4}  {name}", bytes / 1e6);
    }
    Ok(())
}

fn run(file: &Path, index: &Path) -> Result<(f64, f64, String), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.arg("measure").args([file, index]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut words = text.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_default().trim().to_string();
    Ok((word().parse()?, word().parse()?, word()))
}

enum Input {
    Bytes(Vec<u8>),
    /// A file of so many bytes that takes no room.
    Sparse(u64),
}

/// So many bytes of a piece, over and over.
fn fill(piece: &str, bytes: usize) -> Input {
    Input::Bytes(piece.repeat(bytes / piece.len() + 1)[..bytes / piece.len() * piece.len()].into())
}

type Named = (&'static str, Input);

fn text(text: String) -> Input {
    Input::Bytes(text.into_bytes())
}

fn page(body: String) -> Input {
    text(format!("<html><body><p>The ferry was late.</p>{body}"))
}

fn inputs() -> Result<Vec<Named>, Failure> {
    let packed = [
        ("bomb.jsonl.gz", Input::Bytes(gzip(&vec![b'\n'; 1 << 30])?)),
        ("members.zip", Input::Bytes(zipped(60_000, b"The ferry was late.")?)),
        ("bombs.zip", Input::Bytes(zipped(20, &vec![b'a'; 64 << 20])?)),
    ];
    Ok(texts().into_iter().chain(pages()).chain(records()).chain(packed).collect())
}

fn texts() -> Vec<Named> {
    vec![
        ("nothing-special.txt", fill("The ferry was late on Friday, the harbour master said.\n\n", 5000)),
        ("names.txt", fill("Foo Bar said that Baz Qux left. ", ARTICLE)),
        (
            "unknown-names.txt",
            text((0..600_000).map(|n| format!("Mr Ba{n} left. ")).collect::<String>()[..9_000_000].into()),
        ),
        ("dates.txt", fill("On 27 October 2020, ", ARTICLE)),
        ("accusations.txt", fill("Armenia accused Azerbaijan of shelling. ", ARTICLE)),
        ("long-sentence.txt", fill("Armenia accused Azerbaijan and ", ARTICLE)),
        ("capitals.txt", fill("Mr A. ", ARTICLE)),
        ("quotes.txt", fill("\u{201c}", ARTICLE)),
        ("marks.txt", text(format!("The harbour a{}", "\u{301}".repeat(ARTICLE / 2)))),
        ("word.txt", fill("x", ARTICLE)),
        ("numbers.txt", text((0..1_400_000).map(|n| format!("{n} ")).collect())),
        ("lines.txt", fill("a\n", ARTICLE)),
        ("spaces.txt", fill(" \n", ARTICLE)),
    ]
}

fn pages() -> Vec<Named> {
    vec![
        ("divs.html", page("<div>".repeat(1_000_000))),
        ("siblings.html", page("<p>a".repeat(2_000_000))),
        ("links.html", page("<a href=/>Home</a> ".repeat(400_000))),
        ("attribute.html", page(format!("<p title=\"{}\">", "x".repeat(9_000_000)))),
        ("entities.html", page("&amp;&bogus;&#99999999;&lt".repeat(350_000))),
        ("formatting.html", page("<b><i><a>".repeat(100) + &"<p>a".repeat(200_000))),
        (
            "json-ld.html",
            text(format!(
                "<html><script type=\"application/ld+json\">{}</script><p>The ferry",
                "[".repeat(9_000_000)
            )),
        ),
        ("deep.xml", text(format!("<rss><channel><item>{}", "<a>".repeat(10_000_000)))),
        ("items.xml", text(format!("<rss><channel>{}", "<item><title>a</title></item>".repeat(300_000)))),
    ]
}

fn records() -> Vec<Named> {
    vec![
        ("sparse.txt", Input::Sparse(1 << 40)),
        ("sparse.json", Input::Sparse(1 << 40)),
        ("sparse.csv", Input::Sparse(1 << 40)),
        ("sparse.warc", Input::Sparse(1 << 40)),
        ("line.jsonl", fill("x", 500 << 20)),
        ("lines.jsonl", fill("x\n", 200 << 20)),
        ("deep.json", text(format!("{}1", "{\"a\":".repeat(10_000_000)))),
        (
            "keys.json",
            text(format!(
                "{{{}\"text\":\"The ferry\"}}",
                (0..1_000_000).map(|n| format!("\"k{n}\":{n},")).collect::<String>()
            )),
        ),
        ("array.json", text(format!("[{}1]", "1,".repeat(100_000_000)))),
        ("columns.csv", text(format!("{}text\nx\n", "c,".repeat(10_000_000)))),
        ("quote.csv", text(format!("title,text\n\"{}", "x\n".repeat(100_000_000)))),
        ("rows.csv", text(format!("title,text\n{}", "a,b\n".repeat(300_000)))),
        ("head.warc", text(format!("WARC/1.0\r\n{}\r\n", "X: y\r\n".repeat(20_000_000)))),
        ("records.warc", text("WARC/1.0\r\n\r\n".repeat(1_000_000))),
        ("head.eml", text(format!("{}\nThe ferry", "X: y\n".repeat(2_000_000)))),
        (
            "parts.eml",
            text(
                (0..200_000)
                    .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
                    .collect(),
            ),
        ),
        ("quotes.md", text(format!("{}The ferry", "> ".repeat(4_000_000)))),
        ("brackets.md", text("[".repeat(9_000_000))),
    ]
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

fn zipped(files: usize, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..files {
        archive.start_file(format!("{number}.txt"), zip::write::SimpleFileOptions::default())?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
