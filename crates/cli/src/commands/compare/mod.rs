//! `bailiwick compare`: what does one version of policies allow that the other does not?

mod accounts;

use super::lint::Kind;
use super::questions::{Answers, Asked, Finding, ModeArgs, Report, Sources, What};
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions::request;
use crate::sources::{Input, read_inputs};
use analysis::{Access, Options, Refutation, Scope, Witness, denying, no_new_access};
use audit::sources::{FoundPolicy, Side};
use policy::DocumentKind;
use std::collections::HashSet;

const NEW: What = What {
    code: "NEW_ACCESS",
    key: "NewAccess",
    some: "new access",
    none: "no new access",
    summary: "a policy allows something that it did not allow before",
    denied: ", denied it",
};
const LOST: What = What {
    code: "LOST_ACCESS",
    key: "LostAccess",
    some: "lost access",
    none: "no lost access",
    summary: "a policy no longer allows something that it allowed before",
    denied: ", denies it",
};

const AFTER: &str = "\
Of each policy it is proved that NEW allows nothing that OLD does not, or a request is shown that NEW allows and OLD \
does not, with the statements to blame; and the other way round. The policies of folders, plans, templates and the like \
are matched by their names; one that is only in NEW is compared with nothing. A Terraform plan given alone is compared \
with what it changes. docs/questions.md tells what the modes mean.

Of two exports of accounts it is told what each user and role may do now that it might not before, by its own \
policies, those of its groups, its boundary and SCPs, and who may assume which role. An export may lie in a folder with \
the organization, and with the policies of resources, whose changes are told then. With --organization, the \
organization comes beside the exports: one of both versions, or two whose policies are to be compared; NEW may then \
be left out.

Examples:
  bailiwick compare old.json new.json
  bailiwick compare HEAD~1:policy.json policy.json
  bailiwick compare main:policies policies --format sarif > new-access.sarif
  bailiwick compare old-scp.json new-scp.json --type scp
  terraform show -json plan.tfplan | bailiwick compare -
  bailiwick compare last-week.json authorization-details.json
  bailiwick compare account.json --organization old-scps.json new-scps.json

Exit codes: 0 if there is no new access, 1 if there is, 2 if the command line or a policy is wrong, 3 if neither could \
be shown, 4 if a file cannot be read. With --equivalent, access that is lost counts like new access.";

/// Tell what one version of policies allows that the other does not.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// How it was: a file, a folder, git's REVISION:PATH, or `-` for standard input
    old: String,
    /// How it is; without it, OLD is a Terraform plan, or two organizations are compared
    new: Option<String>,
    /// What the policies are: identity, resource, trust, scp, rcp, boundary, session or endpoint [default: told by
    /// what they say]
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Kind>,
    /// Of accounts: the organization with its SCPs and RCPs, for both versions, or the old and the new one
    #[arg(long, value_name = "FILE", num_args = 1..=2)]
    organization: Vec<String>,
    /// Fail if either allows something that the other does not
    #[arg(long)]
    equivalent: bool,
    #[command(flatten)]
    mode: ModeArgs,
}

/// Compares every policy with its other version.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    if args.new.as_deref() == Some("-") && args.old == "-" {
        return Err(Problem::usage("standard input cannot be both versions"));
    }
    let old = read_inputs(std::slice::from_ref(&args.old))?;
    let new = args.new.as_ref().map(|new| read_inputs(std::slice::from_ref(new))).transpose()?;
    let report = match &new {
        Some(new) if accounts::are_exports(&old) && accounts::are_exports(new) => {
            accounts::compare(&args, &old, new)?
        }
        None if args.organization.len() == 2 && accounts::are_exports(&old) => {
            accounts::compare(&args, &old, &old)?
        }
        _ if !args.organization.is_empty() => {
            return Err(Problem::usage("--organization goes with exports of accounts")
                .help("make them with `aws iam get-account-authorization-details`"));
        }
        _ => documents(&args, old, new)?,
    };
    report.finish(context)
}

