//! Results for people to read.

use std::io;
use std::io::Write;

use super::output::Output;
use super::output::Tone;
use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::annotation::Kind;
use crate::annotation::Status;
use crate::annotation::Zone;
use crate::article::Article;
use crate::article::BlockKind;
use crate::query::FacetCounts;
use crate::query::Hit;
use crate::query::Results;
use crate::query::Timeline;

/// Columns that the text under a hit is moved in.
const INDENT: usize = 4;

/// Prints the answer of a search.
///
/// # Errors
/// If writing fails.
pub fn results(out: &mut Output, results: &Results, explain: bool) -> io::Result<()> {
    let stories = if results.stories == results.total {
        String::new()
    } else {
        format!(", {}", count(results.stories, "story", "stories"))
    };
    let head = format!("{}{stories}", count(results.total, "article", "articles"));
    let took = out.paint(Tone::Faint, &format!("({:.1} ms)", results.took_ms));
    writeln!(out, "{} {took}", out.paint(Tone::Title, &head))?;
    if explain {
        writeln!(out, "{}", out.paint(Tone::Faint, &format!("read as: {}", results.understood)))?;
    }
    for used in &results.used {
        writeln!(out, "{}", out.paint(Tone::Faint, used))?;
    }
    let wide = results.facets.iter().map(|f| f.field.len()).max().unwrap_or(0);
    for facet in results.facets.iter().filter(|f| !f.values.is_empty()) {
        facet_line(out, facet, wide)?;
    }
    for hit in &results.hits {
        writeln!(out)?;
        print_hit(out, hit, explain)?;
    }
    Ok(())
}

pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// One facet on one line: as many values as fit.
fn facet_line(out: &mut Output, facet: &FacetCounts, wide: usize) -> io::Result<()> {
    let mut line = format!("  {}", out.paint(Tone::Label, &format!("{:<wide$}", facet.field)));
    let mut used = 2 + wide;
    for value in &facet.values {
        let length = value.value.chars().count() + value.count.to_string().len() + 4;
        if used + length > out.width && used > 2 + wide {
            line.push_str(&out.paint(Tone::Faint, "  …"));
            break;
        }
        used += length;
        line.push_str(&format!(
            "  {} {}",
            out.paint(Tone::Title, &value.value),
            out.paint(Tone::Number, &value.count.to_string())
        ));
    }
    writeln!(out, "{line}")
}

fn print_hit(out: &mut Output, hit: &Hit, explain: bool) -> io::Result<()> {
    let article = &hit.article;
    let number = format!("{:>2}. ", hit.rank);
    let date = hit.published().map_or("undated".to_string(), |p| p.date.to_string());
    let title = if article.title.is_empty() { "(no title)" } else { &article.title };
    writeln!(
        out,
        "{}{}  {}",
        out.paint(Tone::Faint, &number),
        out.paint(Tone::Title, title),
        out.paint(Tone::Number, &date)
    )?;
    let record = article.record.map_or(String::new(), |r| format!("#{r}"));
    let place = match &article.source {
        Some(source) => format!("{source} · {}{record} · {}", article.path, article.id),
        None => format!("{}{record} · {}", article.path, article.id),
    };
    writeln!(out, "{:INDENT$}{}", "", out.paint(Tone::Faint, &place))?;
    if hit.copies > 1 {
        let outlets = count(hit.outlets, "outlet", "outlets");
        let copies = format!("{} copies in {outlets}: story:{}, or --all", hit.copies, hit.story);
        writeln!(out, "{:INDENT$}{}", "", out.paint(Tone::Number, &copies))?;
    }
    if explain {
        let method = hit.published().map_or("no date was found".to_string(), |p| {
            format!("dated by {} ({:.2})", p.method.name(), p.confidence)
        });
        writeln!(
            out,
            "{:INDENT$}{}",
            "",
            out.paint(Tone::Faint, &format!("score {:.3}, {method}", hit.score))
        )?;
        for (what, score) in &hit.score_parts {
            let line = format!("{score:>8.3}  {what}");
            writeln!(out, "{:INDENT$}{}", "", out.paint(Tone::Faint, &line))?;
        }
    }
    for snippet in &hit.snippets {
        wrapped(out, "", &snippet.text, &snippet.highlights)?;
    }
    for evidence in &hit.evidence {
        let label = format!("{} {}: ", evidence.field, evidence.value);
        let quoted = format!("“{}”", evidence.sentence);
        wrapped(out, &label, &quoted, &[])?;
        let rule = format!("{} {:.2}", evidence.rule, evidence.confidence);
        writeln!(out, "{:w$}{}", "", out.paint(Tone::Faint, &rule), w = INDENT + 2)?;
    }
    Ok(())
}

