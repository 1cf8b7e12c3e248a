//! Policies of resources: a file for each service in each region.

use super::store::Store;
use super::tree;
use crate::client::{Aws, Call, Failure};
use crate::problem::Problem;
use serde_json::{Map, Value, json};

/// The hash of an empty body, which Amazon S3 wants to be told.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const INPUT: &str = "resources";

/// One service in a region.
struct Service<'a> {
    aws: &'a Aws,
    region: &'a str,
    store: &'a mut Store,
}

/// What lists the resources of a service, and how.
type Lister = fn(&mut Service<'_>) -> Result<Vec<Value>, Failure>;

/// Services with their files and the operation that lists their resources.
const SERVICES: [(&str, &str, Lister); 7] = [
    ("kms", "ListKeys", keys),
    ("sqs", "ListQueues", queues),
    ("sns", "ListTopics", topics),
    ("lambda", "ListFunctions", functions),
    ("secretsmanager", "ListSecrets", secrets),
    ("ecr", "DescribeRepositories", repositories),
    ("efs", "DescribeFileSystems", file_systems),
];

/// Buckets, and what holds for all of them.
pub(super) fn account_wide(aws: &Aws, store: &mut Store) -> Result<(), Problem> {
    store.file("s3-account.json", (INPUT, "GetAccountPublicAccessBlock"), |store| {
        let call = Call {
            service: "s3",
            host: Some(format!("{}.s3-control", store.account)),
            target: "/v20180820/configuration/publicAccessBlock".into(),
            ..s3(None, vec![("x-amz-account-id", store.account.to_string())])
        };
        let block = match aws.xml(&call) {
            Ok(root) => tree::value(&root),
            Err(failure) if failure.is(&["NoSuchPublicAccessBlockConfiguration"]) => json!({}),
            Err(failure) => return Err(failure),
        };
        Ok(json!({"AccountId": store.account, "PublicAccessBlockConfiguration": block}))
    })?;
    store.file("s3.json", (INPUT, "ListBuckets"), |store| {
        let call = Call { target: "/".into(), ..s3(None, Vec::new()) };
        let root = aws.xml(&call)?;
        let buckets = root.child("Buckets").map(|list| list.children.clone()).unwrap_or_default();
        let names = buckets.iter().filter_map(|bucket| bucket.text_of("Name"));
        let resources: Vec<Value> = names.filter_map(|name| bucket(aws, name.trim(), store)).collect();
        Ok(json!({"Resources": resources}))
    })
}

/// Everything in a region.
pub(super) fn collect(aws: &Aws, region: &str, store: &mut Store) -> Result<(), Problem> {
    for (name, operation, list) in SERVICES {
        store.file(&format!("{region}/{name}.json"), (INPUT, operation), |store| {
            list(&mut Service { aws, region, store }).map(|resources| json!({"Resources": resources}))
        })?;
    }
    Ok(())
}

/// All pages of a list: the names are of the token in the question and in the answer.
pub(super) fn pages(
    input: &Value,
    member: &str,
    (asks, answers): (&str, &str),
    call: impl Fn(&Value) -> Result<Value, Failure>,
) -> Result<Vec<Value>, Failure> {
    let mut input = input.clone();
    let mut all = Vec::new();
    loop {
        let mut answer = call(&input)?;
        if let Some(Value::Array(list)) = answer.get_mut(member).map(Value::take) {
            all.extend(list);
        }
        match answer.get(answers).and_then(Value::as_str).filter(|token| !token.is_empty()) {
            Some(token) => tree::set(&mut input, asks, token.into()),
            None => return Ok(all),
        }
    }
}

fn s3<'a>(region: Option<&'a str>, mut headers: Vec<(&'static str, String)>) -> Call<'a> {
    headers.push(("x-amz-content-sha256", EMPTY.to_owned()));
    Call { service: "s3", region, get: true, headers, ..Call::default() }
}

/// A bucket with its policy, its block and its list; `None` if its policy could not be asked for.
fn bucket(aws: &Aws, name: &str, store: &mut Store) -> Option<Value> {
    store.progress(&format!("bucket {name}"));
    let mut missing =
        |operation: &str, failure: &Failure| store.missing(INPUT, &format!("{operation} {name}"), failure);
    let located = aws.xml(&Call { target: format!("/{name}?location"), ..s3(None, Vec::new()) });
    let region = match &located {
        Ok(root) => match root.text.trim() {
            "" => "us-east-1".to_owned(),
            "EU" => "eu-west-1".to_owned(),
            region => region.to_owned(),
        },
        Err(failure) => {
            missing("GetBucketLocation", failure);
            return None;
        }
    };
    let ask = |what: &str| Call { target: format!("/{name}?{what}"), ..s3(Some(&region), Vec::new()) };
    let policy = match aws.send(&ask("policy")) {
        Ok(body) => Value::from(String::from_utf8_lossy(&body).into_owned()),
        Err(failure) if failure.is(&["NoSuchBucketPolicy"]) => Value::Null,
        Err(failure) => {
            missing("GetBucketPolicy", &failure);
            return None;
        }
    };
    let block = match aws.xml(&ask("publicAccessBlock")) {
        Ok(root) => tree::value(&root),
        Err(failure) if failure.is(&["NoSuchPublicAccessBlockConfiguration"]) => json!({}),
        Err(failure) => {
            missing("GetBucketPublicAccessBlock", &failure);
            Value::Null
        }
    };
    let acl = match aws.xml(&ask("acl")) {
        Ok(root) => grants(&root),
        Err(failure) => {
            missing("GetBucketAcl", &failure);
            Vec::new()
        }
    };
    let arn = format!("arn:{}:s3:::{name}", store.partition);
    Some(json!({"ResourceArn": arn, "ResourceType": "AWS::S3::Bucket", "OwnerAccount": store.account,
        "Policy": policy, "PublicAccessBlock": block, "Acl": acl}))
}

fn grants(root: &wire::xml::Element) -> Vec<Value> {
    let list = root.child("AccessControlList").map(|list| tree::all(list, "Grant")).unwrap_or_default();
    list.into_iter()
        .map(|grant| {
            let grantee = grant.child("Grantee").map_or(Value::Null, tree::value);
            json!({"Grantee": grantee, "Permission": grant.text_of("Permission").unwrap_or_default()})
        })
        .collect()
}

impl Service<'_> {
    fn json(&self, target: (&str, &str), input: &Value) -> Result<Value, Failure> {
        self.aws.json(target, input, Some(self.region))
    }

    fn get(&self, service: &str, target: String) -> Result<Value, Failure> {
        let call = Call { service, region: Some(self.region), get: true, target, ..Call::default() };
        self.aws.rest_json(&call)
    }

    /// A resource of which the policy was asked for; what is not there is none, what is refused is recorded.
    fn resource(
        &mut self,
        (arn, kind): (&str, &str),
        operation: &str,
        policy: Result<Value, Failure>,
        none: &[&str],
    ) -> Option<Value> {
        self.store.progress(arn);
        let policy = match policy {
            Ok(policy) => policy,
            Err(failure) if failure.is(none) => Value::Null,
            Err(failure) => {
                self.store.missing(INPUT, &format!("{operation} {arn}"), &failure);
                return None;
            }
        };
        let owner = self.store.account;
        Some(json!({"ResourceArn": arn, "ResourceType": kind, "OwnerAccount": owner, "Policy": policy}))
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.store.partition, self.region, self.store.account)
    }
}

