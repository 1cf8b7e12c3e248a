//! The table of checks.

use super::fix::Safety;
use std::fmt;

/// How much a finding weighs, in Access Analyzer's words. The gravest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingType {
    /// Part of the policy does not work.
    Error,
    /// The policy opens more than is wise.
    SecurityWarning,
    /// The policy may not do what was meant.
    Warning,
    /// The same can be said better.
    Suggestion,
}

impl FindingType {
    /// As `ValidatePolicy` writes it: `SECURITY_WARNING`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Warning => "WARNING",
            Self::Suggestion => "SUGGESTION",
        }
    }

    /// In words: `security warning`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::SecurityWarning => "security warning",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }

    const fn anchor(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::SecurityWarning => "security-warning",
            Self::Warning => "general-warning",
            Self::Suggestion => "suggestion",
        }
    }
}

impl fmt::Display for FindingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// One check: what it is called and what it says.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Check {
    code: &'static str,
    finding_type: FindingType,
    applies_to: &'static str,
    fix: Option<Safety>,
    summary: &'static str,
}

const AWS_PAGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html";
const OUR_PAGE: &str = "https://github.com/bailiwick/bailiwick/blob/main/docs/lint.md#our-own-checks";

impl Check {
    /// The issue code: `INVALID_ACTION`.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The weight of its findings.
    pub const fn finding_type(&self) -> FindingType {
        self.finding_type
    }

    /// The documents that it looks at, in words.
    pub const fn applies_to(&self) -> &'static str {
        self.applies_to
    }

    /// Whether some of its findings come with a fix, and what the fixes do to the meaning.
    pub const fn fix(&self) -> Option<Safety> {
        self.fix
    }

    /// What a finding says, in a line.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// Whether it is one of AWS's.
    pub fn is_aws(&self) -> bool {
        !self.code.starts_with("BAILIWICK_")
    }

    /// Where to read more: AWS's page on its check, or ours.
    pub fn link(&self) -> String {
        if !self.is_aws() {
            return OUR_PAGE.to_owned();
        }
        let name = self.code.to_ascii_lowercase().replace('_', "-");
        format!("{AWS_PAGE}#access-analyzer-reference-policy-checks-{}-{name}", self.finding_type.anchor())
    }

    /// The check of this code.
    pub fn by_code(code: &str) -> Option<&'static Check> {
        CHECKS.iter().find(|check| check.code == code).copied()
    }
}

const NO: Option<Safety> = None;
const SAFE: Option<Safety> = Some(Safety::Safe);
const CHANGES: Option<Safety> = Some(Safety::ChangesMeaning);

macro_rules! checks {
    ($($code:ident $kind:ident $applies:literal $fix:ident $summary:literal;)*) => {
        $(pub(super) static $code: Check = Check {
            code: stringify!($code),
            finding_type: FindingType::$kind,
            applies_to: $applies,
            fix: $fix,
            summary: $summary,
        };)*
        /// Every check: AWS's by weight and name, then our own.
        pub static CHECKS: &[&Check] = &[$(&$code),*];
    };
}

