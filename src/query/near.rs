//! Words near each other: found by their places, whatever the engine makes of slop.

use tantivy::DocAddress;
use tantivy::DocSet;
use tantivy::Searcher;
use tantivy::TERMINATED;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use super::QueryError;
use super::deadline::Deadline;
use super::engine;
use super::stem::StemPostings;

/// Finds the articles in which the words stand as in a phrase, moved by up to `slop` places all together: the
/// difference between the greatest and the least shift of a word (as Lucene counts it).
pub(super) fn near(
    searcher: &Searcher,
    field: Field,
    words: &[String],
    slop: u32,
    deadline: &Deadline,
) -> Result<Vec<DocAddress>, QueryError> {
    let mut found = Vec::new();
    let mut steps = deadline.steps();
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        let open = |stem| StemPostings::open(segment, field, stem, IndexRecordOption::WithFreqsAndPositions);
        let mut postings: Vec<StemPostings> =
            words.iter().map(|word| open(word)).collect::<Result<_, _>>().map_err(engine)?;
        let mut doc = postings[0].doc();
        while doc != TERMINATED && steps.go_on() {
            let next = postings.iter_mut().map(|p| if p.doc() < doc { p.seek(doc) } else { p.doc() }).max();
            match next {
                Some(same) if same == doc => {
                    if are_near(&mut postings, slop) {
                        found.push(DocAddress::new(number as u32, doc));
                    }
                    doc = postings[0].advance();
                }
                Some(later) => doc = later,
                None => break,
            }
        }
    }
    Ok(found)
}

/// Looks for places, one a word, whose shifts differ by no more than the slop.
fn are_near(postings: &mut [StemPostings], slop: u32) -> bool {
    let mut shifts: Vec<(i64, usize)> = Vec::new();
    let mut places = Vec::new();
    for (word, postings) in postings.iter_mut().enumerate() {
        postings.places(&mut places);
        shifts.extend(places.iter().map(|place| (i64::from(*place) - word as i64, word)));
    }
    shifts.sort_unstable();
    has_window(&shifts, postings.len(), i64::from(slop))
}

/// Tells whether a run of sorted shifts no wider than the slop holds every word.
fn has_window(shifts: &[(i64, usize)], words: usize, slop: i64) -> bool {
    let mut inside = vec![0_u32; words];
    let (mut from, mut distinct) = (0, 0);
    for (shift, word) in shifts {
        distinct += usize::from(inside[*word] == 0);
        inside[*word] += 1;
        while shift - shifts[from].0 > slop {
            let left = shifts[from].1;
            inside[left] -= 1;
            distinct -= usize::from(inside[left] == 0);
            from += 1;
        }
        if distinct == words {
            return true;
        }
    }
    false
}