fn keys(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    let tokens = ("Marker", "NextMarker");
    let listed =
        pages(&json!({}), "Keys", tokens, |input| service.json(("kms", "TrentService.ListKeys"), input))?;
    let mut found = Vec::new();
    for id in listed.iter().filter_map(|key| key.get("KeyId")?.as_str()) {
        let arn = service.arn("kms", &format!("key/{id}"));
        let input = json!({"KeyId": id, "PolicyName": "default"});
        let policy =
            service.json(("kms", "TrentService.GetKeyPolicy"), &input).map(|it| tree::take(it, "Policy"));
        let resource =
            service.resource((&arn, "AWS::KMS::Key"), "GetKeyPolicy", policy, &["NotFoundException"]);
        let Some(mut resource) = resource else { continue };
        let grants = pages(&json!({"KeyId": id}), "Grants", tokens, |input| {
            service.json(("kms", "TrentService.ListGrants"), input)
        });
        match grants {
            Ok(grants) => tree::set(&mut resource, "KeyGrants", grants.into()),
            Err(failure) => service.store.missing(INPUT, &format!("ListGrants {arn}"), &failure),
        }
        found.push(resource);
    }
    Ok(found)
}

/// All pages of an operation of the query protocol: the elements of its list.
fn query_pages(
    service: &Service<'_>,
    (name, version, operation): (&str, &str, &str),
    take: impl Fn(&wire::xml::Element) -> Vec<String>,
) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut params: Vec<(&str, &str)> =
            token.as_deref().map(|token| ("NextToken", token)).into_iter().collect();
        if name == "sqs" {
            params.push(("MaxResults", "1000"));
        }
        let root = service.aws.query(name, version, operation, &params, Some(service.region))?;
        let result =
            root.children.iter().find(|child| child.name.ends_with("Result")).cloned().unwrap_or_default();
        all.extend(take(&result));
        token = result.text_of("NextToken").map(str::to_owned).filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(all);
        }
    }
}

