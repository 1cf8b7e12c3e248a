//! The question as SMT-LIB 2: is there an action, a resource, and values of condition keys with which one policy allows
//! and the other does not? Patterns become regular expressions.
//!
//! Only for identity policies without variables, with conditions on texts of keys that have one value.

use policy::elements::{ConditionTest, Token, ValuePattern, action_tokens, resource_tokens, value_pattern};
use policy::{ConditionElement, ContextMap, Document, Effect, ListElement, Statement, Version};
use std::collections::BTreeSet;

/// The text that asks whether `new` allows something beyond `old`.
pub(crate) fn question(new: &Document, old: &Document) -> String {
    let keys: BTreeSet<String> = [new, old]
        .into_iter()
        .flat_map(|document| document.statements())
        .flat_map(|statement| &statement.conditions)
        .map(name)
        .collect();
    let mut text =
        String::from("(set-logic ALL)\n(declare-const action String)\n(declare-const resource String)\n");
    for key in &keys {
        text += &format!("(declare-const |{key} is there| Bool)\n(declare-const |{key}| String)\n");
    }
    let any = "(re.++ re.allchar re.all)";
    let part = "(re.* (re.diff re.allchar (str.to_re \":\")))";
    text += &format!("(assert (str.in_re action (re.++ {any} (str.to_re \":\") {any})))\n");
    let parts = format!("{part} (str.to_re \":\") ").repeat(4);
    text += &format!(
        "(assert (or (= resource \"*\") (str.in_re resource (re.++ (str.to_re \"arn:\") {parts} re.all))))\n"
    );
    text += &format!("(assert {})\n(assert (not {}))\n(check-sat)\n", allows(new), allows(old));
    text
}

fn name(condition: &ConditionElement) -> String {
    condition.key.value.to_lowercase()
}

fn join(word: &str, parts: Vec<String>) -> String {
    match (parts.len(), word) {
        (0, "and") => "true".to_owned(),
        (0, _) => "false".to_owned(),
        (1, _) => parts[0].clone(),
        _ => format!("({word} {})", parts.join(" ")),
    }
}

fn allows(document: &Document) -> String {
    let of = |effect: Effect| {
        let statements = document.statements().iter().filter(|statement| statement.effect == effect);
        join("or", statements.map(|it| matches(it, document.version())).collect())
    };
    format!("(and {} (not {}))", of(Effect::Allow), of(Effect::Deny))
}

fn matches(statement: &Statement, version: Version) -> String {
    let mut parts = vec![actions(&statement.action, statement.effect)];
    parts.extend(statement.resource.as_ref().map(|element| resources(element, version)));
    parts.extend(statement.conditions.iter().map(|it| condition(it, version)));
    join("and", parts)
}

fn negate(negated: bool, text: String) -> String {
    if negated { format!("(not {text})") } else { text }
}

fn actions(element: &ListElement, effect: Effect) -> String {
    let fits = action_tokens(element, effect).iter().map(|tokens| fits("action", tokens)).collect();
    negate(element.negated, join("or", fits))
}

fn resources(element: &ListElement, version: Version) -> String {
    let star = element.entries.iter().any(|entry| &*entry.value == "*");
    let patterns = element.entries.iter().flat_map(|entry| resource_tokens(&entry.value, version));
    let fits = join("or", patterns.map(|tokens| fits("resource", &tokens)).collect());
    negate(element.negated, format!("(ite (= resource \"*\") {star} {fits})"))
}

fn condition(element: &ConditionElement, version: Version) -> String {
    let (name, operator) = (name(element), element.operator.expect("an operator"));
    let test = ConditionTest::new(element, version);
    let absent = test.holds(&ContextMap::new());
    let empty = test.holds(&ContextMap::new().with(&name, ""));
    let there = match operator.comparison {
        // Of Null a value says nothing but that it is there.
        policy::Comparison::Null => test.holds(&ContextMap::new().with(&name, "x")).to_string(),
        _ => {
            let fit = |text: &str| match value_pattern(operator, text, version) {
                ValuePattern::Text(tokens) => fits(&format!("|{name}|"), &tokens),
                other => panic!("{other:?} is not in the fragment"),
            };
            let fits = element.values.iter().map(|value| fit(&value.value)).collect();
            negate(operator.negated, join("or", fits))
        }
    };
    format!("(ite |{name} is there| (ite (= |{name}| \"\") {empty} {there}) {absent})")
}

fn fits(what: &str, tokens: &[Token]) -> String {
    let letter = |letter: char| {
        format!("(str.to_re \"{}\")", if letter == '"' { "\"\"".into() } else { String::from(letter) })
    };
    let other = "(re.diff re.allchar (str.to_re \":\"))";
    let piece = |token: &Token| match token {
        Token::Letter(one) => letter(*one),
        Token::AnyCase(one) => {
            let upper: String = one.to_uppercase().collect();
            format!("(re.union {} (str.to_re \"{upper}\"))", letter(*one))
        }
        Token::One { colon: true } => "re.allchar".to_owned(),
        Token::One { colon: false } => other.to_owned(),
        Token::Star { colon: true } => "re.all".to_owned(),
        Token::Star { colon: false } => format!("(re.* {other})"),
        Token::Variable { .. } => panic!("a variable is not in the fragment"),
    };
    // Letters that follow one another are one text.
    let is_letter = |token: &Token| matches!(token, Token::Letter(_));
    let runs = tokens.chunk_by(|one, other| is_letter(one) && is_letter(other));
    let run = |run: &[Token]| match run {
        [one] => piece(one),
        letters => {
            let text = letters.iter().map(|token| match token {
                Token::Letter('"') => "\"\"".to_owned(),
                Token::Letter(one) => String::from(*one),
                other => panic!("{other:?} is no letter"),
            });
            format!("(str.to_re \"{}\")", text.collect::<String>())
        }
    };
    let pieces: Vec<String> = runs.map(run).collect();
    let all = match &pieces[..] {
        [] => "(str.to_re \"\")".to_owned(),
        [one] => one.clone(),
        several => format!("(re.++ {})", several.join(" ")),
    };
    format!("(str.in_re {what} {all})")
}
