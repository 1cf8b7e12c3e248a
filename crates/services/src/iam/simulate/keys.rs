//! The condition keys that policies ask for: in conditions, and as variables.

use policy::{CompiledPolicy, Statement, Version};
use std::sync::Arc;

/// Every key once, as it is written first, in the order of the policies.
pub(super) fn of(policies: &[Arc<CompiledPolicy>]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for policy in policies {
        let document = policy.document();
        let with_variables = document.version() == Version::V2012;
        for key in document.statements().iter().flat_map(|statement| of_statement(statement, with_variables))
        {
            if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

fn of_statement(statement: &Statement, with_variables: bool) -> Vec<&str> {
    let resources = statement.resource.iter().flat_map(|resource| &resource.entries);
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    let texts = resources.chain(values).map(|text| &*text.value);
    let variables = texts.filter(|_| with_variables).flat_map(variables);
    let keys = statement.conditions.iter().map(|condition| &*condition.key.value);
    keys.chain(variables).collect()
}

/// The keys of `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}` are letters.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split("${").skip(1).filter_map(|piece| Some(piece.split_once('}')?.0));
    let names = pieces.map(|inside| inside.split(',').next().unwrap_or_default().trim());
    names.filter(|name| !matches!(*name, "" | "*" | "?" | "$"))
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn variables_are_found_with_and_without_default() {
        let text = "a${aws:username}b${*}${aws:PrincipalTag/team, 'x'}${";
        assert_eq!(variables(text).collect::<Vec<_>>(), ["aws:username", "aws:PrincipalTag/team"]);
    }
}
