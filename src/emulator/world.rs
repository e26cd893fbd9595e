//! The world that an emulator starts with: constants known to everyone, and the state made of them.
//!
//! The credentials here are no secrets. Their hyphens keep them apart from anything that Cloudflare mints.

use chrono::{DateTime, TimeDelta, Utc};

use super::groups;
use super::mint;
use super::owner::EmulatorOwner;
use super::resource;
use super::state::{State, StoredScript, StoredToken};
use crate::cloudflare::wire::{Account, ApiPolicy, GroupReference, ResourceValue, Token, WorkerScript, Zone};

/// The user's id.
pub const USER_ID: &str = "e00000000000000000000000000000ff";
/// The one account's id.
pub const ACCOUNT_ID: &str = "e0000000000000000000000000000001";
/// The one account's name.
pub const ACCOUNT_NAME: &str = "Emulator Account";
/// The id of the zone `example.com`.
pub const ZONE_COM_ID: &str = "e0000000000000000000000000000101";
/// The id of the zone `example.net`.
pub const ZONE_NET_ID: &str = "e0000000000000000000000000000102";

/// The tag of the Worker `api`.
pub const WORKER_TAG: &str = "e0000000000000000000000000000201";

/// A user token that makes tokens, for the user and for accounts, and reads the user, every account, zone and
/// Worker by name.
pub const BOOTSTRAP: &str = "cfut_EMULATOR-bootstrap-known-to-everyone-no-secret";
/// The id of [`BOOTSTRAP`].
pub const BOOTSTRAP_ID: &str = "e0000000000000000000000000000b01";
/// A user token as the dashboard's template *Create Additional Tokens* makes it: it sees neither zones nor
/// accounts nor the user, but its own entry in the list of tokens names the user.
pub const NARROW_BOOTSTRAP: &str = "cfut_EMULATOR-narrow-bootstrap-known-to-everyone";
/// The id of [`NARROW_BOOTSTRAP`].
pub const NARROW_BOOTSTRAP_ID: &str = "e0000000000000000000000000000b02";
/// A token of the account's own that holds *Account API Tokens Write* and nothing else.
pub const ACCOUNT_BOOTSTRAP: &str = "cfat_EMULATOR-account-bootstrap-known-to-everyone";
/// The id of [`ACCOUNT_BOOTSTRAP`].
pub const ACCOUNT_BOOTSTRAP_ID: &str = "e0000000000000000000000000000b03";

/// The user's address, for the legacy headers.
pub const LEGACY_EMAIL: &str = "user@example.com";
/// The user's global key, for the legacy headers.
pub const LEGACY_KEY: &str = "cfk_EMULATOR-global-key-known-to-everyone-no-secret";

/// The state before the first request.
pub(super) fn begin(now: DateTime<Utc>) -> State {
    let account = Account { id: ACCOUNT_ID.to_owned(), name: ACCOUNT_NAME.to_owned() };
    let zone = |id: &str, name: &str| Zone {
        id: id.to_owned(),
        name: name.to_owned(),
        status: Some("active".to_owned()),
        account: account.clone(),
    };
    let zones = vec![zone(ZONE_COM_ID, "example.com"), zone(ZONE_NET_ID, "example.net")];

    let user = format!("{}{USER_ID}", resource::USER);
    let all_accounts = format!("{}*", resource::ACCOUNT);
    let the_account = format!("{}{ACCOUNT_ID}", resource::ACCOUNT);
    let all_zones = format!("{}*", resource::ZONE);
    let wide = vec![
        policy("e0000000000000000000000000000c01", &user, &[groups::TOKENS_WRITE, groups::USER_DETAILS_READ]),
        policy(
            "e0000000000000000000000000000c02",
            &all_accounts,
            &[groups::ACCOUNT_TOKENS_WRITE, groups::ACCOUNT_SETTINGS_READ, groups::SCRIPTS_READ],
        ),
        policy("e0000000000000000000000000000c03", &all_zones, &[groups::ZONE_READ]),
    ];
    let narrow = vec![policy("e0000000000000000000000000000c04", &user, &[groups::TOKENS_WRITE])];
    let own = vec![policy("e0000000000000000000000000000c05", &the_account, &[groups::ACCOUNT_TOKENS_WRITE])];

    // Whoever starts has had the bootstrap for a while: what is seconds old may be unknown to a part of Cloudflare.
    let made = now.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(now);
    let token = |id: &str, name: &str, policies: Vec<ApiPolicy>| Token {
        id: id.to_owned(),
        name: name.to_owned(),
        status: "active".to_owned(),
        policies,
        condition: None,
        not_before: None,
        expires_on: None,
        issued_on: Some(made),
        modified_on: Some(made),
        last_used_on: None,
    };
    let stored = |owner: EmulatorOwner, secret: &str, token: Token| StoredToken {
        creator_email: matches!(owner, EmulatorOwner::Account(_)).then(|| LEGACY_EMAIL.to_owned()),
        owner,
        secret_sha256: mint::sha256(secret.as_bytes()),
        works_from: None,
        managed: false,
        token,
    };
    let tokens = vec![
        stored(EmulatorOwner::User, BOOTSTRAP, token(BOOTSTRAP_ID, "Emulator bootstrap", wide)),
        stored(
            EmulatorOwner::User,
            NARROW_BOOTSTRAP,
            token(NARROW_BOOTSTRAP_ID, "Create Additional Tokens", narrow),
        ),
        stored(
            EmulatorOwner::Account(ACCOUNT_ID.to_owned()),
            ACCOUNT_BOOTSTRAP,
            token(ACCOUNT_BOOTSTRAP_ID, "Emulator account bootstrap", own),
        ),
    ];
    let shown = WorkerScript { id: "api".to_owned(), tag: Some(WORKER_TAG.to_owned()) };
    let scripts = vec![StoredScript { account: ACCOUNT_ID.to_owned(), shown }];
    State { sequence: 0, accounts: vec![account], zones, scripts, tokens, revision: 0, last_change: None }
}

fn policy(id: &str, resource: &str, groups: &[&str]) -> ApiPolicy {
    ApiPolicy {
        id: Some(id.to_owned()),
        effect: "allow".to_owned(),
        resources: [(resource.to_owned(), ResourceValue::All("*".to_owned()))].into(),
        permission_groups: groups
            .iter()
            .map(|id| GroupReference {
                id: (*id).to_owned(),
                name: groups::find(id).map(|group| group.name.to_owned()),
            })
            .collect(),
        other: serde_json::Map::new(),
    }
}
