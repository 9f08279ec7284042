//! The query language: text to a tree. Pure; knows neither the index nor the schema.

use super::LONGEST_QUERY;
use super::QueryError;
use super::ast::Node;
use super::ast::Parsed;

/// Deepest nesting of parentheses.
const DEEPEST: usize = 50;

/// Most words, phrases and fields of a query.
pub(super) const MOST_CLAUSES: usize = 1024;

/// Greatest weight of a part.
const HEAVIEST: f32 = 1000.0;

/// Reads a query. With `any`, words are alternatives rather than all required.
///
/// # Errors
/// With the place, for what the language does not have.
pub fn parse(query: &str, any: bool) -> Result<Parsed, QueryError> {
    if query.len() > LONGEST_QUERY {
        return Err(QueryError::Usage(format!("the query is longer than {LONGEST_QUERY} bytes")));
    }
    let mut parser =
        Parser { query, at: 0, any, depth: 0, clauses: 0, in_event: false, warnings: Vec::new() };
    let root = parser.alternatives()?;
    if parser.at < query.len() {
        return Err(QueryError::at(query, parser.at, "`)` without `(`"));
    }
    Ok(Parsed { root, warnings: parser.warnings })
}

pub(super) struct Parser<'a> {
    pub query: &'a str,
    pub at: usize,
    any: bool,
    depth: usize,
    pub clauses: usize,
    in_event: bool,
    pub warnings: Vec<String>,
}

