//! Role templates: ready-made roles that AWS's services offer. They belong to AWS and none is here, so that every ARN
//! names nothing.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AcquireRole.html>.

use super::{find, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use base::ArnRef;
use directory::Tx;
use model::Snapshot;
use wire::Fault;
use wire::iam::{self as shape, errors, ops};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::read::<ops::GetRoleTemplateVersion>(
            "iam",
            |input, _, _| Ok(vec![Demand::on(input.template_arn.as_str())]),
            get,
        ),
        Row::write::<ops::AcquireRole>("iam", acquire_demands, acquire),
    ]
}

/// What comes of it is a role, whose name the template tells: the right to make any is demanded.
fn acquire_demands(input: &shape::AcquireRoleRequest, call: &Call, _: &Snapshot) -> Demanded {
    let role = Demand::of("iam:CreateRole", target::role_arn(call, "/", "*"));
    Ok(vec![role.key("iam:roletemplatearn", input.template_arn.as_str())])
}

fn get(
    _: Allowed<'_, ops::GetRoleTemplateVersion>,
    _: &Snapshot,
    input: shape::GetRoleTemplateVersionRequest,
) -> Result<shape::GetRoleTemplateVersionResponse, Fault> {
    Err(not_found(&input.template_arn))
}

fn acquire(
    _: Allowed<'_, ops::AcquireRole>,
    _: &mut Tx<'_>,
    input: shape::AcquireRoleRequest,
) -> Result<shape::AcquireRoleResponse, Fault> {
    Err(not_found(&input.template_arn))
}

fn not_found(arn: &str) -> Fault {
    let is_template = ArnRef::parse(arn)
        .is_some_and(|parts| parts.service == "iam" && parts.resource.starts_with("role-template/"));
    if is_template {
        find::no_such_entity(format!("Role template {arn} was not found."))
    } else {
        Fault::of(&errors::INVALID_INPUT, format!("ARN {arn} is not valid."))
    }
}
