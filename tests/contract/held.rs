//! Whose secret a sink holds: asked of the secret itself, and never taken for dead while it may be alive.

use std::path::Path;

use cfmint::cloudflare::TokenOwner;
use cfmint::emulator::world::{
    ACCOUNT_BOOTSTRAP, ACCOUNT_BOOTSTRAP_ID, ACCOUNT_ID, BOOTSTRAP, BOOTSTRAP_ID, LEGACY_KEY,
};
use cfmint::emulator::{Emulator, EmulatorOwner, SecretFormat};
use cfmint::plan::{Protected, Whose};
use cfmint::profile::{Profile, ProfileFile, ResolveOptions, Unset};
use cfmint::sink::{FixGitignore, root};
use cfmint::survey::{Purpose, Surveyor, Trial};
use serde_json::json;

use crate::fixture::{Fixture, on_zone, text, write};
use crate::support::TestWorld;
use crate::transport::ScriptedTransport;

const PAIR: &str = "{ S3_ID: r2_access_key_id, S3_KEY: r2_secret_access_key }";

fn profile(owner: &TokenOwner, variables: &str) -> Profile {
    let owner = match owner {
        TokenOwner::User => "user".to_owned(),
        TokenOwner::Account(id) => format!("{{ account: {id} }}"),
    };
    let text = format!(
        "version: 1\nname: shop\nowner: {owner}\npermissions: {{ zone: {{ DNS: read }} }}\n\
         resources: {{ zones: [example.com] }}\nttl: 1d\nsinks: [{{ env_file: .env, variables: {variables} }}]\n"
    );
    let file = ProfileFile::from_bytes("shop.yaml", text.into_bytes()).unwrap();
    let now = "2031-05-01T12:00:00Z".parse().unwrap();
    let choice =
        ResolveOptions { environment: None, features: &[], variables: &|_| None, now, unset: Unset::Error };
    file.resolve(&choice).profile.unwrap()
}

/// What the sinks of a profile turn out to hold.
async fn held(emulator: &Emulator, owner: &TokenOwner, variables: &str, trial: Trial, file: &str) -> Whose {
    let world = TestWorld::new();
    world.put(".env", file);
    let client = ScriptedTransport::to(emulator).client(BOOTSTRAP);
    let root = root(&world).unwrap();
    let surveyor = Surveyor {
        world: &world,
        client: &client,
        root: &root,
        state_folder: Path::new(".cfmint"),
        trial,
        fix: FixGitignore::Refuse,
        purpose: Purpose::End,
    };
    let Ok(survey) = surveyor.survey(vec![profile(owner, variables)]).await else { panic!("no survey") };
    survey.jobs[0].views[0].whose.clone()
}

async fn held_token(fixture: &Fixture, owner: &TokenOwner, trial: Trial, secret: &str) -> Whose {
    held(&fixture.emulator, owner, "{ TOKEN: token }", trial, &format!("TOKEN={secret}\n")).await
}

