//! Partitions and regions.

use std::fmt;

/// One AWS partition with its regions. The values are facts in a generated table.
#[derive(Debug, PartialEq, Eq)]
pub struct PartitionFacts {
    /// `aws`, `aws-cn`, `aws-us-gov` …: the second part of ARNs.
    pub id: &'static str,
    /// What its service hosts end in.
    pub dns_suffix: &'static str,
    /// The region whose name stands in the credential scope of global services such as IAM.
    pub global_region: &'static str,
    /// The regions, sorted, the pseudo-regions of global endpoints left out.
    pub regions: &'static [&'static str],
}

/// A partition: a reference to its row in the table of facts.
#[derive(Clone, Copy)]
pub struct Partition(&'static PartitionFacts);

/// A region, with the partition that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// `eu-central-1` …
    pub name: &'static str,
    /// Its partition.
    pub partition: Partition,
}

impl Region {
    /// The region of this name.
    pub fn named(name: &str) -> Option<Region> {
        Partition::all().find_map(|partition| Some(Region { name: partition.region(name)?, partition }))
    }
}

#[path = "gen/partitions.rs"]
mod generated;

impl Partition {
    /// Every partition.
    pub fn all() -> impl Iterator<Item = Partition> {
        generated::PARTITIONS.iter().map(Partition)
    }

    /// `aws`, the commercial partition.
    #[expect(
        clippy::indexing_slicing,
        reason = "the generated table is not empty and begins with `aws`; a test says so"
    )]
    pub fn aws() -> Partition {
        Partition(&generated::PARTITIONS[0])
    }

    /// The partition of this id.
    pub fn by_id(id: &str) -> Option<Partition> {
        Self::all().find(|partition| partition.id() == id)
    }

    /// The partition that has this region.
    pub fn of_region(region: &str) -> Option<Partition> {
        Region::named(region).map(|region| region.partition)
    }

    /// The region of this name, if the partition has it.
    fn region(self, name: &str) -> Option<&'static str> {
        let place = self.0.regions.binary_search(&name).ok()?;
        self.0.regions.get(place).copied()
    }

    /// `aws`, `aws-cn` …
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The row of facts.
    pub fn facts(self) -> &'static PartitionFacts {
        self.0
    }
}

impl PartialEq for Partition {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Partition {}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl serde::Serialize for Partition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

impl<'de> serde::Deserialize<'de> for Partition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Partition::by_id(&id).ok_or_else(|| serde::de::Error::custom(format!("unknown partition `{id}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_tell_their_partition() {
        assert_eq!(Partition::of_region("eu-central-1").unwrap().id(), "aws");
        assert_eq!(Partition::of_region("cn-north-1").unwrap().id(), "aws-cn");
        assert_eq!(Partition::of_region("us-gov-west-1").unwrap().id(), "aws-us-gov");
        assert!(Partition::of_region("mars-1").is_none());
        assert_eq!(Partition::aws().facts().global_region, "us-east-1");
        let china = Partition::by_id("aws-cn").unwrap();
        assert_eq!(china.facts().global_region, "cn-north-1", "that of IAM's endpoint there");
        assert_eq!(Partition::aws().id(), "aws");
    }

    #[test]
    fn regions_are_sorted_for_the_search() {
        for partition in Partition::all() {
            assert!(partition.facts().regions.is_sorted());
            assert!(partition.facts().regions.contains(&partition.facts().global_region));
        }
    }
}
