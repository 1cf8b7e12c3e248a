//! SAML 2.0: who an identity provider's response speaks of, and nothing that it does not vouch for.
//!
//! The rule that the rest stands on: a claim is read **only from the bytes whose digest was signed**. An element that is
//! verified is made canonical, its digest compared, and the canonical bytes are parsed anew; the document as it came is
//! never asked for a claim again. So no two readers of one document can disagree about what was signed, which is what
//! signature wrapping and its relatives live on. What need not be there is refused besides: document types, entities,
//! processing instructions, comments inside of text, a second assertion, an id that stands twice, a signature anywhere
//! but where it belongs, every algorithm but a few. Keys come from the provider's metadata, never from the message.
//!
//! See <https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf>,
//! <https://www.w3.org/TR/xmldsig-core1/> and <https://www.w3.org/TR/xml-exc-c14n/>.

pub mod assertion;
pub mod attributes;
pub mod c14n;
pub mod decrypt;
pub mod endpoint;
pub mod identify;
pub mod key;
pub mod metadata;
pub mod refusal;
pub mod replay;
pub mod response;
pub mod signature;
pub mod xml;

pub use assertion::Claims;
pub use decrypt::DecryptionKey;
pub use identify::{Asked, identify};
pub use key::VerifyingKey;
pub use metadata::Metadata;
pub use refusal::Refusal;
pub use replay::UsedAssertions;

/// Namespaces of the vocabularies that meet in a response.
pub mod ns {
    /// Assertions.
    pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    /// The protocol: `Response`, `Status`.
    pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    /// Metadata.
    pub const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    /// XML signatures.
    pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
    /// XML encryption.
    pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
    /// XML encryption 1.1.
    pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
    /// Exclusive canonical XML, of which only `InclusiveNamespaces` is an element.
    pub const EC: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    /// The prefix `xml`.
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
}
