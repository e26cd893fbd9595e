//! What can be pruned: rules × live tokens, now → the tokens that meet every rule, each with the reasons.
//!
//! A rule that cannot be judged, because Cloudflare gives no time for it, is not met. Without rules nothing goes,
//! and the bootstrap's own token never does.

use chrono::{DateTime, TimeDelta, Utc};

use super::last_activity::last_activity;
use super::profile_index::{Belonging, ProfileIndex};
use crate::plan::{Live, Status};
use crate::profile::matches_pattern;

/// What a token must be to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PruneRule {
    /// It shows no sign of life for so long.
    UnusedFor(TimeDelta),
    /// It was made longer ago than the rule says.
    OlderThan(TimeDelta),
    /// Its time is over.
    Expired,
    /// It belongs to an environment of this shape, such as `pr-*`.
    Environments(String),
}

/// Which tokens the rules are for.
pub enum Among<'a> {
    /// All that cfmint made.
    Marked,
    /// Those of profiles.
    Profiles(ProfileIndex<'a>),
    /// Those that cfmint did not make, whose name has this shape.
    Unmarked(&'a str),
}

/// Why a token goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It was used, and has shown no sign of life for so long.
    Unused(TimeDelta),
    /// It was never used, and nothing was done to it for so long.
    NeverUsed(TimeDelta),
    /// It is older than this.
    Old(TimeDelta),
    /// Its time is over.
    Expired,
    /// It belongs to this environment.
    Environment(String),
    /// cfmint did not make it, and its name has this shape.
    Unmarked(String),
}

/// A token that meets every rule.
#[derive(Debug, Clone, PartialEq)]
pub struct PruneCandidate<'a> {
    /// The token.
    pub live: &'a Live,
    /// Its profile and environment, where profiles are known.
    pub belonging: Option<Belonging<'a>>,
    /// What it met, in the order of the rules.
    pub why: Vec<Reason>,
}

/// What came of looking through an owner's tokens.
#[derive(Debug, Default, PartialEq)]
pub struct Pick<'a> {
    /// Those that go, oldest first.
    pub candidates: Vec<PruneCandidate<'a>>,
    /// The bootstrap's own token, if it meets every rule: it stays.
    pub bootstrap: Option<PruneCandidate<'a>>,
}

/// Picks the tokens of one owner that meet every rule. `own` is the id of the bootstrap's own token.
#[must_use]
pub fn pick<'a>(
    tokens: &'a [Live],
    among: &Among<'a>,
    rules: &[PruneRule],
    own: Option<&str>,
    now: DateTime<Utc>,
) -> Pick<'a> {
    let mut pick = Pick::default();
    for live in tokens {
        match candidate(live, among, rules, now) {
            Some(candidate) if own == Some(&*live.id) => pick.bootstrap = Some(candidate),
            Some(candidate) => pick.candidates.push(candidate),
            None => {}
        }
    }
    pick.candidates.sort_by(|one, other| {
        (one.live.issued_on, &one.live.name, &one.live.id).cmp(&(
            other.live.issued_on,
            &other.live.name,
            &other.live.id,
        ))
    });
    pick
}

fn candidate<'a>(
    live: &'a Live,
    among: &Among<'a>,
    rules: &[PruneRule],
    now: DateTime<Utc>,
) -> Option<PruneCandidate<'a>> {
    if rules.is_empty() {
        return None;
    }
    let (belonging, mut why) = match among {
        Among::Marked => {
            live.marked.as_ref()?;
            (None, Vec::new())
        }
        Among::Profiles(profile_index) => (Some(profile_index.find(live)?), Vec::new()),
        Among::Unmarked(shape) => {
            if live.marked.is_some() || !matches_pattern(shape, &live.name) {
                return None;
            }
            (None, vec![Reason::Unmarked((*shape).to_owned())])
        }
    };
    let environment = belonging.as_ref().and_then(|belonging| belonging.environment.as_deref());
    for rule in rules {
        why.push(met(rule, live, environment, now)?);
    }
    Some(PruneCandidate { live, belonging, why })
}

