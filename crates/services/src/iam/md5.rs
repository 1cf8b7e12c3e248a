//! MD5 (RFC 1321), for the fingerprints that `ssh-keygen` and IAM show. It proves nothing and nothing relies on it.

const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The digest.
pub fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend((bytes.len() as u64).wrapping_mul(8).to_le_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in message.chunks_exact(64) {
        let mut words = [0_u32; 16];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        state = step(state, &words);
    }
    let mut out = [0; 16];
    for (to, from) in out.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = from.to_le_bytes();
    }
    out
}

fn step(state: [u32; 4], words: &[u32; 16]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = state;
    for place in 0..64_u32 {
        let (mixed, word) = match place / 16 {
            0 => ((b & c) | (!b & d), place),
            1 => ((d & b) | (!d & c), 5 * place + 1),
            2 => (b ^ c ^ d, 3 * place + 5),
            _ => (c ^ (b | !d), 7 * place),
        };
        // The table of RFC 1321: the whole part of 2³² times the sine's magnitude.
        let constant = (f64::from(place + 1).sin().abs() * 4_294_967_296.0) as u32;
        let word = words.get(word as usize % 16).copied().unwrap_or_default();
        let shift = SHIFTS.get(place as usize / 16).and_then(|row| row.get(place as usize % 4));
        let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(word);
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(shift.copied().unwrap_or_default()));
    }
    let [was_a, was_b, was_c, was_d] = state;
    [was_a.wrapping_add(a), was_b.wrapping_add(b), was_c.wrapping_add(c), was_d.wrapping_add(d)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test suite in RFC 1321.
    #[test]
    fn as_in_the_rfc() {
        let hex = |bytes: [u8; 16]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        for (text, sum) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("a", "0cc175b9c0f1b6a831c399e269772661"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            assert_eq!(hex(digest(text.as_bytes())), sum, "{text}");
        }
    }
}
