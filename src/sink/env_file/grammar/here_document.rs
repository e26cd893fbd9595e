//! The text of a here-document: what announces it, and where it ends.

use super::cursor::{Cursor, is_blank, is_plain_sign};

/// A here-document whose text begins on the next line.
pub(super) struct HereDocument {
    delimiter: Vec<u8>,
    strips_tabs: bool,
    /// Where it was announced.
    pub(super) at: usize,
}

impl HereDocument {
    /// Reads `<<WORD` or `<<-WORD`; where there is no such word, nothing is read.
    pub(super) fn announced(cursor: &mut Cursor<'_>) -> Option<Self> {
        let at = cursor.at;
        let mut probe = Cursor { at: at + 2, ..*cursor };
        if placeholder_ends(probe.line()) {
            return None;
        }
        let strips_tabs = probe.skip_if(|byte| byte == b'-');
        probe.skip(is_blank);
        let delimiter = delimiter(&mut probe)?;
        cursor.at = probe.at;
        Some(Self { delimiter, strips_tabs, at })
    }

    /// Goes behind its last line, and returns where that begins; `None` if there is none.
    pub(super) fn finish(&self, cursor: &mut Cursor<'_>) -> Option<usize> {
        while cursor.peek().is_some() {
            let before = cursor.at;
            let line = cursor.line();
            cursor.at += line.len();
            cursor.skip_if(|byte| byte == b'\n');
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let tabs = line.iter().take_while(|byte| self.strips_tabs && **byte == b'\t').count();
            if line.get(tabs..) == Some(self.delimiter.as_slice()) {
                return Some(before);
            }
        }
        None
    }
}

/// Whether what stands behind `<<` ends as a placeholder does (`<<your token>>`), where a shell gives up.
fn placeholder_ends(line: &[u8]) -> bool {
    let end = line.windows(2).position(|pair| pair == b">>");
    let behind = end.and_then(|end| line.get(end + 2..)).map(<[u8]>::trim_ascii_start);
    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(b"#"))
}

/// The word that ends a here-document, without its quotes; `None` where there is no such word.
fn delimiter(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let start = cursor.at;
    let mut delimiter = Vec::new();
    loop {
        delimiter.extend(cursor.skip(is_plain_sign));
        match cursor.peek() {
            Some(b'\\') => {
                delimiter.extend(cursor.peek_at(1).filter(|byte| *byte != b'\n'));
                cursor.skip_two();
            }
            Some(quote @ (b'\'' | b'"')) => {
                let line = cursor.line();
                let length = line.iter().skip(1).position(|byte| *byte == quote)?;
                delimiter.extend(line.iter().skip(1).take(length));
                cursor.at += length + 2;
            }
            Some(b'$') => {
                delimiter.push(b'$');
                cursor.at += 1;
            }
            _ => break,
        }
    }
    (cursor.at > start).then_some(delimiter)
}
