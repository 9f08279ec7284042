//! Reads articles back from the engine's document store.
//!
//! A document stores two values: the text, and as bytes the id, what else there is of the article, and its annotations.
//! The engine would take bytes out one by one, at a fifth of the speed; so the block is searched for the marks that
//! ours begin with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

use tantivy::DocAddress;
use tantivy::Searcher;
use tantivy::store::StoreReader;

use super::IndexError;
use super::encoding::decode;
use super::kept::Kept;
use crate::annotation::Annotations;
use crate::article::Article;

/// Begins the bytes that we store.
const MARK: [u8; 8] = *b"\x00\xffarticl";

/// Begins the text; its length in bytes follows, as so many hexadecimal digits.
const TEXT: &str = "\0text";
const DIGITS: usize = 8;

/// Bytes of the engine that may stand before the mark.
const BEFORE: usize = 64;

/// Blocks of a segment that are kept unpacked.
const BLOCKS: usize = 50;

/// Bytes of articles as they are stored that are kept read: some thousands of articles, and three times as much memory.
const KEPT: usize = 16 << 20;

/// An article and its annotations, shared by the answers that show it.
pub type Shared = (Arc<Article>, Arc<Annotations>);

/// The stores of a searcher's segments, opened when first needed.
pub(super) struct Stores {
    dir: PathBuf,
    searcher: Searcher,
    opened: Vec<OnceLock<StoreReader>>,
    /// The articles that were shown last.
    kept: Kept<DocAddress, Shared>,
}

/// Puts an id before the bytes of an article.
pub(super) fn pack(id: &str, article: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(MARK.len() + 4 + id.len() + article.len());
    out.extend(MARK);
    out.extend((id.len() as u32).to_le_bytes());
    out.extend(id.as_bytes());
    out.extend(article);
    out
}

/// Puts its length before a text.
pub(super) fn pack_text(text: &str) -> String {
    format!("{TEXT}{:0width$x}{text}", text.len(), width = DIGITS)
}

/// Takes the id and the article out of a document.
fn unpack(document: &[u8]) -> Option<(Article, Annotations)> {
    let (length, rest) = behind(document, TEXT.as_bytes())?.split_at_checked(DIGITS)?;
    let length = usize::from_str_radix(std::str::from_utf8(length).ok()?, 16).ok()?;
    let (text, rest) = rest.split_at_checked(length)?;
    let (length, rest) = behind(rest, &MARK)?.split_first_chunk::<4>()?;
    let (id, article) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    decode(article, std::str::from_utf8(id).ok()?, std::str::from_utf8(text).ok()?)
}

/// What stands behind a mark, which the engine puts few bytes before.
fn behind<'d>(bytes: &'d [u8], mark: &[u8]) -> Option<&'d [u8]> {
    let start = bytes.windows(mark.len()).take(BEFORE).position(|bytes| bytes == mark)?;
    bytes.get(start + mark.len()..)
}

impl Stores {
    pub fn new(dir: PathBuf, searcher: &Searcher) -> Stores {
        let opened = searcher.segment_readers().iter().map(|_| OnceLock::new()).collect();
        Stores { dir, searcher: searcher.clone(), opened, kept: Kept::up_to(KEPT) }
    }

    /// Reads an article that is to be shown: whoever asks often sees the same ones again.
    pub fn shared(&self, address: DocAddress) -> Result<Shared, IndexError> {
        if let Some(article) = self.kept.get(&address) {
            return Ok(article);
        }
        let (article, bytes) = self.read(address)?;
        let article = (Arc::new(article.0), Arc::new(article.1));
        self.kept.put(address, article.clone(), bytes);
        Ok(article)
    }

    /// Reads an article and its annotations back.
    pub fn article(&self, address: DocAddress) -> Result<(Article, Annotations), IndexError> {
        Ok(self.read(address)?.0)
    }

    /// Reads an article, and how many bytes it is in the store.
    fn read(&self, address: DocAddress) -> Result<((Article, Annotations), usize), IndexError> {
        let number = address.segment_ord as usize;
        let store = match self.opened[number].get() {
            Some(store) => store,
            None => {
                let opened = self.searcher.segment_readers()[number].get_store_reader(BLOCKS);
                let failed = |source| IndexError::Io { path: self.dir.clone(), source };
                let opened = opened.map_err(failed)?;
                self.opened[number].get_or_init(|| opened)
            }
        };
        let document = store.get_document_bytes(address.doc_id).map_err(IndexError::engine(&self.dir))?;
        let article = unpack(&document).ok_or_else(|| IndexError::Damaged {
            path: self.dir.clone(),
            reason: format!("article {} of segment {number} cannot be read", address.doc_id),
        })?;
        Ok((article, document.len()))
    }
}
