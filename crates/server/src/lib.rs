//! Listening, TLS, limits, background jobs.
