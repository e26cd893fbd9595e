//! Where a history is played: its machines, one Cloudflare for all of them, its sinks, the clock; and which real token,
//! secret and late request each number of the model's stands for.

use std::time::Duration;

use cfmint::cloudflare::Transport as _;
use cfmint::cloudflare::wire::Token;
use cfmint::emulator::world::BOOTSTRAP;
use cfmint::plan::{MarkedName, Phase as Named};
use cfmint::secret::Secret;
use cfmint::world::World as _;
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use super::machine::{Machine, Sinks};
use super::support::{Scene, TestWorld};
use crate::history::TokenPicture;
use crate::places::Place;
use crate::token::{Effect, End, Listing, Phase, Value};

/// A little more than W.
const WINDOW: Duration = Duration::from_secs(15 * 60 + 2);
/// The overlap, as the profile has it.
const OVERLAP: Duration = Duration::from_secs(6 * 3600);
/// P: half of `renew_before`, which is a third of the life of 30 days.
const PENDING_LIFE: Duration = Duration::from_secs(5 * 86_400);

pub(super) struct Stage {
    pub(super) place: Place,
    pub(super) machines: Vec<Machine>,
    pub(super) sinks: Sinks,
    /// The ids of the tokens, in the order in which they were made.
    pub(super) ids: Vec<String>,
    secrets: Vec<(String, Value)>,
    /// What is kept back on the way, in order, beside what the transport keeps back.
    late: Vec<Effect>,
    replica: Vec<u8>,
    _folder: TempDir,
}

impl Stage {
    pub(super) async fn new(place: Place, has_hook: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("cfmint-sinks").tempdir().unwrap();
        let sinks = Sinks::new(folder.path(), place.readable);
        let first = Scene::outside_git(TestWorld::new(), |settings| settings.switches.rate_limit = None);
        let others: Vec<Scene> = (1..place.machines).map(|_| first.second_machine()).collect();
        let scenes = std::iter::once(first).chain(others).zip(place.delivers_to);
        let machines = scenes.map(|(scene, of)| Machine::new(scene, &sinks, of, has_hook)).collect();
        let mut stage = Self {
            place,
            machines,
            sinks,
            ids: Vec::new(),
            secrets: Vec::new(),
            late: Vec::new(),
            replica: Vec::new(),
            _folder: folder,
        };
        if place.established {
            stage.establish().await;
        }
        stage.replica = stage.list().await;
        stage
    }

    /// One generation in force, delivered to every watched sink, and announced longer than W ago.
    async fn establish(&mut self) {
        let begun = self.scene().run("apply shop.yaml").await;
        assert_eq!(begun.code, 0, "{begun:?}");
        self.meet(Value { token: 0, version: 0 });
        let secret = self.secrets[0].0.clone();
        for sink in 0..self.place.sinks {
            let path = self.sinks.path(sink);
            if !self.place.is_watched(sink) {
                std::fs::remove_file(path).ok();
            } else if !self.sinks.is_readable(sink) {
                std::fs::write(path, &secret).unwrap();
            }
        }
        if self.place.stateless {
            self.machines[0].lose_state_folder();
        }
        tokio::time::sleep(WINDOW).await;
    }

    /// Takes note of a token that was just made or rolled, and of its secret.
    pub(super) fn meet(&mut self, value: Value) {
        let ids = self.scene().tokens().into_iter().map(|token| token.id);
        let new: Vec<_> = ids.filter(|id| !self.ids.contains(id)).collect();
        self.ids.extend(new);
        let secret = self.scene().transport.minted().pop().unwrap();
        self.secrets.push((secret, value));
    }

    /// What is common to all machines: Cloudflare and the clock.
    fn scene(&self) -> &Scene {
        &self.machines[0].scene
    }

    /// The id of a token; of one that was never made none.
    pub(super) fn id(&self, token: u8) -> &str {
        self.ids.get(usize::from(token)).map_or("none", String::as_str)
    }

    pub(super) fn number(&self, id: &str) -> Option<u8> {
        self.ids.iter().position(|known| known == id).and_then(|number| u8::try_from(number).ok())
    }

    /// How often a token was rolled so far.
    pub(super) fn version(&self, token: u8) -> u8 {
        let versions = self.secrets.iter().filter(|(_, value)| value.token == token);
        versions.map(|(_, value)| value.version).max().unwrap_or_default()
    }

    /// What a sink holds; a secret that nobody knows is an error.
    pub(super) fn held(&self, sink: u8) -> Result<Option<Value>, String> {
        let Some(secret) = self.sinks.held(sink) else { return Ok(None) };
        let known = self.secrets.iter().find(|(known, _)| *known == secret);
        known.map(|(_, value)| Some(*value)).ok_or_else(|| format!("sink {sink} holds an unknown value"))
    }

    /// Whether what a sink holds works.
    pub(super) fn works(&self, sink: u8) -> bool {
        let owner = |secret| self.scene().emulator.token_of(&Secret::new(secret));
        self.sinks
            .held(sink)
            .is_none_or(|secret| owner(secret).is_some_and(|owned| owned.token.status == "active"))
    }

