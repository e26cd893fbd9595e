//! What dies with a token: which sinks hold its secret, and what is then taken out of them.
//!
//! Only a sink that holds secrets of tokens that end, and no other, loses its variables, and only if they still
//! are what they were when the secret said whose it is.

use std::collections::BTreeSet;

use super::sinks::{Located, SecretPlace, read_places};
use super::survey::Job;
use crate::plan::{Held, Note};
use crate::profile::SinkValue;
use crate::sink::{Document, SinkError, Stage};
use crate::world::World;

/// A sink that holds nothing but secrets of tokens that are to end.
pub struct Holder<'a> {
    /// The sink, by position among the profile's.
    pub sink: usize,
    /// What was read of it when the secrets were asked whose they are.
    read: Vec<&'a SecretPlace>,
}

impl Job {
    /// The sinks that hold the secret of one of these tokens, as the secret itself said. A sink that holds
    /// another secret besides is none.
    #[must_use]
    pub fn holders(&self, ids: &[&str]) -> Vec<Holder<'_>> {
        let holds = |held: &Held| matches!(held, Held::Token(id) if ids.contains(&&**id));
        let places = |sink| self.places.iter().zip(&self.views).filter(move |(place, _)| place.sink == sink);
        let sinks: BTreeSet<usize> = self.places.iter().map(|place| place.sink).collect();
        let holders = sinks.into_iter().filter(|sink| places(*sink).all(|(_, view)| holds(&view.held)));
        holders.map(|sink| Holder { sink, read: places(sink).map(|(place, _)| place).collect() }).collect()
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

impl Holder<'_> {
    /// Takes what died out of the sink; returns the variables that went. Another value that somebody put there
    /// meanwhile stays, and so does all that stands beside it.
    pub(super) fn clear(
        &self,
        world: &dyn World,
        stage: &Stage,
        located: &Located,
    ) -> Result<Vec<String>, SinkError> {
        let now = read_places(world, std::slice::from_ref(located))?;
        let is_as_read = now.len() == self.read.len()
            && now.iter().zip(&self.read).all(|(now, read)| now.holds_the_same(read));
        if is_as_read { clear(world, stage, located) } else { Ok(Vec::new()) }
    }
}

/// Whether a value means nothing once its token is dead. Ids of accounts and zones stay true.
pub(super) fn dies_with_token(value: SinkValue) -> bool {
    match value {
        SinkValue::Token
        | SinkValue::TokenId
        | SinkValue::ExpiresOn
        | SinkValue::R2AccessKeyId
        | SinkValue::R2SecretAccessKey => true,
        SinkValue::AccountId | SinkValue::ZoneId | SinkValue::R2Endpoint => false,
    }
}

/// Takes what died with a token out of a sink; returns the variables that went.
pub(super) fn clear(world: &dyn World, stage: &Stage, located: &Located) -> Result<Vec<String>, SinkError> {
    let Located::EnvFile { file, variables } = located else { return Ok(Vec::new()) };
    let document = file.read(world)?;
    let dead: Vec<String> = variables
        .iter()
        .filter(|(name, value)| dies_with_token(*value) && document.value(name).is_some())
        .map(|(name, _)| name.clone())
        .collect();
    if !dead.is_empty() {
        file.replace(world, stage, &mut |document: &mut Document| {
            for name in &dead {
                document.remove(name);
            }
            Ok(())
        })?;
    }
    Ok(dead)
}