fn documents(args: &Args, old: Vec<Input>, new: Option<Vec<Input>>) -> Result<Report, Problem> {
    let old = Sources::of(old)?;
    let new = new.map(Sources::of).transpose()?;
    let is_change = |policy: &FoundPolicy| policy.side != Side::Only;
    let (before, after) = match &new {
        Some(new) => (sided(&old, Side::After), sided(new, Side::After)),
        None if old.found.iter().flat_map(|found| &found.policies).any(is_change) => {
            (sided(&old, Side::Before), sided(&old, Side::After))
        }
        None if old.policies().next().is_none() => (Vec::new(), Vec::new()),
        None => {
            return Err(Problem::usage("there is nothing to compare with")
                .help("name two versions, or one Terraform plan as JSON"));
        }
    };
    let mut report = Report { notes: old.notes(), ..Report::default() };
    report.notes.extend(new.iter().flat_map(Sources::notes));
    for (old_policy, new_policy) in matched(before, after) {
        if let (Some(old), Some(new)) = (old_policy, new_policy)
            && old.text == new.text
        {
            report.unchanged += 1;
            continue;
        }
        let sources = (&old, new.as_ref().unwrap_or(&old));
        report.answers.extend(compare(args, sources, (old_policy, new_policy), &mut report.notes)?);
    }
    Ok(report)
}

type Keyed<'a> = Vec<(String, &'a FoundPolicy)>;

/// The policies on a side, with what to find them again by. What tells of no change is on both sides.
fn sided(sources: &Sources, side: Side) -> Keyed<'_> {
    let mut keyed: Keyed<'_> = Vec::new();
    for found in &sources.found {
        for policy in found.policies.iter().filter(|policy| policy.side == side || policy.side == Side::Only)
        {
            let key = found.key(policy);
            let same =
                keyed.iter().filter(|(known, _)| *known == key || known.starts_with(&format!("{key}\0")));
            let count = same.count();
            // Several of one name are told apart by their order.
            keyed.push((if count == 0 { key } else { format!("{key}\0{count}") }, policy));
        }
    }
    keyed
}

/// Pairs of policies of one name. If there is only one on each side, they are a pair whatever their names.
fn matched<'a>(
    before: Keyed<'a>,
    after: Keyed<'a>,
) -> Vec<(Option<&'a FoundPolicy>, Option<&'a FoundPolicy>)> {
    if let ([(_, old)], [(_, new)]) = (before.as_slice(), after.as_slice()) {
        return vec![(Some(*old), Some(*new))];
    }
    let mut pairs = Vec::new();
    let mut kept: HashSet<&str> = HashSet::new();
    for (key, new) in &after {
        let others = others(key, &before);
        kept.extend(others.iter().map(|(key, _)| key.as_str()));
        pairs.extend(others.iter().map(|(_, old)| (Some(*old), Some(*new))));
        if others.is_empty() {
            pairs.push((None, Some(*new)));
        }
    }
    let gone =
        before.iter().filter(|(key, _)| !kept.contains(key.as_str())).map(|(_, old)| (Some(*old), None));
    pairs.extend(gone);
    pairs
}

/// What a policy is to be compared with. Where a condition came into a template or went, each branch is compared with each
/// that there was.
fn others<'a, 'k>(key: &str, before: &'k Keyed<'a>) -> Vec<&'k (String, &'a FoundPolicy)> {
    let named = |name: &str| before.iter().filter(|(known, _)| known == name).collect::<Vec<_>>();
    let found = named(key);
    let found = if found.is_empty() { named(unbranched(key)) } else { found };
    if !found.is_empty() {
        return found;
    }
    before.iter().filter(|(known, _)| unbranched(known) == unbranched(key)).collect()
}

