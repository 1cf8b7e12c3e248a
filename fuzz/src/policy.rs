//! Targets over the policy language: documents, ARNs, conditions, patterns.

use crate::oracle::{self, KeyValue, Question, Who};
use bailiwick_policy::validate::{ValidateOptions, detect, fix_all};
use bailiwick_policy::*;
use base::json::{Json, Limits, Style};
use base::{AccountId, Arn, ArnRef};
use serde_json::{Value, json};
use std::sync::Arc;

const KINDS: [DocumentKind; 8] = [
    DocumentKind::Identity,
    DocumentKind::Resource,
    DocumentKind::Trust,
    DocumentKind::Scp,
    DocumentKind::Rcp,
    DocumentKind::Endpoint,
    DocumentKind::Session,
    DocumentKind::Boundary,
];
const ANN: &str = "arn:aws:iam::123456789012:user/Ann";
const BUCKET: &str = "arn:aws:s3:::bucket";

/// JSON is read as `serde_json` reads it, and printing loses nothing.
pub fn json(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let read = Json::parse(text, Limits::default());
    let theirs = serde_json::from_str::<Value>(text);
    match (&read, &theirs) {
        (Ok(ours), Ok(theirs)) if ours.duplicates.is_empty() => {
            assert_eq!(
                serde_json::from_str::<Value>(&ours.print(Style::Compact)).ok().as_ref(),
                Some(theirs)
            );
        }
        (Err(error), Ok(_)) => assert!(error.message.contains("more than"), "{error}"),
        _ => {}
    }
    let Ok(ours) = read else { return };
    for style in [Style::Compact, Style::Pretty] {
        let printed = ours.print(style);
        // What is printed can be longer than what was read: indentation, escapes.
        let limits = Limits { size: usize::MAX, ..Limits::default() };
        let again = Json::parse(&printed, limits).expect("what is printed can be read");
        assert_eq!(again.print(style), printed);
        assert_eq!(again.duplicates.len(), ours.duplicates.len());
    }
}

/// Documents of every kind, strictly and tolerantly; `print ∘ parse` is the identity.
pub fn document(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (tolerant, diagnostics) = Document::parse_tolerant(text);
    for diagnostic in &diagnostics {
        assert!(
            !diagnostic.message.is_empty() && text.get(diagnostic.span.range()).is_some(),
            "{diagnostic:?}"
        );
        assert!(!diagnostic.render(text).is_empty());
    }
    for kind in KINDS {
        match Document::parse_strict(text, kind) {
            Ok(strict) => assert_eq!(tolerant.as_ref(), Some(&strict), "{kind:?}"),
            Err(malformed) => assert!(!malformed.message.is_empty() && !malformed.render(text).is_empty()),
        }
    }
    let Some(document) = tolerant else { return };
    for style in [Style::Compact, Style::Pretty] {
        let printed = document.print(style);
        let (again, _) = Document::parse_tolerant(&printed);
        let again = again.expect("what is printed can be read");
        assert_eq!(again.print(style), printed);
        assert_eq!(again.statements().len(), document.statements().len());
        assert_eq!(again.version(), document.version());
    }
    assert_eq!(document.rewrite_principals(&mut |_| None), text);
    decide(document);
}

/// Checks end and name places of the text; fixes apply, and what was JSON stays JSON.
pub fn validate(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let _ = detect(text);
    for kind in KINDS {
        let options = ValidateOptions::new(kind);
        let findings = validate::validate(text, options);
        for finding in &findings {
            assert!(!finding.message.is_empty() && text.get(finding.span.range()).is_some(), "{finding:?}");
        }
        if kind == DocumentKind::Identity || kind == DocumentKind::Resource {
            let (fixed, _) = fix_all(text, options, |_, _| true);
            let was_json = Json::parse(text, Limits::default()).is_ok();
            let longer = Limits { size: usize::MAX, ..Limits::default() };
            assert!(!was_json || Json::parse(&fixed, longer).is_ok(), "{text} became {fixed}");
        }
    }
}

