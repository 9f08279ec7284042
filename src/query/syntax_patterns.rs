//! Words with letters left open: wildcards, `~` and regular expressions.

use super::QueryError;
use super::ast::Pattern;
use super::syntax::Parser;

/// Longest pattern, in bytes: its automaton grows with it.
const LONGEST_PATTERN: usize = 100;

impl Parser<'_> {
    /// Reads `/a regular expression/`; what has no closing slash is a path, not one.
    pub fn regex(&mut self) -> Result<Option<Pattern>, QueryError> {
        let inside = &self.rest()[1..];
        let mut escaped = false;
        let end = inside.char_indices().find(|(_, c)| {
            let ends = *c == '/' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else { return Ok(None) };
        let after = inside[end + 1..].chars().next();
        let closes = after.is_none_or(|c| c.is_whitespace() || matches!(c, ')' | '^' | '}' | ','));
        if end == 0 || !closes {
            return Ok(None);
        }
        let text = inside[..end].to_string();
        self.check_pattern(&text, self.at)?;
        self.at += end + 2;
        Ok(Some(Pattern::Regex(text)))
    }

    /// Reads wildcards and `~`; `wild` are the characters that stand for letters.
    pub fn pattern(&mut self, text: &str, at: usize, wild: &[char]) -> Result<Option<Pattern>, QueryError> {
        if let Some((word, distance)) = text.rsplit_once('~')
            && !word.is_empty()
            && distance.chars().all(|c| c.is_ascii_digit())
        {
            self.check_pattern(word, at)?;
            return match distance {
                "1" => Ok(Some(Pattern::Fuzzy(word.into(), 1))),
                "" | "2" => Ok(Some(Pattern::Fuzzy(word.into(), 2))),
                _ => Err(QueryError::at(self.query, at, "write ~1 or ~2: letters that may differ")),
            };
        }
        // A question is no wildcard.
        let inner = text.trim_end_matches(['.', ',', '!', ';']);
        let word = if wild.contains(&'?') { inner.trim_end_matches('?') } else { inner };
        if !word.contains(wild) {
            if word.len() < inner.len() && !word.is_empty() {
                self.warnings.push(format!("the `?` at the end of `{text}` is read as a question mark"));
            }
            return Ok(None);
        }
        if !word.chars().any(char::is_alphanumeric) {
            return Err(QueryError::at(self.query, at, "a wildcard needs a letter or digit beside it"));
        }
        self.check_pattern(inner, at)?;
        Ok(Some(Pattern::Wildcard(inner.to_string())))
    }

    fn check_pattern(&self, text: &str, at: usize) -> Result<(), QueryError> {
        if text.len() > LONGEST_PATTERN {
            let message = format!("a pattern may have up to {LONGEST_PATTERN} bytes");
            return Err(QueryError::at(self.query, at, message));
        }
        Ok(())
    }
}
