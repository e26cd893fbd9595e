//! Lengths and points of time as a profile writes them.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use schemars::{Schema, json_schema};

use super::codes::DiagnosticCode;
use super::lifetime::{Lifetime, Start};
use super::scalar::{InvalidScalar, Scalar, any_case_schema, not_the_word};

/// The longest length of time: beyond a hundred years, `never` is the honest word.
const LONGEST_DAYS: i64 = 36_525;

const LENGTH_PATTERN: &str = "^[0-9]+[smhdw]$";
const MOMENT_PATTERN: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$";

/// A length of time, zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length(pub(super) TimeDelta);

impl Scalar for Length {
    const EXAMPLE: &'static str = "30d";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        length(text).map(Self)
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": LENGTH_PATTERN })
    }
}

impl Scalar for Start {
    const EXAMPLE: &'static str = "2030-01-31T00:00:00Z";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self::Now);
        }
        moment(text).map(Self::At)
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        not_the_word(text, "now").and_then(|()| Self::read(text))
    }

    fn schema() -> Schema {
        json_schema!({ "anyOf": [
            any_case_schema(&["now"]),
            { "type": "string", "pattern": MOMENT_PATTERN },
        ] })
    }
}

impl Scalar for Lifetime {
    const EXAMPLE: &'static str = "90d";

    fn read(text: &str) -> Result<Self, InvalidScalar> {
        if text.eq_ignore_ascii_case("never") {
            return Ok(Self::Never);
        }
        if looks_like_a_date(text) {
            return moment(text).map(Self::Until);
        }
        let length = length(text)?;
        if length.is_zero() {
            return Err(InvalidScalar::new(DiagnosticCode::BadDuration, "is no time to live")
                .hint("write for example `90d`"));
        }
        Ok(Self::For(length))
    }

    fn read_substituted(text: &str) -> Result<Self, InvalidScalar> {
        not_the_word(text, "never").and_then(|()| Self::read(text))
    }

    fn schema() -> Schema {
        json_schema!({ "anyOf": [
            any_case_schema(&["never"]),
            { "type": "string", "pattern": LENGTH_PATTERN },
            { "type": "string", "pattern": MOMENT_PATTERN },
        ] })
    }
}

fn looks_like_a_date(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.by_ref().take(4).all(|byte| byte.is_ascii_digit()) && bytes.next() == Some(b'-')
}

fn moment(text: &str) -> Result<DateTime<Utc>, InvalidScalar> {
    let whole = |time: DateTime<chrono::FixedOffset>| time.to_utc().trunc_subsecs(0);
    DateTime::parse_from_rfc3339(text).map(whole).map_err(|_| {
        let fault = InvalidScalar::new(DiagnosticCode::BadTime, "is not a time");
        let is_date = text.len() == "2030-01-31".len() && looks_like_a_date(text);
        if is_date {
            fault.hint(format!("write the time of day and the zone too: `{text}T00:00:00Z`"))
        } else {
            fault
        }
    })
}

/// Reads a duration such as `90d`, for other places than a profile. The error is a sentence that says what is wrong
/// with the text and what to write instead.
pub fn duration(text: &str) -> Result<TimeDelta, String> {
    length(text).map_err(|fault| {
        let hint = fault.hint.unwrap_or_else(|| format!("write for example `{}`", Length::EXAMPLE));
        format!("`{text}` {}; {hint}", fault.what)
    })
}

fn length(text: &str) -> Result<TimeDelta, InvalidScalar> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let seconds: i64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return Err(no_length(number, unit)),
    };
    if number.is_empty() {
        return Err(no_length(number, unit));
    }
    let longest = LONGEST_DAYS * 24 * 60 * 60;
    number
        .parse::<i64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds))
        .filter(|seconds| *seconds <= longest)
        .and_then(TimeDelta::try_seconds)
        .ok_or_else(|| {
            InvalidScalar::new(DiagnosticCode::BadDuration, "is longer than a hundred years")
                .hint("write `never` where a token shall live for ever")
        })
}

/// Says what was probably meant: `90 days`, `12H`, `3 months`, `1y`, or a number alone.
fn no_length(number: &str, unit: &str) -> InvalidScalar {
    let fault = InvalidScalar::new(
        DiagnosticCode::BadDuration,
        "is not a duration: a whole number and one of s, m, h, d, w",
    );
    let Ok(number) = number.parse::<u32>() else { return fault };
    let unit = unit.trim().to_lowercase();
    let days = |each: u32| format!("{}d", number.saturating_mul(each));
    let meant = match unit.as_str() {
        "" | "day" | "days" | "d" => format!("{number}d"),
        "s" | "sec" | "secs" | "second" | "seconds" => format!("{number}s"),
        "min" | "mins" | "minute" | "minutes" => format!("{number}m"),
        "h" | "hour" | "hours" => format!("{number}h"),
        "w" | "week" | "weeks" => format!("{number}w"),
        "mo" | "month" | "months" => days(30),
        "y" | "year" | "years" => days(365),
        _ => return fault,
    };
    fault.hint(format!("write `{meant}`"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops where it fails")]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_whole_number_and_a_unit() {
        for (text, seconds) in
            [("0s", 0), ("45s", 45), ("5m", 300), ("12h", 43_200), ("90d", 7_776_000), ("2w", 1_209_600)]
        {
            assert_eq!(Length::read(text).unwrap().0.num_seconds(), seconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_length_gets_the_one_that_was_meant() {
        for (text, meant) in [
            ("90", Some("`90d`")),
            ("90 days", Some("`90d`")),
            ("3 months", Some("`90d`")),
            ("1y", Some("`365d`")),
            ("12H", Some("`12h`")),
            ("1.5d", None),
            ("-1d", None),
            ("d", None),
            ("1d12h", None),
            ("٣d", None),
            ("99999999999999999999d", Some("`never`")),
            ("36526d", Some("`never`")),
        ] {
            let fault = Length::read(text).unwrap_err();
            assert_eq!(fault.code, DiagnosticCode::BadDuration, "{text}");
            let hint = fault.hint.unwrap_or_default();
            assert!(meant.is_none_or(|meant| hint.contains(meant)), "{text}: {hint}");
        }
    }

    #[test]
    fn a_lifetime_is_a_length_a_time_or_never() {
        assert_eq!(Lifetime::read("7d").unwrap(), Lifetime::For(TimeDelta::days(7)));
        assert_eq!(Lifetime::read("never").unwrap(), Lifetime::Never);
        let until = DateTime::parse_from_rfc3339("2030-01-31T00:00:00Z").unwrap().to_utc();
        assert_eq!(Lifetime::read("2030-01-31T01:00:00.75+01:00").unwrap(), Lifetime::Until(until));
        assert_eq!(Lifetime::read("0d").unwrap_err().code, DiagnosticCode::BadDuration);
        assert_eq!(Lifetime::read("2030-02-30T00:00:00Z").unwrap_err().code, DiagnosticCode::BadTime);
        let fault = Lifetime::read("2030-01-31").unwrap_err();
        assert!(fault.hint.unwrap().contains("2030-01-31T00:00:00Z"));
    }
}
