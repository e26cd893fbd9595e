//! Where an act happens: a scene, tokens of others in it, and an eye on everything that the sinks hold.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use cfmint::cloudflare::wire::{ApiPolicy, GroupReference, ResourceValue, Token, TokenWrite};
use cfmint::world::World as _;
use chrono::{DateTime, Utc};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::acts::{Act, Age, Place, Runner, Sink};
use crate::history::{Form, History, Spot};
use crate::support::vault::FakeVault;
use crate::support::{Ran, Scene, TestWorld};

/// Before these, what the sinks hold is noted: a file or a program may have written since, and a token may end now.
const WATCHED: [&str; 7] = ["GET ", "POST ", "PUT ", "DELETE ", "run ", "rename ", "ask store "];

/// How long a run under way elsewhere is waited for.
pub(crate) const WINDOW: Duration = Duration::from_secs(15 * 60 + 1);

/// A scene, and all that must hold in it.
pub(crate) struct Stage {
    pub(crate) act: Act,
    /// The machines; the act happens on the first.
    pub(crate) machines: Vec<Scene>,
    pub(crate) history: Arc<Mutex<History>>,
    /// Tokens of others, which nobody may touch.
    pub(crate) foreign: Vec<Token>,
    /// Where the programs of several machines keep what they get.
    _shared: Option<TempDir>,
}

impl Stage {
    /// An act on one machine.
    pub(crate) async fn new(act: &Act) -> Self {
        Self::open(act, None).await
    }

    /// An act on the first of two machines, whose programs keep the secret in one place.
    pub(crate) async fn with_two_machines(act: &Act) -> Self {
        let mut stage = Self::open(act, Some(TempDir::new().unwrap())).await;
        let second = stage.machines[0].second_machine();
        watch(&second, &stage.history);
        stage.machines.push(second);
        stage
    }

    async fn open(act: &Act, shared: Option<TempDir>) -> Self {
        let scene = match act.place {
            Place::WorkTree => Scene::new(),
            Place::Folder => {
                let scene = Scene::outside_git(TestWorld::new().with_store(FakeVault::new()), |_| {});
                scene.world.store().mirror = Some(scene.world.path("store.json"));
                scene
            }
        };
        let path = |sink: &Sink| match (&shared, sink) {
            (Some(shared), Sink::Program(file)) => shared.path().join(file),
            _ => scene.world.path(sink.file()),
        };
        let spot = |name: &'static str, sink: &Sink| Spot {
            name,
            path: path(sink),
            form: match sink {
                Sink::Env(_, variable) => Form::Variable(variable),
                Sink::Json(_, key) | Sink::Document(_, key) => Form::Key(key),
                Sink::Program(_) => Form::Whole,
            },
        };
        let of_name = |(name, sinks): (&'static str, &'static [Sink])| {
            sinks.iter().map(move |sink| spot(name, sink)).collect::<Vec<Spot>>()
        };
        let spots = act.shop.names().into_iter().flat_map(of_name).collect();
        let kept =
            shared.as_ref().map_or_else(|| "kept".to_owned(), |at| format!("{}/kept", at.path().display()));
        scene.world.put("shop.yaml", act.profile(&kept));
        if let Some(twin) = act.shop.twin() {
            scene.world.put("twin.yaml", twin);
        }
        let names = ["shop-deploy", "shop-deploy-2@b7m2k9xq", "blog@c3t5v8zw", "blog+new@d4w6y1rs"];
        for name in names {
            scene.foreign(foreign(name));
        }
        let foreign = scene.tokens();
        // What is so young that not every server knows it might be anywhere.
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let history = Arc::new(Mutex::new(History { spots, held: Vec::new() }));
        watch(&scene, &history);
        let stage = Self { act: *act, machines: vec![scene], history, foreign, _shared: shared };
        let scene = &stage.machines[0];
        for line in act.before {
            scene.given(line).await;
        }
        (act.meddling)(scene);
        if act.age == Age::Hours {
            tokio::time::sleep(Duration::from_secs(2 * 3600)).await;
        }
        if let Some(line) = act.doom(scene) {
            stage.go(0, line).await;
            assert!(scene.world.is_dead(), "{line} does not come so far");
            stage.calm();
        }
        if act.runner == Runner::Fresh {
            stage.forget();
        }
        scene.world.forget_effects();
        stage
    }

    /// The machine on which the act happens.
    pub(crate) fn scene(&self) -> &Scene {
        &self.machines[0]
    }

    /// The command line of the act.
    pub(crate) fn line(&self) -> String {
        self.act.line(self.scene())
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.scene().world.now()
    }

    /// Runs a command on a machine.
    pub(crate) async fn go(&self, machine: usize, line: &str) -> Ran {
        self.give_up_for(line);
        let ran = run_or_panic(&self.machines[machine], line).await;
        self.observe();
        ran
    }

    /// If a command may end what consumers hold, they have no claim to what they hold now.
    pub(crate) fn give_up_for(&self, line: &str) {
        self.observe();
        if self.act.kills(line) {
            self.history.lock().unwrap().give_up();
        }
    }

    /// From now on nothing goes wrong, and a new process finds what the last one left.
    pub(crate) fn calm(&self) {
        for machine in &self.machines {
            machine.world.revive();
            machine.transport.clear();
        }
        if self.act.runner == Runner::Fresh {
            self.forget();
        }
    }

    /// Takes the state folder away, as with a runner.
    fn forget(&self) {
        std::fs::remove_dir_all(self.scene().world.path(".cfmint")).ok();
    }

    fn observe(&self) {
        let now = self.now();
        self.history.lock().unwrap().observe(now);
    }

    /// The effects that the act has when all goes well.
    pub(crate) async fn story(act: &Act) -> Vec<String> {
        let stage = Self::new(act).await;
        let (line, scene) = (stage.line(), stage.scene());
        let ran = stage.go(0, &line).await;
        assert_eq!(ran.code, 0, "{line}\n{ran:?}");
        scene.world.effects()
    }
}

/// Notes what the sinks hold before whatever may change it, or end it.
fn watch(scene: &Scene, history: &Arc<Mutex<History>>) {
    let (begun, since) = (scene.world.now(), Instant::now());
    for name in WATCHED {
        let history = Arc::clone(history);
        scene.world.hook(name, move || {
            history.lock().unwrap().observe(begun + since.elapsed());
            Ok(())
        });
    }
}

/// A token of somebody else.
fn foreign(name: &str) -> TokenWrite {
    let zone = "com.cloudflare.api.account.zone.*".to_owned();
    let policy = ApiPolicy {
        id: None,
        effect: "allow".to_owned(),
        resources: [(zone, ResourceValue::All("*".to_owned()))].into_iter().collect(),
        permission_groups: vec![GroupReference {
            id: "c8fed203ed3043cba015a93ad1616f1f".to_owned(),
            name: None,
        }],
        other: serde_json::Map::new(),
    };
    TokenWrite {
        name: name.to_owned(),
        policies: vec![policy],
        condition: None,
        not_before: None,
        expires_on: None,
        status: None,
    }
}

/// Runs a command in which something may panic. Then what it held is dropped, as when a process unwinds.
async fn run_or_panic(scene: &Scene, line: &str) -> Ran {
    let mut run = pin!(scene.run(line));
    let ran = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    });
    ran.await.unwrap_or_else(|| Ran { code: 101, out: String::new(), err: "it panicked".to_owned() })
}
