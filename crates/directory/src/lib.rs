//! Typed tables over the store: records, transactions, the snapshot they yield.
