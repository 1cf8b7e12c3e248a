//! AWS wire protocols: schemas, codecs, SigV4, errors, generated types.