/// What a policy of a template is called whatever its conditions.
fn unbranched(key: &str) -> &str {
    let base =
        key.strip_suffix(" (otherwise)").or_else(|| Some(key.strip_suffix(')')?.rsplit_once(" (if ")?.0));
    base.unwrap_or(key)
}

/// Compares a policy with its other version; one of them may not be there.
fn compare(
    args: &Args,
    (old_sources, new_sources): (&Sources, &Sources),
    (old, new): (Option<&FoundPolicy>, Option<&FoundPolicy>),
    notes: &mut Vec<String>,
) -> Result<Option<Answers>, Problem> {
    // Both are read as one kind: the one that is certain.
    let mut both = [new, old].into_iter().flatten();
    let Some(known) = both.clone().find(|policy| policy.kind_is_certain).or(both.next()) else {
        return Ok(None);
    };
    let kind = args.kind.map_or(known.kind, DocumentKind::from);
    let read = |policy: Option<&'_ FoundPolicy>| -> Result<_, Problem> {
        policy.map(|policy| Asked::read(policy, Some(kind))).transpose()
    };
    let (old, new) = (read(old)?, read(new)?);
    for asked in [&old, &new].into_iter().flatten() {
        let told = asked.notes().filter(|note| !notes.contains(note)).collect::<Vec<_>>();
        notes.extend(told);
        // What SCPs and RCPs keep others from is what they are asked about.
        if asked.only_denies() && !matches!(kind, DocumentKind::Scp | DocumentKind::Rcp) {
            let note = "it allows nothing by itself; what it denies to other policies is not looked at";
            notes.push(format!("{}: {note}", asked.shown()));
        }
    }
    let options = args.mode.options();
    let (before, after) = ((old_sources, &old), (new_sources, &new));
    let gained = finding(&NEW, after, before, kind, options);
    let lost = Finding { counts: args.equivalent, ..finding(&LOST, before, after, kind, options) };
    Ok(new.or(old).map(|asked| asked.answers(vec![gained, lost])))
}

/// What one version allows that the other does not.
fn finding(
    what: &'static What,
    (sources, wide): (&Sources, &Option<Asked>),
    (other_sources, narrow): (&Sources, &Option<Asked>),
    kind: DocumentKind,
    options: Options,
) -> Finding {
    let access = |asked: &Option<Asked>| asked.as_ref().map_or_else(|| without(kind), |it| it.read.access());
    let (wide_access, narrow_access) = (access(wide), access(narrow));
    let verdict = no_new_access(&wide_access, &narrow_access, &Scope::default(), options);
    let denied = match (verdict.refutation(), narrow) {
        (Some(_), Some(asked)) => {
            let blamed = denying(&wide_access, &narrow_access, &Scope::default(), options);
            other_sources.statements(asked, &blamed)
        }
        _ => Vec::new(),
    };
    let losses: Vec<String> =
        [wide, narrow].into_iter().flatten().filter_map(|asked| asked.read.loss.clone()).collect();
    let (this, other) = if *what == NEW { ("NEW", "OLD") } else { ("OLD", "NEW") };
    let sentence = |witness: &Witness| match (wide, narrow) {
        (None, _) => format!("{this} has no such policy and lets {}; {other} does not", request(witness)),
        (_, None) => format!("{this} lets {}; {other} has no such policy", request(witness)),
        _ => format!("{this} lets {}; {other} does not", request(witness)),
    };
    let statements = |found: &Refutation| {
        wide.as_ref().map(|asked| sources.statements(asked, &found.blamed)).unwrap_or_default()
    };
    let denied = if losses.is_empty() { denied } else { Vec::new() };
    Finding::new(what, verdict, losses, sentence, statements).denied_by(denied)
}

/// What is allowed where there is no such policy: nothing, but by policies that only limit what others allow,
/// everything.
fn without(kind: DocumentKind) -> Access {
    match kind {
        DocumentKind::Identity | DocumentKind::Resource | DocumentKind::Trust => Access::nothing(),
        _ => Access::layered(Vec::new()),
    }
}
