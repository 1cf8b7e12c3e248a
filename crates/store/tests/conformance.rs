#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_store as store;
use store::{Log, Memory, Sqlite, conformance};

#[test]
fn memory_conforms() {
    conformance::check(&mut || Box::new(Memory::new())).unwrap();
}

#[test]
fn sqlite_conforms() {
    let mut folders = Vec::new();
    conformance::check(&mut || {
        let folder = tempfile::tempdir().unwrap();
        let log: Box<dyn Log> = Box::new(Sqlite::open(folder.path()).unwrap());
        folders.push(folder);
        log
    })
    .unwrap();
}

#[test]
fn a_forgetful_log_does_not_conform() {
    struct Forgetful(Memory);
    impl Log for Forgetful {
        fn head(&mut self) -> Result<store::Rev, store::LogError> {
            self.0.head()
        }
        fn append(
            &mut self,
            after: store::Rev,
            batch: &store::Batch,
        ) -> Result<store::Appended, store::LogError> {
            if after.0 == 2 { Ok(store::Appended::Committed) } else { self.0.append(after, batch) }
        }
        fn read(
            &mut self,
            after: store::Rev,
            limit: usize,
        ) -> Result<Vec<(store::Rev, store::Batch)>, store::LogError> {
            self.0.read(after, limit)
        }
        fn checkpoint(&mut self, op: store::Checkpoint<'_>) -> Result<store::Marks, store::LogError> {
            self.0.checkpoint(op)
        }
    }
    let violation = conformance::check(&mut || Box::new(Forgetful(Memory::new()))).unwrap_err();
    assert_eq!(violation.rule, "each append moves the head by one");
}
