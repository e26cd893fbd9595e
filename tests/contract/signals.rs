//! What a signal does to requests. Time is paused, so waiting takes none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{Certainty, Client, Error, Fault, TokenOwner};
use cfmint::emulator::world::{BOOTSTRAP, BOOTSTRAP_ID};
use cfmint::emulator::{self, FaultAnswer, Work};
use serde_json::json;
use tokio::time::Instant;

use crate::fixture::{Fixture, on_zone, write};
use crate::transport::{ScriptedTransport, Turn, refused};

const USER: TokenOwner = TokenOwner::User;

struct Scene {
    fixture: Fixture,
    transport: ScriptedTransport,
    client: Client,
    signal: Arc<AtomicBool>,
    start: Instant,
}

impl Scene {
    fn new(latency: u64, turns: Vec<Turn>) -> Self {
        let fixture = Fixture::with(|settings| settings.latency = Duration::from_secs(latency));
        let transport = ScriptedTransport::to(&fixture.emulator).with(turns);
        let signal = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&signal);
        let client = transport.client(BOOTSTRAP).stopped_by(Arc::new(move || stop.load(Ordering::SeqCst)));
        Self { fixture, transport, client, signal, start: Instant::now() }
    }

    /// Lets the signal come in so many seconds.
    fn signal_in(&self, seconds: u64) {
        let signal = Arc::clone(&self.signal);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            signal.store(true, Ordering::SeqCst);
        });
    }

    fn signal(&self) {
        self.signal.store(true, Ordering::SeqCst);
    }

    /// Lets every request from now on be answered by nobody.
    fn hang(&self) {
        for _ in 0..20 {
            let fault = emulator::InjectedFault { work: Work::NotDone, answer: FaultAnswer::Silence };
            self.fixture.emulator.fail_next(|_| true, fault);
        }
    }

    fn seconds(&self) -> u64 {
        self.start.elapsed().as_secs()
    }

    async fn create(&self, client: &Client) -> Result<(), Error> {
        let write: TokenWrite = serde_json::from_value(write(&json!([on_zone()]))).unwrap();
        client.create_token(&USER, &write).await.map(drop)
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_signal_no_request_is_begun() {
    let scene = Scene::new(0, vec![]);
    assert!(!scene.client.stopped());
    scene.signal();
    assert!(scene.client.stopped());
    let client = &scene.client;
    for error in [
        client.user().await.err(),
        client.tokens(&USER).await.err(),
        scene.create(client).await.err(),
        client.roll_token(&USER, BOOTSTRAP_ID).await.err(),
        client.delete_token(&USER, BOOTSTRAP_ID).await.err(),
        client.with_credential(client.credential().clone()).verify(&USER).await.err(),
    ] {
        let error = error.unwrap();
        assert_eq!((&error.fault, error.certainty()), (&Fault::Stopped, Certainty::NoEffect), "{error}");
    }
    assert!(scene.transport.lines().is_empty() && scene.seconds() == 0);
}

#[tokio::test(start_paused = true)]
async fn a_look_under_way_is_dropped_at_once() {
    let scene = Scene::new(25, vec![]);
    scene.signal_in(3);
    let error = scene.client.tokens(&USER).await.unwrap_err();
    assert_eq!((error.fault, scene.seconds(), scene.transport.lines().len()), (Fault::Stopped, 3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_write_under_way_is_waited_for_ten_seconds_and_then_lost() {
    let answered = Scene::new(12, vec![]);
    answered.signal_in(3);
    assert_eq!((answered.create(&answered.client).await, answered.seconds()), (Ok(()), 12));

    let hanging = Scene::new(0, vec![]);
    hanging.hang();
    hanging.signal_in(3);
    let error = hanging.create(&hanging.client).await.unwrap_err();
    assert_eq!((error.certainty(), hanging.seconds()), (Certainty::Unknown, 13), "{error}");
    assert!(matches!(error.fault, Fault::Lost(_)));
    assert_eq!(hanging.transport.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_signal_late_in_a_write_does_not_lengthen_its_time_limit() {
    let scene = Scene::new(0, vec![]);
    scene.hang();
    scene.signal_in(28);
    assert_eq!(scene.create(&scene.client).await.unwrap_err().certainty(), Certainty::Unknown);
    assert_eq!(scene.seconds(), 30);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_again_after_a_signal() {
    let busy = || Turn::Answers(429, &[("retry-after", "200")], "slow down".to_owned());
    let broken = || Turn::Answers(502, &[], "Bad gateway".to_owned());
    for turn in [refused, busy, broken] {
        let scene = Scene::new(0, vec![turn(), turn()]);
        scene.signal_in(0);
        let error = scene.client.user().await.unwrap_err();
        assert_ne!(error.fault, Fault::Stopped, "{error}");
        assert_eq!((scene.seconds(), scene.transport.lines().len()), (0, 1), "{error}");
    }
    let scene = Scene::new(0, vec![busy(), busy()]);
    scene.signal_in(7);
    let error = scene.create(&scene.client).await.unwrap_err();
    assert_eq!((error.fault, scene.seconds(), scene.transport.lines().len()), (Fault::RateLimited, 7, 1));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_signal_however_short_it_is() {
    let scene = Scene::new(0, vec![]);
    assert!(scene.client.wait(Duration::from_secs(2)).await);
    scene.signal_in(1);
    assert!(!scene.client.wait(Duration::from_secs(3)).await);
    assert_eq!(scene.seconds(), 3);
    assert!(!scene.client.wait(Duration::from_secs(300)).await);
    assert_eq!(scene.seconds(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_keeps_custody_is_sent_after_a_signal() {
    let scene = Scene::new(2, vec![]);
    scene.create(&scene.client).await.unwrap();
    let id = scene.fixture.emulator.tokens().last().unwrap().token.id.clone();
    scene.signal();
    let keeping = scene.client.keeping_custody();
    assert_eq!(keeping.token(&USER, &id).await.unwrap().id, id);
    keeping.delete_token(&USER, &id).await.unwrap();
    assert_eq!(scene.client.user().await.unwrap_err().fault, Fault::Stopped, "the others are not");
}

#[tokio::test(start_paused = true)]
async fn what_keeps_custody_has_ten_seconds_together_with_what_was_under_way() {
    let scene = Scene::new(0, vec![]);
    scene.hang();
    scene.signal_in(0);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let keeping = scene.client.keeping_custody();
    let lost = keeping.delete_token(&USER, BOOTSTRAP_ID).await.unwrap_err();
    assert_eq!((lost.certainty(), scene.seconds()), (Certainty::Unknown, 10));
    for error in [
        keeping.delete_token(&USER, BOOTSTRAP_ID).await.unwrap_err(),
        scene.client.keeping_custody().tokens(&USER).await.unwrap_err(),
    ] {
        assert_eq!((&error.fault, error.certainty()), (&Fault::Stopped, Certainty::NoEffect), "{error}");
    }
    assert_eq!((scene.seconds(), scene.transport.lines().len()), (10, 1));
}

#[tokio::test(start_paused = true)]
async fn what_keeps_custody_is_sent_again_while_there_is_time() {
    let busy = |wait: &'static str| {
        let headers: &'static [_] = Box::leak(Box::new([("retry-after", wait)]));
        Turn::Answers(429, headers, "slow down".to_owned())
    };
    let scene = Scene::new(0, vec![busy("4"), refused(), busy("7")]);
    scene.signal();
    let keeping = scene.client.keeping_custody();
    let error = keeping.delete_token(&USER, BOOTSTRAP_ID).await.unwrap_err();
    assert_eq!((error.fault, scene.transport.lines().len()), (Fault::RateLimited, 3));
    assert_eq!(scene.seconds(), 5, "seven more would be too many");
    // What the machine does meanwhile does not count.
    tokio::time::sleep(Duration::from_secs(60)).await;
    keeping.delete_token(&USER, BOOTSTRAP_ID).await.unwrap();
}
