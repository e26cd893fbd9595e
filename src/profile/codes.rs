//! The codes of diagnostics, each a promise to people who search for it.
//!
//! This is their one registry: reading a profile, resolving its names and comparing it with others yield these and no
//! others.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $about:literal])+ $name:ident = $text:literal,)+) => {
        /// What kind of finding it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DiagnosticCode {
            $($(#[doc = $about])+ $name,)+
        }

        impl DiagnosticCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it is written.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

impl DiagnosticCode {
    /// Whether what is found depends on more than the profile itself: on Cloudflare's lists, on other profiles, or on the
    /// variables of a run.
    #[must_use]
    pub fn depends_on_the_run(self) -> bool {
        matches!(
            self,
            Self::PermissionWithoutId
                | Self::PermissionNotListed
                | Self::PermissionListDiffers
                | Self::PermissionNotSelectable
                | Self::UnknownPermission
                | Self::UnknownAccount
                | Self::UnknownZone
                | Self::UnknownWorker
                | Self::UnknownUser
                | Self::IdOfAnotherKind
                | Self::SameVariable
                | Self::SameName
                | Self::UnsetVariable
                | Self::TtlInThePast
                | Self::StaleAllow
        )
    }
}

codes! {
    /// Longer than a profile may be.
    TooLong = "profile.too-long",
    /// Bytes that are no UTF-8.
    NotUtf8 = "profile.not-utf8",
    /// A character that has no place in a profile and may hide what it says.
    ControlCharacter = "profile.control-character",
    /// A tab where YAML wants spaces.
    Tab = "profile.tab",
    /// Nothing in the file.
    Empty = "profile.empty",
    /// No YAML.
    Syntax = "profile.syntax",
    /// A colon inside a text that wants quotes.
    UnquotedColon = "profile.unquoted-colon",
    /// A variable between brackets that wants quotes.
    UnquotedVariable = "profile.unquoted-variable",
    /// Aliases that stand for too much.
    AliasBudget = "profile.alias-budget",
    /// More than one document in a file.
    ManyDocuments = "profile.many-documents",
    /// A YAML tag.
    Tag = "profile.tag",

    /// A map that has nothing of a profile.
    NoProfile = "profile.no-profile",
    /// A file that holds a list or a text instead of a map.
    NotAMap = "profile.not-a-map",
    /// A list, a map or a text where another of them belongs.
    WrongType = "profile.wrong-type",
    /// A key that means nothing at its place.
    UnknownKey = "profile.unknown-key",
    /// A permission that does not say what it applies to.
    NoSection = "profile.no-section",
    /// A key that stands twice in one map.
    DuplicateKey = "profile.duplicate-key",
    /// A key that must be there.
    MissingKey = "profile.missing-key",
    /// Nothing where a value belongs.
    EmptyValue = "profile.empty-value",
    /// A format that this version does not read.
    UnknownVersion = "profile.unknown-version",
    /// A word outside the words that its place knows.
    UnknownWord = "profile.unknown-word",
    /// A name that its place cannot take.
    BadName = "profile.bad-name",
    /// No length of time.
    BadDuration = "profile.bad-duration",
    /// No point in time.
    BadTime = "profile.bad-time",
    /// No network address.
    BadCidr = "profile.bad-cidr",
    /// A path that cannot be written, or that leads out of the work tree.
    BadPath = "profile.bad-path",
    /// A mode that a file with a secret cannot have.
    BadMode = "profile.bad-mode",
    /// A program that cannot be run as written.
    BadCommand = "profile.bad-command",
    /// `${` that is not followed by a variable.
    BadSubstitution = "profile.bad-substitution",
    /// `all` as one item of a list.
    AllInAList = "profile.all-in-a-list",

    /// An environment that the profile does not have.
    UnknownEnvironment = "profile.unknown-environment",
    /// A feature that the profile does not have.
    UnknownFeature = "profile.unknown-feature",
    /// A variable without a value.
    UnsetVariable = "profile.unset-variable",
    /// A `none` that takes nothing away.
    NothingRemoved = "profile.nothing-removed",

    /// Two things of which one alone can be: `none` beside a level, two modes for one file.
    Contradiction = "profile.contradiction",

    /// No permissions at all.
    NoPermissions = "profile.no-permissions",
    /// A permission without anything to apply to.
    MissingResource = "profile.missing-resource",
    /// A permission on the user, in a token that belongs to an account.
    UserPermission = "profile.user-permission",
    /// A permission on single Workers, in a token that belongs to a user.
    WorkerOfUser = "profile.worker-of-user",
    /// A token of one account that is to reach others.
    BeyondOwner = "profile.beyond-owner",
    /// An end that has passed.
    TtlInThePast = "profile.ttl-in-the-past",
    /// A life that is over before most tools notice that it began.
    TtlShort = "profile.ttl-short",
    /// A rule that lets in every address there is, or every one of IPv4 or IPv6.
    IpEverywhere = "profile.ip-everywhere",
    /// A rule that lets in no address, or none of IPv4 or IPv6.
    IpNowhere = "profile.ip-nowhere",
    /// A rule for addresses that Cloudflare never sees.
    IpPrivate = "profile.ip-private",
    /// A network with bits of one address.
    IpHostBits = "profile.ip-host-bits",
    /// A beginning that is not before the end.
    NeverValid = "profile.never-valid",
    /// A sink that is of no kind, or of several.
    SinkKind = "profile.sink-kind",
    /// A value for a sink that there is none or more than one of.
    AmbiguousValue = "profile.ambiguous-value",
    /// A variable that two sinks write into one file.
    DuplicateVariable = "profile.duplicate-variable",

    /// A token that lives for ever.
    TtlNever = "profile.ttl-never",
    /// Every account of the user, or every zone of them.
    AllAccounts = "profile.all-accounts",
    /// Every zone of the accounts.
    AllZones = "profile.all-zones",
    /// An address rule in an environment whose addresses change.
    IpOfLocal = "profile.ip-of-local",
    /// One name for the tokens of every environment.
    NameWithoutEnvironment = "profile.name-without-environment",
    /// A comment that silences nothing: without a code, without a reason, or for an error.
    BadAllow = "profile.bad-allow",
    /// A comment that would silence something that is no longer there.
    StaleAllow = "profile.stale-allow",
    /// A resource that no permission uses.
    UnusedResource = "profile.unused-resource",
    /// No sink that receives the secret.
    UndeliveredSecret = "profile.undelivered-secret",
    /// A `renew_before` that leaves no time between two renewals.
    RenewBeforeTooLong = "profile.renew-before-too-long",
    /// An `every` that no token grows as old as.
    EveryTooLong = "profile.every-too-long",
    /// A variable without its braces, which is taken as it stands.
    BareVariable = "profile.bare-variable",
    /// An `overlap` that lasts until the next rotation, so that there would be three tokens.
    OverlapTooLong = "profile.overlap-too-long",

    /// The code of a name that no group goes by, and of an id that no group has.
    UnknownPermission = "profile.unknown-permission",
    /// The code of a label that has other levels.
    UnknownLevel = "profile.unknown-level",
    /// The code of a permission that belongs in another section.
    PermissionInWrongSection = "profile.permission-in-wrong-section",
    /// The code of a name that fits two groups of one scope alike.
    AmbiguousPermission = "profile.ambiguous-permission",
    /// The code of a known name whose id only Cloudflare's list has.
    PermissionWithoutId = "profile.permission-without-id",
    /// The code of a group that Cloudflare's list for this owner lacks.
    PermissionNotListed = "profile.permission-not-listed",
    /// The code of the note on a name that was understood as another.
    PermissionUnderstood = "profile.permission-understood",
    /// The code of the note on a group that Cloudflare's list has otherwise than the embedded catalogue.
    PermissionListDiffers = "profile.permission-list-differs",
    /// The code of the note on a group that the bootstrap may not grant, as Cloudflare's list says.
    PermissionNotSelectable = "profile.permission-not-selectable",
    /// The code of the note on a group of a product that refuses tokens of accounts.
    PermissionNotForAccounts = "profile.permission-not-for-accounts",
    /// The code of the power to make tokens.
    TokenMaking = "profile.token-making",
    /// The code of a permission to change things in a token whose name says that it reads.
    MoreThanRead = "profile.more-than-read",
    /// The code of a token that changes things of several kinds.
    SeveralPurposes = "profile.several-purposes",
    /// The code of the note on a token of the user that could be the account's.
    UserOwned = "profile.user-owned",
    /// An account that the bootstrap does not see.
    UnknownAccount = "profile.unknown-account",
    /// A zone that the bootstrap does not see.
    UnknownZone = "profile.unknown-zone",
    /// A Worker that is not deployed.
    UnknownWorker = "profile.unknown-worker",
    /// A user whose id the bootstrap may not read.
    UnknownUser = "profile.unknown-user",
    /// The id of an account in the place of a zone, or the reverse.
    IdOfAnotherKind = "profile.id-of-another-kind",
    /// A variable that two profiles or environments write into one file.
    SameVariable = "profile.same-variable",
    /// A name that two profiles of one run have.
    SameName = "profile.same-name",
}
