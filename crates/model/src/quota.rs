//! The numbers of <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.

/// Users in an account.
pub const USERS: usize = 5_000;
/// Groups in an account.
pub const GROUPS: usize = 300;
/// Roles in an account.
pub const ROLES: usize = 1_000;
/// Customer managed policies in an account.
pub const POLICIES: usize = 1_500;
/// Instance profiles in an account.
pub const INSTANCE_PROFILES: usize = 1_000;
/// OpenID Connect providers in an account.
pub const OIDC_PROVIDERS: usize = 100;
/// Client ids of an OpenID Connect provider.
pub const CLIENT_IDS_PER_PROVIDER: usize = 100;
/// Thumbprints of an OpenID Connect provider.
pub const THUMBPRINTS_PER_PROVIDER: usize = 5;
/// Access keys of a user.
pub const ACCESS_KEYS_PER_USER: usize = 2;
/// MFA devices of a user, of all kinds together.
pub const MFA_DEVICES_PER_USER: usize = 8;
/// SSH public keys of a user.
pub const SSH_KEYS_PER_USER: usize = 5;
/// Service-specific credentials of a user for one service.
pub const SERVICE_CREDENTIALS_PER_USER: usize = 2;
/// Signing certificates of a user.
pub const SIGNING_CERTIFICATES_PER_USER: usize = 2;
/// Server certificates in an account.
pub const SERVER_CERTIFICATES: usize = 20;
/// Groups that a user is in.
pub const GROUPS_PER_USER: usize = 10;
/// Managed policies attached to a user, a group or a role.
pub const ATTACHED_POLICIES: usize = 10;
/// Versions of a managed policy.
pub const POLICY_VERSIONS: usize = 5;
/// Tags on an entity.
pub const TAGS: usize = 50;
/// Characters of a managed policy, white space not counted.
pub const MANAGED_POLICY_SIZE: usize = 6_144;
/// Characters of all inline policies of a user, white space not counted.
pub const USER_INLINE_SIZE: usize = 2_048;
/// Characters of all inline policies of a group, white space not counted.
pub const GROUP_INLINE_SIZE: usize = 5_120;
/// Characters of all inline policies of a role, white space not counted.
pub const ROLE_INLINE_SIZE: usize = 10_240;
/// Characters of a trust policy, white space not counted.
pub const TRUST_POLICY_SIZE: usize = 2_048;
/// Managed session policies of one `AssumeRole`.
pub const SESSION_POLICY_ARNS: usize = 10;
/// Roles in an instance profile.
pub const ROLES_PER_INSTANCE_PROFILE: usize = 1;
/// Aliases of an account.
pub const ALIASES: usize = 1;
/// SAML providers in an account.
pub const SAML_PROVIDERS: usize = 100;
/// Private keys of a SAML provider.
pub const SAML_PRIVATE_KEYS: usize = 2;
