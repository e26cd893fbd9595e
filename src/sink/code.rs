//! The codes of sinks, each a promise to people who search for it; this is their one registry.

macro_rules! codes {
    ($($name:ident = $text:literal,)+) => {
        /// Which situation it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SinkCode {
            $(#[doc = $text] $name,)+
        }

        impl SinkCode {
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

codes! {
    Outside = "sink.outside",
    NoFolder = "sink.no-folder",
    NotAFile = "sink.not-a-file",
    BrokenLink = "sink.broken-link",
    OtherOwner = "sink.other-owner",
    HardLink = "sink.hard-link",
    ReadOnly = "sink.read-only",
    ReadOnlyFolder = "sink.read-only-folder",
    OtherGroup = "sink.other-group",
    Immutable = "sink.immutable",
    ReadOnlyMount = "sink.read-only-mount",
    MountPoint = "sink.mount-point",
    HalfWritten = "sink.half-written",
    Reserved = "sink.reserved",
    TooLong = "sink.too-long",
    Unreadable = "sink.unreadable",
    Changed = "sink.changed",
    Restless = "sink.restless",
    StageElsewhere = "sink.stage-elsewhere",
    Refused = "sink.refused",
    Value = "sink.value",
    NoValue = "sink.no-value",
    Tracked = "sink.tracked",
    NotIgnored = "sink.not-ignored",
    StillNotIgnored = "sink.still-not-ignored",
    GitignoreUnfit = "sink.gitignore-unfit",
    NoGit = "sink.no-git",
    GitFailed = "sink.git-failed",
    NameNotText = "sink.name-not-text",
    InRepository = "sink.in-repository",
    Unanswered = "sink.unanswered",
    NoProgram = "sink.no-program",
    CommandNotStarted = "sink.command-not-started",
    CommandFailed = "sink.command-failed",
    CommandKilled = "sink.command-killed",
    CommandUnread = "sink.command-unread",
    NoGithubActions = "sink.no-github-actions",
    VaultSettings = "sink.vault-settings",
    VaultRefused = "sink.vault-refused",
    VaultUnanswered = "sink.vault-unanswered",
    NoTerminal = "sink.no-terminal",
    NotRestorable = "sink.not-restorable",
    CommandTimedOut = "sink.command-timed-out",
    TooLate = "sink.too-late",
}
