//! The model's histories, played against the real custody, so that model and code cannot drift apart.
//!
//! `machine` runs whole commands that stop before every request (`gate`), `stage` is the Cloudflare, the sinks and the
//! clock that they share, `conduct` does to them what a history says, and `compare` holds what they do against the model:
//! every request of a run, in its order; how each run ends; after every event what became of each token, and that no
//! sink holds a dead secret; and after every run what each sink holds.
//!
//! The code differs from the model in these points, and in no others:
//!
//! | the code | here |
//! |---|---|
//! | deletes again and again what it made and nobody got, also after a look that stops a roll or a sleep that is too long; the model asks once, or leaves it to end by itself | those requests are lost |
//! | `roll` that becomes a rotation deletes the old token at once; the model lets it end after the overlap | gone counts as retiring |
//! | leaves an expired pending token that would be evidence if an opaque sink came; the model deletes it | both count |
//! | `rotate` does nothing while a predecessor is in its overlap; the model makes another generation | the run sees no retiring ones |
//! | `rotate` only finishes a rotation that was not finished, while the current generation is young; the model makes another generation at once | skipped from there on |
//! | reads files before the list, and writes none that changed since; the model reads them after the list | skipped where the other machine wrote meanwhile |
//! | runs hooks once; the model again after a second look that a sleep made necessary | only their last outcome counts |
//!
//! Where a history is skipped its runs come to their end, and one undisturbed `apply` must set all in order. A dead secret
//! in a sink is never excused.
//!
//! Of the histories of one machine every fourth is played, of the interleavings every sixteenth, and all of them where
//! `CI` is set; `MODEL_PLACE` chooses places.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails, and says what it played"
)]

#[path = "../../support/mod.rs"]
mod support;

mod ahead;
mod compare;
mod conduct;
mod gate;
mod machine;
mod requests;
mod stage;

use std::collections::BTreeMap;

use conduct::{Conductor, Trouble};

use crate::cover::Grain;
use crate::flaws::{FLAWS, Flaw};
use crate::history::History;
use crate::playbook::{PLACES, histories};
use crate::variable;

/// The histories that are played today: each of them where `CI` is set, elsewhere one of so many.
fn thinned(histories: Vec<History>, step: usize) -> Vec<History> {
    let step = if variable("CI").is_empty() { step } else { 1 };
    histories.into_iter().step_by(step).collect()
}

/// What became of some histories.
#[derive(Default)]
struct Tally {
    played: usize,
    compared: usize,
    skipped: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Plays some histories of a place, and tells what became of them.
    fn of(place: &str, histories: &[History]) -> Self {
        let mut tally = Self::default();
        for history in histories {
            tally.play(history);
        }
        let Self { played, compared, skipped, wrong } = &tally;
        println!(
            "{place:<44} {played:>3} played, {compared:>4} ends compared, {} wrong, skipped: {skipped:?}",
            wrong.len()
        );
        tally
    }

    fn play(&mut self, history: &History) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (compared, played) = runtime.block_on(tokio::task::unconstrained(async {
            let mut conductor = Conductor::new(history).await;
            let played = conductor.play().await;
            (conductor.compared, played)
        }));
        self.compared += compared;
        match played {
            Ok(()) => self.played += 1,
            Err((_, Trouble::Skipped(why))) => *self.skipped.entry(why).or_default() += 1,
            Err((at, Trouble::Differs(what) | Trouble::Broken(what))) => {
                let event = history.moments[at].event;
                self.wrong.push(format!("{what}\n  after {event:?}, event {at} of\n{history}"));
            }
        }
    }

    /// Fails where something is wrong, or where so much was skipped that little was shown.
    fn judge(self) {
        let Self { played, skipped, wrong, .. } = self;
        let skipped: usize = skipped.values().sum();
        let shown: Vec<_> = wrong.iter().take(3).cloned().collect();
        assert!(wrong.is_empty(), "{} histories go wrong; the first:\n{}", wrong.len(), shown.join("\n"));
        assert!(played > 0 && skipped * 8 <= played, "{played} played, {skipped} skipped");
    }
}

/// Plays the histories of the places whose names begin so.
fn play(group: &str, step: usize) {
    let chosen = variable("MODEL_PLACE");
    for place in PLACES.into_iter().filter(|place| place.starts_with(group) && place.contains(&chosen)) {
        Tally::of(place, &thinned(histories(place, Grain::Events), step)).judge();
    }
}

#[test]
fn the_code_does_on_one_machine_what_the_model_does() {
    play("1 machine", 4);
}

#[test]
fn the_code_does_on_two_machines_what_the_model_does() {
    play("2 ", 1);
}

#[test]
fn the_code_withstands_what_breaks_weaker_rules() {
    let elsewhere = FLAWS.iter().filter(|flaw| !PLACES.contains(&flaw.place));
    let histories: Vec<_> = elsewhere.flat_map(Flaw::withstood).collect();
    Tally::of("where weaker rules break", &histories).judge();
}

#[test]
fn the_code_does_what_the_model_does_where_two_runs_interleave() {
    // A shared file is read before the list: much of what two machines do to it ends there.
    let place = "2 runners, opaque, roll";
    Tally::of(place, &thinned(histories(place, Grain::Interleavings), 16)).judge();
}
