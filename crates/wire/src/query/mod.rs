//! The query protocol: form parameters in, XML out. IAM and STS speak it.
//!
//! See <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.

mod decode;
mod encode;
mod params;

pub use decode::decode;
pub use encode::encode;
pub use params::Params;
