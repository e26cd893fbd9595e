//! What is wrong with a profile, and where: a stable code, a line of what, the place, the fix.
//!
//! Later stages that find fault with a value of a profile (a permission that no catalogue knows) speak in
//! diagnostics too, because the value knows where it was written.

use super::codes::DiagnosticCode;
use std::ops::Range;
use std::sync::Arc;

/// The text of one profile file, kept for the snippets of its diagnostics.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user wrote it.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// The line and column of a byte, both from 1; the column counts characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let mut before = offset.min(self.text.len());
        while !self.text.is_char_boundary(before) {
            before -= 1;
        }
        let head = &self.text[..before];
        let start = head.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: head.matches('\n').count() + 1, column: head[start..].chars().count() + 1 }
    }
}

/// A place in a file, for people and for JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
}

/// A stretch of a source, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

/// A value that knows where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the profile's source.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Turns the value into another at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is written anywhere while one stands.
    Error,
    /// Works, but is likely not what is wanted; `check --strict` makes it count.
    Warning,
    /// Worth knowing: a name that was understood as another.
    Note,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One finding about a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// A stable code, such as `profile.unknown-permission`.
    pub code: DiagnosticCode,
    /// What is wrong, one line.
    pub message: String,
    /// The file it is about.
    pub source: Arc<Source>,
    /// Where, and a word for the underline (may be empty); none for a fault of the whole file.
    pub place: Option<(Span, String)>,
    /// A second place that matters, as the first of two duplicates.
    pub also: Option<(Span, String)>,
    /// A line to write or a command to run instead; may be empty.
    pub hint: String,
}

impl Diagnostic {
    /// Gives the underline a word.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        if let Some((_, underline)) = &mut self.place {
            *underline = label.into();
        }
        self
    }

    /// Points at a second place.
    pub fn also(&mut self, span: Span, label: impl Into<String>) -> &mut Self {
        self.also = Some((span, label.into()));
        self
    }

    /// Says what to write or run instead.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = hint.into();
        self
    }

    /// The line and column of its place.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.place.as_ref().map(|(span, _)| self.source.position(span.start))
    }
}
