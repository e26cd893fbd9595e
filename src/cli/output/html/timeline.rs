//! Beginnings, last uses and ends on one axis, a line for each token: SVG whose places are shares of its width, so that
//! text keeps its size on any screen.

use std::fmt::{self, Write as _};

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::escape;
use crate::cli::output::describe;
use crate::cli::output::token_table;
use crate::cli::session::inventory::{Inventory, Listed};
use crate::plan::MarkedName;

/// How far back and ahead the axis goes at most.
const LONGEST: TimeDelta = TimeDelta::days(400);
/// And at least.
const SHORTEST: TimeDelta = TimeDelta::days(20);
/// The most months that are named, so that their names do not touch on a phone.
const MOST_LABELS: usize = 5;

/// A stretch of time, as wide as the page has room for.
struct Axis {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// A place on the axis, in hundredths of a percent of its width.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct AxisPlace(i64);

impl fmt::Display for AxisPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

const LEFT: AxisPlace = AxisPlace(0);
const RIGHT: AxisPlace = AxisPlace(10_000);

impl Axis {
    /// From the first beginning to the last end, within reason.
    fn of(inventory: &Inventory) -> Self {
        let now = inventory.now;
        let lives = || inventory.tokens.iter().map(|listed| &listed.live);
        let first = lives().filter_map(|live| live.issued_on).min().unwrap_or(now);
        let last = lives().filter_map(|live| live.expires_on).max().unwrap_or(now);
        let before = now.signed_duration_since(first).clamp(SHORTEST, LONGEST);
        let after = last.signed_duration_since(now).clamp(SHORTEST, LONGEST);
        // Some air, so that nothing ends right at the edge.
        Self { start: now - before - before / 20, end: now + after + after / 20 }
    }

    fn place(&self, time: DateTime<Utc>) -> AxisPlace {
        let (whole, part) =
            (self.end.signed_duration_since(self.start), time.signed_duration_since(self.start));
        AxisPlace((part.num_seconds() * RIGHT.0 / whole.num_seconds().max(1)).clamp(LEFT.0, RIGHT.0))
    }

    fn holds(&self, time: DateTime<Utc>) -> bool {
        (self.start..=self.end).contains(&time)
    }

