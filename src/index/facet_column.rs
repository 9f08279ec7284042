//! The facet values of a segment's articles, as ordinals in the dictionary of the facet field, with a hash of each
//! value: so a query counts values and tells equal ones of other segments without reading a name.
//!
//! A file of each segment that the engine writes and merges with its own (`facet_plugin`); all numbers little-endian:
//!
//! - article behind article, the ordinals of its values, ascending, each as its distance from the one before, in
//!   seven bits a byte, the lowest first, the top bit set if more follow;
//! - for each article, and once more at the end, where its values start: 4 bytes;
//! - for each ordinal the hash of its value: 8 bytes;
//! - the number of articles, of ordinals and of values: 4 bytes each.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use tantivy::DocId;
use tantivy::InvertedIndexReader;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::TantivyError;
use tantivy::directory::OwnedBytes;
use tantivy::directory::error::OpenReadError;
use tantivy::index::SegmentComponent;
use tantivy::termdict::TermStreamer;

use super::IndexError;

/// Name of the engine's field whose dictionary has the values.
pub(super) const FIELD: &str = "facet";

/// Extension of the file.
pub(super) const EXTENSION: &str = "facets";

/// Bytes of the numbers at the end.
const TRAILER: usize = 12;

/// Bytes of a start.
const START: usize = 4;

/// Bytes of a hash.
const HASH: usize = 8;

/// Facet values by article.
pub struct FacetColumn {
    lists: OwnedBytes,
    starts: OwnedBytes,
    hashes: OwnedBytes,
    articles: u32,
    values: u32,
    inverted: Arc<InvertedIndexReader>,
}

/// Opens the columns of all segments, by their numbers; none if one is gone, as those of segments that were merged since
/// are.
///
/// # Errors
/// If the engine cannot read one, or it is not as long as it says.
pub(super) fn open_all(searcher: &Searcher) -> tantivy::Result<Option<Arc<[FacetColumn]>>> {
    match searcher.segment_readers().iter().map(FacetColumn::open).collect() {
        Err(TantivyError::OpenReadError(OpenReadError::FileDoesNotExist(_))) => Ok(None),
        columns => columns.map(Some),
    }
}

/// Says that a column is gone, and not because of a merge.
pub(super) fn facets_gone(dir: &Path) -> IndexError {
    IndexError::damaged(dir, EXTENSION, "is missing from a segment")
}

impl FacetColumn {
    /// Opens the column of a segment.
    ///
    /// # Errors
    /// If the engine cannot read it, or it is not that of the segment.
    pub(super) fn open(segment: &SegmentReader) -> tantivy::Result<FacetColumn> {
        let file = segment.open_read(SegmentComponent::Custom(EXTENSION.into()))?;
        let inverted = segment.inverted_index(segment.schema().get_field(FIELD)?)?;
        let terms = inverted.terms().num_terms();
        let fits = |column: &FacetColumn| column.articles == segment.max_doc() && column.ordinals() == terms;
        FacetColumn::of(file.read_bytes()?, inverted)
            .filter(fits)
            .ok_or_else(|| TantivyError::InternalError("a facet column does not fit its segment".into()))
    }

    fn of(bytes: OwnedBytes, inverted: Arc<InvertedIndexReader>) -> Option<FacetColumn> {
        let (rest, trailer) = bytes.split_at_checked(bytes.len().checked_sub(TRAILER)?)?;
        let number = |at: usize| number(trailer, at);
        let (articles, ordinals, values) = (number(0)?, number(1)?, number(2)?);
        let hashes = rest.len().checked_sub((ordinals as usize).checked_mul(HASH)?)?;
        let starts = hashes.checked_sub((articles as usize + 1).checked_mul(START)?)?;
        Some(FacetColumn {
            lists: bytes.slice(0..starts),
            starts: bytes.slice(starts..hashes),
            hashes: bytes.slice(hashes..rest.len()),
            articles,
            values,
            inverted,
        })
    }

    /// The number of articles.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    /// The number of ordinals.
    pub fn ordinals(&self) -> usize {
        self.hashes.len() / HASH
    }

    /// The number of values, of all articles.
    pub fn values(&self) -> usize {
        self.values as usize
    }

    /// Hands on the ordinals of an article's values, ascending.
    #[inline]
    pub fn each(&self, doc: DocId, mut visit: impl FnMut(u32)) {
        let (Some(from), Some(to)) =
            (number(&self.starts, doc as usize), number(&self.starts, doc as usize + 1))
        else {
            return;
        };
        let Some(list) = self.lists.get(from as usize..to as usize) else { return };
        let ordinals = self.ordinals() as u32;
        let (mut rest, mut ordinal) = (list, 0_u32);
        while let Some((ahead, after)) = next(rest) {
            rest = after;
            ordinal = ordinal.wrapping_add(ahead);
            // Bytes that are not ours may say anything.
            if ordinal < ordinals {
                visit(ordinal);
            }
        }
    }

