//! A place in the content of an env file, and steps from it.

/// A place in the content.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Goes on while the bytes are wanted, and returns them.
    pub(super) fn skip(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        self.since(start)
    }

    /// Goes behind one byte if it is wanted.
    pub(super) fn skip_if(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let is_wanted = self.peek().is_some_and(wanted);
        self.at += usize::from(is_wanted);
        is_wanted
    }

    /// Goes behind a backslash and what it escapes.
    pub(super) fn skip_two(&mut self) {
        self.at = (self.at + 2).min(self.bytes.len());
    }

    /// The rest of the line, without its line feed.
    pub(super) fn line(&self) -> &'a [u8] {
        let rest = self.rest();
        rest.split(|byte| *byte == b'\n').next().unwrap_or(rest)
    }

    pub(super) fn is_at_line_end(&self) -> bool {
        matches!((self.peek(), self.peek_at(1)), (None | Some(b'\n'), _) | (Some(b'\r'), Some(b'\n')))
    }
}

/// Whether a byte is white space within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The line of a place, from 1.
pub(super) fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

/// Whether a byte is none at which a shell's word ends or changes.
pub(super) fn is_plain_sign(byte: u8) -> bool {
    !matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b';'
            | b'&'
            | b'|'
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'\''
            | b'"'
            | b'`'
            | b'$'
            | b'\\'
    )
}