checks! {
    ARN_ACCOUNT_NOT_ALLOWED Error "all" CHANGES "the ARN has an account where its format has none";
    ARN_REGION_NOT_ALLOWED Error "all" CHANGES "the ARN has a region where its format has none";
    DATA_TYPE_MISMATCH Error "all" NO "an element has a value of the wrong JSON type";
    DUPLICATE_KEYS_WITH_DIFFERENT_CASE Error "all" NO "a condition key stands twice, in different case";
    EMPTY_VARIABLE Error "all" NO "a policy variable names nothing";
    FEDERATED_PRINCIPAL_NOT_SUPPORTED Error "resource, RCP, endpoint" NO "only trust policies take federated principals";
    INVALID_ACTION Error "all" CHANGES "there is no such action";
    INVALID_ARN_ACCOUNT Error "all" NO "the account of the ARN is not twelve digits";
    INVALID_ARN_PREFIX Error "all" NO "the resource is no ARN";
    INVALID_ARN_REGION Error "all" NO "there is no such region, or not in the ARN's partition";
    INVALID_ARN_RESOURCE Error "all" NO "the resource part fits no resource type of the service";
    INVALID_ARN_SERVICE_CASE Error "all" CHANGES "the service of an ARN is written in lower case";
    INVALID_CONDITION_DATA_TYPE Error "all" NO "the values of a condition key are of different JSON types";
    INVALID_CONDITION_KEY_FORMAT Error "all" NO "the condition key names no service";
    INVALID_CONDITION_MULTIPLE_BOOLEAN Error "all" NO "a boolean condition key has several values";
    INVALID_CONDITION_OPERATOR Error "all" SAFE "there is no such condition operator, or not in this case";
    INVALID_EFFECT Error "all" CHANGES "the effect is neither `Allow` nor `Deny`";
    INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY Error "trust" NO "the federated principal is neither a provider's ARN nor a domain";
    INVALID_GLOBAL_CONDITION_KEY Error "all" CHANGES "there is no such global condition key";
    INVALID_KMS_KEY_VALUE Error "all" NO "the value is not the ARN of a KMS key";
    INVALID_PARTITION Error "all" NO "there is no such partition";
    INVALID_POLICY_ELEMENT Error "all" CHANGES "policies have no such element";
    INVALID_PRINCIPAL_FORMAT Error "resource, trust, RCP, endpoint" NO "a principal is `*` or stands under a key";
    INVALID_PRINCIPAL_KEY Error "resource, trust, RCP, endpoint" CHANGES "there is no such kind of principal";
    INVALID_REGION Error "all" NO "the value of a region key is no region";
    INVALID_SERVICE Error "all" NO "the service of an ARN or condition key does not exist";
    INVALID_SERVICE_CONDITION_KEY Error "all" CHANGES "the service has no such condition key";
    INVALID_SERVICE_IN_ACTION Error "all" CHANGES "the service of the action does not exist";
    INVALID_SERVICE_PRINCIPAL_FORMAT Error "all" CHANGES "the name of a service is not like `ec2.amazonaws.com`";
    INVALID_VARIABLE_FOR_OPERATOR Error "all" NO "the operator takes no policy variables";
    INVALID_VERSION Error "all" SAFE "there is no such version of the language";
    INVALID_VPCE_FORMAT Error "all" NO "the value is no id of a VPC endpoint";
    INVALID_VPC_FORMAT Error "all" NO "the value is no id of a VPC";
    JSON_SYNTAX_ERROR Error "all" NO "the text is not JSON";
    MISMATCHED_ACTION_FOR_PRINCIPAL Error "trust" NO "the action does not go with the kind of principal";
    MISSING_ACTION Error "all" NO "the statement has no `Action`";
    MISSING_ACTION_FOR_CONDITION_KEY Error "trust" CHANGES "the condition key is set by an action that is not in the statement";
    MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY Error "trust" CHANGES "IAM Roles Anywhere needs three actions of STS";
    MISSING_ARN_ACCOUNT Error "all" NO "the ARN lacks the account that its format has";
    MISSING_ARN_FIELD Error "all" NO "the ARN has fewer than six parts";
    MISSING_ARN_REGION Error "all" NO "the ARN lacks the region that its format has";
    MISSING_BRACE_IN_VARIABLE Error "all" NO "a policy variable is not closed";
    MISSING_EFFECT Error "all" NO "the statement has no `Effect`";
    MISSING_PRINCIPAL Error "resource, trust, RCP, endpoint" NO "the statement has no `Principal`";
    MISSING_QUALIFIER Error "all" NO "a key of several values takes `ForAllValues` or `ForAnyValue`";
    MISSING_QUOTE_IN_VARIABLE Error "all" NO "the default of a policy variable is not in single quotes";
    MISSING_RESOURCE Error "all but trust" NO "the statement has no `Resource`";
    MISSING_STATEMENT Error "all" NO "the policy has no statement";
    MISSING_TAG_KEY_IN_CONDITION Error "all" NO "the condition key lacks the key of the tag";
    NULL_WITH_IF_EXISTS Error "all" CHANGES "`Null` takes no `IfExists`";
    POLICY_SIZE_EXCEEDS_RCP_QUOTA Error "RCP" NO "the policy is larger than an RCP may be";
    POLICY_SIZE_EXCEEDS_SCP_QUOTA Error "SCP" NO "the policy is larger than an SCP may be";
    PRIVATE_IP_ADDRESS Error "all" NO "all values of `aws:SourceIp` are private addresses, which never match";
    PRIVATE_NOT_IP_ADDRESS Error "all" NO "all values of `aws:SourceIp` are private addresses, which exclude nothing";
    RCP_SYNTAX_ERROR_ACTION Error "RCP" NO "RCPs do not apply to the service";
    RCP_SYNTAX_ERROR_ALLOW Error "RCP" NO "only the full-access RCP allows";
    RCP_SYNTAX_ERROR_NOTACTION Error "RCP" NO "RCPs take no `NotAction`";
    RCP_SYNTAX_ERROR_PRINCIPAL Error "RCP" NO "the principal of an RCP is `*`";
    ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL Error "trust" NO "trust policies take no `NotPrincipal`";
    ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE Error "trust" CHANGES "trust policies name no resource";
    ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL Error "trust" NO "trust policies take no `\"Principal\": \"*\"`";
    SCP_SYNTAX_ERROR_PRINCIPAL Error "SCP" CHANGES "SCPs name no principal";
    TYPE_MISMATCH_IP_RANGE Error "all" NO "the value is no address and no range of addresses";
    UNIQUE_SIDS_REQUIRED Error "identity, boundary, session, trust, SCP, RCP" NO "two statements have the same `Sid`";
    UNSUPPORTED_ACTION_FOR_CONDITION_KEY Error "all" NO "requests for the action do not carry the condition key";
    UNSUPPORTED_ACTION_IN_POLICY Error "resource of a known type, trust" NO "the resource's policy does not govern the action";
    UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL Error "resource" NO "requests of services do not carry the condition key";
    UNSUPPORTED_ELEMENT_COMBINATION Error "all" NO "two elements exclude each other";
    UNSUPPORTED_GLOBAL_CONDITION_KEY Error "resource, trust, RCP, endpoint" CHANGES "`aws:ARN` is no longer supported";
    UNSUPPORTED_PRINCIPAL Error "identity, boundary, session" CHANGES "the policy is attached to its principal and names none";
    UNSUPPORTED_RESOURCE_ARN_IN_POLICY Error "resource of a known type" NO "the ARN is of another type than the policy's resource";
    UNSUPPORTED_SID Error "identity, boundary, session, trust" CHANGES "a `Sid` has letters and digits only";
    UNSUPPORTED_SPACE_IN_VARIABLE Error "all" SAFE "the name of a policy variable has no blanks";
    UNSUPPORTED_WILDCARD_IN_PRINCIPAL Error "resource, trust, RCP, endpoint" NO "a principal has no wildcards, unless it is a lone `*`";
    VARIABLE_UNSUPPORTED_IN_ELEMENT Error "all" NO "the element takes no policy variables";
    VARIABLE_UNSUPPORTED_IN_VERSION Error "all" CHANGES "policy variables need version 2012-10-17";
    VARIABLE_USAGE_TOO_PERMISSIVE Error "all" NO "a policy variable stands where callers could choose its value";
    WILDCARD_USAGE_TOO_PERMISSIVE Error "all" NO "a wildcard stands in a value that guards who or where from";

    ALLOW_WITH_NOT_PRINCIPAL SecurityWarning "resource, trust, endpoint" NO "`Allow` with `NotPrincipal` lets everybody else in";
    DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE SecurityWarning "all" NO "`NotAction` denies fewer actions than it seems, since not all know resource tags";
    DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE SecurityWarning "all" NO "the actions do not know resource tags and are never denied";
    DYNAMODB_ATTRIBUTES_WITHOUT_SELECT SecurityWarning "all" NO "`dynamodb:Attributes` does not limit reads that name no attributes";
    FORALLVALUES_WITH_SINGLE_VALUED_KEY SecurityWarning "all" CHANGES "`ForAllValues` with a key of one value holds when the key is absent";
    FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE SecurityWarning "trust" CHANGES "an audience is one value: `ForAnyValue` does not belong";
    MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL SecurityWarning "trust" NO "everybody whom the provider knows may assume the role";
    MISSING_GITHUB_REPO_CONDITION_KEY SecurityWarning "trust" NO "every repository of GitHub may assume the role";
    MISSING_PAIRED_CONDITION_KEYS SecurityWarning "all" NO "the condition key means little without its companion";
    PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE SecurityWarning "identity, session" NO "`NotAction` and `NotResource` allow passing most roles";
    PASS_ROLE_WITH_NOT_RESOURCE SecurityWarning "identity, session" NO "`NotResource` allows passing most roles";
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE SecurityWarning "identity, session" NO "a wildcard action and `NotResource` allow passing most roles";
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE SecurityWarning "identity, session" NO "a wildcard action allows passing every role";
    PASS_ROLE_WITH_STAR_IN_RESOURCE SecurityWarning "identity, session" NO "every role may be passed";
    PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION SecurityWarning "identity, session" NO "`NotAction` allows passing every role";
    RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL SecurityWarning "resource" NO "the service may act for anybody";
    S3_PREFIX_IN_NEGATIVE_CONTEXT SecurityWarning "all" NO "a denied `s3:prefix` is escaped with a shorter prefix";
    STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS SecurityWarning "all" CHANGES "`StringLike` lets a wildcard cross the parts of an ARN";
    UNTRUSTWORTHY_CONDITION_KEY SecurityWarning "all" NO "callers choose the value of the condition key";

    CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE Warning "identity, session" NO "`NotAction` and `NotResource` allow making most service-linked roles";
    CREATE_SLR_WITH_NOT_RESOURCE Warning "identity, session" NO "`NotResource` allows making most service-linked roles";
    CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE Warning "identity, session" NO "a wildcard action and `NotResource` allow making most service-linked roles";
    CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE Warning "identity, session" NO "a wildcard action allows making every service-linked role";
    CREATE_SLR_WITH_STAR_IN_RESOURCE Warning "identity, session" NO "every service-linked role may be made";
    CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION Warning "identity, session" NO "`NotAction` allows making every service-linked role";
    DEPRECATED_GLOBAL_CONDITION_KEY Warning "identity, boundary, session, SCP" CHANGES "`aws:ARN` gave way to `aws:PrincipalArn`";
    INVALID_DATE_VALUE Warning "all" NO "seconds since 1970 are hard to read and easily wrong";
    INVALID_ROLE_REFERENCE Warning "resource, trust, RCP, endpoint" NO "the principal is a role's unique id: the role may be gone";
    INVALID_USER_REFERENCE Warning "resource, trust, RCP, endpoint" NO "the principal is a user's unique id: the user may be gone";
    MISSING_VERSION Warning "all" SAFE "the policy tells no version of the language";
    POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA Warning "identity, boundary" NO "the policy is larger than a managed policy may be";
    POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA Warning "resource of a known type" NO "the policy is larger than the service takes";
    POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA Warning "trust" NO "the policy is larger than the default quota";
    RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY Warning "RCP" NO "the statement also denies AWS's services";
    RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY Warning "RCP" NO "the statement also denies your own principals";
    RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK Warning "RCP" NO "the statement also denies services that tell no source";
    SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED Warning "trust" NO "a wildcard in the GitHub subject admits other repositories or branches";
    TYPE_MISMATCH Warning "all" NO "the operator is not for values of the key's type";
    TYPE_MISMATCH_BOOLEAN Warning "all" NO "the value is neither `true` nor `false`";
    TYPE_MISMATCH_DATE Warning "all" NO "the value is no date";
    TYPE_MISMATCH_NUMBER Warning "all" NO "the value is no number";
    TYPE_MISMATCH_STRING Warning "all" NO "the value is not in base64";
    UNIQUE_SIDS_RECOMMENDED Warning "resource, endpoint" NO "two statements have the same `Sid`";
    USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES Warning "all" NO "only some services tell the condition key";
    WILDCARD_WITHOUT_LIKE_OPERATOR Warning "all" CHANGES "a wildcard is a letter to this operator";

    ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE Suggestion "all" NO "`NotAction` allows fewer actions than it seems, since not all know resource tags";
    ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE Suggestion "all" NO "the actions do not know resource tags and are never allowed";
    CONFIRM_AUDIENCE_CLAIM_TYPE Suggestion "trust" CHANGES "an audience is one value and takes no set prefix";
    EMPTY_ARRAY_ACTION Suggestion "all" NO "the list of actions is empty";
    EMPTY_ARRAY_CONDITION Suggestion "all" NO "a condition without values never holds";
    EMPTY_ARRAY_CONDITION_FORALLVALUES Suggestion "all" NO "`ForAllValues` without values asks whether the key is absent";
    EMPTY_ARRAY_CONDITION_FORANYVALUE Suggestion "all" NO "`ForAnyValue` without values never holds";
    EMPTY_ARRAY_CONDITION_IFEXISTS Suggestion "all" NO "`IfExists` without values asks whether the key is absent";
    EMPTY_ARRAY_PRINCIPAL Suggestion "resource, trust, RCP, endpoint" NO "the list of principals is empty";
    EMPTY_ARRAY_RESOURCE Suggestion "all" NO "the list of resources is empty";
    EMPTY_OBJECT_CONDITION Suggestion "all" SAFE "the condition says nothing";
    EMPTY_OBJECT_PRINCIPAL Suggestion "resource, trust, RCP, endpoint" NO "the principal names nobody";
    EMPTY_SID_VALUE Suggestion "all" SAFE "the `Sid` is empty";
    EQUIVALENT_TO_NULL_FALSE Suggestion "all" NO "the condition asks whether the key is there: `Null` says so";
    EQUIVALENT_TO_NULL_TRUE Suggestion "all" NO "the condition asks whether the key is absent: `Null` says so";
    IMPROVE_IP_RANGE Suggestion "all" SAFE "the range has bits beyond its prefix";
    IRRELEVANT_CONDITION_KEY_IN_POLICY Suggestion "resource of a known type" NO "the condition key tells nothing in the policy of this resource";
    NULL_WITH_QUALIFIER Suggestion "all" NO "`Null` takes no set prefix";
    PRIVATE_IP_ADDRESS_SUBSET Suggestion "all" NO "some values of `aws:SourceIp` are private addresses, which never match";
    PRIVATE_NOT_IP_ADDRESS_SUBSET Suggestion "all" NO "some values of `aws:SourceIp` are private addresses, which exclude nothing";
    RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL Suggestion "resource" NO "the condition does not say for whom the service may act";
    REDUNDANT_ACTION Suggestion "all" SAFE "another entry covers the action";
    REDUNDANT_CONDITION_VALUE_NUM Suggestion "all" SAFE "one of the numbers decides alone";
    REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION Suggestion "all" SAFE "the condition always holds";
    REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY Suggestion "trust" CHANGES "the session's role is named as well";
    REDUNDANT_RESOURCE Suggestion "all" SAFE "another entry covers the resource";
    REDUNDANT_STATEMENT Suggestion "all" SAFE "another statement says the same";
    REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION Suggestion "all" NO "the condition never holds";
    WILDCARD_IN_SERVICE_NAME Suggestion "all" NO "a wildcard stands in the name of a service";

    BAILIWICK_ACTION_MATCHES_NOTHING Error "all" CHANGES "`*:…` is no action: only a lone `*` stands for all services";
    BAILIWICK_DUPLICATE_ELEMENT Error "all" NO "an element stands twice, and only one is read";
    BAILIWICK_INVALID_CHARACTER Error "all" NO "the character must not stand in a policy";
    BAILIWICK_INVALID_PRINCIPAL Error "resource, trust, RCP, endpoint" NO "the text is no account, user, role or session";
    BAILIWICK_VARIABLE_IN_ARN_HEAD Error "all" NO "policy variables stand in the last part of an ARN only";
    BAILIWICK_PUBLIC_PRINCIPAL SecurityWarning "resource, trust" NO "everybody is let in, without a condition";
    BAILIWICK_ALLOW_WITH_NOT_ACTION Warning "identity, session, resource" NO "everything but the named actions is allowed, future ones too";
    BAILIWICK_ALLOW_WITH_NOT_RESOURCE Warning "identity, session" NO "everything but the named resources is open";
    BAILIWICK_ACTION_WITHOUT_RESOURCE Warning "identity, session" NO "the action acts on none of the statement's resources";
    BAILIWICK_LIMITED Warning "all" NO "not everything was checked or told";
    BAILIWICK_RETIRED_ACTION Warning "all" NO "the service or the action is no more";
    BAILIWICK_STAR_CROSSES_COLON Warning "all" NO "the `*` must stand for several parts of the ARN, which not every reader of policies grants";
    BAILIWICK_VARIABLE_RESOLVES_TO_NOTHING Warning "all" NO "the variable names no condition key of one value";
    BAILIWICK_UNPUBLISHED_ACTION Suggestion "all" NO "the action exists, but AWS does not document it";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_found() {
        let codes: HashSet<_> = CHECKS.iter().map(|check| check.code()).collect();
        assert_eq!(codes.len(), CHECKS.len());
        assert!(Check::by_code("INVALID_ACTION").is_some() && Check::by_code("invalid_action").is_none());
    }

    #[test]
    fn links_lead_to_the_check() {
        let link = MISSING_VERSION.link();
        assert!(link.ends_with("#access-analyzer-reference-policy-checks-general-warning-missing-version"));
        assert!(BAILIWICK_LIMITED.link().ends_with("docs/lint.md#our-own-checks"));
    }
}
