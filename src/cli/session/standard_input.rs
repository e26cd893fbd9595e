//! Standard input: the whole of it as text, such as another program's output, or the one line that is a secret.

use std::io;

use crate::world::World;

/// The longest line that can be a secret or an answer, in bytes.
pub(in crate::cli) const LONGEST_LINE: u64 = 4096;

/// Reads it to its end; longer than so many bytes is an error of kind `FileTooLarge`.
pub(in crate::cli) fn standard_input(world: &dyn World, longest: u64) -> io::Result<String> {
    world.read_input(longest).map(text_of)
}

/// Reads its first line, or tells why that is none.
pub(in crate::cli) fn first_line(world: &dyn World) -> Result<String, String> {
    match world.read_line(LONGEST_LINE) {
        Ok(line) => Ok(line.unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Err(format!("its first line is longer than {LONGEST_LINE} bytes"))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// What another program wrote, as text: UTF-8, or UTF-16 with its mark in front, as what PowerShell redirects. What is no
/// text shows as the sign that stands in its place.
pub(in crate::cli) fn text_of(bytes: Vec<u8>) -> String {
    let utf16 = |units: &[u8], read: fn([u8; 2]) -> u16| {
        let (pairs, _) = units.as_chunks();
        String::from_utf16_lossy(&pairs.iter().copied().map(read).collect::<Vec<u16>>())
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_in_front_says_how_the_text_is_written() {
        for (bytes, text) in [
            (&b"\xFF\xFEo\0k\0\x3D\xD8\0\xDE"[..], "ok\u{1F600}"),
            (b"\xFE\xFF\0o\0k", "ok"),
            (b"\xFF\xFEo\0k", "o"),
            (b"\xEF\xBB\xBFok", "ok"),
            (b"ok", "ok"),
            (b"o\xFFk", "o\u{FFFD}k"),
            (b"", ""),
        ] {
            assert_eq!(text_of(bytes.to_vec()), text);
        }
    }
}
