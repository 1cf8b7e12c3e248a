use crate::harness::{World, allow};
use crate::{allow_on, arn};

/// Keys that `ssh-keygen` made, one a line.
const KEYS: &str = include_str!("ssh/keys.txt");
/// A key of 1,024 bits and one that is not RSA's.
const REFUSED: &str = include_str!("ssh/refused.txt");
/// The first key as `ssh-keygen -e -m PKCS8` and `-m PEM` write it.
const PKCS8: &str = include_str!("ssh/first.pkcs8.pem");
const PKCS1: &str = include_str!("ssh/first.pkcs1.pem");
/// What `ssh-keygen -l -E md5` shows of the first key.
const FINGERPRINT: &str = "c1:78:ea:3f:cb:c7:4d:1e:d4:e0:bb:87:f7:ce:46:7f";

fn key(number: usize) -> &'static str {
    KEYS.lines().nth(number).unwrap()
}

fn upload(world: &World, body: &str) -> String {
    let made = world.iam("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", body)]);
    made.text("SSHPublicKeyId")
}

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world
}

#[test]
fn a_key_is_uploaded_read_in_both_encodings_and_deleted() {
    let world = world();
    let made = world.iam("UploadSSHPublicKey", &[("UserName", "Bob"), ("SSHPublicKeyBody", key(0))]);
    assert_eq!(made.text("Fingerprint"), FINGERPRINT);
    assert_eq!((made.text("UserName"), made.text("Status")), ("bob".into(), "Active".into()));
    assert_eq!(
        (made.text("UploadDate"), made.text("SSHPublicKeyBody")),
        ("2026-01-02T03:04:05Z".into(), key(0).into())
    );
    let id = made.text("SSHPublicKeyId");
    assert!(id.starts_with("APKA") && id.len() >= 20, "{id}");
    let of = [("UserName", "bob"), ("SSHPublicKeyId", id.as_str())];
    let ssh = world.iam("GetSSHPublicKey", &[of[0], of[1], ("Encoding", "SSH")]);
    assert_eq!(ssh.text("SSHPublicKeyBody"), key(0));
    let pem = world.iam("GetSSHPublicKey", &[of[0], of[1], ("Encoding", "PEM")]);
    assert_eq!(pem.text("SSHPublicKeyBody"), PKCS8.trim());
    world.iam("UpdateSSHPublicKey", &[of[0], of[1], ("Status", "Inactive")]);
    let listed = world.iam("ListSSHPublicKeys", &[("UserName", "bob")]);
    assert_eq!((listed.text("SSHPublicKeyId"), listed.text("Status")), (id.clone(), "Inactive".into()));
    assert_eq!(listed.text("IsTruncated"), "false");
    assert!(!listed.has("SSHPublicKeyBody") && !listed.has("Fingerprint"));
    world.iam("DeleteSSHPublicKey", &of);
    assert!(world.iam("ListSSHPublicKeys", &[("UserName", "bob")]).texts("member").is_empty());
    for (action, more) in [
        ("DeleteSSHPublicKey", None),
        ("UpdateSSHPublicKey", Some(("Status", "Active"))),
        ("GetSSHPublicKey", Some(("Encoding", "SSH"))),
    ] {
        let params: Vec<_> = of.into_iter().chain(more).collect();
        let gone = world.iam_fails(action, &params, "NoSuchEntity");
        assert_eq!(gone.message(), format!("The Public Key with id {id} cannot be found."));
    }
}

#[test]
fn a_key_in_pem_is_the_same_key() {
    for pem in [PKCS8, PKCS1] {
        let world = world();
        let made = world.iam("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", pem)]);
        assert_eq!(made.text("Fingerprint"), FINGERPRINT);
        let of = [("UserName", "bob"), ("SSHPublicKeyId", &made.text("SSHPublicKeyId")), ("Encoding", "SSH")];
        let words: Vec<_> = key(0).split(' ').take(2).collect();
        assert_eq!(world.iam("GetSSHPublicKey", &of).text("SSHPublicKeyBody"), words.join(" "));
        let again = [("UserName", "bob"), ("SSHPublicKeyBody", key(0))];
        world.iam_fails("UploadSSHPublicKey", &again, "DuplicateSSHPublicKey");
    }
}

