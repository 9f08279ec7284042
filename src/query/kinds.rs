//! What the fields of a query hold.

use super::QueryError;
use super::values::near_names;
use crate::annotation::RoleState;
use crate::schema::FieldKind;
use crate::schema::Schema;

/// What a field holds; roles are fields. `text` is the query, and `at` the place in it, for errors.
pub(crate) fn kind_of(schema: &Schema, text: &str, name: &str, at: usize) -> Result<FieldKind, QueryError> {
    if let Some(field) = schema.fields.find(name) {
        return Ok(field.kind);
    }
    let (role, state) = RoleState::split(name);
    if schema.role(role).is_some() {
        if state.is_some() {
            return Ok(FieldKind::Actor);
        }
        let states: Vec<&str> = RoleState::all().map(RoleState::name).collect();
        let message = format!("no `{name}`: behind `{role}.` there are {}", states.join(", "));
        return Err(QueryError::at(text, at, message));
    }
    let fields = schema.fields.iter().map(|f| f.name.as_str());
    let known: Vec<&str> = fields.chain(schema.roles.iter().map(|r| r.id.as_str())).collect();
    let hint = match near_names(role, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}.", known.join(", ")),
    };
    let message = format!("no field `{name}`: {hint} To search it as words, quote it");
    Err(QueryError::at(text, at, message))
}
