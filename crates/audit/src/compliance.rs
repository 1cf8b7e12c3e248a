//! What an audit shows of standards: requirement by requirement, passed, failed, or not to be told.
//!
//! Only requirements that identities and access have to do with are here; a report says so. What checks cannot see is
//! not assessable, never passed. Where a standard asks for another threshold than the audit was run with, the password
//! policy is judged anew, and of other thresholds only what follows is said: passed under a stricter one is passed.

mod assess;
mod demand;
mod read;

pub use assess::{Assessment, RequirementResult, RequirementStatus, assess, assess_accounts};
pub use demand::Demand;
pub use read::frameworks;

/// Said with every report.
pub const SCOPE: &str =
    "Only requirements that identities and access have to do with are assessed; a standard asks for more.";

/// A standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framework {
    /// Its id: `cis-7.0`.
    pub id: &'static str,
    /// Its name and version.
    pub name: &'static str,
    /// Its requirements, in its own order.
    pub requirements: Vec<Requirement>,
}

/// A requirement of a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The standard's own id.
    pub id: &'static str,
    /// What is asked, in short and in our words.
    pub title: &'static str,
    /// The checks that show it; none if nothing that is audited does.
    pub checks: Vec<&'static str>,
    /// What is asked beyond the checks' own thresholds.
    pub demands: Vec<Demand>,
}

/// The standard of this id.
pub fn framework(id: &str) -> Option<&'static Framework> {
    frameworks().iter().find(|framework| framework.id == id)
}
