//! Marked-up text to paragraphs: what stands between block elements is one paragraph, with single spaces.

use dom_query::NodeRef;

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
    "select",
    "textarea",
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

    /// The paragraphs of a piece of a page, which may be no deeper than a stack is.
    pub fn of_page(node: &NodeRef) -> Flow {
        let mut flow = Flow::default();
        let mut open = String::new();
        flow.nodes(node, BlockKind::Body, &mut open);
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
            self.within(&inner.local().to_ascii_lowercase(), kind, open, |flow, kind, open| {
                flow.element(inner, kind, open);
            });
        }
    }

    fn nodes(&mut self, node: &NodeRef, kind: BlockKind, open: &mut String) {
        let mut next = node.first_child();
        while let Some(child) = next {
            next = child.next_sibling();
            if child.is_text() {
                open.push_str(&child.text());
            } else if let Some(name) = child.node_name() {
                self.within(&name, kind, open, |flow, kind, open| flow.nodes(&child, kind, open));
            } else {
                self.nodes(&child, kind, open);
            }
        }
    }

    /// Goes into an element by what its name says of paragraphs.
    fn within(
        &mut self,
        name: &str,
        kind: BlockKind,
        open: &mut String,
        mut go: impl FnMut(&mut Flow, BlockKind, &mut String),
    ) {
        if SILENT.contains(&name) {
            return;
        }
        if INLINE.contains(&name) {
            return go(self, kind, open);
        }
        // The cells of a row are one line.
        if matches!(name, "td" | "th") {
            open.push(' ');
            return go(self, kind, open);
        }
        self.end(open, kind);
        let kind = if CAPTIONS.contains(&name) { BlockKind::Caption } else { kind };
        go(self, kind, open);
        self.end(open, kind);
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
    use super::*;
    use crate::ingest::xml::Document;

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
