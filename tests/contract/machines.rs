//! What the transports and machines of the flow tests can do: late effects, pairs of faults, refusals, a second machine.

use std::sync::Arc;
use std::time::Duration;

use cfmint::cloudflare::wire::TokenWrite;
use cfmint::cloudflare::{ApiBase, Certainty, Client, Credential, Fault, NewToken, TokenOwner, Transport};
use cfmint::emulator::world::BOOTSTRAP;
use cfmint::secret::Secret;
use cfmint::world::World as _;
use serde_json::json;

use crate::fixture::{on_zone, write};
use crate::support::{Mishap, Scene, Seen, TestWorld};

const USER: TokenOwner = TokenOwner::User;

fn scene() -> Scene {
    Scene::outside_git(TestWorld::new(), |_| {})
}

fn client(scene: &Scene) -> Client {
    let credential = Credential::Token(Secret::new(BOOTSTRAP.to_owned()));
    Client::new(Arc::clone(&scene.transport) as Arc<dyn Transport>, ApiBase::emulator(), credential)
}

fn named(name: &str) -> TokenWrite {
    let mut body = write(&json!([on_zone()]));
    body["name"] = json!(name);
    serde_json::from_value(body).unwrap()
}

async fn create(scene: &Scene, name: &str) -> Result<NewToken, Certainty> {
    client(scene).create_token(&USER, &named(name)).await.map_err(|error| error.certainty())
}

fn names(scene: &Scene) -> Vec<String> {
    scene.tokens().into_iter().map(|token| token.name).collect()
}

#[tokio::test(start_paused = true)]
async fn a_late_request_takes_effect_when_the_test_lets_it() {
    let scene = scene();
    for number in 1..=3 {
        scene.transport.fail("POST", Mishap::late());
        assert_eq!(create(&scene, &format!("late-{number}")).await.err(), Some(Certainty::Unknown));
    }
    assert!(names(&scene).is_empty());
    assert_eq!(scene.transport.late(), ["POST /user/tokens"; 3]);
    assert_eq!(scene.transport.deliver_late_at(2).await, 200);
    assert_eq!(scene.transport.deliver_next_late().await, 200);
    assert_eq!(names(&scene), ["late-3", "late-1"]);
    assert_eq!(scene.transport.deliver_late().await, [200]);
    assert_eq!(
        (names(&scene).len(), scene.transport.minted().len()),
        (3, 3),
        "their secrets are known to the test"
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_request_may_come_too_late() {
    let scene = scene();
    let id = create(&scene, "shop").await.unwrap().token.id;
    scene.transport.fail("PUT", Mishap::late());
    client(&scene).update_token(&USER, &id, &named("shop+old")).await.unwrap_err();
    client(&scene).delete_token(&USER, &id).await.unwrap();
    assert_eq!(scene.transport.deliver_late().await, [404]);
    assert!(names(&scene).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_late_request_can_take_effect_after_a_while() {
    let scene = scene();
    scene.transport.fail("POST", Mishap::late_by(Duration::from_secs(8)));
    create(&scene, "shop").await.err().unwrap();
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert!(names(&scene).is_empty());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(names(&scene), ["shop"]);
}

#[tokio::test(start_paused = true)]
async fn faults_of_one_scene_do_not_shift_each_other() {
    let scene = scene();
    scene.transport.fail_write(2, Mishap::before(Seen::Lost));
    scene.transport.fail_write(3, Mishap::after(Seen::Lost));
    scene.transport.fail_nth(4, "POST", Mishap::before(Seen::Error(500)));
    let mut outcomes = Vec::new();
    for number in 1..=5 {
        client(&scene).user().await.unwrap();
        outcomes.push(create(&scene, &format!("shop-{number}")).await.is_ok());
    }
    assert_eq!(outcomes, [true, false, false, false, true]);
    assert_eq!(names(&scene), ["shop-1", "shop-3", "shop-5"]);
}

#[tokio::test(start_paused = true)]
async fn two_faults_of_the_same_request_come_one_after_the_other() {
    let scene = scene();
    scene.transport.fail("POST", Mishap::before(Seen::Lost));
    scene.transport.fail("POST", Mishap::after(Seen::Lost));
    create(&scene, "first").await.err().unwrap();
    create(&scene, "second").await.err().unwrap();
    create(&scene, "third").await.unwrap();
    assert_eq!(names(&scene), ["second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_of_a_token_can_be_refused_by_its_id_or_its_name() {
    let scene = scene();
    let [one, two] = [create(&scene, "shop+old@k3x9w2ab").await, create(&scene, "other").await];
    let (one, two) = (one.unwrap().token.id, two.unwrap().token.id);
    scene.transport.refuse("DELETE", "shop+old");
    scene.transport.refuse("PUT", &two);
    for id in [&one, &two] {
        let deleted = client(&scene).delete_token(&USER, id).await;
        let is_refused = deleted.is_err_and(|error| matches!(error.fault, Fault::Refused(_)));
        assert_eq!(is_refused, *id == one);
    }
    assert!(client(&scene).update_token(&USER, &one, &named("renamed")).await.is_ok());
    assert_eq!(names(&scene), ["renamed"]);
    let two = client(&scene).update_token(&USER, &two, &named("x")).await.unwrap_err();
    assert!(!two.is_gone(), "{two}");
}

#[tokio::test(start_paused = true)]
async fn a_list_can_lag_right_after_a_request() {
    let scene = scene();
    scene.transport.lag_list_after("POST", 1);
    let count = async || client(&scene).tokens(&USER).await.unwrap().tokens.len() - 2;
    assert_eq!(count().await, 0);
    create(&scene, "shop").await.unwrap();
    assert_eq!((count().await, count().await), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_second_machine_shares_cloudflare_and_the_clock_and_nothing_else() {
    let one = Scene::new();
    one.world.put("profiles/dns.yaml", "version: 1\n");
    one.world.put(".env", "SECRET=fake");
    tokio::time::advance(Duration::from_secs(100)).await;
    let two = one.second_machine();
    assert_eq!(two.world.now(), one.world.now());
    assert_ne!(two.world.base(), one.world.base());
    assert_eq!(two.world.files(), [".gitignore", "profiles/dns.yaml"]);
    assert!(two.world.path(".git").exists());
    assert_eq!(two.world.variable("CLOUDFLARE_BASE_URL"), one.world.variable("CLOUDFLARE_BASE_URL"));
    let random = |scene: &Scene| {
        let mut bytes = [0; 8];
        scene.world.fill_random(&mut bytes).unwrap();
        bytes
    };
    let three = one.second_machine();
    assert!(random(&one) != random(&two) && random(&two) != random(&three));

    one.transport.fail_all("POST", Mishap::before(Seen::Lost));
    create(&one, "one").await.err().unwrap();
    create(&two, "two").await.unwrap();
    assert_eq!((names(&one), names(&two)), (vec!["two".to_owned()], vec!["two".to_owned()]));
    assert_eq!((one.secrets().len(), one.secrets()), (1, two.secrets()));
    assert_eq!(two.live()[0].held_by, [""; 0]);
    assert!(one.world.effects().iter().any(|effect| effect.starts_with("POST")));
    two.world.forget_effects();
    create(&one, "one").await.err().unwrap();
    assert!(two.world.effects().is_empty());
}
