//! An answer of a web server as an archive keeps it: status, headers, and a body that may be in chunks and compressed.

use std::io::Read;

use super::LARGEST_ARTICLE;

/// An answer of a server.
#[derive(Debug, PartialEq)]
pub(super) struct Response<'a> {
    pub status: u16,
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Response<'a> {
    /// Reads an answer; none if it does not begin as one.
    pub fn of(bytes: &'a [u8]) -> Option<Response<'a>> {
        let (line, mut rest) = line(bytes)?;
        let status = line.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
        let mut headers: Vec<(String, String)> = Vec::new();
        while let Some((text, after)) = line_of_head(rest) {
            rest = after;
            if text.is_empty() {
                break;
            }
            if let (true, Some((_, value))) = (text.starts_with([' ', '\t']), headers.last_mut()) {
                value.push(' ');
                value.push_str(text.trim());
            } else if let Some((name, value)) = text.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_string()));
            }
        }
        Some(Response { status, headers, body: rest })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body without chunks and compression; what claims to have them and has not is taken as it is.
    ///
    /// # Errors
    /// If it is larger than an article may be, or compressed in a way that is not known.
    pub fn body(&self) -> Result<Vec<u8>, String> {
        let has =
            |name: &str, word: &str| self.header(name).is_some_and(|v| v.to_ascii_lowercase().contains(word));
        let joined = if has("transfer-encoding", "chunked") { without_chunks(self.body) } else { None };
        let body: &[u8] = joined.as_deref().unwrap_or(self.body);
        let encoding = self.header("content-encoding").unwrap_or("").trim().to_ascii_lowercase();
        let unpacked = match encoding.rsplit(',').next().unwrap_or("").trim() {
            "" | "identity" | "none" | "utf-8" | "utf8" => None,
            "gzip" | "x-gzip" => Some(unpack(flate2::read::MultiGzDecoder::new(body))),
            "deflate" => {
                let wrapped = unpack(flate2::read::ZlibDecoder::new(body));
                // Many servers send the bare stream.
                Some(wrapped.or_else(|_| unpack(flate2::read::DeflateDecoder::new(body))))
            }
            "br" => Some(unpack(brotli_decompressor::Decompressor::new(body, 4096))),
            "zstd" => {
                Some(zstd::stream::read::Decoder::new(body).map_err(|e| e.to_string()).and_then(unpack))
            }
            other => return Err(format!("compressed as `{other}`, which is not known")),
        };
        match unpacked {
            Some(Ok(bytes)) => limited(bytes),
            // Crawlers keep the header of a body that they have unpacked already.
            Some(Err(_)) | None => limited(body.to_vec()),
        }
    }
}

fn limited(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.len() as u64 > LARGEST_ARTICLE {
        return Err(format!("a page of more than {} MB", LARGEST_ARTICLE >> 20));
    }
    Ok(bytes)
}

/// What a decoder yields, up to one byte more than an article may have. A stream that breaks off keeps what came.
fn unpack(decoder: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match decoder.take(LARGEST_ARTICLE + 1).read_to_end(&mut bytes) {
        Err(e) if bytes.is_empty() => Err(e.to_string()),
        _ => Ok(bytes),
    }
}

/// Joins the chunks of a body; none if it has no chunks. A chunk that is cut short is taken as far as it goes.
fn without_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let Some((line, after)) = line(rest) else { return (!out.is_empty()).then_some(out) };
        let digits = line.split(';').next().unwrap_or("").trim();
        let Ok(size) = usize::from_str_radix(digits, 16) else { return (!out.is_empty()).then_some(out) };
        if size == 0 {
            return Some(out);
        }
        let chunk = &after[..size.min(after.len())];
        out.extend_from_slice(chunk);
        rest = &after[chunk.len()..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
}

/// A short line and what follows it.
fn line(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().take(8192).position(|b| *b == b'\n')?;
    let line = String::from_utf8_lossy(&bytes[..end]);
    Some((line.trim_end_matches('\r').to_string(), &bytes[end + 1..]))
}

/// A line of the head; headers may be long.
fn line_of_head(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = bytes.iter().take(256 << 10).position(|b| *b == b'\n')?;
    let line = String::from_utf8_lossy(&bytes[..end]);
    Some((line.trim_end_matches('\r').to_string(), &bytes[end + 1..]))
}

/// A media type without its parameters, in lower case, and its `charset`.
pub(super) fn media_type(value: &str) -> (String, Option<String>) {
    let mut parts = value.split(';');
    let kind = parts.next().unwrap_or("").trim().to_ascii_lowercase();
    let charset = parts.find_map(|p| {
        let (name, value) = p.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches(['"', '\'']).to_string())
    });
    (kind, charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(head: &str, body: &[u8]) -> Result<String, String> {
        let bytes = [format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes(), body].concat();
        let response = Response::of(&bytes).ok_or("no answer")?;
        Ok(String::from_utf8_lossy(&response.body()?).into_owned())
    }

    #[test]
    fn chunks_are_joined() {
        let chunked = "Transfer-Encoding: chunked\r\n";
        assert_eq!(body(chunked, b"4\r\nThe \r\n5;x=y\r\ntruce\r\n0\r\n\r\n").as_deref(), Ok("The truce"));
        assert_eq!(body(chunked, b"<html>no chunks").as_deref(), Ok("<html>no chunks"));
        assert_eq!(body(chunked, b"ffff\r\ncut short").as_deref(), Ok("cut short"));
    }

    #[test]
    fn bodies_are_unpacked_or_taken_as_they_are() {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"The truce").expect("packs");
        let packed = packer.finish().expect("packs");
        assert_eq!(body("Content-Encoding: gzip\r\n", &packed).as_deref(), Ok("The truce"));
        assert_eq!(body("Content-Encoding: gzip\r\n", b"The truce").as_deref(), Ok("The truce"));
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"The truce").expect("packs");
        assert_eq!(
            body("Content-Encoding: deflate\r\n", &packer.finish().expect("packs")).as_deref(),
            Ok("The truce")
        );
        assert!(body("Content-Encoding: rot13\r\n", b"x").is_err());
        assert_eq!(Response::of(b"GET / HTTP/1.0\r\n\r\n"), None);
    }
}