impl Parser<'_> {
    pub fn rest(&self) -> &str {
        &self.query[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn skip_space(&mut self) {
        while let Some(c) = self.peek().filter(|c| c.is_whitespace() || c.is_control()) {
            self.at += c.len_utf8();
        }
    }

    /// Takes an operator word such as `OR`, if it stands here.
    pub fn operator(&mut self, words: &[&str]) -> bool {
        self.skip_space();
        for word in words {
            let ends = |rest: &str| {
                rest.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '}'))
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
        // Who writes AND means it, whatever words without it are.
        let mut all = false;
        loop {
            let explicit = self.operator(&["AND", "&&"]);
            if explicit && list.is_empty() {
                return Err(QueryError::at(self.query, self.at, "`AND` needs something on both sides"));
            }
            all |= explicit;
            self.skip_space();
            if self.peek().is_none_or(|c| c == ')' || c == '}' && self.in_event) || self.starts_with_or() {
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
            _ if self.any && !all => Some(alternatives_of(list)),
            _ => Some(Node::And(list)),
        })
    }

    /// `-a`, `NOT a`, `+a`, `a`
    fn unary(&mut self) -> Result<Option<Node>, QueryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(QueryError::at(self.query, self.at, format!("nested deeper than {DEEPEST}")));
        }
        let negated = self.operator(&["NOT"]) || ['-', '!', '–', '−'].iter().any(|sign| self.sign(*sign));
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
            let node = self.primary()?;
            self.boosted(node)?
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
            self.at += sign.len_utf8();
        }
        here
    }

    /// `^2` behind a part.
    fn boosted(&mut self, node: Option<Node>) -> Result<Option<Node>, QueryError> {
        let at = self.at;
        let Some(rest) = self.rest().strip_prefix('^') else { return Ok(node) };
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let by = rest[..digits].parse::<f32>().ok().filter(|by| *by > 0.0 && *by <= HEAVIEST);
        let Some(by) = by else {
            let message = format!("write a weight above 0 and up to {HEAVIEST} behind `^`");
            return Err(QueryError::at(self.query, at, message));
        };
        self.at += 1 + digits;
        Ok(node.map(|inner| Node::Boost { inner: Box::new(inner), by, at }))
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
            Some('/') if let Some(pattern) = self.regex()? => Ok(Some(Node::Pattern { pattern, at })),
            Some('{') => Err(QueryError::at(
                self.query,
                at,
                "`{`: write [2020-10 TO 2020-12] for a range, event{...} without a space for an event",
            )),
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
        if name.eq_ignore_ascii_case("event") && after == Some('{') {
            return self.event(at).map(Some);
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
        if after == Some('!') && behind.starts_with('=') && starts_with_letter {
            self.at += name.len() + 2;
            let value = self.value(at, &name)?;
            return Ok(Some(Node::Not(Box::new(Node::Field { name: name.to_lowercase(), value, at }))));
        }
        if let Some(text) = self.last_days() {
            self.say_date(&text);
            return Ok(Some(Node::Dates { text, at }));
        }
        if is_address(self.rest()) {
            let text = self.rest().split(char::is_whitespace).next().unwrap_or("").to_string();
            self.at += text.len();
            return Ok(Some(Node::Address { text, at }));
        }
        let text = self.run();
        if text.is_empty() {
            // A closing quote or bracket of nothing.
            self.at += self.peek().map_or(0, char::len_utf8);
            return Ok(None);
        }
        self.word(text, at).map(Some)
    }

    /// A run of characters without a field's name before it.
    fn word(&mut self, text: String, at: usize) -> Result<Node, QueryError> {
        let year = |end: &str| end.len() >= 4 && end.bytes().take(4).all(|b| b.is_ascii_digit());
        if let Some((from, to)) = text.split_once("..")
            && (year(from) && !to.starts_with('.') || from.is_empty() && year(to))
        {
            return Ok(Node::Dates { text, at });
        }
        if is_day_or_month(&text) {
            self.say_date(&text);
            return Ok(Node::Dates { text, at });
        }
        if text == "*" {
            return Ok(Node::All);
        }
        if let Some(pattern) = self.pattern(&text, at, &['*', '?'])? {
            return Ok(Node::Pattern { pattern, at });
        }
        if text.contains('^') {
            let message = format!("write a weight above 0 and up to {HEAVIEST} behind a word and `^`");
            return Err(QueryError::at(self.query, at, message));
        }
        let upper = text.to_uppercase();
        if matches!(upper.as_str(), "OR" | "AND" | "NOT") {
            self.warnings.push(format!("`{text}` is searched as a word: write {upper} for the operator"));
        }
        if upper.starts_with("NEAR/") || upper.starts_with("W/") {
            self.warnings.push(format!("`{text}` is searched as a word: write \"these words\"~3 for near"));
        }
        Ok(Node::Word { text, at })
    }

    fn say_date(&mut self, text: &str) {
        let of = if self.in_event { "of the event" } else { "of publication" };
        self.warnings.push(format!("`{text}` is read as a date {of}: quote it to search the words"));
    }

    /// `event{...}`
    fn event(&mut self, at: usize) -> Result<Node, QueryError> {
        if self.in_event {
            return Err(QueryError::at(self.query, at, "an event inside an event"));
        }
        self.at += "event{".len();
        self.in_event = true;
        let any = std::mem::replace(&mut self.any, false);
        let inner = self.alternatives()?;
        (self.in_event, self.any) = (false, any);
        self.skip_space();
        if self.peek() != Some('}') {
            return Err(QueryError::at(self.query, at, "`event{` without `}`"));
        }
        self.at += 1;
        let nothing = "`event{}` asks for nothing: write event{accuser:Armenia accused:Azerbaijan}";
        let inner = inner.ok_or_else(|| QueryError::at(self.query, at, nothing))?;
        Ok(Node::Event { inner: Box::new(inner), at })
    }

    /// `last 7 days`
    pub fn last_days(&mut self) -> Option<String> {
        let mut words = self.rest().split_whitespace();
        let (first, count) = (words.next()?, words.next()?);
        let unit = words.next()?.trim_end_matches([')', '}', ',']);
        let is_unit = ["day", "days", "week", "weeks", "month", "months", "year", "years"].contains(&unit);
        let is_date = matches!(first, "last" | "past") && count.parse::<u32>().is_ok() && is_unit;
        if !is_date {
            return None;
        }
        let end = self.rest().find(unit)? + unit.len();
        let text = self.rest()[..end].split_whitespace().collect::<Vec<_>>().join(" ");
        self.at += end;
        Some(text)
    }

    /// Characters up to a space or parenthesis, or to a weight.
    pub fn run(&mut self) -> String {
        let in_event = self.in_event;
        let ends = |c: char| {
            c.is_whitespace() || matches!(c, '(' | ')' | '"' | '“' | '”' | '[' | ']') || c == '}' && in_event
        };
        let rest = self.rest();
        let mut text = &rest[..rest.find(ends).unwrap_or(rest.len())];
        if let Some((before, weight)) = text.rsplit_once('^')
            && !before.is_empty()
            && weight.chars().all(|c| c.is_ascii_digit() || c == '.')
        {
            text = before;
        }
        let text = text.to_string();
        self.at += text.len();
        text
    }

    /// Text between quotes of any kind; an apostrophe closes nothing.
    pub fn quoted(&mut self) -> Result<String, QueryError> {
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
    pub fn slop(&mut self) -> Result<u32, QueryError> {
        let Some(rest) = self.rest().strip_prefix('~') else { return Ok(0) };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let slop = digits.parse().ok().filter(|n| *n <= 100);
        let slop = slop
            .ok_or_else(|| QueryError::at(self.query, self.at, "write a number from 0 to 100 behind `~`"))?;
        self.at += 1 + digits.len();
        Ok(slop)
    }

    pub fn bracketed(&mut self) -> Result<String, QueryError> {
        let open = self.at;
        let Some(end) = self.rest().find(']') else {
            return Err(QueryError::at(self.query, open, "`[` without `]`"));
        };
        let text = self.rest()[..=end].to_string();
        self.at += end + 1;
        Ok(text)
    }
}

/// `2020-10` and `2020-10-27`; a year alone is a word.
fn is_day_or_month(text: &str) -> bool {
    let digits =
        |part: &&str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = text.trim_end_matches([',', ';']).split('-').collect();
    let century = parts.first().is_some_and(|year| year.starts_with("19") || year.starts_with("20"));
    century
        && match &parts[..] {
            [year, month] => digits(year, 4) && digits(month, 2),
            [year, month, day] => digits(year, 4) && digits(month, 2) && digits(day, 2),
            _ => false,
        }
}

/// The address of a page, as pasted.
fn is_address(text: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|start| {
        text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
            && text[start.len()..].starts_with(|c: char| c.is_alphanumeric())
    })
}

