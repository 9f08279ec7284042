//! The query language: text to a tree. Pure; knows neither the index nor the schema.

use super::LONGEST_QUERY;
use super::QueryError;

/// Deepest nesting of parentheses.
const DEEPEST: usize = 50;

/// Most words, phrases and fields of a query.
const MOST_CLAUSES: usize = 1024;

/// What a field is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A word or quoted text.
    Text { text: String, quoted: bool },
    /// Has any value.
    Any,
    /// One of several.
    Among(Vec<Value>),
}

/// A part of a query; `at` is its first byte.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A word anywhere in the article.
    Word { text: String, at: usize },
    /// Words one after the other, up to `slop` places apart.
    Phrase { text: String, slop: u32, at: usize },
    /// A field's value.
    Field { name: String, value: Value, at: usize },
    /// A range of dates of publication without a field's name.
    Dates { text: String, at: usize },
    /// All hold.
    And(Vec<Node>),
    /// One holds.
    Or(Vec<Node>),
    /// Does not hold.
    Not(Box<Node>),
}

/// A query and what is to be said of how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// None for a query without words.
    pub root: Option<Node>,
    /// Notes for the user.
    pub warnings: Vec<String>,
}

/// Reads a query. With `any`, words are alternatives rather than all required.
///
/// # Errors
/// With the place, for what the language does not have.
pub fn parse(query: &str, any: bool) -> Result<Parsed, QueryError> {
    if query.len() > LONGEST_QUERY {
        return Err(QueryError::Usage(format!("the query is longer than {LONGEST_QUERY} bytes")));
    }
    let mut parser = Parser { query, at: 0, any, depth: 0, clauses: 0, warnings: Vec::new() };
    let root = parser.alternatives()?;
    if parser.at < query.len() {
        return Err(QueryError::at(query, parser.at, "`)` without `(`"));
    }
    Ok(Parsed { root, warnings: parser.warnings })
}

