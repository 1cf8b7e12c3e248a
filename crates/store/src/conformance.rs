//! What every backend must do, as one function that a backend's test calls.

use crate::batch::{Batch, Rev, Write};
use crate::log::{Appended, Checkpoint, Head, Log, LogError, Marks};
use base::Timestamp;

/// A rule that a backend breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: {found}")]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// What was found instead.
    pub found: String,
}

type Checked = Result<(), Violation>;
type Open<'a> = &'a mut dyn FnMut() -> Box<dyn Log>;

/// Checks a backend: `open` yields a new, empty log at every call.
pub fn check(open: Open<'_>) -> Checked {
    begins_empty(open().as_mut())?;
    appends_in_order(open().as_mut())?;
    refuses_other_places(open().as_mut())?;
    reads_pages(open().as_mut())?;
    keeps_content(open().as_mut())?;
    saves_an_image(open().as_mut())?;
    truncates_what_is_shipped(open().as_mut())?;
    goes_on_after_truncation(open().as_mut())
}

fn begins_empty(log: &mut dyn Log) -> Checked {
    equal("an empty log stands at revision 0", log.head(), Rev::ZERO)?;
    equal("an empty log has nothing to read", log.read(Rev::ZERO, 10), Vec::new())?;
    equal("an empty log has no marks", log.checkpoint(Checkpoint::Marks), Marks::default())
}

fn appends_in_order(log: &mut dyn Log) -> Checked {
    let batches = fill(log, 3)?;
    equal("each append moves the head by one", log.head(), Rev(3))?;
    equal("reading yields every batch in order", log.read(Rev::ZERO, 10), batches)
}

fn refuses_other_places(log: &mut dyn Log) -> Checked {
    let batches = fill(log, 2)?;
    for after in [Rev(0), Rev(1), Rev(3), Rev(9)] {
        let late = batch(99, [9; 32]);
        equal(
            "an append elsewhere than after the head conflicts",
            log.append(after, &late),
            Appended::Conflict,
        )?;
    }
    equal("a conflict changes nothing", log.read(Rev::ZERO, 10), batches)?;
    equal("a conflict does not move the head", log.head(), Rev(2))
}

fn reads_pages(log: &mut dyn Log) -> Checked {
    let batches = fill(log, 5)?;
    let page = |from: usize, to: usize| batches.get(from..to).unwrap_or_default().to_vec();
    equal("a read keeps to its limit", log.read(Rev::ZERO, 2), page(0, 2))?;
    equal("a read begins after its revision", log.read(Rev(2), 2), page(2, 4))?;
    equal("the last page is short", log.read(Rev(4), 2), page(4, 5))?;
    equal("a read at the head is empty", log.read(Rev(5), 2), Vec::new())?;
    equal("a read beyond the head is empty", log.read(Rev(50), 2), Vec::new())
}

fn keeps_content(log: &mut dyn Log) -> Checked {
    let rule = "a batch comes back byte for byte";
    let odd = Batch {
        id: [0xff; 16],
        prev_hash: [0; 32],
        at: Timestamp::from_millis(-1),
        writes: vec![
            Write::put(Vec::new(), Vec::new()),
            Write::put(*b"\0\xff'\";--", vec![0; 70_000]),
            Write::delete(*b"gone"),
            Write::put(*b"\0\xff'\";--", *b"again"),
        ],
        events: vec![Vec::new().into(), b"\0".to_vec().into(), vec![b'x'; 300_000].into()],
    };
    equal(rule, log.append(Rev::ZERO, &odd), Appended::Committed)?;
    equal(rule, log.read(Rev::ZERO, 1), vec![(Rev(1), odd)])
}

fn saves_an_image(log: &mut dyn Log) -> Checked {
    let batches = fill(log, 3)?;
    let at = |count: usize| head(&batches, count);
    let first = [Write::put(*b"a", *b"1"), Write::put(*b"b", *b"2")];
    save(log, at(2), &first)?;
    equal("an image holds what was saved", image(log), first.to_vec())?;
    save(log, at(3), &[Write::delete(*b"a"), Write::put(*b"b", *b"3"), Write::delete(*b"never")])?;
    equal("a later image overrides and deletes rows", image(log), vec![Write::put(*b"b", *b"3")])?;
    let marks = save(log, at(1), &[Write::put(*b"b", *b"stale")])?;
    equal("an image never goes back", image(log), vec![Write::put(*b"b", *b"3")])?;
    equal("the image keeps its place", Ok(marks.image), at(3))?;
    equal("what is not shipped is not truncated", log.read(Rev::ZERO, 10), batches)
}

