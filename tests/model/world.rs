//! The world around the runs: the server's tokens, what sinks and their readers hold, notes, requests under way, and
//! time. It applies effects and lets time pass; it decides nothing.

use crate::places::{Budget, Place};
use crate::rules::Rule;
use crate::run::state::Run;
use crate::token::{Effect, End, Listing, Phase, SINKS, TOKENS, Token, Value};

/// A state of the whole model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct World {
    pub(crate) tokens: [Token; TOKENS],
    /// How many of them were made.
    pub(crate) made: u8,
    /// The tokens as a replica that lags behind lists them.
    pub(crate) replica: [Token; TOKENS],
    pub(crate) sinks: [Option<Value>; SINKS],
    /// For each sink every secret that it had since the overlap last passed: a consumer may still use each of them.
    pub(crate) consumers: [u64; SINKS],
    /// Sinks whose secret died as it must: by a roll, or since P passed with no run after a death.
    pub(crate) excused: u8,
    /// For each machine the marks that its state folder notes.
    pub(crate) notes: [u32; 2],
    /// The next mark.
    pub(crate) marks: u8,
    /// The epoch of W.
    pub(crate) epoch: u8,
    pub(crate) runs: [Run; 2],
    /// What takes effect late.
    pub(crate) late: [Option<Effect>; 2],
    /// What may still happen.
    pub(crate) budget: Budget,
}

/// No mark: of nothing that was announced.
pub(crate) const NO_MARK: u8 = 0;

impl World {
    /// The beginning: nothing, or one generation in force in every watched sink.
    pub(crate) fn new(place: &Place) -> Self {
        let mut world = Self {
            tokens: [Token::default(); TOKENS],
            made: 0,
            replica: [Token::default(); TOKENS],
            sinks: [None; SINKS],
            consumers: [0; SINKS],
            excused: 0,
            notes: [0; 2],
            marks: 2,
            epoch: 1,
            runs: [Run::IDLE; 2],
            late: [None; 2],
            budget: place.budget,
        };
        if place.established {
            world.tokens[0] =
                Token { listing: Listing::Live, phase: Phase::InForce, mark: 1, ..Token::default() };
            world.made = 1;
            let first = Value { token: 0, version: 0 };
            for sink in (0..place.sinks).filter(|sink| place.is_watched(*sink)) {
                world.sinks[usize::from(sink)] = Some(first);
                world.consumers[usize::from(sink)] = first.bit();
            }
        }
        world.replica = world.tokens;
        world
    }

    pub(crate) fn token(&self, token: u8) -> &Token {
        &self.tokens[usize::from(token)]
    }

    pub(crate) fn sink(&self, sink: u8) -> Option<Value> {
        self.sinks[usize::from(sink)]
    }

    /// Whether Cloudflare accepts a secret.
    pub(crate) fn works(&self, value: Value) -> bool {
        let token = self.token(value.token);
        token.listing == Listing::Live && token.version == value.version
    }