#[test]
fn what_is_no_good_key_is_refused() {
    let world = world();
    let cut = &key(0)[..200];
    let wrapped = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", "AAAA");
    let cases = [
        (REFUSED.lines().next().unwrap(), "InvalidPublicKey"),
        (REFUSED.lines().nth(1).unwrap(), "InvalidPublicKey"),
        (cut, "InvalidPublicKey"),
        (&wrapped, "InvalidPublicKey"),
        ("ssh-rsa", "InvalidPublicKey"),
        ("my key", "UnrecognizedPublicKeyEncoding"),
        ("AAAAB3NzaC1yc2EAAAADAQAB", "UnrecognizedPublicKeyEncoding"),
    ];
    for (body, code) in cases {
        let refused =
            world.iam_fails("UploadSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyBody", body)], code);
        assert_eq!(refused.status, 400, "{body}");
    }
    assert!(world.iam("ListSSHPublicKeys", &[("UserName", "bob")]).texts("member").is_empty());
}

#[test]
fn a_user_has_five_keys_and_they_come_in_pages() {
    let world = world();
    let ids: Vec<String> = (0..5).map(|number| upload(&world, key(number))).collect();
    let sixth = [("UserName", "bob"), ("SSHPublicKeyBody", key(5))];
    let refused = world.iam_fails("UploadSSHPublicKey", &sixth, "LimitExceeded");
    assert_eq!(
        (refused.status, refused.message()),
        (409, "Cannot exceed quota for SSHPublicKeysPerUser: 5".into())
    );
    let first = world.iam("ListSSHPublicKeys", &[("UserName", "bob"), ("MaxItems", "3")]);
    let rest = world.iam("ListSSHPublicKeys", &[("UserName", "bob"), ("Marker", &first.text("Marker"))]);
    let mut seen = first.texts("SSHPublicKeyId");
    seen.extend(rest.texts("SSHPublicKeyId"));
    seen.sort();
    let mut made = ids.clone();
    made.sort();
    assert_eq!((first.text("IsTruncated"), seen), ("true".into(), made));
    let conflict = world.iam_fails("DeleteUser", &[("UserName", "bob")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must delete SSH public keys first.");
    for id in ids {
        world.iam("DeleteSSHPublicKey", &[("UserName", "bob"), ("SSHPublicKeyId", &id)]);
    }
    world.iam("DeleteUser", &[("UserName", "bob")]);
}

#[test]
fn keys_of_others_need_the_right_on_them() {
    let world = world();
    let id = upload(&world, key(0));
    let eve = world.user("eve", &allow_on("iam:*SSHPublicKey*", &arn("user/eve"), ""));
    let of = [("UserName", "bob"), ("SSHPublicKeyId", id.as_str())];
    for (action, more) in [
        ("GetSSHPublicKey", Some(("Encoding", "SSH"))),
        ("UpdateSSHPublicKey", Some(("Status", "Inactive"))),
        ("DeleteSSHPublicKey", None),
    ] {
        let params: Vec<_> = of.into_iter().chain(more).collect();
        world.iam_as(&eve, action, &params).expect_code(action, "AccessDenied");
        let own: Vec<_> = [("UserName", "eve"), of[1]].into_iter().chain(more).collect();
        world.iam_as(&eve, action, &own).expect_code(action, "NoSuchEntity");
    }
    let ann = world.user("ann", &allow(&["iam:ListSSHPublicKeys"]));
    assert!(world.iam_as(&ann, "ListSSHPublicKeys", &[]).expect_ok("own").texts("member").is_empty());
}
