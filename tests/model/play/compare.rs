//! What is there, held against the model's picture; and how a run ended.

use super::conduct::{Conductor, Played, Trouble, differs};
use super::support::Ran;
use crate::event::Outcome;
use crate::history::{Moment, TokenPicture};
use crate::token::{Listing, Value};

impl Conductor<'_> {
    /// Holds what is there against the picture; sinks only where no run is in the middle of its writes.
    pub(super) fn compare(&mut self, moment: &Moment, has_ended: bool) -> Played {
        let wanted = &moment.after;
        if self.stage.ids.len() != wanted.tokens.len() {
            return differs(format!(
                "{} tokens were made, not {}",
                self.stage.ids.len(),
                wanted.tokens.len()
            ));
        }
        for (number, wanted) in (0..).zip(&wanted.tokens) {
            let is_so = self.stage.picture(number);
            if !self.is_alike(number, *wanted, is_so) {
                return differs(format!("T{number} is {}, not {}", shown(is_so), shown(*wanted)));
            }
        }
        for (sink, wanted) in (0..).zip(&wanted.sinks) {
            let is_so = self.stage.held(sink).map_err(Trouble::Differs)?;
            if has_ended && is_so != *wanted {
                return differs(format!("sink {sink} holds {is_so:?}, not {wanted:?}"));
            }
            let may_be_dead =
                wanted.is_none_or(|value| is_so == Some(value) && !self.works_in_model(moment, value));
            if self.stage.place.is_watched(sink) && !self.stage.works(sink) && !may_be_dead {
                return Err(Trouble::Broken(format!("sink {sink} holds a dead secret: {is_so:?}")));
            }
        }
        self.compared += usize::from(has_ended);
        Ok(())
    }

    pub(super) fn works_in_model(&self, moment: &Moment, value: Value) -> bool {
        let token = &moment.after.tokens[usize::from(value.token)];
        let ended = self.ended_at_once.contains(&value.token);
        token.listing == Listing::Live && token.version == value.version && !ended
    }

    pub(super) fn is_alike(&self, number: u8, wanted: TokenPicture, is_so: TokenPicture) -> bool {
        if is_so.listing == Listing::Deleted && self.ended_at_once.contains(&number) {
            return true;
        }
        if wanted.listing == Listing::Deleted {
            return is_so.listing == Listing::Deleted
                || is_so.listing == Listing::Expired && self.left.contains(&number);
        }
        let is_alive = wanted.listing == Listing::Live;
        is_so.listing == wanted.listing
            && is_so.phase == wanted.phase
            && (!is_alive || is_so.end == wanted.end && is_so.version == wanted.version)
    }
}

pub(super) fn shown(token: TokenPicture) -> String {
    let TokenPicture { listing, phase, end, version, .. } = token;
    format!("{listing:?} {phase:?} {end:?}.{version}")
}

/// How a run ended, in the model's words.
pub(super) fn ends(ran: &Ran) -> Outcome {
    let says = |code: &str| ran.err.contains(code);
    match ran.code {
        0 => Outcome::Ok,
        _ if says("custody.another-run") => Outcome::Young,
        _ if says("custody.conflict") || says("custody.unverified") => Outcome::Conflict,
        _ => Outcome::Failed,
    }
}
