//! Questions of every kind, with answers worked out by hand; laws that answers obey; what hostile input costs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_analysis::*;
use policy::{Document, DocumentKind};
use std::sync::Arc;

fn document(text: &str) -> Arc<Document> {
    let (document, problems) = Document::parse_tolerant(text);
    assert!(problems.is_empty(), "{problems:?} {text}");
    Arc::new(document.unwrap())
}

fn policy(statements: &str) -> Arc<Document> {
    document(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
}

fn identity(statements: &str) -> Access {
    Access::of(policy(statements), DocumentKind::Identity)
}

fn options() -> Options {
    Options::default()
}

fn is_within(new: &Access, old: &Access) -> bool {
    match no_new_access(new, old, &Scope::default(), options()) {
        Verdict::Proved => true,
        Verdict::Refuted(_) => false,
        Verdict::Undetermined(reasons) => panic!("{reasons:?}"),
    }
}

fn granted(policy: &Access, actions: &[&str], resources: Option<&[&str]>, mode: Mode) -> bool {
    let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let scope = Scope { actions: Some(list(actions)), resources: resources.map(list), ..Scope::default() };
    !no_new_access(policy, &Access::nothing(), &scope, Options { mode, ..options() }).is_proved()
}

#[test]
fn access_that_is_granted() {
    let reader = identity(
        r#"{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"},
        {"Effect":"Deny","Action":"s3:GetObject","Resource":"arn:aws:s3:::secret/*"}"#,
    );
    let both = [Mode::AwsCompat, Mode::Realistic];
    for mode in both {
        assert!(granted(&reader, &["s3:GetObject"], None, mode));
        assert!(!granted(&reader, &["s3:PutObject", "iam:*"], None, mode));
        assert!(!granted(&reader, &["s3:GetObject"], Some(&["arn:aws:s3:::secret/*"]), mode));
        assert!(granted(&reader, &["s3:GetObject*"], Some(&["arn:aws:s3:::secret/*"]), mode));
    }
    // Buckets are listed on no resource: only AWS's checks see them on a bucket.
    assert!(granted(&reader, &["s3:ListAllMyBuckets"], Some(&["arn:aws:s3:::secret"]), Mode::AwsCompat));
    assert!(!granted(&reader, &["s3:ListAllMyBuckets"], Some(&["arn:aws:s3:::secret"]), Mode::Realistic));
    // Objects are got from objects, with the keys of S3.
    let buckets = identity(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b"}"#);
    assert!(granted(&buckets, &["s3:GetObject"], None, Mode::AwsCompat));
    assert!(!granted(&buckets, &["s3:GetObject"], None, Mode::Realistic));
    let odd = identity(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"ec2:Region":"x"}}}"#,
    );
    assert!(granted(&odd, &["s3:GetObject"], None, Mode::AwsCompat));
    assert!(!granted(&odd, &["s3:GetObject"], None, Mode::Realistic));
}

fn is_public(statement: &str) -> bool {
    let access = Access::of(policy(statement), DocumentKind::Resource);
    let scope = Scope { untrusted: true, ..Scope::default() };
    match no_new_access(&access, &Access::nothing(), &scope, options()) {
        Verdict::Proved => false,
        Verdict::Refuted(_) => true,
        Verdict::Undetermined(reasons) => panic!("{reasons:?}"),
    }
}

