//! What the tests of names share: a short text read as an article.

use crate::annotation::Annotations;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;
use crate::schema::Schema;

/// Annotates paragraphs, the first of which is the headline.
pub(super) fn annotate(text: &str) -> Annotations {
    let mut blocks = Vec::new();
    let mut start = 0;
    for paragraph in text.split("\n\n") {
        let kind = if blocks.is_empty() { BlockKind::Title } else { BlockKind::Body };
        blocks.push(Block { span: Span::new(start, start + paragraph.len()), kind });
        start += paragraph.len() + 2;
    }
    let title = text.split("\n\n").next().unwrap_or_default().to_string();
    let article = Article { text: text.to_string(), title, blocks, ..Article::default() };
    super::annotate(&article, Schema::embedded())
}

/// The names below the headline, each with its kind.
pub(super) fn names(text: &str) -> Vec<(&str, &'static str)> {
    let all = annotate(text).mentions.into_iter();
    all.map(|m| (m.span.of(text), m.kind.name())).collect()
}

/// Checks that a text has names of these kinds, whatever others it has.
pub(super) fn check(text: &str, wanted: &[(&str, &str)]) {
    let found = names(text);
    for pair in wanted {
        assert!(found.iter().any(|f| f == pair), "{pair:?} is not in {found:?}");
    }
}
