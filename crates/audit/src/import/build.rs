//! From the members of an export to entities.
//!
//! Two passes: the first enters everything that a reference can point to, the second builds the entities and
//! resolves their references. Quotas are not enforced: real accounts have raised limits.

use super::lists::Lists;
use super::registry::{Home, Registry, is_name, twice};
use super::shape::{
    Attachment, Boundary, Date, Export, ExportedTag, GroupDetail, InlinePolicy, InstanceProfileDetail,
    PolicyDetail, RoleDetail, UserDetail,
};
use super::{AwsPolicies, Import, ImportError, ImportOptions, ImportReport, NoteKind, document};
use base::{AccountId, ArnRef, Severity, Timestamp, UniqueId};
use model::snapshot::Entity;
use model::{
    Account, AwsPolicyText, Group, InlinePolicies, InstanceProfile, ManagedPolicy, PolicyRef, PolicyText,
    PolicyVersion, Role, RoleUsage, Tag, Tags, User, managed,
};
use policy::Document;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Builds the entities of an export.
pub(super) fn build(export: Export<'_>, options: &ImportOptions) -> Result<Import, ImportError> {
    let mut registry = Registry::default();
    let lists = Lists::enter(export, &mut registry)?;
    let accounts = accounts(&registry, options)?;
    let main = accounts.first().copied().ok_or(ImportError::AccountUnknown)?;
    let mut builder = Builder {
        report: ImportReport::new(accounts.clone(), registry.partition()),
        registry,
        now: options.now,
        entities: Vec::new(),
        texts: HashMap::new(),
        stored: HashMap::new(),
        exported: BTreeMap::new(),
        undated: 0,
        default_sessions: 0,
    };
    for absent in &lists.absent {
        builder.report.note(NoteKind::ListAbsent, *absent);
    }
    let account = |id: AccountId| {
        let name = options.name.clone().filter(|_| id == main).unwrap_or_else(|| id.to_string());
        Account::new(id, name, options.now)
    };
    if accounts.len() > 1 {
        accounts.iter().for_each(|id| builder.report.note(NoteKind::SeveralAccounts, id.to_string()));
    }
    builder.entities.extend(accounts.iter().map(|id| Entity::from(account(*id))));
    match options.aws_policies {
        AwsPolicies::Shipped => builder.aws_policies(&lists, main)?,
        AwsPolicies::Exported => builder.exported_policies(&lists)?,
    }
    builder.entities(lists)?;
    builder.last_notes();
    let aws_policies = Arc::new(builder.exported);
    Ok(Import { account: account(main), entities: builder.entities, aws_policies, report: builder.report })
}

/// The accounts of the export: its own, or the one that the options name for an export without entities.
fn accounts(registry: &Registry, options: &ImportOptions) -> Result<Vec<AccountId>, ImportError> {
    let found = registry.accounts();
    match (found.first(), options.account_id) {
        (Some(first), Some(expected)) if *first != expected => {
            Err(ImportError::OtherAccount { expected, found: *first })
        }
        (Some(_), _) => Ok(found),
        (None, Some(expected)) => Ok(vec![expected]),
        (None, None) => Err(ImportError::AccountUnknown),
    }
}

/// A text that was read, and what is wrong with it.
struct Read {
    text: PolicyText,
    fault: Option<(NoteKind, String)>,
}

impl Read {
    fn new(text: &str) -> Self {
        let (document, diagnostics) = Document::parse_tolerant(text);
        let first = diagnostics.iter().find(|found| found.severity == Severity::Error);
        let found = first.map(|found| format!(": {}", found.render(text)));
        let fault = match (&document, found) {
            (None, found) => Some((NoteKind::InvalidDocument, found.unwrap_or_default())),
            (Some(_), found) => found.map(|found| (NoteKind::FaultyDocument, found)),
        };
        let text =
            document.map_or_else(|| PolicyText::new(text), |document| PolicyText::of(Arc::new(document)));
        Self { text, fault }
    }
}

/// Builds entities, keeping count.
struct Builder {
    registry: Registry,
    report: ImportReport,
    now: Timestamp,
    entities: Vec<Entity>,
    /// Every text of the export once.
    texts: HashMap<String, Read>,
    /// Trust policies as they are stored, where that differs.
    stored: HashMap<String, PolicyText>,
    /// AWS managed policies with the export's own texts, by the resource part of their ARN.
    exported: BTreeMap<String, AwsPolicyText>,
    undated: usize,
    default_sessions: usize,
}

