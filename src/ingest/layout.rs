//! The lines and paragraphs of a text.

use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;

/// Cuts a text into blocks: paragraphs of joined lines if its lines are wrapped by hand, else its lines.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let lines = lines(text);
    let wrapped = is_wrapped(text, &lines);
    let mut blocks: Vec<Block> = Vec::new();
    let mut previous: Option<(usize, usize)> = None;
    for (number, start, end) in lines {
        let joins = wrapped
            && previous.is_some_and(|(line, at)| {
                line + 1 == number && !ends_block(&text[..at]) && !starts_block(&text[start..end])
            });
        match blocks.last_mut() {
            Some(block) if joins => block.span.end = end as u32,
            _ => blocks.push(Block { span: Span::new(start, end), kind: BlockKind::Body }),
        }
        previous = Some((number, end));
    }
    blocks
}

/// The lines that hold anything: number, first and last byte without the white space around.
fn lines(text: &str) -> Vec<(usize, usize, usize)> {
    let mut out = Vec::new();
    let mut start = 0;
    for (number, line) in text.split('\n').enumerate() {
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            let from = start + (line.len() - line.trim_start().len());
            out.push((number, from, from + trimmed.len()));
        }
        start += line.len() + 1;
    }
    out
}

/// Lines that stand together and go on in lower case were broken to fit a page.
fn is_wrapped(text: &str, lines: &[(usize, usize, usize)]) -> bool {
    let neighbours: Vec<_> = lines.windows(2).filter(|w| w[0].0 + 1 == w[1].0).collect();
    let long = lines.iter().filter(|(_, a, b)| b - a > 110).count();
    let goes_on = |w: &&&[(usize, usize, usize)]| {
        let open = !text[..w[0].2].ends_with(['.', '"', '”', ':', '?', '!']);
        open && text[w[1].1..].starts_with(char::is_lowercase)
    };
    let broken = neighbours.iter().filter(goes_on).count();
    broken >= 2 && broken * 5 >= neighbours.len() * 2 && long * 20 <= lines.len()
}

/// A bulleted or dashed line stands for itself.
fn ends_block(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or(before).trim_start();
    line.starts_with("-- ")
}

fn starts_block(line: &str) -> bool {
    line.starts_with(['*', '•', '>']) || line.starts_with("- ") || line.starts_with("-- ") || line == "--"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        blocks(text).iter().map(|b| b.span.of(text)).collect()
    }

    #[test]
    fn a_line_is_a_paragraph() {
        assert_eq!(cut("Truce holds\n\nOne.\n  Two.  \n\n"), ["Truce holds", "One.", "Two."]);
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let text = "-- Truce holds\n-- \n\nOne line that was\nbroken where the page\nended, and so on\nto the end.\n\nNext.";
        assert_eq!(
            cut(text),
            [
                "-- Truce holds",
                "--",
                "One line that was\nbroken where the page\nended, and so on\nto the end.",
                "Next."
            ]
        );
    }
}
