//! Files of expected decisions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_audit::corpus::{Corpus, CorpusError, Form, World};
use bailiwick_audit::import::{ImportOptions, authorization_details};
use base::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
const READ: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/${aws:username}/*"}}"#;

fn read(text: &str, form: Form) -> Result<Corpus, CorpusError> {
    Corpus::read(text, form, &mut |path| match path {
        "read.json" => Ok(READ.to_owned()),
        "broken.json" => Ok(r#"{"Statement": [{"Effect": "Allow"}]}"#.to_owned()),
        other => Err(format!("there is no file `{other}`")),
    })
}

/// The complaints of every case, `test: complaint`.
fn complaints(corpus: &Corpus, world: &World) -> Vec<String> {
    let of_test = |test: &bailiwick_audit::corpus::Test| {
        let name = test.name.clone();
        let cases = test.cases.iter().flat_map(|case| case.judge(world.ask(case)).complaints);
        cases.map(|complaint| format!("{name}: {complaint}")).collect::<Vec<_>>()
    };
    corpus.tests.iter().flat_map(of_test).collect()
}

fn run(text: &str) -> Vec<String> {
    complaints(
        &read(text, Form::Yaml).unwrap_or_else(|error| panic!("{:?}", error.render("f", text))),
        &World::empty(NOW),
    )
}

#[track_caller]
fn refused(text: &str, expected: &[&str]) {
    let error = read(text, Form::Yaml).map(|_| ()).unwrap_err();
    assert_eq!(error.render("f", text), expected);
}

#[test]
fn policies_come_by_name_by_path_by_arn_and_in_place() {
    let text = r#"
description: reports
policies:
  inline:
    Version: 2012-10-17
    Statement:
      - {Sid: Read, Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::reports/${aws:username}/*"}
  file: read.json
defaults:
  principal: arn:aws:iam::111122223333:user/ann
  action: s3:GetObject
  resource: arn:aws:s3:::reports/ann/1
  expect: {decision: allowed, layer: identity, sid: Read}
tests:
  - {name: by name, identity_policies: [inline]}
  - {name: by the name of a file, identity_policies: file}
  - {name: by path, identity_policies: [read.json]}
  - name: in place
    identity_policies:
      - Version: 2012-10-17
        Statement: {Sid: Read, Effect: Allow, Action: "*", Resource: "*"}
  - name: of AWS
    identity_policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
    expect: allowed
"#;
    assert_eq!(run(text), [] as [&str; 0]);
}

#[test]
fn a_test_is_every_combination() {
    let text = r#"
tests:
  - name: matrix
    principal: [arn:aws:iam::111122223333:user/ann, arn:aws:iam::111122223333:user/bob]
    action: [s3:GetObject, s3:PutObject, s3:DeleteObject]
    resource: [arn:aws:s3:::reports/ann/1, arn:aws:s3:::reports/bob/1]
    identity_policies: [read.json]
    expect: denied
"#;
    let corpus = read(text, Form::Yaml).unwrap();
    assert_eq!(corpus.tests[0].cases.len(), 12);
    assert_eq!((corpus.tests[0].place.line, corpus.tests[0].place.column), (3, 5));
    // Ann reads hers, Bob his.
    assert_eq!(complaints(&corpus, &World::empty(NOW)), ["matrix: expected denied, but it is allowed"; 2]);
}

#[test]
fn every_layer_can_be_said_and_expected() {
    let text = r#"
policies:
  all: {Version: 2012-10-17, Statement: {Sid: All, Effect: Allow, Action: "*", Resource: "*"}}
  none: {Version: 2012-10-17, Statement: {Sid: None, Effect: Deny, Action: "*", Resource: "*"}}
  other: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "sqs:*", Resource: "*"}}
  to-all: {Version: 2012-10-17, Statement: {Sid: ToAll, Effect: Allow, Principal: "*", Action: "*", Resource: "*"}}
  to-none: {Version: 2012-10-17, Statement: {Sid: ToNone, Effect: Deny, Principal: "*", Action: "*", Resource: "*"}}
defaults:
  principal: arn:aws:sts::111122223333:assumed-role/app/s
  action: s3:GetObject
  resource: arn:aws:s3:::b/k
  identity_policies: [all]
tests:
  - {name: boundary, boundary: other, expect: {decision: implicitly_denied, layer: boundary}}
  - {name: boundary denies, boundary: none, expect: {decision: explicitly_denied, layer: boundary, sid: None, policy: none}}
  - {name: session, session_policies: [other], expect: {decision: implicitly_denied, layer: session}}
  - {name: no session policies, session_policies: [], expect: allowed}
  - {name: scp, scps: [[all], [other]], expect: {decision: implicitly_denied, layer: scp}}
  - {name: an empty level, scps: [[all], []], expect: {decision: implicitly_denied, layer: scp}}
  - {name: management, scps: [[none]], management_account: true, expect: allowed}
  - {name: rcp, rcps: [[], [to-none]], expect: {decision: explicitly_denied, layer: rcp, sid: ToNone}}
  - {name: endpoint, endpoint_policy: to-none, expect: {decision: denied, layer: endpoint}}
  - {name: resource, identity_policies: [], resource_policy: to-all, expect: {decision: allowed, layer: resource, sid: ToAll}}
  - {name: abroad, resource_account: 999988887777, expect: {decision: denied, layer: resource}}
  - {name: nobody, principal: anonymous, resource_policy: to-all, expect: allowed}
  - {name: a service, principal: ec2.amazonaws.com, expect: {decision: denied, layer: resource}}
  - {name: service-linked, principal_type: ServiceLinkedRole, scps: [[none]], expect: allowed}
  - {name: a default taken away, identity_policies: null, expect: {decision: denied, layer: identity}}
  - {name: on no resource, action: s3:ListAllMyBuckets, resource: "*", expect: allowed}
"#;
    assert_eq!(run(text), [] as [&str; 0]);
}

#[test]
fn keys_of_the_context_are_merged_and_may_be_taken_away() {
    let text = r#"
policies:
  mfa:
    Version: 2012-10-17
    Statement:
      Effect: Allow
      Action: "*"
      Resource: "*"
      Condition: {Bool: {aws:MultiFactorAuthPresent: true}, NumericLessThan: {s3:max-keys: 10}}
defaults:
  principal: arn:aws:iam::111122223333:user/ann
  action: s3:ListBucket
  resource: arn:aws:s3:::b
  context: {aws:MultiFactorAuthPresent: true, s3:max-keys: 5}
  identity_policies: [mfa]
tests:
  - {name: both, expect: allowed}
  - {name: more, context: {s3:Max-Keys: 50}, expect: denied}
  - {name: without, context: {aws:multifactorauthpresent: null}, expect: implicitly_denied}
"#;
    assert_eq!(run(text), [] as [&str; 0]);
}

#[test]
fn failures_say_what_was_expected_and_what_came() {
    let text = r#"
defaults: {principal: "arn:aws:iam::111122223333:user/ann", action: "s3:GetObject", resource: "arn:aws:s3:::reports/ann/1"}
tests:
  - {name: a, identity_policies: [read.json], expect: {decision: explicitly_denied, layer: boundary, sid: Write, policy: p}}
  - {name: b, expect: {decision: allowed, sid: Read}}
  - {name: c, resource: nonsense, expect: denied}
"#;
    assert_eq!(
        run(text),
        [
            "a: expected explicitly denied, but it is allowed",
            "a: expected layer boundary to decide, but it is identity",
            "a: expected statement `Write` to decide, but it is `Read`",
            "a: expected policy `p` to decide, but it is `read.json`",
            "b: expected allowed, but it is implicitly denied",
            "b: expected statement `Read` to decide, but it is none",
            "c: it cannot be answered: `nonsense` names no resource",
        ]
    );
}

#[test]
fn what_is_wrong_is_told_all_at_once_with_its_place() {
    let text = "
polices: {}
tests:
  - name: a
    principals: x
    action: s3:Get*
    expect: alowed
  - name: a
    principal: [1, {}]
    action: s3:GetObject
    identity_policies: [nowhere, broken.json]
    scps: [read.json]
    expect: {decision: denied, layer: identty, why: x}
  - principal: p
";
    refused(
        text,
        &[
            "f:2:1: the file has no member `polices` (did you mean `policies`?)",
            "f:4:5: the test has no `principal`, and neither have `defaults`",
            "f:5:5: a test has no member `principals` (did you mean `principal`?)",
            "f:7:13: `alowed` is no decision (did you mean `allowed`?)",
            "f:8:11: the test in line 4 is called `a`, too",
            "f:9:20: `principal` must be a text, not an object",
            "f:11:25: there is no policy `nowhere`: there is no file `nowhere`",
            "f:11:34: the file `broken.json` cannot be read: the statement names no action (at 1:16: add `Action` or `NotAction`)",
            "f:12:12: `scps` is a list of levels, root first, each a list of policies",
            "f:13:39: `identty` is no layer (did you mean `identity`?)",
            "f:13:48: `expect` has no member `why` (there are decision, layer, sid, policy)",
            "f:14:5: the test has no `name`",
            "f:14:5: the test has no `expect`, and neither have `defaults`",
            "f:14:5: the test has no `action`, and neither have `defaults`",
        ],
    );
    assert!(read("tests: [", Form::Yaml).is_err());
    refused("{}", &["f:1:1: the file has no `tests`"]);
    refused("[]", &["f:1:1: the file must be an object, not an array"]);
    refused("tests: []\ntests: []", &["f:2:1: `tests` stands twice"]);
}

#[test]
fn json_is_read_as_json() {
    let text = "{\"tests\": [{\"name\": \"a\", \"action\": \"s3:GetObject\", \"expect\": \"denied\", \"principal\": \"anonymous\", \"resource\": \"arn:aws:s3:::b/k\"}]}";
    assert_eq!(complaints(&read(text, Form::Json).unwrap(), &World::empty(NOW)), [] as [&str; 0]);
    let error = read("{\"tests\": [],}", Form::Json).map(|_| ()).unwrap_err();
    assert!(error.render("f", "{\"tests\": [],}")[0].starts_with("f:1:14: "), "{error:?}");
    assert_eq!(
        (Form::of("a.yaml"), Form::of("A.YML"), Form::of("a.json")),
        (Form::Yaml, Form::Yaml, Form::Json)
    );
}

#[test]
fn an_export_gives_principals_and_policies() {
    let export = include_bytes!("fixtures/harbour.json");
    let import = authorization_details(export, &ImportOptions::at(NOW)).unwrap();
    let world = World::of(std::slice::from_ref(&import), None, NOW).unwrap();
    let text = r#"
export: harbour.json
policies:
  all: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "*", Resource: "*"}}
  none: {Version: 2012-10-17, Statement: {Sid: No, Effect: Deny, Action: "*", Resource: "*"}}
tests:
  - name: own notes
    principal: user/nadia
    action: s3:GetObject
    resource: arn:aws:s3:::harbour-notes/nadia/log.txt
    expect: {decision: allowed, layer: identity, sid: OwnFolder, policy: own-notes}
  - name: the boundary
    principal: user/pavel
    action: s3:PutObject
    resource: arn:aws:s3:::cargo/manifest
    expect: {decision: implicitly_denied, layer: boundary}
  - name: what if there were no boundary
    principal: user/pavel
    action: s3:PutObject
    resource: arn:aws:s3:::cargo/manifest
    boundary: all
    expect: allowed
  - name: what if there were an SCP
    principal: user/nadia
    action: s3:GetObject
    resource: arn:aws:s3:::harbour-notes/nadia/log.txt
    scps: [[none]]
    expect: {decision: explicitly_denied, layer: scp, sid: No}
  - name: assuming a role of the export
    principal: role/deployer
    action: sts:AssumeRole
    resource: role/surveyor
    expect: allowed
  - name: one who is not there, with policies
    principal: arn:aws:iam::999988887777:user/zoe
    action: s3:GetObject
    resource: arn:aws:s3:::b/k
    identity_policies: [all]
    expect: allowed
  - name: one who is not there
    principal: user/zoe
    action: s3:GetObject
    expect: denied
"#;
    let corpus = read(text, Form::Yaml).unwrap();
    assert_eq!(corpus.exports, ["harbour.json"]);
    assert_eq!(
        complaints(&corpus, &world),
        ["one who is not there: it cannot be answered: there is no user or role `user/zoe`"]
    );
    assert!(World::of(&[import.clone(), import], None, NOW).is_err());
}

/// Facts that another engine could be asked, too: `tests/corpus/`, each test tagged with its number.
#[test]
fn the_facts_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let (mut cases, mut facts, mut wrong) = (0, std::collections::BTreeSet::new(), Vec::new());
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut beside =
            |path: &str| std::fs::read_to_string(folder.join(path)).map_err(|error| error.to_string());
        let corpus = Corpus::read(&text, Form::of(name), &mut beside);
        let corpus = corpus.unwrap_or_else(|error| panic!("{}", error.render(name, &text).join("\n")));
        for test in &corpus.tests {
            assert!(!test.tags.is_empty(), "{name}: {} names no fact", test.name);
            facts.extend(test.tags.iter().map(|tag| {
                tag.strip_prefix("fact-").and_then(|number| number.parse::<u32>().ok()).expect("a fact")
            }));
            cases += test.cases.len();
        }
        wrong.extend(
            complaints(&corpus, &World::empty(NOW)).into_iter().map(|line| format!("{name}: {line}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases > 200 && facts.len() > 80, "{cases} cases, {} facts", facts.len());
}

#[test]
fn what_a_test_does_not_state_is_not_there() {
    let text = "tests: [{name: a, principal: anonymous, action: s3:GetObject, resource: 'arn:aws:s3:::b/k', expect: denied}]";
    let corpus = read(text, Form::Yaml).unwrap();
    let answer = World::empty(NOW).ask(&corpus.tests[0].cases[0]).unwrap();
    assert_eq!(answer.notes, [] as [&str; 0]);
    assert_eq!(answer.summary, "the resource's own policy would have to allow it, and there is none");
    let resource = answer.layers.iter().find(|layer| layer.decides).unwrap();
    assert_eq!(resource.part, bailiwick_audit::explain::Part::Absent);
}
