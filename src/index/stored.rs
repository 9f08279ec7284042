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
    /// Reads the articles of some ids, and hands each on.
    ///
    /// # Errors
    /// If one of them is not there or its bytes are not ours.
    pub fn each(&self, ids: &[String], sink: &mut dyn FnMut(Article)) -> Result<(), IndexError> {
        let stores = Stores::new(self.dir.clone(), &self.searcher);
        for id in ids {
            let address = self.address(id)?.ok_or_else(|| {
                let reason = format!("it has no article {id}");
                IndexError::Damaged { path: self.dir.clone(), reason }
            })?;
            let (article, _) = stores.article(address)?;
            sink(article);
        }
        Ok(())
    }

    /// The document of an id that is alive.
    fn address(&self, id: &str) -> Result<Option<DocAddress>, IndexError> {
        let term = self.fields.article_term(id);
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let failed = IndexError::engine(&self.dir);
            let inverted = segment.inverted_index(self.fields.tie).map_err(failed)?;
            let failed = |e: std::io::Error| IndexError::Io { path: self.dir.clone(), source: e };
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic).map_err(failed)?;
            let Some(mut postings) = postings else { continue };
            while tantivy::DocSet::doc(&postings) != tantivy::TERMINATED {
                let doc = tantivy::DocSet::doc(&postings);
                if !segment.is_deleted(doc) {
                    return Ok(Some(DocAddress::new(number as u32, doc)));
                }
                tantivy::DocSet::advance(&mut postings);
            }
        }
        Ok(None)
    }
}
