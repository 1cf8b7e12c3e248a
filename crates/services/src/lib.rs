//! The AWS services: operation tables, the gate, the handlers.
