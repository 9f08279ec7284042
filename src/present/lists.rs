//! Facets, pairs of names and articles alike, for people to read.

use std::io;
use std::io::Write;

use super::output::Output;
use super::output::Tone;
use super::output::visible;
use super::terminal::count;
use super::terminal::wrapped;
use crate::article::Article;
use crate::article::Published;
use crate::query::Alike;
use crate::query::FacetCounts;
use crate::query::FacetEvidence;
use crate::query::Matrix;
use crate::query::Similar;

/// Columns that the name of a column of a matrix may take.
const NAME: usize = 14;

fn day(published: Option<Published>) -> String {
    published.map_or("undated".into(), |p| p.date.to_string())
}

/// Prints the values of a facet, with the sentences behind them if there are any.
///
/// # Errors
/// If writing fails.
pub fn facet(
    out: &mut Output,
    counts: &FacetCounts,
    evidence: Option<&[Vec<FacetEvidence>]>,
) -> io::Result<()> {
    let wide = counts.values.iter().map(|v| v.count.to_string().len()).max().unwrap_or(1);
    for (at, value) in counts.values.iter().enumerate() {
        let number = format!("{:>wide$}", value.count);
        writeln!(out, "{}  {}", out.paint(Tone::Number, &number), visible(&value.value))?;
        for found in evidence.and_then(|all| all.get(at)).into_iter().flatten() {
            let rule = found.rule.as_ref().map_or(String::new(), |rule| format!(" · {rule}"));
            let source = found.source.as_ref().map_or(String::new(), |source| format!(" · {source}"));
            wrapped(out, "", &format!("“{}”", found.sentence), &[])?;
            let place = format!("{}{source} · {}{rule}", day(found.published), found.id);
            writeln!(out, "      {}", out.paint(Tone::Faint, &place))?;
        }
    }
    let more = counts.distinct - counts.values.len();
    if more > 0 {
        out.note(&format!("{more} more: -n lists more, --prefix narrows"));
    }
    Ok(())
}

/// Prints pairs of names as a table: the `most` names with the most articles in either role.
///
/// # Errors
/// If writing fails.
pub fn matrix(out: &mut Output, matrix: &Matrix, most: usize) -> io::Result<()> {
    let rows = names(matrix.cells.iter().map(|(row, _, number)| (row.as_str(), *number)));
    let columns = names(matrix.cells.iter().map(|(_, column, number)| (column.as_str(), *number)));
    let room = out.width.saturating_sub(NAME * 2) / (NAME + 2);
    let shown_columns = &columns[..columns.len().min(most).min(room.max(1))];
    let shown_rows = &rows[..rows.len().min(most)];
    let wide = shown_rows.iter().map(|r| r.chars().count()).max().unwrap_or(0).max(matrix.rows.len() + 2);
    let corner = format!("{} \\ {}", matrix.rows, matrix.columns);
    write!(out, "{}", out.paint(Tone::Faint, &format!("{corner:<wide$}")))?;
    for column in shown_columns {
        write!(out, "  {}", out.paint(Tone::Label, &format!("{:>NAME$}", cut(column))))?;
    }
    writeln!(out)?;
    for row in shown_rows {
        write!(out, "{}", out.paint(Tone::Title, &format!("{row:<w$}", w = wide.max(corner.len()))))?;
        for column in shown_columns {
            let cell = matrix.cells.iter().find(|(r, c, _)| r == row && c == column);
            let text = cell.map_or("·".into(), |(_, _, number)| number.to_string());
            let tone = if cell.is_some() { Tone::Number } else { Tone::Faint };
            write!(out, "  {}", out.paint(tone, &format!("{text:>NAME$}")))?;
        }
        writeln!(out)?;
    }
    if rows.len() > shown_rows.len() || columns.len() > shown_columns.len() {
        let all = format!(
            "{} by {}",
            count(rows.len() as u64, "row", "rows"),
            count(columns.len() as u64, "column", "columns")
        );
        out.note(&format!("{all} in all: -n and a wider terminal show more, --json shows every pair"));
    }
    Ok(())
}

/// The names by the sum of their numbers, the greatest first.
fn names<'n>(cells: impl Iterator<Item = (&'n str, u64)>) -> Vec<&'n str> {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for (name, number) in cells {
        match sums.iter_mut().find(|(n, _)| *n == name) {
            Some((_, sum)) => *sum += number,
            None => sums.push((name, number)),
        }
    }
    sums.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    sums.into_iter().map(|(name, _)| name).collect()
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_string();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

/// Prints the articles like one.
///
/// # Errors
/// If writing fails.
pub fn similar(out: &mut Output, article: &Article, similar: &Similar) -> io::Result<()> {
    let title = if article.title.is_empty() { "(no title)" } else { &article.title };
    writeln!(out, "{}", out.paint(Tone::Title, title))?;
    let lists =
        [("copies: share of runs of three words in common", &similar.copies), ("related", &similar.related)];
    for (label, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        writeln!(out, "\n{}", out.paint(Tone::Label, label))?;
        for alike in list {
            print_alike(out, alike)?;
        }
    }
    Ok(())
}

fn print_alike(out: &mut Output, alike: &Alike) -> io::Result<()> {
    let other = &alike.article;
    let title = if other.title.is_empty() { "(no title)" } else { &other.title };
    let likeness = out.paint(Tone::Number, &format!("{:>5.2}", alike.likeness));
    writeln!(out, "{likeness}  {}  {}", out.paint(Tone::Title, title), day(alike.published))?;
    let source = other.source.as_ref().map_or(String::new(), |source| format!("{source} · "));
    writeln!(out, "       {}", out.paint(Tone::Faint, &format!("{source}{} · {}", other.path, other.id)))
}
