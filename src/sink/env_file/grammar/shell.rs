//! Bytes -> where a shell's command ends, lines further on perhaps, and what of it is quoted, a comment, plain text.
//!
//! It follows quotes, substitutions, blocks, continued lines and here-documents as far as is needed to know where
//! the next line begins that stands for itself. It runs nothing and expands nothing.

use super::cursor::{Cursor, is_plain_sign, line_at};
use super::here_document::HereDocument;
use super::problem::DocumentError;

/// A part of a command that is not read as its words are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanKind {
    Comment,
    Quoted,
    Substitution,
    HereDocument,
}

/// Where such a part stands.
#[derive(Clone, Copy)]
pub(super) struct ShellSpan {
    pub(super) kind: SpanKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// One or more whole lines that a shell reads together.
pub(super) struct ShellCommand {
    pub(super) end: usize,
    /// In the order in which they begin.
    pub(super) spans: Vec<ShellSpan>,
}

/// Reads the command that begins on this line.
pub(super) fn command(bytes: &[u8], start: usize) -> Result<ShellCommand, DocumentError> {
    Scan {
        cursor: Cursor { bytes, at: start },
        open: Vec::new(),
        spans: Vec::new(),
        documents: Vec::new(),
        operator: None,
        at_word: true,
        at_command: true,
        in_function_head: false,
    }
    .run()
}

/// What the scan is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Double,
    Parameter,
    /// `${…}` between double quotes, where a single quote means itself.
    QuotedParameter,
    Arithmetic,
    Substitution,
    Group,
    /// Up to a word that closes it.
    Block(&'static str),
}

struct OpenConstruct {
    inside: Inside,
    at: usize,
}

struct Scan<'a> {
    cursor: Cursor<'a>,
    open: Vec<OpenConstruct>,
    spans: Vec<ShellSpan>,
    documents: Vec<HereDocument>,
    /// Where an operator stands that wants another command, on the next line if need be.
    operator: Option<usize>,
    at_word: bool,
    at_command: bool,
    in_function_head: bool,
}

