use super::*;
use crate::finding::fingerprint;

const ROBOT: &str = "arn:aws:iam::111122223333:user/robot-7";

fn finding(check: &'static str, resource: &str) -> Finding {
    let account = "111122223333".parse().unwrap();
    Finding::plain(check, Status::Fail, account, resource, fingerprint(check, account, resource, ""))
}

fn at(day: &str) -> Timestamp {
    Timestamp::parse(&format!("{day}T12:00:00Z")).unwrap()
}

fn entry(rest: &str) -> String {
    format!("{rest}\n  reason: r\n  owner: o\n  approver: a\n  expires: 2027-03-31\n")
}

#[test]
fn the_last_day_counts() {
    let exceptions = Exceptions::parse(&entry("- resource: arn:aws:iam::*:user/robot-*")).unwrap();
    for (day, expired) in [("2027-03-31", false), ("2027-04-01", true)] {
        let mut found = finding("key-age", ROBOT);
        assert_eq!(exceptions.apply(&mut found, at(day)), Some(0));
        assert_eq!(found.exception.as_ref().map(|it| it.expired), Some(expired));
        assert_eq!(found.counts(), expired);
    }
    let mut other = finding("key-age", "arn:aws:iam::111122223333:user/ann");
    assert_eq!(exceptions.apply(&mut other, at("2027-01-01")), None);
    assert!(other.counts());
}

#[test]
fn what_holds_wins_over_what_is_over() {
    let text =
        entry("- check: key-*").replace("2027", "2020") + &entry("- check: key-age\n  account: 111122223333");
    let exceptions = Exceptions::parse(&text).unwrap();
    let mut found = finding("key-age", ROBOT);
    assert_eq!(exceptions.apply(&mut found, at("2027-01-01")), Some(1));
    assert!(!found.counts());
    assert_eq!(exceptions.all()[1].told().covers, "check key-age, account 111122223333");
}

#[test]
fn a_fingerprint_covers_one() {
    let mut found = finding("key-age", ROBOT);
    let text = entry(&format!("exceptions:\n- fingerprint: '{}'", found.fingerprint));
    assert_eq!(Exceptions::parse(&text).unwrap().apply(&mut found, at("2027-01-01")), Some(0));
    assert_eq!(Exceptions::parse(&text).unwrap().apply(&mut finding("key-age", "x"), at("2027-01-01")), None);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let whole = entry("- check: key-age");
    for (text, expected) in [
        (whole.replace("  owner: o\n", ""), "line 1, column 3: the exception has no `owner`"),
        (whole.replace("  reason: r\n", ""), "line 1, column 3: the exception has no `reason`"),
        (whole.replace("  expires: 2027-03-31\n", ""), "line 1, column 3: the exception has no `expires`"),
        (whole.replace("reason: r", "reason: ''"), "line 2, column 11: `reason` is empty"),
        (whole.replace("owner", "ownr"), "line 3, column 3: `ownr` is unknown"),
        (whole.replace("2027-03-31", "2027-02-30"), "line 5, column 12: `expires` is a day"),
        (whole.replace("2027-03-31", "soon"), "line 5, column 12: `expires` is a day"),
        (whole.replace("key-age", "key-rage"), "line 1, column 10: there is no check `key-rage`"),
        (whole.replace("check: key-age", "account: '111122223333'"), "names a `fingerprint`, or a `check`"),
        (whole.replace("check: key-age", "fingerprint: abc"), "32 hexadecimal digits, not `abc`"),
        ("exceptionz: []".to_owned(), "line 1, column 1: `exceptionz` is unknown"),
        ("- just a text".to_owned(), "line 1, column 3: an exception is a mapping"),
        ("a: [".to_owned(), "line 1"),
    ] {
        let errors = Exceptions::parse(&text).unwrap_err();
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|error| error.contains(expected)), "{text}\n{told:?}");
    }
    assert_eq!(Exceptions::parse("# nothing yet\n").unwrap(), Exceptions::default());
}
