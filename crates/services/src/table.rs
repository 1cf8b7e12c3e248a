//! All services with their operations.

use crate::row::Row;
use crate::{bailiwick, iam, sts};
use model::Hashing;
use std::collections::HashMap;

/// The operations that are built, by service and name.
pub struct Table {
    rows: HashMap<(&'static str, &'static str), Row, Hashing>,
}

impl Table {
    /// Every row of every service.
    pub fn new() -> Self {
        let services = [("iam", iam::rows()), ("sts", sts::rows()), ("bailiwick", bailiwick::rows())];
        let rows = services
            .into_iter()
            .flat_map(|(service, rows)| rows.into_iter().map(move |row| ((service, row.name), row)))
            .collect();
        Self { rows }
    }

    /// The row of an operation, if it is built.
    pub fn row(&self, service: &'static str, operation: &'static str) -> Option<&Row> {
        self.rows.get(&(service, operation))
    }

    /// Service and name of every operation that is built.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.rows.keys().copied()
    }

    /// The operations of a service that are built, sorted.
    pub fn built(&self, service: &str) -> Vec<&'static str> {
        let mut names: Vec<_> =
            self.rows.keys().filter(|(known, _)| *known == service).map(|(_, name)| *name).collect();
        names.sort_unstable();
        names
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}