    /// What a token is now, as the model would say it.
    pub(super) fn picture(&self, number: u8) -> TokenPicture {
        let id = self.id(number);
        let token = self.scene().tokens().into_iter().find(|token| token.id == id);
        let version = self.version(number);
        let gone = TokenPicture {
            listing: Listing::Deleted,
            phase: Phase::Pending,
            end: End::Full,
            version,
            mark: 0,
        };
        let Some(token) = token else { return gone };
        let phase = match MarkedName::parse(&token.name).map(|marked| marked.phase) {
            Some(Named::Pending) => Phase::Pending,
            Some(Named::StandIn) => Phase::Roll,
            Some(Named::HooksDue) => Phase::Hooks,
            Some(Named::Retiring) => Phase::Retiring,
            Some(Named::InForce | Named::Exec) | None => Phase::InForce,
        };
        let now = self.scene().world.now();
        let is_within = |from: DateTime<Utc>, life| token.expires_on.is_some_and(|end| end <= from + life);
        let end = if !is_within(token.issued_on.unwrap_or(now), TimeDelta::days(29)) {
            End::Full
        } else if is_within(now, TimeDelta::from_std(OVERLAP).unwrap()) {
            End::Overlap
        } else {
            End::Short
        };
        let listing = if token.status == "active" { Listing::Live } else { Listing::Expired };
        TokenPicture { listing, phase, end, ..gone }
    }

    pub(super) fn is_live(&self, number: u8) -> bool {
        usize::from(number) < self.ids.len() && self.picture(number).listing == Listing::Live
    }

    pub(super) fn is_in_force(&self, number: u8) -> bool {
        let TokenPicture { listing, phase, .. } = self.picture(number);
        listing == Listing::Live && matches!(phase, Phase::InForce | Phase::Hooks)
    }

    /// Whether one generation is in force, and every sink of the first machine holds its secret.
    pub(super) fn is_in_order(&self) -> Result<(), String> {
        let tokens = self.scene().tokens();
        let is_in_force = |token: &&Token| {
            let phase = MarkedName::parse(&token.name).map(|marked| marked.phase);
            token.status == "active" && phase == Some(Named::InForce)
        };
        let in_force: Vec<_> = tokens.iter().filter(is_in_force).collect();
        let [current] = in_force.as_slice() else { return Err(format!("{} are in force", in_force.len())) };
        let lacks = |sink: &&u8| {
            let secret = self.sinks.held(**sink).unwrap_or_default();
            let owner = self.scene().emulator.token_of(&Secret::new(secret));
            owner.is_none_or(|owned| owned.token.id != current.id)
        };
        let lacking = self.place.delivers_to[0].iter().find(lacks);
        lacking.map_or(Ok(()), |sink| Err(format!("sink {sink} does not hold the one in force")))
    }

    /// A request is kept back, and with it what it will do.
    pub(super) fn keep_back(&mut self, effect: Effect) {
        self.late.push(effect);
    }

    /// Lets something late take effect.
    pub(super) async fn arrive(&mut self, effect: Effect) -> Result<(), String> {
        if let Effect::Store { sink, .. } = effect {
            let (from, to) = (self.sinks.late(sink), self.sinks.path(sink));
            return std::fs::rename(from, to).map_err(|error| format!("no program lives on: {error}"));
        }
        let place = self.late.iter().position(|late| is_same(*late, effect));
        let place = place.ok_or_else(|| format!("{effect:?} was not kept back: {:?}", self.late))?;
        self.late.remove(place);
        self.scene().transport.deliver_late_at(place).await;
        match effect {
            Effect::Post { .. } => {
                let token = u8::try_from(self.ids.len()).unwrap();
                self.meet(Value { token, version: 0 });
                self.pass_second().await;
            }
            Effect::Roll { token, .. } if self.is_live(token) => {
                self.meet(Value { token, version: self.version(token) + 1 });
            }
            _ => {}
        }
        Ok(())
    }

    /// The list of tokens as it is.
    async fn list(&self) -> Vec<u8> {
        let address = "http://localhost/client/v4/user/tokens?page=1&per_page=50&include_expired=true";
        let request = http::Request::get(address).header("Authorization", format!("Bearer {BOOTSTRAP}"));
        let answer = self.scene().transport.send(request.body(Vec::new()).unwrap()).await.unwrap();
        answer.body().to_vec()
    }

    pub(super) fn replica(&self) -> &[u8] {
        &self.replica
    }

    /// The replica comes up to date.
    pub(super) async fn catch_up(&mut self) {
        self.replica = self.list().await;
    }

    /// So that no two tokens are of one second: the model counts them, Cloudflare has only the time.
    pub(super) async fn pass_second(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    pub(super) async fn pass_window(&mut self) {
        tokio::time::sleep(WINDOW).await;
        self.catch_up().await;
    }

    pub(super) async fn pass_overlap(&mut self) {
        self.pass_window().await;
        tokio::time::sleep(OVERLAP).await;
    }

    pub(super) async fn pass_pending_life(&mut self) {
        self.pass_overlap().await;
        tokio::time::sleep(PENDING_LIFE).await;
        self.catch_up().await;
    }
}

/// Whether two effects are of one request. An end that passed meanwhile is another in the model, not on the way.
fn is_same(one: Effect, other: Effect) -> bool {
    match (one, other) {
        (Effect::Post { mark, .. }, Effect::Post { mark: other, .. }) => mark == other,
        (Effect::Put { token, phase, .. }, Effect::Put { token: of, phase: into, .. }) => {
            (token, phase) == (of, into)
        }
        (Effect::Delete { token }, Effect::Delete { token: other })
        | (Effect::Roll { token, .. }, Effect::Roll { token: other, .. }) => token == other,
        _ => false,
    }
}
