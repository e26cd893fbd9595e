//! Times and spans as a person reads them.

use chrono::{DateTime, TimeDelta, Utc};

/// A time to the minute.
pub(in crate::cli) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// When a token ends.
pub(in crate::cli) fn end(expires_on: Option<DateTime<Utc>>) -> String {
    expires_on.map_or_else(|| "never".to_owned(), time)
}

/// When a token ends and how long that is, as a predicate: `ends … (7d)`.
pub(in crate::cli) fn end_and_rest(expires_on: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    expires_on.map_or_else(
        || "never ends".to_owned(),
        |end| format!("ends {} ({})", time(end), span(end.signed_duration_since(now))),
    )
}

/// A span in its two largest units, such as `7d` or `6d 23h`. The time that passed while it was looked at does
/// not count: it is rounded up to a minute.
pub(in crate::cli) fn span(span: TimeDelta) -> String {
    let seconds = match span.num_seconds().max(0) {
        short @ 0..60 => short,
        long => (long + 59) / 60 * 60,
    };
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        if rest >= size || (parts.is_empty() && size == 1) {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

/// How long something has been, in its largest unit alone, such as `7d`, for tables.
pub(in crate::cli) fn elapsed(span: TimeDelta) -> String {
    match span.num_seconds() {
        ..60 => "<1m".to_owned(),
        long => largest_unit(long),
    }
}

/// How long something still is, in its largest unit alone, rounded up to a minute as [`span`] is.
pub(in crate::cli) fn left(span: TimeDelta) -> String {
    largest_unit((span.num_seconds().max(1) + 59) / 60 * 60)
}

fn largest_unit(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h")];
    let unit = units.into_iter().find(|(size, _)| seconds >= *size);
    let (size, unit) = unit.unwrap_or((60, "m"));
    format!("{}{unit}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_the_largest_unit_alone() {
        for (seconds, has_been, still_is) in [
            (1, "<1m", "1m"),
            (59, "<1m", "1m"),
            (3_599, "59m", "1h"),
            (7 * 86_400 - 3, "6d", "7d"),
            (400 * 86_400, "400d", "400d"),
        ] {
            let span = TimeDelta::seconds(seconds);
            assert_eq!((&*elapsed(span), &*left(span)), (has_been, still_is));
        }
    }

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        for (seconds, words) in [
            (0, "0s"),
            (59, "59s"),
            (3_600, "1h"),
            (3_601, "1h 1m"),
            (7 * 86_400, "7d"),
            (604_799, "7d"),
            (600_000, "6d 22h"),
            (86_405, "1d 1m"),
            (-5, "0s"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), words);
        }
    }
}
