//! Bodies of Cloudflare's shape: the wire types read them, and the emulator's answers have the same keys and
//! kinds of value.

use std::collections::BTreeSet;

use cfmint::cloudflare::wire::{
    Account, ApiPermissionGroup, ApiPolicy, Deleted, Envelope, Token, TokenWrite, User, Verification, Zone,
    timestamp,
};
use cfmint::emulator::world::{ACCOUNT_BOOTSTRAP, ACCOUNT_ID, BOOTSTRAP};
use cfmint::secret::Secret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fixture::{Fixture, Heard, text};

const CREATE: &str = include_str!("bodies/token.create.request.json");
const CREATE_DOTTED: &str = include_str!("bodies/token.create.request.dotted.json");
const CREATED: &str = include_str!("bodies/token.create.answer.json");
const GOT: &str = include_str!("bodies/token.get.answer.json");
const LIST: &str = include_str!("bodies/token.list.answer.json");
const ACCOUNT_LIST: &str = include_str!("bodies/account_token.list.answer.json");
const DELETED: &str = include_str!("bodies/token.delete.answer.json");
const ROLLED: &str = include_str!("bodies/token.roll.answer.json");
const VERIFIED: &str = include_str!("bodies/token.verify.answer.json");
const VERIFIED_DATED: &str = include_str!("bodies/token.verify.dated.answer.json");
const GROUPS: &str = include_str!("bodies/permission_groups.answer.json");
const ACCOUNTS: &str = include_str!("bodies/accounts.answer.json");
const ZONES: &str = include_str!("bodies/zones.answer.json");
const USER: &str = include_str!("bodies/user.answer.json");
const ENVELOPED: &str = include_str!("bodies/error.enveloped.json");
const CHAINED: &str = include_str!("bodies/error.chained.json");
const BARE: &str = include_str!("bodies/error.bare.json");
const POLICIES: &str = include_str!("bodies/policies.request.json");

/// What an account's token list can hold that the emulator's tokens never have.
const ONLY_FROM_CLOUDFLARE: [&str; 4] = [".meta", "provisioner_id", "provisioner_type", "last_used_on"];

#[derive(Deserialize)]
struct Created {
    value: Secret,
    #[serde(flatten)]
    token: Token,
}

fn read<T: DeserializeOwned>(body: &str) -> Envelope<T> {
    serde_json::from_str(body).unwrap()
}

#[test]
fn the_wire_types_read_every_shape() {
    let created = read::<Created>(CREATED).result.unwrap();
    assert!(created.value.expose().starts_with("cfut_EMULATOR"));
    assert_eq!(created.token.policies[0].permission_groups.len(), 2);

    let token = read::<Token>(GOT).result.unwrap();
    assert_eq!(token.expires_on.map(timestamp).unwrap(), "2031-06-01T00:00:00Z");
    let listed = read::<Vec<Token>>(LIST);
    assert_eq!(listed.result_info.unwrap().total_count, 1);
    assert_eq!(read::<Vec<Token>>(ACCOUNT_LIST).result.unwrap()[0].id, token.id);

    assert_eq!(read::<Deleted>(DELETED).result.unwrap().id, token.id);
    assert!(read::<Secret>(ROLLED).result.is_some());
    let verified = read::<Verification>(VERIFIED);
    assert_eq!((verified.messages[0].code, verified.result.unwrap().expires_on), (10000, None));
    assert!(read::<Verification>(VERIFIED_DATED).result.unwrap().not_before.is_some());
    assert!(read::<Vec<ApiPermissionGroup>>(GROUPS).result_info.is_none());
    assert_eq!(read::<Vec<Account>>(ACCOUNTS).result_info.unwrap().total_pages, Some(1));
    assert_eq!(read::<Vec<Zone>>(ZONES).result.unwrap()[0].account.id, ACCOUNT_ID);
    assert_eq!(read::<User>(USER).result.unwrap().email, "user@example.com");
    assert_eq!(read::<Token>(CHAINED).errors[0].error_chain[0].code, 6111);
    assert!(!read::<Token>(BARE).success);
    assert_eq!(serde_json::from_str::<Vec<ApiPolicy>>(POLICIES).unwrap().len(), 4);
}

