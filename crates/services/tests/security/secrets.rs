//! A secret is shown once, to whom it was made for.

use crate::certificate;
use crate::harness::World;

/// Makes a credential of every kind for bob; yields the secrets.
fn furnish(world: &World) -> Vec<(&'static str, String)> {
    let bob = ("UserName", "bob");
    world.iam("CreateUser", &[bob]);
    let key = world.iam("CreateAccessKey", &[bob]).text("SecretAccessKey");
    let git = [bob, ("ServiceName", "codecommit.amazonaws.com")];
    let made = world.iam("CreateServiceSpecificCredential", &git);
    let id = made.text("ServiceSpecificCredentialId");
    let reset = world.iam("ResetServiceSpecificCredential", &[bob, ("ServiceSpecificCredentialId", &id)]);
    let api = [bob, ("ServiceName", "bedrock.amazonaws.com")];
    let api = world.iam("CreateServiceSpecificCredential", &api).text("ServiceCredentialSecret");
    let (pem, private) = certificate();
    let site = [("ServerCertificateName", "site"), ("CertificateBody", &*pem), ("PrivateKey", &*private)];
    world.iam("UploadServerCertificate", &site);
    let body = private.lines().nth(1).unwrap().to_owned();
    vec![
        ("an access key", key),
        ("a service password", made.text("ServicePassword")),
        ("a service password that was set again", reset.text("ServicePassword")),
        ("an api key", api),
        ("a private key", body),
    ]
}

#[test]
fn case_084_no_answer_shows_a_secret_again() {
    let world = World::new();
    let secrets = furnish(&world);
    let id = world
        .iam("ListServiceSpecificCredentials", &[("UserName", "bob")])
        .text("ServiceSpecificCredentialId");
    world.iam("GenerateCredentialReport", &[]);
    world.front.tick().unwrap();
    let reads: [(&str, &[(&str, &str)]); 10] = [
        ("ListAccessKeys", &[("UserName", "bob")]),
        ("ListServiceSpecificCredentials", &[("UserName", "bob")]),
        ("ListServiceSpecificCredentials", &[("AllUsers", "true")]),
        ("GetServerCertificate", &[("ServerCertificateName", "site")]),
        ("ListServerCertificates", &[]),
        ("GetUser", &[("UserName", "bob")]),
        ("GetAccountAuthorizationDetails", &[]),
        ("GetCredentialReport", &[]),
        ("GetAccountSummary", &[]),
        ("ListUsers", &[]),
    ];
    let mut seen = String::new();
    for (action, params) in reads {
        seen += &world.iam(action, params).body;
    }
    let status = [("UserName", "bob"), ("ServiceSpecificCredentialId", id.as_str()), ("Status", "Inactive")];
    seen += &world.iam("UpdateServiceSpecificCredential", &status).body;
    for (what, secret) in &secrets {
        assert!(secret.len() > 30, "{what}");
        assert!(!seen.contains(secret), "{what} is shown again");
    }
}

#[test]
fn case_084_no_error_and_no_record_shows_a_secret() {
    let world = World::new();
    let secrets = furnish(&world);
    let (pem, private) = certificate();
    let (_, other) = certificate();
    let mut said = String::new();
    for (body, key) in [(&pem, &other), (&"nonsense".to_owned(), &private), (&pem, &private)] {
        let params = [("ServerCertificateName", "site"), ("CertificateBody", body), ("PrivateKey", key)];
        said += &world.iam_as(&world.admin, "UploadServerCertificate", &params).body;
    }
    let records = serde_json::to_string(&world.records()).unwrap();
    assert!(records.contains("UploadServerCertificate"));
    let hidden =
        [private.as_str(), other.as_str()].map(|key| ("a key", key.lines().nth(1).unwrap().to_owned()));
    for (what, secret) in secrets.iter().chain(&hidden) {
        let in_json = serde_json::to_string(secret).unwrap();
        assert!(!said.contains(secret.as_str()), "{what} stands in an error");
        assert!(!records.contains(in_json.trim_matches('"')), "{what} stands in a record");
    }
}
