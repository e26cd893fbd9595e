//! What must hold, whatever happened.
//!
//! At any time: no sink holds a dead secret, and what a consumer may have read works until its overlap is over, unless a
//! command was told to end it. After a run in which all went well: one generation is in force, and every sink holds it;
//! every other one ends soon; nobody else's token was touched; nothing is left over, nothing leaked.

use std::collections::BTreeSet;

use cfmint::cloudflare::wire::Token;
use cfmint::plan::{MarkedName, Phase};
use cfmint::secret::Secret;
use chrono::TimeDelta;
use ring::digest::{SHA256, digest};

use crate::acts::{Ends, Runner, Sink};
use crate::history::{Form, Spot};
use crate::stage::Stage;

/// How long a predecessor lives on.
const OVERLAP: TimeDelta = TimeDelta::hours(1);
/// How long a token lives whose delivery nobody confirmed.
const PENDING: TimeDelta = TimeDelta::days(1);
/// How long one lives that is for a command.
const COMMAND: TimeDelta = TimeDelta::minutes(15);
/// How long one lives that is in force, at the least.
const LIFE: TimeDelta = TimeDelta::days(80);
/// What a run itself takes.
const RUN: TimeDelta = TimeDelta::minutes(10);

impl Stage {
    /// What does not hold at any time.
    pub(crate) fn lost(&self) -> Vec<String> {
        self.dead(false)
    }

    /// Which values that are held, or may be, do not work. Those that a command was told to end count only where a sink
    /// should hold something else by now.
    fn dead(&self, is_settled: bool) -> Vec<String> {
        let history = self.history.lock().unwrap();
        let now = self.now();
        let secrets = self.secrets();
        let mut wrong = Vec::new();
        for held in &history.held {
            let is_due = match held.until {
                None => is_settled || !held.is_given_up,
                Some(until) => !held.is_given_up && now < until + OVERLAP,
            };
            let works = self.owner(&held.value, &secrets).is_some_and(|token| token.status == "active");
            if is_due && !works {
                let spot = &history.spots[held.spot];
                let name = spot.path.file_name().unwrap().to_string_lossy();
                let when = held.until.map_or_else(|| "holds".to_owned(), |at| format!("held until {at}"));
                wrong.push(format!("{name} {when} a secret that is dead at {now}"));
            }
        }
        wrong
    }

    /// What does not hold after a run in which all went well, and which said this.
    pub(crate) fn unsettled(&self, ends: Ends, said: &str) -> Vec<String> {
        let names = self.act.shop.names().into_iter();
        let mut wrong: Vec<String> =
            names.flat_map(|(name, _)| self.unsettled_of(name, ends, said)).collect();
        if ends == Ends::Gone {
            wrong.extend(self.not_cleared(said));
        }
        wrong
    }

    /// What does not hold of the tokens of one name.
    fn unsettled_of(&self, name: &str, ends: Ends, said: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let living: Vec<(MarkedName, Token)> = self.living(name);
        let in_force: Vec<&Token> =
            living.iter().filter(|(marked, _)| marked.phase.is_in_force()).map(|(_, token)| token).collect();
        let fits = match ends {
            Ends::InForce => in_force.len() == 1,
            Ends::Gone | Ends::GoneById => in_force.is_empty(),
            Ends::Either => in_force.len() <= 1,
        };
        let names: Vec<String> =
            living.iter().map(|(_, token)| format!("{} until {:?}", token.name, token.expires_on)).collect();
        if !fits {
            wrong.push(format!("{} tokens are in force: {names:?}", in_force.len()));
        }
        if ends == Ends::Gone && !living.is_empty() {
            wrong.push(format!("tokens live on: {names:?}"));
        }
        if let [current] = in_force.as_slice() {
            wrong.extend(self.dead(true));
            wrong.extend(self.not_holding(name, current));
            if current.expires_on.is_some_and(|end| end < self.now() + LIFE) {
                wrong.push(format!("what is in force ends at {:?}", current.expires_on));
            }
        } else {
            wrong.extend(self.dead(false));
        }
        for (marked, token) in &living {
            let most = match marked.phase {
                Phase::InForce => continue,
                Phase::HooksDue => {
                    wrong.push(format!("{} waits for its hooks", token.name));
                    continue;
                }
                Phase::Retiring => self.now() + OVERLAP,
                Phase::Pending | Phase::StandIn => token.issued_on.unwrap() + PENDING + RUN,
                // Where no deletion is answered with a yes, its own end is what is left.
                Phase::Exec if said.contains("could not be deleted") => token.issued_on.unwrap() + COMMAND,
                Phase::Exec => self.now(),
            };
            if token.expires_on.is_none_or(|end| end > most) {
                wrong.push(format!("{} ends at {:?}", token.name, token.expires_on));
            }
        }
        wrong
    }

