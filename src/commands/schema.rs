//! `dateline schema check`: compiles the tables and runs the tests of the role rules.

use std::io::Write;

use super::Context;
use super::Outcome;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;
use crate::cli::SchemaArgs;
use crate::extract;
use crate::schema::Schema;

pub(super) fn run(_: &SchemaArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let schema = context.schema;
    let failures = failures(schema);
    if context.common.json {
        let tests = schema.lexicon().rules.tests.len();
        context
            .json(&serde_json::json!({ "ok": failures.is_empty(), "tests": tests, "failures": failures }))?;
        return Ok(if failures.is_empty() { Outcome::Done } else { Outcome::Partly });
    }
    for failure in &failures {
        writeln!(context.out, "{failure}\n")?;
    }
    writeln!(
        context.out,
        "{} entities, {} roles, {} rules, {} of {} tests passed",
        schema.lexicon().actors.len(),
        schema.roles.len(),
        schema.lexicon().rules.rules.len(),
        schema.lexicon().rules.tests.len() - failures.len(),
        schema.lexicon().rules.tests.len()
    )?;
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::Partly })
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
