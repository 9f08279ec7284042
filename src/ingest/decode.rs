//! Bytes to text: decompression within limits, and the character encoding.

use std::io;
use std::io::Read;

use encoding_rs::Encoding;

use super::LARGEST_FILE;

/// A file may grow this much when decompressed ...
const RATIO: u64 = 200;
/// ... once it has yielded this many bytes.
const RATIO_FROM: u64 = 10 << 20;

/// Text and how it was encoded.
#[derive(Debug)]
pub(super) struct Decoded {
    pub text: String,
}

/// Opens a file, decompressing by its name, within the limits on size and ratio.
pub(super) fn open(file: std::fs::File, name: &str) -> io::Result<Box<dyn Read>> {
    let packed = file.metadata()?.len();
    let name = name.to_ascii_lowercase();
    let buffered = io::BufReader::with_capacity(64 << 10, file);
    let bytes: Box<dyn Read> = if name.ends_with(".gz") {
        Box::new(flate2::bufread::MultiGzDecoder::new(buffered))
    } else if name.ends_with(".zst") {
        Box::new(zstd::stream::read::Decoder::with_buffer(buffered)?)
    } else {
        return Ok(Box::new(Limited { inner: buffered, left: LARGEST_FILE, yielded: 0, packed: None }));
    };
    Ok(Box::new(Limited { inner: bytes, left: LARGEST_FILE, yielded: 0, packed: Some(packed) }))
}

/// Fails rather than yield more than a file may hold.
struct Limited<R> {
    inner: R,
    left: u64,
    yielded: u64,
    packed: Option<u64>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.yielded += count as u64;
        if self.yielded > self.left {
            return Err(io::Error::other(format!("larger than {} GB", LARGEST_FILE >> 30)));
        }
        if self.packed.is_some_and(|packed| self.yielded > RATIO_FROM && self.yielded / packed.max(1) > RATIO)
        {
            return Err(io::Error::other(format!("unpacks to more than {RATIO} times its size: not read")));
        }
        Ok(count)
    }
}

/// Reads and decodes the whole of a file of at most `most` bytes.
pub(super) fn whole(bytes: Box<dyn Read + '_>, most: u64) -> Result<Decoded, String> {
    let mut raw = Vec::new();
    bytes.take(most + 1).read_to_end(&mut raw).map_err(|e| super::describe(&e))?;
    if raw.len() as u64 > most {
        return Err(format!("larger than {} MB: split it, or remove it from the corpus", most >> 20));
    }
    text(raw).map(|text| Decoded { text })
}

/// Decodes by byte-order mark, UTF-8, the page's own word, or what the bytes look like.
pub(super) fn text(raw: Vec<u8>) -> Result<String, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(&raw) {
        return Ok(encoding.decode_without_bom_handling(&raw[mark..]).0.into_owned());
    }
    let wide = utf16_without_mark(&raw);
    if let Some(encoding) = wide {
        return Ok(encoding.decode_without_bom_handling(&raw).0.into_owned());
    }
    if raw[..raw.len().min(8192)].contains(&0) {
        return Err("binary, not text".into());
    }
    let raw = match String::from_utf8(raw) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    let encoding = declared(&raw).unwrap_or_else(|| guessed(&raw));
    Ok(encoding.decode_without_bom_handling(&raw).0.into_owned())
}

/// Every other byte of the start is zero: UTF-16 of a Latin script.
fn utf16_without_mark(raw: &[u8]) -> Option<&'static Encoding> {
    let head = &raw[..raw.len().min(512) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|b| **b == 0).count() * 2;
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 10 > head.len() * 8 && even == 0 {
        Some(encoding_rs::UTF_16LE)
    } else if even * 10 > head.len() * 8 && odd == 0 {
        Some(encoding_rs::UTF_16BE)
    } else {
        None
    }
}

/// `<meta charset=...>` in the first 2 KB.
fn declared(raw: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&raw[..raw.len().min(2048)]).to_ascii_lowercase();
    let after = head.split_once("charset=")?.1.trim_start_matches(['"', '\'', ' ']);
    let label: String =
        after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':')).collect();
    Encoding::for_label(label.as_bytes())
        .filter(|e| *e != encoding_rs::UTF_8 && *e != encoding_rs::UTF_16LE && *e != encoding_rs::UTF_16BE)
}

fn guessed(raw: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(&raw[..raw.len().min(1 << 20)], true);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let read = |raw: &[u8]| text(raw.to_vec());
        assert_eq!(read("Erdoğan".as_bytes()).as_deref(), Ok("Erdoğan"));
        assert_eq!(read(b"\xef\xbb\xbfTruce").as_deref(), Ok("Truce"));
        assert_eq!(read(b"\xff\xfeT\0r\0u\0c\0e\0").as_deref(), Ok("Truce"));
        assert_eq!(read(b"T\0r\0u\0c\0e\0 \0h\0o\0l\0d\0s\0").as_deref(), Ok("Truce holds"));
        assert_eq!(
            read(b"<meta charset=windows-1252>caf\xe9").as_deref(),
            Ok("<meta charset=windows-1252>café")
        );
        assert_eq!(
            read(b"the French caf\xe9 was closed; d\xe9j\xe0 vu").as_deref(),
            Ok("the French café was closed; déjà vu")
        );
        assert_eq!(read(b"PK\x03\x04\0\0\0\0"), Err("binary, not text".into()));
    }
}
