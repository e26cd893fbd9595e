//! Diagnostics -> text for a person, drawn as rustc draws them.
//!
//! A profile may come from anyone: whatever stands in it, what is printed is short, and no character of it
//! reaches the terminal that would steer it.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::profile::{Diagnostic, Severity, Source, Span};
use crate::secret::masked;
use crate::text::{is_unseen, one_line_of};

/// How many characters of a message or hint are printed.
const LONGEST_LINE: usize = 400;

/// How many characters a source line may have on either side of what is pointed at.
const LONGEST_CONTEXT: usize = 2000;

/// Draws the diagnostics one after the other, each with its code, its place, the line it is about, a second
/// place and the hint, where it has them.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut drawn = String::new();
    for diagnostic in diagnostics {
        drawn.push_str(&render_one(diagnostic, &renderer));
        drawn.push_str("\n\n");
    }
    drawn.truncate(drawn.trim_end().len());
    if !drawn.is_empty() {
        drawn.push('\n');
    }
    drawn
}

fn render_one(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group =
        Group::with_title(level.primary_title(line(&diagnostic.message)).id(diagnostic.code.text()));
    let path = line(&diagnostic.source.path);
    let excerpt = excerpt(diagnostic);
    let is_bare = excerpt.is_none();
    group = if let Some(excerpt) = excerpt {
        let snippet = Snippet::source(excerpt.text)
            .line_start(excerpt.first_line)
            .path(path)
            .annotations(excerpt.annotations);
        group.element(snippet)
    } else {
        let origin = Origin::path(path);
        group.element(match diagnostic.position() {
            Some(place) => origin.line(place.line).char_column(place.column),
            None => origin,
        })
    };
    if !diagnostic.hint.is_empty() {
        group = group.element(Level::HELP.message(line(&diagnostic.hint)));
    }
    let drawn = renderer.render(&[group]);
    if !is_bare {
        return drawn;
    }
    // Without a line's number the arrow would stand further left than everywhere else.
    drawn.replace('\n', "\n ")
}

/// The lines of a source that a diagnostic is about, fit to be printed.
struct Excerpt {
    text: String,
    first_line: usize,
    annotations: Vec<Annotation<'static>>,
}

/// Cuts out the lines; `None` where there is no place, or a line too long to be of use.
fn excerpt(diagnostic: &Diagnostic) -> Option<Excerpt> {
    let source = &diagnostic.source;
    let (place, label) = diagnostic.place.as_ref()?;
    let place = on_one_line(source, *place);
    let mut marks = vec![(place, label, AnnotationKind::Primary)];
    if let Some((span, label)) = &diagnostic.also {
        marks.push((on_one_line(source, *span), label, AnnotationKind::Context));
    }
    let start = marks.iter().map(|(span, ..)| line_of(source, span.start).start).min()?;
    let end = marks.iter().map(|(span, ..)| line_of(source, span.end).end).max()?;
    // A file given for a profile by mistake may be an env file.
    let written = &masked(source.text.get(start..end)?);
    if written.lines().any(|line| line.len() > LONGEST_CONTEXT) {
        return None;
    }
    let (text, offsets) = seen(written);
    let annotations = marks.into_iter().map(|(span, label, kind)| {
        let at = |offset: usize| offsets.get(offset.saturating_sub(start)).copied().unwrap_or(text.len());
        let annotation = kind.span(at(span.start)..at(span.end));
        if label.is_empty() { annotation } else { annotation.label(line(label)) }
    });
    let annotations = annotations.collect();
    Some(Excerpt { first_line: source.position(start).line, annotations, text })
}

/// The line around a byte, without its end.
fn line_of(source: &Source, offset: usize) -> Span {
    let offset = offset.min(source.text.len());
    let bytes = source.text.as_bytes();
    let before = bytes.iter().take(offset).rposition(|byte| *byte == b'\n');
    let after = bytes.iter().skip(offset).position(|byte| *byte == b'\n');
    Span {
        start: before.map_or(0, |newline| newline + 1),
        end: after.map_or(source.text.len(), |distance| offset + distance),
    }
}

