//! What the journal holds open, for those who ask before they act.

use crate::custody::Custody;
use crate::custody::intent::{Intent, Work};
use crate::custody::steps::Announced;
use crate::custody::subject::Subject;
use crate::plan::{Live, MarkedName};

impl Custody {
    /// How many effects are open at other APIs than this one.
    #[must_use]
    pub fn open_elsewhere(&self) -> usize {
        let here = self.client.base().as_str();
        self.journal()
            .open_intents()
            .iter()
            .filter(|(_, intent)| intent.api != here && intent.work != Work::Prove)
            .count()
    }

    /// Whether work on a token of this name (without a mark) is open that could not be settled.
    #[must_use]
    pub fn is_unsettled(&self, name: &str, subject: &Subject) -> bool {
        self.any_open(|intent| {
            !matches!(intent.work, Work::Create | Work::Roll { .. } | Work::Hook { .. })
                && is_of(intent, name, subject)
        })
    }

    /// Whether the making of this very token is open although it is listed: settling it failed.
    #[must_use]
    pub fn is_half_made(&self, name: &str) -> bool {
        self.any_open(|intent| intent.work == Work::Create && intent.name == name)
    }

    /// Whether anything is open about this very token: what that was comes before its end.
    #[must_use]
    pub fn is_open(&self, token: &Live) -> bool {
        self.any_open(|intent| {
            !matches!(intent.work, Work::Hook { .. })
                && (intent.name == token.name
                    || intent.work.id() == Some(&*token.id)
                    || intent.predecessors.contains(&token.id))
        })
    }

    /// The token of this name (without a mark) whose roll was begun and not finished.
    #[must_use]
    pub fn unfinished_roll(&self, name: &str, subject: &Subject) -> Option<String> {
        let here = self.client.base().as_str();
        let journal = self.journal();
        let open = journal.open_intents();
        open.iter().rev().find_map(|(_, intent)| match &intent.work {
            Work::Roll { id } if intent.api == here && is_of(intent, name, subject) => Some(id.clone()),
            _ => None,
        })
    }

    /// Notes that nothing is left to do about any roll of this token.
    pub fn rolls_finished(&self, id: &str) {
        self.all_settled(|work| matches!(work, Work::Roll { id: rolled } if rolled == id));
    }

    /// Notes that an effect stands for every earlier roll of this token.
    pub(in crate::custody) fn rolls_superseded(&self, id: &str, by: Announced) {
        self.all_settled_before(by.0, |work| matches!(work, Work::Roll { id: rolled } if rolled == id));
    }

    /// Whether the hooks that follow a delivery are still to run for this token.
    #[must_use]
    pub fn awaits_hooks(&self, id: &str) -> bool {
        self.any_open(|intent| matches!(&intent.work, Work::Hook { id: delivered } if delivered == id))
    }

    /// Notes that the hooks which follow an effect are to run. A run that has the profile does.
    pub(super) fn expect_hooks_of(&self, effect: &Intent, id: &str) {
        if self.awaits_hooks(id) {
            return;
        }
        let hook = Intent { work: Work::Hook { id: id.to_owned() }, hooks: false, ..effect.clone() };
        if let Err(error) = self.announce_intent(&hook) {
            tracing::warn!("the hooks of {} will not run: {error}", effect.name);
        }
    }

    /// Notes that a roll is found to be in the sinks, and that its hooks are to run.
    pub fn roll_is_held(&self, id: &str) {
        let rolls: Vec<Intent> = self
            .journal()
            .open_intents()
            .into_iter()
            .filter(|(_, intent)| matches!(&intent.work, Work::Roll { id: rolled } if rolled == id))
            .map(|(_, intent)| intent.clone())
            .collect();
        rolls.iter().filter(|roll| roll.hooks).for_each(|roll| self.expect_hooks_of(roll, id));
        self.rolls_finished(id);
    }

    /// Notes that those hooks have run.
    pub(in crate::custody) fn hooks_ran(&self, id: &str) {
        self.all_settled(|work| matches!(work, Work::Hook { id: delivered } if delivered == id));
    }

    /// Whether anything of this kind is open at this API.
    fn any_open(&self, is_it: impl Fn(&Intent) -> bool) -> bool {
        let here = self.client.base().as_str();
        self.journal().open_intents().iter().any(|(_, intent)| intent.api == here && is_it(intent))
    }

    fn all_settled(&self, is_it: impl Fn(&Work) -> bool) {
        self.all_settled_before(u64::MAX, is_it);
    }

    fn all_settled_before(&self, end: u64, is_it: impl Fn(&Work) -> bool) {
        let numbers: Vec<u64> = self
            .journal()
            .open_intents()
            .into_iter()
            .filter(|(number, intent)| *number < end && is_it(&intent.work))
            .map(|(number, _)| number)
            .collect();
        for number in numbers {
            self.settled(Announced(number));
        }
    }
}

/// Whether it is about a generation of this name of this owner's. What another user left open is theirs.
fn is_of(intent: &Intent, name: &str, subject: &Subject) -> bool {
    let is_theirs = intent.user.is_some() && subject.user.is_some() && intent.user != subject.user;
    !is_theirs
        && intent.owner() == subject.owner
        && MarkedName::parse(&intent.name).is_some_and(|marked| marked.name == name)
}