impl Builder {
    /// AWS managed policies: those known here are referred to by name, the others become customer managed
    /// policies of the accounts that use them, so that decisions come out as the export says.
    fn aws_policies(&mut self, lists: &Lists<'_>, main: AccountId) -> Result<(), ImportError> {
        for detail in &lists.aws_policies {
            if let Some(known) = managed::by_arn(&detail.arn) {
                self.report.aws_managed_policies += 1;
                let known = format!("v{}", known.default_version());
                if known != detail.default_version_id {
                    let (name, there) = (&detail.policy_name, &detail.default_version_id);
                    let subject = format!("{name}: {there} in the export, {known} here");
                    self.report.note(NoteKind::AwsPolicyVersion, subject);
                }
                continue;
            }
            let mut accounts = lists.users_of(&detail.arn);
            if accounts.is_empty() {
                accounts.insert(main);
            }
            for account in accounts {
                self.copy_aws_policy(detail, account)?;
            }
        }
        Ok(())
    }

    /// AWS managed policies with the texts of the export; one that the export names without its text keeps ours.
    fn exported_policies(&mut self, lists: &Lists<'_>) -> Result<(), ImportError> {
        for detail in &lists.aws_policies {
            let version = version_number(&detail.arn, &detail.default_version_id)?;
            let marked = detail.policy_version_list.iter().flatten();
            let raw =
                marked.filter(|it| it.version_id == detail.default_version_id).find_map(|it| it.document);
            let Some(raw) = raw else {
                if managed::by_arn(&detail.arn).is_none() {
                    let (policy, version) = (detail.arn.clone(), detail.default_version_id.clone());
                    return Err(ImportError::NoDefaultVersion { policy, version });
                }
                continue;
            };
            let text = self.document(&detail.arn, &format!("version {version}"), raw)?;
            self.report.aws_managed_policies += 1;
            self.exported.insert(aws_resource(&detail.arn).to_owned(), AwsPolicyText { version, text });
        }
        Ok(())
    }

    fn copy_aws_policy(&mut self, detail: &PolicyDetail<'_>, account: AccountId) -> Result<(), ImportError> {
        let mut name = detail.policy_name.clone();
        while self.registry.has_policy_name(account, &name) {
            name.push_str("-aws");
        }
        self.registry.reserve_policy_name(account, &name, &detail.arn);
        let own_path = detail.path.as_deref().unwrap_or("/");
        let home = Home { account, path: format!("/aws-managed{own_path}") };
        let policy = self.policy(home, name, detail)?;
        self.report.note(NoteKind::UnknownAwsPolicy, detail.arn.as_str());
        self.registry.enter_policy(account, &detail.arn, PolicyRef::Customer(policy.id.clone()));
        self.entities.push(policy.into());
        Ok(())
    }

    /// Everything else, what is referred to before what refers.
    fn entities(&mut self, lists: Lists<'_>) -> Result<(), ImportError> {
        for (home, detail) in lists.policies {
            let name = detail.policy_name.clone();
            let policy = self.policy(home, name, &detail)?;
            self.entities.push(policy.into());
        }
        for (home, detail) in lists.groups {
            let group = self.group(home, detail)?;
            self.entities.push(group.into());
        }
        for (home, detail) in lists.users {
            let user = self.user(home, detail)?;
            self.entities.push(user.into());
        }
        for (home, detail) in lists.roles {
            let (role, usage) = self.role(home, detail)?;
            self.entities.push(role.into());
            self.entities.extend(usage.map(Entity::from));
        }
        for (home, detail, role) in lists.profiles {
            let profile = self.instance_profile(home, detail, role)?;
            self.entities.push(profile.into());
        }
        Ok(())
    }

    fn policy(
        &mut self,
        home: Home,
        name: String,
        detail: &PolicyDetail<'_>,
    ) -> Result<ManagedPolicy, ImportError> {
        let created = self.created(&detail.arn, detail.create_date.as_ref())?;
        let versions = self.versions(detail, created)?;
        let default_version = default_version(detail, &versions)?;
        self.report.policies += 1;
        self.report.versions += versions.len();
        let latest = versions.iter().map(|version| version.created).max().unwrap_or(created);
        Ok(ManagedPolicy {
            id: UniqueId::from_text(detail.policy_id.as_str()),
            account: home.account,
            name,
            path: home.path,
            description: detail.description.clone().filter(|text| !text.is_empty()),
            created,
            updated: date(&detail.arn, detail.update_date.as_ref())?.unwrap_or(latest),
            default_version,
            next_version: versions.iter().map(|version| version.number).max().unwrap_or(0).saturating_add(1),
            versions,
            tags: tags(&detail.arn, detail.tags.as_deref())?,
        })
    }

