//! Which request an action of the model's is, what the code sends in its place, and what it sends besides.

use super::conduct::Conductor;
use crate::event::{Action, Kind};
use crate::history::TokenPicture;
use crate::token::{Effect, End, Listing, Phase};

/// What the code does in the place of a request of the model's.
pub(super) enum Instead {
    /// It sends this one, by its place among those that wait.
    Request(usize),
    Nothing,
}

impl Conductor<'_> {
    /// The name of the request that an action is; none where it is no request.
    pub(super) fn request_of(&self, action: Action) -> Option<String> {
        let of = |method: &str, token: u8| format!("{method} /user/tokens/{}", self.stage.id(token));
        Some(match action {
            Action::Look { .. }
            | Action::FindLost { .. }
            | Action::LookAgain { .. }
            | Action::LookBeforeRoll { .. }
            | Action::LookBeforeUpdate { .. } => "GET /user/tokens".to_owned(),
            Action::Create { .. } => "POST /user/tokens".to_owned(),
            Action::DeleteLost { token }
            | Action::DeleteUndelivered { token }
            | Action::DeleteExpired { token }
            | Action::DeleteStandIn { token } => of("DELETE", token),
            Action::EndUndelivered { token }
            | Action::Commit { token, .. }
            | Action::Retire { token }
            | Action::Update { token } => of("PUT", token),
            Action::Roll { token } => format!("{}/value", of("PUT", token)),
            Action::Decide(_)
            | Action::GiveUp { .. }
            | Action::AlreadyHeld { .. }
            | Action::Deliver { .. }
            | Action::PutBack { .. }
            | Action::RunHooks { .. }
            | Action::Finish
            | Action::Announce { .. }
            | Action::NameRoll { .. }
            | Action::NameBack { .. } => return None,
        })
    }

    /// What the code does in the place of a request, where it does; see the list of differences.
    pub(super) fn instead(&mut self, machine: usize, action: Action, standing: &[String]) -> Option<Instead> {
        match action {
            Action::Retire { token } if self.run(machine).kind == Kind::Roll => {
                let delete = format!("DELETE /user/tokens/{}", self.stage.id(token));
                let place = standing.iter().position(|name| *name == delete)?;
                self.ended_at_once.push(token);
                Some(Instead::Request(place))
            }
            Action::DeleteExpired { token } if self.ended_at_once.contains(&token) => Some(Instead::Nothing),
            Action::DeleteExpired { token } => {
                let TokenPicture { listing, phase, .. } = self.stage.picture(token);
                let is_evidence =
                    listing == Listing::Expired && matches!(phase, Phase::Pending | Phase::Roll);
                is_evidence.then(|| self.left.push(token)).map(|()| Instead::Nothing)
            }
            _ => None,
        }
    }

    /// Whether a request deletes what this very run made and did not put in force, and what no sink holds; or what is gone.
    pub(super) fn tidies_up(&self, machine: usize, name: &str) -> bool {
        let id = name.strip_prefix("DELETE /user/tokens/").and_then(|id| self.stage.number(id));
        let is_held = |token| {
            let mut held = (0..self.stage.place.sinks).map(|sink| self.stage.held(sink));
            held.any(|held| matches!(held, Ok(Some(value)) if value.token == token))
        };
        let is_pending =
            |token: &u8| matches!(self.stage.picture(*token).phase, Phase::Pending | Phase::Roll);
        id.is_some_and(|token| {
            let is_gone = self.stage.picture(token).listing == Listing::Deleted;
            is_gone || self.run(machine).made.contains(&token) && is_pending(&token) && !is_held(token)
        })
    }

    pub(super) fn deletes_what_was_left(&self, name: &str) -> bool {
        let id = name.strip_prefix("DELETE /user/tokens/");
        id.and_then(|id| self.stage.number(id)).is_some_and(|token| self.left.contains(&token))
    }
}

pub(super) fn is_stale(action: Action) -> bool {
    matches!(action, Action::Look { stale: true } | Action::LookAgain { stale: true, .. })
}

/// What a request does when it takes effect.
pub(super) fn effect_of(action: Action) -> Effect {
    let put = |token, phase| Effect::Put { token, phase, end: End::Full };
    match action {
        Action::Create { mark, .. } => Effect::Post { mark, phase: Phase::Pending },
        Action::Commit { token, hooks_outstanding: true } => put(token, Phase::Hooks),
        Action::Commit { token, .. } | Action::Update { token } => put(token, Phase::InForce),
        Action::EndUndelivered { token } | Action::Retire { token } => put(token, Phase::Retiring),
        Action::Roll { token } => Effect::Roll { token, up_to: 0 },
        Action::DeleteLost { token }
        | Action::DeleteUndelivered { token }
        | Action::DeleteExpired { token }
        | Action::DeleteStandIn { token } => Effect::Delete { token },
        _ => unreachable!("no request of {action:?} can be late"),
    }
}
