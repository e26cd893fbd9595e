//! A piece that is no plain definition, and a variable's name -> whether some program finds the variable defined
//! there, changed or taken away.
//!
//! It rather says yes once too often: a yes is a refusal with a line, a no may be a secret in the wrong place.

use zeroize::Zeroizing;

use super::problem::Unfit;
use super::shell::{ShellSpan, SpanKind};

/// Looks in a command: which line of it, from 0, and what it is.
pub(super) fn in_command(text: &[u8], spans: &[ShellSpan], name: &str) -> Option<(usize, Unfit)> {
    for place in places(text, name.as_bytes()) {
        let span = spans.iter().find(|span| {
            span.kind != SpanKind::Substitution && (span.start..span.end).contains(&place.start())
        });
        let unfit = match span.map(|span| (span, span.kind)) {
            Some((_, SpanKind::Comment)) => None,
            Some((_, SpanKind::HereDocument)) if place.is_in_comment_line() => None,
            Some((_, SpanKind::HereDocument)) => place.is_assigned().then_some(Unfit::HereDocument),
            // `export "A=1"`, `unset "A"`.
            Some((span, _))
                if span.start + 1 == place.start()
                    && (span.end == place.end() + 1 || place.is_assigned()) =>
            {
                Some(Unfit::Command)
            }
            Some(_) => place.is_assigned().then_some(Unfit::Quoted),
            None => (place.is_assigned() || place.is_argument()).then_some(Unfit::Command),
        };
        if let Some(unfit) = unfit {
            return Some((place.line(), unfit));
        }
    }
    let joined = joined(text, spans)?;
    let is_hidden = places(&joined, name.as_bytes()).any(|place| place.is_assigned());
    is_hidden.then_some((0, Unfit::Command))
}

/// Looks in the value of another variable, which can define one by `${A:=x}`, and which not all programs see the
/// same end of where a quote is escaped.
pub(super) fn in_value(value: &[u8], name: &str) -> Option<(usize, Unfit)> {
    let expands = !value.starts_with(b"'") && value.iter().any(|byte| matches!(byte, b'$' | b'`'));
    let ends_early =
        value.contains(&b'\n') && value.windows(2).any(|pair| matches!(pair, [b'\\', b'"' | b'`']));
    let mut places = places(value, name.as_bytes()).filter(|_| expands || ends_early);
    places.find(Mention::is_assigned).map(|place| (place.line(), Unfit::Quoted))
}

/// The text as a shell reads it without quotes and the breaks of continued lines, where it has any.
fn joined(text: &[u8], spans: &[ShellSpan]) -> Option<Zeroizing<Vec<u8>>> {
    if !text.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'\\')) {
        return None;
    }
    let mut joined = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut skipped = spans
        .iter()
        .filter(|span| matches!(span.kind, SpanKind::Comment | SpanKind::HereDocument))
        .peekable();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if let Some(span) = skipped.next_if(|span| span.start <= at) {
            at = at.max(span.end);
            continue;
        }
        match byte {
            b'\\' if text.get(at + 1) == Some(&b'\n') => at += 1,
            b'"' | b'\'' | b'\\' => {}
            byte => joined.push(*byte),
        }
        at += 1;
    }
    Some(joined)
}

/// Where the name stands in the text, as a whole name.
fn places<'a>(text: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = Mention<'a>> {
    let starts = text.windows(name.len().max(1)).enumerate().filter(move |(_, found)| *found == name);
    starts.filter_map(move |(start, _)| {
        let place = Mention { before: text.get(..start)?, name, after: text.get(start + name.len()..)? };
        let is_whole = !place.before.last().is_some_and(|byte| is_of_name(*byte) || *byte == b'$')
            && !place.after.first().is_some_and(|byte| is_of_name(*byte));
        is_whole.then_some(place)
    })
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The name in a text.
struct Mention<'a> {
    before: &'a [u8],
    name: &'a [u8],
    after: &'a [u8],
}

impl Mention<'_> {
    fn start(&self) -> usize {
        self.before.len()
    }

    fn end(&self) -> usize {
        self.before.len() + self.name.len()
    }

    fn line(&self) -> usize {
        self.before.split(|byte| *byte == b'\n').skip(1).count()
    }

    /// What stands before it on its line.
    fn line_before(&self) -> &[u8] {
        self.before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    fn is_in_comment_line(&self) -> bool {
        self.line_before().trim_ascii_start().starts_with(b"#")
    }

    /// Whether it stands where a value follows.
    fn is_assigned(&self) -> bool {
        if self.before.ends_with(b"${") {
            return self.after.starts_with(b"=") || self.after.starts_with(b":=");
        }
        // The query of a URL, a path, an option.
        if self.before.last().is_some_and(|byte| b"?/@%.-".contains(byte)) {
            return false;
        }
        let after = String::from_utf8_lossy(self.after.get(..self.after.len().min(64)).unwrap_or_default());
        let after = after.trim_start_matches(['"', '\'']);
        let behind = after.trim_start_matches(|sign: char| sign.is_whitespace() || sign == '\u{feff}');
        let is_first = !self.line_before().iter().any(|byte| is_of_name(*byte) || *byte == b'$');
        behind.starts_with(['='])
            || after.starts_with("+=")
            || after.starts_with('[')
            || (is_first && behind.starts_with(':'))
    }

    /// Whether it is a word of a command, other than of one that only exports.
    fn is_argument(&self) -> bool {
        let is_edge = |byte: &u8| byte.is_ascii_whitespace() || b";&|(){}<>!`".contains(byte);
        let is_word = !self.before.ends_with(b"${")
            && self.before.last().is_none_or(is_edge)
            && self.after.first().is_none_or(is_edge);
        let is_end = |byte: &u8| b"\n;&|(){}#".contains(byte);
        let before = self.before.rsplit(is_end).next().unwrap_or_default();
        let after = self.after.split(is_end).next().unwrap_or_default();
        let is_names = |text: &[u8]| text.iter().all(|byte| is_of_name(*byte) || byte.is_ascii_whitespace());
        let exported = before.trim_ascii_start().strip_prefix(b"export");
        let only_exports = exported
            .is_some_and(|names| names.first().is_some_and(u8::is_ascii_whitespace) && is_names(names))
            && is_names(after);
        is_word && !only_exports
    }
}