    fn versions(
        &mut self,
        detail: &PolicyDetail<'_>,
        created: Timestamp,
    ) -> Result<Vec<PolicyVersion>, ImportError> {
        let mut versions: Vec<PolicyVersion> = Vec::new();
        for version in detail.policy_version_list.iter().flatten() {
            let number = version_number(&detail.arn, &version.version_id)?;
            if versions.iter().any(|known| known.number == number) {
                return Err(twice("the version", &version.version_id, &detail.arn, &detail.arn));
            }
            let Some(raw) = version.document else {
                let subject = format!("{} {}", detail.arn, version.version_id);
                self.report.note(NoteKind::VersionWithoutDocument, subject);
                continue;
            };
            let text = self.document(&detail.arn, &format!("version {}", version.version_id), raw)?;
            let created = date(&detail.arn, version.create_date.as_ref())?.unwrap_or(created);
            versions.push(PolicyVersion { number, text, created });
        }
        versions.sort_by_key(|version| version.number);
        Ok(versions)
    }

    fn group(&mut self, home: Home, detail: GroupDetail<'_>) -> Result<Group, ImportError> {
        self.report.groups += 1;
        Ok(Group {
            id: UniqueId::from_text(detail.group_id),
            account: home.account,
            created: self.created(&detail.arn, detail.create_date.as_ref())?,
            inline: self.inline(&detail.arn, detail.group_policy_list)?,
            attached: self.attached(&home, &detail.arn, detail.attached_managed_policies)?,
            name: detail.group_name,
            path: home.path,
        })
    }

    fn user(&mut self, home: Home, detail: UserDetail<'_>) -> Result<User, ImportError> {
        let mut groups = BTreeSet::new();
        for name in detail.group_list.iter().flatten() {
            let Some(id) = self.registry.group(home.account, name) else {
                return Err(dangling(&detail.arn, "the group", name));
            };
            if !groups.insert(id.clone()) {
                return Err(twice("the group", name, &detail.arn, &detail.arn));
            }
        }
        self.report.users += 1;
        self.report.memberships += groups.len();
        Ok(User {
            id: UniqueId::from_text(detail.user_id),
            account: home.account,
            created: self.created(&detail.arn, detail.create_date.as_ref())?,
            password_last_used: date(&detail.arn, detail.password_last_used.as_ref())?,
            tags: tags(&detail.arn, detail.tags.as_deref())?,
            boundary: self.boundary(&home, &detail.arn, detail.permissions_boundary)?,
            inline: self.inline(&detail.arn, detail.user_policy_list)?,
            attached: self.attached(&home, &detail.arn, detail.attached_managed_policies)?,
            groups,
            access_keys: Vec::new(),
            login_profile: None,
            credentials: Default::default(),
            name: detail.user_name,
            path: home.path,
        })
    }

    fn role(&mut self, home: Home, detail: RoleDetail<'_>) -> Result<(Role, Option<RoleUsage>), ImportError> {
        self.report.roles += 1;
        let id = UniqueId::from_text(detail.role_id);
        let usage = self.usage(&detail.arn, &id, detail.role_last_used)?;
        let longest = detail.max_session_duration;
        if longest.is_none() {
            self.default_sessions += 1;
        }
        let role = Role {
            account: home.account,
            created: self.created(&detail.arn, detail.create_date.as_ref())?,
            description: detail.description.filter(|text| !text.is_empty()),
            trust: self.trust(&detail.arn, detail.assume_role_policy_document)?,
            max_session_seconds: longest.unwrap_or(model::role::DEFAULT_MAX_SESSION_SECONDS),
            tags: tags(&detail.arn, detail.tags.as_deref())?,
            boundary: self.boundary(&home, &detail.arn, detail.permissions_boundary)?,
            inline: self.inline(&detail.arn, detail.role_policy_list)?,
            attached: self.attached(&home, &detail.arn, detail.attached_managed_policies)?,
            id,
            name: detail.role_name,
            path: home.path,
        };
        Ok((role, usage))
    }

    fn usage(
        &self,
        arn: &str,
        role: &UniqueId,
        used: Option<super::shape::LastUsed>,
    ) -> Result<Option<RoleUsage>, ImportError> {
        let Some(used) = used else { return Ok(None) };
        let at = date(arn, used.last_used_date.as_ref())?;
        Ok(at.map(|at| RoleUsage { role: role.clone(), at, region: used.region.unwrap_or_default() }))
    }