/// A span cut to its first line.
fn on_one_line(source: &Source, span: Span) -> Span {
    let line = line_of(source, span.start);
    let start = span.start.min(line.end);
    Span { start, end: span.end.clamp(start, line.end) }
}

/// The text with a sign in place of every character that is not to be seen, and where each byte went.
fn seen(text: &str) -> (String, Vec<usize>) {
    let mut shown = String::with_capacity(text.len());
    let mut offsets = Vec::with_capacity(text.len() + 1);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        offsets.extend(std::iter::repeat_n(shown.len(), character.len_utf8()));
        let ends_line = character == '\r' && matches!(characters.peek(), Some('\n') | None);
        if ends_line {
            continue;
        }
        let is_kept = matches!(character, '\n' | '\t') || !is_unseen(character);
        shown.push(if is_kept { character } else { char::REPLACEMENT_CHARACTER });
    }
    offsets.push(shown.len());
    (shown, offsets)
}

/// A text as one line, not too long.
fn line(text: &str) -> String {
    one_line_of(&text.replace(['\n', '\t'], " "), LONGEST_LINE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::profile::{ProfileFile, ResolveOptions, Unset};

    fn drawn(text: &str) -> String {
        let diagnostics = match ProfileFile::from_bytes("profiles/app.yaml", text.as_bytes().to_vec()) {
            Err(diagnostics) => diagnostics,
            Ok(file) => {
                let now = DateTime::<Utc>::UNIX_EPOCH;
                let choice = ResolveOptions {
                    environment: None,
                    features: &[],
                    variables: &|_| None,
                    now,
                    unset: Unset::Error,
                };
                file.resolve(&choice).diagnostics
            }
        };
        render(&diagnostics, false)
    }

    #[test]
    fn problems_are_drawn_as_rustc_draws_them() {
        let text = "\
version: 1
name: app
permissions:
  zone:
    Access: Apps and Policies: edit
resources: { zones: [\"zürich.example\", all] }
ttl: 90 days
ttl: 90d
";
        insta::assert_snapshot!(drawn(text));
    }

    #[test]
    fn a_problem_of_the_whole_file_names_the_file() {
        insta::assert_snapshot!(drawn(""), @r"
        error[profile.empty]: the file is empty
         --> profiles/app.yaml
          = help: begin with `version: 1`, `name: myapp-deploy` and `permissions: { zone: { DNS: edit } }`
        ");
    }

    #[test]
    fn nothing_in_a_source_steers_the_terminal() {
        let drawn = drawn("version: 1\nname: \"a\u{1b}[2J\u{9b}2J\u{202e}\u{7}\" \r x\n\u{85}? \u{0}\n");
        let steers = |character: &char| character.is_control() && *character != '\n';
        assert_eq!(drawn.chars().find(steers), None, "{drawn:?}");
        assert!(!drawn.contains('\u{202e}'));
        assert!(drawn.contains("profiles/app.yaml:2:9"), "{drawn}");
    }

    #[test]
    fn a_huge_line_is_not_printed() {
        let huge = "x".repeat(100_000);
        for text in [
            format!("version: {huge}\n"),
            format!("{huge}: 1\n"),
            format!("a: [{huge}"),
            "y".repeat(20_000_000),
        ] {
            let drawn = drawn(&text);
            assert!(!drawn.is_empty() && drawn.len() < 4000, "{}", drawn.len());
        }
    }

    #[test]
    fn colour_is_there_when_asked_for() {
        let diagnostics = ProfileFile::from_bytes("app.yaml", Vec::new()).unwrap_err();
        assert!(render(&diagnostics, true).contains("\u{1b}["));
        assert!(!render(&diagnostics, false).contains('\u{1b}'));
        assert_eq!(render(&[], true), "");
    }
}
