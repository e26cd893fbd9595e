//! Bytes -> the pieces of a document: where a definition begins, where its value ends, what is left alone.
//!
//! A definition is a line that shells, `dotenvy`, python-dotenv and Node's dotenv all find in the same place, its
//! value included. All else is kept as it is; whether it concerns a variable is asked when the variable is. Only
//! what makes every line behind it doubtful refuses the whole file.

mod cursor;
mod here_document;
mod mention;
mod problem;
mod shell;

use zeroize::Zeroizing;

pub use problem::{DocumentError, Unfit};

use cursor::{Cursor, is_blank, line_at};
use shell::{ShellCommand, ShellSpan, SpanKind};

/// Bytes of an env file: any of them may be part of a secret, so they are wiped when dropped.
pub(super) type Text = Zeroizing<Vec<u8>>;

/// What UTF-8 files of some editors begin with.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One or more whole lines, with their ends.
#[derive(Clone)]
pub(super) enum Segment {
    /// A comment, an empty line, or something that is no plain definition.
    Other(Other),
    /// The definition of a variable.
    Definition(Definition),
}

/// Lines that are kept as they are.
#[derive(Clone)]
pub(super) struct Other {
    pub(super) text: Text,
    line: usize,
    spans: Vec<ShellSpan>,
    /// The variable that it defines to some programs, and why not to all.
    unfit: Option<(Vec<u8>, Unfit)>,
}

/// The definition of a variable, which may span lines. Its parts in their order make up its text.
#[derive(Clone)]
pub(super) struct Definition {
    /// The variable's name, which `head` holds too.
    pub(super) name: Vec<u8>,
    /// All before the value: indent, `export`, name, equals sign, space.
    pub(super) head: Text,
    /// The value as written, with its quotes.
    pub(super) value: Text,
    /// All behind the value: space, comment, end of line.
    pub(super) tail: Text,
    pub(super) line: usize,
}

impl Other {
    /// Text that defines nothing.
    pub(super) fn plain(text: &[u8]) -> Self {
        Self { text: Zeroizing::new(text.to_vec()), line: 0, spans: Vec::new(), unfit: None }
    }
}

impl Segment {
    /// Says why a variable cannot be read or edited in the document because of this piece, if it is so.
    pub(super) fn refuse(&self, name: &str) -> Result<(), DocumentError> {
        let (line, found) = match self {
            Self::Other(Other { unfit: Some((unfit, why)), line, .. }) if unfit == name.as_bytes() => {
                (*line, Some((0, *why)))
            }
            Self::Other(other) => (other.line, mention::in_command(&other.text, &other.spans, name)),
            Self::Definition(found) if found.name == name.as_bytes() => return Ok(()),
            Self::Definition(found) => (found.line, mention::in_value(&found.value, name)),
        };
        match found {
            Some((ahead, unfit)) => {
                Err(DocumentError::Variable { line: line + ahead, name: name.to_owned(), unfit })
            }
            None => Ok(()),
        }
    }
}

/// Takes a file's content apart; the pieces together are the content.
pub(super) fn pieces(bytes: &[u8]) -> Result<Vec<Segment>, DocumentError> {
    refuse_signs(bytes)?;
    let mut pieces = Vec::new();
    let (mut at, mut line) = (0, 1);
    if bytes.starts_with(BYTE_ORDER_MARK) {
        at = BYTE_ORDER_MARK.len();
        pieces.push(Segment::Other(Other::plain(BYTE_ORDER_MARK)));
    }
    while at < bytes.len() {
        let mut cursor = Cursor { bytes, at };
        cursor.skip(is_blank);
        if cursor.rest().starts_with(BYTE_ORDER_MARK) {
            return Err(DocumentError::LateMark { line });
        }
        let command = shell::command(bytes, at)?;
        let text = bytes.get(at..command.end).unwrap_or_default();
        pieces.push(piece(bytes, at, &command, line));
        line += text.split(|byte| *byte == b'\n').skip(1).count();
        at = command.end;
    }
    Ok(pieces)
}

/// Refuses the signs that part lines, or the whole text, for some programs only.
fn refuse_signs(bytes: &[u8]) -> Result<(), DocumentError> {
    for (at, byte) in bytes.iter().enumerate() {
        let rest = bytes.get(at..).unwrap_or_default();
        match byte {
            0 => return Err(DocumentError::NotText { line: line_at(bytes, at) }),
            b'\r' if !rest.starts_with(b"\r\n") => {
                return Err(DocumentError::LoneReturn { line: line_at(bytes, at) });
            }
            0xE2 if rest.starts_with("\u{2028}".as_bytes()) || rest.starts_with("\u{2029}".as_bytes()) => {
                return Err(DocumentError::LineSeparator { line: line_at(bytes, at) });
            }
            _ => {}
        }
    }
    Ok(())
}

