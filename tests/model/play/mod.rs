//! The model's histories, played against the real custody, so that model and code cannot drift apart.
//!
//! Differences that are allowed:

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where it fails, and says what it played"
)]

#[path = "../../support/mod.rs"]
mod support;

mod conduct;
mod gate;
mod machine;
mod stage;

use std::collections::BTreeMap;

use conduct::{Conductor, Trouble};

use crate::cover::Grain;
use crate::history::History;
use crate::playbook::{PLACES, histories};

/// Plays a history; returns how many pictures were compared.
fn play(history: &History) -> Result<usize, (usize, Trouble)> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(tokio::task::unconstrained(async {
        let mut conductor = Conductor::new(history).await;
        conductor.play().await?;
        Ok(conductor.compared)
    }))
}

#[test]
fn the_code_does_what_the_model_does() {
    let wanted = crate::variable("MODEL_PLACE");
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut all: Vec<_> = PLACES.into_iter().filter(|place| place.contains(&wanted)).map(|p| (p, histories(p, Grain::Events))).collect();
    for flaw in crate::flaws::FLAWS.iter().filter(|f| f.place.contains(&wanted) && !PLACES.contains(&f.place)) {
        all.push((flaw.place, flaw.withstood()));
    }
    if !crate::variable("GRAIN").is_empty() {
        for place in ["2 state folders, one env", "2 runners, opaque, roll"] {
        all.push((place, histories(place, Grain::Interleavings)));
        }
    }
    for (place, histories) in all {
        let (mut played, mut skipped, mut differ) = (0, 0, 0);
        for history in histories {
            match play(&history) {
                Ok(_) => played += 1,
                Err((_, Trouble::Skipped(_))) => skipped += 1,
                Err((at, Trouble::Differs(what))) => {
                    differ += 1;
                    let event = &history.moments[at];
                    kinds.entry(format!("{:?} {what}", event.event)).or_default().push(format!("at {at} of {history}"));
                }
            }
        }
        println!("{place:<44} {played} played, {skipped} skipped, {differ} differ");
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, v)| std::cmp::Reverse(v.len()));
    for (what, histories) in &kinds {
        println!("{:>3} × {what}\n{}", histories.len(), histories[0]);
    }
    assert!(kinds.is_empty());
}
