//! Decompression within limits on size and ratio, and what to do about damage in the middle.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use flate2::bufread::GzDecoder;
use flate2::bufread::MultiGzDecoder;

use super::LARGEST_FILE;
use super::LARGEST_MEMBER;

/// A file may grow this much when decompressed ...
pub(super) const RATIO: u64 = 200;
/// ... once it has yielded this many bytes.
pub(super) const RATIO_FROM: u64 = 10 << 20;

const BUFFER: usize = 64 << 10;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    /// Gzip of a web archive: a member a record, so that reading can go on behind a damaged one.
    GzipMembers,
    Zstd,
}

impl Packing {
    fn of_name(name: &str) -> Option<Packing> {
        let name = name.to_ascii_lowercase();
        if let Some(stem) = name.strip_suffix(".gz") {
            let archive = stem.ends_with(".warc") || stem.ends_with(".arc") || stem.ends_with(".wet");
            return Some(if archive { Packing::GzipMembers } else { Packing::Gzip });
        }
        if name.ends_with(".tgz") {
            return Some(Packing::Gzip);
        }
        name.ends_with(".zst").then_some(Packing::Zstd)
    }

    fn of_bytes(head: &[u8]) -> Option<Packing> {
        if head.starts_with(b"\x1f\x8b\x08") {
            return Some(Packing::Gzip);
        }
        head.starts_with(b"\x28\xb5\x2f\xfd").then_some(Packing::Zstd)
    }
}

/// The contents of a file.
pub(super) struct Unpacked<'a> {
    pub bytes: Box<dyn BufRead + 'a>,
    /// They are not the bytes of the file itself.
    pub packed: bool,
}

/// Opens a file, decompressing by its name or its first bytes, within the limits on size and ratio.
pub(super) fn open<'a>(file: File, name: &str, stop: Option<&'a AtomicBool>) -> io::Result<Unpacked<'a>> {
    let mut buffered = BufReader::with_capacity(BUFFER, file);
    let packing = Packing::of_name(name).or(Packing::of_bytes(buffered.fill_buf()?));
    Ok(Unpacked { bytes: unpacked(buffered, packing, LARGEST_FILE, stop)?, packed: packing.is_some() })
}

/// Decompresses a stream that has no file, by its name or its first bytes.
pub(super) fn stream<'a>(
    bytes: Box<dyn Read + 'a>,
    name: &str,
    stop: Option<&'a AtomicBool>,
) -> io::Result<Box<dyn BufRead + 'a>> {
    member(bytes, name, LARGEST_FILE, stop)
}

/// Decompresses a file in an archive, of at most `most` bytes.
pub(super) fn member<'a>(
    bytes: Box<dyn Read + 'a>,
    name: &str,
    most: u64,
    stop: Option<&'a AtomicBool>,
) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut buffered = BufReader::with_capacity(BUFFER, bytes);
    let packing = Packing::of_name(name).or(Packing::of_bytes(buffered.fill_buf()?));
    unpacked(buffered, packing, most, stop)
}

/// The bytes of a file of an archive, which takes so many bytes there; the limit on the ratio holds for it alone.
pub(super) fn inflated<'a>(bytes: Box<dyn Read + 'a>, packed: u64) -> Box<dyn Read + 'a> {
    let taken = Some(Rc::new(Cell::new(packed)));
    let limits = Limits { most: LARGEST_MEMBER, yielded: 0, taken, stop: None };
    Box::new(buffered(bytes, limits))
}

fn unpacked<'a, R: BufRead + 'a>(
    bytes: R,
    packing: Option<Packing>,
    most: u64,
    stop: Option<&'a AtomicBool>,
) -> io::Result<Box<dyn BufRead + 'a>> {
    let taken = Rc::new(Cell::new(0));
    let limits = Limits { most, yielded: 0, taken: packing.map(|_| Rc::clone(&taken)), stop };
    let counted = Counted { inner: bytes, taken };
    Ok(match packing {
        None => Box::new(Limited { inner: counted, limits }),
        Some(Packing::Gzip) => buffered(MultiGzDecoder::new(counted), limits),
        Some(Packing::GzipMembers) => buffered(Members::new(counted), limits),
        Some(Packing::Zstd) => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(counted)?;
            // What a decoder may be told to remember.
            decoder.window_log_max(27)?;
            buffered(decoder, limits)
        }
    })
}

