//! When entities last used which services: reports that are asked for and fetched later.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html> and its
//! neighbours.

use super::granting::{self, Subject};
use super::{find, page};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{Partition, Timestamp, Uuid};
use directory::Tx;
use model::report::{AccessEntity, LastAccessedJob, LastAccessedResult, ReportKind};
use model::snapshot::EntityKey;
use model::usage::{ActionUse, ServiceUse};
use model::{AccountState, Report, Role, Snapshot, User};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::GenerateServiceLastAccessedDetails>(
            "iam",
            |input, _, _| Ok(vec![Demand::on(input.arn.clone())]),
            generate,
        ),
        Row::read::<ops::GetServiceLastAccessedDetails>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), get),
        Row::read::<ops::GetServiceLastAccessedDetailsWithEntities>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            get_with_entities,
        ),
        Row::write::<ops::GenerateOrganizationsAccessReport>(
            "iam",
            |input, call, _| {
                let arn = format!(
                    "arn:{}:iam::{}:access-report/{}",
                    call.partition,
                    call.account_id(),
                    input.entity_path
                );
                let policy = input.organizations_policy_id.clone();
                Ok(vec![Demand::on(arn).key_if("iam:organizationspolicyid", policy)])
            },
            |_, _, _| {
                Err(Fault::of(
                    &errors::ORGANIZATION_NOT_FOUND,
                    "No organization is associated with your account.",
                ))
            },
        ),
        Row::read::<ops::GetOrganizationsAccessReport>(
            "iam",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            |_, _, input| Err(no_such_job(&input.job_id)),
        ),
    ]
}

/// How long a report is kept.
const KEPT: Duration = Duration::from_secs(7 * 86_400);
/// Reports that an account keeps at most; the oldest go first.
const REPORTS: usize = 500;

fn generate(
    at: Allowed<'_, ops::GenerateServiceLastAccessedDetails>,
    tx: &mut Tx<'_>,
    input: shape::GenerateServiceLastAccessedDetailsRequest,
) -> Result<shape::GenerateServiceLastAccessedDetailsResponse, Fault> {
    let account = at.account_in(tx)?;
    granting::subject(&at, account, &input.arn)?;
    for old in outdated(account, at.now) {
        tx.remove(&EntityKey::Report(at.account_id(), old));
    }
    let id = Uuid::random(&at.entropy).as_str().to_owned();
    tx.put(Report {
        account: at.account_id(),
        id: id.clone(),
        requested: at.now,
        kind: ReportKind::LastAccessed(Box::new(LastAccessedJob {
            requester: at.caller.user_id.clone(),
            arn: input.arn,
            actions: input.granularity.as_deref() == Some("ACTION_LEVEL"),
            result: None,
        })),
    });
    Ok(shape::GenerateServiceLastAccessedDetailsResponse { job_id: Some(id) })
}

/// The reports that must go before another one is asked for.
fn outdated(account: &AccountState, now: Timestamp) -> Vec<String> {
    let reports = account.reports.values();
    let mut jobs: Vec<_> = reports.filter(|it| matches!(it.kind, ReportKind::LastAccessed(_))).collect();
    jobs.sort_by_key(|job| job.requested);
    let too_many = (jobs.len() + 1).saturating_sub(REPORTS);
    let is_old = |job: &Report| now.since(job.requested) > KEPT;
    jobs.iter()
        .enumerate()
        .filter(|(place, job)| *place < too_many || is_old(job))
        .map(|(_, job)| job.id.clone())
        .collect()
}

/// Makes the report that a job asks for.
pub fn result(
    snapshot: &Snapshot,
    account: &AccountState,
    job: &LastAccessedJob,
    now: Timestamp,
) -> LastAccessedResult {
    let found = base::ArnRef::parse(&job.arn).and_then(|parts| {
        let partition = Partition::by_id(parts.partition)?;
        Some((partition, resolved(account, &parts)?))
    });
    let Some((partition, subject)) = found else {
        let failure = Some("The entity was deleted before the report was made.".to_owned());
        return LastAccessedResult { done: now, services: Vec::new(), entities: Vec::new(), failure };
    };
    let services = granting::allowed_services(account, &subject, partition);
    let entities = holders(account, &subject);
    let entities = entities.into_iter().map(|holder| holder.told(snapshot, partition, &services)).collect();
    LastAccessedResult { done: now, services, entities, failure: None }
}

