//! Where runs happen: machines × sinks × faults. A place says who shares what, and how much may go wrong.
//!
//! Full bounds are those under which the rules were found. Reduced ones are small enough for every day: they keep each
//! place and each kind of fault, and take away repetitions.

use crate::rules::Rules;

/// How often each thing may happen in one history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Budget {
    /// Runs that may be begun, for each machine.
    pub(crate) starts: [u8; 2],
    /// How many of them may be `rotate`.
    pub(crate) rotations: u8,
    /// How many of them may be `roll`.
    pub(crate) rolls: u8,
    pub(crate) deaths: u8,
    /// Lost answers.
    pub(crate) losses: u8,
    pub(crate) hook_failures: u8,
    pub(crate) sink_failures: u8,
    /// How often W passes within runs.
    pub(crate) sleeps: u8,
    /// How often a list is stale.
    pub(crate) lags: u8,
    /// How often a state folder is lost.
    pub(crate) notes_lost: u8,
    /// How often a token drifts from its profile.
    pub(crate) drifts: u8,
}

impl Budget {
    /// Nothing is left to happen.
    pub(crate) const SPENT: Self = Self {
        starts: [0; 2],
        rotations: 0,
        rolls: 0,
        deaths: 0,
        losses: 0,
        hook_failures: 0,
        sink_failures: 0,
        sleeps: 0,
        lags: 0,
        notes_lost: 0,
        drifts: 0,
    };

    /// Each fault once; a list is stale twice, since every run looks twice.
    pub(crate) const REDUCED: Self = Self {
        starts: [2, 1],
        rotations: 2,
        rolls: 1,
        deaths: 1,
        losses: 1,
        hook_failures: 1,
        sink_failures: 1,
        sleeps: 1,
        lags: 2,
        notes_lost: 1,
        drifts: 1,
    };

    /// At most this much of each.
    fn at_most(self, most: Self) -> Self {
        Self {
            starts: [self.starts[0].min(most.starts[0]), self.starts[1].min(most.starts[1])],
            rotations: self.rotations.min(most.rotations),
            rolls: self.rolls.min(most.rolls),
            deaths: self.deaths.min(most.deaths),
            losses: self.losses.min(most.losses),
            hook_failures: self.hook_failures.min(most.hook_failures),
            sink_failures: self.sink_failures.min(most.sink_failures),
            sleeps: self.sleeps.min(most.sleeps),
            lags: self.lags.min(most.lags),
            notes_lost: self.notes_lost.min(most.notes_lost),
            drifts: self.drifts.min(most.drifts),
        }
    }
}

/// One place, the rules that hold in it, and its bounds.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is its own property")]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) rules: Rules,
    pub(crate) machines: usize,
    pub(crate) sinks: u8,
    /// Which sinks can say what they hold: env files, Vault, programs with `read:`. The others are opaque.
    pub(crate) readable: u8,
    /// The sinks of each machine's profile, in order.
    pub(crate) delivers_to: [&'static [u8]; 2],
    /// Which sinks must always hold a working secret; two machines with env files of their own cannot promise it.
    pub(crate) watched: u8,
    /// Whether a generation is in force and delivered at the beginning.
    pub(crate) established: bool,
    /// Whether every run begins with an empty state folder, as on a thrown-away runner.
    pub(crate) stateless: bool,
    /// Whether lost requests may take effect late.
    pub(crate) late: bool,
    /// Whether `apply` refuses where "not held" is the only reason to make a generation.
    pub(crate) refuses_not_held: bool,
    /// Whether a program may outlive the run that started it.
    pub(crate) programs_outlive: bool,
    pub(crate) budget: Budget,
}

impl Place {
    pub(crate) fn is_readable(&self, sink: u8) -> bool {
        self.readable >> sink & 1 == 1
    }

    pub(crate) fn is_watched(&self, sink: u8) -> bool {
        self.watched >> sink & 1 == 1
    }

    /// Whether a machine's profile has a sink that cannot say what it holds.
    pub(crate) fn has_opaque(&self, machine: usize) -> bool {
        self.delivers_to[machine].iter().any(|sink| !self.is_readable(*sink))
    }

