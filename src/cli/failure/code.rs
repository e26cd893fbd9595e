//! The codes of problems, each a promise to people who search for it.
//!
//! This is their one registry: a code that stands here has a case that provokes it, and no other code reaches a screen.

use serde::{Serialize, Serializer};

use super::exit::Exit;
use crate::profile::DiagnosticCode;
use crate::sink::SinkCode;

macro_rules! codes {
    ($($variant:ident = $text:literal,)*) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::cli) enum Code {
            $(#[doc = $text] $variant,)*
            /// A finding in a profile, which its own room names.
            Diagnostic(DiagnosticCode),
            /// A sink that cannot be read or written, as its own room names it.
            Sink(SinkCode),
        }

        /// Every code that the command line itself names; other rooms list those of their own.
        pub const CODES: &[&str] = &[$($text),*];

        impl Code {
            /// The code as it is written.
            pub(in crate::cli) fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Diagnostic(code) => code.text(),
                    Self::Sink(code) => code.text(),
                }
            }
        }
    };
}

codes! {
    // What was typed.
    UsageAccount = "usage.account",
    UsageAdopt = "usage.adopt",
    UsageApiUrl = "usage.api-url",
    UsageArguments = "usage.arguments",
    UsageDoctor = "usage.doctor",
    UsageEnvironment = "usage.environment",
    UsageExplain = "usage.explain",
    UsageHtml = "usage.html",
    UsageId = "usage.id",
    UsageInit = "usage.init",
    UsageLog = "usage.log",
    UsageMan = "usage.man",
    UsageOutput = "usage.output",
    UsagePermission = "usage.permission",
    UsageSchedule = "usage.schedule",
    UsageSet = "usage.set",
    UsageWrangler = "usage.wrangler",
    UsageYes = "usage.yes",
    // Profiles as files, and several of them in one run.
    ProfileInexpressible = "profile.inexpressible",
    ProfileUnreadable = "profile.unreadable",
    // The bootstrap.
    BootstrapAccountOwned = "bootstrap.account-owned",
    BootstrapCommand = "bootstrap.command",
    BootstrapVault = "bootstrap.vault",
    BootstrapGlobalKey = "bootstrap.global-key",
    BootstrapMalformed = "bootstrap.malformed",
    BootstrapMissing = "bootstrap.missing",
    BootstrapUnreadable = "bootstrap.unreadable",
    // Requests.
    CloudflareListCutOff = "cloudflare.list-cut-off",
    CloudflareNoAnswer = "cloudflare.no-answer",
    CloudflareNoAuthorities = "cloudflare.no-authorities",
    CloudflareNoConnection = "cloudflare.no-connection",
    CloudflareProxy = "cloudflare.proxy",
    CloudflareQuota = "cloudflare.quota",
    CloudflareRateLimit = "cloudflare.rate-limit",
    CloudflareRefused = "cloudflare.refused",
    CloudflareUnreadable = "cloudflare.unreadable",
    // Steps.
    CustodyAnotherRun = "custody.another-run",
    CustodyBootstrap = "custody.bootstrap",
    CustodyCannotTell = "custody.cannot-tell",
    CustodyClocksApart = "custody.clocks-apart",
    CustodyConflict = "custody.conflict",
    CustodyDeadToken = "custody.dead-token",
    CustodyDropped = "custody.dropped",
    CustodyDeclined = "custody.declined",
    CustodyForeignToken = "custody.foreign-token",
    CustodyHasToken = "custody.has-token",
    CustodyHook = "custody.hook",
    CustodyInterrupted = "custody.interrupted",
    CustodyLostAnswer = "custody.lost-answer",
    CustodyNoRandomness = "custody.no-randomness",
    CustodyNoSuchToken = "custody.no-such-token",
    CustodyNotHeld = "custody.not-held",
    CustodyNotTaken = "custody.not-taken",
    CustodyNothingToRoll = "custody.nothing-to-roll",
    CustodyProtectedValue = "custody.protected-value",
    CustodyShutOut = "custody.shut-out",
    CustodyStartsLater = "custody.starts-later",
    CustodyTooMany = "custody.too-many",
    CustodyTooManyPending = "custody.too-many-pending",
    CustodyTooShort = "custody.too-short",
    CustodyUncommitted = "custody.uncommitted",
    CustodyUndelivered = "custody.undelivered",
    CustodyUnreadableToken = "custody.unreadable-token",
    CustodyUnverified = "custody.unverified",
    // A command with a token of its own.
    ExecProgram = "exec.program",
    // Another program's requests.
    LearnNothing = "learn.nothing",
    LearnPort = "learn.port",
    LearnProgram = "learn.program",
    LearnRefused = "learn.refused",
    // The machine.
    EmulatorPort = "emulator.port",
    EmulatorState = "emulator.state",
    OutputCutOff = "output.cut-off",
    SinkFolder = "sink.folder",
    StateAnotherTree = "state.another-tree",
    StateLink = "state.link",
    StateLocked = "state.locked",
    StateNote = "state.note",
    StateNotPlain = "state.not-plain",
    StateOpenToOthers = "state.open-to-others",
    StateOtherOwner = "state.other-owner",
    StateTracked = "state.tracked",
    StateUnusable = "state.unusable",
}

impl Code {
    /// How a command exits that this keeps from beginning.
    pub(in crate::cli) fn exit(self) -> Exit {
        match self {
            Self::Diagnostic(_)
            | Self::UsageAccount
            | Self::UsageAdopt
            | Self::UsageApiUrl
            | Self::UsageArguments
            | Self::UsageDoctor
            | Self::UsageEnvironment
            | Self::UsageExplain
            | Self::UsageHtml
            | Self::UsageId
            | Self::UsageInit
            | Self::UsageLog
            | Self::UsageMan
            | Self::UsageOutput
            | Self::UsagePermission
            | Self::UsageSchedule
            | Self::UsageSet
            | Self::UsageWrangler
            | Self::UsageYes => Exit::Invalid,
            _ => Exit::Failed,
        }
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

#[cfg(test)]
mod tests;
