//! Patterns as lists of tokens, matched by a table of all places.

use super::{KeyValue, Keys};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token {
    Letter(char),
    /// `?`; whether it matches a colon.
    One {
        colon: bool,
    },
    /// `*`; whether it matches colons.
    Star {
        colon: bool,
    },
}

pub fn tokens(text: &str, wildcards: bool, colon: bool) -> Vec<Token> {
    let token = |letter| match letter {
        '*' if wildcards => Token::Star { colon },
        '?' if wildcards => Token::One { colon },
        letter => Token::Letter(letter),
    };
    text.chars().map(token).collect()
}

/// `None` if a variable has no value.
pub fn tokens_with_variables(
    text: &str,
    wildcards: bool,
    variables: bool,
    keys: &Keys,
) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${").filter(|_| variables) {
        let Some(end) = rest[at..].find('}') else { break };
        out.extend(tokens(&rest[..at], wildcards, true));
        out.extend(value_of(&rest[at + 2..at + end], keys)?.chars().map(Token::Letter));
        rest = &rest[at + end + 1..];
    }
    out.extend(tokens(rest, wildcards, true));
    Some(out)
}

fn value_of(inside: &str, keys: &Keys) -> Option<String> {
    if ["*", "?", "$"].contains(&inside) {
        return Some(inside.to_owned());
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\'').to_owned())),
        None => (inside.trim(), None),
    };
    let found: Vec<&KeyValue> =
        keys.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, v)| v).collect();
    match found.as_slice() {
        [] => default,
        [KeyValue::Many(values)] if values.is_empty() => default,
        [KeyValue::One(value)] => Some(value.clone()),
        _ => None,
    }
}

/// Fills a table: does the pattern from here match the text from there?
pub fn fits(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut next = vec![false; text.len() + 1];
    next[text.len()] = true;
    for token in pattern.iter().rev() {
        let mut here = vec![false; text.len() + 1];
        for at in (0..=text.len()).rev() {
            let letter = text.get(at);
            let after = letter.is_some() && next[at + 1];
            here[at] = match token {
                Token::Letter(expected) => after && letter == Some(expected),
                Token::One { colon } => after && (*colon || letter != Some(&':')),
                Token::Star { colon } => {
                    next[at] || (letter.is_some() && here[at + 1] && (*colon || letter != Some(&':')))
                }
            };
        }
        next = here;
    }
    next[0]
}

pub fn action(pattern: &str, action: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (Some((service, name)), Some((asked_service, asked))) =
        (pattern.split_once(':'), action.split_once(':'))
    else {
        return false;
    };
    let odd = |text: &str| text.is_empty() || text.contains([' ', ',', ':', '\t', '\n', '\r']);
    !odd(service)
        && !odd(name)
        && service.eq_ignore_ascii_case(asked_service)
        && fits(&tokens(&name.to_lowercase(), true, true), &asked.to_lowercase())
}

pub fn resource(pattern: &str, resource: &str, variables: bool, keys: &Keys) -> bool {
    if pattern == "*" {
        return true;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    if parts[0] != "arn"
        || parts.len() < 2
        || parts.get(2).is_some_and(|service| service.contains(['*', '?']))
    {
        return false;
    }
    let head_tokens = |head: &[&str]| {
        let mut all = Vec::new();
        for part in head {
            all.extend(tokens(part, true, false));
            // The star that ends a part goes on beyond the colon.
            if let Some(Token::Star { colon }) = all.last_mut() {
                *colon = true;
            }
            all.push(Token::Letter(':'));
        }
        all
    };
    let covers = |head: &[&str], rest: &str, variables| {
        let Some(rest) = tokens_with_variables(rest, true, variables, keys) else { return false };
        // Only the last part's stars cross colons wherever they stand: it begins behind the fifth colon, or later.
        let colons = resource.match_indices(':').skip(4).map(|(at, _)| resource.split_at(at + 1));
        colons.into_iter().any(|(before, last)| fits(&head_tokens(head), before) && fits(&rest, last))
    };
    if parts.len() == 6 {
        return covers(&parts[..5], parts[5], variables);
    }
    // Missing parts are completed with stars; or a star that goes on beyond its colon stands for them.
    let mut completed = parts.clone();
    completed.resize(5, "*");
    let (last, head) = parts.split_last().unwrap();
    covers(&completed, "*", false) || covers(head, last, false)
}

/// Six parts, each by itself.
pub fn arn(pattern: &str, value: &str, variables: bool, keys: &Keys) -> bool {
    if pattern == "*" {
        return true;
    }
    // Colons inside variables do not separate parts.
    let mut parts = vec![String::new()];
    let mut inside = false;
    for letter in pattern.chars() {
        inside = match letter {
            '{' if variables => true,
            '}' => false,
            _ => inside,
        };
        if letter == ':' && !inside && parts.len() < 6 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(letter);
        }
    }
    let values: Vec<&str> = value.splitn(6, ':').collect();
    parts.len() == 6
        && parts[0] == "arn"
        && parts.iter().zip(values).skip(1).all(|(part, value)| {
            tokens_with_variables(part, true, variables, keys).is_some_and(|tokens| fits(&tokens, value))
        })
}
