//! Random bytes -> the text of a secret, and bytes -> their hash.
//!
//! A secret made here says so: after the prefix stands `EMULATOR`. The last eight characters are a CRC-32
//! of what stands before them; what Cloudflare's own checksum covers is not documented.

use ring::digest;

use super::owner::EmulatorOwner;
use super::settings::SecretFormat;
use crate::secret::Secret;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The secret that 32 random bytes stand for.
pub(super) fn secret(owner: &EmulatorOwner, form: SecretFormat, random: &[u8; 32]) -> Secret {
    let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()));
    let body: String = "EMULATOR".chars().chain(letters.map(|letter| char::from(*letter))).collect();
    if form == SecretFormat::Legacy {
        return Secret::new(body);
    }
    let prefix = match owner {
        EmulatorOwner::User => "cfut_",
        EmulatorOwner::Account(_) => "cfat_",
    };
    let text = format!("{prefix}{body}");
    let check = crc32(text.as_bytes());
    Secret::new(format!("{text}{check:08x}"))
}

/// The SHA-256 of bytes, as 64 hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&digest(bytes))
}

/// The SHA-256 of bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|half| char::from_digit(u32::from(half), 16))
        .collect()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_secret_has_cloudflares_length_and_says_where_it_is_from() {
        let user = secret(&EmulatorOwner::User, SecretFormat::Prefixed, &[7; 32]);
        assert_eq!(user.expose().len(), 53);
        assert!(user.expose().starts_with("cfut_EMULATOR7777"));
        let account = secret(&EmulatorOwner::Account("a".into()), SecretFormat::Prefixed, &[7; 32]);
        assert!(account.expose().starts_with("cfat_EMULATOR7777"));
        let legacy = secret(&EmulatorOwner::User, SecretFormat::Legacy, &[7; 32]);
        assert_eq!(legacy.expose().len(), 40);
        assert!(legacy.expose().starts_with("EMULATOR7777"));
    }
}