    /// Whether no run is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.runs.iter().all(Run::is_idle)
    }

    pub(crate) fn is_excused(&self, sink: u8) -> bool {
        self.excused >> sink & 1 == 1
    }

    /// Whether the state folder of a machine notes the mark of a token.
    pub(crate) fn is_noted(&self, machine: usize, token: u8) -> bool {
        let mark = self.token(token).mark;
        mark != NO_MARK && self.notes[machine] >> mark & 1 == 1
    }

    /// Whether a list may be answered by a replica that lags behind.
    pub(crate) fn may_list_stale(&self) -> bool {
        self.budget.lags > 0 && self.replica != self.tokens
    }

    /// Lets a request reach the server, or a program its sink; says whether anything was there to change.
    pub(crate) fn apply(&mut self, place: &Place, effect: Effect, is_late: bool) -> bool {
        let unordered = place.rules.keep(Rule::UnorderedWithinW);
        match effect {
            Effect::Post { mark, phase } => {
                self.tokens[usize::from(self.made)] = Token {
                    listing: Listing::Live,
                    phase,
                    end: End::Short,
                    version: 0,
                    young: true,
                    announced: self.epoch,
                    mark,
                };
                self.made += 1;
                self.epoch += u8::from(!unordered);
                true
            }
            Effect::Put { token, phase, end } => {
                let announced = self.epoch;
                let token = &mut self.tokens[usize::from(token)];
                if matches!(token.listing, Listing::Absent | Listing::Deleted) {
                    return false;
                }
                token.phase = phase;
                if end == End::Past {
                    token.listing = Listing::Expired;
                    return true;
                }
                token.listing = Listing::Live;
                token.end = end;
                if matches!(phase, Phase::Pending | Phase::Roll) && !is_late {
                    token.young = true;
                    token.announced = announced;
                    self.epoch += u8::from(!unordered);
                }
                true
            }
            Effect::Delete { token } => {
                let token = &mut self.tokens[usize::from(token)];
                let was_made = token.listing != Listing::Absent;
                if was_made {
                    token.listing = Listing::Deleted;
                }
                was_made
            }
            Effect::Roll { token, up_to } => self.roll(place, token, up_to),
            Effect::Store { sink, value, .. } => {
                self.store(sink, value);
                true
            }
        }
    }

    fn roll(&mut self, place: &Place, token: u8, up_to: u8) -> bool {
        let old = Value { token, version: self.token(token).version };
        if self.token(token).listing != Listing::Live || old.version >= 3 {
            return false;
        }
        self.tokens[usize::from(token)].version += 1;
        // The secret that was to be rolled away dies at once by nature; a later one must not.
        if old.version <= up_to {
            for sink in 0..place.sinks {
                self.consumers[usize::from(sink)] &= !old.bit();
                if self.sink(sink) == Some(old) {
                    self.excused |= 1 << sink;
                }
            }
        }
        true
    }

    /// Keeps a request under way; false where two are already.
    pub(crate) fn delay(&mut self, effect: Effect) -> bool {
        let free = self.late.iter_mut().find(|late| late.is_none());
        free.map(|late| *late = Some(effect)).is_some()
    }

    /// Puts a secret into a sink, from where its consumers read it.
    pub(crate) fn store(&mut self, sink: u8, value: Value) {
        self.sinks[usize::from(sink)] = Some(value);
        self.consumers[usize::from(sink)] |= value.bit();
        self.excused &= !(1 << sink);
    }

    /// W passes.
    pub(crate) fn pass_window(&mut self) {
        for token in &mut self.tokens {
            token.young = false;
        }
        self.epoch += 1;
        self.replica = self.tokens;
    }

    /// W and the overlap pass: every consumer reads its sink again, what was retired ends.
    pub(crate) fn pass_overlap(&mut self, place: &Place) {
        self.pass_window();
        for sink in 0..place.sinks {
            let held = self.sink(sink).filter(|_| !self.is_excused(sink));
            self.consumers[usize::from(sink)] = held.map_or(0, Value::bit);
        }
        for token in &mut self.tokens {
            if token.listing == Listing::Live && token.end == End::Overlap {
                token.listing = Listing::Expired;
            }
        }
        self.late_ends_pass(End::Overlap);
    }

    /// W, the overlap and P pass: what is pending ends.
    pub(crate) fn pass_pending_life(&mut self, place: &Place) {
        self.pass_overlap(place);
        for token in 0..self.made {
            if !self.token(token).is_bounded() {
                continue;
            }
            self.tokens[usize::from(token)].listing = Listing::Expired;
            for sink in 0..place.sinks {
                if self.sink(sink).is_some_and(|value| value.token == token) {
                    self.excused |= 1 << sink;
                    self.consumers[usize::from(sink)] = 0;
                }
            }
        }
        for late in &mut self.late {
            if matches!(late, Some(Effect::Post { .. })) {
                *late = None;
            }
        }
        self.late_ends_pass(End::Short);
        self.replica = self.tokens;
    }

    /// A late request carries an absolute end.
    fn late_ends_pass(&mut self, passed: End) {
        for late in self.late.iter_mut().flatten() {
            if let Effect::Put { end, .. } = late
                && *end == passed
            {
                *end = End::Past;
            }
        }
    }

    /// Programs that outlived their run are killed before W, where that is the rule.
    pub(crate) fn end_programs(&mut self, place: &Place) {
        if place.rules.keep(Rule::ProgramsEnd) {
            for late in &mut self.late {
                if matches!(late, Some(Effect::Store { .. })) {
                    *late = None;
                }
            }
            self.order_late();
        }
    }

    /// Keeps late requests in front.
    pub(crate) fn order_late(&mut self) {
        if self.late[0].is_none() {
            self.late.swap(0, 1);
        }
    }
}
