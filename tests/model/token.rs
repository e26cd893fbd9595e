//! What Cloudflare's list knows of one generation, and what a request does to it. Plain data: it decides nothing.
//!
//! A token is counted by the order in which tokens came into being, a secret by its token and by how often that
//! token was rolled. Ends and ages are kinds, not times: the model's clock knows only "W passed", "the overlap
//! passed" and "P passed".

/// How many tokens of one name a whole history may make.
pub(crate) const TOKENS: usize = 11;
/// How many sinks a place may have.
pub(crate) const SINKS: usize = 3;
/// How many versions of a token's secret there may be.
pub(crate) const VERSIONS: u8 = 4;

/// Where a token stands in the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) enum Listing {
    /// It was not made yet.
    #[default]
    Absent,
    /// It is listed, and its secret works.
    Live,
    /// It is listed only where expired tokens are asked for.
    Expired,
    /// It is not listed any more.
    Deleted,
}

/// How far a generation has come, by the name that it carries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) enum Phase {
    /// `+new`: made, its delivery is not confirmed.
    #[default]
    Pending,
    /// The plain name: in force.
    InForce,
    /// `+old`: retiring.
    Retiring,
    /// `+roll`: the stand-in of a roll.
    Roll,
    /// `+hooks`: in force, `delivered` hooks outstanding.
    Hooks,
}

/// When a token ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) enum End {
    /// The end that the profile asks for.
    #[default]
    Full,
    /// P after it was made.
    Short,
    /// The overlap after it was retired.
    Overlap,
    /// A time that passed while the request was under way.
    Past,
}

/// One live token, as the server has it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Token {
    pub(crate) listing: Listing,
    pub(crate) phase: Phase,
    pub(crate) end: End,
    /// How often it was rolled.
    pub(crate) version: u8,
    /// Whether it was announced less than W ago.
    pub(crate) young: bool,
    /// The epoch in which it was announced: epochs of W, or every announcement one of its own.
    pub(crate) announced: u8,
    pub(crate) mark: u8,
}

impl Token {
    /// What a listing shows of it.
    pub(crate) fn row(self) -> Row {
        Row {
            listing: self.listing,
            phase: self.phase,
            end: self.end,
            young: self.young,
            announced: self.announced,
        }
    }

    /// Whether it is an announcement that still runs: made with the short end of a pending token.
    pub(crate) fn is_bounded(self) -> bool {
        self.end == End::Short && self.listing == Listing::Live
    }
}

/// What a run remembers of a token from its first look.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Row {
    pub(crate) listing: Listing,
    pub(crate) phase: Phase,
    pub(crate) end: End,
    pub(crate) young: bool,
    pub(crate) announced: u8,
}

impl Row {
    /// Whether name, end or presence differ from what is listed now; growing older is no difference.
    pub(crate) fn differs(self, now: Token) -> bool {
        self.listing != now.listing || self.phase != now.phase || self.end != now.end
    }

    pub(crate) fn is_live(self) -> bool {
        self.listing == Listing::Live
    }

    /// In force, hooks outstanding or not.
    pub(crate) fn is_in_force(self) -> bool {
        self.is_live() && matches!(self.phase, Phase::InForce | Phase::Hooks) && self.end == End::Full
    }

    /// Under the name of an announcement, whatever its end.
    pub(crate) fn is_announcement(self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Roll)
    }
}

/// A secret: of which token, and which version of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Value {
    pub(crate) token: u8,
    pub(crate) version: u8,
}

impl Value {
    /// Its place in a set of secrets.
    pub(crate) fn bit(self) -> u64 {
        1 << (self.token * VERSIONS + self.version)
    }

    /// The secrets of one token, as a set.
    pub(crate) fn all_of(token: u8) -> u64 {
        15 << (token * VERSIONS)
    }

    /// The members of a set of secrets.
    pub(crate) fn members(set: u64) -> impl Iterator<Item = Self> {
        let all = (0..TOKENS).flat_map(|token| (0..VERSIONS).map(move |version| (token, version)));
        all.map(|(token, version)| Self { token: u8::try_from(token).unwrap_or(u8::MAX), version })
            .filter(move |value| set & value.bit() != 0)
    }
}

/// What a request, or a program that outlives its run, does when it reaches its target.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Effect {
    /// `POST /tokens` with this mark, a name of this phase, and the short end P.
    Post { mark: u8, phase: Phase },
    /// `PUT /tokens/ID` with a name of this phase and this end.
    Put { token: u8, phase: Phase, end: End },
    /// `DELETE /tokens/ID`.
    Delete { token: u8 },
    /// `PUT /tokens/ID/value`; versions up to this one were to be rolled away.
    Roll { token: u8, up_to: u8 },
    /// A program stores what it was given by a run that is dead.
    Store { sink: u8, value: Value, machine: u8 },
}

impl Effect {
    /// The token whose id it names.
    pub(crate) fn names(self) -> Option<u8> {
        match self {
            Self::Put { token, .. } | Self::Delete { token } | Self::Roll { token, .. } => Some(token),
            Self::Store { value, .. } => Some(value.token),
            Self::Post { .. } => None,
        }
    }
}
