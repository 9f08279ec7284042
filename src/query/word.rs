//! A word scored over the zones of an article as if they were one text.
//!
//! Scores of fields do not add up: a word that is common in texts but rare in headlines would pass for a rare word,
//! and each field would saturate by itself. So the counts are added before they are scored, as in BM25F (Robertson,
//! Zaragoza and Taylor, *Simple BM25 extension to multiple weighted fields*, CIKM 2004) and Lucene's
//! `CombinedFieldQuery`; the zones stay fields of their own in the index, and nothing is indexed twice.

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::Score;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use super::docs::explained;
use super::stem::StemInfos;
use super::stem::StemPostings;
use crate::index::IndexFields;

/// BM25's saturation and its share of length, the usual ones; the engine's phrases use the same.
pub(crate) const K1: f32 = 1.2;
pub(crate) const B: f32 = 0.75;

/// What a word in the text that was set aside counts for, beside one in the article.
pub(crate) const ASIDE: f32 = 0.2;

/// What the headline scores by itself on top, beside the whole article.
pub(crate) const HEADLINE: f32 = 0.3;

/// A zone of an article: a field, and what a word in it counts for.
#[derive(Clone, Copy, Debug)]
struct Zone {
    field: Field,
    count: f32,
}

/// Finds the articles that hold a stem, in any form, anywhere or in one field.
#[derive(Clone, Debug)]
pub(super) struct WordQuery {
    zones: Vec<Zone>,
    stem: String,
    /// What the first zone, the headline, scores on top.
    headline: f32,
}

impl WordQuery {
    pub fn new(fields: &IndexFields, stem: &str) -> WordQuery {
        let zones = [(fields.title, 1.0), (fields.text, 1.0), (fields.boilerplate, ASIDE)];
        let zones = zones.map(|(field, count)| Zone { field, count }).to_vec();
        WordQuery { zones, stem: stem.to_string(), headline: HEADLINE }
    }

    pub fn in_field(field: Field, stem: &str) -> WordQuery {
        WordQuery { zones: vec![Zone { field, count: 1.0 }], stem: stem.to_string(), headline: 0.0 }
    }
}

impl Query for WordQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (mut bm25, mut infos) = (None, Vec::new());
        if let EnableScoring::Enabled { searcher, statistics_provider: statistics } = scoring {
            let articles = statistics.total_num_docs()?;
            let mut known = Bm25 { idf: 0.0, length: 0.0, headline: 0.0 };
            let mut holders = 0;
            for (at, zone) in self.zones.iter().enumerate() {
                let mean = statistics.total_num_tokens(zone.field)? as f32 / articles.max(1) as f32;
                known.length += zone.count * mean;
                if at == 0 {
                    known.headline = mean;
                }
                // No zone has more holders than the whole article, and one of them nearly as many.
                let found = StemInfos::look_up(searcher, zone.field, &self.stem)?;
                holders = holders.max(found.holders);
                infos.push(found);
            }
            known.idf = rarity(holders, articles);
            bm25 = Some(known);
        }
        Ok(Box::new(WordWeight { query: self.clone(), bm25, infos }))
    }
}

/// The inverse document frequency: never negative, so that a word that most articles hold still tells them apart a little.
pub(crate) fn rarity(holders: u64, articles: u64) -> f32 {
    let (holders, articles) = (holders as f32, articles as f32);
    (1.0 + (articles - holders + 0.5) / (holders + 0.5)).ln()
}

/// What the scores of a word have in common over all articles.
#[derive(Clone, Copy)]
pub(super) struct Bm25 {
    idf: f32,
    /// Mean length of an article, in words that count.
    length: f32,
    /// Mean length of a headline, in words.
    headline: f32,
}

impl Bm25 {
    /// A count, saturated the sooner the shorter the text is; from 0 to 1 + K1.
    pub(super) fn saturated(count: f32, length: f32, mean: f32) -> f32 {
        (1.0 + K1) * count / (count + K1 * (1.0 - B + B * length / mean.max(1.0)))
    }
}

struct WordWeight {
    query: WordQuery,
    /// None if only the matches are asked for.
    bm25: Option<Bm25>,
    /// Where the stem stands in each zone, if that is known already.
    infos: Vec<StemInfos>,
}

impl Weight for WordWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let option =
            if self.bm25.is_some() { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
        let mut zones = Vec::with_capacity(self.query.zones.len());
        for (at, zone) in self.query.zones.iter().enumerate() {
            let postings = match self.infos.get(at) {
                Some(infos) => infos.postings(reader, option)?,
                None => StemPostings::open(reader, zone.field, &self.query.stem, option)?,
            };
            zones.push(ZoneScorer { postings, lengths: lengths(reader, zone.field)?, count: zone.count });
        }
        let headline = self.query.headline;
        let mut scorer = WordScorer { doc: TERMINATED, zones, headline, bm25: self.bm25, boost };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explained(self, reader, doc, "BM25 of a word over all zones")
    }
}

/// The lengths of a field's texts; a segment in which no article has it may have none.
pub(super) fn lengths(reader: &SegmentReader, field: Field) -> tantivy::Result<FieldNormReader> {
    let known = reader.fieldnorms_readers().get_field(field)?;
    Ok(known.unwrap_or_else(|| FieldNormReader::constant(reader.max_doc(), 0)))
}

struct ZoneScorer {
    postings: StemPostings,
    lengths: FieldNormReader,
    count: f32,
}

/// Walks the zones side by side.
struct WordScorer {
    /// The least that a zone stands at.
    doc: DocId,
    zones: Vec<ZoneScorer>,
    headline: f32,
    bm25: Option<Bm25>,
    boost: Score,
}

impl WordScorer {
    fn settle(&mut self) -> DocId {
        self.doc = self.zones.iter().map(|z| z.postings.doc()).min().unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for WordScorer {
    fn advance(&mut self) -> DocId {
        for zone in &mut self.zones {
            if zone.postings.doc() == self.doc {
                zone.postings.advance();
            }
        }
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for zone in &mut self.zones {
            if zone.postings.doc() < target {
                zone.postings.seek(target);
            }
        }
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.zones.iter().map(|z| z.postings.size_hint()).max().unwrap_or(0)
    }
}

impl Scorer for WordScorer {
    fn score(&mut self) -> Score {
        let Some(bm25) = self.bm25 else { return self.boost };
        let (mut count, mut length, mut headline) = (0.0, 0.0, 0.0);
        for (at, zone) in self.zones.iter().enumerate() {
            let words = zone.lengths.fieldnorm(self.doc) as f32;
            length += zone.count * words;
            if zone.postings.doc() == self.doc {
                let times = zone.postings.times() as f32;
                count += zone.count * times;
                if at == 0 {
                    headline = self.headline * Bm25::saturated(times, words, bm25.headline);
                }
            }
        }
        // In this order a score is the same if it is kept and weighed later.
        self.boost * (bm25.idf * (Bm25::saturated(count, length, bm25.length) + headline))
    }
}
