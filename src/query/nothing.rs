//! Why nothing matched: which word or filter emptied the answer, and what is nearest to it.

use super::QueryError;
use super::ast::Node;
use super::plan::Notes;
use super::remarks::Counting;
use super::remarks::articles;

/// Parts of a query that are looked at one by one.
const MOST_PARTS: usize = 12;

/// Explains an empty answer.
pub(super) fn reasons(asked: &dyn Counting, notes: &Notes) -> Result<Vec<String>, QueryError> {
    let parts = match asked.root() {
        None => Vec::new(),
        Some(Node::And(parts)) => parts,
        Some(one) => vec![one],
    };
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return Ok(Vec::new());
    }
    let mut out = Vec::new();
    for part in &parts {
        let alone = asked.count_of(vec![part.clone()], false)?;
        if let (0, Node::Not(inner)) = (alone, part) {
            out.push(format!(
                "every article has {}, which is excluded",
                shown(&asked.request().query, inner)
            ));
            continue;
        }
        // What is said of unknown values is said already.
        if alone == 0 && !notes.unknown {
            out.push(missing(asked, part)?);
        }
    }
    if !out.is_empty() || notes.unknown {
        return Ok(out);
    }
    if asked.request().bounds()?.is_some() {
        let count = asked.count_of(parts.clone(), false)?;
        if count > 0 {
            out.push(format!("without --from and --to there would be {}", articles(count, "")));
        }
    }
    if parts.len() == 1 {
        return Ok(out);
    }
    for left_out in 0..parts.len() {
        let mut rest = parts.clone();
        let part = rest.remove(left_out);
        let count = asked.count_of(rest, true)?;
        if count > 0 {
            out.push(format!(
                "without {} there would be {}",
                shown(&asked.request().query, &part),
                articles(count, "")
            ));
        }
    }
    Ok(out)
}

fn missing(asked: &dyn Counting, part: &Node) -> Result<String, QueryError> {
    let near = match part {
        Node::Word { text, .. } => asked.near_words(text)?,
        _ => Vec::new(),
    };
    let hint = if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) };
    Ok(format!("no article has {}{hint}", shown(&asked.request().query, part)))
}

/// A part as it was typed, about.
fn shown(query: &str, node: &Node) -> String {
    match node {
        Node::All => "anything".into(),
        Node::Word { text, .. } | Node::Address { text, .. } => format!("`{text}`"),
        Node::Phrase { text, slop: 0, .. } => format!("\"{text}\""),
        Node::Phrase { text, slop, .. } => format!("\"{text}\"~{slop}"),
        Node::Pattern { pattern, .. } => format!("`{}`", super::patterns::shown(pattern)),
        Node::Field { name, value, .. } => match value {
            super::ast::Value::Text { text, .. } => format!("{name}:{text}"),
            _ => format!("the filter on {name}"),
        },
        Node::Dates { text, .. } => format!("the dates {text}"),
        Node::Event { at, .. } => {
            let typed = query.get(*at..).unwrap_or("");
            let end = typed.find('}').map_or(typed.len(), |end| end + 1);
            format!("`{}`", &typed[..end])
        }
        Node::Not(inner) => format!("the exclusion of {}", shown(query, inner)),
        Node::Boost { inner, .. } => shown(query, inner),
        Node::And(_) | Node::Or(_) => "the part in parentheses".into(),
    }
}