/// "The meaning of public", <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[test]
fn what_is_public() {
    let with = |principal: &str, condition: &str| {
        let condition =
            if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
        format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"{condition}}}"#
        )
    };
    for (public, principal, condition) in [
        (true, r#""*""#, ""),
        (true, r#"{"AWS":"*"}"#, ""),
        (false, r#"{"AWS":"111122223333"}"#, ""),
        (false, r#"{"AWS":"arn:aws:iam::999988887777:user/u"}"#, ""),
        (false, r#"{"Service":"cloudtrail.amazonaws.com"}"#, ""),
        (false, r#""*""#, r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#),
        (true, r#""*""#, r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#),
        (true, r#""*""#, r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-91237329"}}"#),
        (true, r#""*""#, r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-91237329"}}"#),
        (false, r#""*""#, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#),
        (false, r#""*""#, r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-2/*"}}"#),
        (false, r#""*""#, r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/33"]}}"#),
        (true, r#""*""#, r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#),
        (true, r#""*""#, r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#),
        (false, r#""*""#, r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#),
        (true, r#""*""#, r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#),
        (true, r#""*""#, r#"{"StringLike":{"aws:UserAgent":"x"}}"#),
        (true, r#""*""#, r#"{"Bool":{"aws:SecureTransport":"true"}}"#),
    ] {
        assert_eq!(is_public(&with(principal, condition)), public, "{principal} {condition}");
    }
    let denied = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},
        {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}"#;
    assert!(!is_public(denied));
}

#[test]
fn what_two_policies_have_in_common() {
    let objects = identity(r#"{"Effect":"Allow","Action":"s3:*Object","Resource":"arn:aws:s3:::a*"}"#);
    let gets = identity(r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::*b/*"}"#);
    let found = overlap(&objects, &gets, &Scope::default(), options());
    let witness = &found.refutation().unwrap().witness;
    assert_eq!(witness.action, "s3:GetObject");
    assert!(witness.resource.starts_with("arn:aws:s3:::a") && witness.resource.contains("b/"));
    let queues = identity(r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#);
    assert!(overlap(&objects, &queues, &Scope::default(), options()).is_proved());
}

#[test]
fn what_could_be_left_out() {
    let policy = policy(
        r#"{"Sid":"All","Effect":"Allow","Action":["s3:Get*","s3:GetObject"],"Resource":"*"},
        {"Sid":"Some","Effect":"Allow","Action":"s3:GetObjectAcl","Resource":["arn:aws:s3:::a/*","arn:aws:s3:::b/*"]},
        {"Sid":"Never","Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},
        {"Sid":"No","Effect":"Deny","Action":"sqs:*","Resource":"*"}"#,
    );
    let found = redundant(&policy, DocumentKind::Identity, options());
    let parts: Vec<(Part, bool)> = found.iter().map(|found| (found.part, found.is_denied)).collect();
    let expected = [(Part::Statement(1), false), (Part::Statement(2), true), (Part::Action(0, 1), false)];
    assert_eq!(parts, expected);
    let minimal = minimize(&policy, DocumentKind::Identity, options());
    assert_eq!(minimal.proof, (Verdict::Proved, Verdict::Proved));
    assert_eq!(minimal.document.statements().len(), 1);
    assert_eq!(minimal.document.statements()[0].action.entries.len(), 1);
    // Nothing that is left can go.
    assert!(redundant(&minimal.document, DocumentKind::Identity, options()).is_empty());
}

#[test]
fn layers_cut_one_another() {
    let layer = |layer, statements: &str| AccessLayer::new(layer, vec![policy(statements)]);
    use policy::Layer::{Boundary, Identity, Scp};
    let admin = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let bounded = Access::layered(vec![
        layer(Identity, admin),
        layer(Boundary, r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#),
        layer(
            Scp,
            r#"{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"}"#,
        ),
    ]);
    let same = identity(r#"{"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"Resource":"*"}"#);
    assert!(is_within(&bounded, &same) && is_within(&same, &bounded));
    let more = identity(r#"{"Effect":"Allow","NotAction":["iam:*","s3:DeleteBucket"],"Resource":"*"}"#);
    assert!(is_within(&bounded, &more) && !is_within(&more, &bounded));
}

#[test]
fn variables_stand_for_anything_or_for_what_is_known() {
    let home = identity(
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#,
    );
    let all = identity(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::home/*"}"#);
    let ann = identity(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::home/ann/*"}"#);
    assert!(is_within(&home, &home) && is_within(&home, &all));
    assert!(!is_within(&all, &home) && !is_within(&home, &ann));
    let tagged = |operator: &str| {
        identity(&format!(
            r#"{{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{{"{operator}":{{"aws:PrincipalTag/team":"${{aws:ResourceTag/team}}"}}}}}}"#
        ))
    };
    let (equal, if_there) = (tagged("StringEquals"), tagged("StringEqualsIfExists"));
    assert!(is_within(&equal, &if_there) && !is_within(&if_there, &equal));
    let known = Scope {
        context: vec![("aws:username".to_owned(), KeyValue::One("ann".to_owned()))],
        ..Scope::default()
    };
    assert!(no_new_access(&home, &ann, &known, options()).is_proved());
    assert!(no_new_access(&ann, &home, &known, options()).is_proved());
}

#[test]
fn laws() {
    let p = r#"{"Effect":"Allow","Action":["s3:*","ec2:Run*"],"Resource":["arn:aws:s3:::a*","arn:aws:ec2:*:*:instance/*"],
        "Condition":{"StringLike":{"aws:RequestedRegion":["eu-*","us-east-1"]}}}"#;
    let a = r#"{"Effect":"Allow","Action":"sqs:*","Resource":"*"}"#;
    let d = r#"{"Effect":"Deny","Action":"s3:Put*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
    let (one, two, three) = (identity(p), identity(&format!("{p},{a}")), identity(&format!("{p},{d}")));
    assert!(
        is_within(&one, &one) && is_within(&one, &two) && is_within(&three, &one) && is_within(&three, &two)
    );
    assert!(!is_within(&two, &one) && !is_within(&one, &three));
    // Order and splitting make no difference, nor does the case of actions.
    let other = identity(&format!("{a},{p}"));
    assert!(is_within(&two, &other) && is_within(&other, &two));
    let split = identity(
        r#"{"Effect":"Allow","Action":"S3:*","Resource":["arn:aws:s3:::a*","arn:aws:ec2:*:*:instance/*"],"Condition":{"StringLike":{"AWS:RequestedRegion":"eu-*"}}},
        {"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:ec2:*:*:instance/*","arn:aws:s3:::a*"],"Condition":{"StringLike":{"aws:RequestedRegion":"us-east-1"}}},
        {"Effect":"Allow","Action":"ec2:RUN*","Resource":["arn:aws:s3:::a*","arn:aws:ec2:*:*:instance/*"],"Condition":{"StringLike":{"aws:RequestedRegion":["us-east-1","eu-*"]}}}"#,
    );
    assert!(is_within(&one, &split) && is_within(&split, &one));
}

/// Families of policies that are hard to decide: each ends, and within its budget.
#[test]
fn hard_questions_end() {
    let allow = |resources: Vec<String>| {
        let list: Vec<String> = resources.iter().map(|text| format!(r#""arn:aws:s3:::{text}""#)).collect();
        format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":[{}]}}"#, list.join(","))
    };
    let small = Options { work: 4_000_000, ..options() };
    let ask = |new: &str, old: &str| no_new_access(&identity(new), &identity(old), &Scope::default(), small);
    // Deny lists of words.
    let words: Vec<String> = (0..20)
        .map(|n| format!(r#"{{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::*word{n:02}*"}}"#))
        .collect();
    let denied = format!("{},{}", allow(vec!["*".into()]), words.join(","));
    assert!(ask(&denied, &allow(vec!["*".into()])).is_proved());
    assert!(ask(&allow(vec!["*".into()]), &denied).refutation().is_some());
    // Lists of ARNs against the same, and the same but one.
    let list: Vec<String> = (0..200).map(|n| format!("bucket-{n:03}/data/*")).collect();
    assert!(ask(&allow(list.clone()), &allow(list.clone())).is_proved());
    assert!(ask(&allow(list.clone()), &allow(list[1..].to_vec())).refutation().is_some());
    // Interleaved wildcards, and wildcards that count.
    let stars = |letters: &str| letters.chars().map(|letter| format!("*{letter}")).collect::<String>() + "*";
    assert!(ask(&allow(vec![stars("aabbcc")]), &allow(vec![stars("abc")])).is_proved());
    for k in [8, 12, 24] {
        let one = allow(vec![format!("*a{}b*", "?".repeat(k))]);
        let other = allow(vec![format!("*b{}a*", "?".repeat(k))]);
        assert!(ask(&one, &other).refutation().is_some());
    }
    // Three literals a clause, over many keys.
    let clauses = |keys: u64, clauses: u64| {
        let mut state = 42u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut denies = Vec::new();
        for _ in 0..clauses {
            let literals: Vec<String> = (0..3)
                .map(|_| {
                    format!(r#""app:k{}":"{}""#, next(keys), if next(2) == 0 { "true" } else { "false" })
                })
                .collect();
            let mut sorted = literals.clone();
            sorted.sort();
            sorted.dedup_by(|one, other| one.split('"').nth(1) == other.split('"').nth(1));
            denies.push(format!(
                r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"Null":{{{}}}}}}}"#,
                sorted.join(",")
            ));
        }
        format!("{},{}", allow(vec!["*".into()]), denies.join(","))
    };
    for (keys, count) in [(20, 60), (40, 170), (80, 320)] {
        let verdict =
            no_new_access(&identity(&clauses(keys, count)), &Access::nothing(), &Scope::default(), options());
        assert!(!matches!(verdict, Verdict::Undetermined(_)), "{keys} {count} {verdict:?}");
    }
}

#[test]
fn nothing_is_wider_than_itself_whatever_variables_stand_for() {
    // The key must be there and differ from the variable, for the deny; and with the same value the deny must not apply.
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/project":"false"},
         "StringNotEquals":{"aws:ResourceTag/project":"${aws:PrincipalTag/project}"}}}]}"#;
    let document = Arc::new(Document::parse_strict(text, DocumentKind::Identity).unwrap());
    let access = Access::of(document, DocumentKind::Identity);
    for learn_at_once in [false, true] {
        let options = Options { learn_at_once, ..Options::default() };
        assert_eq!(no_new_access(&access, &access, &Scope::default(), options), Verdict::Proved);
    }
}
