//! Marked-up text to paragraphs: what stands between block elements is one paragraph, with single spaces.

use super::xml::Element;
use super::xml::Node;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;

/// Elements that stand in a paragraph and end none.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "alt-code",
    "b",
    "bdo",
    "big",
    "chron",
    "city",
    "cite",
    "classifier",
    "code",
    "copyrite",
    "copyrite.year",
    "copyrite.holder",
    "country",
    "del",
    "em",
    "event",
    "font",
    "frac",
    "function",
    "i",
    "ins",
    "kbd",
    "lang",
    "location",
    "money",
    "num",
    "object.title",
    "org",
    "person",
    "name.given",
    "name.family",
    "postaddr",
    "pronounce",
    "q",
    "region",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "state",
    "strike",
    "strong",
    "sub",
    "sublocation",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "virtloc",
];

/// Elements that hold nothing for people to read, or not the text of the article.
const SILENT: &[&str] = &[
    "script",
    "style",
    "head",
    "header",
    "footer",
    "nav",
    "aside",
    "template",
    "iframe",
    "object",
    "form",
    "button",
    "media-reference",
    "media-metadata",
    "media-producer",
    "nitf-table-metadata",
    "svg",
    "noscript",
];

/// Elements that hold the caption of a picture.
const CAPTIONS: &[&str] = &["figcaption", "media-caption", "caption"];

/// A text and its paragraphs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Flow {
    pub text: String,
    pub blocks: Vec<Block>,
}

impl Flow {
    /// The paragraphs of an element.
    pub fn of(element: &Element) -> Flow {
        let mut flow = Flow::default();
        let mut open = String::new();
        flow.element(element, BlockKind::Body, &mut open);
        flow.end(&mut open, BlockKind::Body);
        flow
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: &str, kind: BlockKind) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.blocks.push(Block { span: Span::new(start, self.text.len()), kind });
    }

    fn element(&mut self, element: &Element, kind: BlockKind, open: &mut String) {
        for node in &element.nodes {
            let inner = match node {
                Node::Text(text) => {
                    open.push_str(text);
                    continue;
                }
                Node::Element(inner) => inner,
            };
            let name = inner.local().to_ascii_lowercase();
            if SILENT.contains(&name.as_str()) {
                continue;
            }
            if INLINE.contains(&name.as_str()) {
                self.element(inner, kind, open);
                continue;
            }
            self.end(open, kind);
            let kind = if CAPTIONS.contains(&name.as_str()) { BlockKind::Caption } else { kind };
            self.element(inner, kind, open);
            self.end(open, kind);
        }
    }

    fn end(&mut self, open: &mut String, kind: BlockKind) {
        let line = super::one_line(open);
        open.clear();
        if !line.is_empty() {
            self.paragraph(&line, kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::xml::Document;
    use super::*;

    #[test]
    fn blocks_are_paragraphs_and_inline_elements_are_not() {
        let text = "<body><header>Menu</header><p>The <b>truce</b>\n held,<br/>she said.</p><ul><li>One</li><li>Two</li></ul>\
            <figure><figcaption>A bridge</figcaption></figure>Loose <person>Ann Ruel</person>.<script>x()</script></body>";
        let mut document = Document::new(Box::new(text.as_bytes())).expect("a document");
        let Ok(Some(body)) = document.next() else { panic!("no element") };
        let flow = Flow::of(&document.rest_of(body).expect("an element"));
        assert_eq!(flow.text, "The truce held,\nshe said.\nOne\nTwo\nA bridge\nLoose Ann Ruel.");
        let captions: Vec<&str> = flow
            .blocks
            .iter()
            .filter(|b| b.kind == BlockKind::Caption)
            .map(|b| b.span.of(&flow.text))
            .collect();
        assert_eq!(captions, ["A bridge"]);
    }
}