fn truncates_what_is_shipped(log: &mut dyn Log) -> Checked {
    let batches = fill(log, 5)?;
    let shipped =
        |log: &mut dyn Log, rev| log.checkpoint(Checkpoint::Shipped(rev)).map(|marks| marks.shipped);
    equal("the shipped mark moves", shipped(log, Rev(2)), Rev(2))?;
    equal("the shipped mark never goes back", shipped(log, Rev(1)), Rev(2))?;
    equal("without an image nothing is truncated", log.read(Rev::ZERO, 10), batches.clone())?;
    let marks = save(log, head(&batches, 4), &[])?;
    equal("the log is kept from the shipped mark on", Ok(marks.base), head(&batches, 2))?;
    let gone = log.read(Rev(1), 1);
    if gone != Err(LogError::Truncated { base: Rev(2) }) {
        return Err(violation("a read of what is gone says so", &gone));
    }
    equal("the rest is still there", log.read(Rev(2), 10), batches.get(2..).unwrap_or_default().to_vec())?;
    equal("the shipped mark may overtake the image", shipped(log, Rev(5)), Rev(5))?;
    let marks = save(log, head(&batches, 4), &[])?;
    equal("the log is kept from the image on", Ok(marks.base), head(&batches, 4))
}

fn goes_on_after_truncation(log: &mut dyn Log) -> Checked {
    let batches = fill(log, 3)?;
    log.checkpoint(Checkpoint::Shipped(Rev(3)))
        .map_err(|error| violation("the shipped mark moves", &error))?;
    save(log, head(&batches, 3), &[])?;
    equal("truncation of everything keeps the head", log.head(), Rev(3))?;
    let stale = batch(9, [0; 32]);
    equal("a stale writer fills no hole", log.append(Rev(1), &stale), Appended::Conflict)?;
    equal("a stale writer does not begin anew", log.append(Rev::ZERO, &stale), Appended::Conflict)?;
    let next = batch(4, head(&batches, 3).hash);
    equal("the log goes on", log.append(Rev(3), &next), Appended::Committed)?;
    equal("the log goes on at the next revision", log.read(Rev(3), 10), vec![(Rev(4), next)])
}

fn batch(number: u8, prev_hash: [u8; 32]) -> Batch {
    Batch {
        id: [number; 16],
        prev_hash,
        at: Timestamp::from_seconds(i64::from(number)),
        writes: vec![Write::put(vec![number], vec![number; 3])],
        events: vec![vec![b'{', b'}'].into()],
    }
}

fn fill(log: &mut dyn Log, count: u8) -> Result<Vec<(Rev, Batch)>, Violation> {
    let mut batches: Vec<(Rev, Batch)> = Vec::new();
    for number in 1..=count {
        let prev_hash = batches.last().map_or([0; 32], |(_, last)| last.hash());
        let next = batch(number, prev_hash);
        let after = Rev(u64::from(number) - 1);
        equal("an append after the head is committed", log.append(after, &next), Appended::Committed)?;
        batches.push((after.next(), next));
    }
    Ok(batches)
}

fn head(batches: &[(Rev, Batch)], count: usize) -> Head {
    let found = count.checked_sub(1).and_then(|at| batches.get(at));
    found.map_or(Head::default(), |(rev, batch)| Head { rev: *rev, hash: batch.hash() })
}

fn save(log: &mut dyn Log, head: Head, changes: &[Write]) -> Result<Marks, Violation> {
    let mut changes = changes.iter().cloned();
    log.checkpoint(Checkpoint::Save { head, changes: &mut changes })
        .map_err(|error| violation("an image can be saved", &error))
}

fn image(log: &mut dyn Log) -> Result<Vec<Write>, LogError> {
    let mut rows = Vec::new();
    log.checkpoint(Checkpoint::Load(&mut |row| rows.push(row)))?;
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(rows)
}

fn violation(rule: &'static str, found: &dyn std::fmt::Debug) -> Violation {
    Violation { rule, found: format!("{found:.300?}") }
}

fn equal<T>(rule: &'static str, found: Result<T, LogError>, expected: T) -> Checked
where
    T: PartialEq + std::fmt::Debug,
{
    if found.as_ref() == Ok(&expected) { Ok(()) } else { Err(violation(rule, &found)) }
}