    /// Whether lists may be stale here at all.
    pub(crate) fn lags(&self) -> bool {
        self.budget.lags > 0
    }

    /// The same place under other rules.
    pub(crate) fn under(self, rules: Rules) -> Self {
        Self { rules, ..self }
    }

    /// The same place at bounds for every day: two runs, and each fault once.
    pub(crate) fn reduced(self) -> Self {
        let starts = if self.machines == 1 { [2, 0] } else { [1, 1] };
        self.within(Budget { starts, ..Budget::REDUCED })
    }

    /// The same place with at most this much of each fault.
    pub(crate) fn within(self, most: Budget) -> Self {
        Self { budget: self.budget.at_most(most), ..self }
    }
}

/// One machine with one env file, and the bounds of every place with one machine.
const ONE: Place = Place {
    name: "1 machine, env",
    rules: Rules::IN_FORCE,
    machines: 1,
    sinks: 1,
    readable: 0b1,
    delivers_to: [&[0], &[]],
    watched: 0b1,
    established: true,
    stateless: false,
    late: true,
    refuses_not_held: true,
    programs_outlive: false,
    budget: Budget {
        starts: [3, 0],
        rotations: 2,
        deaths: 2,
        losses: 2,
        hook_failures: 1,
        sink_failures: 1,
        notes_lost: 1,
        ..Budget::SPENT
    },
};

/// Two machines at once, and the bounds of every place with two.
const TWO: Place = Place {
    name: "2 machines",
    machines: 2,
    delivers_to: [&[0], &[0]],
    refuses_not_held: false,
    budget: Budget { starts: [2, 1], rotations: 2, deaths: 1, losses: 1, sink_failures: 1, ..Budget::SPENT },
    ..ONE
};

/// Two thrown-away runners that share one opaque sink.
const RUNNERS: Place = Place { readable: 0, stateless: true, ..TWO };
/// Two machines, each with its own env file, that share an opaque sink.
const OWN_AND_SHARED: Place =
    Place { sinks: 3, readable: 0b011, delivers_to: [&[0, 2], &[1, 2]], watched: 0b100, ..TWO };
/// One machine, an env file and then an opaque sink.
const ENV_AND_OPAQUE: Place =
    Place { sinks: 2, readable: 0b01, delivers_to: [&[0, 1], &[]], watched: 0b11, ..ONE };

