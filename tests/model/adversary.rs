//! The same adversary, other rules: takes what a history does *to* the runs — commands, faults, deaths, late effects,
//! time — and does it again where other rules are in force.
//!
//! This turns a trace that breaks weak rules into a history that the rules in force withstand, and so into a test of the
//! code that keeps them.

use std::mem::discriminant;

use crate::event::{Action, Decision, Event, Restoring, Second};
use crate::history::{History, Story};
use crate::rules::Rules;
use crate::token::Effect;
use crate::world::NO_MARK;

/// Plays what a history does to its runs against other rules.
pub(crate) fn against(history: &History, rules: Rules) -> History {
    let place = history.place.under(rules);
    let mut story = Story::after(place, Vec::new());
    for moment in &history.moments {
        repeat(&mut story, moment.event);
    }
    story.conclude();
    History::new(place, format!("{}, under the rules in force", history.about), &story.told, None)
}

/// Does the same again, where it can be done. What a run chose itself is the run's to choose again.
fn repeat(story: &mut Story, event: Event) {
    match event {
        Event::Acts { machine, .. } | Event::DiesDelivering { machine, .. } | Event::Dies { machine, .. } => {
            match (steps_until(story, machine, event), event) {
                (Some(steps), _) => go_on(story, machine, steps),
                // It never comes to this step: it dies where it is.
                (None, Event::Dies { .. }) => {
                    story.let_happen(
                        |offered| matches!(offered, Event::Dies { machine: on, .. } if on == machine),
                    );
                    return;
                }
                (None, _) => return,
            }
        }
        // A run that died there is over by now, or the command comes only after it.
        Event::Starts { machine, .. } => story.finish(machine),
        Event::WindowPasses | Event::OverlapPasses | Event::PendingLifePasses => story.finish_all(),
        _ => {}
    }
    story.let_happen(|offered| is_same(event, offered));
}

/// Lets a run take steps in which nothing goes wrong.
fn go_on(story: &mut Story, machine: usize, steps: usize) {
    for _ in 0..steps {
        if let Some(next) = story.smooth_step(machine) {
            story.tell(next);
        }
    }
}

/// How many smooth steps of a run lead to where an event can happen; none where it never can.
fn steps_until(story: &Story, machine: usize, event: Event) -> Option<usize> {
    let mut ahead = story.clone();
    let mut steps = 0;
    while ahead.is_running(machine) {
        if ahead.offers().iter().any(|next| is_same(event, next.event)) {
            return Some(steps);
        }
        let next = ahead.smooth_step(machine)?;
        ahead.tell(next);
        steps += 1;
    }
    None
}

/// Whether two events do the same to a run.
fn is_same(wanted: Event, offered: Event) -> bool {
    match (wanted, offered) {
        (
            Event::Acts { machine, action, answer },
            Event::Acts { machine: on, action: other, answer: its_answer },
        ) => machine == on && answer == its_answer && bare(action) == bare(other),
        (Event::Arrives { effect }, Event::Arrives { effect: other }) => {
            discriminant::<Effect>(&effect) == discriminant(&other)
        }
        (
            Event::DiesDelivering { machine, sink, .. },
            Event::DiesDelivering { machine: on, sink: other, .. },
        ) => machine == on && sink == other,
        _ => wanted == offered,
    }
}

/// An action without what the run itself found and chose.
fn bare(mut action: Action) -> Action {
    if let Some(token) = action.token() {
        *token = 0;
    }
    match &mut action {
        Action::Create { mark, .. } => *mark = NO_MARK,
        Action::Decide(decision) if *decision != Decision::Update => *decision = Decision::Keep,
        Action::FindLost { found: is_so }
        | Action::LookBeforeRoll { changed: is_so }
        | Action::LookBeforeUpdate { changed: is_so } => *is_so = false,
        Action::LookAgain { second, .. } => *second = Second::Verified,
        Action::PutBack { restoring, .. } if *restoring != Restoring::Failed => {
            *restoring = Restoring::Restored;
        }
        _ => {}
    }
    action
}
