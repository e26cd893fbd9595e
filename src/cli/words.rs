//! Plans, changes and remarks in words: names in place of ids, times as a person reads them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::catalogue::{Catalogue, Resource};
use crate::cloudflare::{TokenOwner, printable};
use crate::custody::{CustodyError, Left, Missing, Remark};
use crate::lifecycle::Reason;
use crate::plan::{
    CannotTell, Change, Directory, Grant, Kept, Live, MarkedName, Note, Policy, PolicyEffect, RUN_WINDOW,
    Refused, Why,
};
use crate::sink::shell_word;
use crate::survey::{Job, Survey};

/// Whether what is said is still to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    /// It is planned, or it failed.
    Ahead,
    /// It is done.
    Past,
}

impl Tense {
    /// The one word or the other.
    fn of(self, ahead: &'static str, past: &'static str) -> &'static str {
        match self {
            Self::Ahead => ahead,
            Self::Past => past,
        }
    }
}

/// A profile in one environment, as it is typed after a command.
pub(super) fn arguments(profile: &str, environment: Option<&str>) -> String {
    let environment = environment.map(|name| format!(" -e {name}")).unwrap_or_default();
    format!("{}{environment}", shell_word(profile.as_ref()))
}

/// What turns ids into names.
pub(super) struct Names<'a> {
    pub(super) directory: &'a Directory,
    pub(super) catalogue: Option<&'a Catalogue>,
}

impl<'a> Names<'a> {
    /// The names that hold for a job.
    pub(super) fn of(survey: &'a Survey, job: &Job) -> Self {
        Self { directory: &survey.directory, catalogue: survey.catalogues.get(&job.context.owner) }
    }

    fn group(&self, id: &str) -> String {
        let known = self.catalogue.and_then(|catalogue| catalogue.group(id));
        known.map_or_else(|| format!("permission group {id}"), |group| group.name.clone())
    }

    pub(super) fn resource(&self, resource: &Resource) -> String {
        let account = |id: &str| format!("account {}", self.directory.account_name(id));
        match resource {
            Resource::Account(id) => account(id),
            Resource::AllAccounts => "every account".to_owned(),
            Resource::Zone(id) => format!("zone {}", self.directory.zone_name(id)),
            Resource::ZonesOf(id) => format!("every zone of {}", account(id)),
            Resource::AllZones => "every zone of every account".to_owned(),
            Resource::User(_) => "the user".to_owned(),
            Resource::Bucket { account: id, name, .. } => format!("bucket {name} of {}", account(id)),
            Resource::BucketsOf(id) => format!("every bucket of {}", account(id)),
            Resource::Worker { account: id, tag } => {
                format!("Worker {} of {}", self.directory.worker_name(id, tag), account(id))
            }
            Resource::Other { .. } => resource.to_string(),
        }
    }

    pub(super) fn grant(&self, grant: &Grant) -> String {
        let denied = if grant.effect == PolicyEffect::Deny { "denial of " } else { "" };
        format!("{denied}{} on {}", self.group(&grant.group), self.resource(&grant.resource))
    }

    /// A policy in a line: its groups, and what they hold on.
    pub(super) fn policy(&self, policy: &Policy) -> String {
        let groups: Vec<String> = policy.groups.keys().map(|id| self.group(id)).collect();
        let resources: Vec<String> =
            policy.resources.iter().map(|resource| self.resource(resource)).collect();
        format!("{} on {}", sorted(groups), sorted(resources))
    }

    /// One difference, with a sign in front as in a diff.
    pub(super) fn change(&self, change: &Change, tense: Tense) -> String {
        let before = tense.of("now", "was");
        match change {
            Change::Rename { from, to } => format!("~ called {}@… ({before}: {from})", to.name),
            Change::Allow(grant) => format!("+ {}", self.grant(grant)),
            Change::Withdraw(grant) => format!("- {}", self.grant(grant)),
            Change::Addresses { from, to } => format!("~ may be used from {to} ({before}: {from})"),
            Change::Expiry { from, to } => format!("~ ends {} ({before}: {})", end(*to), end(*from)),
            Change::Start { from, to } => {
                let begin = |at: &Option<DateTime<Utc>>| at.map_or_else(|| "at once".to_owned(), time);
                format!("~ begins {} ({before}: {})", begin(to), begin(from))
            }
            Change::Enable => format!("~ active ({before}: disabled)"),
        }
    }

