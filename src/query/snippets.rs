//! Pieces of an article around the words that were searched, and the sentences behind its roles.

use super::plan::RoleFilter;
use super::results::Evidence;
use super::results::Snippet;
use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::annotation::Status;
use crate::article::Article;
use crate::article::BlockKind;
use crate::index;
use crate::index::NewsTokenizer;

/// Bytes of a snippet, about.
const LENGTH: usize = 240;

/// Snippets of a hit.
const MOST: usize = 2;

/// A place in the text where a term stands.
struct Occurrence {
    term: usize,
    start: usize,
    end: usize,
}

/// Cuts the pieces of an article that hold most of the terms; its lead if there are no terms.
pub(super) fn snippets(article: &Article, terms: &[String], tokenizer: &NewsTokenizer) -> Vec<Snippet> {
    let bodies = || article.blocks.iter().filter(|b| matches!(b.kind, BlockKind::Body | BlockKind::Caption));
    let mut windows: Vec<(usize, Snippet)> = Vec::new();
    if !terms.is_empty() {
        for block in bodies() {
            let text = block.span.of(&article.text);
            let found = occurrences(text, terms, tokenizer);
            if let Some((distinct, snippet)) = best_window(text, &found) {
                windows.push((distinct, snippet));
            }
        }
    }
    windows.sort_by_key(|w| std::cmp::Reverse(w.0));
    if windows.is_empty() {
        let lead = bodies().next().map(|b| cut(b.span.of(&article.text), 0, &[]));
        return lead.into_iter().collect();
    }
    windows.into_iter().take(MOST).map(|(_, s)| s).collect()
}

fn occurrences(text: &str, terms: &[String], tokenizer: &NewsTokenizer) -> Vec<Occurrence> {
    let mut found = Vec::new();
    index::each_token(tokenizer, text, |token, start, end| {
        if let Some(term) = terms.iter().position(|t| t == token) {
            found.push(Occurrence { term, start, end });
        }
    });
    found
}

/// The window with the most different terms, the earliest of equals.
fn best_window(text: &str, found: &[Occurrence]) -> Option<(usize, Snippet)> {
    let distinct = |from: usize| {
        let mut terms: Vec<usize> = found[from..]
            .iter()
            .take_while(|o| o.end <= found[from].start + LENGTH)
            .map(|o| o.term)
            .collect();
        terms.sort_unstable();
        terms.dedup();
        terms.len()
    };
    let best = (0..found.len()).max_by_key(|i| (distinct(*i), std::cmp::Reverse(*i)))?;
    let spans: Vec<(usize, usize)> = found.iter().map(|o| (o.start, o.end)).collect();
    Some((distinct(best), cut(text, found[best].start, &spans)))
}

/// Cuts a piece around a byte, at word boundaries, with an ellipsis where text is left out.
fn cut(text: &str, around: usize, spans: &[(usize, usize)]) -> Snippet {
    let mut from = if text.len() <= LENGTH + 60 { 0 } else { around.saturating_sub(70) };
    from = boundary(text, from);
    let mut to = boundary(text, (from + LENGTH).min(text.len()));
    if text.len() <= LENGTH + 60 {
        to = text.len();
    }
    let mut out = String::new();
    let mut highlights: Vec<(usize, usize)> = Vec::new();
    if from > 0 {
        out.push_str("… ");
    }
    // White space is folded, so that a snippet is one line; offsets follow.
    let mut space = true;
    let mut open = None;
    for (at, c) in text[from..to].char_indices().map(|(i, c)| (i + from, c)) {
        if let Some(span) = spans.iter().find(|s| s.0 == at && s.1 <= to) {
            open = Some((out.len(), span.1));
        }
        if c.is_whitespace() {
            if !space {
                out.push(' ');
            }
            space = true;
        } else {
            out.push(c);
            space = false;
        }
        if let Some((start, end)) = open
            && at + c.len_utf8() >= end
        {
            if highlights.last().is_none_or(|h| h.1 <= start) {
                highlights.push((start, out.len()));
            }
            open = None;
        }
    }
    let mut text_out = out.trim_end().to_string();
    if to < text.len() {
        text_out.push_str(" …");
    }
    Snippet { text: text_out, highlights }
}

/// The start of the word that a byte stands in.
fn boundary(text: &str, mut at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    while at > 0 && !(text.is_char_boundary(at) && text[..at].ends_with(char::is_whitespace)) {
        at -= 1;
    }
    at
}

/// The sentences of the events that give an article the roles that were asked for.
pub(super) fn evidence(article: &Article, annotations: &Annotations, roles: &[RoleFilter]) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    for filter in roles {
        let (role, state) = filter.field.split_once('.').unwrap_or((&filter.field, ""));
        for event in annotations.events.iter().filter(|e| is_in_state(e, state)) {
            let asked = |name: &str| filter.values.is_empty() || filter.values.iter().any(|v| v == name);
            for name in event.names(role).filter(|n| asked(n)) {
                let known = out.iter().filter(|e| e.field == filter.field && e.value == name).count();
                let sentence = event.sentence_of(article);
                if known < 2
                    && !out
                        .iter()
                        .any(|e| e.sentence == sentence && e.value == name && e.field == filter.field)
                {
                    let (value, rule, confidence) = (name.to_string(), event.rule.clone(), event.confidence);
                    out.push(Evidence { field: filter.field.clone(), value, sentence, rule, confidence });
                }
            }
        }
    }
    out
}

fn is_in_state(event: &Event, state: &str) -> bool {
    match state {
        "any" => true,
        "background" => event.background,
        "" => !event.background && event.status == Status::Asserted,
        status => !event.background && event.status.name() == status,
    }
}
