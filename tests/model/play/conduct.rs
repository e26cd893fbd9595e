//! Plays one history: each event is done to the real runs, and what they do is held against what the model says.
//!
//! A run is let go on only as far as the event at hand says. Where it then stands before another request than the model's,
//! ends otherwise, or leaves something else, the history differs, and playing it ends.

use super::gate::{Shows, is_list, is_verification};
use super::machine::{Fate, Run};
use super::stage::Stage;
use super::support::Ran;
use crate::event::{Action, Answer, Decision, Delivery, Event, Kind, Outcome, Restoring, Step};
use crate::history::{History, Moment, TokenPicture};
use crate::token::{Effect, End, Listing, Phase, Value};

/// Why a history was not played to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It cannot be played, for this reason.
    Skipped(&'static str),
    /// The code does something else than the model.
    Differs(String),
}

type Played<T = ()> = Result<T, Trouble>;

fn differs<T>(what: impl Into<String>) -> Played<T> {
    Err(Trouble::Differs(what.into()))
}

/// The file was read before the other machine wrote it, and so it is not written.
const CHANGED: &str = "a file changed after it was read";
/// The other machine's `roll` deleted the token that the run works on.
const ENDED: &str = "a roll that became a rotation ends the old token at once";
/// `rotate` finishes what the last rotation left, and makes no successor of its own.
const FINISHES: &str = "the rotation before is finished, and none is begun";

/// One history under way.
pub(super) struct Conductor<'a> {
    moments: &'a [Moment],
    /// The event at hand.
    at: usize,
    stage: Stage,
    /// How many pictures were compared.
    pub(super) compared: usize,
    /// Tokens that were deleted where the model lets them end after the overlap.
    ended_at_once: Vec<u8>,
    /// Expired tokens that were left where the model deletes them.
    left: Vec<u8>,
    /// Why the runs on each machine may do something else than the model's.
    excuses: [Option<&'static str>; 2],
}