fn queues(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    let urls = query_pages(service, ("sqs", "2012-11-05", "ListQueues"), |result| {
        tree::all(result, "QueueUrl").into_iter().map(|url| url.text.clone()).collect()
    })?;
    let mut found = Vec::new();
    for url in urls {
        let params =
            [("QueueUrl", url.as_str()), ("AttributeName.1", "Policy"), ("AttributeName.2", "QueueArn")];
        let answer =
            service.aws.query("sqs", "2012-11-05", "GetQueueAttributes", &params, Some(service.region));
        let name = url.rsplit('/').next().unwrap_or_default();
        let arn = service.arn("sqs", name);
        let policy = answer.map(|root| {
            let result = root.child("GetQueueAttributesResult").cloned().unwrap_or_default();
            let attributes = tree::all(&result, "Attribute");
            let policy = attributes.iter().find(|it| it.text_of("Name") == Some("Policy"));
            policy.and_then(|policy| policy.text_of("Value")).map_or(Value::Null, Value::from)
        });
        let gone = ["AWS.SimpleQueueService.NonExistentQueue"];
        found.extend(service.resource((&arn, "AWS::SQS::Queue"), "GetQueueAttributes", policy, &gone));
    }
    Ok(found)
}

fn topics(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    let arns = query_pages(service, ("sns", "2010-03-31", "ListTopics"), |result| {
        let topics = result.child("Topics").map(|list| list.children.clone()).unwrap_or_default();
        topics.iter().filter_map(|topic| topic.text_of("TopicArn")).map(str::to_owned).collect()
    })?;
    let mut found = Vec::new();
    for arn in arns {
        let params = [("TopicArn", arn.as_str())];
        let answer =
            service.aws.query("sns", "2010-03-31", "GetTopicAttributes", &params, Some(service.region));
        let policy = answer.map(|root| {
            let result = root.child("GetTopicAttributesResult").map_or(Value::Null, tree::value);
            result.get("Attributes").and_then(|it| it.get("Policy")).cloned().unwrap_or_default()
        });
        found.extend(service.resource(
            (&arn, "AWS::SNS::Topic"),
            "GetTopicAttributes",
            policy,
            &["NotFound"],
        ));
    }
    Ok(found)
}

