//! An article as it was read: text, layout and where it came from. Plain data, no judgement of its content.

use serde::Deserialize;
use serde::Serialize;

use crate::calendar::PartialDate;

/// A range of bytes in [`Article::text`]; both ends lie on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span of two byte offsets.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, end: end as u32 }
    }

    /// Returns the bytes it covers.
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start as usize..self.end as usize]
    }

    /// Tells whether the two share a byte.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// What a block of text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BlockKind {
    /// The headline.
    Title,
    /// A paragraph of the article.
    Body,
    /// A picture's caption.
    Caption,
    /// Navigation, credits, links to other articles: never a fact, hardly a hit.
    Boilerplate,
}

/// A paragraph, heading or line of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it stands.
    pub span: Span,
    /// What it is for.
    pub kind: BlockKind,
}

/// How a publication date was found, most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A field of a JSON record.
    Record,
    /// Page metadata (JSON-LD, `article:published_time`, `<time>`).
    Metadata,
    /// A stamp in the first lines.
    Header,
    /// The URL or the path.
    Url,
    /// The dateline of an agency report.
    Dateline,
    /// The newest full date in the text.
    Text,
    /// The file's time of change; only when asked for.
    FileTime,
}

impl Method {
    /// Returns the name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Method::Record => "record",
            Method::Metadata => "metadata",
            Method::Header => "header",
            Method::Url => "url",
            Method::Dateline => "dateline",
            Method::Text => "text",
            Method::FileTime => "file_time",
        }
    }
}

/// A publication date: the day that the source printed, in its own time zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// As precise as the source is.
    pub date: PartialDate,
    /// How it was found.
    pub method: Method,
    /// From 0 to 1.
    pub confidence: f32,
}

/// One news article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Article {
    /// Unique in an index; from the record or a hash of path and record number.
    pub id: String,
    /// The headline; empty if none was found.
    pub title: String,
    /// The whole text as read.
    pub text: String,
    /// Paragraphs in order, not overlapping; what lies between them is white space.
    pub blocks: Vec<Block>,
    /// When it was published, if that is known.
    pub published: Option<Published>,
    /// Where it was published on the web.
    pub url: Option<String>,
    /// Who published it.
    pub source: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Parts of the paper and topics that its publisher puts it under.
    pub sections: Vec<String>,
    /// ISO 639-1 code of its language.
    pub language: Option<String>,
    /// The file it was read from, as given or found.
    pub path: String,
    /// Its number in a file of many records, from 1.
    pub record: Option<u32>,
}

impl Article {
    /// Lists the paragraphs and captions: the article's own text, without its headline.
    pub fn paragraphs(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|b| matches!(b.kind, BlockKind::Body | BlockKind::Caption))
    }

    /// Lists the spans set aside as boilerplate.
    pub fn boilerplate(&self) -> impl Iterator<Item = Span> + '_ {
        self.blocks.iter().filter(|b| b.kind == BlockKind::Boilerplate).map(|b| b.span)
    }

    /// Tells whether the title stands in the text, so that reading the text reads the title.
    pub fn title_in_text(&self) -> bool {
        self.title.is_empty()
            || self.blocks.iter().any(|b| b.kind == BlockKind::Title)
            || self.text.contains(&self.title)
    }
}
