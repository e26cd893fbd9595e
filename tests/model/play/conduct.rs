//! Plays one history: each event is done to the real runs, and what they do is held against what the model says.
//!
//! A run is let go on only as far as the event at hand says. Where it then stands before another request than the model's,
//! ends otherwise, or leaves something else, the history differs, and playing it ends.

use super::compare::ends;
use super::gate::{is_list, is_verification};
use super::machine::Run;
use super::requests::{Instead, effect_of, is_stale};
use super::stage::Stage;
use super::support::Ran;
use crate::event::{Action, Answer, Event};
use crate::history::{History, Moment};
use crate::token::Value;

/// Why a history was not played to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The code does something else than the model, for a known reason. What it left was healed.
    Skipped(&'static str),
    /// The code does something else than the model.
    Differs(String),
    /// A promise is broken: nothing excuses that.
    Broken(String),
}

pub(super) type Played<T = ()> = Result<T, Trouble>;

pub(super) fn differs<T>(what: impl Into<String>) -> Played<T> {
    Err(Trouble::Differs(what.into()))
}

/// The file was read before the other machine wrote it, and so it is not written.
pub(super) const CHANGED: &str = "a file changed after it was read";
/// The other machine's `roll` deleted the token that the run works on.
pub(super) const ENDED: &str = "a roll that became a rotation ends the old token at once";
/// `rotate` finishes what the last rotation left a short while ago, and makes no successor of its own.
pub(super) const FINISHES: &str = "the rotation before is finished, and none is begun";

/// One history under way.
pub(super) struct Conductor<'a> {
    pub(super) moments: &'a [Moment],
    /// The event at hand.
    pub(super) at: usize,
    pub(super) stage: Stage,
    /// How many pictures were compared.
    pub(super) compared: usize,
    /// Tokens that were deleted where the model lets them end after the overlap.
    pub(super) ended_at_once: Vec<u8>,
    /// Expired tokens that were left where the model deletes them.
    pub(super) left: Vec<u8>,
    /// Why the runs on each machine may do something else than the model's.
    pub(super) excuses: [Option<&'static str>; 2],
    /// Why nothing may be as the model has it any more.
    excuse_of_all: Option<&'static str>,
}

impl<'a> Conductor<'a> {
    pub(super) async fn new(history: &'a History) -> Self {
        let fails = |moment: &Moment| {
            matches!(moment.event, Event::Acts { action: Action::RunHooks { succeed: false }, .. })
        };
        let stage = Stage::new(history.place, history.moments.iter().any(fails)).await;
        let (ended_at_once, left) = (Vec::new(), Vec::new());
        let (moments, excuses) = (&history.moments, [None; 2]);
        Self { moments, at: 0, stage, compared: 0, ended_at_once, left, excuses, excuse_of_all: None }
    }

    /// Plays all of it; says with a trouble where it came up.
    pub(super) async fn play(&mut self) -> Result<(), (usize, Trouble)> {
        for at in 0..self.moments.len() {
            self.at = at;
            self.moment().await.map_err(|trouble| (at, trouble))?;
        }
        Ok(())
    }

    /// The event at hand. Where a run does something else than the model's, and there is a known reason, the history is
    /// not played on.
    async fn moment(&mut self) -> Played {
        let moment = &self.moments[self.at];
        let excuse = moment.event.machine().and_then(|machine| self.excuses[machine]);
        let excuse = excuse.or(self.excuse_of_all);
        match (self.moment_as_told(moment).await, excuse) {
            (Err(Trouble::Differs(_)), Some(why)) => {
                self.heal().await?;
                Err(Trouble::Skipped(why))
            }
            (played, _) => played,
        }
    }

    async fn moment_as_told(&mut self, moment: &Moment) -> Played {
        self.happen(moment.event).await?;
        if let Some((outcome, machine)) = moment.outcome.zip(moment.event.machine()) {
            let ran = self.finish(machine).await?;
            let is_so = ends(&ran);
            if is_so != outcome {
                return differs(format!("the run ends with {is_so:?}, not {outcome:?}: {}", ran.err));
            }
            if self.stage.place.stateless {
                self.stage.machines[machine].lose_state_folder();
            }
        }
        self.compare(moment, moment.outcome.is_some() || self.at + 1 == self.moments.len())
    }