impl<'a> Conductor<'a> {
    pub(super) async fn new(history: &'a History) -> Self {
        let fails = |moment: &Moment| {
            matches!(moment.event, Event::Acts { action: Action::RunHooks { succeed: false }, .. })
        };
        let stage = Stage::new(history.place, history.moments.iter().any(fails)).await;
        let (ended_at_once, left) = (Vec::new(), Vec::new());
        let (moments, excuses) = (&history.moments, [None; 2]);
        Self { moments, at: 0, stage, compared: 0, ended_at_once, left, excuses }
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
        match (self.moment_as_told(moment).await, excuse) {
            (Err(Trouble::Differs(_)), Some(why)) => Err(Trouble::Skipped(why)),
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
            Event::Arrives { effect } => self.stage.arrive(effect).await.map_err(Trouble::Differs),
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
            Action::Roll { token } => (Some(token).filter(|token| self.stage.is_live(*token)), self.stage.version(token) + 1),
            _ => (None, 0),
        };
        let replica = is_stale(action).then(|| self.stage.replica().to_vec());
        self.stage.machines[machine].send(place, answer, replica.as_deref()).await;
        if is_reading(action) {
            // What stands beside it is asked at the same time.
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

    /// What a run does that excuses a difference of the run on the other machine.
    fn excuse_others(&mut self, machine: usize, action: Action) {
        let other = 1 - machine;
        let is_under_way = self.stage.machines.get(other).is_some_and(|machine| machine.run.is_some());
        let why = match action {
            Action::Deliver { sink, .. } | Action::PutBack { sink, .. } if self.stage.sinks.is_readable(sink) => CHANGED,
            Action::Retire { .. } if self.run(machine).kind == Kind::Roll => ENDED,
            _ => return,
        };
        if is_under_way {
            self.excuses[other] = Some(why);
        }
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
            if let Some(place) = self.instead(machine, action, &standing) {
                return Ok(place);
            }
            if standing.is_empty() {
                let ran = self.run(machine).ended.clone();
                return differs(format!("{wanted}? The run is at its end: {ran:?}"));
            }
            self.pass(machine, &standing, wanted).await?;
        }
        differs(format!("{wanted}? The run does not come to it"))
    }

    /// What the code does in the place of a request, where it does; see the list of differences.
    fn instead(&mut self, machine: usize, action: Action, standing: &[String]) -> Option<Option<usize>> {
        match action {
            Action::Retire { token } if self.run(machine).kind == Kind::Roll => {
                let delete = format!("DELETE /user/tokens/{}", self.stage.id(token));
                let place = standing.iter().position(|name| *name == delete)?;
                self.ended_at_once.push(token);
                Some(Some(place))
            }
            Action::DeleteExpired { token } if self.ended_at_once.contains(&token) => Some(None),
            Action::DeleteExpired { token } => {
                let TokenPicture { listing, phase, .. } = self.stage.picture(token);
                let is_evidence = listing == Listing::Expired && matches!(phase, Phase::Pending | Phase::Roll);
                is_evidence.then(|| self.left.push(token)).map(|()| None)
            }
            _ => None,
        }
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

    /// Whether a request deletes what this very run made and did not put in force.
    fn tidies_up(&self, machine: usize, name: &str) -> bool {
        let id = name.strip_prefix("DELETE /user/tokens/").and_then(|id| self.stage.number(id));
        let is_pending = |token: &u8| {
            matches!(self.stage.picture(*token).phase, Phase::Pending | Phase::Roll)
        };
        id.is_some_and(|token| {
            let is_gone = self.stage.picture(token).listing == Listing::Deleted;
            (self.run(machine).made.contains(&token) || is_gone) && (is_gone || is_pending(&token))
        })
    }

    fn deletes_what_was_left(&self, name: &str) -> bool {
        let id = name.strip_prefix("DELETE /user/tokens/");
        id.and_then(|id| self.stage.number(id)).is_some_and(|token| self.left.contains(&token))
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

    fn run(&self, machine: usize) -> &Run {
        self.stage.machines[machine].run.as_ref().unwrap()
    }

    fn standing(&self, machine: usize) -> Vec<String> {
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

    /// What happens to a run from here on, the event at hand included.
    fn ahead(&self, machine: usize) -> impl Iterator<Item = Event> + '_ {
        let events = self.moments[self.at..].iter().map(|moment| moment.event);
        events.filter(move |event| event.machine() == Some(machine))
    }

    /// What befalls the writes that come before the next request.
    fn writes_ahead(&self, machine: usize) -> Vec<(Option<u8>, Fate)> {
        let mut writes = Vec::new();
        for event in self.ahead(machine) {
            match event {
                Event::Acts { action: Action::Deliver { sink, delivery }, .. } => {
                    let fate = match delivery {
                        Delivery::Stored => Fate::Stored,
                        Delivery::NotReached => Fate::NotReached,
                        Delivery::PerhapsReached => Fate::PerhapsReached,
                    };
                    writes.push((Some(sink), fate));
                }
                Event::Acts { action: Action::PutBack { sink, restoring }, .. } => match restoring {
                    Restoring::Restored => writes.push((Some(sink), Fate::Stored)),
                    Restoring::Failed => writes.push((Some(sink), Fate::NotReached)),
                    Restoring::NotOurs | Restoring::OldIsDead => {}
                },
                Event::DiesDelivering { sink, .. } => {
                    writes.push((Some(sink), Fate::DiesAmid));
                    break;
                }
                Event::Dies { before: Step::Deliver | Step::PutBack, .. } => {
                    writes.push((None, Fate::Dies));
                    break;
                }
                Event::Acts { action, .. } if self.request_of(action).is_none() => {}
                _ => break,
            }
        }
        writes
    }

    /// Sees to what a run is shown: the rights that somebody changed by hand; and, where it is to rotate although the last
    /// rotation is in its overlap, no generation on its way out.
    fn prepare_look(&mut self, machine: usize) {
        let decision = self.ahead(machine).find_map(|event| match event {
            Event::Acts { action: Action::Decide(decision), .. } => Some(decision),
            _ => None,
        });
        let numbers = 0..u8::try_from(self.stage.ids.len()).unwrap();
        let in_force: Vec<_> = numbers.filter(|token| self.is_in_force(*token)).collect();
        let current = in_force.last().copied();
        let has_unfinished =
            in_force.len() > 1 || current.is_some_and(|token| self.stage.picture(token).phase == Phase::Hooks);
        let drifted = current.filter(|_| decision == Some(Decision::Update)).map(|token| self.stage.id(token).to_owned());
        let run = self.run(machine);
        let hides_retiring = run.kind == Kind::Rotate && decision == Some(Decision::Fresh);
        run.gate.show(Shows { drifted, hides_retiring });
        if hides_retiring && has_unfinished {
            self.excuses[machine] = Some(FINISHES);
        }
    }

    fn is_in_force(&self, token: u8) -> bool {
        let TokenPicture { listing, phase, .. } = self.stage.picture(token);
        listing == Listing::Live && matches!(phase, Phase::InForce | Phase::Hooks)
    }

    /// The name of the request that an action is; none where it is no request.
    fn request_of(&self, action: Action) -> Option<String> {
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

    /// Holds what is there against the picture; sinks only where no run is in the middle of its writes.
    fn compare(&mut self, moment: &Moment, has_ended: bool) -> Played {
        let wanted = &moment.after;
        if self.stage.ids.len() != wanted.tokens.len() {
            return differs(format!("{} tokens were made, not {}", self.stage.ids.len(), wanted.tokens.len()));
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
            let may_be_dead = wanted.is_none_or(|value| {
                is_so == Some(value) && !self.works_in_model(moment, value)
            });
            if self.stage.place.is_watched(sink) && !self.stage.works(sink) && !may_be_dead {
                return differs(format!("sink {sink} holds a dead secret: {is_so:?}"));
            }
        }
        self.compared += usize::from(has_ended);
        Ok(())
    }

    fn works_in_model(&self, moment: &Moment, value: Value) -> bool {
        let token = &moment.after.tokens[usize::from(value.token)];
        let ended = self.ended_at_once.contains(&value.token);
        token.listing == Listing::Live && token.version == value.version && !ended
    }

    fn is_alike(&self, number: u8, wanted: TokenPicture, is_so: TokenPicture) -> bool {
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

fn shown(token: TokenPicture) -> String {
    let TokenPicture { listing, phase, end, version, .. } = token;
    format!("{listing:?} {phase:?} {end:?}.{version}")
}

/// How a run ended, in the model's words.
fn ends(ran: &Ran) -> Outcome {
    let says = |code: &str| ran.err.contains(code);
    match ran.code {
        0 => Outcome::Ok,
        _ if says("custody.another-run") => Outcome::Young,
        _ if says("custody.conflict") || says("custody.unverified") => Outcome::Conflict,
        _ => Outcome::Failed,
    }
}

fn is_stale(action: Action) -> bool {
    matches!(action, Action::Look { stale: true } | Action::LookAgain { stale: true, .. })
}

fn is_reading(action: Action) -> bool {
    matches!(action, Action::LookAgain { .. })
}

/// What a request does when it takes effect.
fn effect_of(action: Action) -> Effect {
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