struct Parser<'a> {
    query: &'a str,
    at: usize,
    any: bool,
    depth: usize,
    clauses: usize,
    warnings: Vec<String>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.query[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        while let Some(c) = self.peek().filter(|c| c.is_whitespace() || c.is_control()) {
            self.at += c.len_utf8();
        }
    }

    /// Takes an operator word such as `OR`, if it stands here.
    fn operator(&mut self, words: &[&str]) -> bool {
        self.skip_space();
        for word in words {
            let ends = |rest: &str| {
                rest.chars().next().is_none_or(|c| c.is_whitespace() || c == '(' || c == ')' || c == '"')
            };
            if let Some(rest) = self.rest().strip_prefix(word)
                && ends(rest)
            {
                self.at += word.len();
                return true;
            }
        }
        false
    }

    /// `a OR b`
    fn alternatives(&mut self) -> Result<Option<Node>, QueryError> {
        let mut list = Vec::new();
        let mut mixed = false;
        let start = self.at;
        loop {
            let before = self.at;
            match self.conjunction()? {
                Some(node) => {
                    mixed |= matches!(node, Node::And(_));
                    list.push(node);
                }
                None if list.is_empty() && !self.starts_with_or() => return Ok(None),
                None => {
                    return Err(QueryError::at(
                        self.query,
                        before.min(self.query.len()),
                        "`OR` needs something on both sides",
                    ));
                }
            }
            if !self.operator(&["OR", "||"]) {
                break;
            }
        }
        if list.len() > 1 && mixed {
            let read = self.query[start..self.at].trim();
            self.warnings.push(format!(
                "AND binds tighter than OR in `{read}`: add parentheses if you mean otherwise"
            ));
        }
        Ok(Some(if list.len() == 1 { list.remove(0) } else { Node::Or(list) }))
    }

    fn starts_with_or(&mut self) -> bool {
        let at = self.at;
        let found = self.operator(&["OR", "||"]);
        self.at = at;
        found
    }

    /// `a b`, `a AND b`
    fn conjunction(&mut self) -> Result<Option<Node>, QueryError> {
        let mut list = Vec::new();
        loop {
            let explicit = !list.is_empty() && self.operator(&["AND", "&&"]);
            self.skip_space();
            if self.peek().is_none_or(|c| c == ')') || self.starts_with_or() {
                if explicit {
                    return Err(QueryError::at(self.query, self.at, "`AND` needs something on both sides"));
                }
                break;
            }
            if let Some(node) = self.unary()? {
                list.push(node);
            }
        }
        Ok(match list.len() {
            0 => None,
            1 => list.pop(),
            _ if self.any => Some(alternatives_of(list)),
            _ => Some(Node::And(list)),
        })
    }

    /// `-a`, `NOT a`, `+a`, `a`
    fn unary(&mut self) -> Result<Option<Node>, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError::at(self.query, self.at, format!("nested deeper than {DEEPEST}")));
        }
        let negated = self.operator(&["NOT"]) || self.sign('-') || self.sign('!');
        let node = if negated {
            self.skip_space();
            let inner = if self.peek().is_none() { None } else { self.unary()? };
            match inner {
                Some(inner) => Some(Node::Not(Box::new(inner))),
                None => {
                    return Err(QueryError::at(
                        self.query,
                        self.at,
                        "nothing stands behind the `-` or `NOT`",
                    ));
                }
            }
        } else {
            self.sign('+');
            self.primary()?
        };
        self.depth -= 1;
        Ok(node)
    }

    /// Takes a sign that stands right before a term.
    fn sign(&mut self, sign: char) -> bool {
        let mut chars = self.rest().chars();
        let here =
            chars.next() == Some(sign) && chars.next().is_some_and(|c| !c.is_whitespace() && c != sign);
        if here {
            self.at += 1;
        }
        here
    }

    fn primary(&mut self) -> Result<Option<Node>, QueryError> {
        self.clauses += 1;
        if self.clauses > MOST_CLAUSES {
            return Err(QueryError::Usage(format!("the query has more than {MOST_CLAUSES} parts")));
        }
        let at = self.at;
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let inner = self.alternatives()?;
                self.skip_space();
                if self.peek() != Some(')') {
                    return Err(QueryError::at(self.query, at, "`(` without `)`"));
                }
                self.at += 1;
                Ok(inner)
            }
            Some('"' | '“' | '”' | '„' | '«') => {
                let text = self.quoted()?;
                let slop = self.slop()?;
                Ok(Some(Node::Phrase { text, slop, at }))
            }
            Some('[') => {
                let text = self.bracketed()?;
                Ok(Some(Node::Dates { text, at }))
            }
            Some(c) if is_comparison(c) => {
                let text = self.run();
                Ok(Some(Node::Dates { text, at }))
            }
            _ => self.word_or_field(),
        }
    }

    fn word_or_field(&mut self) -> Result<Option<Node>, QueryError> {
        let at = self.at;
        let name: String =
            self.rest().chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.').collect();
        let after = self.rest()[name.len()..].chars().next();
        let behind = self.rest().get(name.len() + 1..).unwrap_or("");
        let starts_with_letter = name.chars().next().is_some_and(char::is_alphabetic);
        if name == "event" && after == Some('{') {
            return Err(QueryError::at(
                self.query,
                at,
                "event{...} is not supported yet: ask for the roles one by one, broker:Russia party:Armenia",
            ));
        }
        if matches!(after, Some(':' | '='))
            && starts_with_letter
            && !name.ends_with('.')
            && !behind.starts_with("//")
        {
            self.at += name.len() + 1;
            let value = self.value(at, &name)?;
            return Ok(Some(Node::Field { name: name.to_lowercase(), value, at }));
        }
        let text = self.run();
        if text.is_empty() {
            // A closing quote or bracket of nothing.
            self.at += self.peek().map_or(0, char::len_utf8);
            return Ok(None);
        }
        if let Some((from, to)) = text.split_once("..")
            && [from, to].iter().all(|end| {
                end.is_empty() || end.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | 'X' | 'W'))
            })
            && text.len() > 2
        {
            return Ok(Some(Node::Dates { text, at }));
        }
        self.refuse_wildcards(&text, at)?;
        if matches!(text.as_str(), "or" | "and" | "not") {
            let upper = text.to_uppercase();
            self.warnings.push(format!("`{text}` is searched as a word: write {upper} for the operator"));
        }
        Ok(Some(Node::Word { text, at }))
    }

    /// Wildcards, fuzzy words, regular expressions and boosts are said to be missing rather than dropped.
    fn refuse_wildcards(&self, text: &str, at: usize) -> Result<(), QueryError> {
        let inner = text.trim_end_matches(['.', ',', '?', '!']);
        let wild = inner.contains('*') || inner.contains('?');
        let fuzzy = inner
            .rsplit_once('~')
            .is_some_and(|(w, n)| !w.is_empty() && n.len() <= 1 && n.chars().all(|c| c.is_ascii_digit()));
        let boost = inner.rsplit_once('^').is_some_and(|(w, n)| !w.is_empty() && n.parse::<f32>().is_ok());
        let regex = text.len() > 2 && text.starts_with('/') && text.ends_with('/');
        if wild || fuzzy || boost || regex {
            return Err(QueryError::at(
                self.query,
                at,
                "wildcards, `~`, `^` and /regular expressions/ are not supported yet: quote the word to search it as it is",
            ));
        }
        Ok(())
    }

    /// Characters up to a space or parenthesis.
    fn run(&mut self) -> String {
        let text: String = self
            .rest()
            .chars()
            .take_while(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '“' | '”' | '[' | ']'))
            .collect();
        self.at += text.len();
        text
    }

    /// Text between quotes of any kind; an apostrophe closes nothing.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let open = self.at;
        self.at += self.peek().map_or(0, char::len_utf8);
        let end = self.rest().find(['"', '“', '”', '»']);
        let Some(end) = end else {
            return Err(QueryError::at(self.query, open, "this quote is not closed"));
        };
        let text = self.rest()[..end].to_string();
        self.at += end;
        self.at += self.peek().map_or(0, char::len_utf8);
        Ok(text)
    }

    /// `~5` behind a phrase.
    fn slop(&mut self) -> Result<u32, QueryError> {
        let Some(rest) = self.rest().strip_prefix('~') else { return Ok(0) };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let slop = digits.parse().ok().filter(|n| *n <= 100);
        let slop = slop
            .ok_or_else(|| QueryError::at(self.query, self.at, "write a number from 0 to 100 behind `~`"))?;
        self.at += 1 + digits.len();
        Ok(slop)
    }

    fn bracketed(&mut self) -> Result<String, QueryError> {
        let open = self.at;
        let Some(end) = self.rest().find(']') else {
            return Err(QueryError::at(self.query, open, "`[` without `]`"));
        };
        let text = self.rest()[..=end].to_string();
        self.at += end + 1;
        Ok(text)
    }

    fn value(&mut self, field_at: usize, name: &str) -> Result<Value, QueryError> {
        match self.peek() {
            Some('"' | '“' | '”' | '„' | '«') => {
                Ok(Value::Text { text: self.quoted()?, quoted: true })
            }
            Some('[') => Ok(Value::Text { text: self.bracketed()?, quoted: false }),
            Some('(') => self.value_list(),
            _ => {
                let text = self.run();
                let text = text.trim_end_matches([',', ';']).to_string();
                match text.as_str() {
                    "" => Err(QueryError::at(
                        self.query,
                        field_at,
                        format!("`{name}:` has no value: write {name}:VALUE or {name}:* for any"),
                    )),
                    "*" => Ok(Value::Any),
                    _ => Ok(Value::Text { text, quoted: false }),
                }
            }
        }
    }

    /// `(a OR "b c" OR d)`
    fn value_list(&mut self) -> Result<Value, QueryError> {
        let open = self.at;
        self.at += 1;
        let mut values = Vec::new();
        let mut words: Vec<String> = Vec::new();
        let flush = |words: &mut Vec<String>, values: &mut Vec<Value>| {
            if !words.is_empty() {
                values.push(Value::Text { text: words.join(" "), quoted: false });
                words.clear();
            }
        };
        loop {
            self.skip_space();
            if self.operator(&["OR", "||"]) {
                flush(&mut words, &mut values);
                continue;
            }
            match self.peek() {
                None => return Err(QueryError::at(self.query, open, "`(` without `)`")),
                Some(')') => {
                    self.at += 1;
                    break;
                }
                Some('(') => {
                    return Err(QueryError::at(
                        self.query,
                        self.at,
                        "parentheses inside a field's values are not supported",
                    ));
                }
                Some('"' | '“' | '”' | '„' | '«') => {
                    flush(&mut words, &mut values);
                    let text = self.quoted()?;
                    values.push(Value::Text { text, quoted: true });
                }
                Some(_) => {
                    let word = self.run();
                    if word.is_empty() {
                        return Err(QueryError::at(
                            self.query,
                            self.at,
                            "this does not belong in a field's values",
                        ));
                    }
                    words.push(word);
                }
            }
        }
        flush(&mut words, &mut values);
        match values.len() {
            0 => Err(QueryError::at(self.query, open, "no value between the parentheses")),
            1 => Ok(values.remove(0)),
            _ => Ok(Value::Among(values)),
        }
    }
}