    async fn happen(&mut self, event: Event) -> Played {
        match event {
            Event::Starts { machine, kind } => {
                self.excuses[machine] = None;
                self.stage.machines[machine].begin(kind);
                Ok(())
            }
            Event::Acts { machine, action, answer } => self.act(machine, action, answer).await,
            Event::Dies { machine, .. } => {
                self.die(machine);
                Ok(())
            }
            Event::DiesDelivering { machine, sink, .. } => {
                self.go_on(machine).await;
                if !self.stage.sinks.late(sink).exists() {
                    return differs("no program has the secret");
                }
                self.die(machine);
                Ok(())
            }
            Event::LosesStateFolder { machine } => {
                self.stage.machines[machine].lose_state_folder();
                Ok(())
            }
            Event::Arrives { effect } => {
                if effect.names().is_some_and(|token| self.ended_at_once.contains(&token)) {
                    // It changes nothing here, and revives the token in the model.
                    self.excuse_of_all = Some(ENDED);
                }
                self.stage.arrive(effect).await.map_err(Trouble::Differs)
            }
            Event::ListCatchesUp => {
                self.stage.catch_up().await;
                Ok(())
            }
            Event::WindowPasses | Event::WindowPassesAsleep => {
                self.stage.pass_window().await;
                Ok(())
            }
            Event::OverlapPasses => {
                self.stage.pass_overlap().await;
                Ok(())
            }
            Event::PendingLifePasses => {
                self.stage.pass_pending_life().await;
                Ok(())
            }
        }
    }

    fn die(&mut self, machine: usize) {
        self.stage.machines[machine].kill();
        if self.stage.place.stateless {
            self.stage.machines[machine].lose_state_folder();
        }
    }

