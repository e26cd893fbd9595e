//! The codes of what is checked, each a promise to programs that read them; and how a check can end.
//!
//! This is their one registry: the sessions of the transcripts and the tests print each of them.

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[doc = $what:literal])+ $variant:ident = $text:literal,)*) => {
        /// What is checked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum CheckCode {
            $($(#[doc = $what])+ $variant,)*
        }

        impl CheckCode {
            /// Every code, in the order in which the checks are made.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is written.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

codes! {
    /// Where the secret is, and whether it is there.
    Place = "doctor.place",
    /// Whether the value has the form of a token.
    Form = "doctor.form",
    /// Whether Cloudflare knows the secret.
    Verify = "doctor.verify",
    /// When the token ends, and whether it is switched on.
    Expiry = "doctor.expiry",
    /// When it begins to work.
    Start = "doctor.start",
    /// Whether its IP rule lets this machine in.
    Address = "doctor.address",
    /// Whether the account id beside it is one of its accounts.
    Account = "doctor.account",
    /// Whether the zone id beside it is one of its zones.
    Zone = "doctor.zone",
    /// Whether it is the token in force of the profile.
    Generation = "doctor.generation",
    /// A name of the profile that leads nowhere.
    Name = "doctor.name",
    /// A permission, by the token's policies.
    Policy = "doctor.policy",
    /// A permission, by a read that does no harm.
    Read = "doctor.read",
    /// The bootstrap.
    Bootstrap = "doctor.bootstrap",
    /// What the bootstrap may grant and sees.
    Power = "doctor.power",
    /// Whether git would commit the secret.
    Git = "doctor.git",
    /// Whether the sinks can be used.
    Sink = "doctor.sink",
    /// What a run left unfinished.
    Pending = "doctor.pending",
    /// This machine's clock beside Cloudflare's.
    Clock = "doctor.clock",
    /// Which API is asked.
    Api = "doctor.api",
}

impl Serialize for CheckCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// How a check ended, the harmless ends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// It is as it should be.
    Ok,
    /// It cannot be told.
    Unknown,
    /// The token may do what the profile does not ask for.
    Unneeded,
    /// The token may not do what the profile asks for.
    Missing,
    /// It is not as it should be.
    Failed,
}

impl CheckStatus {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Unneeded => "unneeded",
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }

    /// Whether something must be done about it.
    #[must_use]
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Missing | Self::Failed)
    }
}
