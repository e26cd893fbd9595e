//! Which mark, id and secret of a transcript is which one of the run.
//!
//! In comes what a file says that a command prints, and what it printed; out comes whether both say the same. What
//! differs from run to run is paired by its first appearance in the file: from there on the one always stands where the
//! other does, so two tokens never pass for one, nor one for two. Times are compared by how far they lie apart within
//! the output of one command. Ids of the emulator's own world, and whatever the file itself types, stand for themselves.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use regex_lite::Regex;

/// What differs from run to run. The order counts: a mark may look like a part of something longer.
const VOLATILE: &str = concat!(
    r"(?P<mark>@[a-z][0-9a-z]{7}\b)",
    r"|(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d UTC|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)",
    r"|(?P<id>\b[0-9a-f]{32}\b)",
    r"|(?P<secret>cf[ua]t_EMULATOR[0-9A-Za-z]+)",
    r"|(?P<address>127\.0\.0\.1:\d+)",
);

/// What the ids of the emulator's own world begin with.
const OF_THE_WORLD: &str = "e0000000";

/// How much longer one run may take than another.
const PACE: TimeDelta = TimeDelta::minutes(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Mark,
    Id,
    Secret,
    Time,
    Address,
}

/// A piece of a text that differs from run to run, with what stands before it.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    before: String,
    kind: Kind,
    text: String,
}

/// What of the run stands for what of the file, in both directions.
#[derive(Default)]
pub(crate) struct Pairing {
    written: BTreeMap<(Kind, String), String>,
    printed: BTreeMap<(Kind, String), String>,
}

impl Pairing {
    /// What the file types stands for itself: a run cannot print another one in its place.
    pub(crate) fn fix(&mut self, typed: &str) {
        for Piece { kind, text, .. } in pieces(typed).0 {
            self.pair(kind, &text, &text);
        }
    }

    /// Compares what was written with what was printed. Where they differ, the printed text comes back with the marks,
    /// ids and secrets of the file, as far as they are paired.
    pub(crate) fn compare(&mut self, written: &str, printed: &str) -> Result<(), String> {
        let (expected, expected_rest) = pieces(written);
        let (actual, actual_rest) = pieces(printed);
        let is_alike = expected_rest == actual_rest
            && expected.len() == actual.len()
            && expected
                .iter()
                .zip(&actual)
                .all(|(one, other)| (&one.before, one.kind) == (&other.before, other.kind));
        let mut is_same = is_alike && keep_pace(&expected, &actual);
        let mut translated = String::new();
        for (index, piece) in actual.iter().enumerate() {
            let counterpart = expected.get(index).filter(|_| is_alike).map(|piece| piece.text.as_str());
            let text = self.translate(piece, counterpart);
            is_same &= match piece.kind {
                Kind::Time | Kind::Address => true,
                _ => Some(text.as_str()) == counterpart,
            };
            translated += &piece.before;
            translated += &text;
        }
        if is_same { Ok(()) } else { Err(translated + &actual_rest) }
    }

    /// How the file writes a piece of the run. What is new is paired with its counterpart, if that is new as well.
    fn translate(&mut self, piece: &Piece, counterpart: Option<&str>) -> String {
        let Piece { kind, text, .. } = piece;
        if matches!(kind, Kind::Time | Kind::Address) || text.starts_with(OF_THE_WORLD) {
            return text.clone();
        }
        if let Some(known) = self.written.get(&(*kind, text.clone())) {
            return known.clone();
        }
        let is_new = |name: &&str| {
            !name.starts_with(OF_THE_WORLD) && !self.printed.contains_key(&(*kind, (*name).to_owned()))
        };
        let name = counterpart.filter(is_new).map_or_else(|| self.name(*kind, text), str::to_owned);
        self.pair(*kind, text, &name);
        name
    }

    /// What a file calls something that it has not named yet. It never gets what a secret of the run was.
    fn name(&self, kind: Kind, text: &str) -> String {
        let named = |number: usize| format!("cfut_EMULATOR{number:04}");
        let is_new = |name: &String| !self.printed.contains_key(&(kind, name.clone()));
        match kind {
            Kind::Secret => (0..10_000).map(named).find(is_new).unwrap_or_default(),
            _ => text.to_owned(),
        }
    }

    fn pair(&mut self, kind: Kind, printed: &str, written: &str) {
        self.written.insert((kind, printed.to_owned()), written.to_owned());
        self.printed.insert((kind, written.to_owned()), printed.to_owned());
    }
}

