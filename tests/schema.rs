//! The tables under `schema/`: they compile, their own tests pass, and every field is explained.

use dateline::schema::Schema;

use crate::scratch::Scratch;

#[test]
fn tables_compile_and_the_tests_of_the_rules_pass() {
    let ran = Scratch::new().dateline(["schema", "check"]).run().expect_code(0);
    assert!(ran.stdout.contains("tests passed"), "{}", ran.stdout);
}

#[test]
fn every_field_has_help_and_a_name_of_its_own() {
    let schema = Schema::embedded();
    let mut names: Vec<&str> = schema.roles.iter().map(|r| r.id.as_str()).collect();
    for field in schema.fields.iter() {
        assert!(!field.help.trim().is_empty(), "schema/fields.toml: the field {} has no help", field.name);
        names.push(&field.name);
        names.extend(field.also.iter().map(String::as_str));
    }
    names.sort();
    let twice: Vec<_> = names.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
    assert!(twice.is_empty(), "schema/: {twice:?} name two fields or roles: rename one");
}

#[test]
fn every_role_is_labelled_and_every_role_it_beats_exists() {
    let schema = Schema::embedded();
    assert!(!schema.roles.is_empty());
    for role in &schema.roles {
        assert!(!role.label.trim().is_empty(), "schema/roles.toml: the role {} has no label", role.id);
        for beaten in &role.beats {
            assert!(schema.role(beaten).is_some(), "schema/roles.toml: {} beats {beaten}, no role", role.id);
        }
    }
}

#[test]
fn default_facets_are_fields_or_roles() {
    let schema = Schema::embedded();
    for facet in &schema.fields.default_facets {
        let known = schema.role(facet).is_some() || schema.fields.find(facet).is_some();
        assert!(known, "schema/fields.toml: the default facet {facet} is neither a field nor a role");
    }
}