/// A document that was read is compiled, decides, and explains the same.
fn decide(document: Document) {
    let label = PolicyLabel::new(PolicyKind::Inline, ANN, "p");
    let policy = Arc::new(CompiledPolicy::compile(Arc::new(document), label));
    let set = PolicySet::from(policy);
    let ann = Principal::user(ANN).expect("an ARN of a user");
    let context = ContextMap::new().with("aws:username", "Ann").with_many("aws:TagKeys", ["a", "b"]);
    for (action, resource) in [("s3:GetObject", "arn:aws:s3:::bucket/Ann/key"), ("iam:ListUsers", "*")] {
        let request = Request::new(&ann, action, resource, &context);
        for layers in [
            Layers { identity: &set, ..Layers::default() },
            Layers { resource: Some(&set), ..Layers::default() },
        ] {
            let decision = evaluate(&layers, &request);
            let explanation = explain(&layers, &request);
            assert_eq!(decision, explanation.decision);
            assert_eq!(decision.reason.statement.is_some(), explanation.deciding_statement().is_some());
        }
    }
}

/// ARNs and names of principals: parts and text are two forms of the same.
pub fn arn(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Some(parts) = ArnRef::parse(text) {
        assert_eq!(parts.to_string(), text);
        assert!(parts.resource.ends_with(parts.name()));
        let owned = Arn::parse(text).expect("it has parts");
        assert_eq!(owned.parts(), parts);
        assert_eq!(owned.as_str(), text);
    } else {
        assert!(Arn::parse(text).is_err());
    }
    if let Ok(account) = AccountId::parse(text) {
        assert_eq!(account.as_str(), text);
    }
    if let Ok(principal) = Principal::parse(text) {
        let context = ContextMap::new();
        let request = Request::new(&principal, "s3:GetObject", text, &context);
        assert_eq!(evaluate(&Layers::default(), &request), explain(&Layers::default(), &request).decision);
    }
}

/// Lines: a pattern of `Resource`, a resource, a pattern of `Action`, an action. Engine and oracle agree.
pub fn pattern(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (pattern, resource, actions, action) = (line(), line(), line(), line());
    // The oracle's tables grow with the product of the lengths.
    if text.len() > 400 {
        return;
    }
    let statement =
        |resources: &str, actions: &str| json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    let keys = vec![("aws:username".to_owned(), KeyValue::One("A*n".to_owned()))];
    compare("2008-10-17", statement("*", actions), action, BUCKET, &keys);
    // A pattern without all six parts is completed; where its last part has stars of its own, the two complete it
    // differently.
    if pattern != "*" && pattern.split(':').count() < 6 {
        outcome("2012-10-17", &statement(pattern, "*"), "s3:GetObject", resource, &keys);
        return;
    }
    compare("2008-10-17", statement(pattern, "*"), "s3:GetObject", resource, &keys);
    // What stands inside `${…}` is read by both, but only plain variables mean the same to both.
    if plain_variables(pattern) {
        compare("2012-10-17", statement(pattern, "*"), "s3:GetObject", resource, &keys);
    } else {
        outcome("2012-10-17", &statement(pattern, "*"), "s3:GetObject", resource, &keys);
    }
}

/// Lines: an operator, a key, values of the policy separated by `|`, values of the request likewise.
pub fn condition(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (operator, key, policy, given) = (line(), line(), line(), line());
    if text.len() > 400 {
        return;
    }
    let texts = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let values = texts(policy);
    let mut keys = vec![("aws:username".to_owned(), KeyValue::One("A*n".to_owned()))];
    match texts(given).as_slice() {
        [none] if none == "-" => {}
        [one] => keys.push((key.to_owned(), KeyValue::One(one.clone()))),
        [most @ .., last] if last.is_empty() => keys.push((key.to_owned(), KeyValue::Many(most.to_vec()))),
        many => keys.push((key.to_owned(), KeyValue::Many(many.to_vec()))),
    }
    // The same key twice is a matter of its own.
    if key.eq_ignore_ascii_case("aws:username") {
        keys.remove(0);
    }
    let when = |operator: &str| json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {key: values}}});
    let plain = key.is_ascii() && !key.is_empty() && values.iter().all(|value| plain_variables(value));
    let version = if plain { "2012-10-17" } else { "2008-10-17" };
    let given = keys.iter().flat_map(|(_, value)| match value {
        KeyValue::One(value) => vec![value.as_str()],
        KeyValue::Many(values) => values.iter().map(String::as_str).collect(),
    });
    let given: Vec<&str> = given.collect();
    let all = || values.iter().map(String::as_str).chain(given.iter().copied());
    let known = Operator::parse(operator);
    let exact = match known.map(|known| known.comparison) {
        // The oracle calculates in floating point and reads dates as another library does.
        Some(Comparison::Numeric(_)) => all().all(|text| text.len() < 12),
        Some(Comparison::Date(_)) => {
            all().all(|text| text.len() < 12 && text.bytes().all(|b| b.is_ascii_digit()))
        }
        Some(Comparison::Binary) => all().all(|text| text.bytes().all(|b| b.is_ascii_alphanumeric())),
        // Lower case is the oracle's measure; letters that fold otherwise are not compared.
        Some(Comparison::StringIgnoreCase | Comparison::Bool) => all().all(str::is_ascii),
        Some(_) => true,
        // An empty prefix is one to the oracle.
        None => operator.is_ascii() && !operator.starts_with(':'),
    };
    if exact && key.is_ascii() {
        compare(version, when(operator), "s3:GetObject", BUCKET, &keys);
    }
    let Some(known) = known else { return };
    let holds = |operator: &str| outcome("2012-10-17", &when(operator), "s3:GetObject", BUCKET, &keys);
    let held = holds(operator);
    // An operator with `IfExists` holds wherever the one without does.
    if known.quantifier == Quantifier::Single
        && known.comparison != Comparison::Null
        && !known.if_exists
        && held
    {
        assert!(holds(&format!("{operator}IfExists")));
    }
}

