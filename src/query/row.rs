//! Words in a row, each in any of its forms.
//!
//! The engine's phrases take one term a place; here a place takes all forms of a stem.

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::Score;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::EmptyScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use super::deadline::Deadline;
use super::deadline::Steps;
use super::docs::explained;
use super::stem::StemInfos;
use super::stem::StemPostings;
use super::word::Bm25;
use super::word::lengths;
use super::word::rarity;

/// Finds the articles that have stems in a row in a field; scored as one word that is as rare as all of them together.
#[derive(Clone, Debug)]
pub(super) struct RowQuery {
    field: Field,
    stems: Vec<String>,
    deadline: Deadline,
}

impl RowQuery {
    pub fn new(field: Field, stems: &[String], deadline: &Deadline) -> RowQuery {
        RowQuery { field, stems: stems.to_vec(), deadline: deadline.clone() }
    }
}

impl Query for RowQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let (mut bm25, mut infos) = (None, Vec::new());
        if let EnableScoring::Enabled { searcher, statistics_provider: statistics } = scoring {
            let articles = statistics.total_num_docs()?;
            let mut rare = 0.0;
            for stem in &self.stems {
                let found = StemInfos::look_up(searcher, self.field, stem)?;
                rare += rarity(found.holders, articles);
                infos.push(found);
            }
            let mean = statistics.total_num_tokens(self.field)? as f32 / articles.max(1) as f32;
            bm25 = Some((rare, mean));
        }
        Ok(Box::new(RowWeight { query: self.clone(), bm25, infos }))
    }
}

struct RowWeight {
    query: RowQuery,
    /// How rare the words are, and how long a text is; none if only the matches are asked for.
    bm25: Option<(f32, f32)>,
    /// Where each word stands, if that is known already.
    infos: Vec<StemInfos>,
}

impl Weight for RowWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let RowQuery { field, stems, deadline } = &self.query;
        let mut words = Vec::with_capacity(stems.len());
        for (place, stem) in stems.iter().enumerate() {
            let option = IndexRecordOption::WithFreqsAndPositions;
            let postings = match self.infos.get(place) {
                Some(infos) => infos.postings(reader, option)?,
                None => StemPostings::open(reader, *field, stem, option)?,
            };
            if postings.doc() == TERMINATED {
                return Ok(Box::new(EmptyScorer));
            }
            words.push(Word { place: place as u32, postings, places: Vec::new() });
        }
        // The rarest leads.
        words.sort_by_key(|word| word.postings.size_hint());
        let lengths = lengths(reader, *field)?;
        let mut scorer =
            RowScorer { doc: 0, words, times: 0, lengths, bm25: self.bm25, boost, steps: deadline.steps() };
        scorer.find();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explained(self, reader, doc, "BM25 of words in a row")
    }
}

/// A word of the row: its place there, its postings, and room for its places in the article.
struct Word {
    place: u32,
    postings: StemPostings,
    places: Vec<u32>,
}

struct RowScorer {
    doc: DocId,
    /// The rarest first.
    words: Vec<Word>,
    /// How often the row stands in the article.
    times: u32,
    lengths: FieldNormReader,
    bm25: Option<(f32, f32)>,
    boost: Score,
    steps: Steps,
}

impl RowScorer {
    /// Goes to the next article with the row, from where the words stand.
    fn find(&mut self) -> DocId {
        while let Some(doc) = self.next_with_all() {
            self.doc = doc;
            self.times = self.count();
            if self.times > 0 {
                return doc;
            }
            if !self.steps.go_on() {
                break;
            }
            self.words[0].postings.advance();
        }
        self.doc = TERMINATED;
        TERMINATED
    }

    /// The next article that has all words.
    fn next_with_all(&mut self) -> Option<DocId> {
        let mut doc = self.words[0].postings.doc();
        'next: while doc != TERMINATED {
            for at in 1..self.words.len() {
                let postings = &mut self.words[at].postings;
                let found = if postings.doc() < doc { postings.seek(doc) } else { postings.doc() };
                if found > doc {
                    doc = self.words[0].postings.seek(found);
                    continue 'next;
                }
            }
            return Some(doc);
        }
        None
    }

    /// Counts how often the words stand in a row in the article.
    fn count(&mut self) -> u32 {
        for word in &mut self.words {
            word.postings.places(&mut word.places);
        }
        let Some((first, others)) = self.words.split_first() else { return 0 };
        let stands =
            |start: u32| others.iter().all(|word| word.places.binary_search(&(start + word.place)).is_ok());
        let starts = first.places.iter().filter_map(|place| place.checked_sub(first.place));
        starts.filter(|start| stands(*start)).count() as u32
    }
}

impl DocSet for RowScorer {
    fn advance(&mut self) -> DocId {
        self.words[0].postings.advance();
        self.find()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        self.words[0].postings.seek(target);
        self.find()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        // One article in ten that has all words has them in a row, as the engine reckons too.
        self.words[0].postings.size_hint() / 10
    }
}

impl Scorer for RowScorer {
    fn score(&mut self) -> Score {
        let Some((rare, mean)) = self.bm25 else { return self.boost };
        let length = self.lengths.fieldnorm(self.doc) as f32;
        // In this order a score is the same if it is kept and weighed later.
        self.boost * (rare * Bm25::saturated(self.times as f32, length, mean))
    }
}
