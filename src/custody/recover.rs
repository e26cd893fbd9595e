//! What interrupted runs left, where no profile is at hand: reported, and deleted only where this state folder knows that
//! no sink can have the secret. Everything else ends by itself, or is finished by a run of its profile.

use std::collections::BTreeSet;

use super::under_way::sweep;
use super::{Custody, CustodyError};
use crate::cloudflare::TokenOwner;
use crate::plan::{ClockReading, Live, Phase};
use crate::survey::list;

/// A token that an interrupted run left.
#[derive(Debug)]
pub struct Leftover {
    /// The token.
    pub live: Live,
    /// What became of it.
    pub left: Left,
}

/// What became of a leftover.
#[derive(Debug)]
pub enum Left {
    /// It is deleted: nobody can have its secret.
    Deleted,
    /// It is deleted: the command that it was made for is over, or it has ended.
    OfCommandDeleted,
    /// It ends by itself, unless its run is still active.
    EndsByItself,
    /// It is in force, and its hooks have not run.
    HooksDue,
    /// It should be gone, and could not be deleted.
    Alive(Box<CustodyError>),
}

impl Custody {
    /// Looks through an owner's tokens for what interrupted runs left.
    pub async fn recover_without_profiles(&self, owner: &TokenOwner) -> Result<Vec<Leftover>, CustodyError> {
        let listing = list(&self.client, owner).await?;
        if !listing.is_whole {
            return Err(CustodyError::ListCutOff { read: listing.tokens.len() });
        }
        let now = self.now();
        let mut leftovers = Vec::new();
        let mut finished = BTreeSet::new();
        let dead = self.own_marks();
        sweep(self.world(), &self.staging.folder);
        let is_time_known = self.client.server_time().is_none_or(|now| {
            let machine = self.world().now();
            ClockReading { now, machine }.doubt().is_none()
        });
        for live in listing.live {
            let Some(marked) = live.marked.clone() else { continue };
            let is_alive = live.is_alive(now);
            let left = match marked.phase {
                Phase::Exec if (is_alive || !is_time_known) && !dead.contains(&marked.mark) => continue,
                Phase::Exec => match self.delete(owner, &live.id).await {
                    Ok(_) => {
                        finished.insert(marked.mark);
                        Left::OfCommandDeleted
                    }
                    Err(error) => Left::Alive(Box::new(error.into())),
                },
                _ if !is_alive => continue,
                Phase::HooksDue => Left::HooksDue,
                Phase::Pending | Phase::StandIn if self.note().is_undelivered(&marked.mark) => {
                    match self.delete(owner, &live.id).await {
                        Ok(_) => {
                            finished.insert(marked.mark);
                            Left::Deleted
                        }
                        Err(error) => Left::Alive(Box::new(error.into())),
                    }
                }
                Phase::Pending | Phase::StandIn => Left::EndsByItself,
                Phase::InForce | Phase::Retiring => continue,
            };
            leftovers.push(Leftover { live, left });
        }
        if let Err(error) = self.note().forget(self.world(), &finished) {
            tracing::warn!("{error}; this loses nothing");
        }
        Ok(leftovers)
    }
}
