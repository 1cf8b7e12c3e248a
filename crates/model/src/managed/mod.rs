//! The policies that AWS manages: `arn:aws:iam::aws:policy/ReadOnlyAccess` and its like.
//!
//! Their table and documents are generated (`cargo xtask facts`) and lie in the program; the table is read at
//! the first call, a document is unpacked when it is asked for. They belong to no account, so they are not part
//! of a snapshot. See
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html>.

use base::{Arn, ArnRef, Partition, Timestamp};
use flate2::read::DeflateDecoder;
use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

static TABLE: &str = include_str!("policies.tsv");
static DOCUMENTS: &[u8] = include_bytes!("documents.bin");

/// A policy that AWS manages; it can be attached, and every account sees it.
#[derive(Clone, Copy)]
pub struct AwsManagedPolicy {
    name: &'static str,
    path: &'static str,
    id: &'static str,
    default_version: u32,
    created: Timestamp,
    updated: Timestamp,
    /// Bytes of the document.
    size: usize,
    packed: &'static [u8],
}

struct Policies {
    /// In the order of their names.
    all: Vec<AwsManagedPolicy>,
    /// By path and name, as they follow `policy` in an ARN.
    places: HashMap<String, usize>,
}

/// Every policy, in the order of names.
pub fn all() -> impl ExactSizeIterator<Item = &'static AwsManagedPolicy> {
    policies().all.iter()
}

/// The policy with this ARN, in any partition; `None` for customers' policies.
pub fn by_arn(arn: &str) -> Option<&'static AwsManagedPolicy> {
    let arn = ArnRef::parse(arn)?;
    if (arn.service, arn.region, arn.account) != ("iam", "", "aws")
        || Partition::by_id(arn.partition).is_none()
    {
        return None;
    }
    by_resource(arn.resource)
}

/// The policy with this resource part of an ARN: `policy/job-function/Billing`.
pub fn by_resource(resource: &str) -> Option<&'static AwsManagedPolicy> {
    let place = policies().places.get(resource.strip_prefix("policy")?)?;
    policies().all.get(*place)
}

/// The policy with this unique id.
pub fn by_id(id: &str) -> Option<&'static AwsManagedPolicy> {
    all().find(|policy| policy.id == id)
}

fn policies() -> &'static Policies {
    static POLICIES: OnceLock<Policies> = OnceLock::new();
    POLICIES.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let all: Vec<_> =
            lines.zip(packed_documents()).filter_map(|(line, packed)| read(line, packed)).collect();
        let places = all
            .iter()
            .enumerate()
            .map(|(place, policy)| (format!("{}{}", policy.path, policy.name), place))
            .collect();
        Policies { all, places }
    })
}

/// The packed documents, in the table's order: a length of four bytes before each.
fn packed_documents() -> impl Iterator<Item = &'static [u8]> {
    let mut rest = DOCUMENTS;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (packed, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = after;
        Some(packed)
    })
}

fn read(line: &'static str, packed: &'static [u8]) -> Option<AwsManagedPolicy> {
    let mut fields = line.split('\t');
    Some(AwsManagedPolicy {
        name: fields.next()?,
        path: fields.next()?,
        id: fields.next()?,
        default_version: fields.next()?.strip_prefix('v')?.parse().ok()?,
        created: Timestamp::parse(fields.next()?).ok()?,
        updated: Timestamp::parse(fields.next()?).ok()?,
        size: fields.next()?.parse().ok()?,
        packed,
    })
}

impl AwsManagedPolicy {
    /// Its name: `ReadOnlyAccess`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// `/`, `/job-function/`, `/service-role/` …
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Its unique id, `ANPA…`: AWS's own where the sources tell it, else one derived from path and name, the
    /// same at every start.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Its ARN in this partition.
    pub fn arn(&self, partition: Partition) -> Arn {
        Arn::global(partition.id(), "iam", "aws", ["policy", self.path, self.name])
    }

    /// The number of the default version, the only one whose document is known: 190 for `v190`.
    pub fn default_version(&self) -> u32 {
        self.default_version
    }

    /// When AWS made it.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When its default version was made.
    pub fn updated(&self) -> Timestamp {
        self.updated
    }

    /// Whether `ListPolicies` and `GetPolicy` call it attachable: all are, in AWS's answers too.
    pub fn is_attachable(&self) -> bool {
        true
    }

    /// Whether only a service-linked role may carry it.
    pub fn is_for_service_linked_roles(&self) -> bool {
        self.path == "/aws-service-role/"
    }

    /// [`document`](Self::document) as another partition has it: ARNs in it name that partition.
    pub fn document_in(&self, partition: Partition) -> String {
        let text = self.document();
        match partition.id() {
            "aws" => text,
            id => text.replace("\"arn:aws:", &format!("\"arn:{id}:")),
        }
    }

    /// The default version's document as JSON text, indented by four. ARNs in it are those of the partition
    /// `aws`, as the sources have them.
    pub fn document(&self) -> String {
        let mut text = String::with_capacity(self.size);
        // The bytes are part of the program and a test unpacks all of them, so this cannot fail.
        let _ = DeflateDecoder::new(self.packed).read_to_string(&mut text);
        text
    }
}

impl std::fmt::Debug for AwsManagedPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AwsManagedPolicy({}{} v{})", self.path, self.name, self.default_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_and_document_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((all().len(), packed_documents().count()), (lines, lines));
        for policy in all() {
            assert_eq!(policy.document().len(), policy.size, "{policy:?}");
        }
    }
}
