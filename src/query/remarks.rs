//! What is worth a note of an answer, whichever engine gave it: why it is empty, and what is near it but not in it.

use super::QueryError;
use super::ast::Node;
use super::nothing;
use super::plan::Aim;
use super::plan::Notes;
use super::plan::RoleFilter;
use super::plan::quoted;
use super::request::Request;
use crate::annotation::RoleState;

/// What notes on an answer ask of the index that gave it.
pub(crate) trait Counting {
    fn request(&self) -> &Request;

    /// The query and its filters as one tree.
    fn root(&self) -> Option<Node>;

    /// Counts the articles that all of some parts hold for, `dated` with the bounds of the request.
    fn count_of(&self, parts: Vec<Node>, dated: bool) -> Result<u64, QueryError>;

    /// Counts what the request would find with another aim.
    fn count_for(&self, aim: Aim) -> Result<u64, QueryError>;

    /// Words of the index that are nearest to one that it does not have.
    fn near_words(&self, word: &str) -> Result<Vec<String>, QueryError>;
}

/// All that is worth a note of an answer; of an empty one also why it is empty.
pub(crate) fn remarks(asked: &dyn Counting, notes: &Notes, empty: bool) -> Result<Vec<String>, QueryError> {
    let mut out = notes.warnings.clone();
    let deadline = &asked.request().deadline;
    if let Some(remark) = deadline.remark() {
        out.push(remark);
        return Ok(out);
    }
    let more = || {
        let mut more = if empty { nothing::reasons(asked, notes)? } else { Vec::new() };
        more.extend(asides(asked, notes)?);
        Ok(more)
    };
    match more() {
        // The answer is there: for a note on it there was no time.
        Err(QueryError::TimedOut) => {}
        // A number that was not counted to its end is not told.
        Ok(_) if deadline.cut_short() => {}
        more => out.extend(more?),
    }
    Ok(out)
}

/// What is near the answer but not in it: undated articles, and roles of another status.
fn asides(asked: &dyn Counting, notes: &Notes) -> Result<Vec<String>, QueryError> {
    let mut out = Vec::new();
    if notes.dated && !notes.undated {
        let undated = asked.count_for(Aim::UndatedRest)?;
        if undated > 0 {
            let what = articles(undated, "undated ");
            out.push(format!(
                "{what} left out: a date of publication is not known (published:none finds them)"
            ));
        }
    }
    let plain = |role: &RoleFilter| !role.field.contains('.') && !role.values.is_empty() && !role.loose;
    for (number, role) in notes.roles.iter().enumerate().filter(|(_, r)| plain(r)) {
        let others = asked.count_for(Aim::OtherStatus(number))?;
        if others > 0 {
            let value = &role.values[0];
            out.push(format!(
                "{} with {value} as {} in offers, refusals, failures or as background: {}:{} finds them",
                articles(others, "more "),
                role.field,
                RoleState::Any.field(&role.field),
                quoted(value)
            ));
        }
    }
    Ok(out)
}

/// "1 undated article", "3 undated articles"
pub(super) fn articles(count: u64, adjective: &str) -> String {
    if count == 1 { format!("1 {adjective}article") } else { format!("{count} {adjective}articles") }
}