/// The entity that a job is about; it may be gone by now.
fn resolved<'a>(account: &'a AccountState, parts: &base::ArnRef<'_>) -> Option<Subject<'a>> {
    match parts.typed_resource()?.0 {
        "user" => account.users.get(parts.name()).map(Subject::User),
        "group" => account.groups.get(parts.name()).map(Subject::Group),
        "role" => account.roles.get(parts.name()).map(Subject::Role),
        _ if parts.account == "aws" => {
            let policy = model::managed::by_resource(parts.resource)?;
            Some(Subject::Policy(model::PolicyRef::aws(policy)))
        }
        _ => account
            .policies
            .get(parts.name())
            .map(|it| Subject::Policy(model::PolicyRef::Customer(it.id.clone()))),
    }
}

/// Who has the permissions that a report is about.
enum Holder<'a> {
    User(&'a Arc<User>),
    Role(&'a Arc<Role>),
}

impl Holder<'_> {
    fn told(&self, snapshot: &Snapshot, partition: Partition, services: &[String]) -> AccessEntity {
        let (id, is_role, name, path, arn) = match self {
            Holder::User(it) => (&it.id, false, &it.name, &it.path, it.arn(partition)),
            Holder::Role(it) => (&it.id, true, &it.name, &it.path, it.arn(partition)),
        };
        let usage = snapshot.access_usage(id.as_str());
        let uses = usage.iter().flat_map(|usage| &usage.services);
        let uses = uses.filter(|used| services.binary_search(&used.service).is_ok()).cloned().collect();
        AccessEntity {
            id: id.clone(),
            is_role,
            name: name.clone(),
            path: path.clone(),
            arn: arn.into(),
            uses,
        }
    }
}

fn holders<'a>(account: &'a AccountState, subject: &Subject<'a>) -> Vec<Holder<'a>> {
    match subject {
        Subject::User(user) => vec![Holder::User(user)],
        Subject::Role(role) => vec![Holder::Role(role)],
        Subject::Group(group) => account.members(group).map(Holder::User).collect(),
        Subject::Policy(policy) => {
            let through_group =
                |user: &User| account.groups_of(user).iter().any(|group| group.attached.contains(policy));
            let users = account.users.iter();
            let users = users.filter(|user| user.attached.contains(policy) || through_group(user));
            let roles = account.roles.iter().filter(|role| role.attached.contains(policy));
            users.map(Holder::User).chain(roles.map(Holder::Role)).collect()
        }
    }
}

fn no_such_job(id: &str) -> Fault {
    find::no_such_entity(format!("The job with id {id} cannot be found."))
}

/// The job of this id, if the caller has asked for it: the same user, or the same session of a role.
fn job<'a>(
    call: &Call,
    account: &'a AccountState,
    id: &str,
) -> Result<(&'a Report, &'a LastAccessedJob), Fault> {
    let report = account.reports.get(id).filter(|report| call.now.since(report.requested) <= KEPT);
    let report = report.ok_or_else(|| no_such_job(id))?;
    match &report.kind {
        ReportKind::LastAccessed(job) if job.requester == call.caller.user_id => Ok((report, job)),
        _ => Err(no_such_job(id)),
    }
}

/// The state of a job, in AWS's words, and when it was done. A job that is not done has no such time; the member is
/// required all the same, and AWS gives the time of creation.
fn state(report: &Report, job: &LastAccessedJob) -> (String, Timestamp, Option<shape::ErrorDetails>) {
    let Some(result) = &job.result else {
        return ("IN_PROGRESS".to_owned(), report.requested, None);
    };
    match &result.failure {
        Some(message) => {
            let error = shape::ErrorDetails { message: message.clone(), code: "NoSuchEntity".to_owned() };
            ("FAILED".to_owned(), result.done, Some(error))
        }
        None => ("COMPLETED".to_owned(), result.done, None),
    }
}

fn get(
    at: Allowed<'_, ops::GetServiceLastAccessedDetails>,
    snapshot: &Snapshot,
    input: shape::GetServiceLastAccessedDetailsRequest,
) -> Result<shape::GetServiceLastAccessedDetailsResponse, Fault> {
    let (report, job) = job(&at, at.account(snapshot)?, &input.job_id)?;
    let (job_status, job_completion_date, error) = state(report, job);
    let services = job.result.as_ref().map(|result| result.services.as_slice()).unwrap_or_default();
    let page =
        page::of(services, input.marker.as_deref(), input.max_items, |namespace| (*namespace).clone())?;
    let told = page.items.iter().map(|namespace| service_told(job, namespace));
    Ok(shape::GetServiceLastAccessedDetailsResponse {
        job_status,
        job_type: Some(if job.actions { "ACTION_LEVEL" } else { "SERVICE_LEVEL" }.to_owned()),
        job_creation_date: report.requested,
        services_last_accessed: told.collect(),
        job_completion_date,
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
        error,
    })
}

