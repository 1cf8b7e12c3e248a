//! Who is calling: access keys, sealed session tokens.