/// The functions of a region, as `ListFunctions` tells of them.
pub(super) fn list_functions(aws: &Aws, region: &str) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    let mut query = String::new();
    loop {
        let target = format!("/2015-03-31/functions{query}");
        let call = Call { service: "lambda", region: Some(region), get: true, target, ..Call::default() };
        let mut answer = aws.rest_json(&call)?;
        if let Some(Value::Array(functions)) = answer.get_mut("Functions").map(Value::take) {
            all.extend(functions);
        }
        match answer.get("NextMarker").and_then(Value::as_str).filter(|marker| !marker.is_empty()) {
            Some(marker) => query = format!("?Marker={}", wire::percent::encode(marker)),
            None => return Ok(all),
        }
    }
}

fn functions(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    let listed = list_functions(service.aws, service.region)?;
    let mut found = Vec::new();
    for function in &listed {
        let text = |name: &str| function.get(name).and_then(Value::as_str).unwrap_or_default();
        let (arn, name) = (text("FunctionArn"), text("FunctionName"));
        let answer = service.get("lambda", format!("/2015-03-31/functions/{name}/policy"));
        let policy = answer.map(|answer| tree::take(answer, "Policy"));
        let none = ["ResourceNotFoundException", "status 404"];
        found.extend(service.resource((arn, "AWS::Lambda::Function"), "GetPolicy", policy, &none));
    }
    Ok(found)
}

fn secrets(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    let tokens = ("NextToken", "NextToken");
    let listed = pages(&json!({}), "SecretList", tokens, |input| {
        service.json(("secretsmanager", "secretsmanager.ListSecrets"), input)
    })?;
    let mut found = Vec::new();
    for arn in listed.iter().filter_map(|secret| secret.get("ARN")?.as_str()) {
        let answer =
            service.json(("secretsmanager", "secretsmanager.GetResourcePolicy"), &json!({"SecretId": arn}));
        let policy =
            answer.map(|mut answer| answer.get_mut("ResourcePolicy").map_or(Value::Null, Value::take));
        let none = ["ResourceNotFoundException"];
        found.extend(service.resource(
            (arn, "AWS::SecretsManager::Secret"),
            "GetResourcePolicy",
            policy,
            &none,
        ));
    }
    Ok(found)
}

fn repositories(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921";
    let tokens = ("nextToken", "nextToken");
    let listed = pages(&json!({}), "repositories", tokens, |input| {
        service.json(("ecr", &format!("{TARGET}.DescribeRepositories")), input)
    })?;
    let mut found = Vec::new();
    for repository in &listed {
        let arn = repository.get("repositoryArn").and_then(Value::as_str).unwrap_or_default();
        let input = json!({"repositoryName": repository.get("repositoryName")});
        let answer = service.json(("ecr", &format!("{TARGET}.GetRepositoryPolicy")), &input);
        let policy = answer.map(|answer| tree::take(answer, "policyText"));
        let none = ["RepositoryPolicyNotFoundException"];
        found.extend(service.resource((arn, "AWS::ECR::Repository"), "GetRepositoryPolicy", policy, &none));
    }
    Ok(found)
}

fn file_systems(service: &mut Service<'_>) -> Result<Vec<Value>, Failure> {
    let list = |input: &Value| {
        let marker = input.get("Marker").and_then(Value::as_str).map(wire::percent::encode);
        let query = marker.map(|marker| format!("?Marker={marker}")).unwrap_or_default();
        service.get("elasticfilesystem", format!("/2015-02-01/file-systems{query}"))
    };
    let listed = pages(&Value::Object(Map::new()), "FileSystems", ("Marker", "NextMarker"), list)?;
    let mut found = Vec::new();
    for id in listed.iter().filter_map(|system| system.get("FileSystemId")?.as_str()) {
        let arn = service.arn("elasticfilesystem", &format!("file-system/{id}"));
        let answer = service.get("elasticfilesystem", format!("/2015-02-01/file-systems/{id}/policy"));
        let policy = answer.map(|answer| tree::take(answer, "Policy"));
        let none = ["PolicyNotFound", "FileSystemNotFound"];
        let resource =
            service.resource((&arn, "AWS::EFS::FileSystem"), "DescribeFileSystemPolicy", policy, &none);
        found.extend(resource);
    }
    Ok(found)
}
