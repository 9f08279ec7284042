//! Bytes to text: the character encoding, of a whole text or as it streams.

use std::io;
use std::io::BufRead;
use std::io::Read;

use encoding_rs::CoderResult;
use encoding_rs::Decoder;
use encoding_rs::Encoding;

use super::unpack;

/// Reads and decodes the whole of a file of at most `most` bytes.
pub(super) fn whole(bytes: &mut dyn Read, most: u64) -> Result<String, String> {
    raw(bytes, most).and_then(text)
}

/// Reads the whole of a file of at most `most` bytes.
pub(super) fn raw(bytes: &mut dyn Read, most: u64) -> Result<Vec<u8>, String> {
    let mut raw = Vec::new();
    bytes.take(most + 1).read_to_end(&mut raw).map_err(|e| super::describe(&e))?;
    if raw.len() as u64 > most {
        return Err(format!("larger than {} MB: split it, or remove it from the corpus", most >> 20));
    }
    Ok(raw)
}

/// Decodes by byte-order mark, UTF-8, the page's own word, or what the bytes look like.
pub(super) fn text(raw: Vec<u8>) -> Result<String, String> {
    text_labelled(raw, None)
}

/// The same, of bytes to which somebody gave the name of an encoding; it is believed of what is no UTF-8.
pub(super) fn text_labelled(raw: Vec<u8>, label: Option<&str>) -> Result<String, String> {
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
    let named =
        label.and_then(|l| Encoding::for_label(l.trim().as_bytes())).filter(|e| e.is_ascii_compatible());
    let named = named.filter(|e| *e != encoding_rs::UTF_8).or_else(|| declared(&raw));
    let encoding = named.unwrap_or_else(|| guessed(&raw));
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

/// Decodes a stream to UTF-8 as it goes by; what cannot be decoded is replaced.
pub(super) struct Utf8<R> {
    inner: R,
    decoder: Decoder,
    /// Decoded and not yet taken.
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

/// Bytes looked at to tell the encoding of a stream.
const TELLING: usize = 4096;

impl<R: BufRead> Utf8<R> {
    /// Opens a stream whose encoding shows in its first bytes: a mark, `encoding="..."` of an XML declaration, or what
    /// they look like.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let head = inner.fill_buf()?;
        let head = &head[..head.len().min(TELLING)];
        let encoding = Encoding::for_bom(head).map(|(e, _)| e).or_else(|| utf16_without_mark(head));
        let encoding = encoding.or_else(|| of_xml_declaration(head)).unwrap_or_else(|| {
            let valid = match std::str::from_utf8(head) {
                Ok(_) => true,
                // A character cut by the end of the buffer.
                Err(error) => error.error_len().is_none(),
            };
            if valid { encoding_rs::UTF_8 } else { guessed(head) }
        });
        Ok(Utf8 { inner, decoder: encoding.new_decoder(), ready: Vec::new(), at: 0, ended: false })
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() && !self.ended {
            let bytes = self.inner.fill_buf()?;
            let last = bytes.is_empty();
            self.ready.resize(bytes.len().clamp(1024, 64 << 10) * 3 + 16, 0);
            let (result, read, written, _) = self.decoder.decode_to_utf8(bytes, &mut self.ready, last);
            self.ready.truncate(written);
            self.ended = last && result == CoderResult::InputEmpty;
            self.inner.consume(read);
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        unpack::read_buffered(self, buffer)
    }
}

impl<R: BufRead> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.ready.len() {
            self.refill()?;
        }
        Ok(&self.ready[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

/// `<?xml version="1.0" encoding="..."?>`
fn of_xml_declaration(head: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(&head[..head.len().min(200)]);
    let declaration = text.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let after = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let label = after.split(['"', '\'']).nth(1)?;
    // The declaration could be read, so it is nothing as wide as UTF-16, whatever it says.
    Encoding::for_label(label.trim().as_bytes()).filter(|e| e.is_ascii_compatible())
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

    #[test]
    fn streams_are_decoded_by_mark_or_declaration() {
        let read = |raw: &[u8]| -> Option<String> {
            // In small pieces, so that characters are cut.
            let mut text = String::new();
            Utf8::new(io::BufReader::with_capacity(64, raw)).ok()?.read_to_string(&mut text).ok()?;
            Some(text)
        };
        assert_eq!(
            read(b"<?xml encoding='ISO-8859-1'?>caf\xe9").as_deref(),
            Some("<?xml encoding='ISO-8859-1'?>café")
        );
        assert_eq!(read(b"\xff\xfe<\0a\0>\0").as_deref(), Some("<a>"));
        assert_eq!(read(b"<\0a\0>\0<\0b\0/\0>\0").as_deref(), Some("<a><b/>"));
        let long = "Erdoğan ".repeat(500);
        assert_eq!(read(long.as_bytes()), Some(long));
        assert_eq!(read(b"<?xml encoding='utf-16'?>a\xffb").as_deref(), Some("<?xml encoding='utf-16'?>aÿb"));
    }
}
