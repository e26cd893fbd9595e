//! A valid profile for one environment: only what passed every check of this room exists here.
//!
//! Values that later stages may find fault with keep their place in the source.

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use ipnet::IpNet;

use super::diagnostic::{Source, Span, Spanned};
use super::lifetime::{Lifetime, Rotation, Start, Strategy, USUAL_OVERLAP, interval, renew_before};
use super::sink::SinkSpec;

/// What one token should be and where its secret goes: a profile × an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The file it was read from.
    pub source: Arc<Source>,
    /// The environment it was resolved for.
    pub environment: Option<String>,
    /// The token's name, without the mark.
    pub name: Spanned<String>,
    /// What it is for, in a sentence.
    pub description: Option<String>,
    /// Whose token it is.
    pub owner: Owner,
    /// Where it says `owner: user` in so many words.
    pub user_written: Option<Span>,
    /// What it may do, and on what.
    pub rights: Rights,
    /// Further rights, with resources of their own.
    pub grants: Vec<Rights>,
    /// From where; `None` where the profile is silent, and no rule at all for `any`.
    pub ip: Option<IpRules>,
    /// How long.
    pub ttl: Spanned<Lifetime>,
    /// From when, where the profile says so.
    pub not_before: Option<Start>,
    /// How it is renewed, where the profile says so.
    pub rotation: Option<Rotation>,
    /// What runs after a delivery or a retirement.
    pub hooks: Hooks,
    /// Where the secret goes, in order.
    pub sinks: Vec<SinkSpec>,
}

/// Permissions, and what they apply to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// What may be done.
    pub permissions: Vec<Permission>,
    /// On what.
    pub resources: Resources,
}

impl Profile {
    /// All its rights: its own, then those of its `grants`. Together they have one permission at least.
    pub fn all_rights(&self) -> impl Iterator<Item = &Rights> {
        std::iter::once(&self.rights).chain(&self.grants)
    }

    /// How it is renewed.
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        self.rotation.map_or(Strategy::Generation, |rotation| rotation.strategy)
    }

    /// How much of its life must be left: what the profile says, else a third of a TTL that is a duration. `None`
    /// where neither is known.
    #[must_use]
    pub fn renew_before(&self) -> Option<TimeDelta> {
        renew_before(self.rotation.and_then(|rotation| rotation.renew_before), self.ttl.value)
    }

    /// The shortest time that `rotate --due` has for a token of this profile: its interval, or what is left of its
    /// life when it is to be renewed. `None` where it is never due once it is made.
    #[must_use]
    pub fn renewal(&self) -> Option<TimeDelta> {
        let every = self.rotation.and_then(|rotation| rotation.every);
        let before = match self.ttl.value {
            Lifetime::For(_) => self.renew_before(),
            // A token that ends as the profile says is not renewed for its end.
            Lifetime::Until(_) | Lifetime::Never => None,
        };
        every.into_iter().chain(before).min()
    }

    /// How long a predecessor lives on beside its successor; always shorter than the time between two rotations.
    #[must_use]
    pub fn overlap(&self) -> TimeDelta {
        let half = interval(None, None, self.ttl.value).map_or(USUAL_OVERLAP, |interval| interval / 2);
        self.rotation.map_or(USUAL_OVERLAP.min(half), |rotation| rotation.overlap)
    }
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The user behind the bootstrap.
    User,
    /// An account, so that the token outlives a person.
    Account(Spanned<Reference>),
}

/// An account or zone as a profile names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// 32 hexadecimal digits, lower case.
    Id(String),
    /// A name, to be looked up.
    Name(String),
}

impl Reference {
    /// Reads 32 hexadecimal digits as an id and anything else as a name.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if is_id(text) { Self::Id(text.to_ascii_lowercase()) } else { Self::Name(text.to_owned()) }
    }

    /// The id or the name.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Name(text) => text,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

/// Whether a text is an id of Cloudflare's: 32 hexadecimal digits.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The parts of a profile's permissions; each is a scope of Cloudflare's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Permissions on accounts.
    Account,
    /// Permissions on zones.
    Zone,
    /// Permissions on the user.
    User,
    /// Permissions on R2 buckets.
    R2,
    /// Permissions on single Workers.
    Worker,
}

impl Section {
    /// Every section.
    pub const ALL: [Self; 5] = [Self::Account, Self::Zone, Self::User, Self::R2, Self::Worker];

    /// Its key in a profile.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Zone => "zone",
            Self::User => "user",
            Self::R2 => "r2",
            Self::Worker => "worker",
        }
    }
}

/// One permission asked for; the catalogue says which group it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The section it stands in.
    pub section: Section,
    /// What was written.
    pub reference: PermissionRef,
}

/// The two ways to ask for a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionRef {
    /// A label with one level, as in `DNS: edit`.
    Label {
        /// The dashboard's or the API's label.
        label: Spanned<String>,
        /// The level.
        level: Spanned<Level>,
    },
    /// A list item: the API's whole name, or an id.
    Item(Spanned<Reference>),
}

