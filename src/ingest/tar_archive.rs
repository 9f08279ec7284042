//! TAR archives: each file in one is read by its own reader, as the archive streams by.

use std::io;
use std::io::BufRead;
use std::io::Read;

use tar::EntryType;

use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;

/// TAR.
pub(super) struct Tar;

/// Bytes of a name, or of the attributes of a file, that are still read.
const LONGEST_NAME: u64 = 1 << 20;

impl Reader for Tar {
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        if let Err(error) = read(bytes, job, sink) {
            sink(Err(job.fault(None, format!("not readable as a TAR archive: {}", super::describe(&error)))));
        }
    }
}

fn read(bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) -> io::Result<()> {
    let mut archive = tar::Archive::new(bytes);
    // The name of the next file, where it is too long for its own header. The crate would read such a name whole,
    // however long it claims to be.
    let mut longer: Option<String> = None;
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => {
                longer =
                    Some(String::from_utf8_lossy(&start(&mut entry)?).trim_end_matches('\0').to_string());
                continue;
            }
            EntryType::XHeader => {
                longer = path_of_attributes(&start(&mut entry)?).or(longer);
                continue;
            }
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Symlink | EntryType::Link => sink(Err(job.left_out(None, "symlink"))),
            _ => {}
        }
        let name = longer.take().unwrap_or_else(|| String::from_utf8_lossy(&entry.path_bytes()).into_owned());
        if !matches!(kind, EntryType::Regular | EntryType::Continuous) {
            continue;
        }
        if let Some(reason) = job.rule_against(&name) {
            sink(Err(job.left_out(None, reason)));
        } else if entry.header().entry_size()? == 0 {
            sink(Err(job.left_out(None, "empty")));
        } else {
            job.read_member(Box::new(entry), &name, sink);
        }
    }
    Ok(())
}

fn start(entry: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(LONGEST_NAME).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `27 path=some/long/name.txt` among the attributes of a file.
fn path_of_attributes(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().find_map(|line| line.split_once(' ')?.1.strip_prefix("path=").map(str::to_string))
}
