//! Quotas hold however many ask at once.

use crate::harness::{Answer, World};
use crate::ssh_key;

/// Sends the same kind of call many times at once; yields how many succeeded and with which codes the others failed.
fn at_once(calls: usize, call: impl Fn(usize) -> Answer + Sync) -> (usize, Vec<String>) {
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let call = &call;
        let threads: Vec<_> = (0..calls).map(|number| scope.spawn(move || call(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let good = answers.iter().filter(|answer| answer.is_ok()).count();
    let codes = answers.iter().filter(|answer| !answer.is_ok()).map(Answer::code).collect();
    (good, codes)
}

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world
}

#[test]
fn case_082_fifty_at_once_leave_two_access_keys() {
    let world = world();
    let (good, codes) =
        at_once(50, |_| world.iam_as(&world.admin, "CreateAccessKey", &[("UserName", "bob")]));
    assert_eq!(good, 2);
    assert!(codes.len() == 48 && codes.iter().all(|code| code == "LimitExceeded"), "{codes:?}");
    assert_eq!(world.iam("ListAccessKeys", &[("UserName", "bob")]).texts("AccessKeyId").len(), 2);
}

#[test]
fn case_082_credentials_of_every_kind_stay_within_their_quota() {
    let world = world();
    let service = [("UserName", "bob"), ("ServiceName", "codecommit.amazonaws.com")];
    let (good, _) = at_once(20, |_| world.iam_as(&world.admin, "CreateServiceSpecificCredential", &service));
    assert_eq!(good, 2);
    // Six different keys, each thrice: five stay, none twice.
    let (good, codes) = at_once(18, |number| {
        let params = [("UserName", "bob"), ("SSHPublicKeyBody", ssh_key(number % 6))];
        world.iam_as(&world.admin, "UploadSSHPublicKey", &params)
    });
    assert_eq!(good, 5, "{codes:?}");
    let certificates: Vec<_> = (0..8).map(|_| crate::certificate().0).collect();
    let (good, codes) = at_once(8, |number| {
        let params = [("UserName", "bob"), ("CertificateBody", certificates[number].as_str())];
        world.iam_as(&world.admin, "UploadSigningCertificate", &params)
    });
    assert_eq!(good, 2, "{codes:?}");
}

#[test]
fn case_082_server_certificates_and_versions_stay_within_their_quota() {
    let world = world();
    let (pem, key) = crate::certificate();
    let (good, codes) = at_once(26, |number| {
        let name = format!("site{number}");
        let params = [
            ("ServerCertificateName", name.as_str()),
            ("CertificateBody", pem.as_str()),
            ("PrivateKey", key.as_str()),
        ];
        world.iam_as(&world.admin, "UploadServerCertificate", &params)
    });
    assert_eq!((good, codes.len()), (20, 6), "{codes:?}");
    let document = crate::harness::allow(&["s3:*"]);
    let policy = world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &document)]);
    let arn = policy.text("Arn");
    let (good, _) = at_once(12, |_| {
        let params = [("PolicyArn", arn.as_str()), ("PolicyDocument", document.as_str())];
        world.iam_as(&world.admin, "CreatePolicyVersion", &params)
    });
    assert_eq!(good, 4);
}

#[test]
fn case_082_one_name_goes_to_one() {
    let world = world();
    let (good, codes) = at_once(24, |number| {
        let name = if number % 2 == 0 { "Zoe" } else { "zoe" };
        world.iam_as(&world.admin, "CreateUser", &[("UserName", name)])
    });
    assert_eq!(good, 1);
    assert!(codes.iter().all(|code| code == "EntityAlreadyExists"), "{codes:?}");
    let role = [("AWSServiceName", "ecs.amazonaws.com")];
    let (good, _) = at_once(12, |_| world.iam_as(&world.admin, "CreateServiceLinkedRole", &role));
    assert_eq!(good, 1);
}