fn buffered<'a, R: Read + 'a>(inner: R, limits: Limits<'a>) -> Box<dyn BufRead + 'a> {
    Box::new(Limited { inner: BufReader::with_capacity(BUFFER, inner), limits })
}

/// Counts the bytes that a decoder takes.
struct Counted<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.taken.set(self.taken.get() + count as u64);
        self.inner.consume(count);
    }
}

struct Limits<'a> {
    most: u64,
    yielded: u64,
    /// What the decoder took, if there is one.
    taken: Option<Rc<Cell<u64>>>,
    stop: Option<&'a AtomicBool>,
}

impl Limits<'_> {
    fn count(&mut self, count: usize) {
        self.yielded += count as u64;
    }

    fn check(&self) -> io::Result<()> {
        if self.stop.is_some_and(|s| s.load(Ordering::Relaxed)) {
            return Err(io::Error::other("interrupted"));
        }
        if self.yielded > self.most {
            return Err(io::Error::other(format!("larger than {} GB", self.most >> 30)));
        }
        let taken = self.taken.as_ref().map(|t| t.get().max(BUFFER as u64));
        if taken.is_some_and(|taken| self.yielded > RATIO_FROM && self.yielded / taken > RATIO) {
            return Err(io::Error::other(format!("unpacks to more than {RATIO} times its size: not read")));
        }
        Ok(())
    }
}

/// Fails rather than yield more than a file may hold.
struct Limited<'a, R> {
    inner: R,
    limits: Limits<'a>,
}

impl<R: BufRead> Read for Limited<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.limits.check()?;
        let count = self.inner.read(buffer)?;
        self.limits.count(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Limited<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.limits.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.limits.count(count);
        self.inner.consume(count);
    }
}

/// Gzip members one after the other. A damaged member is one error; reading on goes on with the next member.
struct Members<R: BufRead> {
    /// None only while a member is exchanged for the next.
    current: Option<GzDecoder<Rewind<R>>>,
    damaged: usize,
}

/// Damaged pieces of a file behind which reading goes on.
pub(super) const MOST_DAMAGED: usize = 1000;

impl<R: BufRead> Members<R> {
    fn new(inner: R) -> Self {
        let mut inner = Rewind::new(inner);
        inner.keep();
        Members { current: Some(GzDecoder::new(inner)), damaged: 0 }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(decoder) = &mut self.current else { return Ok(0) };
            match decoder.read(buffer) {
                Ok(0) => {
                    let Some(mut inner) = self.current.take().map(GzDecoder::into_inner) else {
                        return Ok(0);
                    };
                    if inner.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    inner.keep();
                    self.current = Some(GzDecoder::new(inner));
                }
                Ok(count) => return Ok(count),
                Err(error) => {
                    let Some(mut inner) = self.current.take().map(GzDecoder::into_inner) else {
                        return Ok(0);
                    };
                    self.damaged += 1;
                    if self.damaged > MOST_DAMAGED {
                        return Err(io::Error::other("too much damaged gzip data"));
                    }
                    if skip_to_member(&mut inner)? {
                        inner.keep();
                        self.current = Some(GzDecoder::new(inner));
                    }
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("damaged gzip data ({error})"),
                    ));
                }
            }
        }
    }
}

/// Passes over bytes up to the first ones of a gzip member; false at the end. What the decoder took last is looked
/// through too: damage may show only when it has run into the next member.
fn skip_to_member<R: BufRead>(inner: &mut Rewind<R>) -> io::Result<bool> {
    let taken = inner.take_back();
    inner.put_back(taken.get(1..).unwrap_or(&[]));
    const START: [u8; 3] = [0x1f, 0x8b, 0x08];
    let mut matched = 0;
    loop {
        let buffer = inner.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let mut used = 0;
        for &byte in buffer {
            used += 1;
            matched = match byte {
                byte if byte == START[matched] => matched + 1,
                0x1f => 1,
                _ => 0,
            };
            if matched == START.len() {
                break;
            }
        }
        inner.consume(used);
        if matched == START.len() {
            inner.put_back(&START);
            return Ok(true);
        }
    }
}

/// Bytes that were taken last and are kept, at least, where that is asked for.
const KEPT: usize = 128 << 10;

/// A stream to which bytes can be given back.
pub(super) struct Rewind<R> {
    ahead: Vec<u8>,
    at: usize,
    /// What was taken last, if it is kept.
    taken: Option<Vec<u8>>,
    inner: R,
}

impl<R: BufRead> Rewind<R> {
    pub fn new(inner: R) -> Self {
        Rewind { ahead: Vec::new(), at: 0, taken: None, inner }
    }