fn is_comparison(c: char) -> bool {
    c == '<' || c == '>'
}

/// With `--any`, words are alternatives; fields, dates and exclusions still all hold.
fn alternatives_of(list: Vec<Node>) -> Node {
    let (words, mut rest): (Vec<Node>, Vec<Node>) =
        list.into_iter().partition(|n| matches!(n, Node::Word { .. } | Node::Phrase { .. } | Node::Or(_)));
    match words.len() {
        0 => {}
        1 => rest.insert(0, words.into_iter().next().unwrap_or(Node::And(Vec::new()))),
        _ => rest.insert(0, Node::Or(words)),
    }
    if rest.len() == 1 { rest.remove(0) } else { Node::And(rest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a tree as an s-expression.
    fn show(node: &Node) -> String {
        let list = |name: &str, nodes: &[Node]| {
            format!("({name} {})", nodes.iter().map(show).collect::<Vec<_>>().join(" "))
        };
        match node {
            Node::Word { text, .. } => text.clone(),
            Node::Phrase { text, slop, .. } => format!("{text:?}~{slop}"),
            Node::Field { name, value, .. } => format!("{name}:{}", show_value(value)),
            Node::Dates { text, .. } => format!("dates:{text}"),
            Node::And(nodes) => list("and", nodes),
            Node::Or(nodes) => list("or", nodes),
            Node::Not(inner) => format!("(not {})", show(inner)),
        }
    }

    fn show_value(value: &Value) -> String {
        match value {
            Value::Text { text, .. } => format!("{text:?}"),
            Value::Any => "*".into(),
            Value::Among(list) => {
                format!("{{{}}}", list.iter().map(show_value).collect::<Vec<_>>().join(" "))
            }
        }
    }

    fn read(query: &str) -> String {
        match parse(query, false) {
            Ok(parsed) => parsed.root.as_ref().map_or("all".into(), show),
            Err(error) => format!("error: {}", error.to_string().lines().next().unwrap_or("")),
        }
    }

    #[test]
    fn the_language() {
        for (query, tree) in [
            ("", "all"),
            (
                "ceasefire broker=Russia 2020-10..2022",
                "(and ceasefire broker:\"Russia\" dates:2020-10..2022)",
            ),
            ("a b OR c", "(or (and a b) c)"),
            ("a (b OR c) -d NOT e", "(and a (or b c) (not d) (not e))"),
            ("\"minsk group\"~3 “talks in Geneva”", "(and \"minsk group\"~3 \"talks in Geneva\"~0)"),
            (
                "broker:(Russia OR \"United States\" OR Saudi Arabia)",
                "broker:{\"Russia\" \"United States\" \"Saudi Arabia\"}",
            ),
            (
                "published:[2020-10-01 TO 2020-10-31] host:*",
                "(and published:\"[2020-10-01 TO 2020-10-31]\" host:*)",
            ),
            ("broker.offered:Turkey", "broker.offered:\"Turkey\""),
            (
                "https://example.com/a?b 12:30",
                "error: wildcards, `~`, `^` and /regular expressions/ are not supported yet: quote the word to search it as it is",
            ),
            ("https://example.com/a 12:30", "(and https://example.com/a 12:30)"),
            ("don't cease-fire", "(and don't cease-fire)"),
            ("-a", "(not a)"),
            ("a AND", "error: `AND` needs something on both sides"),
            ("(a", "error: `(` without `)`"),
            ("a)", "error: `)` without `(`"),
            ("\"a", "error: this quote is not closed"),
            ("broker:", "error: `broker:` has no value: write broker:VALUE or broker:* for any"),
            (
                "truc*",
                "error: wildcards, `~`, `^` and /regular expressions/ are not supported yet: quote the word to search it as it is",
            ),
        ] {
            assert_eq!(read(query), tree, "{query}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        for opening in ["(", "-(", "NOT (", "-a:("] {
            assert!(read(&opening.repeat(1000)).starts_with("error"), "{opening}");
        }
    }
}
