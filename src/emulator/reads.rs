//! The endpoints that tokens depend on: accounts, zones, the user. They only read.

use serde_json::{Value, json};

use super::access::Caller;
use super::groups;
use super::refusal::Refusal;
use super::reply::{CountsPages, Page, Reply};
use super::resource::Target;
use super::server::Visit;
use super::settings::Verdict;
use super::world::{LEGACY_EMAIL, USER_ID};
use crate::cloudflare::wire::{Account, User, Zone};

/// When everything here was made.
const BIRTH: &str = "2024-01-02T03:04:05.000000Z";

/// The accounts on which the caller holds any group of theirs.
pub(super) fn accounts(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    let refused = visit.switches.accounts_for_account_tokens == Verdict::Refused;
    if refused && visit.caller.is_account_owned() {
        return Err(Refusal::AccountsList);
    }
    let page = Page::read(visit.query)?;
    let mut rows: Vec<Value> = visit
        .state
        .accounts
        .iter()
        .filter(|account| visit.caller.sees(Target::Account(&account.id)))
        .filter(|account| visit.query.get("name").is_none_or(|name| account.name == name))
        .map(account_shown)
        .collect();
    turn(visit, &mut rows);
    Ok(Reply::page(rows, page, CountsPages::Yes))
}

/// One account that the caller sees.
pub(super) fn account(visit: &Visit<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = visit.state.account(id).filter(|account| visit.caller.sees(Target::Account(&account.id)));
    account.map(|account| Reply::result(account_shown(account))).ok_or(Refusal::Unauthorized)
}

/// The zones on which the caller holds any group of theirs.
pub(super) fn zones(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    if let Caller::Token { id, .. } = visit.caller
        && visit.switches.zones_without_name == Verdict::Refused
        && visit.query.get("name").is_none()
        && visit.caller.holds_single_zones_only()
    {
        return Err(Refusal::ZonesList(id.clone()));
    }
    let page = Page::read(visit.query)?;
    let mut rows: Vec<Value> = visit
        .state
        .zones
        .iter()
        .filter(|zone| visit.caller.sees(target(zone)))
        .filter(|zone| matches(visit.query.get("name"), &zone.name))
        .filter(|zone| visit.query.get("status").is_none_or(|status| zone.status.as_deref() == Some(status)))
        .filter(|zone| visit.query.get("account.id").is_none_or(|id| zone.account.id == id))
        .filter(|zone| matches(visit.query.get("account.name"), &zone.account.name))
        .map(zone_shown)
        .collect();
    turn(visit, &mut rows);
    Ok(Reply::page(rows, page, CountsPages::Yes))
}

/// The Workers of an account, for callers that hold *Workers Scripts*; the list is not paged.
pub(super) fn worker_scripts(visit: &Visit<'_>, account: &str) -> Result<Reply, Refusal> {
    if !visit.caller.holds(&[groups::SCRIPTS_READ, groups::SCRIPTS_WRITE], Target::Account(account)) {
        return Err(Refusal::Unauthorized);
    }
    let more = json!({ "created_on": BIRTH, "modified_on": BIRTH, "usage_model": "standard" });
    let of_account = visit.state.scripts.iter().filter(|script| script.account == account);
    let rows: Vec<Value> = of_account.map(|script| with(json!(script.shown), more.clone())).collect();
    Ok(Reply::result(json!(rows)))
}

/// One zone that the caller sees.
pub(super) fn zone(visit: &Visit<'_>, id: &str) -> Result<Reply, Refusal> {
    let zone = visit.state.zone(id).filter(|zone| visit.caller.sees(target(zone)));
    zone.map(|zone| Reply::result(zone_shown(zone))).ok_or(Refusal::Unauthorized)
}

/// The user, for callers that hold *User Details*.
pub(super) fn user(visit: &Visit<'_>) -> Result<Reply, Refusal> {
    if visit.caller.is_account_owned() {
        return Err(Refusal::UserLevel);
    }
    let enough = [groups::USER_DETAILS_READ, groups::USER_DETAILS_WRITE];
    if !visit.caller.holds(&enough, Target::User(USER_ID)) {
        return Err(Refusal::Unauthorized);
    }
    let user = User { id: USER_ID.to_owned(), email: LEGACY_EMAIL.to_owned() };
    let more = json!({
        "first_name": null, "last_name": null, "username": "emulator", "telephone": null, "country": null,
        "zipcode": null, "two_factor_authentication_enabled": false,
        "two_factor_authentication_locked": false, "has_pro_zones": false, "has_business_zones": false,
        "has_enterprise_zones": false, "suspended": false, "betas": [], "organizations": [],
        "created_on": BIRTH, "modified_on": BIRTH
    });
    Ok(Reply::result(with(json!(user), more)))
}

fn target(zone: &Zone) -> Target<'_> {
    Target::Zone { account: &zone.account.id, zone: &zone.id }
}

/// Whether a text passes a filter of the form `value` or `operator:value`; case counts only where the
/// operator says so.
fn matches(filter: Option<&str>, text: &str) -> bool {
    let Some(filter) = filter else { return true };
    let (operator, value) = filter.split_once(':').unwrap_or(("equal", filter));
    let (operator, text, value) = match operator.strip_suffix("_case_sensitive") {
        Some(operator) => (operator, text.to_owned(), value.to_owned()),
        None => (operator, text.to_lowercase(), value.to_lowercase()),
    };
    match operator {
        "equal" => text == value,
        "not_equal" => text != value,
        "starts_with" => text.starts_with(&value),
        "ends_with" => text.ends_with(&value),
        "contains" => text.contains(&value),
        _ => false,
    }
}

fn turn(visit: &Visit<'_>, rows: &mut [Value]) {
    if visit.query.get("direction") == Some("desc") {
        rows.reverse();
    }
}

fn account_shown(account: &Account) -> Value {
    let more = json!({
        "type": "standard", "settings": { "enforce_twofactor": false }, "created_on": BIRTH
    });
    with(json!(account), more)
}

fn zone_shown(zone: &Zone) -> Value {
    let more = json!({
        "paused": false, "type": "full", "permissions": [],
        "name_servers": ["ns1.example.com", "ns2.example.com"],
        "owner": { "id": USER_ID, "type": "user", "email": LEGACY_EMAIL },
        "plan": { "id": "e0000000000000000000000000000f01", "name": "Free Website" },
        "created_on": BIRTH, "modified_on": BIRTH, "activated_on": BIRTH
    });
    with(json!(zone), more)
}

/// A wire value with the fields that the client does not read.
fn with(mut value: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
        fields.extend(more);
    }
    value
}
