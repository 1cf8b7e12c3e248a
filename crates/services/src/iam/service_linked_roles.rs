//! Roles that belong to AWS services.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html> and its neighbours.

use super::{encode, find, limits, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use base::{IdKind, UniqueId, Uuid};
use directory::Tx;
use model::report::ReportKind;
use model::role::DEFAULT_MAX_SESSION_SECONDS;
use model::service_linked::{self, ServiceLinkedRole};
use model::snapshot::EntityKey;
use model::{PolicyRef, PolicyText, Report, Role, Snapshot, quota};
use std::sync::Arc;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateServiceLinkedRole>(
            "iam",
            |input, call, _| {
                let service = input.aws_service_name.as_str();
                let base = service_linked::of(service).map_or("AWSServiceRoleFor", |role| role.name);
                let name = full_name(base, input.custom_suffix.as_deref());
                let arn = target::role_arn(call, &path_of(service), &name);
                Ok(vec![Demand::on(arn).key("iam:awsservicename", service)])
            },
            create,
        ),
        Row::write::<ops::DeleteServiceLinkedRole>(
            "iam",
            |input, call, snapshot| Ok(vec![target::role(call, snapshot, &input.role_name)?]),
            delete,
        ),
        Row::read::<ops::GetServiceLinkedRoleDeletionStatus>(
            "iam",
            |input, call, _| {
                let (path, name) = role_of(&input.deletion_task_id).unwrap_or_default();
                Ok(vec![Demand::on(target::role_arn(call, &path, name))])
            },
            status,
        ),
    ]
}

fn path_of(service: &str) -> String {
    format!("/aws-service-role/{service}/")
}

fn full_name(base: &str, suffix: Option<&str>) -> String {
    suffix.map_or_else(|| base.to_owned(), |suffix| format!("{base}_{suffix}"))
}

/// Characters of a role's name.
const NAME_LENGTH: usize = 64;

fn create(
    at: Allowed<'_, ops::CreateServiceLinkedRole>,
    tx: &mut Tx<'_>,
    input: shape::CreateServiceLinkedRoleRequest,
) -> Result<shape::CreateServiceLinkedRoleResponse, Fault> {
    let account = at.account_in(tx)?;
    let service = input.aws_service_name.as_str();
    let kind = service_linked::of(service).ok_or_else(|| {
        invalid(format!("The AWS service {service} has no service-linked role that can be created."))
    })?;
    if input.custom_suffix.is_some() && !kind.takes_suffix {
        return Err(invalid(format!("Custom suffix is not allowed for {service}")));
    }
    let name = full_name(kind.name, input.custom_suffix.as_deref());
    if name.len() > NAME_LENGTH {
        return Err(invalid(format!("The role name {name} is longer than {NAME_LENGTH} characters.")));
    }
    if account.roles.get(&name).is_some() {
        return Err(invalid(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        )));
    }
    limits::below("RolesPerAccount", account.roles.len(), quota::ROLES)?;
    let role = make(&at, kind, name, input.description);
    // As of every role just made: neither a last use nor a limit that nobody set.
    let shown = shape::Role {
        max_session_duration: None,
        role_last_used: None,
        ..encode::role(&at, tx.snapshot(), account, &role)
    };
    tx.put(role);
    Ok(shape::CreateServiceLinkedRoleResponse { role: Some(shown) })
}

fn invalid(message: String) -> Fault {
    Fault::of(&errors::INVALID_INPUT, message)
}

fn make(call: &Call, kind: &ServiceLinkedRole, name: String, description: Option<String>) -> Role {
    Role {
        id: UniqueId::generate(IdKind::Role, call.account_id(), &call.entropy),
        account: call.account_id(),
        name,
        path: path_of(kind.principal),
        created: call.now.whole_seconds(),
        description,
        trust: PolicyText::new(trust(kind.principal)),
        max_session_seconds: DEFAULT_MAX_SESSION_SECONDS,
        tags: Default::default(),
        boundary: None,
        inline: Default::default(),
        attached: kind.policies.iter().map(|policy| PolicyRef::Aws(policy.as_str().into())).collect(),
    }
}

/// Only the service itself can assume the role.
fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

/// Tasks that are remembered of one account; the oldest go first.
const TASKS: usize = 1_000;

/// No service of AWS's runs here that could still use the role, so that the task is done at once. It stays known, so
/// that its status can be asked for.
fn delete(
    at: Allowed<'_, ops::DeleteServiceLinkedRole>,
    tx: &mut Tx<'_>,
    input: shape::DeleteServiceLinkedRoleRequest,
) -> Result<shape::DeleteServiceLinkedRoleResponse, Fault> {
    let account = at.account_in(tx)?;
    let role = Arc::clone(find::role(account, &input.role_name)?);
    if !role.is_service_linked() {
        return Err(find::no_such_entity(format!(
            "The role with name {} is not a service-linked role.",
            role.name
        )));
    }
    let id = Uuid::random(&at.entropy).as_str().to_owned();
    let task = format!("task{}{}/{id}", role.path, role.name);
    forget_oldest(at.account_id(), tx)?;
    tx.remove(&EntityKey::Role(role.account, role.id.clone()));
    tx.remove(&EntityKey::RoleUsage(role.id.clone()));
    tx.remove(&EntityKey::AccessUsage(role.id.clone()));
    tx.put(Report {
        account: role.account,
        id,
        requested: at.now.whole_seconds(),
        kind: ReportKind::RoleDeletion { role: role.id.clone(), task: task.clone() },
    });
    Ok(shape::DeleteServiceLinkedRoleResponse { deletion_task_id: task })
}

fn forget_oldest(account: base::AccountId, tx: &mut Tx<'_>) -> Result<(), Fault> {
    let state = tx.snapshot().account(account).ok_or_else(Fault::internal)?;
    let tasks =
        state.reports.values().filter(|report| matches!(report.kind, ReportKind::RoleDeletion { .. }));
    let tasks: Vec<_> = tasks.collect();
    let oldest = tasks.iter().min_by_key(|task| task.requested).map(|task| task.id.clone());
    if tasks.len() >= TASKS
        && let Some(id) = oldest
    {
        tx.remove(&EntityKey::Report(account, id));
    }
    Ok(())
}

/// Path and name of the role in a task's id: `task/aws-service-role/SERVICE/NAME/UUID`.
fn role_of(task: &str) -> Option<(String, &str)> {
    let rest = task.strip_prefix("task/aws-service-role/")?;
    let mut parts = rest.split('/');
    let (service, name, id) = (parts.next()?, parts.next()?, parts.next()?);
    (parts.next().is_none() && !id.is_empty()).then(|| (path_of(service), name))
}

fn status(
    at: Allowed<'_, ops::GetServiceLinkedRoleDeletionStatus>,
    snapshot: &Snapshot,
    input: shape::GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<shape::GetServiceLinkedRoleDeletionStatusResponse, Fault> {
    let wanted = &input.deletion_task_id;
    if role_of(wanted).is_none() {
        return Err(invalid(format!("The deletion task id {wanted} is not valid.")));
    }
    let id = wanted.rsplit('/').next().unwrap_or_default();
    match at.account(snapshot)?.reports.get(id).map(|report| &report.kind) {
        Some(ReportKind::RoleDeletion { task, .. }) if task == wanted => {
            Ok(shape::GetServiceLinkedRoleDeletionStatusResponse {
                status: "SUCCEEDED".to_owned(),
                reason: None,
            })
        }
        _ => Err(find::no_such_entity(format!("The deletion task with id {wanted} cannot be found."))),
    }
}