fn piece(bytes: &[u8], start: usize, command: &ShellCommand, line: usize) -> Segment {
    let unfit = match definition(bytes, start, command, line) {
        Some(Ok(definition)) => return Segment::Definition(definition),
        Some(Err(unfit)) => Some(unfit),
        None => None,
    };
    let text = bytes.get(start..command.end).unwrap_or_default();
    let shifted =
        |span: &ShellSpan| ShellSpan { kind: span.kind, start: span.start - start, end: span.end - start };
    Segment::Other(Other {
        text: Zeroizing::new(text.to_vec()),
        line,
        spans: command.spans.iter().map(shifted).collect(),
        unfit,
    })
}

/// Reads `[export] NAME = value  # comment` or `NAME: value`; `None` where the line is something else, and an error
/// where it begins like one and programs read on differently.
fn definition(
    bytes: &[u8],
    start: usize,
    command: &ShellCommand,
    line: usize,
) -> Option<Result<Definition, (Vec<u8>, Unfit)>> {
    let mut cursor = Cursor { bytes, at: start };
    let (name, sign) = head(&mut cursor)?;
    let after_sign = cursor.at;
    let blanks = cursor.skip(is_blank).len();
    if cursor.is_at_line_end() || cursor.peek() == Some(b'#') {
        // The space belongs to what follows the empty value: a shell takes no value behind a space.
        cursor.at = after_sign + if sign == Sign::Colon { blanks.min(1) } else { 0 };
    }
    if sign == Sign::Colon && blanks == 0 {
        return Some(Err((name.to_vec(), Unfit::Colon)));
    }
    let value_start = cursor.at;
    let text = |from: usize, to: usize| Zeroizing::new(bytes.get(from..to).unwrap_or_default().to_vec());
    let value = Value { cursor, spans: &command.spans };
    Some(match value.end() {
        Ok((end, line_end)) if line_end == command.end => Ok(Definition {
            name: name.to_vec(),
            head: text(start, value_start),
            value: text(value_start, end),
            tail: text(end, line_end),
            line,
        }),
        Ok(_) => Err((name.to_vec(), Unfit::ManyLines)),
        Err(unfit) => Err((name.to_vec(), unfit)),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Equals,
    Colon,
}

/// Reads up to the sign between name and value.
fn head<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], Sign)> {
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
    if name.is_empty() {
        return None;
    }
    if cursor.skip_if(|byte| byte == b':') {
        return Some((name, Sign::Colon));
    }
    cursor.skip(is_blank);
    cursor.skip_if(|byte| byte == b'=').then_some((name, Sign::Equals))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// A value that is being read, and the parts that a shell sees in it.
struct Value<'a> {
    cursor: Cursor<'a>,
    spans: &'a [ShellSpan],
}