/// Prints text over lines of the terminal's width, with a label before it and some bytes marked.
pub(super) fn wrapped(out: &mut Output, label: &str, text: &str, marks: &[(usize, usize)]) -> io::Result<()> {
    let width = out.width.saturating_sub(INDENT).max(30);
    let mut used = label.chars().count();
    let mut line = if label.is_empty() { String::new() } else { out.paint(Tone::Label, label) };
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let length = word.trim_end().chars().count();
        if used + length > width && used > 0 {
            writeln!(out, "{:INDENT$}{}", "", line.trim_end())?;
            line.clear();
            used = 0;
        }
        line.push_str(&painted_word(out, word, at, marks));
        used += word.chars().count();
        at += word.len();
    }
    writeln!(out, "{:INDENT$}{}", "", line.trim_end())
}

/// Paints the marked bytes of a word that starts at a byte of its text.
fn painted_word(out: &Output, word: &str, start: usize, marks: &[(usize, usize)]) -> String {
    let end = start + word.len();
    let mut painted = String::new();
    let mut at = start;
    for (from, to) in marks.iter().filter(|m| m.0 < end && m.1 > start) {
        let (from, to) = ((*from).max(at), (*to).min(end));
        painted.push_str(&super::output::visible(word.get(at - start..from - start).unwrap_or("")));
        painted.push_str(&out.paint(Tone::Match, word.get(from - start..to - start).unwrap_or("")));
        at = to;
    }
    painted.push_str(&super::output::visible(word.get(at - start..).unwrap_or("")));
    painted
}

/// Draws a timeline as bars.
///
/// # Errors
/// If writing fails.
pub fn timeline(out: &mut Output, timeline: &Timeline) -> io::Result<()> {
    let most = timeline.buckets.iter().map(|b| b.1).max().unwrap_or(1).max(1);
    let digits = most.to_string().len();
    let room = out.width.saturating_sub(14 + digits).clamp(10, 60) as u64;
    for (date, number) in &timeline.buckets {
        let bar = "█".repeat(((number * room).div_ceil(most)) as usize);
        let bar = out.paint(Tone::Bar, &bar);
        writeln!(
            out,
            "{:<10}  {}  {bar}",
            date.to_string(),
            out.paint(Tone::Number, &format!("{number:>digits$}"))
        )?;
    }
    if timeline.undated > 0 {
        writeln!(
            out,
            "{:<10}  {}",
            "undated",
            out.paint(Tone::Number, &format!("{:>digits$}", timeline.undated))
        )?;
    }
    Ok(())
}

/// Prints label and value lines.
///
/// # Errors
/// If writing fails.
pub fn statistics(out: &mut Output, rows: &[(&str, String)]) -> io::Result<()> {
    let wide = rows.iter().map(|r| r.0.len()).max().unwrap_or(0);
    for (label, value) in rows {
        writeln!(
            out,
            "{}  {}",
            out.paint(Tone::Label, &format!("{label:<wide$}")),
            super::output::visible(value)
        )?;
    }
    Ok(())
}

