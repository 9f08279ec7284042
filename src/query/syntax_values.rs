//! What stands behind `field:`.

use super::QueryError;
use super::ast::Value;
use super::syntax::MOST_CLAUSES;
use super::syntax::Parser;

/// Fields whose values are addresses, in which `?` and `/` are letters like others.
const ADDRESSES: [&str; 5] = ["path", "url", "file", "dir", "link"];

impl Parser<'_> {
    /// Reads the value of a field whose name starts at a byte.
    pub fn value(&mut self, field_at: usize, name: &str) -> Result<Value, QueryError> {
        let plain = |text: String| Value::Text { text, quoted: false, slop: 0 };
        match self.peek() {
            Some('"' | '“' | '”' | '„' | '«') => {
                let text = self.quoted()?;
                Ok(Value::Text { text, quoted: true, slop: self.slop()? })
            }
            Some('[') => Ok(plain(self.bracketed()?)),
            Some('(') => self.value_list(name),
            // A path is no regular expression.
            Some('/') if !ADDRESSES.contains(&name) => match self.regex()? {
                Some(pattern) => Ok(Value::Pattern(pattern)),
                None => Ok(plain(self.run())),
            },
            _ => {
                if let Some(text) = self.last_days() {
                    return Ok(plain(text));
                }
                let at = self.at;
                let text = self.run();
                let text = text.trim_end_matches([',', ';']).to_string();
                match text.as_str() {
                    "" => Err(QueryError::at(
                        self.query,
                        field_at,
                        format!("`{name}:` has no value: write {name}:VALUE or {name}:* for any"),
                    )),
                    "*" => Ok(Value::Any),
                    _ => self.value_of(text, name, at),
                }
            }
        }
    }

    /// An unquoted value, which may have wildcards; an address has question marks of its own.
    fn value_of(&mut self, text: String, name: &str, at: usize) -> Result<Value, QueryError> {
        let wild: &[char] = if ADDRESSES.contains(&name) { &['*'] } else { &['*', '?'] };
        let pattern = if text.starts_with(['<', '>']) { None } else { self.pattern(&text, at, wild)? };
        Ok(match pattern {
            Some(pattern) => Value::Pattern(pattern),
            None => Value::Text { text, quoted: false, slop: 0 },
        })
    }

    /// `(a OR "b c" OR d)`
    fn value_list(&mut self, name: &str) -> Result<Value, QueryError> {
        let open = self.at;
        self.at += 1;
        let mut values = Vec::new();
        let mut words: Vec<String> = Vec::new();
        loop {
            self.skip_space();
            if self.operator(&["OR", "||"]) {
                self.flush(&mut words, &mut values, name)?;
                continue;
            }
            self.clauses += 1;
            match self.peek() {
                None => return Err(QueryError::at(self.query, open, "`(` without `)`")),
                Some(')') => {
                    self.at += 1;
                    break;
                }
                Some('(') => return Err(self.misplaced("parentheses")),
                Some('-') => return Err(self.misplaced("`-`")),
                Some('N') if self.operator(&["NOT"]) => return Err(self.misplaced("`NOT`")),
                Some('A') if self.operator(&["AND"]) => return Err(self.misplaced("`AND`")),
                Some('"' | '“' | '”' | '„' | '«') => {
                    self.flush(&mut words, &mut values, name)?;
                    let text = self.quoted()?;
                    values.push(Value::Text { text, quoted: true, slop: self.slop()? });
                }
                Some(_) => {
                    let word = self.run();
                    if word.is_empty() || self.clauses > MOST_CLAUSES {
                        let message = "this does not belong in a field's values";
                        return Err(QueryError::at(self.query, self.at, message));
                    }
                    words.push(word);
                }
            }
        }
        self.flush(&mut words, &mut values, name)?;
        match values.len() {
            0 => Err(QueryError::at(self.query, open, "no value between the parentheses")),
            1 => Ok(values.remove(0)),
            _ => Ok(Value::Among(values)),
        }
    }

    fn misplaced(&self, what: &str) -> QueryError {
        let message = format!("{what} inside a field's values: write the field again, outside");
        QueryError::at(self.query, self.at, message)
    }

    /// Unquoted words in a row are one value.
    fn flush(
        &mut self,
        words: &mut Vec<String>,
        values: &mut Vec<Value>,
        name: &str,
    ) -> Result<(), QueryError> {
        if !words.is_empty() {
            let at = self.at;
            values.push(self.value_of(words.join(" "), name, at)?);
            words.clear();
        }
        Ok(())
    }
}
