//! Comments that silence a finding: `# cfmint: allow profile.ttl-never the device cannot rotate`.
//!
//! In: the text of a profile. Out: which codes are silenced where, and what is wrong with such comments. A comment at the
//! end of a line is about that line; one on a line of its own about the next line with anything else on it; one above
//! the first key about the whole file. Only warnings and notes can be silenced, and only with a reason.

use std::sync::Arc;

use super::codes::DiagnosticCode;
use super::diagnostic::{Diagnostic, Severity, Source, Span};
use super::problems::{Problems, listed, nearest};

/// What such a comment begins with.
const MARK: &str = "cfmint: allow";

/// A comment that silences a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allow<'a> {
    /// As it is written.
    code: &'a str,
    /// Why.
    reason: &'a str,
    /// Where the code stands.
    span: Span,
    /// What it is about: the bytes of a line, or of the whole file.
    about: Span,
}

/// Whether a comment in the profile silences this finding.
#[must_use]
pub fn is_allowed(finding: &Diagnostic) -> bool {
    if finding.severity == Severity::Error {
        return false;
    }
    allows(&finding.source).iter().any(|allow| allow.silences(finding))
}

/// The comments of a profile that silence nothing of what was found in it, whichever stage found it. In what was found, all
/// environments are; features that are off are not, so that comments on those are left alone, as are those that other
/// profiles, other variables or Cloudflare's lists may give something to silence.
#[must_use]
pub fn stale_allows(source: &Arc<Source>, found: &[Diagnostic]) -> Vec<Diagnostic> {
    let features = features(&source.text);
    let may_be_stale = |allow: &&Allow<'_>| {
        let code = DiagnosticCode::ALL.iter().find(|code| code.text() == allow.code);
        let overlaps = |features: &Span| allow.about.start < features.end && features.start < allow.about.end;
        code.is_some_and(|code| !code.depends_on_the_run())
            && !allow.reason.is_empty()
            && !features.as_ref().is_some_and(overlaps)
    };
    let own = || found.iter().filter(|found| found.source.path == source.path);
    let stale = |allow: &Allow<'_>| Diagnostic {
        severity: Severity::Warning,
        code: DiagnosticCode::StaleAllow,
        message: "there is nothing here any more that this comment silences".to_owned(),
        source: Arc::clone(source),
        place: Some((allow.span, String::new())),
        also: None,
        hint: "remove the comment, or move it to what it is about".to_owned(),
    };
    let allows = allows(source);
    let is_stale = |allow: &&Allow<'_>| may_be_stale(allow) && !own().any(|found| allow.silences(found));
    allows.iter().filter(is_stale).map(stale).collect()
}

impl Allow<'_> {
    /// Whether the finding is the one that the comment is about.
    fn silences(&self, finding: &Diagnostic) -> bool {
        let whole = Span { start: 0, end: finding.source.text.len() };
        let is_about = match &finding.place {
            Some((place, _)) => self.about.start <= place.start && place.start <= self.about.end,
            None => self.about == whole,
        };
        is_about && self.code == finding.code.text() && !self.reason.is_empty()
    }
}

/// The section of the features: from its key to the next key of the profile.
fn features(text: &str) -> Option<Span> {
    let is_key = |line: &&str| line.starts_with(|first: char| !first.is_whitespace() && first != '#');
    let start = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let mut keys = start.filter(|(_, line)| is_key(line));
    let (start, _) = keys.find(|(_, line)| line.starts_with("features:"))?;
    Some(Span { start, end: keys.next().map_or(text.len(), |(end, _)| end) })
}

/// Reports comments that silence nothing.
pub(super) fn check(problems: &mut Problems) {
    let source = Arc::clone(problems.source());
    for allow in allows(&source) {
        let known = DiagnosticCode::ALL.iter().map(|code| code.text());
        let (message, hint) = if allow.code.is_empty() {
            ("this comment does not say what it allows".to_owned(), EXAMPLE.to_owned())
        } else if !known.clone().any(|code| code == allow.code) {
            let near = nearest(allow.code, known).map(|near| format!("did you mean {}?", listed([near])));
            (
                "no finding about profiles has this code, so the comment silences nothing".to_owned(),
                near.unwrap_or_else(|| "copy the code from what `cfmint check` prints".to_owned()),
            )
        } else if allow.reason.is_empty() {
            ("without a reason, this comment silences nothing".to_owned(), EXAMPLE.to_owned())
        } else {
            continue;
        };
        problems.warning(DiagnosticCode::BadAllow, allow.span, message).hint(hint);
    }
}

const EXAMPLE: &str = "write for example `# cfmint: allow profile.ttl-never the device cannot rotate`";

fn allows(source: &Source) -> Vec<Allow<'_>> {
    if !source.text.contains(MARK) {
        return Vec::new();
    }
    let text = source.text.as_str();
    let mut found = Vec::new();
    // Comments that wait for the line they are about.
    let mut waiting: Vec<(&str, &str, Span)> = Vec::new();
    let mut has_begun = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let about = Span { start, end: start + line.trim_end().len() };
        let is_blank = line.trim().is_empty();
        let is_comment = line.trim_start().starts_with('#');
        if let Some((code, reason, span)) = allow(line, start) {
            if is_comment && !has_begun {
                found.push(Allow { code, reason, span, about: Span { start: 0, end: text.len() } });
            } else if is_comment {
                waiting.push((code, reason, span));
            } else {
                found.push(Allow { code, reason, span, about });
            }
        }
        if !is_blank && !is_comment {
            has_begun = true;
            found.extend(waiting.drain(..).map(|(code, reason, span)| Allow { code, reason, span, about }));
        }
        start += line.len();
    }
    // What nothing follows is looked at too, though it is about nothing.
    let end = Span { start: text.len(), end: text.len() };
    found.extend(waiting.into_iter().map(|(code, reason, span)| Allow { code, reason, span, about: end }));
    found
}