    async fn act(&mut self, machine: usize, action: Action, answer: Answer) -> Played {
        let Some(wanted) = self.request_of(action) else { return self.act_alone(machine, action).await };
        if let Action::Look { .. } = action {
            self.prepare_look(machine);
        }
        self.excuse_others(machine, action);
        let Some(place) = self.bring(machine, action, &wanted).await? else { return Ok(()) };
        let (made, version) = match action {
            Action::Create { token, .. } => (Some(token), 0),
            Action::Roll { token } if self.stage.is_live(token) => {
                (Some(token), self.stage.version(token) + 1)
            }
            _ => (None, 0),
        };
        let replica = is_stale(action).then(|| self.stage.replica().to_vec());
        self.stage.machines[machine].send(place, answer, replica.as_deref()).await;
        if let Action::LookAgain { .. } = action {
            // The new secret is verified at the same time.
            self.read_all(machine).await;
        }
        match (answer, made) {
            (Answer::Late, _) => self.stage.keep_back(effect_of(action)),
            (Answer::Given | Answer::LostAfter, Some(token)) => {
                self.stage.meet(Value { token, version });
                self.stage.pass_second().await;
                if let Some(run) = &mut self.stage.machines[machine].run {
                    run.made.push(token);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What is no request: the run does it on its way to the next one.
    async fn act_alone(&mut self, machine: usize, action: Action) -> Played {
        self.excuse_others(machine, action);
        match action {
            // They run at the latest moment: whether the last look is still good is asked after them.
            Action::RunHooks { succeed } => {
                self.stage.machines[machine].script.lock().unwrap().hooks_fail = !succeed;
            }
            Action::PutBack { .. } => {
                self.go_on(machine).await;
                if self.standing(machine).iter().all(|name| is_verification(name)) {
                    self.read_all(machine).await;
                    self.go_on(machine).await;
                }
            }
            Action::Decide(_) => {
                self.go_on(machine).await;
                if let Some(run) = &self.stage.machines[machine].run {
                    run.gate.decided();
                }
            }
            _ => self.go_on(machine).await,
        }
        Ok(())
    }

    /// Lets a run go on to a request; none where it has no need of it.
    async fn bring(&mut self, machine: usize, action: Action, wanted: &str) -> Played<Option<usize>> {
        self.go_on(machine).await;
        for _ in 0..60 {
            let standing = self.standing(machine);
            let is_wanted = |name: &String| name == wanted || is_list(name) && is_list(wanted);
            if let Some(place) = standing.iter().position(is_wanted) {
                return Ok(Some(place));
            }
            match self.instead(machine, action, &standing) {
                Some(Instead::Request(place)) => return Ok(Some(place)),
                Some(Instead::Nothing) => return Ok(None),
                None => {}
            }
            if standing.is_empty() {
                let ran = self.run(machine).ended.clone();
                return differs(format!("{wanted}? The run is at its end: {ran:?}"));
            }
            self.pass(machine, &standing, wanted).await?;
        }
        differs(format!("{wanted}? The run does not come to it"))
    }

    /// Lets pass what the model does not have and what changes nothing, and loses what only tidies up.
    async fn pass(&mut self, machine: usize, standing: &[String], wanted: &str) -> Played {
        if standing.iter().all(|name| name.starts_with("GET ")) {
            self.read_all(machine).await;
        } else if standing.iter().any(|name| self.tidies_up(machine, name)) {
            self.stage.machines[machine].send(0, Answer::LostBefore, None).await;
        } else if standing.iter().any(|name| self.deletes_what_was_left(name)) {
            self.stage.machines[machine].send(0, Answer::Given, None).await;
        } else {
            return differs(format!("{wanted}? The run is about to {}", self.told(standing)));
        }
        self.go_on(machine).await;
        Ok(())
    }

    /// Lets every question that waits be answered.
    async fn read_all(&mut self, machine: usize) {
        while let Some(place) = self.standing(machine).iter().position(|name| name.starts_with("GET ")) {
            self.stage.machines[machine].send(place, Answer::Given, None).await;
        }
    }

    /// Lets a run come to its end.
    async fn finish(&mut self, machine: usize) -> Played<Ran> {
        self.go_on(machine).await;
        for _ in 0..60 {
            if let Some(ran) = self.run(machine).ended.clone() {
                self.stage.machines[machine].kill();
                return Ok(ran);
            }
            let standing = self.standing(machine);
            self.pass(machine, &standing, "the end").await?;
        }
        differs("the run does not come to its end")
    }

    /// Lets every run come to its end, W pass, and one undisturbed `apply` follow: it must set all in order, whatever the
    /// model would have done.
    async fn heal(&mut self) -> Played {
        for machine in 0..self.stage.machines.len() {
            for _ in 0..100 {
                while !self.standing(machine).is_empty() {
                    self.stage.machines[machine].send(0, Answer::Given, None).await;
                }
                self.stage.machines[machine].go_on().await;
            }
            self.die(machine);
        }
        self.stage.pass_window().await;
        let scene = &self.stage.machines[0].scene;
        let mut ran = scene.run("apply shop.yaml").await;
        if ran.err.contains("custody.not-held") {
            ran = scene.run("rotate shop.yaml").await;
        }
        if ran.code != 0 {
            return Err(Trouble::Broken(format!("an undisturbed run does not succeed: {}", ran.err)));
        }
        self.stage.is_in_order().map_err(Trouble::Broken)
    }

    pub(super) fn run(&self, machine: usize) -> &Run {
        self.stage.machines[machine].run.as_ref().unwrap()
    }

    pub(super) fn standing(&self, machine: usize) -> Vec<String> {
        self.stage.machines[machine].run.as_ref().map_or_else(Vec::new, |run| run.gate.waiting())
    }

    /// Requests with the tokens' numbers in the place of their ids.
    fn told(&self, names: &[String]) -> String {
        let ids = self.stage.ids.iter().enumerate();
        ids.fold(names.join(" and "), |text, (number, id)| text.replace(id, &format!("T{number}")))
    }

    /// Hands a run the answers that it waits for, and lets it go on to its next request.
    async fn go_on(&mut self, machine: usize) {
        let Some(run) = &self.stage.machines[machine].run else { return };
        if run.ended.is_some() || !run.gate.waiting().is_empty() && !run.gate.withholds() {
            return;
        }
        let writes = self.writes_ahead(machine);
        self.stage.machines[machine].script.lock().unwrap().writes = writes.into();
        self.stage.machines[machine].go_on().await;
    }
}
