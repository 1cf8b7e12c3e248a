//! The immutable, indexed whole of a realm.

use crate::Hashing;
use crate::{
    AccessUsage, Account, AwsPolicyText, DelegationRequest, Group, InstanceProfile, IssuerKey, KeyUsage,
    ManagedPolicy, MfaDevice, MfaTries, Named, OidcProvider, OrganizationFeatures, Report, Role, RoleUsage,
    SamlProvider, ServerCertificate, SignInFailures, Table, TokenKey, User,
};
use base::{AccountId, ArnRef, Partition, UniqueId};
use rpds::{HashTrieMap, HashTrieMapSync, RedBlackTreeMapSync};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One account with its entities.
#[derive(Debug, Clone)]
pub struct AccountState {
    /// The account itself.
    pub account: Arc<Account>,
    /// Users.
    pub users: Table<User>,
    /// Groups.
    pub groups: Table<Group>,
    /// Roles.
    pub roles: Table<Role>,
    /// Customer managed policies.
    pub policies: Table<ManagedPolicy>,
    /// Instance profiles.
    pub instance_profiles: Table<InstanceProfile>,
    /// MFA devices, enabled or not.
    pub mfa_devices: Table<MfaDevice>,
    /// The MFA devices of each user that has some, by unique ids, in the order in which they were enabled.
    mfa_of_users: HashTrieMapSync<UniqueId, Arc<[UniqueId]>, Hashing>,
    /// OpenID Connect providers.
    pub oidc_providers: Table<OidcProvider>,
    /// Keys that sign tokens for others.
    pub issuer_keys: Table<IssuerKey>,
    /// SAML providers.
    pub saml_providers: Table<SamlProvider>,
    /// Server certificates.
    pub server_certificates: Table<ServerCertificate>,
    /// Reports and deletion tasks, by their ids.
    pub reports: RedBlackTreeMapSync<String, Arc<Report>>,
    /// Texts of AWS managed policies that hold here instead of the ones that we ship, by the resource part of their
    /// ARN. The service keeps none; exports that are only looked at bring theirs along.
    pub aws_policies: Arc<BTreeMap<String, AwsPolicyText>>,
}

impl AccountState {
    fn new(account: Arc<Account>) -> Self {
        Self {
            account,
            users: Table::default(),
            groups: Table::default(),
            roles: Table::default(),
            policies: Table::default(),
            instance_profiles: Table::default(),
            mfa_devices: Table::default(),
            mfa_of_users: HashTrieMap::default(),
            oidc_providers: Table::default(),
            issuer_keys: Table::default(),
            saml_providers: Table::default(),
            server_certificates: Table::default(),
            reports: RedBlackTreeMapSync::new_sync(),
            aws_policies: Arc::default(),
        }
    }

    /// The account's id.
    pub fn id(&self) -> AccountId {
        self.account.id
    }

    /// The users in a group, by name.
    pub fn members<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Arc<User>> {
        self.users.iter().filter(move |user| user.groups.contains(&group.id))
    }

    /// The groups of a user, by name.
    pub fn groups_of(&self, user: &User) -> Vec<&Arc<Group>> {
        let mut groups: Vec<_> = user.groups.iter().filter_map(|id| self.groups.by_id(id.as_str())).collect();
        groups.sort_by_key(|group| crate::table::folded(&group.name));
        groups
    }

    /// The MFA device of this serial number: an ARN, or what is printed on a hardware token.
    pub fn mfa_device(&self, serial: &str, partition: Partition) -> Option<&Arc<MfaDevice>> {
        let name = if serial.starts_with("arn:") { ArnRef::parse(serial)?.name() } else { serial };
        self.mfa_devices.get(name).filter(|device| device.serial(partition) == serial)
    }

    /// The MFA devices that are enabled for a user, in the order in which they were.
    pub fn mfa_devices_of(&self, user: &UniqueId) -> impl Iterator<Item = &Arc<MfaDevice>> {
        let ids = self.mfa_of_users.get(user).map(|ids| &**ids).unwrap_or_default();
        ids.iter().filter_map(|id| self.mfa_devices.by_id(id.as_str()))
    }

    fn put_mfa_device(&mut self, device: Arc<MfaDevice>) {
        let old = self.mfa_devices.put(Arc::clone(&device));
        let (was, is) = (old.as_ref().and_then(|old| old.enabled.as_ref()), device.enabled.as_ref());
        if was != is {
            self.unlink(old.as_deref());
            self.link(&device);
        }
    }

