//! Has the engine write and merge the facet column of each segment (`facet_column`) with its own files.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use rustc_hash::FxHashMap;
use tantivy::DocId;
use tantivy::PluginMergeContext;
use tantivy::PluginWriter;
use tantivy::PluginWriterContext;
use tantivy::SegmentPlugin;
use tantivy::TantivyDocument;
use tantivy::directory::TerminatingWrite;
use tantivy::index::Segment;
use tantivy::index::SegmentComponent;
use tantivy::indexer::DocIdMapping;
use tantivy::schema::Field;
use tantivy::schema::Schema;
use tantivy::schema::document::ErasedDocument;
use tantivy::schema::document::Value;
use tantivy::termdict::TermStreamer;

use super::bytes::hash_of;
use super::facet_column::EXTENSION;
use super::facet_column::FIELD;
use super::facet_column::FacetColumn;
use super::facet_column::Lists;

/// No ordinal: a value that no living article has.
const NONE: u32 = u32::MAX;

/// Makes the columns.
pub(super) struct FacetPlugin;

impl SegmentPlugin for FacetPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, context: &PluginWriterContext) -> tantivy::Result<Box<dyn PluginWriter>> {
        let field = context.segment.schema().get_field(FIELD)?;
        let (numbers, values, ends) = (FxHashMap::default(), Vec::new(), Vec::new());
        Ok(Box::new(FacetWriter { field, numbers, values, ends, bytes: 0 }))
    }

    /// Joins the columns of segments: the engine's new dictionary has the values of the living articles, in the order
    /// of their bytes, and the articles stand segment behind segment.
    fn merge(&self, context: PluginMergeContext) -> tantivy::Result<()> {
        let columns = context.readers.iter().map(FacetColumn::open);
        let columns: Vec<FacetColumn> = columns.collect::<Result<_, _>>()?;
        let mut ordinals_of: Vec<Vec<u32>> = Vec::new();
        for (segment, column) in context.readers.iter().zip(&columns) {
            let mut ordinals = vec![NONE; column.ordinals()];
            segment.doc_ids_alive().for_each(|doc| column.each(doc, |o| ordinals[o as usize] = 0));
            ordinals_of.push(ordinals);
        }
        let hashes = renumber(&columns, &mut ordinals_of)?;
        let (mut lists, mut own) = (Lists::new(), Vec::new());
        for ((segment, column), ordinals) in context.readers.iter().zip(&columns).zip(&ordinals_of) {
            for doc in segment.doc_ids_alive() {
                own.clear();
                column.each(doc, |ordinal| own.push(ordinals[ordinal as usize]));
                lists.push(&own)?;
            }
        }
        write(context.target_segment, &lists, &hashes)
    }
}

/// Numbers the values that are in use anew, in the order of their bytes; returns their hashes.
fn renumber(columns: &[FacetColumn], ordinals_of: &mut [Vec<u32>]) -> tantivy::Result<Vec<u64>> {
    let mut terms = columns.iter().map(FacetColumn::terms).collect::<Result<Vec<_>, _>>()?;
    // The next value of each segment, the least on top.
    let mut heap: BinaryHeap<Reverse<(Vec<u8>, usize)>> = BinaryHeap::new();
    for (segment, (terms, ordinals)) in terms.iter_mut().zip(&*ordinals_of).enumerate() {
        if next_used(terms, ordinals) {
            heap.push(Reverse((terms.key().to_vec(), segment)));
        }
    }
    let mut hashes = Vec::new();
    let mut last = Vec::new();
    while let Some(mut top) = heap.peek_mut() {
        let Reverse((term, segment)) = &mut *top;
        let segment = *segment;
        let ordinal = terms[segment].term_ord() as u32;
        if hashes.is_empty() || *term != last {
            hashes.push(columns[segment].hash(ordinal));
            last.clone_from(term);
        }
        ordinals_of[segment][ordinal as usize] = hashes.len() as u32 - 1;
        if next_used(&mut terms[segment], &ordinals_of[segment]) {
            term.clear();
            term.extend(terms[segment].key());
        } else {
            PeekMut::pop(top);
        }
    }
    Ok(hashes)
}

/// Goes to the next value that is in use; tells whether there is one.
fn next_used(terms: &mut TermStreamer<'_>, ordinals: &[u32]) -> bool {
    while terms.advance() {
        if ordinals.get(terms.term_ord() as usize).is_some_and(|ordinal| *ordinal != NONE) {
            return true;
        }
    }
    false
}

fn write(segment: &Segment, lists: &Lists, hashes: &[u64]) -> tantivy::Result<()> {
    let mut file = segment.open_write(SegmentComponent::Custom(EXTENSION.into()))?;
    lists.write(hashes, &mut file)?;
    file.terminate()?;
    Ok(())
}

/// Gathers the values of new articles.
struct FacetWriter {
    field: Field,
    /// Numbers of values in the order in which they came.
    numbers: FxHashMap<Box<str>, u32>,
    /// Article behind article.
    values: Vec<u32>,
    /// Where the values of each article end.
    ends: Vec<usize>,
    /// Of the values' letters.
    bytes: usize,
}

impl PluginWriter for FacetWriter {
    fn add_document(&mut self, _: DocId, document: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        let document = document.as_any().downcast_ref::<TantivyDocument>();
        for value in document.into_iter().flat_map(|document| document.get_all(self.field)) {
            let value = value.as_str().unwrap_or_default();
            let next = self.numbers.len() as u32;
            let number = match self.numbers.get(value) {
                Some(number) => *number,
                None => {
                    self.bytes += value.len();
                    *self.numbers.entry(value.into()).or_insert(next)
                }
            };
            self.values.push(number);
        }
        self.ends.push(self.values.len());
        Ok(())
    }

    fn serialize(self: Box<Self>, segment: &Segment, _: Option<&DocIdMapping>) -> tantivy::Result<()> {
        let mut terms: Vec<(&str, u32)> =
            self.numbers.iter().map(|(term, number)| (&**term, *number)).collect();
        terms.sort_unstable();
        let mut ordinals = vec![0; terms.len()];
        for (ordinal, (_, number)) in terms.iter().enumerate() {
            ordinals[*number as usize] = ordinal as u32;
        }
        let value = |term: &str| hash_of(term.split_once('=').map_or("", |(_, value)| value));
        let hashes: Vec<u64> = terms.iter().map(|(term, _)| value(term)).collect();
        let (mut lists, mut own, mut start) = (Lists::new(), Vec::new(), 0);
        for end in self.ends {
            own.clear();
            own.extend(self.values[start..end].iter().map(|number| ordinals[*number as usize]));
            own.sort_unstable();
            own.dedup();
            lists.push(&own)?;
            start = end;
        }
        write(segment, &lists, &hashes)
    }

    fn mem_usage(&self) -> usize {
        let numbers = self.numbers.capacity() * size_of::<(Box<str>, u32)>();
        numbers
            + self.bytes
            + self.values.capacity() * size_of::<u32>()
            + self.ends.capacity() * size_of::<usize>()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn std::any::Any {
        self
    }
}
