//! Bytes -> the pieces of a document: where a definition begins, where its value ends, what is left alone.
//!
//! The grammar is what shells, `dotenvy`, python-dotenv and Node's dotenv have in common, read generously. Text on
//! which they differ so far that an edit could come out wrong is refused with its line.

use zeroize::Zeroizing;

use super::document::{Definition, Piece, Text};

/// What UTF-8 files of some editors begin with.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Why a file's content cannot be edited safely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A value begins with a quote that nothing closes.
    #[error("line {line} opens a quote ({quote}) that is never closed")]
    Unclosed {
        /// The line, from 1.
        line: usize,
        /// The quote.
        quote: char,
    },
    /// A carriage return stands alone: to some programs a line ends there.
    #[error("line {line} has a carriage return without a line feed")]
    LoneReturn {
        /// The line, from 1.
        line: usize,
    },
    /// A byte order mark stands where a line begins that is not the first: to some programs it is white space, to
    /// others a part of the name.
    #[error("line {line} begins with a byte order mark, as where two files were joined: take it out")]
    LateMark {
        /// The line, from 1.
        line: usize,
    },
    /// The file is no text of single bytes: it holds NUL, as UTF-16 does.
    #[error("line {line} has a NUL byte: the file is not UTF-8 (perhaps UTF-16)")]
    NotText {
        /// The line, from 1.
        line: usize,
    },
}

impl DocumentError {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::Unclosed { line, .. }
            | Self::LoneReturn { line }
            | Self::LateMark { line }
            | Self::NotText { line } => *line,
        }
    }
}

/// Takes a file's content apart; the pieces together are the content.
pub(super) fn pieces(bytes: &[u8]) -> Result<Vec<Piece>, DocumentError> {
    if let Some(position) = bytes.iter().position(|byte| *byte == 0) {
        return Err(DocumentError::NotText { line: line_at(bytes, position) });
    }
    let mut cursor = Cursor { bytes, at: 0 };
    let mut pieces = Vec::new();
    if bytes.starts_with(BYTE_ORDER_MARK) {
        cursor.at = BYTE_ORDER_MARK.len();
        pieces.push(Piece::Other(cursor.text(0)));
    }
    while cursor.peek().is_some() {
        let start = cursor.at;
        cursor.skip(is_blank);
        if bytes.get(cursor.at..).is_some_and(|rest| rest.starts_with(BYTE_ORDER_MARK)) {
            return Err(DocumentError::LateMark { line: line_at(bytes, start) });
        }
        cursor.at = start;
        let piece = if let Some(definition) = definition(&mut cursor)? {
            Piece::Definition(definition)
        } else {
            cursor.at = start;
            cursor.finish_line()?;
            Piece::Other(cursor.text(start))
        };
        pieces.push(piece);
    }
    Ok(pieces)
}

/// Whether a byte is white space within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

/// Reads `[export] NAME = value  # comment`; `None` where the line is something else.
fn definition(cursor: &mut Cursor<'_>) -> Result<Option<Definition>, DocumentError> {
    let start = cursor.at;
    cursor.skip(is_blank);
    let mut name = cursor.skip(is_name);
    if name == b"export" {
        let after_export = cursor.at;
        cursor.skip(is_blank);
        match cursor.skip(is_name) {
            // `export = 1` defines a variable of that name.
            b"" => cursor.at = after_export,
            exported => name = exported,
        }
    }
    cursor.skip(is_blank);
    if name.is_empty() || cursor.peek() != Some(b'=') {
        return Ok(None);
    }
    cursor.at += 1;
    let after_equals = cursor.at;
    cursor.skip(is_blank);
    if cursor.at_end_of_line() || cursor.peek() == Some(b'#') {
        // The space belongs to what follows the empty value: a shell takes no value behind a space.
        cursor.at = after_equals;
    }
    let head = cursor.text(start);
    let value_start = cursor.at;
    if matches!(cursor.peek(), Some(b'"' | b'\'' | b'`')) {
        cursor.skip_quoted_word()?;
    }
    cursor.skip_to_comment();
    let value = cursor.text(value_start);
    let tail_start = cursor.at;
    cursor.finish_line()?;
    Ok(Some(Definition { name: name.to_vec(), head, value, tail: cursor.text(tail_start) }))
}

/// A place in the content.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn text(&self, start: usize) -> Text {
        Zeroizing::new(self.since(start).to_vec())
    }

    fn skip(&mut self, wanted: fn(u8) -> bool) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(wanted) {
            self.at += 1;
        }
        self.since(start)
    }

    fn at_end_of_line(&self) -> bool {
        matches!((self.peek(), self.peek_at(1)), (None | Some(b'\n'), _) | (Some(b'\r'), Some(b'\n')))
    }

    /// Goes behind the end of the line.
    fn finish_line(&mut self) -> Result<(), DocumentError> {
        while !self.at_end_of_line() {
            if self.peek() == Some(b'\r') {
                return Err(DocumentError::LoneReturn { line: line_at(self.bytes, self.at) });
            }
            self.at += 1;
        }
        self.skip(|byte| byte == b'\r');
        if self.peek() == Some(b'\n') {
            self.at += 1;
        }
        Ok(())
    }

    /// Goes behind a word that begins with a quote, as a shell reads words: `'it'\''s'` is one.
    fn skip_quoted_word(&mut self) -> Result<(), DocumentError> {
        let start = self.at;
        while !self.at_end_of_line() {
            match self.peek() {
                Some(quote @ (b'"' | b'\'' | b'`')) => {
                    self.skip_quotes(quote).ok_or_else(|| DocumentError::Unclosed {
                        line: line_at(self.bytes, start),
                        quote: char::from(quote),
                    })?;
                }
                Some(b'\\') if !matches!(self.peek_at(1), None | Some(b'\n' | b'\r')) => self.at += 2,
                None | Some(b'#' | b' ' | b'\t' | b'\r') => break,
                Some(_) => self.at += 1,
            }
        }
        Ok(())
    }

    /// Goes from a quote behind the one that closes it.
    fn skip_quotes(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                byte if byte == quote => break,
                b'\\' if quote != b'\'' || (self.peek_at(1) == Some(b'\'') && !self.closes_behind(2)) => {
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// Whether nothing but space and a comment follows on the line. It settles what `\'` means between single
    /// quotes: a shell closes the quote there, python-dotenv and Node's dotenv go on.
    fn closes_behind(&self, ahead: usize) -> bool {
        let mut rest = Cursor { bytes: self.bytes, at: self.at + ahead };
        rest.skip(is_blank);
        rest.at_end_of_line() || rest.peek() == Some(b'#')
    }

    /// Goes behind the last byte of a value: to the space before a comment, or the space at the end of the line.
    fn skip_to_comment(&mut self) {
        let mut end = self.at;
        let mut probe = Cursor { bytes: self.bytes, at: self.at };
        let mut after_blank = true;
        while !probe.at_end_of_line() && probe.peek() != Some(b'\r') {
            let Some(byte) = probe.peek() else { break };
            if byte == b'#' && after_blank {
                break;
            }
            after_blank = is_blank(byte);
            probe.at += 1;
            if !after_blank {
                end = probe.at;
            }
        }
        self.at = end;
    }
}
