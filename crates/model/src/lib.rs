//! The entities of an identity realm and the immutable snapshot of them.