fn service_told(job: &LastAccessedJob, namespace: &str) -> shape::ServiceLastAccessed {
    let entities = job.result.iter().flat_map(|result| &result.entities);
    let uses: Vec<(&AccessEntity, &ServiceUse)> = entities
        .filter_map(|entity| Some((entity, entity.uses.iter().find(|used| used.service == namespace)?)))
        .collect();
    let last = uses
        .iter()
        .filter_map(|(entity, used)| Some((*entity, used.latest()?)))
        .max_by_key(|(_, used)| used.at);
    let title = policy::catalogue::Catalogue::get().service(namespace).map(|service| service.title());
    shape::ServiceLastAccessed {
        service_name: title.unwrap_or(namespace).to_owned(),
        last_authenticated: last.map(|(_, used)| used.at.whole_seconds()),
        service_namespace: namespace.to_owned(),
        last_authenticated_entity: last.map(|(entity, _)| entity.arn.clone()),
        last_authenticated_region: last.map(|(_, used)| used.region.clone()),
        total_authenticated_entities: i32::try_from(uses.len()).ok(),
        tracked_actions_last_accessed: (job.actions && !uses.is_empty()).then(|| actions_told(&uses)),
    }
}

/// The last use of each action that was used, by name.
fn actions_told(uses: &[(&AccessEntity, &ServiceUse)]) -> Vec<shape::TrackedActionLastAccessed> {
    let mut latest: BTreeMap<&str, (&AccessEntity, &ActionUse)> = BTreeMap::new();
    for (entity, used) in uses {
        for action in &used.actions {
            let known = latest.entry(&action.action).or_insert((entity, action));
            if known.1.at < action.at {
                *known = (entity, action);
            }
        }
    }
    let told = latest.into_iter().map(|(name, (entity, used))| shape::TrackedActionLastAccessed {
        action_name: Some(name.to_owned()),
        last_accessed_entity: Some(entity.arn.clone()),
        last_accessed_time: Some(used.at.whole_seconds()),
        last_accessed_region: Some(used.region.clone()),
    });
    told.collect()
}

fn get_with_entities(
    at: Allowed<'_, ops::GetServiceLastAccessedDetailsWithEntities>,
    snapshot: &Snapshot,
    input: shape::GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<shape::GetServiceLastAccessedDetailsWithEntitiesResponse, Fault> {
    let (report, job) = job(&at, at.account(snapshot)?, &input.job_id)?;
    granting::service(&input.service_namespace)?;
    let (job_status, job_completion_date, error) = state(report, job);
    let result = job.result.as_ref().filter(|result| result.services.contains(&input.service_namespace));
    let last = |entity: &AccessEntity| {
        let used = entity.uses.iter().find(|used| used.service == input.service_namespace)?;
        used.latest().map(|used| used.at.whole_seconds())
    };
    // The most recent use first, those who never used it last.
    let place = |entity: &&AccessEntity| {
        let seconds = last(entity).map_or(0, Timestamp::seconds);
        format!("{:020}{}", i64::MAX - seconds, entity.id)
    };
    let mut entities: Vec<&AccessEntity> = result.iter().flat_map(|result| &result.entities).collect();
    entities.sort_by_key(place);
    let page = page::of(entities, input.marker.as_deref(), input.max_items, place)?;
    let told = page.items.iter().map(|entity| shape::EntityDetails {
        entity_info: shape::EntityInfo {
            arn: entity.arn.clone(),
            name: entity.name.clone(),
            r#type: if entity.is_role { "ROLE" } else { "USER" }.to_owned(),
            id: entity.id.to_string(),
            path: Some(entity.path.clone()),
        },
        last_authenticated: last(entity),
    });
    Ok(shape::GetServiceLastAccessedDetailsWithEntitiesResponse {
        job_status,
        job_creation_date: report.requested,
        job_completion_date,
        entity_details_list: told.collect(),
        is_truncated: Some(page.is_truncated()),
        marker: page.marker,
        error,
    })
}
