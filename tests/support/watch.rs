//! What is watched at every moment: what the sinks hold and have held, and whether it works.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use cfmint::emulator::Emulator;
use cfmint::plan::{MarkedName, Phase};
use cfmint::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};

/// A secret that a sink has held.
struct Held {
    secret: String,
    /// The token that it belonged to when it was first seen.
    id: Option<String>,
    /// When something else took its place.
    left: Option<DateTime<Utc>>,
    /// Whether it may be dead: its token was rolled, or nobody came back before the pending token ended.
    is_excused: bool,
}

/// One sink, looked at from outside.
struct Watched {
    name: String,
    path: PathBuf,
    /// What stands before the secret on its line; nothing for a program's file.
    prefix: &'static str,
    /// How long a consumer may keep what it read after something else took its place.
    overlap: TimeDelta,
    /// What may still be in use, and at the end what it holds now.
    held: Vec<Held>,
    /// How long it held a dead secret, as far as was looked.
    dead: TimeDelta,
    /// Since when, as of the last look.
    dead_since: Option<DateTime<Utc>>,
}

/// The sinks, and what was found wrong with them.
pub struct Watch {
    emulator: Emulator,
    sinks: Mutex<Vec<Watched>>,
    wrong: Mutex<Vec<String>>,
    rolling: AtomicBool,
}

impl Watch {
    pub fn new(emulator: &Emulator) -> Arc<Self> {
        let (sinks, wrong) = (Mutex::default(), Mutex::default());
        let rolling = AtomicBool::new(false);
        Arc::new(Self { emulator: emulator.clone(), sinks, wrong, rolling })
    }

    pub fn add(&self, name: &str, path: PathBuf, prefix: &'static str, overlap: TimeDelta) {
        let (held, dead) = (Vec::new(), TimeDelta::zero());
        let watched = Watched { name: name.to_owned(), path, prefix, overlap, held, dead, dead_since: None };
        self.sinks.lock().unwrap().push(watched);
    }

    /// Says whether the run under way is a roll, which ends old secrets at once: that is what it is asked for.
    pub fn is_rolling(&self, is_rolling: bool) {
        self.rolling.store(is_rolling, Ordering::SeqCst);
    }

    /// Looks at every sink now.
    pub fn look(&self, now: DateTime<Utc>, moment: &str) {
        for sink in self.sinks.lock().unwrap().iter_mut() {
            let current = sink.current();
            if sink.held.last().map(|held| &held.secret) != current.as_ref() {
                if let Some(last) = sink.held.last_mut() {
                    last.left.get_or_insert(now);
                }
                if let Some(secret) = current {
                    let owner = self.emulator.token_of(&Secret::new(secret.clone()));
                    let id = owner.map(|owned| owned.token.id);
                    sink.held.push(Held { secret, id, left: None, is_excused: false });
                }
            }
            let newest = sink.held.last().map(|held| held.secret.clone());
            sink.held.retain(|held| {
                held.left.is_none_or(|left| now < left + sink.overlap)
                    || Some(&held.secret) == newest.as_ref()
            });
            if let Some(since) = sink.dead_since {
                sink.dead += now - since;
            }
            sink.dead_since = None;
            for held in sink.held.iter_mut().filter(|held| !self.works(&held.secret)) {
                if held.left.is_none() {
                    sink.dead_since = Some(now);
                }
                held.is_excused |= !self.exists(&held.secret) && self.may_be_gone(held);
                if !held.is_excused {
                    let what = if held.left.is_none() { "holds" } else { "gave a consumer" };
                    let wrong = format!("{} {what} a dead secret of {:?}, {moment}", sink.name, held.id);
                    held.is_excused = true;
                    self.wrong.lock().unwrap().push(wrong);
                }
            }
        }
    }

    /// Nobody came back before pending tokens ended: what holds one of them may be dead.
    pub fn excuse_pending(&self) {
        for sink in self.sinks.lock().unwrap().iter_mut() {
            for held in &mut sink.held {
                let owner = self.emulator.token_of(&Secret::new(held.secret.clone()));
                let phase =
                    owner.and_then(|owned| MarkedName::parse(&owned.token.name)).map(|marked| marked.phase);
                held.is_excused |= phase.is_some_and(Phase::is_pending);
            }
        }
    }

    /// The sinks that do not hold the secret of this token.
    pub fn lacking(&self, id: &str, of: &[&str]) -> Vec<String> {
        let holds = |sink: &&Watched| {
            let owner = sink.current().and_then(|secret| self.emulator.token_of(&Secret::new(secret)));
            owner.is_some_and(|owned| owned.token.id == id)
        };
        let sinks = self.sinks.lock().unwrap();
        let asked = sinks.iter().filter(|sink| of.contains(&sink.name.as_str()));
        asked.filter(|sink| !holds(sink)).map(|sink| sink.name.clone()).collect()
    }

    /// How long a sink held a dead secret, as far as was looked.
    pub fn dead(&self, name: &str) -> TimeDelta {
        let sinks = self.sinks.lock().unwrap();
        sinks.iter().filter(|sink| sink.name == name).map(|sink| sink.dead).sum()
    }

    pub fn report(&self, wrong: Vec<String>) {
        self.wrong.lock().unwrap().extend(wrong);
    }

    pub fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap().clone()
    }

    fn works(&self, secret: &str) -> bool {
        let owner = self.emulator.token_of(&Secret::new(secret.to_owned()));
        owner.is_some_and(|owned| owned.token.status == "active")
    }

    fn exists(&self, secret: &str) -> bool {
        self.emulator.token_of(&Secret::new(secret.to_owned())).is_some()
    }

    fn may_be_gone(&self, held: &Held) -> bool {
        let was_rolled = || held.id.as_ref().is_some_and(|id| self.rolled().contains(id));
        self.rolling.load(Ordering::SeqCst) || was_rolled()
    }

    /// The ids of tokens whose secret was rolled, as far as requests are remembered.
    fn rolled(&self) -> BTreeSet<String> {
        let rolls = self.emulator.requests().into_iter().filter(|request| request.method == "PUT");
        rolls
            .filter_map(|request| request.path.strip_suffix("/value")?.rsplit('/').next().map(str::to_owned))
            .collect()
    }
}

impl Watched {
    fn current(&self) -> Option<String> {
        let text = std::fs::read_to_string(&self.path).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(self.prefix))?;
        (!line.is_empty()).then(|| line.to_owned())
    }
}
