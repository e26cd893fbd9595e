//! Which of an owner's tokens could make room for a new one.

use chrono::{DateTime, Utc};

use crate::plan::{Live, Phase, current, generations};

/// A generation that is no longer in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spare<'a> {
    /// It works no more.
    Dead(&'a Live),
    /// A newer one of its name is in force; until its own end it still works.
    Superseded(&'a Live),
}

/// The generations that cfmint made and that could go: those that are dead, then those that are superseded, each
/// oldest first. A token without a mark is nobody's to name here.
#[must_use]
pub fn spare(tokens: &[Live], now: DateTime<Utc>) -> Vec<Spare<'_>> {
    let mut ours: Vec<&Live> = tokens.iter().filter(|token| token.marked.is_some()).collect();
    ours.sort_by(|one, other| (one.issued_on, &one.id).cmp(&(other.issued_on, &other.id)));
    let is_superseded = |live: &&&Live| {
        // A run may be under way that made it, this one perhaps.
        if live.phase().is_some_and(|phase| phase.is_pending() || phase == Phase::Exec) {
            return false;
        }
        let name = live.marked.as_ref().map_or("", |marked| &marked.name);
        current(&generations(name, tokens), now).is_some_and(|current| current.id != live.id)
    };
    let (alive, dead): (Vec<&Live>, Vec<&Live>) = ours.into_iter().partition(|live| live.is_alive(now));
    let superseded = alive.iter().filter(is_superseded).map(|live| Spare::Superseded(live));
    dead.into_iter().map(Spare::Dead).chain(superseded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::tests::{at, live};

    #[test]
    fn the_dead_go_before_the_superseded_and_nothing_in_force_goes() {
        let token = |name: &str, id: &str, made: i64, ends: Option<i64>| Live {
            id: id.to_owned(),
            issued_on: Some(at(made)),
            expires_on: ends.map(at),
            ..live(name)
        };
        let tokens = [
            token("shop@a0000000", "1", 1, Some(90)),
            token("shop@b0000000", "2", 2, None),
            token("blog@a0000000", "3", 3, Some(5)),
            token("blog@b0000000", "4", 0, Some(4)),
            token("by hand", "5", 0, Some(4)),
            token("shop+new@c0000000", "6", 3, Some(90)),
            token("shop+roll@d0000000", "7", 3, Some(90)),
            token("shop+exec@e0000000", "8", 3, Some(90)),
            token("shop+old@f0000000", "9", 1, Some(90)),
        ];
        let ids: Vec<(&str, bool)> = spare(&tokens, at(9))
            .into_iter()
            .map(|spare| match spare {
                Spare::Dead(live) => (&*live.id, true),
                Spare::Superseded(live) => (&*live.id, false),
            })
            .collect();
        assert_eq!(ids, [("4", true), ("3", true), ("1", false), ("9", false)]);
    }
}
