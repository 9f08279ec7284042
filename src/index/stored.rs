//! The articles of a file as the index has them, so that new tables need no second reading of the file.

use std::path::PathBuf;

use tantivy::DocAddress;
use tantivy::Searcher;
use tantivy::schema::IndexRecordOption;

use super::IndexError;
use super::IndexFields;
use super::store::Stores;
use crate::article::Article;

/// The last commit, read while the next one is written.
pub struct StoredArticles {
    pub(super) dir: PathBuf,
    pub(super) fields: IndexFields,
    pub(super) searcher: Searcher,
}

impl StoredArticles {
    /// Reads the articles of a file, `count` of them, and hands each on.
    ///
    /// # Errors
    /// If one of them is not there or its bytes are not ours.
    pub fn of_file(&self, key: &str, count: usize, sink: &mut dyn FnMut(Article)) -> Result<(), IndexError> {
        let addresses = self.addresses(key)?;
        if addresses.len() != count {
            let reason = format!("it has {} of the {count} articles of {key}", addresses.len());
            return Err(IndexError::Damaged { path: self.dir.clone(), reason });
        }
        let stores = Stores::new(self.dir.clone(), &self.searcher);
        for address in addresses {
            let (article, _) = stores.article(address)?;
            sink(article);
        }
        Ok(())
    }

    /// The documents of a file that are alive.
    fn addresses(&self, key: &str) -> Result<Vec<DocAddress>, IndexError> {
        let term = tantivy::Term::from_field_text(self.fields.file, key);
        let mut out = Vec::new();
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let failed = IndexError::engine(&self.dir);
            let inverted = segment.inverted_index(self.fields.file).map_err(failed)?;
            let failed = |e: std::io::Error| IndexError::Io { path: self.dir.clone(), source: e };
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic).map_err(failed)?;
            let Some(mut postings) = postings else { continue };
            while tantivy::DocSet::doc(&postings) != tantivy::TERMINATED {
                let doc = tantivy::DocSet::doc(&postings);
                if !segment.is_deleted(doc) {
                    out.push(DocAddress::new(number as u32, doc));
                }
                tantivy::DocSet::advance(&mut postings);
            }
        }
        Ok(out)
    }
}
