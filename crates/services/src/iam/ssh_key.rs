//! RSA public keys in the two encodings that IAM knows: `ssh-rsa …` (RFC 4253) and PEM.

use super::{md5, pem};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::{PublicKey, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

/// Bits that a modulus has at least.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html>.
const LEAST_BITS: usize = 2048;

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `ssh-rsa …`.
    Ssh,
    /// PEM.
    Pem,
}

/// An RSA public key: numbers in big-endian bytes without zeros before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSshKey {
    /// It is in neither encoding.
    Encoding,
    /// It is in one of them, but no RSA key, too short or broken.
    Invalid,
}

/// Which encoding a text is in.
pub fn encoding(text: &str) -> Option<Encoding> {
    let text = text.trim_start();
    if text.starts_with("-----BEGIN ") {
        Some(Encoding::Pem)
    } else if ["ssh-", "ecdsa-", "sk-"].iter().any(|start| text.starts_with(start)) {
        Some(Encoding::Ssh)
    } else {
        None
    }
}

impl SshKey {
    /// Reads a key in either encoding.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(text: &str) -> Result<Self, NoSshKey> {
        let key = match encoding(text).ok_or(NoSshKey::Encoding)? {
            Encoding::Ssh => Self::read_ssh(text),
            Encoding::Pem => Self::read_pem(text),
        };
        key.filter(Self::is_fit).ok_or(NoSshKey::Invalid)
    }

    fn read_ssh(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        if words.next()? != "ssh-rsa" {
            return None;
        }
        let bytes = STANDARD.decode(words.next()?).ok()?;
        let (kind, rest) = field(&bytes)?;
        let (exponent, rest) = field(rest)?;
        let (modulus, rest) = field(rest)?;
        (kind == b"ssh-rsa" && rest.is_empty())
            .then(|| Self { modulus: bare(modulus), exponent: bare(exponent) })
    }

    fn read_pem(text: &str) -> Option<Self> {
        let blocks = pem::blocks(text)?;
        let [block] = blocks.as_slice() else { return None };
        match block.label.as_str() {
            "PUBLIC KEY" => {
                let (rest, info) = SubjectPublicKeyInfo::from_der(&block.der).ok()?;
                match info.parsed().ok()? {
                    PublicKey::RSA(key) if rest.is_empty() => Some(Self::of(&key)),
                    _ => None,
                }
            }
            "RSA PUBLIC KEY" => {
                let (rest, key) = RSAPublicKey::from_der(&block.der).ok()?;
                rest.is_empty().then(|| Self::of(&key))
            }
            _ => None,
        }
    }

    fn of(key: &RSAPublicKey<'_>) -> Self {
        Self { modulus: bare(key.modulus), exponent: bare(key.exponent) }
    }

    /// Long enough, and odd in both numbers, as those of every RSA key are.
    fn is_fit(&self) -> bool {
        let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        bits(&self.modulus) >= LEAST_BITS
            && is_odd(&self.modulus)
            && is_odd(&self.exponent)
            && bits(&self.exponent) >= 2
    }

    /// The key as SSH sends it.
    fn wire(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [b"ssh-rsa".to_vec(), positive(&self.exponent), positive(&self.modulus)] {
            bytes.extend((part.len() as u32).to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }

    /// `ssh-rsa …`, without a comment.
    pub fn ssh(&self) -> String {
        format!("ssh-rsa {}", STANDARD.encode(self.wire()))
    }

    /// PEM of the key with its algorithm.
    pub fn pem(&self) -> String {
        // SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }
        const ALGORITHM: [u8; 15] =
            [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let numbers = [der(0x02, &positive(&self.modulus)), der(0x02, &positive(&self.exponent))].concat();
        let key = der(0x30, &numbers);
        let bit_string = der(0x03, &[&[0], key.as_slice()].concat());
        pem::armour("PUBLIC KEY", &der(0x30, &[&ALGORITHM, bit_string.as_slice()].concat()))
    }

    /// MD5 of the key as SSH sends it, in pairs of hexadecimal digits: what `ssh-keygen -l -E md5` shows.
    pub fn fingerprint(&self) -> String {
        let pairs: Vec<String> = md5::digest(&self.wire()).iter().map(|byte| format!("{byte:02x}")).collect();
        pairs.join(":")
    }
}

/// A field of SSH's: four bytes of length, and that many bytes.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn bare(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// The number with a zero before it where it would read as negative.
fn positive(number: &[u8]) -> Vec<u8> {
    let zero = number.first().is_none_or(|byte| *byte >= 0x80).then_some(0);
    zero.into_iter().chain(number.iter().copied()).collect()
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        short @ ..128 => bytes.push(short as u8),
        long => {
            let length = bare(&(long as u64).to_be_bytes());
            bytes.push(0x80 | length.len() as u8);
            bytes.extend(length);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}
