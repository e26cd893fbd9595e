//! What an event is, whichever token, sink or machine it meets: two events of one shape try the same rule.

use crate::event::{Action, Answer, Event, Kind, Step};
use crate::moves::next_step;
use crate::places::Place;
use crate::token::{Effect, Listing};
use crate::world::{NO_MARK, World};

/// The shape of an event. Tokens are told apart by listing and phase, sinks by whether they can be read, deaths and
/// sleeps by the step that the run was about to take.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Shape {
    Starts(Kind),
    Acts(Action, Answer),
    DiesBefore(Step),
    DiesDelivering,
    LosesStateFolder,
    /// Late, while no run is under way or while one is.
    Arrives(Effect, bool),
    ListCatchesUp,
    WindowPasses,
    SleepsBefore(Step),
    OverlapPasses,
    PendingLifePasses,
}

impl Shape {
    /// The shape of what happens next in a world.
    pub(crate) fn of(place: &Place, world: &World, event: Event) -> Self {
        let kind_of_token = |token: u8| {
            let token = world.token(token);
            if matches!(token.listing, Listing::Live | Listing::Expired) {
                token.listing as u8 * 10 + token.phase as u8
            } else {
                0
            }
        };
        match event {
            Event::Starts { kind, .. } => Self::Starts(kind),
            Event::Acts { mut action, answer, .. } => {
                if let Action::Create { mark, .. } = &mut action {
                    *mark = NO_MARK;
                }
                if let Some(token) = action.token() {
                    *token = kind_of_token(*token);
                }
                if let Some(sink) = action.sink() {
                    *sink = u8::from(place.is_readable(*sink));
                }
                Self::Acts(action, answer)
            }
            Event::Dies { before, .. } => Self::DiesBefore(before),
            Event::DiesDelivering { .. } => Self::DiesDelivering,
            Event::LosesStateFolder { .. } => Self::LosesStateFolder,
            Event::Arrives { mut effect } => {
                match &mut effect {
                    Effect::Post { mark, .. } => *mark = NO_MARK,
                    Effect::Put { token, .. } | Effect::Delete { token } => *token = kind_of_token(*token),
                    Effect::Roll { token, up_to } => (*token, *up_to) = (kind_of_token(*token), 0),
                    Effect::Store { sink, value, machine } => {
                        value.token = kind_of_token(value.token);
                        (*sink, value.version, *machine) = (0, 0, 0);
                    }
                }
                Self::Arrives(effect, world.is_idle())
            }
            Event::ListCatchesUp => Self::ListCatchesUp,
            Event::WindowPasses => Self::WindowPasses,
            Event::WindowPassesAsleep => {
                let steps = (0..place.machines).map(|machine| next_step(place, world, machine));
                Self::SleepsBefore(steps.max().unwrap_or(Step::Idle))
            }
            Event::OverlapPasses => Self::OverlapPasses,
            Event::PendingLifePasses => Self::PendingLifePasses,
        }
    }
}

/// Where the other machine stands while a machine does something.
pub(crate) fn beside(place: &Place, world: &World, event: Event) -> Option<Step> {
    let (Event::Acts { machine, .. }
    | Event::Starts { machine, .. }
    | Event::Dies { machine, .. }
    | Event::DiesDelivering { machine, .. }) = event
    else {
        return None;
    };
    let step = next_step(place, world, 1 - machine);
    (step != Step::Idle).then_some(step)
}
