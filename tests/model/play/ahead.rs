//! What a history has in store for a run: what befalls the writes before its next request, what its lists show, and what
//! may excuse a difference.

use super::conduct::{CHANGED, Conductor, ENDED, FINISHES};
use super::gate::Shows;
use super::machine::Fate;
use crate::event::{Action, Decision, Delivery, Event, Kind, Restoring, Step};
use crate::token::Phase;

impl Conductor<'_> {
    /// What happens to a run from here on, the event at hand included.
    pub(super) fn ahead(&self, machine: usize) -> impl Iterator<Item = Event> + '_ {
        let events = self.moments[self.at..].iter().map(|moment| moment.event);
        events.filter(move |event| event.machine() == Some(machine))
    }

    /// What befalls the writes that come before the next request.
    pub(super) fn writes_ahead(&self, machine: usize) -> Vec<(Option<u8>, Fate)> {
        let mut writes = Vec::new();
        for event in self.ahead(machine) {
            match event {
                Event::Acts { action: Action::Deliver { sink, delivery }, .. } => {
                    let fate = match delivery {
                        Delivery::Stored => Fate::Stored,
                        Delivery::NotReached => Fate::NotReached,
                        Delivery::PerhapsReached => Fate::PerhapsReached,
                    };
                    writes.push((Some(sink), fate));
                }
                Event::Acts { action: Action::PutBack { sink, restoring }, .. } => match restoring {
                    Restoring::Restored => writes.push((Some(sink), Fate::Stored)),
                    Restoring::Failed => writes.push((Some(sink), Fate::NotReached)),
                    Restoring::NotOurs | Restoring::OldIsDead => {}
                },
                Event::DiesDelivering { sink, .. } => {
                    writes.push((Some(sink), Fate::DiesAmid));
                    break;
                }
                Event::Dies { before: Step::Deliver | Step::PutBack, .. } => {
                    writes.push((None, Fate::Dies));
                    break;
                }
                Event::Acts { action, .. } if self.request_of(action).is_none() => {}
                _ => break,
            }
        }
        writes
    }

    /// Sees to what a run is shown: the rights that somebody changed by hand; and, where it is to rotate although the last
    /// rotation is in its overlap, no generation on its way out.
    pub(super) fn prepare_look(&mut self, machine: usize) {
        let decision = self.ahead(machine).find_map(|event| match event {
            Event::Acts { action: Action::Decide(decision), .. } => Some(decision),
            _ => None,
        });
        let numbers = 0..u8::try_from(self.stage.ids.len()).unwrap();
        let in_force: Vec<_> = numbers.filter(|token| self.stage.is_in_force(*token)).collect();
        let current = in_force.last().copied();
        let has_unfinished = in_force.len() > 1
            || current.is_some_and(|token| self.stage.picture(token).phase == Phase::Hooks);
        let drifted = current
            .filter(|_| decision == Some(Decision::Update))
            .map(|token| self.stage.id(token).to_owned());
        let run = self.run(machine);
        let hides_retiring = run.kind == Kind::Rotate && decision == Some(Decision::Fresh);
        run.gate.show(Shows { drifted, hides_retiring });
        if hides_retiring && has_unfinished {
            self.excuses[machine] = Some(FINISHES);
        }
    }

    /// What a run does that excuses a difference of the run on the other machine.
    pub(super) fn excuse_others(&mut self, machine: usize, action: Action) {
        let other = 1 - machine;
        let is_under_way = self.stage.machines.get(other).is_some_and(|machine| machine.run.is_some());
        let why = match action {
            Action::Deliver { sink, .. } | Action::PutBack { sink, .. }
                if self.stage.sinks.is_readable(sink) =>
            {
                CHANGED
            }
            Action::Retire { .. } if self.run(machine).kind == Kind::Roll => ENDED,
            _ => return,
        };
        if is_under_way {
            self.excuses[other] = Some(why);
        }
    }
}