    /// What Cloudflare did not keep.
    pub(super) fn missing(&self, missing: &Missing) -> String {
        match missing {
            Missing::Grant(grant) => self.grant(grant),
            Missing::Secret => "the secret itself".to_owned(),
            Missing::Name => "the name".to_owned(),
            Missing::Addresses => "the IP rule".to_owned(),
            Missing::Expiry(_) => "the expiry".to_owned(),
        }
    }

    /// Whose token it is.
    pub(super) fn owner(&self, owner: &TokenOwner) -> String {
        match owner {
            TokenOwner::User => "your user".to_owned(),
            TokenOwner::Account(id) => format!("account {}", self.directory.account_name(id)),
        }
    }
}

fn sorted(mut names: Vec<String>) -> String {
    names.sort();
    names.join(", ")
}

/// A time to the minute.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// When a token ends.
pub(super) fn end(expires_on: Option<DateTime<Utc>>) -> String {
    expires_on.map_or_else(|| "never".to_owned(), time)
}

/// When a token ends and how long that is, as a predicate: `ends … (7d)`.
pub(super) fn end_and_rest(expires_on: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    expires_on.map_or_else(
        || "never ends".to_owned(),
        |end| format!("ends {} ({})", time(end), span(end.signed_duration_since(now))),
    )
}

/// A span in its two largest units, such as `7d` or `6d 23h`. The time that passed while it was looked at does
/// not count: it is rounded up to a minute.
pub(super) fn span(span: TimeDelta) -> String {
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

/// Why a token is to be pruned.
pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Unused(idle) => format!("unused for {}", elapsed(*idle)),
        Reason::NeverUsed(idle) => format!("never used in {}", elapsed(*idle)),
        Reason::Old(limit) => format!("older than {}", span(*limit)),
        Reason::Expired => "expired".to_owned(),
        Reason::Environment(environment) => format!("environment {environment}"),
        Reason::Unmarked(shape) => format!("not cfmint's, called {shape}"),
    }
}

/// How long something has been, in its largest unit alone, such as `7d`, for tables.
pub(super) fn elapsed(span: TimeDelta) -> String {
    match span.num_seconds() {
        ..60 => "<1m".to_owned(),
        long => largest_unit(long),
    }
}

/// How long something still is, in its largest unit alone, rounded up to a minute as [`span`] is.
pub(super) fn left(span: TimeDelta) -> String {
    largest_unit((span.num_seconds().max(1) + 59) / 60 * 60)
}

fn largest_unit(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h")];
    let unit = units.into_iter().find(|(size, _)| seconds >= *size);
    let (size, unit) = unit.unwrap_or((60, "m"));
    format!("{}{unit}", seconds / size)
}

/// Why a rotation is finished and not begun.
pub(super) const UNFINISHED: &str = "an earlier run did not finish";

/// What a person should know about a plan; `again` are the arguments that mean its profile again. What several pending
/// tokens have in common is said once.
pub(super) fn notes<'a>(notes: impl Iterator<Item = &'a Note>, again: &str, tense: Tense) -> Vec<String> {
    let (pending, others): (Vec<_>, Vec<_>) = notes.partition(|note| matches!(note, Note::Pending { .. }));
    let mut said: Vec<String> = others.into_iter().map(|other| note(other, again, tense)).collect();
    match pending.as_slice() {
        [] => {}
        [one] => said.push(note(one, again, tense)),
        several => {
            let ends: Vec<String> = several.iter().filter_map(|note| name_and_end(note)).collect();
            said.push(format!(
                "{} tokens are pending: the runs that made them did not finish, or are under way; they end by \
                 themselves: {}",
                several.len(),
                ends.join(", ")
            ));
        }
    }
    said
}

/// A pending token, where several are named.
fn name_and_end(note: &Note) -> Option<String> {
    let Note::Pending { name, ends, .. } = note else { return None };
    Some(format!("{} {}", printable(name), end(*ends)))
}