/// Whether every `$` of the text opens a plain variable.
fn plain_variables(text: &str) -> bool {
    let mut parts = text.split('$');
    let first = parts.next().unwrap_or_default();
    !first.contains(['{', '}'])
        && parts.all(|part| {
            let inside = part.strip_prefix('{').and_then(|part| part.split_once('}'));
            inside.is_some_and(|(inside, after)| {
                let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == ':' || letter == '/';
                let is_key = inside.contains(|letter: char| letter.is_ascii_alphanumeric());
                ((is_key && inside.chars().all(plain)) || ["*", "?", "$"].contains(&inside))
                    && !after.contains(['{', '}'])
            })
        })
}

fn compare(version: &str, statement: Value, action: &str, resource: &str, keys: &oracle::Keys) {
    // These are decided by rules of their own.
    let ruled = ["sts:", "kms:", "iam:"].iter().any(|service| action.to_lowercase().starts_with(service));
    let is_plain = action.is_ascii() && action.contains(':');
    // A request is for an ARN or for `*`; of anything else the two may think differently.
    let is_resource = resource == "*" || ArnRef::parse(resource).is_some_and(|arn| arn.partition == "aws");
    if ruled || !is_plain || !is_resource {
        outcome(version, &statement, action, resource, keys);
        return;
    }
    let question = Question {
        who: Who::User { arn: ANN.to_owned(), id: None },
        management_account: false,
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: Some("123456789012".to_owned()),
        keys: keys.clone(),
        wildcard_only: false,
        aws_managed_key: false,
        identity: vec![json!({"Version": version, "Statement": [statement]})],
        boundary: None,
        session: None,
        resource_policy: None,
        scps: Vec::new(),
        rcps: Vec::new(),
        endpoint: None,
    };
    let ours = outcome(version, &statement, action, resource, keys);
    let theirs = oracle::answer(&question) == oracle::Answer::Allowed;
    assert_eq!(ours, theirs, "engine {ours}, oracle {theirs}: {statement} {action} {resource} {keys:?}");
}

/// Whether the engine allows it by this one statement.
fn outcome(version: &str, statement: &Value, action: &str, resource: &str, keys: &oracle::Keys) -> bool {
    let text = json!({"Version": version, "Statement": [statement]}).to_string();
    let (document, _) = Document::parse_tolerant(&text);
    let Some(document) = document else { return false };
    let label = PolicyLabel::new(PolicyKind::Inline, ANN, "p");
    let set = PolicySet::from(Arc::new(CompiledPolicy::compile(Arc::new(document), label)));
    let ann = Principal::user(ANN).expect("an ARN of a user");
    let mut context = ContextMap::new();
    for (key, value) in keys {
        match value {
            KeyValue::One(value) => context.insert(key, value.clone()),
            KeyValue::Many(values) => context.insert_many(key, values.clone()),
        }
    }
    let owner = AccountId::parse("123456789012").expect("twelve digits");
    let request = Request::new(&ann, action, resource, &context).resource_account(owner);
    let layers = Layers { identity: &set, ..Layers::default() };
    let decision = evaluate(&layers, &request);
    assert_eq!(decision, explain(&layers, &request).decision);
    decision.is_allowed()
}
