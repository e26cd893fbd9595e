//! The codes of this room's diagnostics, each a promise to people who search for it.

macro_rules! codes {
    ($($(#[doc = $about:literal])+ $name:ident = $code:literal;)+) => {
        $($(#[doc = $about])+ pub(super) const $name: &str = $code;)+

        /// Every code that reading or resolving a profile can yield.
        pub const CODES: &[&str] = &[$($name),+];
    };
}

codes! {
    /// Longer than a profile may be.
    TOO_LONG = "profile.too-long";
    /// Bytes that are no UTF-8.
    NOT_UTF8 = "profile.not-utf8";
    /// A character that has no place in a profile and may hide what it says.
    CONTROL_CHARACTER = "profile.control-character";
    /// A tab where YAML wants spaces.
    TAB = "profile.tab";
    /// Nothing in the file.
    EMPTY = "profile.empty";
    /// No YAML.
    SYNTAX = "profile.syntax";
    /// A colon inside a text that wants quotes.
    UNQUOTED_COLON = "profile.unquoted-colon";
    /// A variable between brackets that wants quotes.
    UNQUOTED_VARIABLE = "profile.unquoted-variable";
    /// Aliases that stand for too much.
    ALIAS_BUDGET = "profile.alias-budget";
    /// More than one document in a file.
    MANY_DOCUMENTS = "profile.many-documents";
    /// A YAML tag.
    TAG = "profile.tag";

    /// A map that has nothing of a profile.
    NO_PROFILE = "profile.no-profile";
    /// A file that holds a list or a text instead of a map.
    NOT_A_MAP = "profile.not-a-map";
    /// A list, a map or a text where another of them belongs.
    WRONG_TYPE = "profile.wrong-type";
    /// A key that means nothing at its place.
    UNKNOWN_KEY = "profile.unknown-key";
    /// A permission that does not say what it applies to.
    NO_SECTION = "profile.no-section";
    /// A key that stands twice in one map.
    DUPLICATE_KEY = "profile.duplicate-key";
    /// A key that must be there.
    MISSING_KEY = "profile.missing-key";
    /// Nothing where a value belongs.
    EMPTY_VALUE = "profile.empty-value";
    /// A format that this version does not read.
    UNKNOWN_VERSION = "profile.unknown-version";
    /// A word outside the words that its place knows.
    UNKNOWN_WORD = "profile.unknown-word";
    /// A name that its place cannot take.
    BAD_NAME = "profile.bad-name";
    /// No length of time.
    BAD_DURATION = "profile.bad-duration";
    /// No point in time.
    BAD_TIME = "profile.bad-time";
    /// No network address.
    BAD_CIDR = "profile.bad-cidr";
    /// A path that cannot be written, or that leads out of the work tree.
    BAD_PATH = "profile.bad-path";
    /// A mode that a file with a secret cannot have.
    BAD_MODE = "profile.bad-mode";
    /// A program that cannot be run as written.
    BAD_COMMAND = "profile.bad-command";
    /// `${` that is not followed by a variable.
    BAD_SUBSTITUTION = "profile.bad-substitution";
    /// `all` as one item of a list.
    ALL_IN_A_LIST = "profile.all-in-a-list";

    /// An environment that the profile does not have.
    UNKNOWN_ENVIRONMENT = "profile.unknown-environment";
    /// A feature that the profile does not have.
    UNKNOWN_FEATURE = "profile.unknown-feature";
    /// A variable without a value.
    UNSET_VARIABLE = "profile.unset-variable";
    /// A `none` that takes nothing away.
    NOTHING_REMOVED = "profile.nothing-removed";

    /// Two things of which one alone can be: `none` beside a level, two modes for one file.
    CONTRADICTION = "profile.contradiction";

    /// No permissions at all.
    NO_PERMISSIONS = "profile.no-permissions";
    /// A permission without anything to apply to.
    MISSING_RESOURCE = "profile.missing-resource";
    /// A permission on the user, in a token that belongs to an account.
    USER_PERMISSION = "profile.user-permission";
    /// A permission on single Workers, in a token that belongs to a user.
    WORKER_OF_USER = "profile.worker-of-user";
    /// A token of one account that is to reach others.
    BEYOND_OWNER = "profile.beyond-owner";
    /// An end that has passed.
    TTL_IN_THE_PAST = "profile.ttl-in-the-past";
    /// A life that is over before most tools notice that it began.
    TTL_SHORT = "profile.ttl-short";
    /// A rule that lets every address in.
    IP_EVERYWHERE = "profile.ip-everywhere";
    /// A rule that lets no address in.
    IP_NOWHERE = "profile.ip-nowhere";
    /// A rule for addresses that Cloudflare never sees.
    IP_PRIVATE = "profile.ip-private";
    /// A network with bits of one address.
    IP_HOST_BITS = "profile.ip-host-bits";
    /// A beginning that is not before the end.
    NEVER_VALID = "profile.never-valid";
    /// A sink that is of no kind, or of several.
    SINK_KIND = "profile.sink-kind";
    /// A value for a sink that there is none or more than one of.
    AMBIGUOUS_VALUE = "profile.ambiguous-value";
    /// A variable that two sinks write into one file.
    DUPLICATE_VARIABLE = "profile.duplicate-variable";

    /// A token that lives for ever.
    TTL_NEVER = "profile.ttl-never";
    /// Every account of the user, or every zone of them.
    ALL_ACCOUNTS = "profile.all-accounts";
    /// A resource that no permission uses.
    UNUSED_RESOURCE = "profile.unused-resource";
    /// No sink that receives the secret.
    UNDELIVERED_SECRET = "profile.undelivered-secret";
    /// A `renew_before` that leaves no time between two renewals.
    RENEW_BEFORE_TOO_LONG = "profile.renew-before-too-long";
    /// An `every` that no token grows as old as.
    EVERY_TOO_LONG = "profile.every-too-long";
    /// A variable without its braces, which is taken as it stands.
    BARE_VARIABLE = "profile.bare-variable";
    /// An `overlap` that lasts until the next rotation, so that there would be three tokens.
    OVERLAP_TOO_LONG = "profile.overlap-too-long";
}