    fn instance_profile(
        &mut self,
        home: Home,
        detail: InstanceProfileDetail,
        role: UniqueId,
    ) -> Result<InstanceProfile, ImportError> {
        self.report.instance_profiles += 1;
        Ok(InstanceProfile {
            id: UniqueId::from_text(detail.instance_profile_id),
            account: home.account,
            created: self.created(&detail.arn, detail.create_date.as_ref())?,
            role: Some(role),
            tags: tags(&detail.arn, detail.tags.as_deref())?,
            name: detail.instance_profile_name,
            path: home.path,
        })
    }

    fn inline(
        &mut self,
        arn: &str,
        list: Option<Vec<InlinePolicy<'_>>>,
    ) -> Result<InlinePolicies, ImportError> {
        let mut policies = InlinePolicies::new();
        for policy in list.unwrap_or_default() {
            if !is_name(&policy.policy_name) {
                let value = policy.policy_name.escape_debug().to_string();
                return Err(ImportError::BadValue {
                    entity: arn.into(),
                    member: "an inline policy's name",
                    value,
                });
            }
            let what = format!("inline policy {}", policy.policy_name);
            let text = self.document(arn, &what, policy.policy_document)?;
            if policies.contains_key(&policy.policy_name) {
                return Err(twice("the inline policy", &policy.policy_name, arn, arn));
            }
            policies.insert(policy.policy_name, text);
        }
        self.report.inline_policies += policies.len();
        Ok(policies)
    }

    fn attached(
        &mut self,
        home: &Home,
        entity: &str,
        list: Option<Vec<Attachment>>,
    ) -> Result<Vec<PolicyRef>, ImportError> {
        let mut attached = Vec::new();
        for Attachment { policy_arn } in list.unwrap_or_default() {
            let target = self.policy_ref(home, &policy_arn);
            let target = target.ok_or_else(|| dangling(entity, "the attached policy", &policy_arn))?;
            if attached.contains(&target) {
                return Err(twice("the attached policy", &policy_arn, entity, entity));
            }
            attached.push(target);
        }
        self.report.attachments += attached.len();
        Ok(attached)
    }

    fn boundary(
        &mut self,
        home: &Home,
        entity: &str,
        boundary: Option<Boundary>,
    ) -> Result<Option<PolicyRef>, ImportError> {
        let Some(arn) = boundary.and_then(|boundary| boundary.permissions_boundary_arn) else {
            return Ok(None);
        };
        let target =
            self.policy_ref(home, &arn).ok_or_else(|| dangling(entity, "the permissions boundary", &arn))?;
        self.report.boundaries += 1;
        Ok(Some(target))
    }

    fn policy_ref(&self, home: &Home, arn: &str) -> Option<PolicyRef> {
        if let Some(target) = self.registry.policy(home.account, arn) {
            return Some(target.clone());
        }
        if let Some((resource, _)) = self.exported.get_key_value(aws_resource(arn)) {
            return Some(PolicyRef::Aws(resource.clone()));
        }
        managed::by_arn(arn).map(PolicyRef::aws)
    }

    /// A document, with a note if it cannot have its full effect.
    fn document(&mut self, entity: &str, what: &str, raw: &RawValue) -> Result<PolicyText, ImportError> {
        let text = document_text(entity, what, raw)?;
        Ok(self.read(entity, what, text))
    }

    /// Reads a text, or takes that which was read before.
    fn read(&mut self, entity: &str, what: &str, text: String) -> PolicyText {
        let read = match self.texts.get(&text) {
            Some(known) => known,
            None => {
                let read = Read::new(&text);
                self.texts.entry(text).or_insert(read)
            }
        };
        if let Some((kind, fault)) = &read.fault {
            self.report.note(*kind, format!("{entity} {what}{fault}"));
        }
        read.text.again()
    }

    /// A trust policy, with users and roles of the export in it by their unique ids, as IAM stores them.
    fn trust(&mut self, entity: &str, raw: &RawValue) -> Result<PolicyText, ImportError> {
        const WHAT: &str = "trust policy";
        let text = document_text(entity, WHAT, raw)?;
        let read = self.read(entity, WHAT, text);
        let Some(document) = read.document() else { return Ok(read) };
        let mut strangers = Vec::new();
        let stored = document.rewrite_principals(&mut |principal| {
            let id = self.registry.principal(principal);
            if id.is_none() && self.is_of_the_export(principal) {
                strangers.push(format!("{entity} trusts {principal}"));
            }
            id.map(ToString::to_string)
        });
        for stranger in strangers {
            self.report.note(NoteKind::TrustedNotFound, stranger);
        }
        if stored == read.text() {
            return Ok(read);
        }
        let known = self.stored.entry(stored).or_insert_with_key(|text| PolicyText::new(text.as_str()));
        Ok(known.again())
    }

