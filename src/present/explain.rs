//! Which rules fired at which words, and which came near: for people and for programs.

use std::io;
use std::io::Write;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Output;
use super::output::Tone;
use super::output::visible;
use crate::annotation::Explanation;
use crate::annotation::RuleTrace;
use crate::annotation::Zone;
use crate::article::Article;
use crate::article::Span;

/// Near misses that are printed for a word at which nothing fired; JSON has all.
const NEAREST: usize = 3;

fn piece(article: &Article, explanation: &Explanation, span: Span) -> String {
    let text = if explanation.zone == Zone::Title { &article.title } else { &article.text };
    span.of(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints what the rules made of an article, sentence by sentence.
///
/// # Errors
/// If writing fails.
pub fn explanations(out: &mut Output, article: &Article, found: &[Explanation]) -> io::Result<()> {
    writeln!(out, "{}", out.paint(Tone::Title, "why"))?;
    if found.is_empty() {
        writeln!(out, "no word of this article triggers a rule")?;
    }
    for sentence in found.chunk_by(|a, b| (a.zone, a.sentence) == (b.zone, b.sentence)) {
        writeln!(out, "\n“{}”", visible(&piece(article, &sentence[0], sentence[0].sentence)))?;
        for explanation in sentence.iter().filter(|e| !e.rules.is_empty()) {
            print_trigger(out, article, explanation)?;
        }
        let idle = sentence.iter().filter(|e| e.rules.is_empty());
        let idle: Vec<String> = idle.map(|e| piece(article, e, e.trigger)).collect();
        if !idle.is_empty() {
            let line = format!("  no rule comes near: {}", idle.join(", "));
            writeln!(out, "{}", out.paint(Tone::Faint, &line))?;
        }
    }
    Ok(())
}

/// The rules at one word: those that fired, or else those that came nearest.
fn print_trigger(out: &mut Output, article: &Article, explanation: &Explanation) -> io::Result<()> {
    writeln!(out, "  {}", out.paint(Tone::Match, &piece(article, explanation, explanation.trigger)))?;
    let (fired, missed): (Vec<_>, Vec<_>) = explanation.rules.iter().partition(|r| r.fired);
    let shown = if fired.is_empty() { missed.len().min(NEAREST) } else { 0 };
    for rule in fired.into_iter().chain(missed[..shown].iter().copied()) {
        print_rule(out, rule)?;
    }
    if missed.len() > shown {
        let more = format!("    and {} that came near: --json has them", missed.len() - shown);
        writeln!(out, "{}", out.paint(Tone::Faint, &more))?;
    }
    Ok(())
}

fn print_rule(out: &mut Output, rule: &RuleTrace) -> io::Result<()> {
    let (mark, tone) = if rule.fired { ("fired", Tone::Number) } else { ("not", Tone::Faint) };
    let mark = out.paint(tone, &format!("{mark:<5}"));
    let mut line = format!("    {mark}  {}", out.paint(Tone::Label, &rule.rule));
    for p in &rule.participants {
        let rolled = if p.rolled_up { "*" } else { "" };
        line.push_str(&format!("  {} {}{rolled}", p.role, visible(&p.name)));
    }
    if let Some(why) = &rule.why {
        line.push_str(&out.paint(Tone::Faint, &format!("  {why}")));
    }
    writeln!(out, "{line}")
}

/// The explanations of an article, for `annotate --explain --json`.
pub fn to_json(article: &Article, found: &[Explanation]) -> Value {
    let one = |e: &Explanation| {
        let mut value = json!({
            "sentence": [e.sentence.start, e.sentence.end], "trigger": [e.trigger.start, e.trigger.end],
            "word": piece(article, e, e.trigger), "rules": e.rules.iter().map(rule_json).collect::<Vec<_>>(),
        });
        if let (Zone::Title, Value::Object(map)) = (e.zone, &mut value) {
            map.insert("in".into(), json!("title"));
        }
        value
    };
    Value::Array(found.iter().map(one).collect())
}

fn rule_json(rule: &RuleTrace) -> Value {
    let mut roles: Map<String, Value> = Map::new();
    for p in &rule.participants {
        if let Value::Array(names) = roles.entry(p.role.clone()).or_insert_with(|| json!([])) {
            names.push(json!(p.name));
        }
    }
    json!({
        "rule": rule.rule, "fired": rule.fired, "roles": roles, "status": rule.status.name(),
        "background": rule.background, "matched": rule.matched, "elements": rule.elements, "why": rule.why,
    })
}
