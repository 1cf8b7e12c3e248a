//! Importers of account exports, and what is wrong in an account.
