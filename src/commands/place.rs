//! Where the index is: what the flags and the environment say of a cluster.

use std::env;
use std::fs;

use super::Context;
use crate::cli::BackendArg;
use crate::cli::Command;
use crate::cluster;
use crate::cluster::Login;
use crate::cluster::Settings;
use crate::query::QueryError;

/// Refuses commands that a cluster does not answer, before they look for an index on this machine.
pub(super) fn expect(command: &Command, context: &Context) -> Result<(), QueryError> {
    if context.common.place.backend == BackendArg::Embedded {
        return Ok(());
    }
    let name = match command {
        Command::Similar(_) => "similar",
        Command::Matrix(_) => "matrix",
        Command::Saved(_) => "saved",
        Command::Alerts(_) => "alerts",
        Command::Mcp => "mcp",
        Command::Check => "check",
        Command::Search(args) if args.path.is_some() => "search --in",
        Command::Search(args) if args.verify => "search --verify",
        _ => return Ok(()),
    };
    Err(cluster::no_such_command(name))
}

impl Context {
    /// Where the cluster is and who asks; none if the index is on this machine.
    pub(super) fn cluster(&self) -> Result<Option<Settings>, QueryError> {
        let place = &self.common.place;
        if place.backend == BackendArg::Embedded {
            return Ok(None);
        }
        let login = match &place.credentials {
            Some(file) => {
                let wrong =
                    |what: String| QueryError::Usage(format!("--credentials {}: {what}", file.display()));
                let text = fs::read_to_string(file).map_err(|e| wrong(e.to_string()))?;
                written(text.trim())
                    .ok_or_else(|| wrong("write user:password or ApiKey KEY into it".into()))?
            }
            None => login(|name| env::var(name).ok().filter(|value| !value.is_empty()))?,
        };
        let (urls, name, ca_file) = (place.urls.clone(), place.index_name.clone(), place.ca_file.clone());
        Ok(Some(Settings { urls, name, login, ca_file }))
    }
}

/// `user:password` or `ApiKey KEY`
fn written(text: &str) -> Option<Login> {
    if let Some(key) = text.strip_prefix("ApiKey ") {
        return Some(Login::ApiKey(key.trim().into())).filter(|_| is_plain(key));
    }
    let (user, password) = text.split_once(':')?;
    (!user.is_empty() && is_plain(text)).then(|| Login::Password(user.into(), password.into()))
}

/// Of one line: what is sent in a header can have no second one.
fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

fn login(variable: impl Fn(&str) -> Option<String>) -> Result<Login, QueryError> {
    let wrong = |what: &str| Err(QueryError::Usage(what.into()));
    match (variable("DATELINE_API_KEY"), variable("DATELINE_USER"), variable("DATELINE_PASSWORD")) {
        (Some(_), Some(_), _) => wrong("DATELINE_API_KEY and DATELINE_USER are both set: which is meant?"),
        (Some(key), None, _) if is_plain(&key) => Ok(Login::ApiKey(key)),
        (Some(_), None, _) => wrong("DATELINE_API_KEY holds more than one line"),
        (None, Some(user), Some(password)) => Ok(Login::Password(user, password)),
        (None, Some(_), None) => wrong("DATELINE_USER is set, but DATELINE_PASSWORD is not"),
        (None, None, _) => Ok(Login::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(login: Option<Login>) -> String {
        match login {
            None => "refused".into(),
            Some(Login::None) => "nobody".into(),
            Some(Login::Password(user, password)) => format!("{user}/{password}"),
            Some(Login::ApiKey(key)) => format!("key {key}"),
        }
    }

    #[test]
    fn credentials_come_from_the_environment_or_a_file() {
        let of = |set: &[(&str, &str)]| {
            let find = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string());
            named(login(find).ok())
        };
        assert_eq!(of(&[]), "nobody");
        assert_eq!(of(&[("DATELINE_USER", "me"), ("DATELINE_PASSWORD", "x:y")]), "me/x:y");
        assert_eq!(of(&[("DATELINE_API_KEY", "k")]), "key k");
        assert_eq!(of(&[("DATELINE_USER", "me")]), "refused");
        assert_eq!(of(&[("DATELINE_API_KEY", "k"), ("DATELINE_USER", "me")]), "refused");
        assert_eq!(named(written("me:x:y")), "me/x:y");
        assert_eq!(named(written("ApiKey k")), "key k");
        assert_eq!(named(written("nothing")), "refused");
        assert_eq!(named(written("me:x\nHost: y")), "refused");
    }
}