    fn remove_mfa_device(&mut self, id: &str) {
        let old = self.mfa_devices.remove(id);
        self.unlink(old.as_deref());
    }

    fn link(&mut self, device: &MfaDevice) {
        let Some(enabled) = &device.enabled else { return };
        let mut ids = self.mfa_of_users.get(&enabled.user).map(|ids| ids.to_vec()).unwrap_or_default();
        ids.push(device.id.clone());
        // Rows are read back in the order of their keys; the order of enabling is in the devices.
        ids.sort_by_key(|id| {
            let device = self.mfa_devices.by_id(id.as_str());
            (device.and_then(|device| device.enabled.as_ref()).map(|enabled| enabled.at), id.clone())
        });
        self.mfa_of_users.insert_mut(enabled.user.clone(), ids.into());
    }

    fn unlink(&mut self, device: Option<&MfaDevice>) {
        let Some((device, enabled)) = device.and_then(|device| Some((device, device.enabled.as_ref()?)))
        else {
            return;
        };
        let known = self.mfa_of_users.get(&enabled.user).map(|ids| &**ids).unwrap_or_default();
        let rest: Vec<_> = known.iter().filter(|id| **id != device.id).cloned().collect();
        if rest.is_empty() {
            self.mfa_of_users.remove_mut(&enabled.user);
        } else {
            self.mfa_of_users.insert_mut(enabled.user.clone(), rest.into());
        }
    }
}

/// Who holds an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: UniqueId,
}

/// A whole realm at one revision. Cloning shares everything.
#[derive(Debug, Clone)]
pub struct Snapshot {
    accounts: RedBlackTreeMapSync<AccountId, Arc<AccountState>>,
    aliases: HashTrieMapSync<String, AccountId, Hashing>,
    issuers: HashTrieMapSync<String, AccountId, Hashing>,
    key_holders: HashTrieMapSync<UniqueId, KeyHolder, Hashing>,
    key_usage: HashTrieMapSync<UniqueId, Arc<KeyUsage>, Hashing>,
    role_usage: HashTrieMapSync<UniqueId, Arc<RoleUsage>, Hashing>,
    mfa_tries: HashTrieMapSync<UniqueId, Arc<MfaTries>, Hashing>,
    sign_in_failures: HashTrieMapSync<String, Arc<SignInFailures>, Hashing>,
    access_usage: HashTrieMapSync<UniqueId, Arc<AccessUsage>, Hashing>,
    token_keys: RedBlackTreeMapSync<u32, Arc<TokenKey>>,
    delegation_requests: RedBlackTreeMapSync<String, Arc<DelegationRequest>>,
    organization_features: OrganizationFeatures,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            accounts: RedBlackTreeMapSync::new_sync(),
            aliases: HashTrieMap::default(),
            issuers: HashTrieMap::default(),
            key_holders: HashTrieMap::default(),
            key_usage: HashTrieMap::default(),
            role_usage: HashTrieMap::default(),
            mfa_tries: HashTrieMap::default(),
            sign_in_failures: HashTrieMap::default(),
            access_usage: HashTrieMap::default(),
            token_keys: RedBlackTreeMapSync::new_sync(),
            delegation_requests: RedBlackTreeMapSync::new_sync(),
            organization_features: OrganizationFeatures::default(),
        }
    }
}

/// An entity belongs to an account that is not there: the rows came in an order that no writer makes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no account {0}")]
pub struct NoSuchAccount(pub AccountId);