fn mine() -> TokenOwner {
    TokenOwner::Account(ACCOUNT_ID.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_live_secret_says_who_owns_it() {
    let fixture = Fixture::new();
    let token = |id: &str| Whose::Token(id.to_owned());
    for (owner, secret, expected) in [
        (TokenOwner::User, BOOTSTRAP, token(BOOTSTRAP_ID)),
        (mine(), BOOTSTRAP, token(BOOTSTRAP_ID)),
        (mine(), ACCOUNT_BOOTSTRAP, token(ACCOUNT_BOOTSTRAP_ID)),
    ] {
        assert_eq!(held_token(&fixture, &owner, Trial::Yes, secret).await, expected, "{owner:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_accounts_secret_is_dead_only_when_it_is() {
    let fixture = Fixture::new();
    let elsewhere = TokenOwner::Account(fixture.emulator.add_account("Elsewhere"));
    for owner in [elsewhere, TokenOwner::User] {
        let held = held_token(&fixture, &owner, Trial::Yes, ACCOUNT_BOOTSTRAP).await;
        assert!(matches!(held, Whose::Unanswered(_)), "{owner:?}: {held:?}");
        let dead = "cfat_EMULATOR-a-secret-that-no-account-ever-had-here";
        assert_eq!(held_token(&fixture, &owner, Trial::Yes, dead).await, Whose::Dead, "{owner:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_without_a_prefix_may_be_anyones() {
    let fixture = Fixture::with(|settings| settings.switches.new_secrets = SecretFormat::Legacy);
    let body = write(&json!([on_zone()])).to_string();
    let (id, users) = fixture.create(&write(&json!([on_zone()]))).await;
    let path = format!("/accounts/{ACCOUNT_ID}/tokens");
    let made = fixture.ask(ACCOUNT_BOOTSTRAP, "POST", &path, &body).await.result();
    let accounts = text(&made["value"]);
    let of_user = async |secret: &str| held_token(&fixture, &TokenOwner::User, Trial::No, secret).await;
    assert_eq!(of_user(&users).await, Whose::Token(id));
    assert!(matches!(of_user(&accounts).await, Whose::Unanswered(_)));
    assert_eq!(held_token(&fixture, &mine(), Trial::No, &accounts).await, Whose::Token(text(&made["id"])));
    assert_eq!(of_user("FAKE0old1FAKE2old3FAKE4old5FAKE6old7FAKE").await, Whose::Dead);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_shuts_this_machine_out_is_not_dead() {
    let fixture = Fixture::new();
    let mut body = write(&json!([on_zone()]));
    body["condition"] = json!({ "request_ip": { "in": ["192.0.2.0/24"] } });
    let (_, secret) = fixture.create(&body).await;
    assert_eq!(held_token(&fixture, &TokenOwner::User, Trial::Yes, &secret).await, Whose::ShutOut);
    let owner = EmulatorOwner::Account(ACCOUNT_ID.to_owned());
    let (_, secret) = fixture.emulator.add_token(owner, serde_json::from_value(body).unwrap());
    for owner in [mine(), TokenOwner::User] {
        assert_eq!(
            held_token(&fixture, &owner, Trial::Yes, secret.expose()).await,
            Whose::ShutOut,
            "{owner:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_token_is_told_by_its_form() {
    let fixture = Fixture::new();
    let long = "a-placeholder-".repeat(9);
    for (value, trial, expected) in [
        ("", Trial::Yes, Whose::Nobody),
        ("changeme", Trial::No, Whose::Placeholder),
        (&long, Trial::No, Whose::Placeholder),
        (LEGACY_KEY, Trial::No, Whose::Protected(Protected::GlobalKey)),
        ("0123456789abcdef0123456789abcdef01234", Trial::No, Whose::Protected(Protected::GlobalKey)),
        (BOOTSTRAP, Trial::No, Whose::Dead),
        ("changeme", Trial::Yes, Whose::Placeholder),
        ("op://vault/item/field", Trial::No, Whose::Protected(Protected::Reference)),
        ("hunter2", Trial::No, Whose::Protected(Protected::OtherService)),
        ("hunter2", Trial::Yes, Whose::Protected(Protected::Real)),
        ("FAKE0old1FAKE2old3FAKE4old5FAKE6old7FAKE", Trial::Yes, Whose::Protected(Protected::Real)),
    ] {
        assert_eq!(
            held_token(&fixture, &TokenOwner::User, trial, value).await,
            expected,
            "{value} {trial:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn s3_credentials_go_by_their_id_and_are_never_thought_dead() {
    let fixture = Fixture::new();
    let key = "0123456789abcdef".repeat(4);
    let unseen = "0123456789abcdef0123456789abcdef";
    let (pair, real) = (Whose::Protected(Protected::S3Pair), Whose::Protected(Protected::Real));
    let rows = [
        (
            BOOTSTRAP_ID,
            key.as_str(),
            Whose::Token(BOOTSTRAP_ID.to_owned()),
            Whose::Token(BOOTSTRAP_ID.to_owned()),
        ),
        (unseen, &key, Whose::Token(unseen.to_owned()), real.clone()),
        ("AKIDEXAMPLE", &key, pair.clone(), real.clone()),
        (unseen, "of another form", pair, real),
        (BOOTSTRAP_ID, "of another form", Whose::Placeholder, Whose::Placeholder),
        (unseen, "", Whose::Nobody, Whose::Nobody),
    ];
    for (id, key, otherwise, trial) in rows {
        let file = format!("S3_ID={id}\nS3_KEY=\"{key}\"\n");
        for (kind, expected) in [(Trial::No, otherwise), (Trial::Yes, trial)] {
            let held = held(&fixture.emulator, &TokenOwner::User, PAIR, kind, &file).await;
            assert_eq!(held, expected, "{id} {key} {kind:?}");
        }
    }
}
