//! `AssumeRoot`: a short session of a member account's root user for one of five tasks.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html>.
//!
//! The first account of a realm stands to the others as an organization's management account does.

use super::session;
use crate::call::Call;
use crate::demand::Demand;
use crate::first_start::management_account;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::{Parent, Session};
use base::{AccountId, Arn, ArnRef};
use model::managed::{self, AwsManagedPolicy};
use model::{Identity, PolicyRef, Snapshot};
use wire::Fault;
use wire::sts::{self as shape, ops};

/// Seconds that a session lasts if the caller does not say, and at most.
const SECONDS: u32 = 900;
/// What precedes the name in the ARN of a task's policy.
const TASK_PATH: &str = "policy/root-task/";

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![Row::read::<ops::AssumeRoot>("sts", demands, assume)]
}

/// `sts:AssumeRoot` on the member's root user. The caller's policies alone decide: an account has no policy of its own
/// that could let the management account in.
fn demands(input: &shape::AssumeRootRequest, call: &Call, _: &Snapshot) -> Demanded {
    if matches!(call.caller.identity, Identity::Root(_)) {
        return Err(Fault::access_denied("AssumeRoot may not be called by root accounts."));
    }
    session::refuse_user_session(call, "AssumeRoot")?;
    let account = target(call, &input.target_principal)?;
    let resource = Arn::global(call.partition.id(), "iam", account.as_str(), ["root"]);
    Ok(vec![
        Demand::on(resource)
            .judged_in(call.account_id())
            .key_if("sts:taskpolicyarn", input.task_policy_arn.arn.as_deref()),
    ])
}

/// The account that the target names, by its id or by the ARN of its root user.
fn target(call: &Call, text: &str) -> Result<AccountId, Fault> {
    let by_arn = || {
        let arn = ArnRef::parse(text)?;
        let is_root = arn.service == "iam" && arn.region.is_empty() && arn.resource == "root";
        (is_root && arn.partition == call.partition.id()).then(|| AccountId::parse(arn.account).ok())?
    };
    AccountId::parse(text).ok().or_else(by_arn).ok_or_else(|| {
        Fault::validation("The target principal must be an account id or the ARN of a root user.")
    })
}

fn assume(
    at: Allowed<'_, ops::AssumeRoot>,
    snapshot: &Snapshot,
    input: shape::AssumeRootRequest,
) -> Result<shape::AssumeRootResponse, Fault> {
    let account = target(&at, &input.target_principal)?;
    check_organization(&at, snapshot, account)?;
    let task = task_policy(&at, input.task_policy_arn.arn.as_deref())?;
    let seconds = input.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(SECONDS);
    let source_identity = at.caller.session.as_ref().and_then(|session| session.source_identity.clone());
    let session = Session {
        managed_policies: vec![PolicyRef::aws(task)],
        source_identity,
        ..session::fresh(&at, account, Parent::Root, seconds)
    };
    Ok(shape::AssumeRootResponse {
        credentials: Some(session::credentials(&at, &session)?),
        source_identity: session.source_identity,
        ..Default::default()
    })
}

/// The management account calls, root sessions are enabled, and the target is another account of the realm.
fn check_organization(call: &Call, snapshot: &Snapshot, account: AccountId) -> Result<(), Fault> {
    let management = management_account(snapshot);
    if Some(call.account_id()) != management {
        return Err(Fault::access_denied(
            "AssumeRoot may be called by the management account or a delegated administrator only.",
        ));
    }
    if !snapshot.organization_features().root_sessions {
        return Err(Fault::access_denied("Root sessions are not enabled for this organization."));
    }
    if Some(account) == management || snapshot.account(account).is_none() {
        return Err(Fault::access_denied(format!(
            "Account {account} is not a member account of this organization."
        )));
    }
    Ok(())
}

/// The policy of the task, one of AWS's under `/root-task/`.
fn task_policy(call: &Call, arn: Option<&str>) -> Result<&'static AwsManagedPolicy, Fault> {
    let invalid =
        || Fault::validation("The task policy must be one of the AWS managed policies for root tasks.");
    let arn = arn.ok_or_else(invalid)?;
    let parts = ArnRef::parse(arn).ok_or_else(invalid)?;
    if parts.partition != call.partition.id() || !parts.resource.starts_with(TASK_PATH) {
        return Err(invalid());
    }
    managed::by_arn(arn).ok_or_else(invalid)
}