/// Cuts a text where something differs from run to run; what follows the last piece comes second.
fn pieces(text: &str) -> (Vec<Piece>, String) {
    static VOLATILE_PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern = VOLATILE_PATTERN.get_or_init(|| Regex::new(VOLATILE).expect("the pattern is right"));
    let kinds = [
        ("mark", Kind::Mark),
        ("time", Kind::Time),
        ("id", Kind::Id),
        ("secret", Kind::Secret),
        ("address", Kind::Address),
    ];
    let text = text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let (mut found, mut end) = (Vec::new(), 0);
    for captures in pattern.captures_iter(&text) {
        let whole = captures.get(0).expect("a match is a match");
        let kind = kinds.iter().find(|(name, _)| captures.name(name).is_some()).expect("it is of a kind").1;
        found.push(Piece {
            before: text[end..whole.start()].to_owned(),
            kind,
            text: whole.as_str().to_owned(),
        });
        end = whole.end();
    }
    (found, text[end..].to_owned())
}

/// Whether the times of two outputs lie equally far apart.
fn keep_pace(expected: &[Piece], actual: &[Piece]) -> bool {
    let times = |pieces: &[Piece]| -> Vec<DateTime<Utc>> {
        pieces.iter().filter(|piece| piece.kind == Kind::Time).map(|piece| time(&piece.text)).collect()
    };
    let (expected, actual) = (times(expected), times(actual));
    let (Some(first), Some(began)) = (expected.first(), actual.first()) else { return true };
    expected.iter().zip(&actual).all(|(one, other)| ((*one - *first) - (*other - *began)).abs() <= PACE)
}

fn time(text: &str) -> DateTime<Utc> {
    let formats = ["%Y-%m-%d %H:%M UTC", "%Y-%m-%dT%H:%M:%SZ"];
    let read = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    read.unwrap_or_else(|| panic!("`{text}` is no time")).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "made a@aaaaaaaa, then a@bbbbbbbb";

    /// Compares texts one after the other, as the outputs of one file.
    fn compare(pairs: &[(&str, &str)]) -> Result<(), String> {
        let mut pairing = Pairing::default();
        pairs.iter().try_for_each(|(written, printed)| pairing.compare(written, printed))
    }

    #[test]
    fn other_marks_in_the_same_places_are_the_same() {
        assert_eq!(compare(&[(FILE, "made a@cccccccc, then a@dddddddd")]), Ok(()));
    }

    #[test]
    fn two_marks_are_not_one_and_one_is_not_two() {
        let one = "made a@cccccccc, then a@cccccccc";
        assert_eq!(compare(&[(FILE, one)]), Err("made a@aaaaaaaa, then a@aaaaaaaa".to_owned()));
        assert_eq!(compare(&[(one, FILE)]), Err("made a@cccccccc, then a@bbbbbbbb".to_owned()));
    }

    #[test]
    fn a_mark_stays_the_same_through_the_whole_file() {
        let first = ("made a@aaaaaaaa", "made a@cccccccc");
        assert_eq!(compare(&[first, ("kept a@aaaaaaaa", "kept a@cccccccc")]), Ok(()));
        assert_eq!(
            compare(&[first, ("kept a@aaaaaaaa", "kept a@dddddddd")]),
            Err("kept a@dddddddd".to_owned())
        );
        assert_eq!(
            compare(&[first, ("kept a@bbbbbbbb", "kept a@cccccccc")]),
            Err("kept a@aaaaaaaa".to_owned())
        );
    }

    #[test]
    fn what_is_typed_and_what_the_emulator_always_has_stand_for_themselves() {
        let (typed, other) = ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcde0");
        let mut pairing = Pairing::default();
        pairing.fix(typed);
        assert!(pairing.compare(typed, other).is_err());
        assert!(pairing.compare(typed, typed).is_ok());
        let (account, zone) = ("e0000000000000000000000000000001", "e0000000000000000000000000000101");
        assert!(compare(&[(account, zone)]).is_err());
    }

    #[test]
    fn a_secret_of_the_run_never_gets_into_a_file() {
        let printed = "A=cfut_EMULATORwxyz B=cfut_EMULATORabcd";
        assert_eq!(compare(&[("", printed)]), Err("A=cfut_EMULATOR0000 B=cfut_EMULATOR0001".to_owned()));
        assert_eq!(compare(&[("A=cfut_EMULATOR0001 B=cfut_EMULATOR0000", printed)]), Ok(()));
    }

    #[test]
    fn times_may_differ_by_their_day_and_not_by_how_far_they_lie_apart() {
        let written = "now 2026-11-22 04:19 UTC, then 2026-11-22T05:19:07Z";
        assert_eq!(compare(&[(written, "now 2027-01-01 00:00 UTC, then 2027-01-01T01:00:31Z")]), Ok(()));
        assert!(compare(&[(written, "now 2027-01-01 00:00 UTC, then 2027-01-01T02:00:00Z")]).is_err());
    }

    #[test]
    fn other_words_are_never_the_same() {
        assert_eq!(compare(&[("kept a@aaaaaaaa", "made a@aaaaaaaa")]), Err("made a@aaaaaaaa".to_owned()));
    }
}