/// Why a token meets a rule; `None` where it does not.
fn met(rule: &PruneRule, live: &Live, environment: Option<&str>, now: DateTime<Utc>) -> Option<Reason> {
    match rule {
        PruneRule::UnusedFor(limit) => {
            let idle = now.signed_duration_since(last_activity(live)?);
            let reason = if live.last_used_on.is_some() { Reason::Unused } else { Reason::NeverUsed };
            (idle >= *limit).then(|| reason(idle))
        }
        PruneRule::OlderThan(limit) => {
            let age = now.signed_duration_since(live.issued_on?);
            (age >= *limit).then_some(Reason::Old(*limit))
        }
        PruneRule::Expired => {
            let is_over = live.status == Status::Expired || live.expires_on.is_some_and(|end| end <= now);
            is_over.then_some(Reason::Expired)
        }
        PruneRule::Environments(shape) => {
            let environment = environment.filter(|environment| matches_pattern(shape, environment))?;
            Some(Reason::Environment(environment.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]
    use super::*;
    use crate::profile::{Profile, ProfileFile, ResolveOptions, Unset};

    /// Noon of a day.
    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    /// A token made on day 0.
    fn live(name: &str) -> Live {
        Live {
            issued_on: Some(day(0)),
            modified_on: Some(day(0)),
            expires_on: Some(day(90)),
            ..crate::lifecycle::tests::live(name)
        }
    }

    fn days(days: i64) -> TimeDelta {
        TimeDelta::days(days)
    }

    /// Why a marked token goes on a day; `None` where it stays.
    fn why(live: &Live, rules: &[PruneRule], now: i64) -> Option<Vec<Reason>> {
        let pick = pick(std::slice::from_ref(live), &Among::Marked, rules, None, day(now));
        pick.candidates.into_iter().next().map(|candidate| candidate.why)
    }

    #[test]
    fn a_token_goes_at_its_limit_and_not_before() {
        let old = PruneRule::OlderThan(days(30));
        let unused = PruneRule::UnusedFor(days(30));
        let made = live("shop@a0000000");
        let used = Live { last_used_on: Some(day(10)), ..made.clone() };
        let changed = Live { modified_on: Some(day(20)), ..used.clone() };
        let switched_off = Live { status: Status::Expired, expires_on: None, ..made.clone() };
        for (live, rule, last_day_of_staying, reason) in [
            (&made, &old, 29, Reason::Old(days(30))),
            (&made, &unused, 29, Reason::NeverUsed(days(30))),
            (&used, &unused, 39, Reason::Unused(days(30))),
            (&changed, &unused, 49, Reason::Unused(days(30))),
            (&made, &PruneRule::Expired, 89, Reason::Expired),
            (&switched_off, &PruneRule::Expired, -1, Reason::Expired),
        ] {
            let rules = std::slice::from_ref(rule);
            if last_day_of_staying >= 0 {
                assert_eq!(why(live, rules, last_day_of_staying), None, "{rule:?}");
            }
            assert_eq!(why(live, rules, last_day_of_staying + 1), Some(vec![reason]), "{rule:?}");
        }
    }

    #[test]
    fn what_cannot_be_judged_stays() {
        let timeless = crate::lifecycle::tests::live("shop@a0000000");
        for rule in [PruneRule::UnusedFor(days(0)), PruneRule::OlderThan(days(0)), PruneRule::Expired] {
            assert_eq!(why(&timeless, &[rule], 9_999), None);
        }
    }

    #[test]
    fn a_token_must_meet_every_rule_and_without_rules_nothing_goes() {
        let rules = [PruneRule::OlderThan(days(30)), PruneRule::Expired];
        assert_eq!(why(&live("shop@a0000000"), &rules, 60), None);
        let both = Some(vec![Reason::Old(days(30)), Reason::Expired]);
        assert_eq!(why(&live("shop@a0000000"), &rules, 90), both);
        assert_eq!(why(&live("shop@a0000000"), &[], 9_999), None);
    }

    #[test]
    fn tokens_with_and_without_a_mark_never_go_together() {
        let tokens = [live("legacy-one"), live("legacy-two@a0000000"), live("other"), live("shop@b0000000")];
        let names = |among: &Among<'_>| -> Vec<String> {
            let pick = pick(&tokens, among, &[PruneRule::OlderThan(days(1))], None, day(2));
            pick.candidates.iter().map(|candidate| candidate.live.name.clone()).collect()
        };
        assert_eq!(names(&Among::Marked), ["legacy-two@a0000000", "shop@b0000000"]);
        assert_eq!(names(&Among::Unmarked("legacy-*")), ["legacy-one"]);
        assert_eq!(names(&Among::Profiles(ProfileIndex::default())), [""; 0]);
    }

    #[test]
    fn the_bootstrap_is_named_and_stays() {
        let tokens = [Live { id: "b".repeat(32), ..live("shop@a0000000") }, live("shop@c0000000")];
        let own = "b".repeat(32);
        let pick = pick(&tokens, &Among::Marked, &[PruneRule::OlderThan(days(1))], Some(&own), day(2));
        assert_eq!(pick.bootstrap.map(|spared| spared.live), Some(&tokens[0]));
        assert_eq!(pick.candidates.iter().map(|candidate| candidate.live).collect::<Vec<_>>(), [&tokens[1]]);
    }

    #[test]
    fn an_environment_is_what_the_profile_makes_of_the_name() {
        let text = "
version: 1
name: shop-${environment}
permissions: { zone: { DNS: edit } }
resources: { zones: [example.com] }
ttl: 90d
sinks: [{ env_file: .env, variables: { SHOP_TOKEN: token } }]
environments: { dev: {}, \"pr-*\": {} }
";
        let file = ProfileFile::from_bytes("shop.yaml", text.into()).unwrap();
        let choice = |environment| ResolveOptions {
            environment,
            features: &[],
            variables: &|_| None,
            now: day(0),
            unset: Unset::Error,
        };
        let profiles: Vec<Profile> = ["dev", "pr-1"]
            .into_iter()
            .map(|name| file.resolve(&choice(Some(name))).profile.unwrap())
            .collect();
        let shapes = file.shapes(&choice(None));
        let among = Among::Profiles(ProfileIndex::new(&profiles, &shapes));
        let tokens = [
            live("shop-dev@a0000000"),
            live("shop-pr-17@a0000000"),
            live("shop-pr-17"),
            live("other-pr-17@a0000000"),
        ];
        let rules = [PruneRule::Environments("pr-*".to_owned()), PruneRule::OlderThan(days(1))];
        let pick = pick(&tokens, &among, &rules, None, day(2));
        let [candidate] = <[PruneCandidate<'_>; 1]>::try_from(pick.candidates).unwrap();
        assert_eq!(candidate.live.name, "shop-pr-17@a0000000");
        assert_eq!(candidate.why, [Reason::Environment("pr-17".to_owned()), Reason::Old(days(1))]);
        assert_eq!(candidate.belonging.unwrap().environment.as_deref(), Some("pr-17"));
    }
}