impl Value<'_> {
    /// Finds the end of the value and of its line.
    fn end(mut self) -> Result<(usize, usize), Unfit> {
        let may_touch_comment = match self.cursor.peek() {
            _ if self.cursor.is_at_line_end() => true,
            Some(b'#') => true,
            Some(b'(') => return Err(Unfit::ManyLines),
            Some(b'<') => self.placeholder()?,
            Some(b'"' | b'\'' | b'`') => self.quoted()?,
            _ => self.plain()?,
        };
        let end = self.cursor.at;
        let blanks = self.cursor.skip(is_blank).len();
        match self.cursor.peek() {
            _ if self.cursor.is_at_line_end() => {}
            Some(b'#') if blanks > 0 || may_touch_comment => {}
            Some(b'#') => return Err(Unfit::CommentSign),
            Some(b'\\') => return Err(self.backslash(Unfit::MoreFollows)),
            _ => return Err(Unfit::MoreFollows),
        }
        self.cursor.at += self.cursor.line().len();
        self.cursor.skip_if(|byte| byte == b'\n');
        Ok((end, self.cursor.at))
    }

    /// `<paste it here>`: no shell goes on behind it, and all others take it as it is.
    fn placeholder(&mut self) -> Result<bool, Unfit> {
        let opening = self.cursor.skip(|byte| byte == b'<').len();
        let inner = self.cursor.skip(|byte| !matches!(byte, b'<' | b'>' | b'\r' | b'\n'));
        let closing = self.cursor.skip(|byte| byte == b'>').len();
        let is_plain = !inner.is_empty() && !inner.iter().any(|byte| b"\"'`\\$;&|()#".contains(byte));
        if is_plain && opening == closing && opening <= 2 { Ok(false) } else { Err(Unfit::MoreFollows) }
    }

    /// A word that begins with a quote, as a shell reads words: `'it'\''s'` is one. Says whether a comment may
    /// touch it: `A="b"#c` is a comment to some programs and part of the value to others, which all agree on `b`.
    fn quoted(&mut self) -> Result<bool, Unfit> {
        let start = self.cursor.at;
        let quote = self.cursor.peek().unwrap_or_default();
        self.cursor.at += 1;
        while self.cursor.peek().is_some_and(|byte| byte != quote) {
            if quote != b'\'' && self.cursor.peek() == Some(b'\\') {
                if quote == b'"' && self.cursor.peek_at(1) == Some(b'\n') {
                    return Err(Unfit::Continued);
                }
                self.cursor.skip_two();
            } else {
                self.cursor.at += 1;
            }
        }
        self.cursor.at += 1;
        // `"$(echo "x")"`: to a shell the first quote is closed by the last one, to others by the next.
        if self.span_at(start).is_none_or(|span| span.end != self.cursor.at) {
            return Err(Unfit::InnerQuotes);
        }
        let has_lines = self.cursor.since(start).contains(&b'\n');
        let end = self.cursor.at;
        while !self.cursor.is_at_line_end() {
            match self.cursor.peek() {
                None | Some(b' ' | b'\t') => break,
                Some(b'#') if self.cursor.at == end => break,
                Some(b'#') => return Err(Unfit::CommentSign),
                _ if has_lines => return Err(Unfit::InnerQuotes),
                Some(b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => return Err(Unfit::MoreFollows),
                Some(b'\\') if matches!(self.cursor.peek_at(1), None | Some(b'\n' | b'\r')) => {
                    return Err(Unfit::Continued);
                }
                Some(b'\\') => self.cursor.skip_two(),
                Some(_) => match self.span_at(self.cursor.at) {
                    Some(span) if self.is_one_line(span) && span.kind == SpanKind::Quoted => {
                        self.cursor.at = span.end;
                    }
                    Some(_) => return Err(Unfit::InnerQuotes),
                    None => self.cursor.at += 1,
                },
            }
        }
        Ok(self.cursor.at == end)
    }

    /// A word without quotes.
    fn plain(&mut self) -> Result<bool, Unfit> {
        let start = self.cursor.at;
        while !self.cursor.is_at_line_end() {
            match self.cursor.peek() {
                None | Some(b' ' | b'\t') => break,
                Some(b'"' | b'\'' | b'`') => return Err(Unfit::InnerQuotes),
                Some(b'\\') => return Err(self.backslash(Unfit::Backslash)),
                Some(b'#') => return Err(Unfit::CommentSign),
                Some(b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => return Err(Unfit::MoreFollows),
                Some(b'$') => match self.span_at(self.cursor.at) {
                    Some(span) if !self.is_one_line(span) => return Err(Unfit::ManyLines),
                    Some(span) => {
                        self.cursor.at = span.end;
                        let has_sign = self.cursor.since(span.start).contains(&b'#');
                        if has_sign {
                            return Err(Unfit::CommentSign);
                        }
                    }
                    None => self.cursor.at += 1,
                },
                Some(_) => self.cursor.at += 1,
            }
        }
        let text = String::from_utf8_lossy(self.cursor.since(start));
        if text
            .contains(|sign: char| sign == '\u{feff}' || sign.is_whitespace() && !matches!(sign, ' ' | '\t'))
        {
            return Err(Unfit::OddSpace);
        }
        Ok(false)
    }

    /// What a backslash means: at the end of a line, that the next one belongs to it.
    fn backslash(&self, otherwise: Unfit) -> Unfit {
        match self.cursor.peek_at(1) {
            None | Some(b'\n') => Unfit::Continued,
            _ => otherwise,
        }
    }

    fn span_at(&self, start: usize) -> Option<ShellSpan> {
        let at = self.spans.binary_search_by_key(&start, |span| span.start).ok()?;
        self.spans.get(at).copied()
    }

    fn is_one_line(&self, span: ShellSpan) -> bool {
        !Cursor { at: span.end, ..self.cursor }.since(span.start).contains(&b'\n')
    }
}
