//! Operations that AWS has and this program has not: the list may only shrink.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_services::table::Table;
use wire::ServiceSchema;

/// One line an operation; a line whose operation is built, or that is new, fails the test.
const LISTED: &str = include_str!("unbuilt.txt");

#[test]
fn the_list_of_unbuilt_operations_is_true() {
    let table = Table::new();
    let mut found = Vec::new();
    for service in [&wire::iam::SERVICE, &wire::sts::SERVICE] {
        let built = table.built(service.id);
        found.extend(missing(service, &built));
        for name in built {
            assert!(service.operation(name).is_some(), "{name} is no operation of {}", service.id);
        }
    }
    let listed: Vec<_> = LISTED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let newly_built: Vec<_> = listed.iter().filter(|line| !found.iter().any(|name| name == *line)).collect();
    assert!(newly_built.is_empty(), "built by now, take them out of unbuilt.txt: {newly_built:?}");
    let lost: Vec<_> = found.iter().filter(|name| !listed.contains(&name.as_str())).collect();
    assert!(lost.is_empty(), "the list may only shrink, but these are not built: {lost:?}");
}

fn missing(service: &ServiceSchema, built: &[&str]) -> Vec<String> {
    let names = service.operations.iter().map(|operation| operation.name);
    names.filter(|name| !built.contains(name)).map(|name| format!("{}:{name}", service.id)).collect()
}