/// The code and the reason in the comment of a line that begins at this byte.
fn allow(line: &str, start: usize) -> Option<(&str, &str, Span)> {
    let at = line.find(MARK)?;
    let before = line.get(..at)?.trim_end().strip_suffix('#')?;
    if !before.is_empty() && !before.ends_with(char::is_whitespace) {
        return None;
    }
    let after = line.get(at + MARK.len()..)?;
    let rest = after.trim_start();
    // Nothing but white space may stand between the words and the code.
    if rest.len() == after.len() && !rest.is_empty() {
        return None;
    }
    let (code, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let code = code.trim_end();
    let from = if code.is_empty() { at } else { line.len() - rest.len() };
    let to = if code.is_empty() { at + MARK.len() } else { from + code.len() };
    Some((code, reason.trim(), Span { start: start + from, end: start + to }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    fn finding(text: &str, at: Option<&str>, severity: Severity) -> Diagnostic {
        let source = Arc::new(Source { path: "shop.yaml".to_owned(), text: text.to_owned() });
        let place = at.map(|at| {
            let start = text.rfind(at).unwrap();
            (Span { start, end: start + at.len() }, String::new())
        });
        Diagnostic {
            severity,
            code: DiagnosticCode::TtlNever,
            message: String::new(),
            source,
            place,
            also: None,
            hint: String::new(),
        }
    }

    #[test]
    fn a_comment_silences_its_code_at_its_place_and_with_a_reason() {
        for (text, expected) in [
            ("a: 1\nttl: never # cfmint: allow profile.ttl-never a device", true),
            ("a: 1\n# cfmint: allow profile.ttl-never a device\n\n# more\nttl: never\n", true),
            ("# cfmint: allow profile.ttl-never a device\na: 1\nttl: never\n", true),
            ("a: 1 # cfmint: allow profile.ttl-never a device\nttl: never\n", false),
            ("a: 1\n# cfmint: allow profile.ttl-never a device\nb: 1\nttl: never\n", false),
            ("a: 1\nttl: never # cfmint: allow profile.ttl-never", false),
            ("a: 1\nttl: never # cfmint: allow profile.ttl-short a device", false),
            ("a: 1\nttl: never # cfmint: allowprofile.ttl-never a device", false),
            ("a: 1\nttl: never # cfmint: allow\u{a0}profile.ttl-never a device", true),
            ("a: 1\nttl: never #cfmint: allow profile.ttl-never a device", true),
            ("a: 1\nttl: never# cfmint: allow profile.ttl-never a device", false),
        ] {
            let found = finding(text, Some("ttl: never"), Severity::Warning);
            assert_eq!(is_allowed(&found), expected, "{text}");
        }
    }

    #[test]
    fn what_is_about_the_whole_file_is_silenced_at_its_head_alone() {
        let head = "# cfmint: allow profile.ttl-never a device\nttl: never\n";
        assert!(is_allowed(&finding(head, None, Severity::Warning)));
        let line = "ttl: never # cfmint: allow profile.ttl-never a device\n";
        assert!(!is_allowed(&finding(line, None, Severity::Warning)));
    }

    #[test]
    fn a_comment_is_stale_where_nothing_is_found_that_it_is_about() {
        let found = |text: &str, at: &str| finding(text, Some(at), Severity::Warning);
        for (text, stale) in [
            ("a: 1\nttl: never # cfmint: allow profile.ttl-never a device", &[][..]),
            ("a: 1 # cfmint: allow profile.ttl-never a device\nttl: never", &["profile.ttl-never"]),
            ("a: 1\nttl: never # cfmint: allow profile.ttl-short a device", &["profile.ttl-short"]),
            ("a: 1\nttl: never # cfmint: allow profile.unknown-zone it comes later", &[]),
            ("a: 1\nttl: never # cfmint: allow profile.ttl-short", &[]),
            ("a: 1\nttl: never\nfeatures:\n  # cfmint: allow profile.all-zones all\n  x: 1\n", &[]),
            ("features:\n  x: 1\nttl: never # cfmint: allow profile.all-zones all", &["profile.all-zones"]),
            ("# cfmint: allow profile.all-zones all\nttl: never\nfeatures: {}\n", &[]),
            ("# cfmint: allow profile.all-zones all\nttl: never\n", &["profile.all-zones"]),
            ("a: 1\nttl: never\n# cfmint: allow profile.all-zones all\n", &["profile.all-zones"]),
        ] {
            let found = found(text, "ttl: never");
            let said = stale_allows(&found.source, std::slice::from_ref(&found));
            let codes = said.iter().filter_map(|stale| {
                let (place, _) = stale.place.as_ref()?;
                text.get(place.start..place.end)
            });
            assert_eq!(codes.collect::<Vec<_>>(), stale, "{text}");
        }
    }

    #[test]
    fn no_error_is_silenced() {
        let head = "# cfmint: allow profile.ttl-never a device\nttl: never\n";
        assert!(!is_allowed(&finding(head, Some("never"), Severity::Error)));
    }
}