/// The levels of a permission. `edit` and `write` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// See.
    Read,
    /// See and change.
    Edit,
    /// Empty a cache.
    Purge,
    /// End sessions.
    Revoke,
    /// Execute.
    Run,
    /// File reports.
    Report,
    /// Everything.
    Admin,
    /// Put messages in.
    Send,
    /// Attach.
    Bind,
    /// Change what there is, and neither create nor delete: a role for Workers.
    Editor,
}

impl Level {
    /// Every level that grants something.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Edit,
        Self::Purge,
        Self::Revoke,
        Self::Run,
        Self::Report,
        Self::Admin,
        Self::Send,
        Self::Bind,
        Self::Editor,
    ];

    /// The word for it in a profile.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Edit => "edit",
            Self::Purge => "purge",
            Self::Revoke => "revoke",
            Self::Run => "run",
            Self::Report => "report",
            Self::Admin => "admin",
            Self::Send => "send",
            Self::Bind => "bind",
            Self::Editor => "editor",
        }
    }
}

/// What the permissions apply to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// Accounts.
    pub accounts: Accounts,
    /// Zones.
    pub zones: Zones,
    /// R2 buckets.
    pub buckets: Vec<Spanned<Bucket>>,
    /// Single Workers.
    pub workers: Vec<Spanned<Worker>>,
}

impl Resources {
    /// The one account that `account_id` stands for: the only one named, or that of every bucket.
    #[must_use]
    pub fn account(&self) -> Option<&Spanned<Reference>> {
        match &self.accounts {
            Accounts::Named(named) => match named.as_slice() {
                [account] => Some(account),
                [] => self.bucket_account(),
                _ => None,
            },
            Accounts::All => None,
        }
    }

    /// The one zone that `zone_id` stands for.
    #[must_use]
    pub fn zone(&self) -> Option<&Spanned<Reference>> {
        match &self.zones {
            Zones::Named(named) => match named.as_slice() {
                [zone] => Some(zone),
                _ => None,
            },
            Zones::OfAccounts | Zones::AllAccounts => None,
        }
    }

    /// The account and the jurisdiction that `r2_endpoint` stands for: those of every bucket, or without
    /// buckets the one account's default.
    #[must_use]
    pub fn r2_endpoint(&self) -> Option<(&Spanned<Reference>, Jurisdiction)> {
        let Some(first) = self.buckets.first() else {
            return self.account().map(|account| (account, Jurisdiction::Default));
        };
        let jurisdiction = first.value.jurisdiction;
        let is_shared = self.buckets.iter().all(|bucket| bucket.value.jurisdiction == jurisdiction);
        self.bucket_account().filter(|_| is_shared).map(|account| (account, jurisdiction))
    }

    fn bucket_account(&self) -> Option<&Spanned<Reference>> {
        let account = &self.buckets.first()?.value.account;
        let is_shared = self.buckets.iter().all(|bucket| bucket.value.account.value == account.value);
        is_shared.then_some(account)
    }
}

/// Which accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accounts {
    /// These; for an account-owned token that names none, its owner stands here. May be empty.
    Named(Vec<Spanned<Reference>>),
    /// Every account of the user.
    All,
}

/// Which zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Zones {
    /// These; may be empty.
    Named(Vec<Spanned<Reference>>),
    /// Every zone of the profile's accounts.
    OfAccounts,
    /// Every zone of every account of the user.
    AllAccounts,
}

/// An R2 bucket, or all buckets of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The account it is in.
    pub account: Spanned<Reference>,
    /// Its name; `None` for every bucket of the account.
    pub name: Option<String>,
    /// Where its data may lie.
    pub jurisdiction: Jurisdiction,
}

/// A Worker; it must be deployed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The account it is in.
    pub account: Spanned<Reference>,
    /// Its name, or its tag.
    pub name: Reference,
}

/// Where a bucket's data may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Jurisdiction {
    /// Anywhere.
    Default,
    /// The European Union.
    Eu,
    /// The United States.
    Us,
    /// `FedRAMP` data centres.
    Fedramp,
}

impl Jurisdiction {
    /// Every jurisdiction.
    pub const ALL: [Self; 4] = [Self::Default, Self::Eu, Self::Us, Self::Fedramp];

    /// Its word in resource keys and host names.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Eu => "eu",
            Self::Us => "us",
            Self::Fedramp => "fedramp",
        }
    }
}

/// From which addresses a token may be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IpRules {
    /// From these; any, if empty.
    pub allow: Vec<IpNet>,
    /// But not from these.
    pub deny: Vec<IpNet>,
}

/// Programs that run after a delivery or a retirement, each an argv list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hooks {
    /// After a secret was delivered and verified.
    pub delivered: Vec<Vec<String>>,
    /// After a predecessor was retired.
    pub retired: Vec<Vec<String>>,
}
