//! The shape of an export: what `aws iam get-account-authorization-details` writes, member by member.
//!
//! Members that some tools leave out are optional here and judged later; members that nothing works without
//! (names, unique ids, ARNs) are required, so that their absence is told with its line. Policy documents are
//! cut out of the text as they stand.

use serde::Deserialize;
use serde_json::value::RawValue;

/// The whole export. See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with UserDetailList, RoleDetailList and so on")]
pub(super) struct Export<'a> {
    #[serde(borrow)]
    pub(super) user_detail_list: Option<Vec<UserDetail<'a>>>,
    #[serde(borrow)]
    pub(super) group_detail_list: Option<Vec<GroupDetail<'a>>>,
    #[serde(borrow)]
    pub(super) role_detail_list: Option<Vec<RoleDetail<'a>>>,
    #[serde(borrow)]
    pub(super) policies: Option<Vec<PolicyDetail<'a>>>,
    pub(super) is_truncated: Option<bool>,
    pub(super) marker: Option<String>,
    pub(super) next_token: Option<String>,
}

impl<'a> Export<'a> {
    /// Whether there is more under a marker.
    pub(super) fn is_a_page(&self) -> bool {
        let mut markers = [&self.marker, &self.next_token].into_iter().flatten();
        self.is_truncated == Some(true) || markers.any(|marker| !marker.is_empty())
    }

    /// Takes in the lists of another part.
    pub(super) fn join(&mut self, other: Export<'a>) {
        append(&mut self.user_detail_list, other.user_detail_list);
        append(&mut self.group_detail_list, other.group_detail_list);
        append(&mut self.role_detail_list, other.role_detail_list);
        append(&mut self.policies, other.policies);
    }
}

fn append<T>(list: &mut Option<Vec<T>>, more: Option<Vec<T>>) {
    if let Some(more) = more {
        list.get_or_insert_default().extend(more);
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes a user")]
pub(super) struct UserDetail<'a> {
    pub(super) user_name: String,
    pub(super) user_id: String,
    pub(super) arn: String,
    pub(super) path: Option<String>,
    pub(super) create_date: Option<Date>,
    pub(super) password_last_used: Option<Date>,
    #[serde(borrow)]
    pub(super) user_policy_list: Option<Vec<InlinePolicy<'a>>>,
    pub(super) group_list: Option<Vec<String>>,
    pub(super) attached_managed_policies: Option<Vec<Attachment>>,
    pub(super) permissions_boundary: Option<Boundary>,
    pub(super) tags: Option<Vec<ExportedTag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes a group")]
pub(super) struct GroupDetail<'a> {
    pub(super) group_name: String,
    pub(super) group_id: String,
    pub(super) arn: String,
    pub(super) path: Option<String>,
    pub(super) create_date: Option<Date>,
    #[serde(borrow)]
    pub(super) group_policy_list: Option<Vec<InlinePolicy<'a>>>,
    pub(super) attached_managed_policies: Option<Vec<Attachment>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes a role")]
pub(super) struct RoleDetail<'a> {
    pub(super) role_name: String,
    pub(super) role_id: String,
    pub(super) arn: String,
    pub(super) path: Option<String>,
    pub(super) create_date: Option<Date>,
    pub(super) description: Option<String>,
    pub(super) max_session_duration: Option<u32>,
    #[serde(borrow)]
    pub(super) assume_role_policy_document: &'a RawValue,
    pub(super) instance_profile_list: Option<Vec<InstanceProfileDetail>>,
    #[serde(borrow)]
    pub(super) role_policy_list: Option<Vec<InlinePolicy<'a>>>,
    pub(super) attached_managed_policies: Option<Vec<Attachment>>,
    pub(super) permissions_boundary: Option<Boundary>,
    pub(super) tags: Option<Vec<ExportedTag>>,
    pub(super) role_last_used: Option<LastUsed>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes an instance profile")]
pub(super) struct InstanceProfileDetail {
    pub(super) instance_profile_name: String,
    pub(super) instance_profile_id: String,
    pub(super) arn: String,
    pub(super) path: Option<String>,
    pub(super) create_date: Option<Date>,
    pub(super) roles: Option<Vec<ProfileRole>>,
    pub(super) tags: Option<Vec<ExportedTag>>,
}

/// The role in an instance profile: only what names it, the rest repeats the role's own entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes a role")]
pub(super) struct ProfileRole {
    pub(super) arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes a managed policy")]
pub(super) struct PolicyDetail<'a> {
    pub(super) policy_name: String,
    pub(super) policy_id: String,
    pub(super) arn: String,
    pub(super) path: Option<String>,
    pub(super) default_version_id: String,
    pub(super) description: Option<String>,
    pub(super) create_date: Option<Date>,
    pub(super) update_date: Option<Date>,
    #[serde(borrow)]
    pub(super) policy_version_list: Option<Vec<VersionDetail<'a>>>,
    pub(super) tags: Option<Vec<ExportedTag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object that describes a policy version")]
pub(super) struct VersionDetail<'a> {
    #[serde(borrow)]
    pub(super) document: Option<&'a RawValue>,
    pub(super) version_id: String,
    pub(super) is_default_version: Option<bool>,
    pub(super) create_date: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with PolicyName and PolicyDocument")]
pub(super) struct InlinePolicy<'a> {
    pub(super) policy_name: String,
    #[serde(borrow)]
    pub(super) policy_document: &'a RawValue,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with PolicyArn")]
pub(super) struct Attachment {
    pub(super) policy_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with PermissionsBoundaryArn")]
pub(super) struct Boundary {
    pub(super) permissions_boundary_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with Key and Value")]
pub(super) struct ExportedTag {
    pub(super) key: String,
    pub(super) value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with LastUsedDate and Region")]
pub(super) struct LastUsed {
    pub(super) last_used_date: Option<Date>,
    pub(super) region: Option<String>,
}

/// A date as tools write it: text in some form of ISO 8601, or seconds since 1970.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a date: text or seconds since 1970")]
pub(super) enum Date {
    Text(String),
    Seconds(f64),
}
