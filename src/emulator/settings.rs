//! What an emulator is told from outside: clock, randomness, delays, and sides in what the sources dispute.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Tells the time. Must not call the emulator.
pub type Clock = dyn Fn() -> DateTime<Utc> + Send + Sync;
/// Fills a buffer with random bytes. Must not call the emulator.
pub type Random = dyn Fn(&mut [u8]) + Send + Sync;

/// Everything an [`Emulator`](super::Emulator) does not decide by itself.
#[derive(Clone)]
pub struct Settings {
    /// The time now.
    pub clock: Arc<Clock>,
    /// Where ids and secrets come from.
    pub random: Arc<Random>,
    /// How long an answer waits once its work is done: who gives up early has met the worst case.
    pub latency: Duration,
    /// How long a new or rolled secret is unknown to the edge: `verify` says 401 with code 1000 until then,
    /// other endpoints 403 with code 10000.
    pub propagation: Duration,
    /// The address of callers that come neither over a socket nor with a
    /// [`CallerAddress`](super::CallerAddress).
    pub address: IpAddr,
    /// Sides in what the sources dispute; can be changed later.
    pub switches: Switches,
}

impl Settings {
    /// Answers at once, from 127.0.0.1, with the default switches.
    #[must_use]
    pub fn new(clock: Arc<Clock>, random: Arc<Random>) -> Self {
        Self {
            clock,
            random,
            latency: Duration::ZERO,
            propagation: Duration::ZERO,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            switches: Switches::default(),
        }
    }

    /// The time now in whole seconds, as Cloudflare keeps it.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let now = (self.clock)();
        DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
    }
}

/// The behaviours that public sources describe differently, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switches {
    /// Whether a token can give its children what it lacks itself. Reports of both exist; the cap was
    /// seen for specific zones only. Default: free.
    pub children: Children,
    /// What happens to groups that do not exist or cannot be granted. One tool reports that they vanish
    /// from the stored policy, another an error 1001. Default: refused.
    pub ungrantable: Ungrantable,
    /// Groups that exist and are listed, yet cannot be granted here.
    pub withheld_groups: BTreeSet<String>,
    /// A group on a resource that it is not scoped for. Cloudflare's guide says that it "will only apply to the
    /// resource type it is scoped for" (<https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/>);
    /// other emulators refuse it with code 1001. Default: accepted, without effect.
    pub off_scope_groups: Verdict,
    /// A token that makes a token which can itself make tokens. Default: refused.
    pub token_makers: Verdict,
    /// `GET /accounts` with an account-owned token: refused in 2024, reported working in 2026. Default:
    /// accepted.
    pub accounts_for_account_tokens: Verdict,
    /// `GET /zones` without `name`, for a token that holds single zones: refused with code 0 in 2020, and again in
    /// 2026. Default: refused.
    pub zones_without_name: Verdict,
    /// The flat resource `com.cloudflare.edge.r2.bucket.*`: 9109 in one report, in use by another tool.
    /// Default: refused.
    pub flat_buckets: Verdict,
    /// An `expires_on` that has passed; no source says. Default: accepted.
    pub past_expiry: Verdict,
    /// A roll without a body: the schema asks for `{}`, and the official SDKs have stopped sending it.
    /// Default: accepted.
    pub roll_without_body: Verdict,
    /// How answers spell the address rule. The schema says `request_ip`, the guides `request.ip`; both are
    /// taken in requests. Default: underscore.
    pub condition_key: ConditionKey,
    /// Whether policies and their groups come back in the order they were sent. Default: shuffled, which
    /// here means reversed, so that a client that relies on order fails every time.
    pub order: Order,
    /// What `verify` says to a disabled token; no source says. Default: its status.
    pub disabled_verify: VerifyAnswer,
    /// What `verify` says to an expired token. Default: that it is invalid, as was seen.
    pub expired_verify: VerifyAnswer,
    /// What `verify` says to a token that is not valid yet; no source says. Default: that it is invalid.
    pub early_verify: VerifyAnswer,
    /// What a replacement with a later end does to an expired token; no source says. Default: it works again.
    pub revive_expired: Revival,
    /// Which tokens a list shows that is asked for a `name`; that it can be asked is all that is documented
    /// (<https://developers.cloudflare.com/changelog/>, 2026-06-25). Default: those of exactly this name.
    pub name_filter: NameFilter,
    /// The longest page of tokens, whatever was asked for; `per_page` of the answer tells it. Default: 50.
    pub longest_page: u64,
    /// The `Date` of answers. Default: right.
    pub date: DateHeader,
    /// What `verify` says from an address that the condition shuts out. Default: the location.
    pub address_refusal: AddressRefusal,
    /// How new secrets look. Before April 2026 they had no prefix. A roll always gives the new form.
    pub new_secrets: SecretFormat,
    /// How many requests one user, or one account-owned token, may make. Default: 1200 in 300 s.
    pub rate_limit: Option<RateLimit>,
    /// After how many bad credentials an address is shut out for 300 s; the number is not documented.
    /// Default: never.
    pub auth_failures: Option<u32>,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            children: Children::Free,
            ungrantable: Ungrantable::Refused,
            withheld_groups: BTreeSet::new(),
            off_scope_groups: Verdict::Accepted,
            token_makers: Verdict::Refused,
            accounts_for_account_tokens: Verdict::Accepted,
            zones_without_name: Verdict::Refused,
            flat_buckets: Verdict::Refused,
            past_expiry: Verdict::Accepted,
            roll_without_body: Verdict::Accepted,
            condition_key: ConditionKey::Underscore,
            order: Order::Shuffled,
            disabled_verify: VerifyAnswer::Status,
            expired_verify: VerifyAnswer::Invalid,
            early_verify: VerifyAnswer::Invalid,
            revive_expired: Revival::Revives,
            name_filter: NameFilter::Exact,
            longest_page: 50,
            date: DateHeader::Right,
            address_refusal: AddressRefusal::Location,
            new_secrets: SecretFormat::Prefixed,
            rate_limit: Some(RateLimit { requests: 1200, seconds: 300 }),
            auth_failures: None,
        }
    }
}

