//! Embeds the engine: `cargo run -p bailiwick-policy --example embed`.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use bailiwick_policy::*;
use std::{error::Error, sync::Arc};

fn main() -> Result<(), Box<dyn Error>> {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*Object", "Resource": "arn:aws:s3:::reports/${aws:username}/*"},
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;

    // Ten lines embed it: read a policy, compile it, ask.
    let document = Document::parse_strict(text, DocumentKind::Identity)?;
    let label = PolicyLabel::new(PolicyKind::Inline, "arn:aws:iam::123456789012:user/Ann", "reports");
    let identity = PolicySet::from(Arc::new(CompiledPolicy::compile(document.into(), label)));
    let layers = Layers { identity: &identity, ..Layers::default() };
    let ann = Principal::user("arn:aws:iam::123456789012:user/Ann")?;
    let context = ContextMap::new().with("aws:username", "Ann").with("aws:SecureTransport", "false");
    for action in ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"] {
        let request = Request::new(&ann, action, "arn:aws:s3:::reports/Ann/1.csv", &context);
        let decision = evaluate(&layers, &request);
        println!("{action}: {:?} by {:?}", decision.outcome, decision.reason.layer);

        // Why, with places in the text.
        let explanation = explain(&layers, &request);
        for (layer, found) in explanation.matched() {
            let span = found.statement().map(|statement| statement.span).unwrap_or_default();
            println!("  {layer:?}: {}", span.of(text));
        }
        // What would turn it around.
        if let Flip::Changes(changes) = flip(&layers, &request) {
            println!("  {} step(s) would turn it around", changes.first().map_or(0, |it| it.steps.len()));
        }
    }
    Ok(())
}