    /// The hash of a value, its field aside: equal for equal values of any segment.
    #[inline]
    pub fn hash(&self, ordinal: u32) -> u64 {
        let at = ordinal as usize * HASH;
        let bytes = self.hashes.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// The ordinals of a field's values, which are in a row, in the order of the values.
    ///
    /// # Errors
    /// If the dictionary cannot be read.
    pub fn of_field(&self, field: &str) -> io::Result<Range<u32>> {
        let first = |bound: String| {
            let mut terms = self.inverted.terms().range().ge(bound).without_keys().into_stream()?;
            let first = if terms.advance() { terms.term_ord() as u32 } else { self.ordinals() as u32 };
            io::Result::Ok(first)
        };
        Ok(first(format!("{field}="))?..first(format!("{field}>"))?)
    }

    /// The value of an ordinal, its field aside.
    ///
    /// # Errors
    /// If the dictionary cannot be read.
    pub fn value(&self, ordinal: u32) -> io::Result<String> {
        let mut term = Vec::new();
        self.inverted.terms().ord_to_term(ordinal.into(), &mut term)?;
        let value = term.iter().position(|byte| *byte == b'=').map_or(&term[..0], |at| &term[at + 1..]);
        Ok(String::from_utf8_lossy(value).into_owned())
    }

    /// Streams every value with its field before it (`broker=Russia`) and its ordinal, in the order of the bytes.
    pub(super) fn terms(&self) -> io::Result<TermStreamer<'_>> {
        self.inverted.terms().stream()
    }

    /// Hands on every value with its field before it and its ordinal, in the order of the bytes.
    ///
    /// # Errors
    /// If the dictionary cannot be read.
    pub fn each_term(&self, mut visit: impl FnMut(&[u8], u32)) -> io::Result<()> {
        let mut terms = self.terms()?;
        while terms.advance() {
            visit(terms.key(), terms.term_ord() as u32);
        }
        Ok(())
    }
}

/// The number that bytes begin with, seven bits a byte, and what follows it; most have one byte or two.
#[inline]
fn next(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let low = |byte: u8| u32::from(byte & 0x7f);
    match bytes {
        [a, rest @ ..] if *a < 0x80 => Some((low(*a), rest)),
        [a, b, rest @ ..] if *b < 0x80 => Some((low(*a) | low(*b) << 7, rest)),
        [a, b, c, rest @ ..] if *c < 0x80 => Some((low(*a) | low(*b) << 7 | low(*c) << 14, rest)),
        _ => {
            let (long, end) = (bytes.iter().take(5), bytes.iter().position(|byte| *byte < 0x80)?);
            let number = long.take(end + 1).rev().fold(0_u32, |number, byte| number << 7 | low(*byte));
            Some((number, &bytes[end + 1..]))
        }
    }
}

/// The number at a place in a row of numbers.
#[inline]
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at * START..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// The column while it is made.
pub(super) struct Lists {
    lists: Vec<u8>,
    /// Of the next article, too.
    starts: Vec<u32>,
    values: u32,
}

impl Lists {
    pub fn new() -> Lists {
        Lists { lists: Vec::new(), starts: vec![0], values: 0 }
    }

    /// Adds an article with its ordinals, which ascend.
    ///
    /// # Errors
    /// If there are more bytes or values than 32 bits count.
    pub fn push(&mut self, ordinals: &[u32]) -> io::Result<()> {
        let large = || io::Error::other("a segment has too many facet values");
        self.values = self.values.checked_add(ordinals.len() as u32).ok_or_else(large)?;
        let mut before = 0;
        for ordinal in ordinals {
            let mut ahead = ordinal.wrapping_sub(before);
            before = *ordinal;
            while ahead > 0x7f {
                self.lists.push(ahead as u8 | 0x80);
                ahead >>= 7;
            }
            self.lists.push(ahead as u8);
        }
        self.starts.push(u32::try_from(self.lists.len()).map_err(|_| large())?);
        Ok(())
    }

    /// Writes the column.
    pub fn write(&self, hashes: &[u64], to: &mut dyn io::Write) -> io::Result<()> {
        to.write_all(&self.lists)?;
        for start in &self.starts {
            to.write_all(&start.to_le_bytes())?;
        }
        for hash in hashes {
            to.write_all(&hash.to_le_bytes())?;
        }
        for number in [self.starts.len() as u32 - 1, hashes.len() as u32, self.values] {
            to.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }
}
