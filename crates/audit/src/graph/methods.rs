//! The ways to more permissions, as a table.
//!
//! Ids are those of <https://pathfinding.cloud>; ids that begin with `bw-` are ways that are not listed there. What
//! must be asked on which resource, which service must trust the role, and what must be there already, is ours.

use std::sync::OnceLock;

/// How a way works, which tells how it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// A role is passed to something new.
    Pass,
    /// Something that runs as a role is used or changed.
    Use,
    /// A role is assumed.
    Assume,
    /// A user gets another key or password.
    Credentials,
    /// A role's trust policy is rewritten.
    Trust,
    /// One's own policies are written.
    SelfPolicy,
    /// A policy of another is written, and the other then taken over.
    OtherPolicy,
    /// A group is joined.
    Join,
    /// Another version of one's own policy is put in force.
    Version,
    /// A permissions boundary is removed or replaced.
    Unbind,
    /// The policy that is one's own boundary is rewritten.
    UnbindPolicy,
    /// IAM Identity Center grants more.
    SignOn,
}

/// On what an action is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// The role in question.
    Role,
    /// The user in question.
    User,
    /// The group in question.
    Group,
    /// The managed policy in question.
    Policy,
    /// What runs as the role.
    Target,
    /// Any resource that the policies allow: its name can be chosen.
    Any,
}

/// An action that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The action.
    pub action: &'static str,
    /// On what.
    pub on: On,
}

/// A way to more permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Its id: `lambda-001`.
    pub id: &'static str,
    /// How it works.
    pub shape: Shape,
    /// The category it is published under: `new-passrole`, `existing-passrole`, `principal-access`, `self-escalation`.
    pub category: &'static str,
    /// The services one of which the role must trust, as service principals; `federated:` before an identity provider.
    pub trust: Vec<&'static str>,
    /// The types of resources one of which must run as the role, as CloudFormation names them.
    pub workloads: Vec<&'static str>,
    /// The actions, all of which are needed.
    pub needs: Vec<Need>,
    /// What must be there besides and is not known from the policies.
    pub prerequisite: Option<&'static str>,
    /// What is done: `{to}` stands for the one who is reached.
    pub how: &'static str,
}

/// Every way, in the order of the table.
pub fn all() -> &'static [Method] {
    static ALL: OnceLock<Vec<Method>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lines = include_str!("methods.tsv").lines();
        lines.filter(|line| !line.starts_with('#')).filter_map(read).collect()
    })
}

/// The way of this id.
pub fn by_id(id: &str) -> Option<&'static Method> {
    all().iter().find(|method| method.id == id)
}

/// Ways of a shape.
pub(super) fn of(shape: Shape) -> impl Iterator<Item = &'static Method> {
    all().iter().filter(move |method| method.shape == shape)
}

/// Every action that any way needs, each once, sorted.
pub fn actions() -> &'static [&'static str] {
    static ACTIONS: OnceLock<Vec<&'static str>> = OnceLock::new();
    ACTIONS.get_or_init(|| {
        let mut actions: Vec<_> =
            all().iter().flat_map(|method| &method.needs).map(|need| need.action).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    })
}

fn read(line: &'static str) -> Option<Method> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let list = |text: &'static str| text.split(',').filter(|text| *text != "-").collect::<Vec<_>>();
    Some(Method {
        id: next()?,
        shape: shape(next()?)?,
        category: next()?,
        trust: list(next()?),
        workloads: list(next()?),
        needs: next()?.split(' ').map(need).collect::<Option<_>>()?,
        prerequisite: next().filter(|text| *text != "-"),
        how: next()?,
    })
}

fn shape(text: &str) -> Option<Shape> {
    Some(match text {
        "pass" => Shape::Pass,
        "use" => Shape::Use,
        "assume" => Shape::Assume,
        "credentials" => Shape::Credentials,
        "trust" => Shape::Trust,
        "self-policy" => Shape::SelfPolicy,
        "other-policy" => Shape::OtherPolicy,
        "join" => Shape::Join,
        "version" => Shape::Version,
        "unbind" => Shape::Unbind,
        "unbind-policy" => Shape::UnbindPolicy,
        "sso" => Shape::SignOn,
        _ => return None,
    })
}

fn need(text: &'static str) -> Option<Need> {
    let (action, on) = text.split_once('@')?;
    let on = match on {
        "role" => On::Role,
        "user" => On::User,
        "group" => On::Group,
        "policy" => On::Policy,
        "target" => On::Target,
        "any" => On::Any,
        _ => return None,
    };
    Some(Need { action, on })
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::catalogue::Catalogue;

    #[test]
    fn every_line_is_read_and_every_action_is_known() {
        let lines = include_str!("methods.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().len(), lines);
        for action in actions() {
            let known = Catalogue::get().action(action);
            assert_eq!(known.map(|known| known.to_string()).as_deref(), Some(*action), "{action}");
        }
        let mut ids: Vec<_> = all().iter().map(|method| method.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), lines, "an id is there twice");
    }

    #[test]
    fn what_is_published_is_in_the_table() {
        let lines = include_str!("published.tsv").lines().filter(|line| !line.starts_with('#'));
        for (id, published) in lines.filter_map(|line| line.split_once('\t')) {
            let needs = &by_id(id).unwrap_or_else(|| panic!("{id} is missing")).needs;
            let is_needed = |action: &str| needs.iter().any(|need| need.action.eq_ignore_ascii_case(action));
            assert!(published.split(' ').all(is_needed), "{id}: {published}");
            // Of a pipeline it takes more than to make it.
            assert!(published.split(' ').count() == needs.len() || id == "datapipeline-001", "{id}");
        }
    }

    #[test]
    fn numbers_are_without_gaps() {
        let services = [
            ("apprunner", 2),
            ("bedrock", 2),
            ("batch", 2),
            ("cloudformation", 5),
            ("codebuild", 4),
            ("ec2", 4),
            ("ecs", 9),
            ("glue", 7),
            ("iam", 24),
            ("lambda", 6),
            ("sagemaker", 5),
            ("ssm", 3),
            ("sso", 3),
            ("stepfunctions", 2),
            ("sts", 1),
        ];
        for (service, last) in services {
            for number in 1..=last {
                let id = format!("{service}-{number:03}");
                assert!(by_id(&id).is_some(), "{id} is missing");
            }
        }
        for service in
            ["braket", "codedeploy", "cognitoidentity", "datapipeline", "emr", "emrserverless", "gamelift"]
        {
            assert!(by_id(&format!("{service}-001")).is_some(), "{service}");
        }
        for id in [
            "ec2instanceconnect-003",
            "imagebuilder-001",
            "kinesisanalytics-001",
            "omics-001",
            "scheduler-001",
        ] {
            assert!(by_id(id).is_some(), "{id}");
        }
    }

    #[test]
    fn passed_roles_have_a_service_and_used_ones_a_workload() {
        for method in all() {
            assert_eq!(method.shape == Shape::Pass, !method.trust.is_empty(), "{}", method.id);
            assert_eq!(method.shape == Shape::Use, !method.workloads.is_empty(), "{}", method.id);
        }
    }
}