    /// The first day of every month on it.
    fn months(&self) -> Vec<DateTime<Utc>> {
        let first = |date: NaiveDate| date.with_day(1).map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let mut months = Vec::new();
        let mut month = first(self.start.date_naive());
        while let Some(at) = month.filter(|at| *at <= self.end) {
            if self.holds(at) {
                months.push(at);
            }
            month = at.checked_add_months(Months::new(1));
        }
        months
    }
}

/// The timeline: the axis, then the tokens in the order of their ends; those without one come behind, the dead last.
pub(in crate::cli) fn timeline(inventory: &Inventory) -> String {
    if inventory.tokens.is_empty() {
        return "<p class=\"card\">There are no tokens.</p>\n".to_owned();
    }
    let axis = Axis::of(inventory);
    let mut tokens: Vec<&Listed> = inventory.tokens.iter().collect();
    let is_over = |listed: &Listed| !listed.live.is_alive(inventory.now);
    let end = |listed: &Listed| listed.live.expires_on.unwrap_or(DateTime::<Utc>::MAX_UTC);
    tokens.sort_by_key(|listed| (is_over(listed), end(listed)));
    let mut text = "<div class=\"card\">\n".to_owned();
    text.push_str(LEGEND);
    scale(&mut text, &axis, inventory.now);
    for listed in tokens {
        row(&mut text, &axis, listed, inventory.now);
    }
    text + "</div>\n"
}

const LEGEND: &str = "<p class=\"legend\">\
    <span><svg width=\"26\" height=\"12\"><rect class=\"past\" y=\"2\" width=\"13\" height=\"8\"/>\
    <rect class=\"ahead\" x=\"13\" y=\"2\" width=\"13\" height=\"8\"/></svg>past and future</span>\
    <span><svg width=\"12\" height=\"12\"><circle class=\"used\" cx=\"6\" cy=\"6\" r=\"4\"/></svg>last use</span>\
    <span><svg width=\"6\" height=\"12\"><line class=\"end\" x1=\"3\" x2=\"3\" y2=\"12\"/></svg>end</span>\
    <span><svg width=\"8\" height=\"12\"><path class=\"ahead\" d=\"M0 0l7 6-7 6z\"/></svg>goes on</span>\
    <span><svg width=\"6\" height=\"12\"><line class=\"today\" x1=\"3\" x2=\"3\" y2=\"12\"/></svg>today</span></p>\n";

/// The months, as many of them named as there is room for.
fn scale(text: &mut String, axis: &Axis, now: DateTime<Utc>) {
    let months: Vec<AxisPlace> = axis.months().iter().map(|month| axis.place(*month)).collect();
    let today = axis.place(now);
    text.push_str(
        "<div class=\"row axis\"><span>Token</span><svg width=\"100%\" height=\"34\" aria-hidden=\"true\">",
    );
    write!(text, "<text class=\"now\" x=\"{today}\" y=\"11\" text-anchor=\"middle\">today</text>").ok();
    for place in months {
        write!(text, "<line class=\"tick\" x1=\"{place}\" x2=\"{place}\" y1=\"31\" y2=\"34\"/>").ok();
    }
    // At the edges there is no room for a name.
    let mut named = axis.months();
    named.retain(|month| (AxisPlace(500)..AxisPlace(9_500)).contains(&axis.place(*month)));
    for month in named.iter().step_by(named.len().div_ceil(MOST_LABELS).max(1)) {
        let (place, name) = (axis.place(*month), month.format("%Y-%m"));
        write!(text, "<text x=\"{place}\" y=\"27\" text-anchor=\"middle\">{name}</text>").ok();
    }
    text.push_str("</svg><span>Ends</span></div>\n");
}

fn row(text: &mut String, axis: &Axis, listed: &Listed, now: DateTime<Utc>) {
    let live = &listed.live;
    let made = live.issued_on.unwrap_or(axis.start);
    let end = live.expires_on.unwrap_or(axis.end);
    let is_over = !live.is_alive(now);
    let date = |time: Option<DateTime<Utc>>, none: &str| time.map_or_else(|| none.to_owned(), describe::time);
    let about = format!(
        "{}: made {}, last used {}, ends {}",
        live.name,
        date(live.issued_on, "some time"),
        date(live.last_used_on, "not seen"),
        date(live.expires_on, "never")
    );
    let (name, about) = (escape(&live.name), escape(&about));
    write!(
        text,
        "<div class=\"row\"><span class=\"whole\" title=\"{name}\">{}</span>\
         <svg width=\"100%\" height=\"20\" role=\"img\"><title>{about}</title>",
        in_two(&live.name)
    )
    .ok();
    for month in axis.months() {
        let place = axis.place(month);
        write!(text, "<line class=\"tick\" x1=\"{place}\" x2=\"{place}\" y2=\"20\"/>").ok();
    }
    let mut bar = |class: &str, from: DateTime<Utc>, to: DateTime<Utc>| {
        let (from, to) = (axis.place(from), axis.place(to));
        if from < to {
            let width = AxisPlace(to.0 - from.0);
            write!(text, "<rect class=\"{class}\" x=\"{from}\" y=\"6\" width=\"{width}\" height=\"8\"/>")
                .ok();
        }
    };
    if is_over {
        bar("over", made, end.min(now));
    } else {
        bar("past", made, now.min(end));
        bar("ahead", now.max(made), end);
    }
    let today = axis.place(now);
    write!(text, "<line class=\"today\" x1=\"{today}\" x2=\"{today}\" y2=\"20\"/>").ok();
    // What was ended before its time ended then.
    let end = live.expires_on.filter(|end| !is_over || *end <= now);
    if let Some(end) = end.filter(|end| axis.holds(*end)) {
        let place = axis.place(end);
        write!(text, "<line class=\"end\" x1=\"{place}\" x2=\"{place}\" y1=\"3\" y2=\"17\"/>").ok();
    } else if !is_over {
        write!(text, "<svg x=\"100%\"><path class=\"ahead\" d=\"M0 4l7 6-7 6z\"/></svg>").ok();
    }
    if let Some(used) = live.last_used_on {
        // What was used before the axis begins stands at its edge.
        let place = axis.place(used);
        write!(text, "<circle class=\"used\" cx=\"{place}\" cy=\"10\" r=\"4\"/>").ok();
    }
    let ends = if is_over && end.is_none() { "ended".to_owned() } else { token_table::ends(listed, now) };
    writeln!(text, "</svg><span class=\"faint\">{}</span></div>", escape(&ends)).ok();
}

/// A name whose mark stays to be seen where there is no room for all of it.
fn in_two(name: &str) -> String {
    match MarkedName::parse(name) {
        Some(MarkedName { name, mark, .. }) => {
            format!("<span>{}</span><span>@{mark}</span>", escape(&name))
        }
        None => format!("<span>{}</span>", escape(name)),
    }
}
