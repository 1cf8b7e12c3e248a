//! Who and what a question is about: names and ARNs found in the snapshot.

use super::{ExplainError, Setting};
use base::{AccountId, Arn, ArnRef, Partition};
use model::{AccountState, Identity, Named, Role, Snapshot, Table, Tags};
use policy::Principal;
use std::sync::Arc;

/// The name of a session when the question gives none.
pub(super) const SESSION_NAME: &str = "explain";

/// Who asks.
#[derive(Debug, Clone)]
pub(super) enum Asker {
    /// A user, a role's session or root of an account in the snapshot.
    Known(Identity),
    /// A service, an identity provider, or nobody at all.
    Outside(Principal),
}

/// Something that can be named: `user/ann`, `role/deployer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name<'a> {
    kind: &'a str,
    name: &'a str,
    /// What follows a role's name.
    session: Option<&'a str>,
}

/// Finds the principal that a text names: the ARN of a user, role, session or root; `user/NAME`, `role/NAME`,
/// `role/NAME/SESSION`, `root`; a bare name that is unique; a service such as `ec2.amazonaws.com`; `anonymous`.
pub(super) fn asker(
    snapshot: &Snapshot,
    text: &str,
    setting: &Setting,
) -> Result<(Asker, Partition), ExplainError> {
    if let Some(arn) = ArnRef::parse(text) {
        let partition =
            Partition::by_id(arn.partition).ok_or_else(|| ExplainError::NotAPrincipal(text.into()))?;
        return Ok((by_arn(snapshot, text, arn, partition)?, partition));
    }
    if let Some(identity) = by_name(snapshot, text, setting)? {
        return Ok((Asker::Known(identity), setting.partition));
    }
    match Principal::parse(text) {
        Ok(principal) if principal.account().is_none() => Ok((Asker::Outside(principal), setting.partition)),
        _ => Err(unknown(snapshot, text)),
    }
}

fn by_arn(
    snapshot: &Snapshot,
    text: &str,
    arn: ArnRef<'_>,
    partition: Partition,
) -> Result<Asker, ExplainError> {
    let not_one = || ExplainError::NotAPrincipal(text.to_owned());
    let account = AccountId::parse(arn.account).map_err(|_| not_one())?;
    let state = snapshot.account(account).ok_or(ExplainError::NoSuchAccount(account))?;
    let (kind, rest) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
    let found = match (arn.service, kind) {
        ("iam", "root") if rest.is_empty() => Some(Identity::Root(account)),
        ("iam", "user") => state
            .users
            .get(arn.name())
            .filter(|user| user.arn(partition).as_str().eq_ignore_ascii_case(text))
            .map(|user| Identity::User(Arc::clone(user))),
        ("iam", "role") => state
            .roles
            .get(arn.name())
            .filter(|role| role.arn(partition).as_str().eq_ignore_ascii_case(text))
            .map(|role| session_of(role, SESSION_NAME)),
        ("sts", "assumed-role") => {
            let (name, session) = rest.split_once('/').ok_or_else(not_one)?;
            state.roles.get(name).map(|role| session_of(role, session))
        }
        ("iam", "saml-provider" | "oidc-provider") => return Ok(Asker::Outside(Principal::federated(text))),
        _ => return Err(not_one()),
    };
    found.map(Asker::Known).ok_or_else(|| unknown(snapshot, text))
}

fn session_of(role: &Arc<Role>, session: &str) -> Identity {
    Identity::Role { role: Arc::clone(role), session: session.into() }
}

fn by_name(snapshot: &Snapshot, text: &str, setting: &Setting) -> Result<Option<Identity>, ExplainError> {
    let mut found: Vec<Identity> = Vec::new();
    for state in accounts(snapshot, setting) {
        match split(text) {
            Name { kind: "root", .. } => found.push(Identity::Root(state.id())),
            Name { kind: "user", name, .. } => {
                found.extend(state.users.get(name).cloned().map(Identity::User))
            }
            Name { kind: "role", name, session } => {
                let role = state.roles.get(name).map(|role| (role, session.unwrap_or(SESSION_NAME)));
                let whole = || state.roles.get(text.rsplit('/').next()?).map(|role| (role, SESSION_NAME));
                found.extend(role.or_else(whole).map(|(role, session)| session_of(role, session)));
            }
            Name { name, .. } => {
                found.extend(state.users.get(name).cloned().map(Identity::User));
                found.extend(state.roles.get(name).map(|role| session_of(role, SESSION_NAME)));
            }
        }
    }
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => {
            let arns = found.iter().map(|identity| identity.principal_arn(setting.partition).into());
            Err(ExplainError::Ambiguous { text: text.into(), candidates: arns.collect() })
        }
    }
}

/// `role/NAME/SESSION` in its parts; paths may stand before the name of a user.
fn split(text: &str) -> Name<'_> {
    match text.split_once('/') {
        Some(("user", rest)) => {
            Name { kind: "user", name: rest.rsplit('/').next().unwrap_or(rest), session: None }
        }
        Some(("role", rest)) => match rest.split_once('/') {
            Some((name, session)) => Name { kind: "role", name, session: Some(session) },
            None => Name { kind: "role", name: rest, session: None },
        },
        None if text == "root" => Name { kind: "root", name: text, session: None },
        _ => Name { kind: "", name: text, session: None },
    }
}

fn accounts<'a>(snapshot: &'a Snapshot, setting: &Setting) -> impl Iterator<Item = &'a Arc<AccountState>> {
    let only = setting.account;
    snapshot.accounts().filter(move |state| only.is_none_or(|only| only == state.id()))
}

