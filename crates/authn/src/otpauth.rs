//! How a seed gets into an app: an `otpauth://` URI, and its picture to be scanned.
//!
//! The URI's form is that of
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html>.

use base::{Secret, SecretString};
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use qrcode::{Color, EcLevel, QrCode};
use std::io::Write;

/// `otpauth://totp/DEVICE@ACCOUNT?secret=SEED`.
pub fn uri(device: &str, account: &str, seed: &SecretString) -> SecretString {
    let encode = wire::percent::encode;
    SecretString::new(format!(
        "otpauth://totp/{}@{}?secret={}",
        encode(device),
        encode(account),
        seed.expose()
    ))
}

/// Picture points of a module's side.
const SCALE: usize = 5;
/// Modules of white around the symbol, as ISO 18004 wants.
const QUIET: usize = 4;

/// The QR code of a text as a PNG of black and white; `None` for texts of more than two thousand letters.
pub fn qr_png(text: &SecretString) -> Option<Secret> {
    let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M).ok()?;
    let width = code.width();
    let modules = code.to_colors();
    let side = (width + 2 * QUIET) * SCALE;
    let mut rows = Vec::with_capacity((side / 8 + 2) * side);
    for y in 0..side {
        let row = (y / SCALE).checked_sub(QUIET).filter(|row| *row < width);
        let is_dark = |x: usize| {
            let column = (x / SCALE).checked_sub(QUIET).filter(|column| *column < width);
            let module = row.zip(column).and_then(|(row, column)| modules.get(row * width + column));
            module == Some(&Color::Dark)
        };
        // The filter byte, then eight points a byte, white being one.
        rows.push(0);
        for first in (0..side).step_by(8) {
            let bits = (first..first + 8).fold(0, |bits, x| bits << 1 | u8::from(x < side && !is_dark(x)));
            rows.push(bits);
        }
    }
    png(u32::try_from(side).ok()?, &rows).map(Secret::new)
}

/// A square picture of one bit a point.
/// See <https://www.w3.org/TR/png-3/#5DataRep>.
fn png(side: u32, rows: &[u8]) -> Option<Vec<u8>> {
    let mut header = Vec::with_capacity(13);
    header.extend(side.to_be_bytes());
    header.extend(side.to_be_bytes());
    // One bit of grey; deflate, the five filters, not interlaced.
    header.extend([1, 0, 0, 0, 0]);
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(rows).ok()?;
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut picture, b"IHDR", &header)?;
    chunk(&mut picture, b"IDAT", &deflate.finish().ok()?)?;
    chunk(&mut picture, b"IEND", &[])?;
    Some(picture)
}

fn chunk(picture: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) -> Option<()> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    picture.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    picture.extend(kind);
    picture.extend(data);
    picture.extend(crc.sum().to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_uri_names_device_and_account() {
        let uri = uri("bob@home", "123456789012", &SecretString::new("MZXW6"));
        assert_eq!(uri.expose(), "otpauth://totp/bob%40home@123456789012?secret=MZXW6");
    }

    /// Reads our own picture back and compares it with the symbol, module by module.
    #[test]
    fn the_picture_shows_the_symbol() {
        let text = SecretString::new(format!("otpauth://totp/bob@123456789012?secret={}", "A".repeat(64)));
        let picture = qr_png(&text).unwrap();
        let bytes = picture.expose();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&bytes[12..16], b"IHDR");
        let side = u32::from_be_bytes(bytes[16..20].try_into().unwrap()) as usize;
        let length = u32::from_be_bytes(bytes[33..37].try_into().unwrap()) as usize;
        assert_eq!(&bytes[37..41], b"IDAT");
        let mut rows = Vec::new();
        flate2::read::ZlibDecoder::new(&bytes[41..41 + length]).read_to_end(&mut rows).unwrap();
        let stride = side.div_ceil(8) + 1;
        assert_eq!(rows.len(), stride * side);
        assert_eq!(&bytes[bytes.len() - 8..bytes.len() - 4], b"IEND");
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M).unwrap();
        let (width, modules) = (code.width(), code.to_colors());
        assert_eq!(side, (width + 8) * 5);
        let is_white = |x: usize, y: usize| rows[y * stride + 1 + x / 8] >> (7 - x % 8) & 1 == 1;
        for y in 0..width {
            for x in 0..width {
                let white = is_white((x + 4) * 5 + 2, (y + 4) * 5 + 2);
                assert_eq!(white, modules[y * width + x] == Color::Light, "{x}, {y}");
            }
        }
        assert!(is_white(0, 0) && is_white(side - 1, side - 1), "the quiet zone");
    }

    #[test]
    fn a_text_that_does_not_fit_has_no_picture() {
        assert!(qr_png(&SecretString::new("a".repeat(5_000))).is_none());
    }
}