    /// What a run that went well should not have left on this machine.
    pub(crate) fn leftovers(&self, machine: usize) -> Vec<String> {
        let files = self.machines[machine].world.files();
        let left = files.into_iter().filter(|name| name.contains(".cfmint-") || name.ends_with("marks.new"));
        left.map(|name| format!("left over: {name}")).collect()
    }

    /// What was done to the surroundings.
    pub(crate) fn harm(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for foreign in &self.foreign {
            let now = self.scene().tokens().into_iter().find(|token| token.id == foreign.id);
            if now.as_ref().is_none_or(|now| serde_json::json!(now) != serde_json::json!(foreign)) {
                wrong.push(format!("somebody else's {} is now {now:?}", foreign.name));
            }
        }
        let sinks: Vec<&str> = self.act.shop.sinks().into_iter().map(Sink::file).collect();
        for machine in &self.machines {
            let leaks: BTreeSet<String> = machine.leaks(&sinks);
            if !leaks.is_empty() {
                wrong.push(format!("secrets leaked into {leaks:?}"));
            }
            for file in sinks.iter().filter(|file| file.starts_with('.')) {
                let text = machine.try_text(file).unwrap_or_default();
                if !is_whole(&text) {
                    wrong.push(format!("{file} is not whole"));
                }
            }
        }
        wrong
    }

    /// The living generations of a name.
    fn living(&self, name: &str) -> Vec<(MarkedName, Token)> {
        let alive = self.scene().tokens().into_iter().filter(|token| token.status == "active");
        let marked = alive.filter_map(|token| Some((MarkedName::parse(&token.name)?, token)));
        marked.filter(|(marked, _)| marked.name == name).collect()
    }

    fn not_holding(&self, name: &str, current: &Token) -> Vec<String> {
        let history = self.history.lock().unwrap();
        let secrets = self.secrets();
        let holds = |value: &str| self.owner(value, &secrets).is_some_and(|token| token.id == current.id);
        let of_name = history.spots.iter().filter(|spot| spot.name == name);
        let spots = of_name.filter(|spot| !spot.value().is_some_and(|value| holds(&value)));
        spots.map(|spot| format!("{} does not hold {}", spot.path.display(), current.name)).collect()
    }

    /// Variables that stand in files although nothing is in force. A value may stay behind its token only if the run says
    /// so: after a roll whose answer was lost, a dead value does not tell whose it was.
    fn not_cleared(&self, said: &str) -> Vec<String> {
        let left = self.act.shop.sinks().into_iter().filter_map(|sink| match sink {
            Sink::Env(file, variable) => self.scene().value(file, variable).map(|_| (file, variable)),
            Sink::Json(file, key) => {
                let spot = Spot { name: "", path: self.scene().world.path(file), form: Form::Key(key) };
                spot.value().map(|_| (file, key))
            }
            Sink::Program(_) | Sink::Document(..) => None,
        });
        let is_told =
            |file: &str, variable: &str| said.contains(&format!("{variable} in {file} keeps its value"));
        let left = left.filter(|(file, variable)| !is_told(file, variable));
        left.map(|(file, variable)| format!("{variable} is still in {file}")).collect()
    }

    /// Every secret there ever was, with the key that is made of it.
    fn secrets(&self) -> Vec<(String, String)> {
        let key = |secret: &str| {
            let hash = digest(&SHA256, secret.as_bytes());
            hash.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        };
        self.scene().secrets().into_iter().map(|secret| (key(&secret), secret)).collect()
    }

    /// The token that a value belongs to now.
    fn owner(&self, value: &str, secrets: &[(String, String)]) -> Option<Token> {
        let (_, secret) = secrets.iter().find(|(key, secret)| value == secret || value == key)?;
        self.scene().emulator.token_of(&Secret::new(secret.clone())).map(|owned| owned.token)
    }

    /// Whether a run may be refused because another one may be under way.
    pub(crate) fn may_wait(&self) -> bool {
        self.act.runner == Runner::Fresh || self.machines.len() > 1
    }
}

/// A file as cfmint writes it ends with a line end and has one definition a line.
fn is_whole(text: &str) -> bool {
    text.is_empty() || (text.ends_with('\n') && text.lines().all(|line| line.contains('=')))
}
