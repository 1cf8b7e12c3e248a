//! Quotas and what stands in the way of a deletion.

use wire::Fault;
use wire::iam::errors;

/// Refuses to go past a quota: `count` things exist, one more is wanted.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>.
pub fn below(quota: &str, count: usize, limit: usize) -> Result<(), Fault> {
    if count < limit {
        return Ok(());
    }
    Err(exceeded(quota, limit))
}

/// The fault for a quota that would be exceeded.
pub fn exceeded(quota: &str, limit: usize) -> Fault {
    Fault::of(&errors::LIMIT_EXCEEDED, format!("Cannot exceed quota for {quota}: {limit}"))
}

/// Refuses to delete an entity to which something still belongs: pairs of whether and what must happen first.
pub fn no_leftovers(leftovers: &[(bool, &str)]) -> Result<(), Fault> {
    match leftovers.iter().find(|(stands, _)| *stands) {
        Some((_, first)) => {
            Err(Fault::of(&errors::DELETE_CONFLICT, format!("Cannot delete entity, {first}.")))
        }
        None => Ok(()),
    }
}
