//! An append-only log of effects with a total order, its backends, and sealing of secrets.