fn note(note: &Note, again: &str, tense: Tense) -> String {
    match note {
        Note::Kept(Kept::Addresses(addresses)) => {
            format!(
                "keeps the IP rule {addresses}, of which the profile says nothing; `ip: any` takes it away"
            )
        }
        Note::Kept(Kept::Denied(1)) => "keeps the deny policy, which no profile can say".to_owned(),
        Note::Kept(Kept::Denied(count)) => format!("keeps {count} deny policies, which no profile can say"),
        Note::Kept(Kept::Start(start)) => format!(
            "keeps the beginning {}, of which the profile says nothing; `not_before: now` takes it away",
            time(*start)
        ),
        Note::Pending { name, since, ends } => {
            let since = since.map(|at| format!(" since {}", time(at))).unwrap_or_default();
            format!(
                "{} is pending{since}: a run that made it did not finish, or is under way; it ends by itself {}",
                printable(name),
                end(*ends)
            )
        }
        Note::RollBecomesRotation => {
            "an earlier run did not finish, so another token takes the place of this one, and its id changes"
                .to_owned()
        }
        Note::OlderGeneration { name, expires_on } => {
            let end = expires_on.map_or_else(|| "never ends".to_owned(), |end| format!("ends {}", time(end)));
            format!("{name}, the predecessor, is still alive; it {end}")
        }
        Note::Ended { name, expired_on: Some(end), .. } => {
            format!("the last one, {name}, expired {}", time(*end))
        }
        Note::Ended { name, status, .. } => {
            format!("the last one, {name}, works no more: Cloudflare says `{status}`")
        }
        Note::InOverlap { ends } => {
            format!(
                "it was rotated already, and no successor is made before {}; `roll` gives another secret now",
                time(*ends)
            )
        }
        Note::Namesake { id } => {
            format!(
                "a token of the same name exists that cfmint did not make, and it is left alone; to take it over \
                 in place of a new one: cfmint apply {again} --adopt {id}"
            )
        }
        Note::StillUsed { name, at } => {
            format!("{name} was still in use {}: check that everything took the new secret", time(*at))
        }
        Note::CannotTell { sink, why } => {
            let why = match why {
                CannotTell::Disabled => "the token was disabled".to_owned(),
                CannotTell::ShutOut => "its IP rule shuts this machine out".to_owned(),
                CannotTell::DeadOrShutOut => format!(
                    "it is dead, or its IP rule shuts this machine out, and Cloudflare may say the same of both; for a \
                     new secret: cfmint roll {again}"
                ),
                CannotTell::Propagating => "it is too young to be known everywhere".to_owned(),
                CannotTell::NotYetValid => "the token does not work yet".to_owned(),
                CannotTell::Program => "a program's copy cannot be read back".to_owned(),
                CannotTell::Unanswered(reason) => reason.clone(),
            };
            format!("whether {sink} holds the secret cannot be told: {why}")
        }
        Note::DeadValue { sink } => {
            format!("the old value of {sink} is no live token's; it {} replaced", tense.of("is", "was"))
        }
        Note::Left { sink } => format!("{sink} keeps its value: whether it was this token's cannot be told"),
        Note::NotHeld { sink } => {
            format!(
                "{sink} does not hold its secret, which cfmint cannot read: put it there yourself, or make a \
                 successor: cfmint rotate {again}"
            )
        }
        Note::Spared(refused @ Refused::NotHeld { .. }) => {
            let refused = CustodyError::Refused(refused.clone());
            format!("{refused}; to make a successor that it holds: cfmint rotate {again}")
        }
        Note::Spared(refused) => {
            format!("{}; it is left as it is", CustodyError::Refused(refused.clone()))
        }
        Note::Replaced { sink, id, name } => {
            let name = name.as_ref().map(|name| format!(" `{}`", printable(name))).unwrap_or_default();
            let loses = tense.of("loses", "lost");
            format!(
                "the live token{name} {loses} its place in {sink}, and lives on; revoke --id {id} ends it"
            )
        }
        Note::HoldsAnother { sink, id, name } => {
            let name = printable(name);
            format!("{sink} holds the live token `{name}`, which has another name; revoke --id {id} ends it")
        }
        Note::CutShort { from, to } => format!(
            "its life {} cut short: without this change, it would end {}, not {}",
            tense.of("is", "was"),
            time(*from),
            time(*to)
        ),
        Note::EndsSoon { expires_on } => format!("ends soon, {}", time(*expires_on)),
    }
}