#[test]
fn both_spellings_of_the_address_rule_mean_the_same() {
    let rule = |body: &str| serde_json::from_str::<TokenWrite>(body).unwrap().condition.unwrap().request_ip;
    assert_eq!(rule(CREATE), rule(CREATE_DOTTED));
    assert_eq!(rule(CREATE).unwrap().deny, ["203.0.113.7/32"]);
}

#[tokio::test]
async fn the_emulator_answers_in_the_same_shapes() {
    let fixture = Fixture::new();
    let created = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", CREATE).await;
    same(&created, CREATED, &[]);
    let path = format!("/user/tokens/{}", text(&created.result()["id"]));
    assert!(fixture.emulator.change_token(&text(&created.result()["id"]), |token| {
        token.last_used_on = token.issued_on;
    }));
    same(&fixture.get(BOOTSTRAP, &path).await, GOT, &[]);
    same(&fixture.get(BOOTSTRAP, "/user/tokens").await, LIST, &[]);
    same(&fixture.ask(BOOTSTRAP, "PUT", &path, CREATE_DOTTED).await, GOT, &[]);
    same(&fixture.ask(BOOTSTRAP, "PUT", &format!("{path}/value"), "{}").await, ROLLED, &[]);
    same(&fixture.ask(BOOTSTRAP, "DELETE", &path, "").await, DELETED, &[]);
    same(&fixture.get(BOOTSTRAP, "/user/tokens/verify").await, VERIFIED, &[]);
    same(&fixture.get(BOOTSTRAP, "/user/tokens/permission_groups").await, GROUPS, &[]);
    same(&fixture.get(BOOTSTRAP, "/accounts").await, ACCOUNTS, &[]);
    same(&fixture.get(BOOTSTRAP, "/zones").await, ZONES, &[]);
    same(&fixture.get(BOOTSTRAP, "/user").await, USER, &[]);
    same(&fixture.get(ACCOUNT_BOOTSTRAP, "/user/tokens/verify").await, ENVELOPED, &[]);
    same(&fixture.get("short", "/user").await, CHAINED, &[]);

    let tokens = format!("/accounts/{ACCOUNT_ID}/tokens");
    fixture.ask(ACCOUNT_BOOTSTRAP, "POST", &tokens, CREATE).await.result();
    same(&fixture.get(ACCOUNT_BOOTSTRAP, &tokens).await, ACCOUNT_LIST, &ONLY_FROM_CLOUDFLARE);
}

#[tokio::test]
async fn a_dated_token_is_verified_with_its_dates() {
    let fixture = Fixture::new();
    let mut body: Value = serde_json::from_str(CREATE).unwrap();
    body.as_object_mut().unwrap().remove("condition");
    let (_, secret) = fixture.create(&body).await;
    same(&fixture.get(&secret, "/user/tokens/verify").await, VERIFIED_DATED, &[]);
}

#[tokio::test]
async fn every_form_of_policy_is_taken() {
    let fixture = Fixture::new();
    let body = format!("{{\"name\":\"forms\",\"policies\":{POLICIES}}}");
    let heard = fixture.ask(BOOTSTRAP, "POST", "/user/tokens", &body).await;
    assert_eq!(heard.result()["policies"].as_array().unwrap().len(), 4);
}

/// Compares the keys and kinds of value, all the way down; some paths may be on one side only.
#[track_caller]
fn same(heard: &Heard, body: &str, one_sided: &[&str]) {
    let shape = |value: &Value| {
        let mut lines = BTreeSet::new();
        walk("", value, &mut lines);
        lines.retain(|line| !one_sided.iter().any(|part| line.contains(part)));
        lines
    };
    assert_eq!(shape(&heard.json()), shape(&serde_json::from_str(body).unwrap()), "{}", heard.text);
}

/// One line for each place, such as `result[].id: text`. Resource keys are values, not names.
fn walk(path: &str, value: &Value, lines: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = if key.starts_with("com.cloudflare.") { "<resource>" } else { key };
                walk(&format!("{path}.{key}"), value, lines);
            }
        }
        Value::Array(items) => {
            lines.insert(format!("{path}: list"));
            for item in items {
                walk(&format!("{path}[]"), item, lines);
            }
        }
        Value::String(_) => drop(lines.insert(format!("{path}: text"))),
        Value::Number(_) => drop(lines.insert(format!("{path}: number"))),
        Value::Bool(_) => drop(lines.insert(format!("{path}: truth"))),
        Value::Null => drop(lines.insert(format!("{path}: nothing"))),
    }
}
