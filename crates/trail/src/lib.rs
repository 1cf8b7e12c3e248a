//! CloudTrail-format records: building, redaction, files, reading.
