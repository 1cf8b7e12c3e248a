//! What runs as which role: a file for each service in each region.

use super::resources::{list_functions, pages};
use super::store::Store;
use super::tree;
use crate::client::{Aws, Failure};
use crate::problem::Problem;
use serde_json::{Value, json};

const INPUT: &str = "workloads";

type Lister = fn(&Aws, &str, &Store) -> Result<Vec<Value>, Failure>;

const SERVICES: [(&str, &str, Lister); 5] = [
    ("ec2-instances", "DescribeInstances", instances),
    ("lambda-roles", "ListFunctions", functions),
    ("ecs-tasks", "ListTaskDefinitions", tasks),
    ("codebuild-projects", "ListProjects", projects),
    ("glue-jobs", "GetJobs", jobs),
];

/// Everything in a region.
pub(super) fn collect(aws: &Aws, region: &str, store: &mut Store) -> Result<(), Problem> {
    for (name, operation, list) in SERVICES {
        store.file(&format!("{region}/{name}.json"), (INPUT, operation), |store| {
            list(aws, region, store).map(|workloads| json!({"Workloads": workloads}))
        })?;
    }
    Ok(())
}

/// A workload, if it has a role.
fn workload(kind: &str, arn: &Value, role: &Value) -> Option<Value> {
    let role = role.as_str().filter(|role| !role.is_empty())?;
    Some(json!({"Type": kind, "Arn": arn.as_str()?, "Role": role}))
}

fn instances(aws: &Aws, region: &str, store: &Store) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let params: Vec<(&str, &str)> =
            token.as_deref().map(|token| ("NextToken", token)).into_iter().collect();
        let root = aws.query("ec2", "2016-11-15", "DescribeInstances", &params, Some(region))?;
        let reservations = root.child("reservationSet").map(|set| set.children.clone()).unwrap_or_default();
        for instance in
            reservations.iter().filter_map(|it| it.child("instancesSet")).flat_map(|set| &set.children)
        {
            let state = instance.child("instanceState").and_then(|state| state.text_of("name"));
            let profile = instance.child("iamInstanceProfile").and_then(|profile| profile.text_of("arn"));
            let Some(profile) = profile.filter(|_| state != Some("terminated")) else { continue };
            let id = instance.text_of("instanceId").unwrap_or_default();
            let arn = format!("arn:{}:ec2:{region}:{}:instance/{id}", store.partition, store.account);
            let public = instance.text_of("ipAddress").is_some_and(|address| !address.is_empty());
            let tags = instance.child("tagSet").map(|set| set.children.clone()).unwrap_or_default();
            let tags: Vec<Value> = tags
                .iter()
                .map(|tag| json!({"Key": tag.text_of("key").unwrap_or_default(), "Value": tag.text_of("value").unwrap_or_default()}))
                .collect();
            found.push(json!({"Type": "AWS::EC2::Instance", "Arn": arn, "Role": profile, "Public": public, "Tags": tags}));
        }
        token = root.text_of("nextToken").map(str::to_owned).filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

fn functions(aws: &Aws, region: &str, _: &Store) -> Result<Vec<Value>, Failure> {
    let listed = list_functions(aws, region)?;
    Ok(listed
        .iter()
        .filter_map(|it| workload("AWS::Lambda::Function", tree::of(it, "FunctionArn"), tree::of(it, "Role")))
        .collect())
}

fn tasks(aws: &Aws, region: &str, store: &Store) -> Result<Vec<Value>, Failure> {
    let call = |operation: &str, input: &Value| {
        aws.json(("ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}")), input, Some(region))
    };
    let input = json!({"status": "ACTIVE"});
    let arns = pages(&input, "taskDefinitionArns", ("nextToken", "nextToken"), |input| {
        call("ListTaskDefinitions", input)
    })?;
    let mut found = Vec::new();
    for arn in arns {
        store.progress(arn.as_str().unwrap_or_default());
        let described = call("DescribeTaskDefinition", &json!({"taskDefinition": arn}))?;
        let task = tree::of(&described, "taskDefinition");
        let roles = [tree::of(task, "taskRoleArn"), tree::of(task, "executionRoleArn")];
        found.extend(roles.iter().filter_map(|role| workload("AWS::ECS::TaskDefinition", &arn, role)));
    }
    Ok(found)
}

fn projects(aws: &Aws, region: &str, _: &Store) -> Result<Vec<Value>, Failure> {
    const MOST: usize = 100;
    let call = |operation: &str, input: &Value| {
        aws.json(("codebuild", &format!("CodeBuild_20161006.{operation}")), input, Some(region))
    };
    let names =
        pages(&json!({}), "projects", ("nextToken", "nextToken"), |input| call("ListProjects", input))?;
    let mut found = Vec::new();
    for names in names.chunks(MOST) {
        let answer = call("BatchGetProjects", &json!({"names": names}))?;
        let projects = tree::of(&answer, "projects").as_array().cloned().unwrap_or_default();
        found.extend(projects.iter().filter_map(|it| {
            workload("AWS::CodeBuild::Project", tree::of(it, "arn"), tree::of(it, "serviceRole"))
        }));
    }
    Ok(found)
}

fn jobs(aws: &Aws, region: &str, store: &Store) -> Result<Vec<Value>, Failure> {
    let listed = pages(&json!({}), "Jobs", ("NextToken", "NextToken"), |input| {
        aws.json(("glue", "AWSGlue.GetJobs"), input, Some(region))
    })?;
    let jobs = listed.iter().filter_map(|job| {
        let name = job.get("Name")?.as_str()?;
        let arn = format!("arn:{}:glue:{region}:{}:job/{name}", store.partition, store.account);
        workload("AWS::Glue::Job", &arn.into(), tree::of(job, "Role"))
    });
    Ok(jobs.collect())
}
