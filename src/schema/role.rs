//! The roles by name, read from the beginning of `roles.toml`; the rules that fill them are [`super::roles`].

use serde::Deserialize;

use super::SchemaError;

const FILE: &str = "roles.toml";

/// A part that an actor plays in an event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Name in queries, facets and JSON.
    pub id: String,
    /// What having it means, for people.
    pub label: String,
    /// Roles that the same actor loses in the same sentence.
    #[serde(default)]
    pub beats: Vec<String>,
}

/// Reads the roles alone.
pub(super) fn read_roles(text: &str) -> Result<Vec<Role>, SchemaError> {
    #[derive(Deserialize)]
    struct Roles {
        role: Vec<Role>,
    }
    let read = |text| toml::from_str(text).map(|file: Roles| file.role);
    // Every command reads the roles, few the rules, which are thirty times as long.
    if let Some(Ok(roles)) = head(text).map(read) {
        return Ok(roles);
    }
    read(text).map_err(|e| SchemaError::new(FILE, e))
}

/// The beginning of the table that has all the roles, if they stand first.
fn head(text: &str) -> Option<&str> {
    let lines = text.split_inclusive('\n');
    let of_roles = |line: &&str| !line.starts_with('[') || line.starts_with("[[role]]");
    let (head, rest) = text.split_at(lines.take_while(of_roles).map(str::len).sum());
    // However a role may be written further down, this is not the whole of them.
    let header = |line: &str| line.trim_start().starts_with('[') && line.contains("role");
    (!rest.lines().any(header)).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_wherever_they_stand() {
        const HOST: &str = "[[role]]\nid = \"host\"\nlabel = \"hosted\"\n";
        const WALK: &str = "[walk]\nwords = [\"the\"]\n";
        let of = |parts: &[&str]| -> Vec<String> {
            let roles = read_roles(&parts.concat()).unwrap_or_else(|error| panic!("{error}"));
            roles.into_iter().map(|role| role.id).collect()
        };
        let backer = HOST.replace("host", "backer");
        assert_eq!(of(&[HOST, &backer, WALK]), ["host", "backer"]);
        assert_eq!(of(&[HOST, WALK, &backer.replace("[[role]]", " [[ \"role\" ]]")]), ["host", "backer"]);
        assert_eq!(of(&[WALK, HOST]), ["host"]);
        assert!(read_roles(&[HOST, "[[role]]\nid = 3\n", WALK].concat()).is_err());
        // The short way is the one that our own table takes.
        let ours = include_str!("../../schema/roles.toml");
        assert!(head(ours).is_some_and(|head| head.len() * 5 < ours.len()));
    }
}