    /// Whether a principal would have to be in the export: a user or role of one of its accounts.
    fn is_of_the_export(&self, principal: &str) -> bool {
        let Some(parts) = ArnRef::parse(principal).filter(|parts| parts.service == "iam") else {
            return false;
        };
        let account = AccountId::parse(parts.account);
        account.is_ok_and(|account| self.report.accounts.contains(&account))
            && parts.typed_resource().is_some_and(|(kind, _)| matches!(kind, "user" | "role"))
    }

    fn created(&mut self, arn: &str, found: Option<&Date>) -> Result<Timestamp, ImportError> {
        match date(arn, found)? {
            Some(created) => Ok(created),
            None => {
                self.undated += 1;
                Ok(self.now)
            }
        }
    }

    fn last_notes(&mut self) {
        if self.report.users > 0 {
            self.report.note(NoteKind::NoCredentials, counted(self.report.users, "user"));
        }
        if self.undated > 0 {
            self.report.note(NoteKind::NoDate, counted(self.undated, "entity"));
        }
        if self.default_sessions > 0 {
            self.report.note(NoteKind::RoleDefaults, counted(self.default_sessions, "role"));
        }
    }
}

/// The resource part of the ARN of a policy of AWS's; empty if it is none.
fn aws_resource(arn: &str) -> &str {
    ArnRef::parse(arn).filter(|parts| parts.account == "aws").map_or("", |parts| parts.resource)
}

fn document_text(entity: &str, what: &str, raw: &RawValue) -> Result<String, ImportError> {
    let text = document::text(raw);
    let text = text.ok_or_else(|| ImportError::NoDocument { entity: entity.into(), what: what.into() })?;
    if text.len() > document::MAX_BYTES {
        return Err(ImportError::DocumentTooLarge {
            entity: entity.into(),
            what: what.into(),
            size: text.len(),
        });
    }
    Ok(text)
}

fn counted(count: usize, what: &str) -> String {
    match (count, what) {
        (1, what) => format!("1 {what}"),
        (count, "entity") => format!("{count} entities"),
        (count, what) => format!("{count} {what}s"),
    }
}

fn dangling(entity: &str, what: &'static str, target: &str) -> ImportError {
    ImportError::Dangling { entity: entity.into(), what, target: target.into() }
}

/// The number of the version in force, which must be there and be the one that is marked as such.
fn default_version(detail: &PolicyDetail<'_>, versions: &[PolicyVersion]) -> Result<u32, ImportError> {
    let number = version_number(&detail.arn, &detail.default_version_id)?;
    if !versions.iter().any(|version| version.number == number) {
        let (policy, version) = (detail.arn.clone(), detail.default_version_id.clone());
        return Err(ImportError::NoDefaultVersion { policy, version });
    }
    let contradicts = detail.policy_version_list.iter().flatten().any(|version| {
        version
            .is_default_version
            .is_some_and(|marked| marked != (version.version_id == detail.default_version_id))
    });
    if contradicts {
        let (entity, value) = (detail.arn.clone(), detail.default_version_id.clone());
        return Err(ImportError::BadValue { entity, member: "DefaultVersionId", value });
    }
    Ok(number)
}

/// The number in `v3`.
fn version_number(arn: &str, text: &str) -> Result<u32, ImportError> {
    let digits = text.strip_prefix('v').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok()).filter(|number| *number > 0);
    number.ok_or_else(|| ImportError::BadValue {
        entity: arn.into(),
        member: "a version id",
        value: text.into(),
    })
}

fn date(arn: &str, date: Option<&Date>) -> Result<Option<Timestamp>, ImportError> {
    let bad = |value: String| ImportError::BadValue { entity: arn.into(), member: "a date", value };
    match date {
        None => Ok(None),
        Some(Date::Text(text)) => Timestamp::parse(text).map(Some).map_err(|_| bad(text.clone())),
        // Seconds of dates that people write are far inside what both types hold exactly.
        Some(Date::Seconds(seconds)) if seconds.abs() < 1e11 => {
            Ok(Some(Timestamp::from_seconds(*seconds as i64)))
        }
        Some(Date::Seconds(seconds)) => Err(bad(seconds.to_string())),
    }
}

fn tags(arn: &str, list: Option<&[ExportedTag]>) -> Result<Tags, ImportError> {
    let mut tags = Tags::default();
    for tag in list.unwrap_or_default() {
        if tags.get(&tag.key).is_some() {
            return Err(twice("the tag", &tag.key, arn, arn));
        }
        tags.set(Tag { key: tag.key.clone(), value: tag.value.clone().unwrap_or_default() });
    }
    Ok(tags)
}