/// Every place, at full bounds.
#[rustfmt::skip] // One place a line: what differs stands below one another.
pub(crate) fn places() -> Vec<Place> {
    let (one, two) = (ONE.budget, TWO.budget);
    vec![
        Place { name: "1 machine, env, first create", established: false, budget: Budget { rotations: 1, ..one }, ..ONE },
        ONE,
        Place { name: "1 machine, 2 env", readable: 0b11, ..ENV_AND_OPAQUE },
        Place { name: "1 machine, opaque", readable: 0, ..ONE },
        Place { name: "1 machine, env+opaque", ..ENV_AND_OPAQUE },
        Place { name: "1 machine, opaque+env", readable: 0b10, ..ENV_AND_OPAQUE },
        Place { name: "1 machine, 2 opaque", readable: 0, ..ENV_AND_OPAQUE },
        Place { name: "1 runner, opaque, no state", readable: 0, stateless: true, budget: Budget { notes_lost: 0, ..one }, ..ONE },
        Place { name: "1 machine, env, roll", budget: Budget { rolls: 1, rotations: 1, ..one }, ..ONE },
        Place { name: "1 machine, env+opaque, roll", budget: Budget { rolls: 1, rotations: 1, hook_failures: 0, notes_lost: 0, ..one }, ..ENV_AND_OPAQUE },
        Place { name: "1 machine, opaque, program outlives", readable: 0, programs_outlive: true, budget: Budget { losses: 1, ..one }, ..ONE },
        Place { name: "1 machine, env+opaque, program outlives", programs_outlive: true, budget: Budget { losses: 1, notes_lost: 0, ..one }, ..ENV_AND_OPAQUE },
        Place { name: "1 runner, opaque, list lags", readable: 0, stateless: true, budget: Budget { lags: 3, losses: 1, notes_lost: 0, ..one }, ..ONE },
        Place { name: "1 machine, env, list lags", budget: Budget { lags: 2, losses: 1, deaths: 1, ..one }, ..ONE },
        Place { name: "2 runners, shared opaque, no state", ..RUNNERS },
        Place { name: "2 runners, 2 shared opaque, no state", sinks: 2, watched: 0b11, delivers_to: [&[0, 1], &[0, 1]], ..RUNNERS },
        Place { name: "2 machines, shared opaque", readable: 0, ..TWO },
        Place { name: "2 machines, own env + shared opaque", ..OWN_AND_SHARED },
        Place { name: "2 state folders, one env", refuses_not_held: true, ..TWO },
        Place { name: "2 state folders, one env + opaque", sinks: 2, readable: 0b01, delivers_to: [&[0, 1], &[0, 1]], watched: 0b11, refuses_not_held: true, ..TWO },
        Place { name: "2 runners, opaque, first create", established: false, budget: Budget { rotations: 1, ..two }, ..RUNNERS },
        Place { name: "2 state folders, one env, first create", established: false, refuses_not_held: true, budget: Budget { rotations: 1, ..two }, ..TWO },
        Place { name: "2 machines, own env + opaque, first create", established: false, budget: Budget { rotations: 1, ..two }, ..OWN_AND_SHARED },
        Place { name: "2 runners, opaque, sleeping", budget: Budget { sleeps: 1, sink_failures: 0, ..two }, ..RUNNERS },
        Place { name: "2 machines, env+opaque, sleeping", budget: Budget { sleeps: 1, sink_failures: 0, ..two }, ..OWN_AND_SHARED },
        Place { name: "2 runners, opaque, list lags", budget: Budget { lags: 4, ..two }, ..RUNNERS },
        Place { name: "2 state folders, one env, list lags", refuses_not_held: true, budget: Budget { lags: 3, sink_failures: 0, ..two }, ..TWO },
        Place { name: "2 runners, opaque, updates", budget: Budget { drifts: 1, sink_failures: 0, ..two }, ..RUNNERS },
        Place { name: "2 state folders, one env, updates", budget: Budget { drifts: 1, sink_failures: 0, ..two }, ..TWO },
        Place { name: "2 runners, opaque, updates and roll", budget: Budget { drifts: 1, rolls: 1, rotations: 0, sink_failures: 0, ..two }, ..RUNNERS },
        Place { name: "2 runners, opaque, roll", budget: Budget { rolls: 1, rotations: 1, ..two }, ..RUNNERS },
        Place { name: "2 runners, opaque, program outlives", programs_outlive: true, ..RUNNERS },
        Place { name: "2 machines, opaque, program outlives", readable: 0, programs_outlive: true, ..TWO },
        Place { name: "wide: 2 state folders, one env", refuses_not_held: true, budget: Budget { starts: [2, 2], deaths: 2, sink_failures: 0, ..two }, ..TWO },
        Place { name: "wide: 2 runners, opaque, roll", budget: Budget { starts: [2, 2], rolls: 1, rotations: 1, ..two }, ..RUNNERS },
        Place { name: "wide: 2 runners, opaque, 2 crashes", budget: Budget { starts: [2, 2], deaths: 2, sink_failures: 0, ..two }, ..RUNNERS },
        Place { name: "wide: 2 runners, opaque, 2 faults", budget: Budget { starts: [2, 2], losses: 2, sink_failures: 0, ..two }, ..RUNNERS },
        Place { name: "wide: 2 runners, opaque", budget: Budget { starts: [2, 2], deaths: 2, losses: 2, sink_failures: 0, ..two }, ..RUNNERS },
        Place { name: "wide: 2 runners, opaque, 3 runs each", budget: Budget { starts: [3, 3], sink_failures: 0, ..two }, ..RUNNERS },
    ]
}
