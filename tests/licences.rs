//! What others wrote and we ship: where it comes from and under which licence. `deny.toml` has the rules.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use spdx::Expression;
use spdx::Licensee;
use spdx::ParseMode;

use crate::scratch::string;

fn rules() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn licensees(names: &toml::Value) -> Vec<Licensee> {
    let names = names.as_array().unwrap().iter();
    names.map(|name| Licensee::parse(name.as_str().unwrap()).unwrap()).collect()
}

/// Tells whether an expression can be met with licences of these.
fn is_met(expression: &str, licensees: &[Licensee]) -> bool {
    // Older packages write "MIT/Apache-2.0".
    let read = Expression::parse_mode(expression, ParseMode::LAX);
    read.is_ok_and(|read| read.evaluate(|asked| licensees.iter().any(|licensee| licensee.satisfies(asked))))
}

/// The packages that are built here, down to the last.
fn packages() -> Vec<Value> {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn every_package_has_a_licence_and_an_origin_that_we_allow() {
    let rules = rules();
    let allowed = licensees(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().unwrap();
    let packages = packages();
    assert!(packages.len() > 100);
    let (mut faults, mut used, mut origins) = (Vec::new(), Vec::new(), BTreeSet::new());
    for package in packages.iter().filter(|package| package["name"] != env!("CARGO_PKG_NAME")) {
        let (name, licence) = (string(&package["name"]), package["license"].as_str().unwrap_or("none"));
        origins.insert(package["source"].to_string());
        if is_met(licence, &allowed) {
            continue;
        }
        let exception = exceptions.iter().find(|exception| exception["crate"].as_str() == Some(&name));
        match exception.filter(|exception| is_met(licence, &licensees(&exception["allow"]))) {
            Some(_) => used.push(name),
            None => faults.push(format!("{name}: {licence} is not allowed by deny.toml")),
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    // All from the one registry, none from a repository or a directory.
    assert!(origins.len() == 1 && origins.iter().all(|o| o.starts_with("\"registry+")), "{origins:?}");
    let idle = exceptions.iter().filter(|e| !used.iter().any(|name| e["crate"].as_str() == Some(name)));
    assert_eq!(idle.count(), 0, "an exception that no package needs: {used:?} need one");
}

#[test]
fn licences_are_weighed_as_they_are_written() {
    let allowed = [Licensee::parse("MIT").unwrap(), Licensee::parse("Unicode-3.0").unwrap()];
    for (expression, met) in [
        ("MIT", true),
        ("MIT/GPL-3.0", true),
        ("GPL-3.0 OR MIT", true),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("GPL-3.0", false),
        ("none", false),
        ("", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}
