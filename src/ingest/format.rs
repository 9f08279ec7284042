//! The formats, and how a file shows which one it is.

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Plain text, one article a file.
    Text,
    /// Markdown, perhaps with front matter.
    Markdown,
    /// A web page.
    Html,
    /// A page as browsers save it: MIME parts in one file.
    Mhtml,
    /// One JSON value: an article, an array of articles, or a JSON Feed.
    Json,
    /// One JSON article a line.
    Jsonl,
    /// A table with commas, one article a row under a header.
    Csv,
    /// The same with tabs.
    Tsv,
    /// A web archive: WARC, or its forerunner ARC.
    Warc,
    /// RSS, RDF or Atom.
    Feed,
    /// NewsML-G2.
    Newsml,
    /// NITF.
    Nitf,
    /// XML of a kind that holds no articles.
    Xml,
    /// A mailbox, or one letter.
    Mbox,
    /// A ZIP archive of any of these.
    Zip,
    /// A TAR archive of any of these.
    Tar,
}

/// How much of a file is looked at to tell its format.
pub(super) const HEAD: usize = 64 << 10;

impl Format {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Markdown => "Markdown",
            Format::Html => "HTML",
            Format::Mhtml => "MHTML",
            Format::Json => "JSON",
            Format::Jsonl => "JSONL",
            Format::Csv => "CSV",
            Format::Tsv => "TSV",
            Format::Warc => "WARC",
            Format::Feed => "feed",
            Format::Newsml => "NewsML-G2",
            Format::Nitf => "NITF",
            Format::Xml => "XML",
            Format::Mbox => "mail",
            Format::Zip => "ZIP",
            Format::Tar => "TAR",
        }
    }

    /// Tells a format by the file's name, compression aside. XML is told apart by its contents.
    pub fn of_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        if name.ends_with(".tgz") {
            return Some(Format::Tar);
        }
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "txt" | "text" => Some(Format::Text),
            "md" | "markdown" => Some(Format::Markdown),
            "html" | "htm" | "xhtml" | "shtml" => Some(Format::Html),
            "mht" | "mhtml" => Some(Format::Mhtml),
            "json" => Some(Format::Json),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            "csv" => Some(Format::Csv),
            "tsv" | "tab" => Some(Format::Tsv),
            "warc" | "wet" | "arc" => Some(Format::Warc),
            "xml" | "rss" | "atom" | "rdf" | "nitf" | "newsml" => Some(Format::Xml),
            "mbox" | "eml" => Some(Format::Mbox),
            "zip" => Some(Format::Zip),
            "tar" => Some(Format::Tar),
            _ => None,
        }
    }

    /// Tells a format by the first bytes.
    pub fn of_bytes(head: &[u8]) -> Format {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Format::Zip;
        }
        if head.starts_with(b"WARC/") || head.starts_with(b"filedesc://") {
            return Format::Warc;
        }
        if head.get(257..262) == Some(b"ustar".as_slice()) {
            return Format::Tar;
        }
        let text = String::from_utf8_lossy(&head[..head.len().min(2048)]).to_ascii_lowercase();
        let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
        let page = ["<!doctype html", "<html", "<head", "<body"].iter().any(|t| start.starts_with(t));
        match start.chars().next() {
            Some('{') => Format::Jsonl,
            Some('[') if start[1..].trim_start().starts_with('{') => Format::Json,
            Some('<') if start.starts_with("<?xml") && !start.contains("<html") => Format::of_xml(head),
            Some('<') if page || start.contains("<html") => Format::Html,
            Some('<') => match Format::of_xml(head) {
                Format::Xml => Format::Text,
                known => known,
            },
            Some('f') if start.starts_with("from ") && start.contains("\nfrom:") => Format::Mbox,
            _ => Format::Text,
        }
    }

    /// Tells what XML holds by its outermost element.
    pub(super) fn of_xml(head: &[u8]) -> Format {
        let name = root_name(head).unwrap_or_default().to_ascii_lowercase();
        match name.rsplit(':').next().unwrap_or("") {
            "rss" | "rdf" | "feed" | "channel" | "entry" => Format::Feed,
            "nitf" => Format::Nitf,
            "html" => Format::Html,
            "newsitem" | "newsmessage" | "packageitem" | "conceptitem" | "knowledgeitem" | "catalogitem"
            | "planningitem" | "itemset" | "contentset" => Format::Newsml,
            _ => Format::Xml,
        }
    }
}

/// The name of the outermost element, of XML in any encoding that keeps ASCII readable.
pub(super) fn root_name(head: &[u8]) -> Option<String> {
    let ascii: Vec<u8> = head.iter().copied().filter(|b| *b != 0).collect();
    let text = String::from_utf8_lossy(&ascii);
    let mut rest: &str = &text;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")? + 3..];
        } else if rest.starts_with("!DOCTYPE") || rest.starts_with("!doctype") {
            rest = after_doctype(rest)?;
        } else if !rest.starts_with(['?', '!']) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, ':' | '.' | '-' | '_'))
                .collect();
            return (!name.is_empty()).then_some(name);
        }
    }
}

/// What follows a document type, whose own declarations stand in brackets.
fn after_doctype(text: &str) -> Option<&str> {
    let close = text.find('>')?;
    match text.find('[').filter(|open| *open < close) {
        Some(open) => {
            let end = open + text[open..].find(']')?;
            Some(&text[end + text[end..].find('>')? + 1..])
        }
        None => Some(&text[close + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_told_apart_by_its_root() {
        let prolog = "<?xml version='1.0'?><!-- <rss> --><!DOCTYPE x [<!ENTITY a '<nitf>'>]>";
        for (root, format) in [
            ("<rss version='2.0'>", Format::Feed),
            ("<rdf:RDF>", Format::Feed),
            ("<feed>", Format::Feed),
            ("<a:feed>", Format::Feed),
            ("<newsItem>", Format::Newsml),
            ("<nitf>", Format::Nitf),
            ("<opml>", Format::Xml),
        ] {
            assert_eq!(Format::of_xml(format!("{prolog}{root}").as_bytes()), format, "{root}");
            assert_eq!(Format::of_bytes(format!("<?xml version='1.0'?>{root}").as_bytes()), format, "{root}");
        }
        assert_eq!(Format::of_xml(b"<!-- never closed"), Format::Xml);
        assert_eq!(Format::of_bytes(b"<?xml version='1.0'?>\n<!DOCTYPE html><html>"), Format::Html);
    }

    #[test]
    fn names_and_first_bytes_show_a_format() {
        assert_eq!(Format::of_name("CC-NEWS-2020.warc.gz"), Some(Format::Warc));
        assert_eq!(Format::of_name("a.tgz"), Some(Format::Tar));
        assert_eq!(Format::of_name("a.jpg"), None);
        assert_eq!(Format::of_bytes(b"WARC/1.0\r\n"), Format::Warc);
        assert_eq!(Format::of_bytes(b"PK\x03\x04"), Format::Zip);
        assert_eq!(Format::of_bytes(b"From here to the sea"), Format::Text);
    }
}
