//! Targets over what `audit` reads: questions, files of tests, and what other tools write.

use bailiwick_audit::corpus::{Corpus, Form, World};
use bailiwick_audit::decide::Decider;
use bailiwick_audit::sources;
use base::Timestamp;

/// A line of `bailiwick decide` is answered, whatever it is, and the same every time.
pub fn decide(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut decider = Decider::new();
    let answer =
        |decider: &mut Decider| serde_json::to_string(&decider.answer(text)).expect("an answer is JSON");
    let first = answer(&mut decider);
    assert_eq!(first, answer(&mut decider));
    assert_eq!(first, answer(&mut Decider::new()));
}

/// A file of tests, as JSON and as YAML: what is wrong has a place, and what is right can be asked and judged.
pub fn corpus(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let world = World::empty(Timestamp::from_seconds(1_790_000_000));
    let read = |form| Corpus::read(text, form, &mut |path| Err(format!("there is no file `{path}`")));
    for form in [Form::Json, Form::Yaml] {
        match read(form) {
            Ok(corpus) => {
                for case in corpus.cases().take(50) {
                    let judgement = case.judge(world.ask(case));
                    assert!(judgement.passed() || !judgement.complaints.iter().any(String::is_empty));
                    let _ = case.question_for_servers();
                }
            }
            Err(error) => {
                assert!(!error.diagnostics.is_empty());
                for found in &error.diagnostics {
                    assert!(text.get(found.span.range()).is_some(), "{found:?} in {} bytes", text.len());
                }
                assert_eq!(error.render("f", text).len(), error.diagnostics.len());
            }
        }
    }
}

/// A source under several names: what is found in it has places, and what stands there verbatim is there.
pub fn sources(data: &[u8]) {
    let Ok(text) = sources::text(data.to_vec()) else { return };
    for name in ["policy.json", "stack.yaml", "main.tf.json", "plan"] {
        let Ok(found) = sources::find(name, &text) else { continue };
        assert_eq!(Ok(&found), sources::find(name, &text).as_ref());
        for policy in &found.policies {
            let place = text.get(policy.place.range()).expect("a place in the text");
            assert!(!policy.is_verbatim || place == policy.text, "{policy:?}");
            assert!(!policy.name.is_empty() && (policy.name == name || !found.key(policy).is_empty()));
        }
        assert!(found.notes.iter().all(|note| !note.is_empty()));
    }
}
