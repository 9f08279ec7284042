//! `dateline serve`: the index over HTTP.

use std::io::Write;

use anyhow::Context as _;

use super::Context;
use super::Outcome;
use crate::cli::ServeArgs;
use crate::serve;
use crate::serve::Config;
use crate::serve::Place;
use crate::serve::ServeError;
use crate::serve::Stop;
use crate::serve::Token;

pub(super) fn run(args: &ServeArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let token = args.token_file.as_ref().map(|file| {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Token::new(&text).with_context(|| file.display().to_string())
    });
    let config = Config {
        index: context.cluster()?.map_or_else(|| Place::Directory(context.index_dir()), Place::Cluster),
        bind: args.bind,
        port: args.port,
        token: token.transpose()?,
        hosts: args.hosts.clone(),
        threads: context.threads().max(2),
    };
    let stop = Stop::new();
    let told = stop.clone();
    ctrlc::set_handler(move || {
        // Who asks twice does not want to wait for the requests that run.
        if told.now() {
            std::process::exit(Outcome::Interrupted as i32);
        }
    })?;
    let json = context.common.json;
    serve::serve(config, context.schema, &stop, |address| {
        if json {
            context.json(&serde_json::json!({ "url": format!("http://{address}/") }))?;
        } else {
            writeln!(context.out, "listening on http://{address}/")?;
        }
        context.out.flush()
    })
    .map_err(plain)?;
    Ok(Outcome::Done)
}

/// The error inside, by which the exit code is found.
pub(super) fn plain(error: ServeError) -> anyhow::Error {
    match error {
        ServeError::Index(error) => error.into(),
        ServeError::Query(error) => error.into(),
        other => other.into(),
    }
}
