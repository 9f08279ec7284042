//! `dateline schema check`: compiles the tables and runs the tests of the role rules.

use std::io;
use std::io::Write;

use super::Context;
use super::Outcome;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;
use crate::cli::SchemaAction;
use crate::cli::SchemaArgs;
use crate::extract;
use crate::schema::Clash;
use crate::schema::ClashKind;
use crate::schema::Schema;

pub(super) fn run(args: &SchemaArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let SchemaAction::Check { verbose } = args.action;
    let schema = context.schema;
    let failures = failures(schema);
    let clashes = schema.clashes();
    let outcome = if failures.is_empty() { Outcome::Done } else { Outcome::Partly };
    let tests = schema.lexicon().rules.tests.len();
    if context.common.json {
        let clashes: Vec<_> = clashes
            .iter()
            .map(|c| serde_json::json!({ "kind": c.kind.name(), "text": c.text, "own": c.own }))
            .collect();
        context.json(&serde_json::json!({
            "ok": failures.is_empty(), "tests": tests, "failures": failures, "clashes": clashes,
            "tables": schema.changes.as_ref().map(|c| &c.dir),
        }))?;
        return Ok(outcome);
    }
    for failure in &failures {
        writeln!(context.out, "{failure}\n")?;
    }
    writeln!(
        context.out,
        "{} entities, {} roles, {} rules, {} of {tests} tests passed",
        schema.lexicon().actors.len(),
        schema.roles.len(),
        schema.lexicon().rules.rules.len(),
        tests - failures.len(),
    )?;
    if let Some(changes) = &schema.changes {
        writeln!(context.out, "{}", changes.told())?;
    }
    tell(&clashes, verbose, context)?;
    Ok(outcome)
}

/// Counts the clashes, and lists those that a user's tables make, or all.
fn tell(clashes: &[Clash], verbose: bool, context: &mut Context) -> io::Result<()> {
    for clash in clashes.iter().filter(|c| verbose || c.own) {
        writeln!(context.out, "  {}", clash.text)?;
    }
    let what = |kind| match kind {
        ClashKind::Name => "names of two entities",
        ClashKind::Rule => "rules with the pattern of another",
        ClashKind::Class => "classes that no pattern uses",
        ClashKind::Role => "roles that no rule fills",
    };
    let count = |kind| clashes.iter().filter(|c| c.kind == kind).count();
    let counts: Vec<String> = ClashKind::ALL
        .into_iter()
        .filter(|k| count(*k) > 0)
        .map(|k| format!("{} {}", count(k), what(k)))
        .collect();
    if !counts.is_empty() {
        let hint = if verbose { "" } else { " (-v lists them)" };
        writeln!(context.out, "clashes, no errors: {}{hint}", counts.join(", "))?;
    }
    Ok(())
}

/// Runs the tests in `roles.toml`; returns what each failing one expected and got.
pub fn failures(schema: &Schema) -> Vec<String> {
    let mut failures = Vec::new();
    for test in &schema.lexicon().rules.tests {
        let block = Block { span: Span::new(0, test.text.len()), kind: BlockKind::Body };
        let article = Article { text: test.text.clone(), blocks: vec![block], ..Article::default() };
        let annotations = extract::annotate(&article, schema);
        let is_role = |field: &str| {
            schema.role(field.split('.').next().unwrap_or(field)).is_some() && !field.ends_with(".any")
        };
        let mut got: Vec<String> = annotations
            .facets(schema)
            .into_iter()
            .filter(|(field, _)| is_role(field))
            .flat_map(|(field, values)| values.into_iter().map(move |v| format!("{field}={v}")))
            .collect();
        // A test speaks of the roles that it names, or of all if it names none.
        let role = |facet: &String| facet.split(['.', '=']).next().unwrap_or("").to_string();
        let named: Vec<String> =
            if test.roles.is_empty() { test.expect.iter().map(role).collect() } else { test.roles.clone() };
        got.retain(|g| named.is_empty() || named.contains(&role(g)));
        got.sort();
        let mut expected = test.expect.clone();
        expected.sort();
        if got != expected {
            failures.push(format!(
                "{}\n  expected {}\n  got      {}",
                test.text,
                expected.join(", "),
                got.join(", ")
            ));
        }
    }
    failures
}
