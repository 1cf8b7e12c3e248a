//! Every request of a small world, as the engine judges it.

use bailiwick_analysis::*;
use policy::elements::says;
use policy::{
    CompiledPolicy, ContextMap, Document, DocumentKind, Layer, Outcome, PolicyKind, PolicyLabel, PolicySet,
    Principal, Request,
};
use std::sync::Arc;

const ACTIONS: [&str; 5] = ["x:a", "x:ab", "x:b", "y:a", "y:bb"];
const RESOURCES: [&str; 8] = [
    "arn:aws:x:::a",
    "arn:aws:x:::ab",
    "arn:aws:x:::a:b",
    "arn:aws:x:r::a",
    "arn:aws:x:r:c:a",
    "arn:aws:x:r:c:b:a",
    "arn:aws:y:::a",
    "*",
];
const PRINCIPALS: [&str; 6] = [
    "arn:aws:iam::111111111111:user/u",
    "arn:aws:iam::111111111111:role/r",
    "arn:aws:iam::222222222222:user/u",
    "arn:aws:iam::333333333333:root",
    "x.amazonaws.com",
    "anonymous",
];

pub(crate) struct Judged {
    pub(crate) access: Access,
    pub(crate) set: PolicySet,
    pub(crate) layer: Layer,
}

pub(crate) fn judged(text: &str, kind: DocumentKind) -> Option<Judged> {
    let (document, problems) = Document::parse_tolerant(text);
    let document = Arc::new(document.filter(|_| problems.is_empty())?);
    let label = PolicyLabel::new(PolicyKind::Inline, "", "");
    let set = PolicySet::from(Arc::new(CompiledPolicy::compile(Arc::clone(&document), label)));
    Some(Judged { access: Access::of(document, kind), set, layer: layer_of(kind) })
}

/// Contexts: each key absent, or with one of some values.
pub(crate) fn contexts(seed: u64) -> Vec<ContextMap> {
    let values: [(&str, &[&str]); 8] = [
        ("app:k", &["a", "b", "A", "", "cc"]),
        ("app:l", &["a", "ab"]),
        ("app:flag", &["true", "FALSE", "x"]),
        ("app:n", &["0", "1", "1.5", "2", "x"]),
        ("aws:SourceIp", &["10.0.0.1", "10.1.2.3", "11.0.0.0", "1::"]),
        ("app:arn", &["arn:aws:x:::a", "arn:aws:x:r:c:ab", "a"]),
        ("app:date", &["2019-01-01", "2020-01-01", "2020-06-01", "2022-01-01"]),
        ("app:bytes", &["QQ==", "QUI=", "x!"]),
    ];
    let mut state = seed | 1;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut found = vec![ContextMap::new()];
    for _ in 0..15 {
        let mut context = ContextMap::new();
        for (key, values) in values {
            if next(3) > 0 {
                context.insert(key, values[next(values.len())]);
            }
        }
        let tags = ["a", "b", "ab", ""];
        let count = next(4);
        if next(3) > 0 {
            context.insert_many("aws:TagKeys", (0..count).map(|_| tags[next(4)]).collect::<Vec<_>>());
        }
        if next(4) == 0 {
            context.insert_many("app:l", (0..count).map(|_| tags[next(4)]).collect::<Vec<_>>());
        }
        found.push(context);
    }
    found
}

pub(crate) fn principal(text: &str) -> Principal {
    Principal::parse(text).unwrap()
}

/// Every request of the small world with these contexts, in which somebody of several asks if `of_several`.
pub(crate) fn find_request(
    seed: u64,
    of_several: bool,
    mut is_it: impl FnMut(&Request<'_>) -> bool,
) -> Option<String> {
    let principals: Vec<Principal> = PRINCIPALS.iter().map(|text| principal(text)).collect();
    let principals = if of_several { &principals[..] } else { &principals[..1] };
    for context in contexts(seed) {
        for who in principals {
            for action in ACTIONS {
                for resource in RESOURCES {
                    if is_it(&Request::new(who, action, resource, &context)) {
                        return Some(format!("{who:?} {action} {resource} {context:?}"));
                    }
                }
            }
        }
    }
    None
}

/// Whether any request of the small world is allowed by `new` and not by `old`.
pub(crate) fn counterexample(new: &Judged, old: &Judged, seed: u64) -> Option<String> {
    find_request(seed, new.layer == Layer::Resource, |request| {
        let allows = |side: &Judged| says(&side.set, side.layer, request) == Outcome::Allowed;
        allows(new) && !allows(old)
    })
}
