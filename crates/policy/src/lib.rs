//! AWS policy documents: parse, print, compile, evaluate, explain.
