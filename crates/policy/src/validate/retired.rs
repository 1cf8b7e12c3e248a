//! Services and actions that are no more, and actions that exist without being documented: neither is a misspelling.
//!
//! The lists hold what AWS's own managed policies name and AWS's list of actions does not, and services of the past
//! that policies still name.

/// Services (`codestar`) and actions (`cloudhsm:GetConfig`) that AWS ended, and what became of them.
pub const RETIRED: &[(&str, &str)] = &[
    ("application-cost-profiler", "AWS Application Cost Profiler has ended"),
    ("cloudhsm:CreateLunaClient", "AWS CloudHSM Classic has ended"),
    ("cloudhsm:DeleteLunaClient", "AWS CloudHSM Classic has ended"),
    ("cloudhsm:DescribeHapg", "AWS CloudHSM Classic has ended"),
    ("cloudhsm:DescribeLunaClient", "AWS CloudHSM Classic has ended"),
    ("cloudhsm:GetConfig", "AWS CloudHSM Classic has ended"),
    ("cloudhsm:ModifyHapg", "AWS CloudHSM Classic has ended"),
    ("cloudhsm:ModifyLunaClient", "AWS CloudHSM Classic has ended"),
    ("codestar", "AWS CodeStar has ended"),
    ("deepcomposer", "AWS DeepComposer has ended"),
    ("deeplens", "AWS DeepLens has ended"),
    ("deepracer", "AWS DeepRacer has ended"),
    ("elastic-inference", "Amazon Elastic Inference has ended"),
    ("evidently", "Amazon CloudWatch Evidently has ended"),
    ("gamesparks", "Amazon GameSparks has ended"),
    ("iot1click", "AWS IoT 1-Click has ended"),
    ("iotevents", "AWS IoT Events has ended"),
    ("iotthingsgraph", "AWS IoT Things Graph has ended"),
    ("macie", "Amazon Macie Classic has ended; today's prefix is `macie2`"),
    ("mobilehub", "AWS Mobile Hub has ended"),
    ("sumerian", "Amazon Sumerian has ended"),
    ("zocalo", "Amazon Zocalo is Amazon WorkDocs now"),
];

/// Actions that exist and that AWS's list of actions lacks, with the managed policy of AWS's that names them; `*` in
/// place of the name stands for all of a service.
pub const UNPUBLISHED: &[(&str, &str)] = &[
    ("builderid:*", "AWSSupplyChainFederationAdminAccess"),
    ("budgets:CreateBudget", "AWSManagedSettingsAdminAccess"),
    ("budgets:DeleteBudget", "AWSManagedSettingsAdminAccess"),
    ("budgets:DescribeBudget", "AWSManagedSettingsAdminAccess"),
    ("budgets:DescribeBudgets", "AWSManagedSettingsAdminAccess"),
    ("budgets:UpdateBudget", "AWSManagedSettingsAdminAccess"),
    ("cloud9:ValidateEnvironmentName", "AWSCodeStarFullAccess"),
    ("memorydb:ReplicateMultiRegionClusterData", "MemoryDBServiceRolePolicy"),
    ("organizations:CreateBuilderIdOwnedAccount", "AWSManagedSettingsAdminAccess"),
    ("payments:AcceptTermsAndConditionsForProgramByAccountId", "AWSManagedSettingsAdminAccess"),
    ("payments:BatchGetPaymentProfiles", "AWSManagedSettingsAdminAccess"),
    ("payments:CreatePaymentAttempt", "AWSManagedSettingsAdminAccess"),
    ("payments:CreatePaymentProfile", "AWSManagedSettingsAdminAccess"),
    ("payments:Get", "AWSManagedSettingsAdminAccess"),
    ("payments:GetAcceptedTermsAndConditionsForProgramByAccountId", "AWSManagedSettingsAdminAccess"),
    ("payments:GetAccountBalance", "AWSManagedSettingsAdminAccess"),
    ("payments:GetDefaultPaymentProfile", "AWSManagedSettingsAdminAccess"),
    ("payments:GetEligibleCurrencies", "AWSManagedSettingsAdminAccess"),
    ("payments:GetPaymentAttempt", "AWSManagedSettingsAdminAccess"),
    ("payments:GetPaymentPreferences", "AWSManagedSettingsAdminAccess"),
    ("payments:GetPreferredCurrency", "AWSManagedSettingsAdminAccess"),
    ("payments:GetRecommendedTermsAndConditionsForProgram", "AWSManagedSettingsAdminAccess"),
    ("payments:ListPaymentProfiles", "AWSManagedSettingsAdminAccess"),
    ("payments:SearchFinancialRecords", "AWSManagedSettingsAdminAccess"),
    ("payments:SetPreferredCurrency", "AWSManagedSettingsAdminAccess"),
    ("payments:UpdatePaymentProfile", "AWSManagedSettingsAdminAccess"),
    ("qapps:ImportDocumentToQApp", "AWSIAMIdentityCenterAllowListForIdentityContext"),
    ("qapps:ImportDocumentToQAppSession", "AWSIAMIdentityCenterAllowListForIdentityContext"),
    (
        "route53-recovery-control-config:DescribeRoutingControlByName",
        "AmazonRoute53RecoveryControlConfigReadOnlyAccess",
    ),
    ("securityagent:BatchGetAgentInstances", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:BatchGetSecurityTestContentMetadata", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:BatchGetTasks", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:CreateDocumentReview", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:DeleteDocumentReview", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:GetCodeReviewTask", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:GetDocReviewTask", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:GetDocumentReview", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:GetDocumentReviewArtifact", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:ListAgentInstances", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:ListControls", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:ListDocumentReviewComments", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:ListDocumentReviews", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:ListTasks", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:StartPentestExecution", "SecurityAgentWebAppAPIPolicy"),
    ("securityagent:StopPentestExecution", "SecurityAgentWebAppAPIPolicy"),
];

/// Why this service is no more, if it is one that was.
pub(super) fn retired_service(prefix: &str) -> Option<&'static str> {
    find(RETIRED, prefix)
}

/// Why this action is no more, if it is one that was.
pub(super) fn retired_action(service: &str, name: &str) -> Option<&'static str> {
    find(RETIRED, &format!("{service}:{name}"))
}

/// The managed policy of AWS's that names this action, if AWS does not document it.
pub(super) fn unpublished_action(service: &str, name: &str) -> Option<&'static str> {
    find(UNPUBLISHED, &format!("{service}:{name}")).or_else(|| find(UNPUBLISHED, &format!("{service}:*")))
}

fn find(list: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, reason)| *reason)
}