/// One row of the realm: what is put in or taken out whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entity {
    /// An account.
    Account(Arc<Account>),
    /// A user.
    User(Arc<User>),
    /// A group.
    Group(Arc<Group>),
    /// A role.
    Role(Arc<Role>),
    /// A customer managed policy.
    Policy(Arc<ManagedPolicy>),
    /// An instance profile.
    InstanceProfile(Arc<InstanceProfile>),
    /// An OpenID Connect provider.
    OidcProvider(Arc<OidcProvider>),
    /// A key that signs tokens for others.
    IssuerKey(Arc<IssuerKey>),
    /// A SAML provider.
    SamlProvider(Arc<SamlProvider>),
    /// A server certificate.
    ServerCertificate(Arc<ServerCertificate>),
    /// A report or deletion task.
    Report(Arc<Report>),
    /// What a user or role used.
    AccessUsage(Arc<AccessUsage>),
    /// The last use of an access key.
    KeyUsage(Arc<KeyUsage>),
    /// The last use of a role.
    RoleUsage(Arc<RoleUsage>),
    /// An MFA device.
    MfaDevice(Arc<MfaDevice>),
    /// Wrong answers of a user's second factors.
    MfaTries(Arc<MfaTries>),
    /// Failed sign-ins.
    SignInFailures(Arc<SignInFailures>),
    /// A token sealing key.
    TokenKey(Arc<TokenKey>),
    /// A request for temporary access.
    DelegationRequest(Arc<DelegationRequest>),
    /// The features of centralized root access.
    OrganizationFeatures(Arc<OrganizationFeatures>),
}

/// Names a row of the realm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EntityKey {
    /// An account.
    Account(AccountId),
    /// A user.
    User(AccountId, UniqueId),
    /// A group.
    Group(AccountId, UniqueId),
    /// A role.
    Role(AccountId, UniqueId),
    /// A customer managed policy.
    Policy(AccountId, UniqueId),
    /// An instance profile.
    InstanceProfile(AccountId, UniqueId),
    /// An OpenID Connect provider.
    OidcProvider(AccountId, UniqueId),
    /// A key that signs tokens for others.
    IssuerKey(AccountId, UniqueId),
    /// A SAML provider.
    SamlProvider(AccountId, UniqueId),
    /// A server certificate.
    ServerCertificate(AccountId, UniqueId),
    /// A report or deletion task.
    Report(AccountId, String),
    /// What a user or role used.
    AccessUsage(UniqueId),
    /// The last use of an access key.
    KeyUsage(UniqueId),
    /// The last use of a role.
    RoleUsage(UniqueId),
    /// An MFA device.
    MfaDevice(AccountId, UniqueId),
    /// Wrong answers of a user's second factors.
    MfaTries(UniqueId),
    /// Failed sign-ins, by their subject.
    SignInFailures(String),
    /// A token sealing key.
    TokenKey(u32),
    /// A request for temporary access.
    DelegationRequest(String),
    /// The features of centralized root access.
    OrganizationFeatures,
}

impl Entity {
    /// The name of the row.
    pub fn key(&self) -> EntityKey {
        match self {
            Entity::Account(it) => EntityKey::Account(it.id),
            Entity::User(it) => EntityKey::User(it.account, it.id.clone()),
            Entity::Group(it) => EntityKey::Group(it.account, it.id.clone()),
            Entity::Role(it) => EntityKey::Role(it.account, it.id.clone()),
            Entity::Policy(it) => EntityKey::Policy(it.account, it.id.clone()),
            Entity::InstanceProfile(it) => EntityKey::InstanceProfile(it.account, it.id.clone()),
            Entity::OidcProvider(it) => EntityKey::OidcProvider(it.account, it.id.clone()),
            Entity::IssuerKey(it) => EntityKey::IssuerKey(it.account, it.id.clone()),
            Entity::SamlProvider(it) => EntityKey::SamlProvider(it.account, it.id.clone()),
            Entity::ServerCertificate(it) => EntityKey::ServerCertificate(it.account, it.id.clone()),
            Entity::Report(it) => EntityKey::Report(it.account, it.id.clone()),
            Entity::AccessUsage(it) => EntityKey::AccessUsage(it.principal.clone()),
            Entity::KeyUsage(it) => EntityKey::KeyUsage(it.key.clone()),
            Entity::RoleUsage(it) => EntityKey::RoleUsage(it.role.clone()),
            Entity::MfaDevice(it) => EntityKey::MfaDevice(it.account, it.id.clone()),
            Entity::MfaTries(it) => EntityKey::MfaTries(it.user.clone()),
            Entity::SignInFailures(it) => EntityKey::SignInFailures(it.subject.clone()),
            Entity::TokenKey(it) => EntityKey::TokenKey(it.number),
            Entity::DelegationRequest(it) => EntityKey::DelegationRequest(it.id.clone()),
            Entity::OrganizationFeatures(_) => EntityKey::OrganizationFeatures,
        }
    }
}

