//! Targets over what `audit` reads: questions.

use bailiwick_audit::decide::Decider;

/// A line of `bailiwick decide` is answered, whatever it is, and the same every time.
pub fn decide(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut decider = Decider::new();
    let answer = |decider: &mut Decider| serde_json::to_string(&decider.answer(text)).expect("an answer is JSON");
    let first = answer(&mut decider);
    assert_eq!(first, answer(&mut decider));
    assert_eq!(first, answer(&mut Decider::new()));
}
