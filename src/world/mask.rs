//! Stars over secrets in what a program prints, as it prints it.
//!
//! Texts to hide and bytes come in; the bytes go out at once, with stars where one of the texts stands or what is
//! commonly derived from it: its SHA-256, which is R2's secret access key, and base64. A text counts even where it
//! arrives in pieces or is broken over lines, so bytes that may be the beginning of one wait for the next.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::digest;
use zeroize::Zeroizing;

/// So much of the beginning of a text tells too much to be shown.
const TELLING: usize = 8;

/// What to look for.
pub(super) struct Mask {
    needles: Vec<Zeroizing<Vec<u8>>>,
    /// Whether a byte is the first of one.
    begins: [bool; 256],
}

impl Mask {
    /// Takes the texts; blank ones are nothing to look for.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles = Vec::new();
        for text in texts.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
            needles.push(Zeroizing::new(text.as_bytes().to_vec()));
            needles.extend(derived(text.as_bytes()));
        }
        let mut begins = [false; 256];
        for first in needles.iter().filter_map(|needle| needle.first()) {
            if let Some(is_begin) = begins.get_mut(usize::from(*first)) {
                *is_begin = true;
            }
        }
        Self { needles, begins }
    }

    /// Begins with a stream of bytes.
    pub(super) fn begin(&self) -> Masking<'_> {
        Masking { mask: self, window: Zeroizing::default(), shown: 0 }
    }

    /// What begins at the front of these bytes.
    fn find(&self, bytes: &[u8]) -> Found {
        let is_begin = bytes.first().and_then(|first| self.begins.get(usize::from(*first)));
        if is_begin != Some(&true) {
            return Found::Nothing;
        }
        // The longest counts: one text may be the beginning of another.
        self.needles.iter().map(|needle| compare(needle, bytes)).max().unwrap_or(Found::Nothing)
    }
}

/// What begins at a place, in the order in which it counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    /// A text, which takes so many bytes.
    Whole(usize),
    /// So many bytes of a text, and there are no more.
    Begun(usize),
}

/// Compares what stands at the front of these bytes with one text. Line breaks within it do not count.
fn compare(needle: &[u8], bytes: &[u8]) -> Found {
    let mut matched = 0;
    for (place, byte) in bytes.iter().enumerate() {
        if matched > 0 && is_line_break(*byte) {
            continue;
        }
        if needle.get(matched) != Some(byte) {
            return Found::Nothing;
        }
        matched += 1;
        if matched == needle.len() {
            return Found::Whole(place + 1);
        }
    }
    Found::Begun(matched)
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The forms in which a text is commonly shown by programs.
fn derived(text: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let digest = digest::digest(&digest::SHA256, text);
    let digest = digest.as_ref();
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let lower: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    let mut forms = vec![lower.to_uppercase(), lower];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        forms.push(engine.encode(digest));
        // As a part of something longer a text looks different, by how many bytes come before; the digits that depend
        // on those and on what follows are left out.
        for (before, unclear) in [(0, 0), (1, 2), (2, 3)] {
            let padded = Zeroizing::new([&[0; 2][..before], text].concat());
            let encoded = Zeroizing::new(engine.encode(&*padded));
            let clear = padded.len() * 8 / 6;
            forms.extend(encoded.get(unclear..clear).map(str::to_owned));
        }
    }
    forms.sort();
    forms.dedup();
    // A short text in base64 is so short that it would be found everywhere.
    forms
        .into_iter()
        .filter(|form| form.len() > TELLING)
        .map(|form| Zeroizing::new(form.into_bytes()))
        .collect()
}

/// A stream of bytes on its way.
pub(super) struct Masking<'a> {
    mask: &'a Mask,
    /// What may be the beginning of a text.
    window: Zeroizing<Vec<u8>>,
    /// How much of it was shown already, because a line ended.
    shown: usize,
}

impl Masking<'_> {
    /// Takes the next bytes, and returns what can be shown.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.window.extend_from_slice(bytes);
        self.advance(Next::Awaited)
    }

    /// Returns what is left at the end.
    pub(super) fn end(&mut self) -> Vec<u8> {
        self.advance(Next::None)
    }

    fn advance(&mut self, next: Next) -> Vec<u8> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(rest) = self.window.get(at..).filter(|rest| !rest.is_empty()) {
            match self.mask.find(rest) {
                Found::Whole(length) => {
                    self.cover(at, length, &mut out);
                    at += length;
                }
                Found::Begun(known) if next == Next::Awaited => {
                    // A line that is complete is shown, where so little of a text tells nothing.
                    if known < TELLING
                        && let Some(end) = rest.iter().rposition(|byte| *byte == b'\n')
                    {
                        let from = self.shown.max(at);
                        let to = at + end + 1;
                        out.extend_from_slice(self.window.get(from..to).unwrap_or_default());
                        self.shown = self.shown.max(to);
                    }
                    break;
                }
                Found::Begun(known) if known >= TELLING => {
                    self.cover(at, rest.len(), &mut out);
                    at = self.window.len();
                }
                Found::Begun(_) | Found::Nothing => {
                    if at >= self.shown {
                        out.extend(rest.first());
                    }
                    at += 1;
                }
            }
        }
        self.window.drain(..at);
        self.shown = self.shown.saturating_sub(at);
        out
    }

    /// Puts stars for what was not shown yet; lines stay lines.
    fn cover(&self, at: usize, length: usize, out: &mut Vec<u8>) {
        let from = self.shown.max(at);
        let hidden = self.window.get(from..at + length).unwrap_or_default();
        out.extend(hidden.iter().map(|byte| if is_line_break(*byte) { *byte } else { b'*' }));
    }
}

