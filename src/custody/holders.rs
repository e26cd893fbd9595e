//! Which sinks hold the secrets of tokens that are to end, as the secrets themselves said.

use std::collections::BTreeSet;

use super::survey::Job;
use crate::plan::{Held, Note};

impl Job {
    /// The sinks, by position, that hold secrets of these tokens and no other.
    #[must_use]
    pub fn holders(&self, ids: &[&str]) -> Vec<usize> {
        let holds = |held: &Held| matches!(held, Held::Token(id) if ids.contains(&&**id));
        let places = || self.subject.places.iter().zip(&self.views);
        let sinks: BTreeSet<usize> = places().map(|(place, _)| place.sink).collect();
        let is_holder = |sink: &usize| {
            places().filter(|(place, _)| place.sink == *sink).all(|(_, view)| holds(&view.held))
        };
        sinks.into_iter().filter(is_holder).collect()
    }

    /// The places that keep their value when a token of this job ends, because it cannot be told whether it was
    /// that token's.
    #[must_use]
    pub fn left(&self) -> Vec<Note> {
        let unclear = self
            .views
            .iter()
            .filter(|view| matches!(view.held, Held::Invalid | Held::ShutOut | Held::Unanswered(_)));
        unclear.map(|view| Note::Left { sink: view.shown.clone() }).collect()
    }
}
