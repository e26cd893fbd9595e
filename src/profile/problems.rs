//! What was found wrong so far; every step of this room adds to it and goes on.

use std::sync::Arc;

use super::codes::DiagnosticCode;
use super::diagnostic::{Diagnostic, Severity, Source, Span};
use crate::text::one_line_of;

/// How many diagnostics of one file are worth reading.
const MOST: usize = 100;

/// The findings about one source, in the order in which they were made.
#[derive(Debug, Clone)]
pub(super) struct Problems {
    source: Arc<Source>,
    found: Vec<Diagnostic>,
}

impl Problems {
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source, found: Vec::new() }
    }

    pub(super) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Adds an error at a place.
    pub(super) fn error(
        &mut self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Error, code, Some(span), message.into())
    }

    /// Adds an error about the whole file.
    pub(super) fn error_of_file(
        &mut self,
        code: DiagnosticCode,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Error, code, None, message.into())
    }

    /// Adds a lint.
    pub(super) fn warning(
        &mut self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Warning, code, Some(span), message.into())
    }

    /// Adds a lint about the whole file.
    pub(super) fn warning_of_file(
        &mut self,
        code: DiagnosticCode,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Warning, code, None, message.into())
    }

    /// Adds a remark.
    pub(super) fn note(
        &mut self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.add(Severity::Note, code, Some(span), message.into())
    }

    fn add(
        &mut self,
        severity: Severity,
        code: DiagnosticCode,
        span: Option<Span>,
        message: String,
    ) -> &mut Diagnostic {
        self.found.push(Diagnostic {
            severity,
            code,
            message,
            source: Arc::clone(&self.source),
            place: span.map(|span| (span, String::new())),
            also: None,
            hint: String::new(),
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Takes over what another step found.
    pub(super) fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// The last finding, if it was made after there were `before`.
    pub(super) fn last_since(&mut self, before: usize) -> Option<&mut Diagnostic> {
        if self.found.len() > before { self.found.last_mut() } else { None }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The findings in the order of the file, faults of the whole file first; errors before the rest where
    /// there are more than anyone reads.
    pub(super) fn into_list(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        if found.len() > MOST {
            found.sort_by_key(|diagnostic| diagnostic.severity);
            found.truncate(MOST);
        }
        found.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|(span, _)| span.start));
        found
    }
}

/// A text as it may be quoted in a message: one line, not too long, nothing invisible.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    format!("`{}`", one_line_of(text, LONGEST))
}

/// The candidate that a text was probably meant to be.
#[must_use]
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer texts are no slips of the finger, and comparing them would cost.
    const LONGEST: usize = 64;
    if text.len() > LONGEST {
        return None;
    }
    let folded = text.to_lowercase().replace('-', "_");
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| {
            let distance = strsim::osa_distance(&folded, &candidate.to_lowercase().replace('-', "_"));
            (distance, candidate)
        })
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A list of words for a hint: `a`, `b` or `c`.
#[must_use]
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}