    /// Keeps from here on what is taken, as far as memory allows.
    fn keep(&mut self) {
        self.taken.get_or_insert_default().clear();
    }

    /// What was taken last.
    fn take_back(&mut self) -> Vec<u8> {
        self.taken.take().unwrap_or_default()
    }

    /// Makes these the next bytes.
    pub fn put_back(&mut self, bytes: &[u8]) {
        let mut ahead = bytes.to_vec();
        ahead.extend_from_slice(&self.ahead[self.at..]);
        (self.ahead, self.at) = (ahead, 0);
    }
}

/// What `Read` is for whoever has a buffer.
pub(super) fn read_buffered(reader: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
    let ready = reader.fill_buf()?;
    let count = ready.len().min(buffer.len());
    buffer[..count].copy_from_slice(&ready[..count]);
    reader.consume(count);
    Ok(count)
}

impl<R: BufRead> Read for Rewind<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl<R: BufRead> BufRead for Rewind<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.ahead.len() { Ok(&self.ahead[self.at..]) } else { self.inner.fill_buf() }
    }

    fn consume(&mut self, count: usize) {
        if let Some(mut taken) = self.taken.take() {
            if taken.len() > KEPT {
                taken.drain(..taken.len() - KEPT / 2);
            }
            // A buffer that was looked at is still there.
            if let Ok(ready) = self.fill_buf() {
                taken.extend_from_slice(&ready[..count.min(ready.len())]);
            }
            self.taken = Some(taken);
        }
        if self.at < self.ahead.len() {
            self.at += count;
        } else {
            self.inner.consume(count);
        }
        if self.at >= self.ahead.len() {
            self.ahead.clear();
            self.at = 0;
        }
    }
}

/// Fails when more than a budget is read before it is renewed, so that no parser gathers a whole file as one piece.
pub(super) struct Budgeted<R> {
    inner: R,
    left: Rc<Cell<u64>>,
    what: &'static str,
}

/// Renews the budget of a [`Budgeted`] stream.
#[derive(Clone)]
pub(super) struct Budget {
    left: Rc<Cell<u64>>,
    most: u64,
}

impl Budget {
    pub fn renew(&self) {
        self.left.set(self.most);
    }
}

/// Lets at most so many bytes through before the budget is renewed.
pub(super) fn budgeted<R: BufRead>(inner: R, most: u64, what: &'static str) -> (Budgeted<R>, Budget) {
    let left = Rc::new(Cell::new(most));
    (Budgeted { inner, left: Rc::clone(&left), what }, Budget { left, most })
}

impl<R: BufRead> Read for Budgeted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl<R: BufRead> BufRead for Budgeted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.get() == 0 {
            return Err(io::Error::other(self.what));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.left.set(self.left.get().saturating_sub(count as u64));
        self.inner.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(text).expect("packs");
        packer.finish().expect("packs")
    }

    #[test]
    fn reading_goes_on_behind_a_damaged_member() {
        let mut bytes = packed(b"first ");
        let mut damaged = packed(&[7; 400]);
        let middle = damaged.len() / 2;
        damaged[middle..].fill(0xff);
        bytes.extend(damaged);
        bytes.extend(packed(b"third"));
        let mut members = Members::new(bytes.as_slice());
        let (mut text, mut faults) = (Vec::new(), 0);
        loop {
            let mut buffer = [0; 7];
            match members.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => text.extend_from_slice(&buffer[..count]),
                Err(_) => faults += 1,
            }
        }
        assert_eq!(faults, 1);
        assert!(text.starts_with(b"first ") && text.ends_with(b"third"), "{text:?}");
    }

    #[test]
    fn bombs_are_not_unpacked() {
        let bomb = packed(&vec![0; 64 << 20]);
        let mut bytes = stream(Box::new(bomb.as_slice()), "bomb.gz", None).expect("opens");
        let error = io::copy(&mut bytes, &mut io::sink()).err().map(|e| e.to_string());
        assert!(error.is_some_and(|e| e.contains("200 times")));
    }

    #[test]
    fn budgets_bound_a_piece_and_not_the_whole() {
        let text = [b'a'; 100];
        let (mut bytes, budget) = budgeted(&text[..], 64, "too much");
        let mut buffer = [0; 60];
        assert_eq!(bytes.read(&mut buffer).ok(), Some(60));
        budget.renew();
        assert_eq!(bytes.read(&mut buffer).ok(), Some(40));
        let (mut bytes, _) = budgeted(&text[..], 64, "too much");
        assert!(bytes.read_to_end(&mut Vec::new()).is_err());
    }
}