/// The resource that a text names: an ARN or `*`, or `user/NAME`, `role/NAME`, `group/NAME`, `policy/NAME` and
/// `instance-profile/NAME` of the snapshot.
pub(crate) fn resource(snapshot: &Snapshot, text: &str, setting: &Setting) -> Result<String, ExplainError> {
    if text == "*" || ArnRef::parse(text).is_some() {
        return Ok(text.to_owned());
    }
    let bad = || ExplainError::NotAResource(text.to_owned());
    let (kind, rest) = text.split_once('/').ok_or_else(bad)?;
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let partition = setting.partition;
    let mut found: Vec<Arn> = Vec::new();
    for state in accounts(snapshot, setting) {
        found.extend(match kind {
            "user" => state.users.get(name).map(|it| it.arn(partition)),
            "role" => state.roles.get(name).map(|it| it.arn(partition)),
            "group" => state.groups.get(name).map(|it| it.arn(partition)),
            "policy" => state.policies.get(name).map(|it| it.arn(partition)),
            "instance-profile" => state.instance_profiles.get(name).map(|it| it.arn(partition)),
            _ => return Err(bad()),
        });
    }
    match found.len() {
        0 => Err(ExplainError::NoSuchResource(text.to_owned())),
        1 => Ok(found.pop().map(String::from).unwrap_or_default()),
        _ => {
            let candidates = found.into_iter().map(String::from).collect();
            Err(ExplainError::Ambiguous { text: text.into(), candidates })
        }
    }
}

/// An IAM entity of the snapshot that a resource's ARN names.
pub(crate) struct Target {
    /// The role, if it is one.
    pub(crate) role: Option<Arc<Role>>,
    /// Its tags.
    pub(crate) tags: Tags,
}

/// The IAM entity that an ARN names, if the snapshot has it.
pub(crate) fn target(snapshot: &Snapshot, resource: &str) -> Option<Target> {
    let arn = ArnRef::parse(resource).filter(|arn| arn.service == "iam")?;
    let partition = Partition::by_id(arn.partition)?;
    let state = snapshot.account(AccountId::parse(arn.account).ok()?)?;
    let (kind, _) = arn.resource.split_once('/')?;
    let same = |found: &Arn| found.as_str().eq_ignore_ascii_case(resource);
    let tagged = |tags: &Tags| Target { role: None, tags: tags.clone() };
    match kind {
        "user" => find(&state.users, arn, |it| same(&it.arn(partition))).map(|it| tagged(&it.tags)),
        "role" => find(&state.roles, arn, |it| same(&it.arn(partition)))
            .map(|it| Target { tags: it.tags.clone(), role: Some(Arc::clone(it)) }),
        "policy" => find(&state.policies, arn, |it| same(&it.arn(partition))).map(|it| tagged(&it.tags)),
        "instance-profile" => {
            find(&state.instance_profiles, arn, |it| same(&it.arn(partition))).map(|it| tagged(&it.tags))
        }
        _ => None,
    }
}

fn find<'a, T: Named>(table: &'a Table<T>, arn: ArnRef<'_>, same: impl Fn(&T) -> bool) -> Option<&'a Arc<T>> {
    table.get(arn.name()).filter(|found| same(found))
}

/// The ARN of the user or role with this unique id: what IAM shows in place of the id.
pub(crate) fn arn_of_id(snapshot: &Snapshot, id: &str, partition: Partition) -> Option<String> {
    snapshot.accounts().find_map(|state| {
        let user = state.users.by_id(id).map(|user| user.arn(partition));
        user.or_else(|| state.roles.by_id(id).map(|role| role.arn(partition))).map(String::from)
    })
}

/// The error for a principal that is not there, with those of similar names.
fn unknown(snapshot: &Snapshot, text: &str) -> ExplainError {
    let wanted = text.rsplit('/').next().unwrap_or(text).to_ascii_lowercase();
    let mut near: Vec<(usize, String)> = Vec::new();
    for state in snapshot.accounts() {
        let users = state.users.iter().map(|user| ("user", user.name()));
        for (kind, name) in users.chain(state.roles.iter().map(|role| ("role", role.name()))) {
            let name_there = name.to_ascii_lowercase();
            let within = wanted.len() > 2 && name_there.contains(&wanted);
            let far = if within { 1 } else { distance(&wanted, &name_there) };
            if far <= 1 + wanted.len() / 4 {
                near.push((far, format!("{kind}/{name}")));
            }
        }
    }
    near.sort();
    let near = near.into_iter().take(3).map(|(_, name)| name).collect();
    ExplainError::NoSuchPrincipal { text: text.into(), near }
}

/// How many letters must be put in, taken out or changed to come from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (place, other) in row.iter_mut().skip(1).zip(&to) {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = *place;
            left = changed.min(left + 1).min(*place + 1);
            *place = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        for (from, to, far) in
            [("", "", 0), ("nadia", "nadia", 0), ("nadja", "nadia", 1), ("pavl", "pavel", 1), ("a", "xyz", 3)]
        {
            assert_eq!(distance(from, to), far, "{from} {to}");
        }
    }

    #[test]
    fn roles_may_name_their_session() {
        assert_eq!(
            split("role/deployer/run-7"),
            Name { kind: "role", name: "deployer", session: Some("run-7") }
        );
        assert_eq!(split("user/crew/nadia"), Name { kind: "user", name: "nadia", session: None });
        assert_eq!(split("nadia"), Name { kind: "", name: "nadia", session: None });
    }
}