/// What a person should know about a step that was carried out.
pub(super) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::ShutOut => {
            "the token's IP rule shuts this machine out, so the bootstrap confirmed it by its id".to_owned()
        }
        Remark::StartsLater { at } => {
            format!("begins to work {}; until then the bootstrap confirms it by its id", time(*at))
        }
        Remark::Holds { sink } => format!("{sink} holds the secret, as it could say now"),
        Remark::HooksRan => {
            "the hooks of an earlier delivery, which had not run or had failed, have run".to_owned()
        }
        Remark::StrayDeleted { name } => {
            format!("an answer was lost; the token it had made, {name}, was found and deleted")
        }
        Remark::MayComeLate { name, until } => format!(
            "an answer was lost; the token that was asked for, {name}, may still be made, and would end by itself {}",
            time(*until)
        ),
        Remark::IdChanged { from, to } => format!(
            "the answer to the roll was lost, so another token takes the place of {from}: its id is {to}"
        ),
        Remark::StandInLeft { name } => {
            format!("{name}, made only for the roll, could not be deleted; it ends by itself")
        }
        Remark::NotRetired { name, reason } => {
            format!("{name} could not be retired ({reason}); the next run tries again")
        }
        Remark::EndDiffers { name, ends } => {
            format!("Cloudflare lets {name} end {}, which is not what was asked for", end(*ends))
        }
        Remark::Retired { name, end } => format!("{name}, {}, ends {}", what_it_was(name), time(*end)),
        Remark::PredecessorDeleted { name } => format!("{name}, {}, is deleted", what_it_was(name)),
        Remark::Cleared { sink, variables } => format!("removed {} from {sink}", variables.join(", ")),
    }
}

/// What a generation was that is ended beside the one in force.
fn what_it_was(name: &str) -> &'static str {
    match MarkedName::parse(name) {
        Some(marked) if marked.phase.is_pending() => "left by a run that did not finish",
        _ => "the predecessor",
    }
}

/// From when on a pending token is no longer taken for one of a run that is under way, where that is not yet so.
pub(super) fn finished_from(issued_on: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let from = issued_on.unwrap_or(now) + RUN_WINDOW;
    (from > now).then_some(from)
}

/// What an interrupted run left, where no profile is at hand.
pub(super) fn leftover(live: &Live, left: &Left, now: DateTime<Utc>) -> String {
    let name = printable(&live.name);
    let since = live.issued_on.map(|at| format!(" since {}", time(at))).unwrap_or_default();
    match left {
        Left::Deleted => format!("{name}: it was made, and nobody can have its secret"),
        Left::EndsByItself => {
            let from = finished_from(live.issued_on, now);
            let from = from.map(|from| format!(" after {}", time(from))).unwrap_or_default();
            format!(
                "{name} is pending{since} and {}, unless its run is still under way; to finish it{from}: cfmint recover \
                 PROFILE",
                end_and_rest(live.expires_on, now)
            )
        }
        Left::HooksDue => {
            format!("{name} is in force and its hooks have not run; the next apply of its profile runs them")
        }
        Left::Alive(_) => format!("{name} could not be deleted and {}", end_and_rest(live.expires_on, now)),
    }
}

/// Why a fresh generation is made.
pub(super) fn why(why: &Why) -> String {
    match why {
        Why::NoneInForce => "no live token has this name".to_owned(),
        Why::Asked => "a successor was asked for".to_owned(),
        Why::UnfinishedRun { name } => {
            format!("a run that made {} did not finish, and may have delivered it", printable(name))
        }
        Why::NotHeld { sink } => format!("{sink} does not hold the secret"),
        Why::SeveralInForce => {
            "several tokens of this name are in force, and which of them a program holds cannot be told"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_tokens_are_noted_in_one_line() {
        let pending = |name: &str| Note::Pending { name: name.to_owned(), since: None, ends: None };
        let two = [pending("a+new@k3x9w2ab"), pending("a+roll@q2x9w2ab")];
        let lines = notes(two.iter(), "a.yaml", Tense::Ahead);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("2 tokens are pending: "), "{lines:?}");
        assert!(lines[0].contains("or are under way") && lines[0].contains("a+roll@q2x9w2ab"), "{lines:?}");
    }

    #[test]
    fn a_pending_token_that_is_retired_is_no_predecessor() {
        let retired = |name: &str| remark(&Remark::PredecessorDeleted { name: name.to_owned() });
        assert_eq!(
            retired("a+roll@k3x9w2ab"),
            "a+roll@k3x9w2ab, left by a run that did not finish, is deleted"
        );
        assert_eq!(retired("a@k3x9w2ab"), "a@k3x9w2ab, the predecessor, is deleted");
    }

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