macro_rules! entity_from {
    ($($kind:ident $type:ty),* $(,)?) => {$(
        impl From<$type> for Entity {
            fn from(entity: $type) -> Self {
                Entity::$kind(Arc::new(entity))
            }
        }
    )*};
}

entity_from!(
    Account Account, User User, Group Group, Role Role, Policy ManagedPolicy,
    InstanceProfile InstanceProfile, OidcProvider OidcProvider, IssuerKey IssuerKey, KeyUsage KeyUsage,
    RoleUsage RoleUsage, TokenKey TokenKey, MfaDevice MfaDevice, MfaTries MfaTries,
    DelegationRequest DelegationRequest, OrganizationFeatures OrganizationFeatures,
    SignInFailures SignInFailures,
    SamlProvider SamlProvider,
    ServerCertificate ServerCertificate, Report Report, AccessUsage AccessUsage,
);

impl Snapshot {
    /// The account of this id.
    pub fn account(&self, id: AccountId) -> Option<&Arc<AccountState>> {
        self.accounts.get(&id)
    }

    /// Every account by id.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<AccountState>> {
        self.accounts.iter().map(|(_, account)| account)
    }

    /// The account with this alias.
    pub fn account_by_alias(&self, alias: &str) -> Option<AccountId> {
        self.aliases.get(alias).copied()
    }

    /// The account whose issuer has this name in its address.
    pub fn account_by_issuer(&self, issuer: &str) -> Option<AccountId> {
        self.issuers.get(issuer).copied()
    }

    /// Who holds a long-term access key.
    pub fn key_holder(&self, key: &str) -> Option<&KeyHolder> {
        self.key_holders.get(key)
    }

    /// The last use of an access key.
    pub fn key_usage(&self, key: &str) -> Option<&Arc<KeyUsage>> {
        self.key_usage.get(key)
    }

    /// The last use of a role.
    pub fn role_usage(&self, role: &str) -> Option<&Arc<RoleUsage>> {
        self.role_usage.get(role)
    }

    /// Wrong answers of a user's second factors; `None` if there were none since the last right one.
    pub fn mfa_tries(&self, user: &str) -> Option<&Arc<MfaTries>> {
        self.mfa_tries.get(user)
    }

    /// The failed sign-ins of a subject.
    pub fn sign_in_failures(&self, subject: &str) -> Option<&Arc<SignInFailures>> {
        self.sign_in_failures.get(subject)
    }

    /// All failed sign-ins that are remembered.
    pub fn all_sign_in_failures(&self) -> impl Iterator<Item = &Arc<SignInFailures>> {
        self.sign_in_failures.values()
    }

    /// What a user or role used.
    pub fn access_usage(&self, principal: &str) -> Option<&Arc<AccessUsage>> {
        self.access_usage.get(principal)
    }

    /// The token sealing keys, oldest first.
    pub fn token_keys(&self) -> impl DoubleEndedIterator<Item = &Arc<TokenKey>> {
        self.token_keys.iter().map(|(_, key)| key)
    }

    /// The delegation request of this id.
    pub fn delegation_request(&self, id: &str) -> Option<&Arc<DelegationRequest>> {
        self.delegation_requests.get(id)
    }

    /// The delegation requests of every account, by id.
    pub fn delegation_requests(&self) -> impl Iterator<Item = &Arc<DelegationRequest>> {
        self.delegation_requests.iter().map(|(_, request)| request)
    }

    /// Which features of centralized root access are enabled.
    pub fn organization_features(&self) -> OrganizationFeatures {
        self.organization_features
    }

    /// Every row, accounts before what they own, for exports and checkpoints.
    pub fn entities(&self) -> Vec<Entity> {
        let mut all = Vec::new();
        for state in self.accounts() {
            all.push(Entity::Account(Arc::clone(&state.account)));
            all.extend(state.policies.iter().cloned().map(Entity::Policy));
            all.extend(state.groups.iter().cloned().map(Entity::Group));
            all.extend(state.users.iter().cloned().map(Entity::User));
            all.extend(state.roles.iter().cloned().map(Entity::Role));
            all.extend(state.instance_profiles.iter().cloned().map(Entity::InstanceProfile));
            all.extend(state.mfa_devices.iter().cloned().map(Entity::MfaDevice));
            all.extend(state.oidc_providers.iter().cloned().map(Entity::OidcProvider));
            all.extend(state.issuer_keys.iter().cloned().map(Entity::IssuerKey));
            all.extend(state.saml_providers.iter().cloned().map(Entity::SamlProvider));
            all.extend(state.server_certificates.iter().cloned().map(Entity::ServerCertificate));
            all.extend(state.reports.values().cloned().map(Entity::Report));
        }
        all.extend(self.key_usage.values().cloned().map(Entity::KeyUsage));
        all.extend(self.role_usage.values().cloned().map(Entity::RoleUsage));
        all.extend(self.mfa_tries.values().cloned().map(Entity::MfaTries));
        all.extend(self.sign_in_failures.values().cloned().map(Entity::SignInFailures));
        all.extend(self.access_usage.values().cloned().map(Entity::AccessUsage));
        all.extend(self.token_keys().cloned().map(Entity::TokenKey));
        all.extend(self.delegation_requests().cloned().map(Entity::DelegationRequest));
        if self.organization_features != OrganizationFeatures::default() {
            all.push(self.organization_features.into());
        }
        all
    }

    /// Puts a row in, over the one of the same key.
    pub fn put(&mut self, entity: Entity) -> Result<(), NoSuchAccount> {
        match entity {
            Entity::Account(account) => self.put_account(account),
            Entity::User(user) => {
                let (account, id) = (user.account, user.id.clone());
                let old = self.account_mut(account)?.users.put(Arc::clone(&user));
                self.forget_keys(old.as_deref());
                for key in &user.access_keys {
                    self.key_holders.insert_mut(key.id.clone(), KeyHolder { account, user: id.clone() });
                }
            }
            Entity::Group(group) => drop(self.account_mut(group.account)?.groups.put(group)),
            Entity::Role(role) => drop(self.account_mut(role.account)?.roles.put(role)),
            Entity::Policy(policy) => drop(self.account_mut(policy.account)?.policies.put(policy)),
            Entity::InstanceProfile(profile) => {
                drop(self.account_mut(profile.account)?.instance_profiles.put(profile));
            }
            Entity::OidcProvider(provider) => {
                drop(self.account_mut(provider.account)?.oidc_providers.put(provider));
            }
            Entity::IssuerKey(key) => drop(self.account_mut(key.account)?.issuer_keys.put(key)),
            Entity::SamlProvider(provider) => {
                drop(self.account_mut(provider.account)?.saml_providers.put(provider));
            }
            Entity::ServerCertificate(certificate) => {
                drop(self.account_mut(certificate.account)?.server_certificates.put(certificate));
            }
            Entity::Report(report) => {
                self.account_mut(report.account)?.reports.insert_mut(report.id.clone(), report);
            }
            Entity::AccessUsage(usage) => self.access_usage.insert_mut(usage.principal.clone(), usage),
            Entity::KeyUsage(usage) => self.key_usage.insert_mut(usage.key.clone(), usage),
            Entity::RoleUsage(usage) => self.role_usage.insert_mut(usage.role.clone(), usage),
            Entity::MfaDevice(device) => self.account_mut(device.account)?.put_mfa_device(device),
            Entity::MfaTries(tries) => self.mfa_tries.insert_mut(tries.user.clone(), tries),
            Entity::SignInFailures(failures) => {
                self.sign_in_failures.insert_mut(failures.subject.clone(), failures);
            }
            Entity::TokenKey(key) => self.token_keys.insert_mut(key.number, key),
            Entity::DelegationRequest(request) => {
                self.delegation_requests.insert_mut(request.id.clone(), request);
            }
            Entity::OrganizationFeatures(features) => self.organization_features = *features,
        }
        Ok(())
    }

    /// Takes a row out; an absent one is no error.
    pub fn remove(&mut self, key: &EntityKey) {
        match key {
            EntityKey::Account(id) => self.remove_account(*id),
            EntityKey::User(account, id) => {
                let old = self.account_mut(*account).ok().and_then(|state| state.users.remove(id.as_str()));
                self.forget_keys(old.as_deref());
            }
            EntityKey::Group(account, id) => {
                self.remove_from(*account, |state| drop(state.groups.remove(id.as_str())))
            }
            EntityKey::Role(account, id) => {
                self.remove_from(*account, |state| drop(state.roles.remove(id.as_str())))
            }
            EntityKey::Policy(account, id) => {
                self.remove_from(*account, |state| drop(state.policies.remove(id.as_str())));
            }
            EntityKey::InstanceProfile(account, id) => {
                self.remove_from(*account, |state| drop(state.instance_profiles.remove(id.as_str())));
            }
            EntityKey::OidcProvider(account, id) => {
                self.remove_from(*account, |state| drop(state.oidc_providers.remove(id.as_str())));
            }
            EntityKey::IssuerKey(account, id) => {
                self.remove_from(*account, |state| drop(state.issuer_keys.remove(id.as_str())));
            }
            EntityKey::SamlProvider(account, id) => {
                self.remove_from(*account, |state| drop(state.saml_providers.remove(id.as_str())));
            }
            EntityKey::ServerCertificate(account, id) => {
                self.remove_from(*account, |state| drop(state.server_certificates.remove(id.as_str())));
            }
            EntityKey::Report(account, id) => {
                self.remove_from(*account, |state| {
                    state.reports.remove_mut(id);
                });
            }
            EntityKey::AccessUsage(principal) => drop(self.access_usage.remove_mut(principal.as_str())),
            EntityKey::KeyUsage(key) => drop(self.key_usage.remove_mut(key.as_str())),
            EntityKey::RoleUsage(role) => drop(self.role_usage.remove_mut(role.as_str())),
            EntityKey::MfaDevice(account, id) => {
                self.remove_from(*account, |state| state.remove_mfa_device(id.as_str()));
            }
            EntityKey::MfaTries(user) => drop(self.mfa_tries.remove_mut(user.as_str())),
            EntityKey::SignInFailures(subject) => drop(self.sign_in_failures.remove_mut(subject)),
            EntityKey::TokenKey(number) => drop(self.token_keys.remove_mut(number)),
            EntityKey::DelegationRequest(id) => drop(self.delegation_requests.remove_mut(id)),
            EntityKey::OrganizationFeatures => {
                self.organization_features = OrganizationFeatures::default();
            }
        }
    }

    /// Lets an account's AWS managed policies have these texts instead of the ones that we ship. They are no rows:
    /// [`Snapshot::entities`] leaves them out.
    ///
    /// # Errors
    /// If the account is not there.
    pub fn set_aws_policies(
        &mut self,
        account: AccountId,
        texts: Arc<BTreeMap<String, AwsPolicyText>>,
    ) -> Result<(), NoSuchAccount> {
        self.account_mut(account)?.aws_policies = texts;
        Ok(())
    }

    fn account_mut(&mut self, id: AccountId) -> Result<&mut AccountState, NoSuchAccount> {
        self.accounts.get_mut(&id).map(Arc::make_mut).ok_or(NoSuchAccount(id))
    }

    fn remove_from(&mut self, id: AccountId, remove: impl FnOnce(&mut AccountState)) {
        if let Ok(state) = self.account_mut(id) {
            remove(state);
        }
    }

    fn put_account(&mut self, account: Arc<Account>) {
        if let Some(old) = self.accounts.get(&account.id).and_then(|state| state.account.alias.clone()) {
            self.aliases.remove_mut(&old);
        }
        if let Some(alias) = &account.alias {
            self.aliases.insert_mut(alias.clone(), account.id);
        }
        if let Some(outbound) = &account.outbound {
            self.issuers.insert_mut(outbound.issuer.clone(), account.id);
        }
        match self.accounts.get_mut(&account.id) {
            Some(state) => Arc::make_mut(state).account = account,
            None => self.accounts.insert_mut(account.id, Arc::new(AccountState::new(account))),
        }
    }

    fn remove_account(&mut self, id: AccountId) {
        let Some(state) = self.accounts.get(&id).cloned() else { return };
        if let Some(alias) = &state.account.alias {
            self.aliases.remove_mut(alias);
        }
        if let Some(outbound) = &state.account.outbound {
            self.issuers.remove_mut(&outbound.issuer);
        }
        for user in state.users.iter() {
            self.forget_keys(Some(user));
        }
        self.accounts.remove_mut(&id);
    }

    fn forget_keys(&mut self, user: Option<&User>) {
        for key in user.iter().flat_map(|user| &user.access_keys) {
            self.key_holders.remove_mut(&key.id);
        }
    }
}

/// Whether an entity's path begins with `prefix`: the filter of the list operations.
pub fn under(entity: &impl Named, prefix: &str) -> bool {
    entity.path().starts_with(prefix)
}