/// Whether more bytes may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Awaited,
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "cfut_FAKE0123456789abcdefghijklmnopqrstuvwxyz";

    /// What is shown of bytes that arrive in pieces: after each piece, and at the end.
    fn shown(texts: &[&str], pieces: &[&str]) -> Vec<String> {
        let mask = Mask::of(texts.iter().copied());
        let mut masking = mask.begin();
        let mut shown: Vec<_> = pieces.iter().map(|piece| masking.pass(piece.as_bytes())).collect();
        shown.push(masking.end());
        shown.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    fn stars(text: &str) -> String {
        "*".repeat(text.len())
    }

    #[test]
    fn a_text_is_stars_wherever_it_stands_and_the_rest_is_as_it_was() {
        let said = format!("got {TEXT}, and {TEXT}{TEXT}.\r\nDone\u{e9} cfut_");
        assert_eq!(shown(&[TEXT], &[&said]).concat(), said.replace(TEXT, &stars(TEXT)));
        assert_eq!(shown(&[], &[&said]).concat(), said);
        assert_eq!(shown(&["", " \n"], &[&said]).concat(), said);
    }

    #[test]
    fn wherever_it_is_cut_it_is_found() {
        let said = format!("a{TEXT}b\n");
        for cut in 0..said.len() {
            let (one, other) = said.split_at(cut);
            assert_eq!(shown(&[TEXT], &[one, other]).concat(), format!("a{}b\n", stars(TEXT)), "{cut}");
        }
        let bytes: Vec<String> = said.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        assert_eq!(shown(&[TEXT], &bytes).concat(), format!("a{}b\n", stars(TEXT)));
    }

    #[test]
    fn broken_over_lines_no_telling_part_of_it_is_shown() {
        for end in ["\n", "\r\n"] {
            for width in 1..TEXT.len() {
                let lines: Vec<String> = TEXT
                    .as_bytes()
                    .chunks(width)
                    .map(|line| String::from_utf8_lossy(line) + end)
                    .map(String::from)
                    .collect();
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                for pieces in [&lines[..], &[&*lines.concat()]] {
                    let out = shown(&[TEXT], pieces).concat();
                    let left: String =
                        out.chars().filter(|sign| !matches!(sign, '*' | '\r' | '\n')).collect();
                    assert!(left.len() < TELLING && TEXT.starts_with(&left), "{width}: {out}");
                    assert_eq!(out.matches('\n').count(), lines.len(), "{width}");
                }
            }
        }
    }

    #[test]
    fn a_line_is_shown_as_soon_as_it_ends() {
        // Its last letter could be the first of the text.
        assert_eq!(shown(&[TEXT], &["magic\n", "cf\n", "next"]), ["magic\n", "cf\n", "next", ""]);
        assert_eq!(shown(&[TEXT], &["Password? "]), ["Password? ", ""]);
    }

    #[test]
    fn what_is_cut_off_at_the_end_is_stars_where_it_tells_something() {
        assert_eq!(shown(&[TEXT], &[&TEXT[..20]]).concat(), stars(&TEXT[..20]));
        assert_eq!(shown(&[TEXT], &["cfut_"]).concat(), "cfut_");
    }

    #[test]
    fn the_longer_of_two_texts_counts() {
        let longer = format!("{TEXT}-and-more");
        let said = format!("{longer} {TEXT} {TEXT}-and-less");
        let expected = said.replace(&longer, &stars(&longer)).replace(TEXT, &stars(TEXT));
        assert_eq!(shown(&[TEXT, &longer], &[&said]).concat(), expected);
    }

    #[test]
    fn what_is_derived_from_a_text_is_stars_too() {
        let digest = digest::digest(&digest::SHA256, TEXT.as_bytes());
        let hexadecimal: String = digest
            .as_ref()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect();
        let forms = [
            hexadecimal.to_uppercase(),
            hexadecimal,
            STANDARD_NO_PAD.encode(digest),
            URL_SAFE_NO_PAD.encode(digest),
        ];
        for form in forms {
            assert_eq!(shown(&[TEXT], &[&format!("<{form}>")]).concat(), format!("<{}>", stars(&form)));
        }
        // As in a Kubernetes secret, or in a header of user and password.
        for before in ["", "a", "ab", "user:", "x-auth:"] {
            let encoded = STANDARD_NO_PAD.encode(format!("{before}{TEXT}:"));
            let out = shown(&[TEXT], &[&encoded]).concat();
            let left = out.replace('*', "");
            assert!(left.len() < before.len() * 2 + 2 * TELLING && out.contains(&"*".repeat(50)), "{out}");
        }
    }
}
