//! ZIP archives: each file in one is read by its own reader. Nothing is written to disk.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Cursor;
use std::io::Read;
use std::io::Seek;

use zip::ZipArchive;
use zip::result::ZipError;

use super::decode;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use super::unpack;

/// ZIP.
pub(super) struct Zip;

/// Bytes of an archive in an archive or on standard input, which is held in memory: its list of files stands at its end.
const LARGEST_IN_MEMORY: u64 = 256 << 20;

impl Reader for Zip {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        if let Some(file) = job.file {
            return read(BufReader::new(file), job, sink);
        }
        match decode::raw(&mut bytes, LARGEST_IN_MEMORY) {
            Ok(raw) => read(Cursor::new(raw), job, sink),
            Err(reason) => sink(Err(job.fault(None, format!("a ZIP archive inside another: {reason}")))),
        }
    }
}

fn read<R: Read + Seek>(from: R, job: &Job, sink: &mut Sink) {
    let mut archive = match ZipArchive::new(from) {
        Ok(archive) => archive,
        Err(error) => return sink(Err(job.fault(None, format!("not readable as a ZIP archive: {error}")))),
    };
    for number in 0..archive.len() {
        let name = match archive.by_index_raw(number) {
            Ok(entry) if entry.is_dir() => continue,
            Ok(entry) if entry.is_symlink() => {
                sink(Err(job.left_out(None, "symlink")));
                continue;
            }
            Ok(entry) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
            Err(error) => {
                sink(Err(job.fault(None, format!("file {} of the archive: {error}", number + 1))));
                continue;
            }
        };
        if let Some(reason) = job.rule_against(&name) {
            sink(Err(job.left_out(None, reason)));
            continue;
        }
        let entry = match archive.by_index(number) {
            Ok(entry) => entry,
            Err(error) => {
                sink(Err(job.fault(None, format!("{name}: {}", told(&error)))));
                continue;
            }
        };
        if entry.size() == 0 {
            sink(Err(job.left_out(None, "empty")));
            continue;
        }
        let packed = entry.compressed_size();
        job.read_member(unpack::inflated(Box::new(entry), packed), &name, sink);
    }
}

fn told(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(what) if what.to_lowercase().contains("password") => "encrypted".into(),
        ZipError::InvalidPassword => "encrypted".into(),
        other => other.to_string(),
    }
}