impl Scan<'_> {
    fn run(mut self) -> Result<ShellCommand, DocumentError> {
        while let Some(byte) = self.cursor.peek() {
            if let Some(inside) = self.text() {
                self.step_in_text(inside, byte)?;
            } else if byte == b'\n' {
                self.cursor.at += 1;
                self.read_documents()?;
                if self.open.is_empty() && self.operator.is_none() {
                    return Ok(self.finished());
                }
                (self.at_word, self.at_command, self.in_function_head) = (true, true, false);
            } else {
                self.step_in_code(byte)?;
            }
        }
        if let Some(open) = self.open.last() {
            return Err(self.unclosed(open.at, open.inside.opening()));
        }
        if let Some(document) = self.documents.first() {
            return Err(self.unclosed(document.at, "<<"));
        }
        match self.operator {
            Some(at) => Err(self.unclosed(at, "|")),
            None => Ok(self.finished()),
        }
    }

    fn finished(mut self) -> ShellCommand {
        self.spans.sort_unstable_by_key(|span| span.start);
        ShellCommand { end: self.cursor.at, spans: self.spans }
    }

    fn unclosed(&self, at: usize, opening: &'static str) -> DocumentError {
        DocumentError::Unclosed { line: line_at(self.cursor.bytes, at), opening }
    }

    /// What the scan is inside of, where that is no code.
    fn text(&self) -> Option<Inside> {
        self.open.last().map(|open| open.inside).filter(|inside| inside.is_text())
    }

    fn step_in_text(&mut self, inside: Inside, byte: u8) -> Result<(), DocumentError> {
        let quotes_mean_themselves = matches!(inside, Inside::Double | Inside::QuotedParameter);
        match (inside, byte) {
            (_, b'\\') => self.cursor.skip_two(),
            (Inside::Double, b'"') => self.close_double()?,
            (Inside::Parameter | Inside::QuotedParameter, b'}') | (Inside::Arithmetic, b')') => self.close(),
            (Inside::Arithmetic, b'(') => self.push(Inside::Arithmetic, 1),
            (_, b'"') => self.push(Inside::Double, 1),
            (_, b'\'') if !quotes_mean_themselves => self.single()?,
            (_, b'`') => self.backticks()?,
            (_, b'$') => self.dollar(),
            _ => self.cursor.at += 1,
        }
        Ok(())
    }

    fn step_in_code(&mut self, byte: u8) -> Result<(), DocumentError> {
        match byte {
            b' ' | b'\t' | b'\r' => {
                self.cursor.at += 1;
                self.at_word = true;
                return Ok(());
            }
            b'\\' if matches!(self.cursor.peek_at(1), None | Some(b'\n')) => {
                self.cursor.skip_two();
                return Ok(());
            }
            b'#' if self.at_word => {
                let start = self.cursor.at;
                self.cursor.skip(|byte| byte != b'\n');
                self.record(SpanKind::Comment, start);
                return Ok(());
            }
            b';' | b'&' | b'|' => {
                self.separator(byte);
                return Ok(());
            }
            _ => self.operator = None,
        }
        match byte {
            b'(' => {
                self.parenthesis();
                return Ok(());
            }
            b')' => {
                self.at_word = true;
                if self
                    .open
                    .last()
                    .is_some_and(|open| matches!(open.inside, Inside::Substitution | Inside::Group))
                {
                    self.close();
                } else {
                    self.cursor.at += 1;
                    self.at_command = true;
                }
                return Ok(());
            }
            b'<' | b'>' => {
                self.redirection(byte);
                return Ok(());
            }
            b'\\' => self.cursor.skip_two(),
            b'\'' => self.single()?,
            b'"' => self.push(Inside::Double, 1),
            b'`' => self.backticks()?,
            b'$' => {
                self.dollar();
                return Ok(());
            }
            _ => {
                self.word();
                return Ok(());
            }
        }
        (self.at_word, self.at_command) = (false, false);
        Ok(())
    }

    fn separator(&mut self, byte: u8) {
        let start = self.cursor.at;
        self.cursor.at += 1;
        let is_double =
            self.cursor.peek() == Some(byte) || (byte == b'|' && self.cursor.peek() == Some(b'&'));
        self.cursor.at += usize::from(is_double);
        self.operator = (byte == b'|' || (byte == b'&' && is_double)).then_some(start);
        (self.at_word, self.at_command, self.in_function_head) = (true, true, false);
    }

    fn parenthesis(&mut self) {
        let before = self.cursor.at.checked_sub(1).and_then(|at| self.cursor.bytes.get(at));
        match self.cursor.peek_at(1) {
            // The head of a function.
            Some(b')') => {
                self.cursor.at += 2;
                (self.at_word, self.at_command) = (true, true);
            }
            Some(b'(') if self.at_command && self.at_word => {
                self.push(Inside::Arithmetic, 1);
                self.push(Inside::Arithmetic, 1);
            }
            _ if self.at_word || matches!(before, Some(b'=' | b'<' | b'>')) => self.push(Inside::Group, 1),
            // A shell stops at it; to all others it is a part of a value.
            _ => self.cursor.at += 1,
        }
    }

    fn redirection(&mut self, byte: u8) {
        self.at_word = true;
        let rest = self.cursor.rest();
        if rest.starts_with(b"<<<") {
            self.cursor.at += 3;
        } else if !rest.starts_with(b"<<") || !self.here_document() {
            self.cursor.at += 1;
            self.cursor.skip_if(|next| next == byte || matches!(next, b'&' | b'|'));
        }
    }

    /// Notes the here-document that `<<` announces, if it does.
    fn here_document(&mut self) -> bool {
        let Some(document) = HereDocument::announced(&mut self.cursor) else { return false };
        self.at_word = false;
        self.documents.push(document);
        true
    }

    /// Goes behind the here-documents that the line before announced.
    fn read_documents(&mut self) -> Result<(), DocumentError> {
        for document in std::mem::take(&mut self.documents) {
            let start = self.cursor.at;
            let Some(end) = document.finish(&mut self.cursor) else {
                return Err(self.unclosed(document.at, "<<"));
            };
            self.spans.push(ShellSpan { kind: SpanKind::HereDocument, start, end });
        }
        Ok(())
    }

    /// Reads a word up to the next sign that means something, and the blocks that its words begin and end.
    fn word(&mut self) {
        let word = self.cursor.skip(is_plain_sign);
        let is_whole = self.at_word
            && self.cursor.peek().is_none_or(|next| {
                matches!(next, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
            });
        let can_begin = self.at_command && is_whole;
        (self.at_word, self.at_command) = (false, false);
        let start = self.cursor.at - word.len();
        let closes = self
            .open
            .last()
            .is_some_and(|open| matches!(open.inside, Inside::Block(closing) if closing.as_bytes() == word));
        match word {
            _ if can_begin && closes => {
                self.open.pop();
            }
            b"{" if can_begin || (is_whole && self.in_function_head) => self.begin("}", start),
            b"if" if can_begin => self.begin("fi", start),
            b"do" if can_begin => self.begin("done", start),
            b"case" if can_begin => {
                self.open.push(OpenConstruct { inside: Inside::Block("esac"), at: start });
            }
            b"function" if can_begin => self.in_function_head = true,
            b"then" | b"else" | b"elif" | b"while" | b"until" | b"!" if can_begin => self.at_command = true,
            _ => {}
        }
    }

    fn begin(&mut self, closing: &'static str, at: usize) {
        self.open.push(OpenConstruct { inside: Inside::Block(closing), at });
        self.at_command = true;
    }

    fn dollar(&mut self) {
        let in_double =
            self.text().is_some_and(|inside| matches!(inside, Inside::Double | Inside::QuotedParameter));
        (self.at_word, self.at_command) = (false, false);
        let rest = self.cursor.rest();
        if rest.starts_with(b"$((") {
            self.push(Inside::Arithmetic, 2);
            self.push(Inside::Arithmetic, 1);
        } else if rest.starts_with(b"$(") {
            self.push(Inside::Substitution, 2);
            (self.at_word, self.at_command) = (true, true);
        } else if rest.starts_with(b"${") {
            self.push(if in_double { Inside::QuotedParameter } else { Inside::Parameter }, 2);
        } else {
            self.cursor.at += 1;
        }
    }

    fn push(&mut self, inside: Inside, length: usize) {
        self.open.push(OpenConstruct { inside, at: self.cursor.at });
        self.cursor.at += length;
        if inside == Inside::Group {
            (self.at_word, self.at_command) = (true, true);
        }
    }

    /// Goes behind the sign that closes what is open.
    fn close(&mut self) {
        self.cursor.at += 1;
        let Some(open) = self.open.pop() else { return };
        self.at_command = false;
        self.at_word = open.inside == Inside::Group;
        match open.inside {
            _ if self.text().is_some() => {}
            Inside::Double => self.record(SpanKind::Quoted, open.at),
            Inside::Group | Inside::Block(_) => {}
            _ => self.record(SpanKind::Substitution, open.at),
        }
    }

    /// Closes double quotes.
    fn close_double(&mut self) -> Result<(), DocumentError> {
        let start = self.open.last().map_or(self.cursor.at, |open| open.at);
        self.close();
        self.refuse_escaped(start, '"')
    }

    /// Goes behind a text in single quotes.
    fn single(&mut self) -> Result<(), DocumentError> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        self.cursor.skip(|byte| byte != b'\'');
        if self.cursor.peek().is_none() {
            return Err(self.unclosed(start, "'"));
        }
        self.cursor.at += 1;
        self.record_quotes(start);
        self.refuse_escaped(start, '\'')
    }

    /// Refuses a value of which the last quote has a backslash before it: a shell ends the value there, Node's
    /// dotenv (between double quotes) and Python's (between single ones) look for another quote, lines below.
    fn refuse_escaped(&self, start: usize, quote: char) -> Result<(), DocumentError> {
        let before = self.cursor.bytes.get(..start).unwrap_or_default().trim_ascii_end();
        if matches!(before.last(), Some(b'=' | b':'))
            && self.cursor.since(start + 1).iter().rev().nth(1) == Some(&b'\\')
        {
            return Err(DocumentError::EscapedQuote {
                line: line_at(self.cursor.bytes, self.cursor.at),
                quote,
            });
        }
        Ok(())
    }

    fn backticks(&mut self) -> Result<(), DocumentError> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        loop {
            match self.cursor.peek() {
                None => return Err(self.unclosed(start, "`")),
                Some(b'`') => break,
                Some(b'\\') => self.cursor.skip_two(),
                Some(_) => self.cursor.at += 1,
            }
        }
        self.cursor.at += 1;
        self.record_quotes(start);
        Ok(())
    }

    fn record_quotes(&mut self, start: usize) {
        if self.text().is_none() {
            self.record(SpanKind::Quoted, start);
        }
    }

    fn record(&mut self, kind: SpanKind, start: usize) {
        self.spans.push(ShellSpan { kind, start, end: self.cursor.at });
    }
}

impl Inside {
    /// Whether words, comments and commands mean nothing there.
    fn is_text(self) -> bool {
        matches!(self, Self::Double | Self::Parameter | Self::QuotedParameter | Self::Arithmetic)
    }

    fn opening(self) -> &'static str {
        match self {
            Self::Double => "\"",
            Self::Parameter | Self::QuotedParameter => "${",
            Self::Substitution => "$(",
            Self::Arithmetic | Self::Group => "(",
            Self::Block("fi") => "if",
            Self::Block("esac") => "case",
            Self::Block("done") => "do",
            Self::Block(_) => "{",
        }
    }
}
