//! Fixtures, fake clock and randomness for tests.
