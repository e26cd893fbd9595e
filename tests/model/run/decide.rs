//! A run decides, from its first look, its note and its readable sinks, and from nothing else.

use super::state::Run;
use super::turn::{Set, Turn};
use crate::event::{Action, Decision, Kind, Outcome, Step};
use crate::rules::{Adoption, Rule};
use crate::token::{End, Listing, Phase, SINKS, Value};
use crate::world::World;

/// What the first look says.
struct Survey {
    /// In force, hooks outstanding or not.
    in_force: Set,
    /// Tokens whose roll is not finished (the draft).
    rolling: Set,
    /// Pending tokens that still run.
    pending: Set,
    /// The newest in force.
    current: Option<u8>,
    /// Whether a pending token tells of a run that did not finish.
    pending_doubt: bool,
    /// Whether a roll may still land.
    roll_doubt: bool,
    /// Whether a pending token may belong to a run that is under way elsewhere.
    young: bool,
}

impl Turn<'_> {
    pub(super) fn decide(&mut self) {
        let mut world = self.fork();
        let mut read = [None; SINKS];
        for (held, sink) in read.iter_mut().zip(self.sinks()) {
            let readable = self.place.is_readable(*sink);
            *held = self.world.sink(*sink).filter(|value| readable && self.world.works(*value));
        }
        world.runs[self.machine].read = read;
        let survey = self.survey();

        if survey.young && self.refuses_young(&survey) {
            let needs = self.keeps(Rule::YoungRefuses) || self.needs_writing(&survey);
            let decision = if needs { Decision::RefuseYoung } else { Decision::NothingWhileYoung };
            return self.stop(world, Action::Decide(decision), Outcome::Young);
        }
        if self.decide_roll(&mut world, &survey) || self.decide_adoption(&mut world, &survey) {
            return;
        }
        let needs = self.needs_generation(&survey);
        let kind = self.run().kind;
        if needs && self.place.refuses_not_held && kind == Kind::Apply && !self.is_unfinished(&survey) {
            return self.stop(world, Action::Decide(Decision::RefuseNotHeld), Outcome::Failed);
        }
        match survey.current {
            Some(current) if !needs => self.keep(world, current, &read),
            _ => {
                world.runs[self.machine].mark = crate::world::NO_MARK;
                self.go(world, Action::Decide(Decision::Fresh), Step::Create);
            }
        }
    }

    fn survey(&self) -> Survey {
        let run = self.run();
        let in_force = self.saw(|token| run.saw(token).is_in_force());
        let rolling = self.saw(|token| {
            let row = run.saw(token);
            row.is_live() && row.phase == Phase::Roll && row.end == End::Full
        });
        let pending = self.saw(|token| {
            let row = run.saw(token);
            row.is_live() && row.is_announcement() && row.end == End::Short
        });
        let current = in_force.last();
        let is_newer = |token| current.is_none_or(|now| run.saw(token).announced >= run.saw(now).announced);
        let counts_expired = self.keeps(Rule::ExpiredIsEvidence);
        let pending_doubt = self.saw(|token| {
            let row = run.saw(token);
            let is_listed =
                row.is_live() && row.end == End::Short || counts_expired && row.listing == Listing::Expired;
            row.is_announcement() && is_listed && (!self.keeps(Rule::OnlyNewerIsEvidence) || is_newer(token))
        });
        let roll_doubt = self.saw(|token| {
            let row = run.saw(token);
            let is_listed = matches!(row.listing, Listing::Live | Listing::Expired);
            row.phase == Phase::Roll && row.end == End::Short && is_listed && is_newer(token)
        });
        let mut announced = pending.union(rolling).members();
        Survey {
            in_force,
            rolling,
            pending,
            current,
            pending_doubt: !pending_doubt.is_empty(),
            roll_doubt: self.keeps(Rule::RollName) && !roll_doubt.is_empty(),
            young: announced.any(|token| run.saw(token).young && !self.is_mine(token)),
        }
    }

    /// Whether every readable sink holds the secret of a token, and it works.
    fn is_held(&self, token: u8) -> bool {
        self.sinks().iter().filter(|sink| self.place.is_readable(**sink)).all(|sink| {
            self.world.sink(*sink).is_some_and(|value| value.token == token && self.world.works(value))
        })
    }

    /// Whether the one in force, if there is one, is not where it should be.
    fn is_missing(&self, survey: &Survey) -> bool {
        survey.current.is_none_or(|current| !self.is_held(current))
    }

    fn has_opaque(&self) -> bool {
        self.place.has_opaque(self.machine)
    }

    /// Whether a fresh generation must be made.
    fn needs_generation(&self, survey: &Survey) -> bool {
        let evidence = if self.keeps(Rule::OnlyNewerIsEvidence) {
            self.has_opaque() && survey.pending_doubt || survey.roll_doubt
        } else {
            survey.pending_doubt
        };
        let asked = match self.run().kind {
            Kind::Apply => false,
            Kind::Rotate => true,
            Kind::Roll => self.keeps(Rule::StandIn),
        };
        let several = self.keeps(Rule::FreshWhereSeveral) && self.has_opaque() && self.has_rival(survey);
        self.is_missing(survey) || asked || evidence || !survey.rolling.is_empty() || several
    }

    /// Whether another one in force was announced so close to the current one that their deliveries may have come in either
    /// order.
    fn has_rival(&self, survey: &Survey) -> bool {
        let run = self.run();
        let announced = |token: u8| run.saw(token).announced;
        survey.current.is_some_and(|current| {
            survey.in_force.members().any(|other| other != current && announced(other) >= announced(current))
        })
    }

    /// The draft: whether anything must be written at all.
    fn needs_writing(&self, survey: &Survey) -> bool {
        self.run().kind != Kind::Apply || self.is_missing(survey)
    }

    fn refuses_young(&self, survey: &Survey) -> bool {
        let strict = self.needs_generation(survey) || self.has_opaque() || self.run().kind == Kind::Roll;
        strict || !self.keeps(Rule::YoungRefuses)
    }

    /// Whether list or note tell of something that is not finished: then `apply` makes a successor unasked.
    fn is_unfinished(&self, survey: &Survey) -> bool {
        let run = self.run();
        let mine = self.saw(|token| {
            let row = run.saw(token);
            row.is_live() && row.phase == Phase::Pending && self.is_mine(token)
        });
        survey.current.is_none()
            || survey.pending_doubt
            || !survey.rolling.is_empty()
            || survey.in_force.count() > 1
            || !mine.is_empty()
    }

    /// Decides to roll where that is asked for, or was (the draft).
    fn decide_roll(&mut self, world: &mut World, survey: &Survey) -> bool {
        let (machine, is_roll) = (self.machine, self.run().kind == Kind::Roll);
        let one_in_force = survey.in_force.first().filter(|_| survey.in_force.count() == 1);
        let opaque_doubt = self.has_opaque() && survey.pending_doubt;
        if self.keeps(Rule::StandIn) {
            let finished = |token: &u8| self.run().saw(*token).phase == Phase::InForce;
            let Some(token) = one_in_force.filter(finished) else { return false };
            if !is_roll || opaque_doubt || survey.roll_doubt {
                return false;
            }
            world.runs[machine].rolls = Some(token);
            self.go(*world, Action::Decide(Decision::Roll), Step::Create);
            return true;
        }
        let one_rolling = survey.rolling.first().filter(|_| survey.rolling.count() == 1);
        let may_roll = if self.keeps(Rule::FreshAfterRoll) {
            one_in_force.is_some() && survey.rolling.is_empty() && !opaque_doubt
        } else {
            one_rolling.is_some() || one_in_force.is_some() && survey.pending.is_empty()
        };
        let again = !self.keeps(Rule::FreshAfterRoll) && one_rolling.is_some() && survey.pending.is_empty();
        let run: &mut Run = &mut world.runs[machine];
        if is_roll && may_roll {
            run.token = survey.rolling.first().or(survey.in_force.first());
            self.go(*world, Action::Decide(Decision::Roll), Step::NameRoll);
        } else if again {
            run.token = one_rolling;
            run.kind = Kind::Roll;
            self.go(*world, Action::Decide(Decision::RollAgain), Step::NameRoll);
        }
        is_roll && may_roll || again
    }

    /// The draft: goes on with a pending token that a readable sink holds.
    fn decide_adoption(&mut self, world: &mut World, survey: &Survey) -> bool {
        let run = self.run();
        let adoption = self.place.rules.adoption;
        let read = world.runs[self.machine].read;
        let is_held = |token: &u8| read.iter().flatten().any(|value| value.token == *token);
        let Some(token) = survey.pending.members().filter(is_held).last() else { return false };
        let is_newest = (0..self.world.made).all(|other| {
            let row = run.saw(other);
            other == token
                || matches!(row.listing, Listing::Absent | Listing::Deleted)
                || row.announced < run.saw(token).announced
        });
        let adopts = match adoption {
            Adoption::Never => false,
            Adoption::AsDrafted => true,
            Adoption::NewestOnly | Adoption::NewestAnnounced => is_newest,
        };
        if adopts {
            let version = self.world.token(token).version;
            let run = &mut world.runs[self.machine];
            run.token = Some(token);
            run.version = version;
            run.goes_on = true;
            let step = if adoption == Adoption::NewestAnnounced { Step::Announce } else { Step::Deliver };
            self.go(*world, Action::Decide(Decision::Adopt { token }), step);
        }
        adopts
    }

    /// Keeps the one in force: finishes its hooks, corrects its drift, or retires what is beside it.
    fn keep(&mut self, mut world: World, current: u8, read: &[Option<Value>]) {
        world.runs[self.machine].token = Some(current);
        world.runs[self.machine].version = self.world.token(current).version;
        if self.run().saw(current).phase == Phase::Hooks {
            world.runs[self.machine].goes_on = true;
            let step = if self.keeps(Rule::LookAgain) { Step::LookAgain } else { Step::RunHooks };
            return self.go(world, Action::Decide(Decision::FinishHooks), step);
        }
        if self.world.budget.drifts > 0 {
            let mut drifted = world;
            drifted.budget.drifts -= 1;
            let looks = self.keeps(Rule::LookBeforeUpdate);
            let step = if looks { Step::LookBeforeUpdate } else { Step::Update };
            self.go(drifted, Action::Decide(Decision::Update), step);
        }
        let retires = self.retirees_of(Some(current), read);
        world.runs[self.machine].retires = retires.0;
        let step = if retires.is_empty() { Step::Finish } else { Step::Retire };
        self.go(world, Action::Decide(Decision::Keep), step);
    }
}