/// Prints an article with its names, dates and events.
///
/// # Errors
/// If writing fails.
pub fn article(out: &mut Output, article: &Article, annotations: &Annotations) -> io::Result<()> {
    let title = if article.title.is_empty() { "(no title)" } else { &article.title };
    writeln!(out, "{}", out.paint(Tone::Title, title))?;
    let published =
        annotations.published.map(|p| format!("{} (by {}, {:.2})", p.date, p.method.name(), p.confidence));
    let mut rows = vec![("published", published.unwrap_or_else(|| "not known".into()))];
    let mut push = |label, value: &Option<String>| rows.extend(value.clone().map(|v| (label, v)));
    push("source", &article.source);
    push("url", &article.url);
    push("language", &article.language);
    push("authors", &Some(article.authors.join(", ")).filter(|a| !a.is_empty()));
    push("path", &Some(article.path.clone()));
    push("id", &Some(article.id.clone()));
    statistics(out, &rows)?;
    if !annotations.events.is_empty() {
        writeln!(out)?;
        for event in &annotations.events {
            print_event(out, article, event)?;
        }
    }
    writeln!(out)?;
    print_text(out, article, annotations)
}

fn print_event(out: &mut Output, article: &Article, event: &Event) -> io::Result<()> {
    let mut line = out.paint(Tone::Title, &event.kind);
    for p in &event.participants {
        let rolled = if p.rolled_up { "*" } else { "" };
        line.push_str(&format!(
            "  {} {}{rolled}",
            out.paint(Tone::Label, &p.role),
            super::output::visible(&p.name)
        ));
    }
    let mut state = Vec::new();
    if event.status != Status::Asserted {
        state.push(event.status.name().to_string());
    }
    if event.background {
        state.push("background".into());
    }
    if let Some(date) = event.date {
        state.push(date.to_string());
    }
    if let Some(who) = &event.attributed_to {
        state.push(format!("says {who}"));
    }
    state.push(format!("{} {:.2}", event.rule, event.confidence));
    writeln!(out, "{line}  {}", out.paint(Tone::Faint, &format!("({})", state.join(", "))))?;
    wrapped(out, "", &format!("“{}”", event.sentence_of(article)), &[])
}

/// The text with its names and dates in colour and its boilerplate faint.
fn print_text(out: &mut Output, article: &Article, annotations: &Annotations) -> io::Result<()> {
    let mut marks: Vec<(usize, usize, Tone)> = Vec::new();
    for mention in annotations.mentions.iter().filter(|m| m.zone == Zone::Text && m.entity.is_some()) {
        let tone = match mention.kind {
            Kind::Person => Tone::Person,
            Kind::Country => Tone::Country,
            Kind::Place => Tone::Place,
            _ => Tone::Organisation,
        };
        marks.push((mention.span.start as usize, mention.span.end as usize, tone));
    }
    marks.extend(
        annotations
            .dates
            .iter()
            .filter(|d| d.zone == Zone::Text)
            .map(|d| (d.span.start as usize, d.span.end as usize, Tone::Date)),
    );
    marks.sort_by_key(|m| m.0);
    for block in &article.blocks {
        let (start, end) = (block.span.start as usize, block.span.end as usize);
        let text = block.span.of(&article.text);
        if block.kind == BlockKind::Boilerplate {
            writeln!(out, "{}\n", out.paint(Tone::Faint, &text.replace('\n', " ")))?;
            continue;
        }
        let mut line = String::new();
        let mut at = start;
        for (from, to, tone) in marks.iter().filter(|m| m.0 >= start && m.1 <= end) {
            if *from < at {
                continue;
            }
            line.push_str(&super::output::visible(&article.text[at..*from].replace('\n', " ")));
            line.push_str(&out.paint(*tone, &article.text[*from..*to].replace('\n', " ")));
            at = *to;
        }
        line.push_str(&super::output::visible(&article.text[at..end].replace('\n', " ")));
        writeln!(out, "{line}\n")?;
    }
    if out.color {
        let legend = [
            (Tone::Person, "person"),
            (Tone::Country, "country"),
            (Tone::Organisation, "organisation"),
            (Tone::Place, "place"),
            (Tone::Date, "date"),
            (Tone::Faint, "set aside"),
        ];
        let legend: Vec<String> = legend.iter().map(|(tone, name)| out.paint(*tone, name)).collect();
        writeln!(out, "{}", legend.join("  "))?;
    }
    Ok(())
}