fn is_comparison(c: char) -> bool {
    c == '<' || c == '>'
}

/// With `--any`, words are alternatives; fields, dates and exclusions still all hold.
fn alternatives_of(list: Vec<Node>) -> Node {
    let (words, mut rest): (Vec<Node>, Vec<Node>) = list.into_iter().partition(is_wordy);
    match words.len() {
        0 => {}
        1 => rest.insert(0, words.into_iter().next().unwrap_or(Node::And(Vec::new()))),
        _ => rest.insert(0, Node::Or(words)),
    }
    if rest.len() == 1 { rest.remove(0) } else { Node::And(rest) }
}

fn is_wordy(node: &Node) -> bool {
    match node {
        Node::Word { .. } | Node::Phrase { .. } | Node::Pattern { .. } | Node::Or(_) => true,
        Node::Boost { inner, .. } => is_wordy(inner),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::ast::Pattern;
    use crate::query::ast::Value;

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
            Node::All => "all".into(),
            Node::Pattern { pattern, .. } => show_pattern(pattern),
            Node::Address { text, .. } => format!("address:{text}"),
            Node::Event { inner, .. } => format!("(event {})", show(inner)),
            Node::Boost { inner, by, .. } => format!("{}^{by}", show(inner)),
            Node::And(nodes) => list("and", nodes),
            Node::Or(nodes) => list("or", nodes),
            Node::Not(inner) => format!("(not {})", show(inner)),
        }
    }

    fn show_pattern(pattern: &Pattern) -> String {
        format!("<{}>", crate::query::patterns::shown(pattern))
    }

    fn show_value(value: &Value) -> String {
        match value {
            Value::Text { text, .. } => format!("{text:?}"),
            Value::Any => "*".into(),
            Value::Pattern(pattern) => show_pattern(pattern),
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
            ("https://example.com/a?b 12:30", "(and address:https://example.com/a?b 12:30)"),
            ("truc* w?ld word~ word~1", "(and <truc*> <w?ld> <word~2> <word~1>)"),
            ("/tr.*e/ /usr/bin x:/a b/", "(and </tr.*e/> /usr/bin x:</a b/>)"),
            ("why? title:talk*", "(and why? title:<talk*>)"),
            ("talks^2 (a b)^0.5 \"c d\"^3", "(and talks^2 (and a b)^0.5 \"c d\"~0^3)"),
            ("last 7 days", "dates:last 7 days"),
            ("published:last 2 weeks", "published:\"last 2 weeks\""),
            ("* -a", "(and all (not a))"),
            ("2020-10 2020-10-27 2020", "(and dates:2020-10 dates:2020-10-27 2020)"),
            ("broker!=Egypt –a", "(and (not broker:\"Egypt\") (not a))"),
            (
                "{2020 TO 2021}",
                "error: `{`: write [2020-10 TO 2020-12] for a range, event{...} without a space for an event",
            ),
            ("AND a", "error: `AND` needs something on both sides"),
            ("a^-1", "error: write a weight above 0 and up to 1000 behind a word and `^`"),
            (
                "event{accuser:Armenia -accused:Turkey 2020..} b",
                "(and (event (and accuser:\"Armenia\" (not accused:\"Turkey\") dates:2020..)) b)",
            ),
            ("event{a", "error: `event{` without `}`"),
            ("event{}", "error: `event{}` asks for nothing: write event{accuser:Armenia accused:Azerbaijan}"),
            ("event{event{a}}", "error: an event inside an event"),
            ("a^0", "error: write a weight above 0 and up to 1000 behind `^`"),
            ("a~3", "error: write ~1 or ~2: letters that may differ"),
            ("broker:(Russia -Turkey)", "error: `-` inside a field's values: write the field again, outside"),
            ("don't cease-fire", "(and don't cease-fire)"),
            ("-a", "(not a)"),
            ("a AND", "error: `AND` needs something on both sides"),
            ("(a", "error: `(` without `)`"),
            ("a)", "error: `)` without `(`"),
            ("\"a", "error: this quote is not closed"),
            ("broker:", "error: `broker:` has no value: write broker:VALUE or broker:* for any"),
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