/// One side of a dispute over whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Accepted,
    /// It is refused.
    Refused,
}

/// What a token can give to the tokens it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Children {
    /// Anything its user or account can.
    Free,
    /// On specific zones, only groups that it holds there itself; all zones of an account and buckets pass.
    CappedOnZones,
}

/// What happens to groups that cannot be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ungrantable {
    /// The request is refused with code 1001.
    Refused,
    /// They are left out of the stored policy, without a word.
    Dropped,
}

/// The spelling of the address rule in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionKey {
    /// `request_ip`.
    Underscore,
    /// `request.ip`.
    Dot,
}

/// The order of policies and groups in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they were sent.
    Kept,
    /// Never as they were sent.
    Shuffled,
}

/// What `verify` says to a token that does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyAnswer {
    /// 200 with its status, such as `disabled`.
    Status,
    /// 401 with code 1000.
    Invalid,
}

/// What a replacement with a later end does to an expired token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revival {
    /// It works again.
    Revives,
    /// Everything is replaced, and it stays expired.
    StaysExpired,
    /// The replacement is refused, as that of a token that does not exist.
    Refused,
}

/// What the `name` of a list's query means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFilter {
    /// The whole name, letter by letter.
    Exact,
    /// A part of the name, in any case.
    Contains,
    /// Nothing: the list is as without it.
    Ignored,
}

/// What the `Date` of answers says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateHeader {
    /// The time.
    Right,
    /// A time so many days from it.
    DaysOff(i64),
    /// Nothing: there is none.
    Absent,
    /// Words that are no date.
    Garbage,
}

/// What `verify` says from an address that is shut out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRefusal {
    /// 403 with code 9109 and the address, as every other endpoint does.
    Location,
    /// 401 with code 1000.
    Invalid,
}

/// How a new secret looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretFormat {
    /// `cfut_` or `cfat_`, 40 characters, a checksum.
    Prefixed,
    /// 40 characters that do not tell whose token it is.
    Legacy,
}

/// How many requests fit into how many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in a window.
    pub requests: u32,
    /// The window, and how long going over it is punished.
    pub seconds: u32,
}
